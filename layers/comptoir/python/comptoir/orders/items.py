"""How orders, their lines, treasury, quotes and confirmations lie in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from comptoir.access.context import Context
from comptoir.access.custom import facets
from comptoir.access.history import difference, record, save
from comptoir.catalogue.pricing import Totals
from comptoir.kernel.model import Model
from comptoir.orders.calculator import Calculator
from comptoir.orders.model import Chunk, ConfirmationAttempt, Order, OrderLine, OrderStatus, Quote, QuoteChunk
from comptoir.orders.purchase_order import PurchaseOrder
from comptoir.orders.rules import dates, expected_dates
from comptoir.orders.summary import OrderSummary
from comptoir.orders.supplier_model import Ordered, SupplierRequest, SupplierRequestSummary
from comptoir.store import keys
from comptoir.store.findable import Findable, alphabetical, exact, ordered, sortable
from comptoir.store.record import Index, Key, Kind
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import Dates, recompute

T = TypeVar("T")
CHUNK = 200
"""Lines per item: one changed line rewrites little, and 5,000 lines fit one transaction."""

_CHANGES = 300
"""Changed lines per history entry."""


class Numbering(Model):
    """The last number given in a plain numbering."""

    last: int


def summary(order: Order) -> OrderSummary:
    """An order as lists show it."""
    return OrderSummary.model_validate(order.picked(OrderSummary.model_fields))


OPEN = (OrderStatus.OFFER, OrderStatus.CONFIRMED)
CLOSED = "closed"
"""Where completed and cancelled orders are listed together, month by month; open ones are not cut by month."""


def _lane(order: Order) -> tuple[str, str | None]:
    """The list that holds an order: its status while it is open, then the month in which it was opened."""
    return (order.status.value, None) if order.status in OPEN else (CLOSED, f"{order.created_on:%Y-%m}")


def by_number(number: str) -> str:
    """The number of an order as texts are sorted."""
    return number.rpartition("-")[2].zfill(12)


def _index(company: str, order: Order) -> Mapping[int, Index]:
    """By status of the company and of the sales operator, by customer; each by date, then number (LOG-04)."""
    place, (lane, month) = f"{order.created_on}#{by_number(order.number)}", _lane(order)
    return {
        1: keys.by_status(company, None, lane, month, place),
        2: keys.by_party(company, order.customer, "ORDER", place),
        3: keys.by_status(company, order.sales_operator, lane, month, place),
    }


FOUND_ORDERS = "ORDERS"


def _findable(order: Order) -> Findable:
    """Number, customer and references; tags, custom fields, who carries it out, and the dates of milestones."""
    internal = order.confirmation.internal_reference if order.confirmation else None
    texts = [order.number, order.customer_name, order.customer_reference, internal]
    milestones = (ordered(f"milestone.{name}", day) for name, day in dates(order).items())
    own = [exact("logistics", order.logistics_operator), *facets(order.tags, order.custom)]
    lane, month = _lane(order)
    ranks = [
        f"{rank(name, lane, month, operator)}:{value(order)}"
        for operator in (None, order.sales_operator)
        for name, value in RANKS.items()
    ]
    return Findable.of(FOUND_ORDERS, order.number, texts, [*own, *milestones], ranks)


class Ranked(Protocol):
    """What the lists of orders are sorted by."""

    @property
    def customer_name(self) -> str: ...

    @property
    def totals(self) -> Totals: ...


RANKS: Mapping[str, Callable[[Ranked], str]] = {
    "customer": lambda order: alphabetical(order.customer_name),
    "amount": lambda order: f"{order.totals.net.currency}{sortable(order.totals.net.amount)}",
}
"""What orders are sorted by beside their date: amounts without VAT, by currency (LOG-04)."""


def rank(name: str, lane: str, month: str | None, operator: str | None) -> str:
    """The sorted list of a status, or of the closed orders of a month; of the company or of a sales operator."""
    return ".".join(part for part in (operator, lane, month, name) if part)


ORDER = Kind("order", Order, summarise=summary, index=_index, search=_findable)
LINES = Kind("order_lines", Chunk)
QUOTE = Kind("quote", Quote)
QUOTE_LINES = Kind("quote_lines", QuoteChunk)
ATTEMPT = Kind("confirmation", ConfirmationAttempt)
CALCULATOR = Kind("calculator", Calculator)
NUMBERING = Kind("numbering", Numbering)


def _supplier_summary(request: SupplierRequest) -> SupplierRequestSummary:
    return SupplierRequestSummary.model_validate(request.picked(SupplierRequestSummary.model_fields))


def _supplier_index(company: str, request: SupplierRequest) -> Mapping[int, Index]:
    """A request whose every product went to others is kept, but is no longer one of the supplier's."""
    return {2: keys.by_party(company, request.supplier, "PURCHASE", request.order)} if request.lines else {}


