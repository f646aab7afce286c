"""What changes the catalogue (CAT-01, CAT-02, CAT-06)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from comptoir.access.codes import claim, demand_free, recode
from comptoir.access.context import Context
from comptoir.access.custom import Subject, columns, custom_breaches, customisation
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.import_model import Importable, ImportMode, ImportRow
from comptoir.access.imports import Content, ContinueImport, ImportFile, unknown_code
from comptoir.access.merging import Merge
from comptoir.access.permissions import Permission
from comptoir.catalogue.files import REFERENCE_TABLE, Draft, codes, group, suppliers_named, unknown_suppliers
from comptoir.catalogue.groupings import REFERENCES, refresh
from comptoir.catalogue.items import REFERENCE, ReferenceCodeTaken, references_by_code
from comptoir.catalogue.model import Reference, ReferenceFields
from comptoir.catalogue.rules import most_recent_first, reference_breaches
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.sheets import Sheet
from comptoir.parties.items import parties_by_code, parties_by_id
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


def _fields(tx: Transaction, ctx: Context, entered: ReferenceFields, before: Reference | None = None) -> dict[str, Any]:
    """The entered fields with offers in order. Errors: `Refused` with everything that is wrong."""
    suppliers = parties_by_id(tx, ctx.company, {offer.supplier for offer in entered.offers})
    defined, known = customisation(tx, ctx.company), before.custom if before else {}
    custom = custom_breaches(defined, Subject.REFERENCE, entered.custom, entered.tags, known)
    own = reference_breaches(entered, suppliers, ctx.today)
    refuse_if([*own, *_picture(tx, ctx.company, entered.picture), *custom])
    fields = entered.picked(ReferenceFields.model_fields)
    return fields | {"offers": most_recent_first(entered.offers)}


def _picture(tx: Transaction, company: str, picture: str | None) -> list[Breach]:
    """The breach of a picture that is none of the company's images (CAT-01, ACC-05)."""
    if picture is None or tx.version(keys.image(company, picture)):
        return []
    fr, en = "Image inconnue : elle doit d'abord être téléversée.", "Unknown image: it has to be uploaded first."
    return [Breach(code="unknown_image", fr=fr, en=en, pointer="/picture")]


_GROUPED = Breach(
    code="in_grouping",
    fr="La référence est dans un regroupement : retirez-l'en d'abord.",
    en="The reference is in a grouping: take it out first.",
    pointer="/archived",
)


class CreateReference(ReferenceFields, Command):
    """Enter a reference with its supplier offers; its code belongs to it alone."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE

    def keys(self, company: str) -> Sequence[Key]:
        suppliers = {keys.party(company, offer.supplier) for offer in self.offers}
        pictures = [keys.image(company, self.picture)] if self.picture else []
        return [keys.reference_code(company, self.code), keys.customisation(company), *sorted(suppliers), *pictures]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        reference = Reference(id=ctx.new_id(), **_fields(tx, ctx, self))
        key = keys.reference(ctx.company, reference.id)
        claim(tx, keys.reference_code(ctx.company, reference.code), reference.id, ReferenceCodeTaken())
        save(tx, ctx, REFERENCE, key, reference, "created")
        return Reply.of(reference, tx.next_version(key), 201)


class UpdateReference(Merge):
    """Change a reference; with a new code it gives up the old one."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    fields: ClassVar[type[Model]] = ReferenceFields

    reference: Id

    def keys(self, company: str) -> Sequence[Key]:
        codes = [keys.reference_code(company, code) for code in self.named("code")]
        pictures = [keys.image(company, picture) for picture in self.named("picture")]
        return [keys.reference(company, self.reference), keys.customisation(company), *codes, *pictures]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.reference(ctx.company, self.reference)
        before = tx.require(REFERENCE, key)
        ctx.expect(tx, key)
        demand_free(tx, keys.reference_code(ctx.company, before.code))
        after = before.change(**_fields(tx, ctx, self.merged(before), before))
        refuse_if([_GROUPED] if after.archived and after.grouping else [])
        old, new = (keys.reference_code(ctx.company, each.code) for each in (before, after))
        recode(tx, old, new, after.id, ReferenceCodeTaken())
        save(tx, ctx, REFERENCE, key, after, "updated")
        refresh(tx, ctx, after)
        return Reply.of(after, tx.next_version(key))


