"""Numbered snapshots: a folder with one file per service, and beside it the journal of what came after.

`000007/` and `000007.journal` belong together. A snapshot is written as `000008.tmp/`, made durable, then renamed:
from that instant it is the current one and begins with an empty journal. A stop between the rename and the removal of
its predecessor replays nothing twice, because the journal of number 7 is never read once `000008/` exists.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

_DIGITS = 6


class Snapshots:
    """The snapshots of one state directory; the highest complete number is the current one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        numbers = [int(entry.name) for entry in root.iterdir() if entry.is_dir() and entry.name.isdigit()]
        self.number = max(numbers, default=0)
        self.folder.mkdir(exist_ok=True)
        self._sweep()

    @property
    def folder(self) -> Path:
        """Where the current snapshot lies."""
        return self._root / f"{self.number:0{_DIGITS}d}"

    @property
    def journal(self) -> Path:
        """Where what came after the current snapshot lies."""
        return self.folder.with_suffix(".journal")

    def advance(self, files: Mapping[str, bytes]) -> None:
        """Make `files` (name to content) the current snapshot and forget the one before; all or nothing."""
        following = self._root / f"{self.number + 1:0{_DIGITS}d}"
        draft = following.with_suffix(".tmp")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for name, content in files.items():
            _write(draft / name, content)
        sync_folder(draft)
        draft.rename(following)
        sync_folder(self._root)
        self.number += 1
        self._sweep()

    def replace(self, name: str, content: bytes) -> None:
        """Replace one file of the current snapshot, atomically and durably."""
        write_durably(self.folder / name, content)

    def _sweep(self) -> None:
        for entry in self._root.iterdir():
            if entry.is_dir() and entry != self.folder:
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.suffix == ".journal" and entry != self.journal:
                entry.unlink()


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file so that a reader, or a power cut, sees the old content or the new one."""
    draft = path.with_name(path.name + ".tmp")
    _write(draft, content)
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
