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
    operator: Id | None
    operator_name: Line
    version: str
    content: dict[str, Any]


def technical_event(event: str, operator: str | None, operator_name: str, content: Mapping[str, Any]) -> Fact:
    """The fact that records a technical event of an operator, or of nobody."""
    told = {"operator": operator, "operator_name": operator_name, "version": product_version()}
    return Fact(event, TechnicalEvent(event=event, content=dict(content), **told))


class ChainedEvents:
    """Writes technical events into their signed chain, in the transaction of what they record."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def append(self, tx: Transaction, ctx: Context, event: str, payload: Mapping[str, Any]) -> None:
        """Append one event. Errors: those of the signer; then nothing is written."""
        fact = technical_event(event, ctx.operator.id, ctx.operator.name, payload)
        extend(tx, ctx.company, ChainName.EVENTS, [fact], ctx.now, self._signer)
