"""ECDSA P-256 verified with nothing but Python (FIPS 186-5, SEC 1): public values only, so that time tells nothing.

It is what verifies where no library is installed: in the functions of the product, and with whoever opens an archive
on a bare machine. A table of multiples of each point makes a verification 128 additions at most.
"""

from __future__ import annotations

from functools import cache

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""What precedes the coordinates in the DER of a P-256 public key whose point is not compressed."""

_WIDTH = 4
_DIGITS = 256 // _WIDTH

Point = tuple[int, int]
"""A point of the curve, in affine coordinates."""
_Jacobian = tuple[int, int, int]
_Table = tuple[tuple[Point, ...], ...]
_NOWHERE: _Jacobian = (1, 1, 0)


def public_point(der: bytes) -> Point:
    """The point of a public key (SubjectPublicKeyInfo, DER). Errors: `ValueError` when it is none of P-256."""
    if len(der) != len(_SPKI) + 64 or not der.startswith(_SPKI):
        raise ValueError("this is no P-256 public key")
    x, y = int.from_bytes(der[-64:-32]), int.from_bytes(der[-32:])
    if max(x, y) >= _P or (y * y - x * x * x + 3 * x - _B) % _P:
        raise ValueError("the point is not on the curve")
    return x, y


def verifies(key: Point, digest: bytes, signature: bytes) -> bool:
    """Whether a DER signature is that key's over a SHA-256 digest."""
    try:
        r, s = _integers(signature)
    except ValueError:
        return False
    if not (0 < r < _N and 0 < s < _N) or len(digest) != 32:
        return False
    inverse = pow(s, -1, _N)
    shares = (int.from_bytes(digest) * inverse % _N, _table(_G)), (r * inverse % _N, _table(key))
    total = _NOWHERE
    for scalar, table in shares:
        for row in table:
            if digit := scalar & 15:
                total = _added(total, row[digit - 1])
            scalar >>= _WIDTH
    x, _, z = total
    return z != 0 and x * pow(z, -2, _P) % _P % _N == r


def _integers(signature: bytes) -> tuple[int, int]:
    """The two numbers of a signature, in the one way that DER writes them. Errors: `ValueError`."""
    if len(signature) < 2 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        raise ValueError("no sequence")
    first, rest = _integer(signature[2:])
    second, rest = _integer(rest)
    if rest:
        raise ValueError("more than two numbers")
    return first, second


def _integer(der: bytes) -> tuple[int, bytes]:
    if len(der) < 3 or der[0] != 0x02 or not 1 <= der[1] <= 33 or len(der) < 2 + der[1]:
        raise ValueError("no number")
    value = der[2 : 2 + der[1]]
    if value[0] & 0x80 or (len(value) > 1 and value[0] == 0 and not value[1] & 0x80):
        raise ValueError("a number in another form")
    return int.from_bytes(value), der[2 + der[1] :]


@cache
def _table(point: Point) -> _Table:
    """For each digit of a scalar, the multiples of the point that it can stand for."""
    rows, base = [], point
    for _ in range(_DIGITS):
        row, multiple = [base], (*base, 1)
        for _ in range(14):
            multiple = _added(multiple, base)
            row.append(_affine(multiple))
        rows.append(tuple(row))
        base = _affine(_added((*row[-1], 1), base))
    return tuple(rows)


def _affine(point: _Jacobian) -> Point:
    x, y, z = point
    inverse = pow(z, -1, _P)
    square = inverse * inverse % _P
    return x * square % _P, y * square * inverse % _P


def _added(one: _Jacobian, other: Point) -> _Jacobian:
    """The sum of two points."""
    (x1, y1, z1), (x2, y2) = one, other
    if z1 == 0:
        return x2, y2, 1
    square = z1 * z1 % _P
    across, up = (x2 * square - x1) % _P, (y2 * square * z1 - y1) % _P
    if across == 0:
        return _doubled(one) if up == 0 else _NOWHERE
    across2 = across * across % _P
    across3 = across * across2 % _P
    scaled = x1 * across2 % _P
    x3 = (up * up - across3 - 2 * scaled) % _P
    return x3, (up * (scaled - x3) - y1 * across3) % _P, z1 * across % _P


def _doubled(point: _Jacobian) -> _Jacobian:
    """Twice a point; no point of the curve has order two."""
    x, y, z = point
    delta, gamma = z * z % _P, y * y % _P
    beta, alpha = x * gamma % _P, 3 * (x - delta) * (x + delta) % _P
    x3 = (alpha * alpha - 8 * beta) % _P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % _P, 2 * y * z % _P
