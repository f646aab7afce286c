"""Cursors: opaque, signed, and valid for the list that made them only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable

from comptoir.kernel.errors import DomainError


class InvalidCursor(DomainError):
    """The cursor was altered, or made for another list."""

    status = 400
    code = "invalid_cursor"
    fr = "Curseur de pagination invalide."
    en = "Invalid page cursor."


class CursorSigner:
    """Seals positions with HMAC-SHA256; the secret is read on first use."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._read = secret
        self._secret: bytes | None = None

    def _mac(self, scope: str, body: bytes) -> bytes:
        if self._secret is None:
            self._secret = self._read()
        return hmac.new(self._secret, scope.encode() + b"\x00" + body, hashlib.sha256).digest()[:16]

    def seal(self, scope: str, position: tuple[str, ...]) -> str:
        """The cursor of `position` in the list `scope`."""
        body = json.dumps(position, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(scope, body) + body).decode().rstrip("=")

    def open(self, scope: str, cursor: str) -> tuple[str, ...]:
        """The position of a cursor. Errors: `InvalidCursor`."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError) as error:
            raise InvalidCursor() from error
        mac, body = raw[:16], raw[16:]
        if not hmac.compare_digest(mac, self._mac(scope, body)):
            raise InvalidCursor()
        return tuple(json.loads(body))