SUPPLIER = Kind("supplier_request", SupplierRequest, summarise=_supplier_summary, index=_supplier_index)
ORDERED = Kind("ordered", Ordered)
PURCHASE_ORDER = Kind("purchase_order", PurchaseOrder)
PURCHASE_ORDER_LINES = Kind("purchase_order_lines", QuoteChunk)


def chunks(lines: Sequence[T]) -> list[tuple[T, ...]]:
    """Lines in parts of at most 200."""
    return [tuple(lines[start : start + CHUNK]) for start in range(0, len(lines), CHUNK)]


def chunk_count(lines: int) -> int:
    """The number of chunks that hold so many lines."""
    return -(-lines // CHUNK)


def line_keys(company: str, order: Order) -> list[Key]:
    """The keys of the chunks that hold an order's lines."""
    return [keys.order_lines(company, order.id, number) for number in range(chunk_count(order.lines))]


def load_lines(tx: Transaction, company: str, order: Order) -> tuple[OrderLine, ...]:
    """Every line of an order, in one read."""
    wanted = line_keys(company, order)
    tx.prefetch(wanted)
    return tuple(line for key in wanted for line in tx.require(LINES, key).lines)


def read_lines(store: Store, company: str, order: Order) -> tuple[OrderLine, ...]:
    """Every line of an order, outside any transaction."""
    return load_lines(Transaction(store.backend), company, order)


def save_lines(
    tx: Transaction, ctx: Context, order: Order, before: Sequence[OrderLine], after: Sequence[OrderLine]
) -> None:
    """Write the chunks that changed, and the history of every line that did (ACC-06).

    Chunks that a shorter set leaves over are emptied, never deleted.
    """
    old, new = chunks(before), chunks(after)
    places = [keys.order_lines(ctx.company, order.id, number) for number in range(max(len(old), len(new)))]
    tx.prefetch(places)
    for number, key in enumerate(places):
        part = new[number] if number < len(new) else ()
        if number >= len(old) or old[number] != part:
            tx.put(LINES, key, Chunk(lines=part))
    changes = list(_line_changes(before, after).items())
    for start in range(0, len(changes), _CHANGES):
        record(tx, ctx, keys.order(ctx.company, order.id).pk, "lines_changed", dict(changes[start : start + _CHANGES]))


def _line_changes(before: Sequence[OrderLine], after: Sequence[OrderLine]) -> dict[str, object]:
    """What changed, line by line: only lines that did are turned into JSON, a new or lost one without its defaults."""
    old, new = {line.id: line for line in before}, {line.id: line for line in after}
    changes: dict[str, object] = {}
    for key in {**old, **new}:
        was, now = old.get(key), new.get(key)
        if was is not None and now is not None:
            if was != now:
                changes |= difference(was.model_dump(mode="json"), now.model_dump(mode="json"), f"/lines/{key}")
        else:
            changes[f"/lines/{key}"] = [
                line.model_dump(mode="json", exclude_defaults=True) if line else None for line in (was, now)
            ]
    kept_before, kept_after = [key for key in old if key in new], [key for key in new if key in old]
    if kept_before != kept_after:
        changes["/lines"] = "reordered"
    return changes


def save_treasury(tx: Transaction, ctx: Context, order: Order, event: str) -> None:
    """Recompute the open treasury lines of an order's requests from terms, milestones and totals (TRS-01)."""
    key = keys.order_treasury(ctx.company, order.id)
    before = tx.get(TREASURY, key) or Treasury()
    status = TreasuryStatus.FIRM if order.status is OrderStatus.CONFIRMED else TreasuryStatus.FORECAST
    lines = recompute(before.lines, order.terms, expected_dates(order), order.totals.gross, status, ctx.new_id)
    save(tx, ctx, TREASURY, key, before.change(lines=lines), event)

    def again(request: SupplierRequest, lines: Sequence[TreasuryLine]) -> tuple[TreasuryLine, ...]:
        known, gross = request_dates(order, request), request.totals.gross
        return recompute(lines, request.terms, known, gross, status, ctx.new_id)

    change_purchases(tx, ctx, order, f"supplier_{event}", again)


Lines = tuple[TreasuryLine, ...]


def end_treasury(
    tx: Transaction, ctx: Context, order: Order, event: str, left: Callable[[Sequence[TreasuryLine]], Lines]
) -> None:
    """Take away what the requests of an order that ends no longer expect: all but what is `left` (LOG-03)."""
    key = keys.order_treasury(ctx.company, order.id)
    before = tx.get(TREASURY, key) or Treasury()
    if left(before.lines) != before.lines:
        save(tx, ctx, TREASURY, key, before.change(lines=left(before.lines)), event)
    change_purchases(tx, ctx, order, f"supplier_{event}", lambda _, lines: left(lines))


def request_dates(order: Order, request: SupplierRequest) -> Dates:
    """The dates of a supplier request: those of the order, and its own where it has any."""
    own = {milestone.name: milestone.actual or milestone.forecast for milestone in request.milestones}
    return {**expected_dates(order), **{name: day for name, day in own.items() if day}}


def request_keys(company: str, order: Order, supplier: str) -> list[Key]:
    """What changes with a supplier request: the request, its treasury, and the year's total once confirmed."""
    found = [keys.supplier_request(company, order.id, supplier), keys.supplier_treasury(company, order.id, supplier)]
    done = order.confirmation
    return [*found, keys.ordered(company, supplier, done.date.year)] if done else found


def load_requests(tx: Transaction, company: str, order: Order) -> tuple[SupplierRequest, ...]:
    """The supplier requests of an order, with what changes along with them, in one read."""
    tx.prefetch([key for supplier in order.suppliers for key in request_keys(company, order, supplier)])
    return tuple(tx.require(SUPPLIER, keys.supplier_request(company, order.id, s)) for s in order.suppliers)


Change = Callable[[SupplierRequest, Sequence[TreasuryLine]], tuple[TreasuryLine, ...]]


def change_purchases(tx: Transaction, ctx: Context, order: Order, event: str, change: Change) -> None:
    """Change the treasury lines of every open supplier request, with one history entry for all (ACC-06)."""
    changes: dict[str, object] = {}
    for request in load_requests(tx, ctx.company, order):
        key = keys.supplier_treasury(ctx.company, order.id, request.supplier)
        before = tx.get(TREASURY, key) or Treasury()
        after = before.change(lines=change(request, before.lines)) if request.open else before
        if after != before:
            tx.put(TREASURY, key, after)
            old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
            changes |= difference(old, new, f"/suppliers/{request.supplier}/treasury")
    if changes:
        record(tx, ctx, keys.order(ctx.company, order.id).pk, event, changes)


def next_number(tx: Transaction, ctx: Context, prefix: str, counter: str = "orders") -> str:
    """The next number of a plain numbering, by default that of orders: `C-000123`."""
    key = keys.counter(ctx.company, counter)
    numbering = tx.get(NUMBERING, key)
    last = numbering.last + 1 if numbering else 1
    tx.put(NUMBERING, key, Numbering(last=last))
    return f"{prefix}{last:06d}"
