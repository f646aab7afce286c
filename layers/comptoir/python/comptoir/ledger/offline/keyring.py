"""Public keys, and the signatures that they verify: ECDSA P-256 over SHA-256 digests (FIS-01)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


class KeyRing:
    """Public keys by key id (PEM). Errors: `ValueError` when one is no public key."""

    def __init__(self, pems: Mapping[str, str]) -> None:
        self._keys: dict[str, Any] = {i: serialization.load_pem_public_key(p.encode()) for i, p in pems.items()}

    def verifies(self, key_id: object, digest: object, signature: object) -> bool:
        """Whether `signature` (base64 DER) is that key's over `digest` (hexadecimal)."""
        key = self._keys.get(str(key_id))
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(signature, str):
            return False
        try:
            raw = base64.b64decode(signature, validate=True)
            key.verify(raw, bytes.fromhex(str(digest)), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def fingerprints(self) -> dict[str, str]:
        """SHA-256 of each key (DER), to be compared with what the company or its publisher tells."""
        form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return {i: hashlib.sha256(key.public_bytes(*form)).hexdigest() for i, key in self._keys.items()}
