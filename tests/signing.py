"""A local signer for tests: the same algorithm as the KMS key, a fresh key pair per instance."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


class LocalSigner:
    """ECDSA P-256 over SHA-256 digests."""

    def __init__(self, key_id: str = "local-key") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._key_id = key_id
        self.calls = 0

    @property
    def key_id(self) -> str:
        return self._key_id

    def sign(self, digest: bytes) -> bytes:
        self.calls += 1
        return self._key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))

    def pem(self) -> str:
        """The public key, as `verify` takes it."""
        return (
            self._key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )
