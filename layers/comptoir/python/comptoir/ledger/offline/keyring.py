"""Public keys, and the signatures that they verify: ECDSA P-256 over SHA-256 digests (FIS-01).

`cryptography` verifies about ten times faster; where it is not installed, Python alone does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping

from .p256 import public_point
from .p256 import verifies as slowly

Verifying = Callable[[bytes, bytes], bool]
"""Whether a signature (DER) is that of a digest."""


class KeyRing:
    """Public keys by key id (PEM). Errors: `ValueError` when one is no P-256 public key."""

    def __init__(self, pems: Mapping[str, str], alone: bool = False) -> None:
        self._ders = {key: _der(pem) for key, pem in pems.items()}
        self._keys = {key: _verifying(der, alone) for key, der in self._ders.items()}

    def verifies(self, key_id: object, digest: object, signature: object) -> bool:
        """Whether `signature` (base64 DER) is that key's over `digest` (hexadecimal)."""
        key = self._keys.get(str(key_id))
        if key is None or not isinstance(signature, str):
            return False
        try:
            return key(bytes.fromhex(str(digest)), base64.b64decode(signature, validate=True))
        except (binascii.Error, ValueError):
            return False

    def fingerprints(self) -> dict[str, str]:
        """SHA-256 of each key (DER), to be compared with what the company or its publisher tells."""
        return {key: hashlib.sha256(der).hexdigest() for key, der in self._ders.items()}


def _der(pem: str) -> bytes:
    lines = [line.strip() for line in pem.strip().splitlines()]
    if len(lines) < 3 or (lines[0], lines[-1]) != ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"):
        raise ValueError("this is no public key in PEM")
    return base64.b64decode("".join(lines[1:-1]), validate=True)


def _verifying(der: bytes, alone: bool) -> Verifying:
    point = public_point(der)
    if alone:
        return lambda digest, signature: slowly(point, digest, signature)
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, utils
    except ImportError:
        return _verifying(der, alone=True)
    key, scheme = serialization.load_der_public_key(der), ec.ECDSA(utils.Prehashed(hashes.SHA256()))

    def verify(digest: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, digest, scheme)  # type: ignore[union-attr, call-arg, arg-type]
        except InvalidSignature:
            return False
        return True

    return verify
