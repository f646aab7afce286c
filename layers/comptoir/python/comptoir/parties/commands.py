"""What changes parties (PTY-01 to PTY-03, PTY-05)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from comptoir.access.codes import claim, release
from comptoir.access.context import Context
from comptoir.access.custom import Subject, custom_breaches, customisation
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.import_job import Importable, ImportRow
from comptoir.access.imports import Content, ContinueImport, ImportFile
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.sheets import Sheet
from comptoir.kernel.table import Entry, RowOfFile
from comptoir.parties.files import PARTY_TABLE
from comptoir.parties.items import PARTIES, PARTY, PartyCodeTaken
from comptoir.parties.model import Party, PartyFields
from comptoir.parties.price_lists import price_list_breaches
from comptoir.parties.rules import party_breaches
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


def _breaches(tx: Transaction, ctx: Context, entered: PartyFields, before: Party | None = None) -> list[Breach]:
    """Everything that is wrong with a party, what the company defined and has included."""
    known = before.custom if before else {}
    custom = custom_breaches(customisation(tx, ctx.company), Subject.PARTY, entered.custom, entered.tags, known)
    return [*party_breaches(entered), *price_list_breaches(tx, ctx.company, entered.price_list), *custom]


def _fields(entered: PartyFields) -> dict[str, Any]:
    return {name: getattr(entered, name) for name in PartyFields.model_fields}


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


class UpdateParty(PartyFields, Command):
    """Change a party; with a new code it gives up the old one."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    guarded: ClassVar[bool] = True

    party: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party(company, self.party), keys.party_code(company, self.code), keys.customisation(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.party(ctx.company, self.party)
        before = tx.require(PARTY, key)
        ctx.expect(tx, key)
        refuse_if(_breaches(tx, ctx, self, before))
        after = before.change(**_fields(self))
        if after.code != before.code:
            release(tx, keys.party_code(ctx.company, before.code), before.id)
            claim(tx, keys.party_code(ctx.company, after.code), after.id, PartyCodeTaken())
        save(tx, ctx, PARTY, key, after, "updated")
        return Reply.of(after, tx.next_version(key))


class ImportParties(ImportFile):
    """Enter the parties of a CSV or XLSX file, one a row: all of them, or none."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    importable: ClassVar[Importable[Any]] = PARTIES

    def content(self, tx: Transaction, ctx: Context, sheet: Sheet) -> Content:
        reading = PARTY_TABLE.read(sheet)
        codes, repeated = _codes(reading.rows)
        wrong = [entry.at(breach) for entry in reading.entries for breach in party_breaches(entry.value)]
        return Content([_row(ctx, entry) for entry in reading.entries], codes, [*reading.breaches, *repeated, *wrong])


def _row(ctx: Context, entry: Entry[PartyFields]) -> ImportRow:
    party = Party(id=ctx.new_id(), **_fields(entry.value))
    return ImportRow(id=party.id, code=party.code, pointer=entry.pointer("code"), value=party.model_dump_json())


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
