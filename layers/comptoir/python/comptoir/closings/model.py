"""Closings as they are chained, kept and shown (FIS-03, RULES §3.3)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Exact
from comptoir.kernel.text import Label, Line
from comptoir.ledger.model import Head


class PeriodKind(StrEnum):
    """Days, months and fiscal years."""

    DAILY = "daily"
    MONTHLY = "monthly"
    ANNUAL = "annual"


class RateAmounts(Model):
    """The base and the VAT of one (category, rate), in the currency of their block."""

    category: Label
    rate: Exact
    base: Exact
    vat: Exact


class Sums(Model):
    """So many documents: without VAT, VAT, with VAT."""

    count: int
    net: Exact
    vat: Exact
    gross: Exact


class Amounts(Sums):
    """The same with VAT by rate."""

    rates: tuple[RateAmounts, ...]


class KindAmounts(Amounts):
    """Documents of one kind; amounts are positive, as documents keep them."""

    kind: Label


class PaymentAmounts(Model):
    """Payments of one kind and means, those of suppliers under kinds of their own; what goes out is negative."""

    kind: Label
    means: Label | None
    count: int
    amount: Exact


class Block(Model):
    """Everything in one currency. `balance` is the turnover, less what was credited, cancelled or replaced;

    `absolute` adds up whatever moved, `received` customers' payments less refunds, `moved` both without
    their sign.
    """

    currency: Currency
    kinds: tuple[KindAmounts, ...]
    balance: Amounts
    absolute: Sums
    payments: tuple[PaymentAmounts, ...]
    received: Exact
    moved: Exact


class Totals(Model):
    """Totals per currency, and in euro: documents at the rates frozen in them, payments those made in euro."""

    currencies: tuple[Block, ...]
    euro: Block


class Span(Model):
    """Which entries of a chain a closing counts: lowest and highest sequence, and how many."""

    first: int | None
    last: int | None
    count: int


class FiscalYear(Model):
    """A fiscal year, both days included."""

    start: date
    end: date


class Closing(Model):
    """One closing: the payload of its entry in the chain of closings.

    `period` are the totals of its days, `year` those of the fiscal year so far, `perpetual` those since first use,
    never reset. `heads` are those of all chains as they stood, whose tails can no longer be cut. In the closing of a
    day, `complete` tells up to which sequence every entry of a chain is counted. `operator` is absent when the clock
    closed.
    """

    format: int = 1
    company: Id
    company_name: Line
    siren: Label | None
    kind: PeriodKind
    name: Label
    start: date
    end: date
    closed_at: Label
    operator: Id | None
    operator_name: Line
    version: Label
    fiscal_year: FiscalYear
    spans: dict[str, Span]
    complete: dict[str, int]
    heads: tuple[Head, ...]
    previous_hash: Label
    period: Totals
    year: Totals
    perpetual: Totals


class ClosedPeriod(Model):
    """A closing where it is looked for, with its place in the chain of closings."""

    closing: Closing
    sequence: int
    hash: Label


class ClosingSummary(Model):
    """A closing in a list; amounts in euro."""

    kind: PeriodKind
    name: Label
    start: date
    end: date
    sequence: int
    closed_at: Label
    operator_name: Line
    documents: int
    net: Exact
    gross: Exact
    received: Exact
    perpetual: Exact


class Progress(Model):
    """How far the entries of a day are counted: what was found, and where each chain is read on from."""

    day: date
    since: date | None
    tally: str
    next: dict[str, int]
    complete: dict[str, int]
    settled: bool = False
