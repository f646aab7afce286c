"""What changes the catalogue (CAT-01, CAT-02, CAT-06)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from comptoir.access.codes import claim, release
from comptoir.access.context import Context
from comptoir.access.custom import Subject, custom_breaches, customisation
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.import_job import Importable, ImportRow
from comptoir.access.imports import Content, ContinueImport, ImportFile
from comptoir.access.permissions import Permission
from comptoir.catalogue.files import REFERENCE_TABLE, Draft, codes, group, suppliers_named, unknown_suppliers
from comptoir.catalogue.groupings import refresh
from comptoir.catalogue.items import REFERENCE, REFERENCES, ReferenceCodeTaken
from comptoir.catalogue.model import Reference, ReferenceFields
from comptoir.catalogue.rules import most_recent_first, picture_breaches, reference_breaches
from comptoir.kernel.errors import refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.sheets import Sheet
from comptoir.parties.items import parties_by_code, parties_by_id
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


def _fields(tx: Transaction, ctx: Context, entered: ReferenceFields, before: Reference | None = None) -> dict[str, Any]:
    """The entered fields with offers in order. Errors: `Refused` with everything that is wrong."""
    suppliers = parties_by_id(tx, ctx.company, {offer.supplier for offer in entered.offers})
    defined, known = customisation(tx, ctx.company), before.custom if before else {}
    custom = custom_breaches(defined, Subject.REFERENCE, entered.custom, entered.tags, known)
    own = reference_breaches(entered, suppliers, ctx.today)
    refuse_if([*own, *picture_breaches(entered, ctx.company), *custom])
    fields = {name: getattr(entered, name) for name in ReferenceFields.model_fields}
    return fields | {"offers": most_recent_first(entered.offers)}


class CreateReference(ReferenceFields, Command):
    """Enter a reference with its supplier offers; its code belongs to it alone."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE

    def keys(self, company: str) -> Sequence[Key]:
        suppliers = {keys.party(company, offer.supplier) for offer in self.offers}
        return [keys.reference_code(company, self.code), keys.customisation(company), *sorted(suppliers)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        reference = Reference(id=ctx.new_id(), **_fields(tx, ctx, self))
        key = keys.reference(ctx.company, reference.id)
        claim(tx, keys.reference_code(ctx.company, reference.code), reference.id, ReferenceCodeTaken())
        save(tx, ctx, REFERENCE, key, reference, "created")
        return Reply.of(reference, tx.next_version(key), 201)


class UpdateReference(ReferenceFields, Command):
    """Change a reference; with a new code it gives up the old one."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    guarded: ClassVar[bool] = True

    reference: Id

    def keys(self, company: str) -> Sequence[Key]:
        suppliers = {keys.party(company, offer.supplier) for offer in self.offers}
        own = [keys.reference(company, self.reference), keys.reference_code(company, self.code)]
        return [*own, keys.customisation(company), *sorted(suppliers)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.reference(ctx.company, self.reference)
        before = tx.require(REFERENCE, key)
        ctx.expect(tx, key)
        after = before.change(**_fields(tx, ctx, self, before))
        if after.code != before.code:
            release(tx, keys.reference_code(ctx.company, before.code), before.id)
            claim(tx, keys.reference_code(ctx.company, after.code), after.id, ReferenceCodeTaken())
        save(tx, ctx, REFERENCE, key, after, "updated")
        refresh(tx, ctx, after)
        return Reply.of(after, tx.next_version(key))


class ImportReferences(ImportFile):
    """Enter the references of a CSV or XLSX file: all of them, or none.

    A row is a reference with one supplier offer; more offers of it follow on rows with its code.
    """

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    importable: ClassVar[Importable[Any]] = REFERENCES

    def content(self, tx: Transaction, ctx: Context, sheet: Sheet) -> Content:
        reading = REFERENCE_TABLE.read(sheet)
        suppliers = parties_by_code(tx, ctx.company, suppliers_named(reading))
        by_id = {party.id: party for party in suppliers.values()}
        rows, found = [], [*reading.breaches, *unknown_suppliers(reading, suppliers)]
        for draft in group(reading, suppliers, ctx.today):
            found += draft.breaches
            if draft.fields is None:
                continue
            found += [draft.at(breach) for breach in reference_breaches(draft.fields, by_id, ctx.today)]
            rows.append(_row(ctx, draft, draft.fields))
        return Content(rows, codes(reading), found)


def _row(ctx: Context, draft: Draft, entered: ReferenceFields) -> ImportRow:
    fields = {name: getattr(entered, name) for name in ReferenceFields.model_fields}
    reference = Reference(id=ctx.new_id(), **(fields | {"offers": most_recent_first(entered.offers)}))
    pointer = draft.entries[0].pointer("code")
    return ImportRow(id=reference.id, code=reference.code, pointer=pointer, value=reference.model_dump_json())


class ContinueReferenceImport(ContinueImport):
    """Take an unfinished import of references up again."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    importable: ClassVar[Importable[Any]] = REFERENCES
