"""FIS-05: packages written in segments are ZIP files like any other, however many and however large their files."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import partial
from pathlib import Path
from typing import IO

from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.archives.packing import Content, Packed, Packer, directory

MOMENT = (2026, 12, 1, 0, 10, 42)
names = st.text("abcdé/-0123456789", min_size=1, max_size=30).filter(lambda name: not name.startswith("/"))


class Forwards:
    """A file that knows how far it is and never goes back."""

    def __init__(self, inner: IO[bytes], start: int = 0) -> None:
        self._inner, self._start = inner, start

    def write(self, data: bytes) -> int:
        return self._inner.write(data)

    def tell(self) -> int:
        return self._inner.tell() - self._start

    def flush(self) -> None:
        self._inner.flush()


def put(content: bytes, file: Content) -> None:
    file.write(content)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(names, st.tuples(st.binary(max_size=3000), st.booleans()), max_size=5), max_size=4))
def test_fis_05_any_segments_make_one_package(segments: list[dict[str, tuple[bytes, bool]]]) -> None:
    whole, listed, wanted = io.BytesIO(), list[Packed](), dict[str, bytes]()
    for number, files in enumerate(segments):
        packer = Packer(Forwards(whole, whole.tell()), whole.tell(), MOMENT)
        for name, (content, compressed) in files.items():
            packer.add(f"{number}/{name}", partial(put, content), compressed, n=number)
            wanted[f"{number}/{name}"] = content
        packer.end()
        listed += [Packed.of(file.line()) for file in packer.files]
    whole.writelines(list(directory(listed, whole.tell(), MOMENT)))
    with zipfile.ZipFile(whole) as packed:
        assert packed.testzip() is None
        assert {name: packed.read(name) for name in packed.namelist()} == wanted
        assert {info.date_time for info in packed.infolist()} <= {MOMENT}
    for file in listed:
        content = wanted[file.path]
        digest = hashlib.sha256(content).hexdigest()
        assert file.told == {"path": file.path, "sha256": digest, "size": len(content), "n": int(file.path[0])}


def test_fis_05_a_package_of_more_files_than_the_old_form_counts(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with path.open("wb") as file:
        packer = Packer(Forwards(file), 0, MOMENT)
        for number in range(70_000):
            packer.add(f"{number}.txt", lambda content: content.write(b"x"), compressed=False)
        packer.end()
        file.writelines(list(directory(packer.files, file.tell(), MOMENT)))
    with zipfile.ZipFile(path) as packed:
        assert len(packed.namelist()) == 70_000
        assert packed.read("69999.txt") == b"x"


def test_fis_05_a_package_of_more_than_four_gigabytes(tmp_path: Path) -> None:
    """What lies between is a hole in the file: only places count."""
    path, far = tmp_path / "far.zip", 5 * 1024**3
    with path.open("wb") as file:
        first = Packer(Forwards(file), 0, MOMENT)
        first.add("first.txt", lambda content: content.write(b"first"))
        first.end()
        file.seek(far)
        second = Packer(Forwards(file, far), far, MOMENT)
        second.add("second.txt", lambda content: content.write(b"second"))
        second.end()
        file.writelines(list(directory([*first.files, *second.files], file.tell(), MOMENT)))
    with zipfile.ZipFile(path) as packed:
        assert (packed.read("first.txt"), packed.read("second.txt")) == (b"first", b"second")
    path.unlink()
