"""Who read what: kept of people from outside, and of whoever opens a fiscal file (FIS-07, RULES §3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comptoir.access.acting import who
from comptoir.access.context import Context
from comptoir.kernel.clock import stamp
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction


class Access(Model):
    """One access: who, with which profile, asked for what, and about which things; never changed, never deleted."""

    at: str
    operator: Id | None
    operator_name: Line
    profile: Label
    request: Label
    about: dict[str, Any]

    @property
    def month(self) -> str:
        """The month in which it is listed, in UTC."""
        return self.at[:7]


def _index(company: str, access: Access) -> Mapping[int, Index]:
    return {1: keys.accesses_of(company, access.operator or "", access.month, access.at)}


ACCESS = Kind("access", Access, summarise=lambda access: access, index=_index)


def record_access(tx: Transaction, ctx: Context, request: Model) -> None:
    """Record that the operator of `ctx` asked for `request`, in the transaction that reads what it answers."""
    access = Access(
        at=stamp(ctx.now),
        operator=who(ctx.operator),
        operator_name=ctx.operator.name,
        profile=ctx.operator.profile,
        request=type(request).__name__,
        about=request.model_dump(mode="json", exclude_defaults=True, exclude={"cursor", "limit"}),
    )
    tx.create(ACCESS, keys.access(ctx.company, access.month, access.at, ctx.new_id()), access)
