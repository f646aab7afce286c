"""FIS-02: signatures are verified with nothing but Python, and never otherwise than by the library."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from comptoir.ledger.offline.keyring import KeyRing
from comptoir.ledger.offline.p256 import public_point, verifies
from infra.settings import ROOT
from tests.signing import LocalSigner

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNER = LocalSigner()
PEMS = {SIGNER.key_id: SIGNER.pem()}
FAST, ALONE = KeyRing(PEMS), KeyRing(PEMS, alone=True)


def both(digest: bytes, signature: bytes) -> bool:
    """What both say; they say the same."""
    told = [ring.verifies(SIGNER.key_id, digest.hex(), base64.b64encode(signature).decode()) for ring in (FAST, ALONE)]
    assert told[0] == told[1]
    return told[0]


@given(st.binary(max_size=40), st.integers(0, 71), st.integers(1, 255))
def test_both_ways_say_the_same_of_signatures_whole_and_damaged(text: bytes, place: int, flip: int) -> None:
    digest = hashlib.sha256(text).digest()
    signature = SIGNER.sign(digest)
    assert both(digest, signature)
    damaged = bytearray(signature)
    damaged[place % len(damaged)] ^= flip
    assert not both(digest, bytes(damaged))
    assert not both(hashlib.sha256(text + b"!").digest(), signature)


@pytest.mark.parametrize(
    ("r", "s"), [(0, 1), (1, 0), (N, 1), (1, N), (N + 1, N + 1), (1, 1), (N - 1, N - 1), (2**256 - 1, 1)]
)
def test_numbers_outside_the_range_are_refused(r: int, s: int) -> None:
    assert not both(hashlib.sha256(b"x").digest(), encode_dss_signature(r, s))


def test_a_signature_has_one_form_only() -> None:
    """Anything else after it, before it or in it is another signature."""
    digest = hashlib.sha256(b"x").digest()
    signature = SIGNER.sign(digest)
    longer = bytes([0x30, signature[1] + 1, 0x02, signature[3] + 1, 0]) + signature[4:]
    for other in (b"", signature[:-1], signature + b"\0", b"\x31" + signature[1:], longer, b"\x30\x80" + signature[2:]):
        assert not verifies(public_point(_der(SIGNER)), digest, other)


def _der(signer: LocalSigner) -> bytes:
    return base64.b64decode("".join(signer.pem().strip().splitlines()[1:-1]))


def test_what_is_no_key_of_the_curve_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    with pytest.raises(ValueError, match="P-256"):
        KeyRing({"k": other.public_bytes(*form).decode()})
    with pytest.raises(ValueError, match="PEM"):
        KeyRing({"k": "no key"})
    with pytest.raises(ValueError, match="curve"):
        public_point(_der(SIGNER)[:-1] + bytes([_der(SIGNER)[-1] ^ 1]))


def test_digests_at_the_edges_of_the_group() -> None:
    """Zero, one, the order and beyond, where additions meet doublings and the point at infinity."""
    for value in (0, 1, 2, N - 1, N, N + 1, 2**256 - 1):
        digest = value.to_bytes(32)
        assert both(digest, SIGNER.sign(digest))


def test_without_the_library_python_alone_verifies() -> None:
    """FIS-05: in a process that has no module but its own."""
    digest = hashlib.sha256(b"archive").digest()
    told = base64.b64encode(SIGNER.sign(digest)).decode()
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from offline.keyring import KeyRing\n"
        f"ring = KeyRing({PEMS!r})\n"
        f"assert ring.verifies({SIGNER.key_id!r}, {digest.hex()!r}, {told!r})\n"
        f"assert not ring.verifies({SIGNER.key_id!r}, {'0' * 64!r}, {told!r})\n"
    )
    folder = ROOT / "layers/comptoir/python/comptoir/ledger"
    subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{code}"], check=True)
