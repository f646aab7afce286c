"""The chain of technical events: configuration, rights, exports, starts of service (FIS-08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comptoir.access.acting import who
from comptoir.access.context import Author, Context
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
        """Append what the operator of a request did. Errors: those of the signer; then nothing is written."""
        self.record(tx, Author(ctx.company, who(ctx.operator), ctx.operator.name, ctx.now), event, payload)

    def record(self, tx: Transaction, author: Author, event: str, payload: Mapping[str, Any]) -> None:
        """Append what is done for an operator whose request is over. Errors: those of the signer."""
        fact = technical_event(event, author.operator, author.name, payload)
        extend(tx, author.company, ChainName.EVENTS, [fact], author.now, self._signer)
