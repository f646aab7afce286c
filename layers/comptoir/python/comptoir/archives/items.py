"""How archives lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.archives.model import Archive, ArchiveReport, ArchiveState
from comptoir.store import keys
from comptoir.store.record import Index, Kind

DUE_ARCHIVES = "ARCHIVING"
"""Work that heals: archives that are not in the locked bucket yet."""

FINAL = frozenset({ArchiveState.DONE, ArchiveState.REFUSED})


def _index(company: str, archive: Archive) -> Mapping[int, Index]:
    order = f"{archive.end}#{archive.kind}"
    places = {1: keys.by_kind(company, "ARCHIVES", order)}
    if archive.state not in FINAL:
        places[2] = keys.due(DUE_ARCHIVES, company, f"{archive.started_at}#{company}#{order}")
    return places


ARCHIVE = Kind("archive", Archive, summarise=ArchiveReport.of, index=_index)
