"""An append-only file of what changed since the last snapshot.

One line is one operation, whole: the changes of a transaction are never split over two lines, so a line torn by a
power cut takes its operation with it and no half of one ever comes back.
"""

from __future__ import annotations

import asyncio
import json
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Record = list[Any]

# One thread for every journal: what is asked first is done first, so a journal is closed after its last sync.
_DISK = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")


class JournalDamagedError(Exception):
    """A line before the last can't be read: this is not a torn write, and going on would lose data silently."""


class Journal:
    """Open for appending; `append` reaches the file at once, `sync` makes sure that it reaches the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._written = self._synced = 0
        self._turn = asyncio.Lock()
        self.size = os.fstat(self._descriptor).st_size

    def append(self, records: list[Record]) -> None:
        """Write one operation; the caller holds the lock that orders operations."""
        line = _encode(records)
        os.write(self._descriptor, line)
        self.size += len(line)
        self._written += 1

    async def sync(self) -> None:
        """Return once all that was appended before the call is on disk; concurrent callers share one sync."""
        wanted = self._written
        if self._synced >= wanted:
            return
        async with self._turn:
            if self._synced >= wanted:
                return
            covered = self._written
            await asyncio.get_running_loop().run_in_executor(_DISK, os.fdatasync, self._descriptor)
            self._synced = covered

    def close(self) -> None:
        """Close once the syncs under way are over."""
        _DISK.submit(os.close, self._descriptor)


def _encode(records: list[Record]) -> bytes:
    text = json.dumps(records, separators=(",", ":"), ensure_ascii=False).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decode(line: bytes) -> list[Record] | None:
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    records: list[Record] = json.loads(text)
    return records


def replay(path: Path) -> Iterator[list[Record]]:
    """Operations of a journal, oldest first; a torn last line is cut off the file.

    Raises `JournalDamagedError` when a line that others follow is unreadable.
    """
    if not path.exists():
        return
    good = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            records = _decode(line)
            if records is None:
                if lines.read(1):
                    raise JournalDamagedError(f"line {number} of {path} is damaged and is not the last one")
                break
            good += len(line)
            yield records
    if good < path.stat().st_size:
        os.truncate(path, good)
