"""An archive from the day it is asked for to the locked package (FIS-05)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from comptoir.closings.model import PeriodKind
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.ledger.model import Entry


class ArchiveState(StrEnum):
    """Being written, waiting for the writer's signature, in the locked bucket, or not to be made as things are."""

    WRITING = "writing"
    SIGNING = "signing"
    SEALED = "sealed"
    DONE = "done"
    REFUSED = "refused"


class Segment(Model):
    """A part of the package that is written: where it lies meanwhile, and how many bytes and files it holds."""

    key: Line
    size: int
    index: Line
    files: int


class Manifest(Model):
    """The manifest that is signed: where it lies meanwhile, its hash and its size."""

    key: Line
    sha256: Label
    size: int


class Archive(Model):
    """The archive of a closed month or fiscal year: one each.

    `position` is how much of its plan is written, in `segments`; `public_keys` verify it. `entry` is the signed entry
    of the chain of technical events that tells the hash of its manifest. `key` and `size` are those of the package in
    the locked bucket.
    """

    kind: PeriodKind
    name: Label
    start: date
    end: date
    closing: int
    operator: Id
    operator_name: Line
    started_at: Label
    attempt: int = 1
    state: ArchiveState = ArchiveState.WRITING
    public_keys: dict[str, str]
    position: int = 0
    segments: tuple[Segment, ...] = ()
    manifest: Manifest | None = None
    entry: Entry | None = None
    key: Line | None = None
    size: int | None = None
    breaches: tuple[Breach, ...] = ()

    @property
    def files(self) -> int:
        """How many files the manifest tells of, so far."""
        return sum(segment.files for segment in self.segments)


class ArchiveReport(Model):
    """An archive as the API shows it; `manifest_sha256` identifies its content."""

    kind: PeriodKind
    name: Label
    start: date
    end: date
    state: ArchiveState
    operator_name: Line
    started_at: Label
    files: int
    size: int | None
    manifest_sha256: Label | None
    breaches: tuple[Breach, ...] = ()

    @classmethod
    def of(cls, archive: Archive) -> ArchiveReport:
        """What an archive shows."""
        same = ("kind", "name", "start", "end", "state", "operator_name", "started_at", "size", "breaches", "files")
        told = archive.manifest.sha256 if archive.manifest else None
        return cls(manifest_sha256=told, **archive.picked(same))
