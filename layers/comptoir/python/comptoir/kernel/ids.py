"""Identifiers: 26 characters, sortable by creation time, unguessable (ULID shape)."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from typing import Annotated, Protocol

from comptoir.kernel.clock import Clock
from comptoir.kernel.explain import shaped

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Id = Annotated[
    str,
    shaped(
        r"^[0-9A-HJKMNP-TV-Z]{26}$",
        "Identifiant attendu : 26 chiffres et majuscules.",
        "An identifier is expected: 26 digits and capitals.",
    ),
]


class Ids(Protocol):
    """Makes a new identifier."""

    def new(self) -> str: ...


def _encode(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


class RandomIds:
    """48 bits of milliseconds, then 80 random bits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self) -> str:
        milliseconds = int(self._clock.now().timestamp() * 1000)
        return _encode(milliseconds, 10) + _encode(secrets.randbits(80), 16)


class SequentialIds:
    """Predictable identifiers for tests: 1, 2, 3 in the same shape."""

    def __init__(self, start: int = 1) -> None:
        self._numbers = itertools.count(start)

    def new(self) -> str:
        return _encode(next(self._numbers), 26)


def derived_id(*parts: str) -> str:
    """The identifier that always belongs to `parts`: for things that may be made twice but exist once."""
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    return _encode(int.from_bytes(digest[:16]) >> 1, 26)
