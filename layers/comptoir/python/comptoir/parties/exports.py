"""Parties as a file that can be imported again (PTY-05)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from comptoir.access.context import Services
from comptoir.access.custom import Customisation, Subject, columns
from comptoir.access.exports import Export, Exportable
from comptoir.access.permissions import Permission
from comptoir.kernel.table import Column
from comptoir.kernel.writing import Row
from comptoir.parties.files import PARTY_TABLE
from comptoir.parties.items import parties_by_id
from comptoir.parties.queries import ListParties
from comptoir.store.transaction import Transaction


def _columns(defined: Customisation | None) -> Sequence[Column]:
    return (*PARTY_TABLE.columns, *columns(defined, Subject.PARTY))


def _rows(services: Services, company: str, page: Sequence[dict[str, Any]]) -> Iterator[Row]:
    ids = [each["id"] for each in page]
    parties = parties_by_id(Transaction(services.store.backend), company, ids)
    return (parties[each].model_dump(mode="json") for each in ids if each in parties)


PARTIES_EXPORT = Exportable("parties", ListParties, _columns, _rows)


class ExportParties(Export):
    """Parties, or those that words and filters find, as a file with a row each (PTY-05, FIS-08)."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES
    exportable: ClassVar[str] = PARTIES_EXPORT.name

    filters: ListParties = ListParties()
