"""INV-01, INV-13: the part invoices of an order are together worth the order, per line and per rate, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.catalogue.pricing import VatCategory, VatRow, totals
from comptoir.invoicing.balances import Billing
from comptoir.invoicing.billing import billed, billing_moved, quantities_moved
from comptoir.invoicing.commands import InvoiceOrder
from comptoir.invoicing.drafts import from_order
from comptoir.invoicing.editing import DeleteDraft, SetDraftQuantities
from comptoir.invoicing.items import BILLING
from comptoir.invoicing.model import Document, OrderQuantity
from comptoir.invoicing.shares import rests, rows_moved
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money
from comptoir.orders.margins import computed
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.store import keys
from tests.unit.invoicing_support import Shop, open_shop
from tests.unit.test_orders_incoterms import BY_LINE, CFR
from tests.unit.test_orders_rules import order as an_order

IDS = SequentialIds(900_000)


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


prices = decimals("0", "500", 2) | decimals("0", "0.2", 3) | decimals("0", "90", 6)
products = st.fixed_dictionaries(
    {
        "quantity": st.integers(1, 60).map(Decimal) | decimals("0.0001", "50", 4),
        "unit_price": prices,
        "transport_price": st.just(Decimal(0)) | prices,
        "vat_rate": st.sampled_from([Decimal(20), Decimal("5.5"), Decimal("2.1"), Decimal(0)]),
        "discount_rate": st.sampled_from([Decimal(0), Decimal("7.5"), Decimal("33.3333"), Decimal(100)]),
        "free": st.sampled_from([False, False, False, True]),
    }
)
steps = st.tuples(st.sampled_from(["part", "part", "delete"]), st.integers(0, 9), decimals("0", "1", 3))


class Account:
    """An order and its invoices, as the commands keep them."""

    def __init__(self, fields: Sequence[dict[str, Any]]) -> None:
        given = [one | ({"transport_price": Decimal(0)} if one["free"] else {}) for one in fields]
        self.lines = [OrderLine.model_validate(one | {"id": IDS.new(), "designation": "Fût"}) for one in given]
        self.order: Order = computed(an_order(**CFR, transport=BY_LINE), self.lines)
        self.taken: dict[str, Decimal] = {}
        self.billing = Billing()
        self.invoices: list[Document] = []

    def left(self, line: OrderLine) -> Decimal:
        return line.quantity - self.taken.get(line.id, Decimal(0))

    def invoice(self, wanted: Sequence[OrderQuantity] | None) -> None:
        lines = from_order(self.order, self.lines, self.taken, self.billing, wanted)
        summed = billed(self.order, self.billing, lines, final=True)
        assert min(one.priced.net.amount for one in lines) >= 0
        assert min(row.vat.amount for row in summed.rows) >= 0
        self.invoices.append(self.blank().change(lines=lines, totals=summed))
        self._move(self.invoices[-1], 1)

    def blank(self) -> Document:
        """A draft of nothing."""
        told = {name: getattr(self.order, name) for name in ("customer", "customer_name", "language", "currency")}
        return Document(
            id=IDS.new(),
            kind=DocumentKind.INVOICE,
            totals=totals((), self.order.currency),
            created_on=self.order.created_on,
            **told,
        )

    def delete(self, number: int) -> None:
        self._move(self.invoices.pop(number % len(self.invoices)), -1)

    def _move(self, invoice: Document, sign: int) -> None:
        self.taken = quantities_moved(self.taken, invoice.lines, sign)
        self.billing = billing_moved(self.billing, invoice, sign)

    def rows(self) -> dict[Any, tuple[Money, Money]]:
        """What all invoices charge of each rate."""
        found: dict[Any, tuple[Money, Money]] = {}
        zero = Money.zero(self.order.currency)
        for invoice in self.invoices:
            for row in invoice.totals.rows:
                base, vat = found.get((row.category, row.rate), (zero, zero))
                found[(row.category, row.rate)] = (base + row.base, vat + row.vat)
        return found


def charged(rows: Sequence[VatRow]) -> dict[Any, tuple[Money, Money]]:
    return {(row.category, row.rate): (row.base, row.vat) for row in rows}


@settings(max_examples=200, deadline=None)
@given(st.lists(products, min_size=1, max_size=6), st.lists(steps, max_size=12))
def test_inv_13_whatever_is_drafted_and_deleted_the_last_invoice_makes_the_order(
    fields: list[dict[str, Any]], asked: list[tuple[str, int, Decimal]]
) -> None:
    account = Account(fields)
    for kind, index, part in asked:
        line = account.lines[index % len(account.lines)]
        quantity = (account.left(line) * part).quantize(Decimal("0.0001"))
        if kind == "delete" and account.invoices:
            account.delete(index)
        elif kind == "part" and 0 < quantity <= account.left(line):
            account.invoice((OrderQuantity(line=line.id, quantity=quantity),))
    if any(map(account.left, account.lines)):
        account.invoice(None)
    assert account.rows() == charged(account.order.totals.rows)
    for line in account.lines:
        sold = [one.priced for invoice in account.invoices for one in invoice.lines if one.source == line.id]
        whole = from_order(account.order, [line], {}, Billing(), None)
        nets = sorted(one.priced.net.amount for one in whole)
        goods = sum((one.net.amount for one in sold if one.transport_of is None), Decimal(0))
        carriage = sum((one.net.amount for one in sold if one.transport_of is not None), Decimal(0))
        assert goods + carriage == sum(nets)
        assert account.billing.nets.get(line.id, Decimal(0)) == goods
    while account.invoices:
        account.delete(0)
    assert (account.taken, account.billing) == ({}, Billing())


def test_inv_13_rounding_one_by_one_would_miss_the_order() -> None:
    """Sixty lines of 2 × 0.333 in two invoices: 60 cents that nobody would ever ask for."""
    fields = {"quantity": Decimal(2), "unit_price": Decimal("0.333"), "vat_rate": Decimal(20), "free": False}
    account = Account([fields] * 60)
    account.invoice([OrderQuantity(line=line.id, quantity=Decimal(1)) for line in account.lines])
    account.invoice(None)
    [first, second] = [invoice.totals.net.amount for invoice in account.invoices]
    assert (first, second, account.order.totals.net.amount) == (Decimal("19.80"), Decimal("20.40"), Decimal("40.20"))
    assert account.rows() == charged(account.order.totals.rows)


def product(quantity: str, price: str, **fields: Any) -> LineInput:
    given = {"designation": "Bouée", "quantity": Decimal(quantity), "unit_price": Decimal(price)}
    return LineInput.model_validate(given | fields)


def ask(line: OrderLine, quantity: str) -> OrderQuantity:
    return OrderQuantity(line=line.id, quantity=Decimal(quantity))


def billing(shop: Shop, order: Order) -> Billing:
    return shop.world.services.store.require(BILLING, keys.order_billing(shop.world.company, order.id)).value


def test_inv_01_quantities_of_a_draft_change_within_what_remains_beside_it() -> None:
    shop = open_shop()
    order, (buoys, screws) = shop.confirmed(product("10", "12.5"), product("3", "0.335", vat_rate=Decimal("5.5")))
    kept = shop.invoice_order(order, quantities=(ask(buoys, "4"), ask(screws, "1")))
    draft = shop.invoice_order(order)
    assert shop.refused(SetDraftQuantities(document=draft.id, quantities=(ask(buoys, "6.1"),)), if_match=1) == [
        "quantity_exceeded"
    ]
    changed = shop.do(SetDraftQuantities(document=draft.id, quantities=(ask(buoys, "2"),)), if_match=1)
    assert [(one.priced.quantity, one.source) for one in changed.lines] == [(Decimal(2), buoys.id)]
    assert dict(shop.of_order(order).taken) == {buoys.id: Decimal(6), screws.id: Decimal(1)}
    whole = shop.do(SetDraftQuantities(document=draft.id), if_match=2)
    assert [one.priced.quantity for one in whole.lines] == [Decimal(6), Decimal(2)]
    assert kept.totals.net + whole.totals.net == order.totals.net
    assert kept.totals.gross + whole.totals.gross == order.totals.gross
    assert billing(shop, order).rows == order.totals.rows
    for one in (kept, whole):
        shop.do(DeleteDraft(document=one.id), if_match=shop.version(one))
    assert billing(shop, order) == Billing()
    assert dict(shop.of_order(order).taken) == {}


def test_inv_13_transport_told_apart_is_exact_too() -> None:
    shop = open_shop()
    goods = product("7", "8.004", transport_price=Decimal("2.004"))
    order, (line,) = shop.confirmed(goods, **CFR, transport=BY_LINE)
    parts = [shop.invoice_order(order, quantities=(ask(line, quantity),)) for quantity in ("1", "2", "3")]
    parts.append(shop.do(InvoiceOrder(order=order.id)))
    for kind in (None, 1):
        nets = [one.priced.net.amount for part in parts for one in part.lines if one.priced.transport_of == kind]
        assert sum(nets) == {None: Decimal("56.03"), 1: Decimal("14.03")}[kind]
    issued = shop.issued(*parts)
    assert [one.sources for one in issued] == [(line.id, line.id)] * 4


def test_inv_13_a_rate_of_nothing_is_one_whatever_it_is_called() -> None:
    """A sale without VAT may become an export between two of its invoices: the amounts stay those of the rate."""
    zero, export, exempt = (VatCategory.ZERO, VatCategory.EXPORT, VatCategory.EXEMPT)

    def row(category: VatCategory, base: str) -> VatRow:
        return VatRow(category=category, rate=Decimal(0), base=Money.of(base, "EUR"), vat=Money.zero("EUR"))

    [(key, left)] = rests([row(zero, "100")], [row(export, "30")]).items()
    assert (key, left.base.amount) == ((zero, Decimal(0)), Decimal("70.00"))
    assert rows_moved([row(zero, "70")], [row(export, "70")], -1) == ()
    held = rows_moved(rows_moved((), [row(export, "5")], 1), [row(exempt, "3")], 1)
    assert [one.category for one in held] == [export, exempt]
    assert [one.base.amount for one in rests([row(export, "9"), row(exempt, "9")], held).values()] == [4, 6]
