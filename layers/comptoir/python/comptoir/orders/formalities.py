"""Formalities as company data, and which of them an order takes (LOG-02)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.orders.agenda import Formalities, Formality
from comptoir.orders.milestones import defined, unknown_milestones
from comptoir.store import keys
from comptoir.store.record import Key, Kind
from comptoir.store.transaction import Transaction

MOST_REFERENCES = 5000
FORMALITIES = Kind("formalities", Formalities)


def formalities(tx: Transaction, company: str) -> tuple[Formality, ...]:
    """The formalities of a company that are in use."""
    stored = tx.get(FORMALITIES, keys.formalities(company))
    return tuple(each for each in stored.formalities if each.active) if stored else ()


def concerned(formality: Formality, country: str, references: Collection[str]) -> bool:
    """Whether an order of a customer in a country, with these references among its products, takes a formality."""
    if formality.countries and country not in formality.countries:
        return False
    return not formality.references or any(each in references for each in formality.references)


class SaveFormalities(Administration, Formalities):
    """Define the formalities of the company; orders that are confirmed already keep their actions (LOG-02)."""

    guarded: ClassVar[bool] = True

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.formalities(company), keys.milestones(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.formalities(ctx.company)
        ctx.expect(tx, key)
        before = tx.get(FORMALITIES, key) or Formalities()
        refuse_if(_breaches(tx, ctx, before, self))
        after = Formalities(formalities=self.formalities)
        if after != tx.get(FORMALITIES, key):
            save(tx, ctx, FORMALITIES, key, after, "formalities_saved")
            chain(tx, ctx, "formalities_saved", after)
        return Reply.of(after, tx.next_version(key))


def _breaches(tx: Transaction, ctx: Context, before: Formalities, after: Formalities) -> list[Breach]:
    found: list[Breach] = []
    codes = [formality.code for formality in after.formalities]
    for number, code in enumerate(codes):
        if code in codes[:number]:
            fr, en = "Ce code figure deux fois.", "This code is given twice."
            found.append(Breach(code="duplicate_formality", fr=fr, en=en, pointer=f"/formalities/{number}/code"))
    kept = [formality.when.milestone for formality in before.formalities]
    named = [formality.when.milestone for formality in after.formalities]
    found += unknown_milestones(defined(tx, ctx.company), kept, named, "/formalities/{}/when/milestone")
    return [*found, *_reference_breaches(tx, ctx, before, after)]


def _reference_breaches(tx: Transaction, ctx: Context, before: Formalities, after: Formalities) -> list[Breach]:
    """References that are newly named exist; all together they stay within what one item holds."""
    if sum(len(each.references) for each in after.formalities) > MOST_REFERENCES:
        fr = f"Au plus {MOST_REFERENCES} références nommées en tout."
        en = f"At most {MOST_REFERENCES} references named in all."
        return [Breach(code="too_many_references", fr=fr, en=en, pointer="/formalities")]
    known = {reference for formality in before.formalities for reference in formality.references}
    wanted = {each for formality in after.formalities for each in formality.references} - known
    tx.prefetch([keys.reference(ctx.company, reference) for reference in sorted(wanted)])
    return [
        Breach(
            code="unknown_reference",
            fr="Référence inconnue.",
            en="Unknown reference.",
            pointer=f"/formalities/{number}/references/{place}",
        )
        for number, formality in enumerate(after.formalities)
        for place, reference in enumerate(formality.references)
        if reference in wanted and tx.version(keys.reference(ctx.company, reference)) == 0
    ]


class ReadFormalities(Query):
    """The formalities of the company; version 0 as long as there are none."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(FORMALITIES, keys.formalities(ctx.company))
        return Reply.of(stored.value if stored else Formalities(), stored.version if stored else 0)
