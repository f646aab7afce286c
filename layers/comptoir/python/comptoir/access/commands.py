"""What changes the company, its profiles and its operators: all chained as technical events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.codes import CodeTaken, claim
from comptoir.access.context import Caller, Context, EventLog, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.items import COMPANY, OPERATOR, PROFILES
from comptoir.access.merging import Merge
from comptoir.access.model import (
    Code,
    Company,
    CompanyFields,
    Identity,
    NumberFormat,
    Operator,
    OperatorFields,
    Profile,
    Profiles,
    Terms,
)
from comptoir.access.permissions import READY_MADE, WATCHED, Permission
from comptoir.kernel.errors import Breach, Conflict, NotFound, Refused
from comptoir.kernel.identity import Email
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Line
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class Administration(Command):
    """Base of the commands that only an administrator gives and that the event chain records."""

    permission: ClassVar[Permission] = Permission.ADMINISTER
    chained: ClassVar[bool] = True


def chain(tx: Transaction, ctx: Context, event: str, payload: Model) -> None:
    """Record a technical event (FIS-08), in the function that can sign it."""
    events: EventLog | None = ctx.services.events
    if events is None:
        raise RuntimeError("a chained command ran in a function that cannot sign")
    events.append(tx, ctx, event, payload.model_dump(mode="json"))


class NumberingLocked(Conflict):
    """The number format cannot change once a document is issued (INV-14)."""

    code = "numbering_locked"
    fr = "Le format de numérotation est figé dès le premier document validé."
    en = "The number format is fixed once a document has been validated."


class UpdateCompany(Administration, Merge, extra="allow"):
    """Change the legal identity and settings of the company (ACC-08, INV-14)."""

    fields: ClassVar[type[Model]] = CompanyFields

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.company(ctx.company)
        ctx.expect(tx, key)
        before = tx.require(COMPANY, key)
        entered: CompanyFields = self.merged(before)
        if entered.numbering != before.numbering:
            head = keys.chain_head(ctx.company, "documents")
            if tx.version(head):
                raise NumberingLocked()
            # A first document that is numbered meanwhile makes this run again, and fixes the format.
            tx.check(head)
        after = before.change(**entered.picked(CompanyFields.model_fields))
        if after != before:
            save(tx, ctx, COMPANY, key, after, "updated")
            chain(tx, ctx, "company_updated", after)
        return Reply.of(after, tx.next_version(key))


class SetTestMode(Administration):
    """Turn TEST mode on or off: what is drafted and validated meanwhile is a TEST (INV-11, FIS-08)."""

    guarded: ClassVar[bool] = True

    test_mode: bool

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.company(ctx.company)
        ctx.expect(tx, key)
        before = tx.require(COMPANY, key)
        after = before.change(test_mode=self.test_mode)
        if after != before:
            event = "test_mode_on" if self.test_mode else "test_mode_off"
            save(tx, ctx, COMPANY, key, after, event)
            chain(tx, ctx, event, after)
        return Reply.of(after, tx.next_version(key))


class SaveProfile(Administration):
    """Create or change a profile: a named set of permissions (ACC-02)."""

    guarded: ClassVar[bool] = True

    code: Code
    name: Line
    permissions: tuple[Permission, ...]
    watched: bool = False

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.profiles(ctx.company)
        ctx.expect(tx, key)
        profile = Profile(**self.model_dump())
        before = tx.require(PROFILES, key)
        if profile.code == ctx.profile.code and Permission.ADMINISTER not in profile.permissions:
            raise Refused([_OWN_RIGHTS])
        others = tuple(p for p in before.profiles if p.code != self.code)
        after = Profiles(profiles=tuple(sorted((*others, profile), key=lambda p: p.code)))
        if after != before:
            save(tx, ctx, PROFILES, key, after, "profile_saved")
            chain(tx, ctx, "profile_saved", profile)
        return Reply.of(after, tx.next_version(key))


_OWN_RIGHTS = Breach(
    code="own_rights",
    fr="Vous ne pouvez pas retirer à votre propre profil le droit d'administrer.",
    en="You cannot take the right to administer from your own profile.",
    pointer="/permissions",
)


class EmailTaken(CodeTaken):
    """Another operator of the company signs in with this address."""

    code = "email_taken"
    fr = "Un autre opérateur de la société a déjà cette adresse."
    en = "Another operator of the company already has this address."
    pointer = "/email"


class CreateOperator(Administration):
    """Give a person a personal sign-in and a profile (ACC-01); the invitation goes out by mail."""

    email: Email
    name: Line
    profile: Code
    manager: Id | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        operator = Operator(id=ctx.new_id(), **self.model_dump())
        _check_operator(tx, ctx, operator)
        claim(tx, keys.operator_email(ctx.company, operator.email), operator.id, EmailTaken())
        key = keys.operator(ctx.company, operator.id)
        save(tx, ctx, OPERATOR, key, operator, "created")
        chain(tx, ctx, "operator_created", operator)
        return Reply.of(operator, tx.next_version(key), 201)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        if services.directory:
            services.directory.invite(caller.company, Operator.model_validate_json(reply.body))
        return reply


class UpdateOperator(Administration, Merge, extra="allow"):
    """Change an operator's name, profile, manager or whether it may sign in."""

    fields: ClassVar[type[Model]] = OperatorFields

    operator: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.operator(company, self.operator)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.operator(ctx.company, self.operator)
        before = tx.require(OPERATOR, key)
        ctx.expect(tx, key)
        entered: OperatorFields = self.merged(before)
        after = before.change(**entered.picked(OperatorFields.model_fields))
        _check_operator(tx, ctx, after)
        if after != before:
            save(tx, ctx, OPERATOR, key, after, "updated")
            chain(tx, ctx, "operator_updated", after)
        return Reply.of(after, tx.next_version(key))

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        if services.directory:
            services.directory.set_active(Operator.model_validate_json(reply.body))
        return reply


