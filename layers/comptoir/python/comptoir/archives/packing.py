"""A ZIP package written in segments, each on its own: what joins them is the directory at the end.

`zipfile` writes the files of a segment, and a list tells where each begins; the directory is written from the lists,
in the 64-bit form where the package is large (PKWARE APPNOTE 4.3.12 to 4.3.16).
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Protocol, cast

_MANY, _FAR = 0xFFFF, 0xFFFFFFFF
_UTF8, _SIZES_FOLLOW = 0x800, 0x08
_REGULAR_FILE = 0o100644 << 16
_UNIX, _VERSION, _VERSION_64 = 3, 20, 45


class Sink(Protocol):
    """Where bytes go, from the first to the last."""

    def write(self, data: bytes, /) -> int: ...

    def tell(self) -> int: ...

    def flush(self) -> None: ...


class Content(Protocol):
    """Where the content of a file goes."""

    def write(self, data: bytes, /) -> int: ...


Write = Callable[[Content], object]
"""Writes the content of a file."""
Moment = tuple[int, int, int, int, int, int]
"""Year, month, day, hour, minute, second: what a file of the package is dated."""


@dataclass(frozen=True)
class Packed:
    """A file in the package: its hash and size, and where it lies; `about` goes into the manifest beside them."""

    path: str
    sha256: str
    size: int
    packed: int
    crc: int
    offset: int
    method: int
    about: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> bytes:
        """As it lies in the list of its segment."""
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Packed:
        """What a list tells."""
        return cls(**json.loads(line))

    @property
    def told(self) -> dict[str, Any]:
        """What the manifest tells of it."""
        return {"path": self.path, "sha256": self.sha256, "size": self.size, **self.about}


class _Hashed:
    """Counts and hashes what goes into a file."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner, self._digest, self.size = inner, hashlib.sha256(), 0

    def write(self, data: bytes, /) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._inner.write(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Packer:
    """Writes files one after the other into a segment that begins at `offset` of the package."""

    def __init__(self, out: Sink, offset: int, moment: Moment) -> None:
        self._out, self._offset, self._moment = out, offset, moment
        self._zip = zipfile.ZipFile(cast("IO[bytes]", out), "w")
        self.files: list[Packed] = []

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._out.tell()

    def end(self) -> None:
        """No more files: without this `zipfile` would end the segment as if it were the package."""
        self._zip.fp = None

    def add(self, path: str, write: Write, compressed: bool = True, **about: Any) -> None:
        """Write one file."""
        info = zipfile.ZipInfo(path, self._moment)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        with self._zip.open(info, "w") as inner:
            hashed = _Hashed(inner)
            write(hashed)
        place = {"offset": self._offset + info.header_offset, "method": info.compress_type}
        sizes = {"size": info.file_size, "packed": info.compress_size, "crc": info.CRC}
        self.files.append(Packed(path=path, sha256=hashed.sha256, about=about, **place, **sizes))


def directory(files: Iterable[Packed], start: int, moment: Moment) -> Iterator[bytes]:
    """The directory of a package whose files end at `start`, piece by piece, and what marks its end."""
    year, month, day, hour, minute, second = moment
    stamp = (hour << 11) | (minute << 5) | (second // 2), ((year - 1980) << 9) | (month << 5) | day
    count, size = 0, 0
    for file in files:
        entry = _entry(file, stamp)
        yield entry
        count, size = count + 1, size + len(entry)
    if count >= _MANY or start + size >= _FAR:
        versions = (_UNIX << 8) | _VERSION_64, _VERSION_64
        yield struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, *versions, 0, 0, count, count, size, start)
        yield struct.pack("<IIQI", 0x07064B50, 0, start + size, 1)
    many = min(count, _MANY)
    yield struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, many, many, min(size, _FAR), min(start, _FAR), 0)


def _entry(file: Packed, stamp: tuple[int, int]) -> bytes:
    name = file.path.encode()
    flags = _SIZES_FOLLOW | (0 if file.path.isascii() else _UTF8)
    far = file.offset >= _FAR
    extra = struct.pack("<HHQ", 1, 8, file.offset) if far else b""
    version = _VERSION_64 if far else _VERSION
    head = struct.pack(
        "<IHHHHHHIIIHHHHHII",
        0x02014B50,
        (_UNIX << 8) | version,
        version,
        flags,
        file.method,
        *stamp,
        file.crc,
        file.packed,
        file.size,
        len(name),
        len(extra),
        0,
        0,
        0,
        _REGULAR_FILE,
        _FAR if far else file.offset,
    )
    return head + name + extra
