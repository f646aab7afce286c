"""What changes parties (PTY-01 to PTY-03, PTY-05)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from comptoir.access.codes import claim, release
from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.import_job import Importable, ImportRow
from comptoir.access.imports import ContinueImport, ImportFile
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.sheets import Sheet
from comptoir.kernel.table import Entry
from comptoir.parties.files import PARTY_TABLE
from comptoir.parties.items import PARTIES, PARTY, PartyCodeTaken
from comptoir.parties.model import Party, PartyFields
from comptoir.parties.rules import party_breaches
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


def _fields(entered: PartyFields) -> dict[str, Any]:
    return {name: getattr(entered, name) for name in PartyFields.model_fields}


class CreateParty(PartyFields, Command):
    """Enter a party; its code belongs to it alone."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party_code(company, self.code)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        refuse_if(party_breaches(self))
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
        return [keys.party(company, self.party), keys.party_code(company, self.code)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.party(ctx.company, self.party)
        before = tx.require(PARTY, key)
        ctx.expect(tx, key)
        refuse_if(party_breaches(self))
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

    def rows(self, tx: Transaction, ctx: Context, sheet: Sheet) -> tuple[Sequence[ImportRow], list[Breach]]:
        reading = PARTY_TABLE.read(sheet)
        found = [*reading.breaches, *_repeated(reading.entries)]
        found += [entry.at(breach) for entry in reading.entries for breach in party_breaches(entry.value)]
        return [_row(ctx, entry) for entry in reading.entries], found


def _row(ctx: Context, entry: Entry[PartyFields]) -> ImportRow:
    party = Party(id=ctx.new_id(), **_fields(entry.value))
    return ImportRow(
        id=party.id, code=party.code, pointer=entry.places["code"][1].pointer, value=party.model_dump_json()
    )


def _repeated(entries: Iterable[Entry[PartyFields]]) -> Iterable[Breach]:
    first: dict[str, int] = {}
    for entry in entries:
        row = first.setdefault(entry.value.code, entry.row)
        if row != entry.row:
            fr, en = f"Code déjà utilisé à la ligne {row}.", f"This code is already used in row {row}."
            yield entry.at(Breach(code="repeated_code", fr=fr, en=en, pointer="/code"))


class ContinuePartyImport(ContinueImport):
    """Take an unfinished import of parties up again."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    importable: ClassVar[Importable[Any]] = PARTIES