def _check_operator(tx: Transaction, ctx: Context, operator: Operator) -> None:
    breaches = []
    if not tx.require(PROFILES, keys.profiles(ctx.company)).find(operator.profile):
        breaches.append(Breach(code="unknown_profile", fr="Profil inconnu.", en="Unknown profile.", pointer="/profile"))
    if operator.manager and tx.get(OPERATOR, keys.operator(ctx.company, operator.manager)) is None:
        breaches.append(
            Breach(code="unknown_manager", fr="Responsable inconnu.", en="Unknown manager.", pointer="/manager")
        )
    if operator.id == ctx.operator.id and (not operator.active or operator.profile != ctx.operator.profile):
        breaches.append(
            Breach(
                code="own_access",
                fr="Vous ne pouvez ni vous désactiver ni changer votre propre profil.",
                en="You cannot deactivate yourself or change your own profile.",
                pointer="/profile",
            )
        )
    if breaches:
        raise Refused(breaches)


class OpenCompany(Model):
    """A company to open, with its first administrator. Given by the deployer, not by an operator."""

    company: Id
    identity: Identity
    terms: Terms
    numbering: NumberFormat = NumberFormat()
    administrator: Id
    administrator_email: Email
    administrator_name: Line


def open_company(opening: OpenCompany, services: Services) -> Company:
    """Open a company: identity, ready-made profiles, first administrator, start of its event chain.

    Opening it again as it is changes nothing. Errors: `Conflict` when the identifier is taken by
    another administrator's company.
    """
    company = Company(id=opening.company, identity=opening.identity, terms=opening.terms, numbering=opening.numbering)
    profiles = Profiles(
        profiles=tuple(
            Profile(code=code, name=name, permissions=tuple(rights), watched=code in WATCHED)
            for code, (name, rights) in READY_MADE.items()
        )
    )
    administrator = Operator(
        id=opening.administrator,
        email=opening.administrator_email,
        name=opening.administrator_name,
        profile="administrator",
    )

    def work(tx: Transaction) -> Company:
        existing = tx.get(COMPANY, keys.company(company.id))
        operator_key = keys.operator(company.id, administrator.id)
        if existing:
            if tx.get(OPERATOR, operator_key) is None:
                raise Conflict()
            return existing
        profile = profiles.find("administrator")
        if profile is None:
            raise NotFound()
        ctx = Context(services, company.id, administrator, profile, services.clock.now())
        save(tx, ctx, COMPANY, keys.company(company.id), company, "opened")
        tx.create(PROFILES, keys.profiles(company.id), profiles)
        claim(tx, keys.operator_email(company.id, administrator.email), administrator.id, EmailTaken())
        save(tx, ctx, OPERATOR, operator_key, administrator, "created")
        chain(tx, ctx, "service_started", company)
        return company

    return services.store.transact(work)
