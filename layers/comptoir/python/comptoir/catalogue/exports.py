"""References with their supplier offers as a file that can be imported again (PTY-05)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from comptoir.access.context import Services
from comptoir.access.custom import Customisation, Subject, columns
from comptoir.access.exports import Export, Exportable
from comptoir.access.permissions import Permission
from comptoir.catalogue.files import REFERENCE_TABLE
from comptoir.catalogue.items import references_by_id
from comptoir.catalogue.model import Reference
from comptoir.catalogue.queries import ListReferences
from comptoir.kernel.table import Column
from comptoir.kernel.writing import Row
from comptoir.parties.items import parties_by_id
from comptoir.store.transaction import Transaction


def _columns(defined: Customisation | None) -> Sequence[Column]:
    return (*REFERENCE_TABLE.columns, *columns(defined, Subject.REFERENCE))


def _rows(services: Services, company: str, page: Sequence[dict[str, Any]]) -> Iterator[Row]:
    """A row for a reference, with its first offer; each further offer follows under its code."""
    tx = Transaction(services.store.backend)
    chosen = [choice["reference"] for each in page if each.get("grouping") for choice in each["choices"]]
    ids = list(dict.fromkeys([*(each["id"] for each in page), *chosen]))
    references = references_by_id(tx, company, ids)
    suppliers = parties_by_id(tx, company, {offer.supplier for each in references.values() for offer in each.offers})
    codes = {party.id: party.code for party in suppliers.values()}
    for identifier in ids:
        if identifier in references:
            yield from _of(references[identifier], codes)


def _of(reference: Reference, codes: dict[str, str]) -> Iterator[Row]:
    value = reference.model_dump(mode="json")
    offers = [offer | {"supplier": codes.get(offer["supplier"])} for offer in value["offers"]]
    yield value | {"offer": offers[0] if offers else None}
    yield from ({"code": reference.code, "offer": offer} for offer in offers[1:])


REFERENCES_EXPORT = Exportable("references", ListReferences, _columns, _rows)


class ExportReferences(Export):
    """References, or those that words and filters find, with their offers as a file (PTY-05, CAT-05, FIS-08)."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    exportable: ClassVar[str] = REFERENCES_EXPORT.name

    filters: ListReferences = ListReferences()