class ImportReferences(ImportFile):
    """Enter or change the references of a CSV or XLSX file: all of them, or none.

    A row is a reference with one supplier offer; more offers of it follow on rows with its code.
    """

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    importable: ClassVar[Importable[Any]] = REFERENCES

    def content(self, tx: Transaction, ctx: Context, sheet: Sheet) -> Content:
        defined = customisation(tx, ctx.company)
        table = REFERENCE_TABLE.with_columns(columns(defined, Subject.REFERENCE))
        updating = self.mode is ImportMode.UPDATE
        reading = table.read(sheet, _alone if updating else None)
        places = codes(reading)
        known = references_by_code(tx, ctx.company, places) if updating else {}
        suppliers = parties_by_code(tx, ctx.company, suppliers_named(reading))
        by_id = _suppliers(tx, ctx, suppliers.values(), known.values())
        rows, found = [], [*reading.breaches, *unknown_suppliers(reading, suppliers)]
        found += [unknown_code(place) for code, place in places.items() if updating and code not in known]
        for draft in group(reading, suppliers, ctx.today, known):
            before = known.get(draft.entries[0].value.code)
            if updating and before is None:
                continue
            found += draft.breaches
            if draft.fields is None:
                continue
            own = custom_breaches(
                defined, Subject.REFERENCE, draft.fields.custom, draft.fields.tags, before.custom if before else {}
            )
            wrong = [*reference_breaches(draft.fields, by_id, ctx.today), *own, *_leaving(before, draft.fields)]
            found += [draft.at(breach) for breach in wrong]
            rows.append(_row(tx, ctx, draft, draft.fields, before))
        return Content(rows, places, found)


def _alone(read: Mapping[str, Any]) -> None:
    """A row is a value by itself; what it changes is looked at when all rows of a code are known."""


def _suppliers(tx: Transaction, ctx: Context, named: Iterable[Party], known: Iterable[Reference]) -> dict[str, Party]:
    by_id = {party.id: party for party in named}
    offering = {offer.supplier for reference in known for offer in reference.offers} - by_id.keys()
    return by_id | parties_by_id(tx, ctx.company, offering)


def _leaving(before: Reference | None, after: ReferenceFields) -> list[Breach]:
    """The breach of a reference that would no longer be like the others of its grouping."""
    if before is None or before.grouping is None:
        return []
    if after.archived:
        return [_GROUPED]
    if (before.kind, before.unit) == (after.kind, after.unit):
        return []
    fr, en = "Les références n'ont pas la même nature et la même unité.", "References differ in kind or unit."
    return [Breach(code="grouping_of_alike", fr=fr, en=en, pointer="/kind")]


def _row(tx: Transaction, ctx: Context, draft: Draft, entered: ReferenceFields, before: Reference | None) -> ImportRow:
    fields = entered.picked(ReferenceFields.model_fields)
    fields |= {"offers": most_recent_first(entered.offers), "grouping": before.grouping if before else None}
    reference = Reference(id=before.id if before else ctx.new_id(), **fields)
    version = tx.version(keys.reference(ctx.company, reference.id)) if before else None
    text, pointer = reference.model_dump_json(), draft.entries[0].pointer("code")
    return ImportRow(id=reference.id, code=reference.code, pointer=pointer, value=text, version=version)


class ContinueReferenceImport(ContinueImport):
    """Take an unfinished import of references up again."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    importable: ClassVar[Importable[Any]] = REFERENCES
