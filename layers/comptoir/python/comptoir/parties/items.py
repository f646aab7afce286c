"""How parties lie in the table: by name, and in the search by words, kinds, tags and custom fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from comptoir.access.codes import CodeTaken, owners
from comptoir.access.custom import facets
from comptoir.access.import_model import Importable
from comptoir.kernel.text import plain_words
from comptoir.parties.model import Party, PartySummary
from comptoir.store import keys
from comptoir.store.findable import Findable, exact
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction

WHAT, ARCHIVED = "PARTIES", "ARCHIVED#PARTIES"
"""The list of parties, and what the search calls them; the list of those that are archived."""


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


def _places(company: str, party: Party) -> Mapping[int, Index]:
    words = " ".join(plain_words(party.name)) or party.name.casefold()
    return {1: keys.by_kind(company, ARCHIVED if party.archived else WHAT, f"{words[:60]}#{party.id}")}


def _search(party: Party) -> Findable | None:
    """By any word of name, city, tag or number (PTY-05); several kinds are several facets."""
    if party.archived:
        return None
    cities = [address.city for address in (party.address, party.delivery_address) if address]
    numbers = [party.siren, party.siret, party.vat_number, party.tax_number]
    people = [contact.name for contact in party.contacts]
    texts = [party.code, party.name, *cities, *numbers, *party.tags, *people]
    kinds = [exact("kind", kind) for kind in party.kinds]
    return Findable.of(WHAT, party.name, texts, [*kinds, *facets(party.tags, party.custom)])


PARTY = Kind("party", Party, summarise=_summary, index=_places, search=_search)
PARTIES = Importable("parties", PARTY, keys.party, keys.party_code, PartyCodeTaken)


def parties_by_code(tx: Transaction, company: str, codes: Iterable[str]) -> dict[str, Party]:
    """The parties that have these codes, in two reads; unknown codes are left out."""
    held = owners(tx, {code: keys.party_code(company, code) for code in codes})
    return tx.several(PARTY, {code: keys.party(company, owner) for code, owner in held.items()})


def parties_by_id(tx: Transaction, company: str, identifiers: Iterable[str]) -> dict[str, Party]:
    """The parties that exist among these identifiers, in one read."""
    return tx.several(PARTY, {identifier: keys.party(company, identifier) for identifier in identifiers})
