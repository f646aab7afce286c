"""Documents sent by mail, and sent again after a failure (SUP-01, INV-12)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.history import difference, record, save
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.docbase.items import FILED
from comptoir.docbase.model import Filed, FileKind, Owner
from comptoir.docbase.owning import OfContract, OfDocument, OfOrder, OfParty, OfPurchase, Owned
from comptoir.kernel.errors import Breach, Conflict, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.mailing.items import MAIL
from comptoir.mailing.model import FAILED, Mail, MailFields, MailState, MailView
from comptoir.mailing.proposing import attached_of, propose
from comptoir.mailing.rules import IN_TEST_MODE, distinct, mail_breaches, moved
from comptoir.orders.items import PURCHASE_ORDER
from comptoir.purchasing.items import PURCHASE
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class MailOff(Conflict):
    """No address to send from was set when the product was deployed."""

    code = "mail_off"
    fr = "L'envoi de courriels n'est pas configuré (réglage mail_from du déploiement)."
    en = "Mail is not set up (setting mail_from of the deployment)."


class MailNotFailed(Conflict):
    """Only what did not arrive is sent again: anything else is on its way, or there."""

    code = "mail_not_failed"
    fr = "Ce courriel est parti ou va partir : il n'est pas renvoyé. Envoyez le document par un nouveau courriel."
    en = "This mail has left or is about to: it is not sent again. Send the document with a new mail."


class NotRenderedYet(Conflict):
    """The PDF does not stand in the document base yet."""

    code = "not_rendered_yet"
    fr = "Le PDF n'est pas encore dans la base documentaire : redemandez l'émission."
    en = "The PDF does not stand in the document base yet: ask for the issue again."


_ALSO_NEEDED: Mapping[FileKind, Permission] = {FileKind.PURCHASE_ORDER: Permission.EDIT_PURCHASES}
"""What it takes to send a document of a kind, besides the right on what owns it."""


class Mailing(Command):
    """Base of the commands that hand a mail over once it is stored."""

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        """201 once the mail service took the mail; 202 while it has not. Errors: `Refused` when it never will."""
        return handed_over(services, caller.company, MailView.model_validate_json(reply.body).id)


class WriteMail(Mailing, MailFields, Owned):
    """Base of the commands that store a mail with documents of one base.

    Errors: `MailOff`; `Refused` without an address, with one that no server takes, with too large attachments, in TEST
    mode.
    """

    def written(self, tx: Transaction, ctx: Context, about: Id) -> Reply:
        """Store the mail about a document, which carries the attachments too; it is to be handed over next."""
        if ctx.services.mailer is None:
            raise MailOff()
        found = [self._filed(tx, ctx, file) for file in dict.fromkeys((about, *self.attachments))]
        proposed, company = propose(tx, ctx, found[0]), tx.require(COMPANY, keys.company(ctx.company))
        fields = MailFields(to=self.to or proposed.to, cc=self.cc)
        attached, (to, cc) = tuple(map(attached_of, found)), distinct(fields.to, fields.cc)
        breaches = mail_breaches(fields, attached, found[0].party)
        refuse_if([*([IN_TEST_MODE] if company.test_mode else []), *breaches])
        mail = Mail(
            id=ctx.new_id(),
            owner=self.owner,
            owner_id=self.owned,
            party=found[0].party,
            language=proposed.language,
            sender=company.identity.name,
            reply_to=proposed.reply_to,
            to=to,
            cc=cc,
            subject=self.subject or proposed.subject,
            message=self.message or proposed.message,
            footer=proposed.footer,
            operator=ctx.operator.id,
            author=ctx.operator.name,
            created_at=ctx.now,
            state=MailState.QUEUED,
            attachments=attached,
        )
        key = keys.mail(ctx.company, mail.id)
        save(tx, ctx, MAIL, key, mail, "written")
        told = {"mail": mail.id, "to": list(mail.recipients), "files": [each.title for each in attached]}
        record(tx, ctx, self.head(ctx.company).pk, "mailed", difference({}, told))
        return Reply.of(view(mail), tx.next_version(key), 202)

    def _filed(self, tx: Transaction, ctx: Context, file: Id) -> Filed:
        """A document of the base that the operator may send. Errors: `NotFound`, `Forbidden`."""
        filed = tx.require(FILED, keys.filed(ctx.company, self.owner, self.owned, file))
        if needed := _ALSO_NEEDED.get(filed.kind):
            ctx.demand(needed)
        return filed


class MailFile(WriteMail):
    """Base of the commands that send a document of a base by mail."""

    file: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.company(company), keys.filed(company, self.owner, self.owned, self.file)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.written(tx, ctx, self.file)


class MailOrderFile(OfOrder, MailFile):
    """Send a document of an order by mail: a quote to the customer, a purchase order to the supplier."""

    permission: ClassVar[Permission] = Permission.EDIT_ORDERS


class MailPartyFile(OfParty, MailFile):
    """Send a document of a party by mail."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES


