"""The FEC of a fiscal year in its archive, with its description (RULES §3.5): archives of months have none."""

from __future__ import annotations

from collections.abc import Iterator

from comptoir.access.context import Services
from comptoir.access.model import Company
from comptoir.accounting.chart import Chart
from comptoir.accounting.fec import Figures, description, filename, write_fec
from comptoir.accounting.items import CHART
from comptoir.accounting.model import Entry
from comptoir.accounting.pieces import Scope, pieces
from comptoir.accounting.posting import all_entries
from comptoir.archives.contents import Other
from comptoir.archives.model import Archive
from comptoir.archives.packing import Content
from comptoir.closings.model import PeriodKind
from comptoir.store import keys


class _Nowhere:
    """Where a file goes that is only counted."""

    def write(self, data: bytes) -> None:
        """Nothing is kept."""


def _entries(services: Services, company: Company, archive: Archive) -> Iterator[Entry]:
    """Every entry of the year. Errors: `Refused`, naming each rate that is to be certified first."""
    chart = services.store.get(CHART, keys.chart(company.id))
    where = (chart.value if chart else Chart(), archive.start, archive.end)
    return all_entries(services.store, company.id, pieces(Scope(services, company.id, *where, company.currency)))


def _name(company: Company, archive: Archive) -> str:
    return filename(company.identity.siren or "", archive.end)


def _write(services: Services, company: Company, archive: Archive, file: Content) -> Figures:
    return write_fec(_entries(services, company, archive), file)


def _describe(services: Services, company: Company, archive: Archive, file: Content) -> None:
    figures = write_fec(_entries(services, company, archive), _Nowhere())
    siren = company.identity.siren or ""
    file.write(description(_name(company, archive), siren, archive.start, archive.end, figures))


_YEARS = frozenset({PeriodKind.ANNUAL})
FEC = Other(
    lambda company, archive: f"fec/{_name(company, archive)}",
    _write,
    "le fichier des écritures comptables de l'exercice",
    _YEARS,
)
FEC_DESCRIPTION = Other(
    lambda company, archive: f"fec/{_name(company, archive).removesuffix('.txt')}-description.txt",
    _describe,
    "sa description",
    _YEARS,
)
