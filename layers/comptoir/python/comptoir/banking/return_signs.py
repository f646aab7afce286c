"""What of a bank entry says that it returns a payment: reasons, codes, and the words of its text (TRS-04)."""

from __future__ import annotations

from comptoir.banking.statement import Entry
from comptoir.kernel.text import plain_words

_CODES = frozenset("RRTN RPCR ARET AREV UPDD PRDD RCDD UPCQ CQRV XPCQ UPCT UDFT NRTI".split())
"""ISO 20022's sub-families of what is returned, unpaid or reversed, and SWIFT's type of a returned item."""
_WORDS = frozenset("rejet rejete rejetee retour retourne impaye impayee impayes returned unpaid rejected".split())


def told_by_bank(entry: Entry) -> str | None:
    """The reason, code or mark by which the bank says that an entry returns something, whatever its format."""
    code = entry.code or ""
    if entry.return_reason:
        return entry.return_reason
    if code.rpartition("-")[2] in _CODES:
        return code
    return (code or "RvslInd") if entry.reversal else None


def told_in_text(entry: Entry) -> str | None:
    """The word of its text that says so."""
    return next((word for word in plain_words(entry.text) if word in _WORDS), None)
