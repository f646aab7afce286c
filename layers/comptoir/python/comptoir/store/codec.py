"""Records as DynamoDB items, in the low-level form that the client sends without conversion."""

from __future__ import annotations

import zlib
from typing import Any

from comptoir.kernel.errors import TooLarge
from comptoir.store.backend import MAX_ITEM_BYTES
from comptoir.store.record import Key, Record

Item = dict[str, Any]
_COMPRESS_FROM = 1500
_LEVEL = 6


def encode(record: Record) -> Item:
    """The item of a record; data of some size are compressed, since units are paid by the kilobyte.

    Errors: `TooLarge` beyond DynamoDB's 400 KB.
    """
    item: Item = {**encode_key(record.key), "t": {"S": record.type}, "v": {"N": str(record.version)}}
    if len(record.data) < _COMPRESS_FROM:
        item["d"] = {"S": record.data}
    else:
        item["z"] = {"B": zlib.compress(record.data.encode(), _LEVEL)}
    if record.summary is not None:
        item["s"] = {"S": record.summary}
    if record.search is not None:
        item["f"] = {"S": record.search}
    for number, (pk, sk) in record.indexes.items():
        item[f"g{number}pk"], item[f"g{number}sk"] = {"S": pk}, {"S": sk}
    if record.expires is not None:
        item["expires"] = {"N": str(record.expires)}
    if size(item) > MAX_ITEM_BYTES:
        raise TooLarge(item=record.type)
    return item


def encode_key(key: Key) -> Item:
    """The primary key as DynamoDB takes it."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def decode_key(item: Item) -> Key:
    """The primary key of an item."""
    return Key(item["pk"]["S"], item["sk"]["S"])


def decode(item: Item) -> Record:
    """The record of an item, or what an index projects of it."""
    data = zlib.decompress(item["z"]["B"]).decode() if "z" in item else item.get("d", {}).get("S", "")
    return Record(
        key=decode_key(item),
        type=item["t"]["S"],
        data=data,
        version=int(item["v"]["N"]),
        summary=item.get("s", {}).get("S"),
        indexes={n: (item[f"g{n}pk"]["S"], item[f"g{n}sk"]["S"]) for n in (1, 2, 3) if f"g{n}pk" in item},
        expires=int(item["expires"]["N"]) if "expires" in item else None,
        search=item.get("f", {}).get("S"),
    )


def decode_image(image: Item | None) -> Record | None:
    """The record of an image that the table's stream carries, without its data."""
    if not image or "t" not in image:
        return None
    return decode({name: value for name, value in image.items() if name not in {"d", "z"}})


def size(item: Item) -> int:
    """The bytes that DynamoDB counts for an item: names and values."""
    return sum(len(name) + len(value) for name, typed in item.items() for value in _bytes(typed))


def _bytes(typed: dict[str, Any]) -> list[bytes]:
    return [value if isinstance(value, bytes) else str(value).encode() for value in typed.values()]
