"""The chain of technical events: configuration, rights, exports, starts of service (FIS-08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comptoir.access.context import Context
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.ledger.chain import Fact, Signer, extend
from comptoir.ledger.model import ChainName
from comptoir.store.settings import product_version
from comptoir.store.transaction import Transaction


class TechnicalEvent(Model):
    """What happened, who did it, with which version of the product (RULES §3.2)."""

    event: Label
    operator: Id
    operator_name: Line
    version: str
    content: dict[str, Any]


class ChainedEvents:
    """Writes technical events into their signed chain, in the transaction of what they record."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def append(self, tx: Transaction, ctx: Context, event: str, payload: Mapping[str, Any]) -> None:
        """Append one event. Errors: those of the signer; then nothing is written."""
        fact = TechnicalEvent(
            event=event,
            operator=ctx.operator.id,
            operator_name=ctx.operator.name,
            version=product_version(),
            content=dict(payload),
        )
        extend(tx, ctx.company, ChainName.EVENTS, [Fact(event, fact)], ctx.now, self._signer)
