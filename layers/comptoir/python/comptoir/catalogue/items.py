"""How references lie in the table: by code, by code within each kind, and in the search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from comptoir.access.codes import CodeTaken, owners
from comptoir.access.custom import facets
from comptoir.catalogue.model import MOST_CHOICES, Choice, Reference, ReferenceSummary
from comptoir.catalogue.pricing import ProductKind
from comptoir.store import keys
from comptoir.store.findable import Findable, exact, judged, ordered
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction

WHAT, ARCHIVED = "REFERENCES", "ARCHIVED#REFERENCES"
"""The list of references, and what the search calls them; the list of those that are archived."""


class ReferenceCodeTaken(CodeTaken):
    """Another reference has this code."""

    code = "reference_code_taken"
    fr = "Une autre référence porte déjà ce code."
    en = "Another reference already has this code."


def choices(reference: Reference) -> list[Choice]:
    """Whom a reference is bought from, as its offers stand: the most recent first."""
    suppliers = dict.fromkeys(offer.supplier for offer in reference.offers)
    return [Choice(reference=reference.id, code=reference.code, supplier=supplier) for supplier in suppliers]


def summary(reference: Reference) -> ReferenceSummary:
    """A reference as lists show it."""
    shown = {name: getattr(reference, name) for name in ReferenceSummary.model_fields if name != "choices"}
    return ReferenceSummary.model_validate(shown | {"choices": tuple(choices(reference)[:MOST_CHOICES])})


def findable(reference: Reference) -> Findable:
    """By code, designations, suppliers' references and tags; by kind, supplier, price, stock, custom field (CAT-05)."""
    suppliers = {offer.supplier for offer in reference.offers}
    theirs = [offer.supplier_code for offer in reference.offers]
    texts = [reference.code, *reference.designations.values(), *theirs, *reference.tags]
    own = [judged("kind", reference.kind), ordered("price", reference.sale_price)]
    own += [exact("stock", "managed" if reference.stock_managed else None)]
    own += [exact("supplier", supplier) for supplier in sorted(suppliers)]
    return Findable.of(WHAT, reference.code, texts, [*own, *facets(reference.tags, reference.custom)])


def place(company: str, kind: ProductKind | None, order: str = "") -> tuple[int, Index]:
    """The index that lists references of a kind (or all), and a place in it."""
    if kind is None:
        return 1, keys.by_kind(company, WHAT, order)
    return 2, keys.by_kind(company, f"{WHAT}#{kind}", order)


def _places(company: str, reference: Reference) -> Mapping[int, Index]:
    if reference.archived:
        return {1: keys.by_kind(company, ARCHIVED, reference.code)}
    return dict(place(company, kind, reference.code) for kind in (None, reference.kind))


def _search(reference: Reference) -> Findable | None:
    return None if reference.grouping or reference.archived else findable(reference)


REFERENCE = Kind("reference", Reference, summarise=summary, index=_places, search=_search)


def references_by_code(tx: Transaction, company: str, codes: Iterable[str]) -> dict[str, Reference]:
    """The references that have these codes, in two reads; unknown codes are left out."""
    held = owners(tx, {code: keys.reference_code(company, code) for code in codes})
    return tx.several(REFERENCE, {code: keys.reference(company, owner) for code, owner in held.items()})


def references_by_id(tx: Transaction, company: str, identifiers: Iterable[str]) -> dict[str, Reference]:
    """The references that exist among these identifiers, in one read."""
    return tx.several(REFERENCE, {identifier: keys.reference(company, identifier) for identifier in identifiers})


def least_quantities(
    tx: Transaction, company: str, codes: Iterable[str], supplier: str, today: date
) -> dict[str, Decimal]:
    """The least quantity that a supplier's offers in force ask of each reference, by code (CAT-02, SUP-04)."""
    found: dict[str, Decimal] = {}
    for code, reference in references_by_code(tx, company, dict.fromkeys(codes)).items():
        least = [
            offer.minimum_quantity
            for offer in reference.offers
            if offer.supplier == supplier and offer.minimum_quantity and offer.in_force(today)
        ]
        if least:
            found[code] = min(least)
    return found
