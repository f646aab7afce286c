"""How parties lie in the table: by name, and by name within each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from comptoir.access.codes import CodeTaken, owners
from comptoir.access.import_job import Importable
from comptoir.kernel.text import plain_words
from comptoir.parties.model import Party, PartyKind, PartySummary
from comptoir.store import keys
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction

_ALL = "PARTIES"
_INDEXES = {PartyKind.CUSTOMER: 2, PartyKind.PROSPECT: 2, PartyKind.SUPPLIER: 3, PartyKind.PROVIDER: 3}
"""The sale side lies in one index, the purchase side in another; rules keep one kind a side."""


class PartyCodeTaken(CodeTaken):
    """Another party has this code."""

    code = "party_code_taken"
    fr = "Un autre tiers porte déjà ce code."
    en = "Another party already has this code."


def _summary(party: Party) -> PartySummary:
    return PartySummary(
        id=party.id,
        code=party.code,
        name=party.name,
        kinds=party.kinds,
        city=party.address.city,
        country=party.address.country,
    )


def place(company: str, kind: PartyKind | None, order: str = "") -> tuple[int, Index]:
    """The index that lists parties of a kind (or all), and a place in it."""
    if kind is None:
        return 1, keys.by_kind(company, _ALL, order)
    return _INDEXES[kind], keys.by_kind(company, f"{_ALL}#{kind}", order)


def _places(company: str, party: Party) -> Mapping[int, Index]:
    words = " ".join(plain_words(party.name)) or party.name.casefold()
    order = f"{words[:60]}#{party.id}"
    return dict(place(company, kind, order) for kind in (None, *party.kinds))


PARTY = Kind("party", Party, summarise=_summary, index=_places)
PARTIES = Importable("parties", PARTY, keys.party, keys.party_code, PartyCodeTaken)


def parties_by_code(tx: Transaction, company: str, codes: Iterable[str]) -> dict[str, Party]:
    """The parties that have these codes, in two reads; unknown codes are left out."""
    places = {code: keys.party_code(company, code) for code in codes}
    held = owners(tx, places.values())
    found = parties_by_id(tx, company, held.values())
    return {code: found[held[place]] for code, place in places.items() if held.get(place) in found}


def parties_by_id(tx: Transaction, company: str, identifiers: Iterable[str]) -> dict[str, Party]:
    """The parties that exist among these identifiers, in one read."""
    places = {identifier: keys.party(company, identifier) for identifier in identifiers}
    tx.prefetch(list(places.values()))
    parties = {identifier: tx.get(PARTY, place) for identifier, place in places.items()}
    return {identifier: party for identifier, party in parties.items() if party}
