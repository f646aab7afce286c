"""Archives of closed months and fiscal years."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.archives.commands import ArchiveLink, ListArchives, MakeArchive, OpenArchive, ReadArchive
from comptoir.archives.model import ArchiveReport

from ..routing import Route

ROUTES = (
    Route("GET", "/archives", ListArchives, Listing[ArchiveReport]),
    Route(
        "POST",
        "/archives",
        MakeArchive,
        ArchiveReport,
        201,
        "/archives/{kind}/{name}",
        {200: ArchiveReport, 202: ArchiveReport},
        example={"kind": "monthly", "name": "2026-10"},
    ),
    Route("GET", "/archives/{kind}/{name}", ReadArchive, ArchiveReport),
    Route("GET", "/archives/{kind}/{name}/file", OpenArchive, ArchiveLink),
)
