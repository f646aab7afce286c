"""What is expected by week and account, kept in step with the treasury from the table's stream (TRS-11).

Why the stream and not the transaction of the change: every change of a company's money would meet every other
one on the same sums. Each sheet remembers what was counted of it, so that a change told twice counts once, and
is counted as it is now, so that changes told out of order count right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.banking.accounts import OwnAccountView, own_accounts
from comptoir.banking.cash_forecast import WEEKS, WeeklyFlow, cash_forecast
from comptoir.kernel.errors import DomainError
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money
from comptoir.store import keys
from comptoir.store.record import Index, Key, Kind
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from comptoir.treasury.expected import Place, expected
from comptoir.treasury.items import TREASURY, side_of

_TOGETHER = 40
"""Sheets counted in one transaction: each takes two operations, and each currency one."""


class Counted(Model):
    """What was counted of a sheet, or of a company in a currency: amounts by `Place`."""

    flows: dict[str, Money] = Field(default_factory=dict)


class Behind(Model):
    """A sheet that could not be counted when it changed; the schedule counts it."""

    pk: str
    sk: str
    settled: bool = False


def _due(company: str, behind: Behind) -> dict[int, Index]:
    return {} if behind.settled else {1: keys.due("CASH", company, f"{behind.pk}#{behind.sk}")}


SHEET = Kind("sheet_cash", Counted)
CASH = Kind("cash", Counted)
BEHIND = Kind("cash_behind", Behind, index=_due)


def count(store: Store, sheets: Iterable[Key]) -> list[Key]:
    """Count sheets as they are now; those that could be neither counted nor kept for the schedule are given back."""
    by_company: dict[str, list[Key]] = {}
    for key in dict.fromkeys(sheets):
        by_company.setdefault(key.company, []).append(key)
    lost = []
    for own in by_company.values():
        for start in range(0, len(own), _TOGETHER):
            lost += _count(store, own[start : start + _TOGETHER])
    return lost


def _count(store: Store, sheets: Sequence[Key]) -> list[Key]:
    """Count sheets together; when it fails, one by one, so that a faulty one holds up nobody."""
    try:
        store.transact(lambda tx: _bring(tx, sheets))
    except Exception:
        if len(sheets) > 1:
            return [key for each in sheets for key in _count(store, [each])]
        return [] if _keep(store, sheets[0]) else [sheets[0]]
    return []


def _keep(store: Store, sheet: Key) -> bool:
    try:
        store.transact(lambda tx: tx.put(BEHIND, keys.cash_behind(sheet), Behind(pk=sheet.pk, sk=sheet.sk)))
    except Exception:
        return False
    return True


def _bring(tx: Transaction, sheets: Sequence[Key]) -> None:
    """Replace what was counted of each sheet by what it is now, in the sums of its company."""
    tx.prefetch([key for sheet in sheets for key in (sheet, keys.sheet_cash(sheet))])
    moved: dict[str, dict[str, Money]] = {}
    for sheet in sheets:
        treasury, place = tx.get(TREASURY, sheet), keys.sheet_cash(sheet)
        now = expected(treasury, side_of(sheet, treasury)) if treasury else {}
        before = (tx.get(SHEET, place) or Counted()).flows
        if now == before:
            continue
        # Who counts the same sheet meanwhile, or changes it, makes this run again.
        tx.check(sheet)
        tx.put(SHEET, place, Counted(flows=now))
        for sign, flows in ((-1, before), (1, now)):
            for text, amount in flows.items():
                _add(moved.setdefault(amount.currency, {}), text, amount if sign > 0 else -amount)
    for currency, changes in moved.items():
        key = keys.cash(sheets[0].company, currency)
        flows = dict((tx.get(CASH, key) or Counted()).flows)
        for text, amount in changes.items():
            _add(flows, text, amount)
        tx.put(CASH, key, Counted(flows={text: amount for text, amount in flows.items() if amount}))


def _add(flows: dict[str, Money], text: str, amount: Money) -> None:
    known = flows.get(text)
    flows[text] = known + amount if known else amount


def count_again(store: Store) -> dict[str, int]:
    """Count every sheet that was kept, as it is now; for the schedule."""
    counts = {"counted_again": 0, "failed": 0}
    for record in store.due("CASH", 1):
        try:
            counts["counted_again"] += _settle(store, record.key)
        except DomainError:
            counts["failed"] += 1
    return counts


def _settle(store: Store, at: Key) -> bool:
    def settle(tx: Transaction) -> bool:
        behind = tx.require(BEHIND, at)
        if behind.settled:
            return False
        _bring(tx, [Key(behind.pk, behind.sk)])
        tx.put(BEHIND, at, behind.change(settled=True))
        return True

    return store.transact(settle, [at])


class ReadCashForecast(Query):
    """The cash to come in a currency, by week, in all and on each account, and the next trough (TRS-11).

    It begins from what the accounts' entries say. `offers` counts what customers have not confirmed yet too.
    """

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    currency: Currency = "EUR"
    weeks: Annotated[int, Field(ge=1, le=104)] = WEEKS
    offers: bool = False

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(CASH, keys.cash(ctx.company, self.currency))
        accounts = {each.account.iban: each for each in own_accounts(ctx) if each.currency == self.currency}
        found = [(Place.read(text), amount) for text, amount in stored.value.flows.items()] if stored else []
        flows = [_flow(place, amount, accounts) for place, amount in found if self.offers or not place.offered]
        balances = {account.id: account.balance for account in accounts.values()}
        return Reply.of(cash_forecast(balances, flows, ctx.today, self.currency, self.weeks))


def _flow(place: Place, amount: Money, accounts: dict[str, OwnAccountView]) -> WeeklyFlow:
    account = accounts.get(place.account)
    week = date.fromisoformat(place.week) if place.week else None
    return WeeklyFlow(week=week, account=account.id if account else None, amount=amount)
