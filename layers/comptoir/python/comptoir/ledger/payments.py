"""The chain of payments: what settles documents, and its counter-entries (FIS-01, TRS-03)."""

from __future__ import annotations

from datetime import datetime

from comptoir.kernel.model import Model
from comptoir.ledger.chain import Fact, Signer, extend
from comptoir.ledger.model import ChainName
from comptoir.store.transaction import Transaction


class ChainedPayments:
    """Writes payments into their signed chain, in the transaction of what they settle."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def append(self, tx: Transaction, company: str, now: datetime, kind: str, payload: Model) -> int:
        """Append one; gives its sequence. Errors: those of the signer; then nothing is written."""
        [entry] = extend(tx, company, ChainName.PAYMENTS, [Fact(kind, payload)], now, self._signer)
        return entry.sequence
