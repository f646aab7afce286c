"""How references lie in the table: by code, and by code within each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from comptoir.access.codes import CodeTaken, owners
from comptoir.access.import_job import Importable
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.pricing import ProductKind
from comptoir.store import keys
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction


class ReferenceCodeTaken(CodeTaken):
    """Another reference has this code."""

    code = "reference_code_taken"
    fr = "Une autre référence porte déjà ce code."
    en = "Another reference already has this code."


def _summary(reference: Reference) -> ReferenceSummary:
    return ReferenceSummary.model_validate({name: getattr(reference, name) for name in ReferenceSummary.model_fields})


def place(company: str, kind: ProductKind | None, order: str = "") -> tuple[int, Index]:
    """The index that lists references of a kind (or all), and a place in it."""
    if kind is None:
        return 1, keys.by_kind(company, "REFERENCES", order)
    return 2, keys.by_kind(company, f"REFERENCES#{kind}", order)


def _places(company: str, reference: Reference) -> Mapping[int, Index]:
    return dict(place(company, kind, reference.code) for kind in (None, reference.kind))


REFERENCE = Kind("reference", Reference, summarise=_summary, index=_places)
REFERENCES = Importable("references", REFERENCE, keys.reference, keys.reference_code, ReferenceCodeTaken)


def references_by_code(tx: Transaction, company: str, codes: Iterable[str]) -> dict[str, Reference]:
    """The references that have these codes, in two reads; unknown codes are left out."""
    places = {code: keys.reference_code(company, code) for code in codes}
    held = owners(tx, places.values())
    found = references_by_id(tx, company, held.values())
    return {code: found[held[place]] for code, place in places.items() if held.get(place) in found}


def references_by_id(tx: Transaction, company: str, identifiers: Iterable[str]) -> dict[str, Reference]:
    """The references that exist among these identifiers, in one read."""
    places = {identifier: keys.reference(company, identifier) for identifier in identifiers}
    tx.prefetch(list(places.values()))
    references = {identifier: tx.get(REFERENCE, place) for identifier, place in places.items()}
    return {identifier: reference for identifier, reference in references.items() if reference}
