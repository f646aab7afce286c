"""What changes parties (PTY-01 to PTY-03, PTY-05)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.sheets import Sheet
from comptoir.kernel.table import Entry, RowOfFile
from comptoir.parties.files import PARTY_TABLE
from comptoir.parties.items import PARTIES, PARTY, PartyCodeTaken, parties_by_code
from comptoir.parties.model import Party, PartyFields
from comptoir.parties.price_lists import price_list_breaches
from comptoir.parties.rules import check_breaches, party_breaches
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


def _breaches(tx: Transaction, ctx: Context, entered: PartyFields, before: Party | None = None) -> list[Breach]:
    """Everything that is wrong with a party, what the company defined and has included."""
    known = before.custom if before else {}
    custom = custom_breaches(customisation(tx, ctx.company), Subject.PARTY, entered.custom, entered.tags, known)
    lists = price_list_breaches(tx, ctx.company, entered.price_list)
    return [*party_breaches(entered), *check_breaches(entered, before, ctx.today), *lists, *custom]


def _fields(entered: PartyFields) -> dict[str, Any]:
    return entered.picked(PartyFields.model_fields)


class CreateParty(PartyFields, Command):
    """Enter a party; its code belongs to it alone."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party_code(company, self.code), keys.customisation(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        refuse_if(_breaches(tx, ctx, self))
        party = Party(id=ctx.new_id(), **_fields(self))
        key = keys.party(ctx.company, party.id)
        claim(tx, keys.party_code(ctx.company, party.code), party.id, PartyCodeTaken())
        save(tx, ctx, PARTY, key, party, "created")
        return Reply.of(party, tx.next_version(key), 201)


class UpdateParty(Merge):
    """Change a party; with a new code it gives up the old one."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    fields: ClassVar[type[Model]] = PartyFields

    party: Id

    def keys(self, company: str) -> Sequence[Key]:
        codes = [keys.party_code(company, code) for code in self.named("code")]
        return [keys.party(company, self.party), keys.customisation(company), *codes]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.party(ctx.company, self.party)
        before = tx.require(PARTY, key)
        ctx.expect(tx, key)
        demand_free(tx, keys.party_code(ctx.company, before.code))
        entered: PartyFields = self.merged(before)
        refuse_if(_breaches(tx, ctx, entered, before))
        after = before.change(**_fields(entered))
        old, new = (keys.party_code(ctx.company, each.code) for each in (before, after))
        recode(tx, old, new, after.id, PartyCodeTaken())
        save(tx, ctx, PARTY, key, after, "updated")
        return Reply.of(after, tx.next_version(key))


class ImportParties(ImportFile):
    """Enter or change the parties of a CSV or XLSX file, one a row: all of them, or none."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    importable: ClassVar[Importable[Any]] = PARTIES

    def content(self, tx: Transaction, ctx: Context, sheet: Sheet) -> Content:
        defined = customisation(tx, ctx.company)
        table = PARTY_TABLE.with_columns(columns(defined, Subject.PARTY))
        known = _known(tx, ctx, table.texts(sheet, "code")) if self.mode is ImportMode.UPDATE else None
        reading = table.read(sheet, known.before if known else None)
        codes, found = _codes(reading.rows)
        if known:
            found += [unknown_code(pointer) for code, pointer in codes.items() if code not in known.parties]
        rows = []
        for entry in reading.entries:
            before = known.parties.get(entry.value.code) if known else None
            own = custom_breaches(defined, Subject.PARTY, entry.value.custom, entry.value.tags, _custom(before))
            checked = check_breaches(entry.value, before, ctx.today)
            found += [entry.at(breach) for breach in (*party_breaches(entry.value), *checked, *own)]
            rows.append(_row(tx, ctx, entry, before))
        return Content(rows, codes, [*reading.breaches, *found])


@dataclass(frozen=True)
class _Known:
    """The parties that a file changes, by code."""

    parties: Mapping[str, Party]

    def before(self, read: Mapping[str, Any]) -> Mapping[str, Any]:
        """The party of a row as JSON; where there is none, what is least, since that alone is told."""
        party = self.parties.get(read.get("code", ""))
        return party.model_dump(mode="json", exclude={"id"}) if party else _NOBODY


_NOBODY = {"code": "X", "name": "X", "kinds": ["customer"], "address": {}}


def _known(tx: Transaction, ctx: Context, codes: Iterable[str]) -> _Known:
    return _Known(parties_by_code(tx, ctx.company, codes))


def _custom(party: Party | None) -> Mapping[str, str]:
    return party.custom if party else {}


def _row(tx: Transaction, ctx: Context, entry: Entry[PartyFields], before: Party | None) -> ImportRow:
    party = Party(id=before.id if before else ctx.new_id(), **_fields(entry.value))
    version = tx.version(keys.party(ctx.company, party.id)) if before else None
    text, pointer = party.model_dump_json(), entry.pointer("code")
    return ImportRow(id=party.id, code=party.code, pointer=pointer, value=text, version=version)


def _codes(rows: Iterable[RowOfFile]) -> tuple[dict[str, str], list[Breach]]:
    """Where each code stands first, and a breach wherever it comes again; faulty rows count too."""
    first: dict[str, RowOfFile] = {}
    repeated = []
    for row in rows:
        code = row.read.get("code")
        before = first.setdefault(code, row) if code else row
        if before is not row:
            fr = f"Code déjà utilisé à la ligne {before.row}."
            en = f"This code is already used in row {before.row}."
            repeated.append(row.at(Breach(code="repeated_code", fr=fr, en=en, pointer="/code")))
    return {code: row.pointer("code") for code, row in first.items()}, repeated


class ContinuePartyImport(ContinueImport):
    """Take an unfinished import of parties up again."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    importable: ClassVar[Importable[Any]] = PARTIES