class MailContractFile(OfContract, MailFile):
    """Send a document of a contract by mail."""

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS


class MailDocumentFile(OfDocument, MailFile):
    """Send an invoice, a credit note or what stands beside it by mail (INV-12)."""

    permission: ClassVar[Permission] = Permission.DRAFT_INVOICES


class MailPurchaseFile(OfPurchase, MailFile):
    """Send a document of a purchase that no order made by mail."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES


class MailVersion(WriteMail):
    """Base of the commands that send a version of a purchase order to the supplier's contact (SUP-01).

    Errors: as all mails, and `NotRenderedYet`.
    """

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES
    version: int = Field(ge=1, le=9999)

    @abstractmethod
    def of_supplier(self, tx: Transaction, ctx: Context) -> Id:
        """The supplier that it was issued to. Errors: `NotFound`."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        place = keys.purchase_order(ctx.company, self.owned, self.of_supplier(tx, ctx), self.version)
        issued = tx.require(PURCHASE_ORDER, place)
        if issued.file is None or issued.file.file is None:
            raise NotRenderedYet()
        return self.written(tx, ctx, issued.file.file)


class MailPurchaseOrder(OfOrder, MailVersion):
    """Send a version of an order's purchase order to the supplier's contact (SUP-01)."""

    supplier: Id

    def of_supplier(self, tx: Transaction, ctx: Context) -> Id:
        return self.supplier


class MailOwnPurchaseOrder(OfPurchase, MailVersion):
    """Send a version of the purchase order of a purchase that no order made to the supplier's contact (SUP-01)."""

    def of_supplier(self, tx: Transaction, ctx: Context) -> Id:
        return tx.require(PURCHASE, keys.purchase(ctx.company, self.purchase)).supplier


def view(mail: Mail) -> MailView:
    """What answers show of a mail."""
    return MailView.model_validate(mail.picked(MailView.model_fields))


def handed_over(services: Services, company: str, mail: Id) -> Reply:
    """Have a mail sent by the function that may, and show it. Errors: `MailOff`, `Refused`."""
    if services.mailer is None:
        raise MailOff()
    services.mailer.render({"task": "send_mail", "company": company, "mail": mail})
    stored = services.store.require(MAIL, keys.mail(company, mail))
    if stored.value.state is MailState.REFUSED:
        raise Refused([refusal(stored.value)])
    waiting = stored.value.state in (MailState.QUEUED, MailState.SENDING)
    return Reply.of(view(stored.value), stored.version, 202 if waiting else 201)


def refusal(mail: Mail) -> Breach:
    """Why the mail service did not take a mail."""
    fr = f"Le service de messagerie refuse ce courriel : {mail.reason}"
    en = f"The mail service refuses this mail: {mail.reason}"
    return Breach(code="mail_refused", fr=fr, en=en, link=f"/mails/{mail.id}")


SENDS: Mapping[Owner | None, Permission] = {
    **{each.owner: each.permission for each in (MailOrderFile, MailPartyFile, MailContractFile)},
    **{each.owner: each.permission for each in (MailDocumentFile, MailPurchaseFile)},
    None: Permission.EDIT_CONTRACTS,
}
"""What it takes to send a mail, by what owns it; those that belong to nothing tell of contracts."""


def _needed(mail: Mail) -> Sequence[Permission]:
    """What it takes to send a mail again: what its documents ask for, else what their owner does."""
    own = [needed for each in mail.attachments if (needed := _ALSO_NEEDED.get(each.kind))]
    return own or [SENDS[mail.owner]]


class SendAgain(Mailing):
    """Send a mail again that was refused, came back, or of which nobody knows; what it says and carries stays.

    It takes the right to send what it carries. Errors: `MailNotFailed`, `MailOff`, `Refused` in TEST mode.
    """

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    guarded: ClassVar[bool] = True

    mail: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.mail(company, self.mail), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key, company = keys.mail(ctx.company, self.mail), tx.require(COMPANY, keys.company(ctx.company))
        before = tx.require(MAIL, key)
        for needed in _needed(before):
            ctx.demand(needed)
        ctx.expect(tx, key)
        refuse_if([IN_TEST_MODE] if company.test_mode and before.owner else [])
        if before.state not in FAILED:
            raise MailNotFailed(state=before.state.value)
        after = moved(before, MailState.QUEUED, reason=None, deliveries=(), sent_at=None, message_id=None)
        save(tx, ctx, MAIL, key, after, "sent_again")
        return Reply.of(view(after), tx.next_version(key), 202)
