"""A picture of a reference, sent by who keeps the catalogue and shown through a short-lived link (CAT-01)."""

from __future__ import annotations

import struct
import zlib

from infra.local.demo.client import download
from infra.local.demo.people import House
from infra.local.demo.sending import sent
from infra.local.demo.stage import Stage

_CODE = "MAN-024"
_WIDTH, _HEIGHT = 240, 160
_SEA, _SKY = (15, 76, 92), (222, 235, 239)


def show(stage: Stage, house: House) -> None:
    """Give the reference its picture unless it has one, and leave what the link gives in `out/pictures/`."""
    manager = house["manager"]
    with stage.step("Picture of a reference"):
        found = manager.get("/references", search=_CODE).body["items"]
        reference = next(one["id"] for one in found if one["code"] == _CODE)
        path = f"/references/{reference}"
        if manager.get(f"{path}/picture").body["image"] is None:
            told = {"filename": "manille.png", "media_type": "image/png"}
            image = sent(manager, "/references/pictures", _png(), told)["image"]
            manager.patch(path, {"picture": image["sha256"]}, version=manager.get(path).version)
        shown = house["sales"].get(f"{path}/picture").body
        stage.keep("pictures", f"{_CODE}.png", download(shown["url"]), kind="picture")
        size = shown["image"]["width"], shown["image"]["height"]
        stage.check(f"Size of the picture of {_CODE}", (_WIDTH, _HEIGHT), size)


def _png() -> bytes:
    """Two bands of colour, as a PNG made by hand."""
    rows = b"".join(b"\0" + bytes(_SKY if y < _HEIGHT // 2 else _SEA) * _WIDTH for y in range(_HEIGHT))
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, data) for name, data in parts)


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
