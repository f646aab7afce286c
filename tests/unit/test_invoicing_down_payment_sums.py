"""INV-13: down payments, intermediate and final invoices of an order are together worth it, per rate, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.access.queries import Listing
from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.invoicing.commands import InvoiceOrder
from comptoir.invoicing.down_payments import CreateDownPayment
from comptoir.invoicing.editing import DeleteDraft
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document, DocumentSummary
from comptoir.invoicing.queries import ListDocuments
from comptoir.invoicing.snapshot import InvoiceType
from comptoir.kernel.errors import DomainError
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.store import keys
from tests.unit.down_payment_support import ask, product, rows_of
from tests.unit.invoicing_support import Shop, attempt, back, open_shop


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


products = st.builds(
    product,
    quantity=st.integers(1, 40).map(str),
    price=decimals("0.01", "300", 2).map(str) | decimals("0", "0.9", 4).map(str),
    vat_rate=st.sampled_from([Decimal(20), Decimal(10), Decimal("5.5"), Decimal("2.1")]),
    discount_rate=st.sampled_from([Decimal(0), Decimal("7.5")]),
)
events = st.tuples(
    st.sampled_from(["percentage", "amount", "part", "part", "credit", "cancel", "delete"]),
    st.integers(0, 20),
    decimals("0.01", "1", 2),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(products, min_size=1, max_size=5), st.lists(events, max_size=10))
def test_inv_13_whatever_is_asked_before_the_final_invoice_makes_the_order(
    lines: list[LineInput], asked: list[tuple[str, int, Decimal]]
) -> None:
    """Through the commands and the writer: per rate, base and VAT, to the cent; treasury too."""
    shop = open_shop()
    order, sold = shop.confirmed(*lines)
    drafts: list[Document] = []
    for request in steps(shop, order, sold, asked, drafts):
        made = attempt(shop.world, request)
        if not isinstance(made, DomainError):
            drafts.append(Document.model_validate_json(made.body))
    issued(shop, drafts)
    last = attempt(shop.world, InvoiceOrder(order=order.id))
    if not isinstance(last, DomainError):
        issued(shop, [Document.model_validate_json(last.body)])
    documents = all_issued(shop)
    assert rows_of(*documents) == tuple(row for row in order.totals.rows if row.base or row.vat)
    final = [one for one in documents if one.deductions]
    assert all(one.due.amount >= 0 for one in final)
    money = [one for one in shop.of_order(order).lines if one.amount.amount > 0]
    credits = sum(one.totals.gross.amount for one in documents if one.credit_type)
    assert sum(one.amount.amount for one in money) == order.totals.gross.amount + credits


def steps(
    shop: Shop, order: Order, sold: tuple[OrderLine, ...], asked: list[tuple[str, int, Decimal]], drafts: list[Document]
) -> Iterator[Any]:
    """The requests that the events stand for, as far as there is something to ask."""
    for kind, number, part in asked:
        chosen = sold[number % len(sold)]
        left = chosen.quantity - shop.of_order(order).taken.get(chosen.id, Decimal(0))
        payments = [one for one in all_issued(shop) if one.invoice_type is InvoiceType.DOWN_PAYMENT]
        if kind == "percentage":
            yield CreateDownPayment(order=order.id, percentage=part * 40)
        elif kind == "amount":
            third = (order.totals.gross.amount * part / 3).quantize(Decimal("0.01"))
            yield CreateDownPayment(order=order.id, amount=third or Decimal("0.01"))
        elif kind == "part" and left > 1:
            yield InvoiceOrder(
                order=order.id, quantities=(ask(chosen, (left * part).quantize(Decimal("0.1")) or "0.1"),)
            )
        elif kind == "delete" and drafts:
            shop.do(DeleteDraft(document=drafts.pop(number % len(drafts)).id), if_match=1)
        elif payments:
            target = payments[number % len(payments)]
            if kind == "cancel":
                yield CancelInvoice(document=target.id, reason="Erreur")
            elif kind == "credit":
                amount = (target.totals.rows[0].base.amount * part).quantize(Decimal("0.01")) or Decimal("0.01")
                yield shop.credit_request(target, back(1, amount=str(amount)))
        if number % 3 == 0:
            issued(shop, drafts)


def issued(shop: Shop, drafts: list[Document]) -> None:
    if drafts:
        shop.issued(*drafts)
        drafts.clear()


def all_issued(shop: Shop) -> list[Document]:
    listed = shop.world.do(Listing[DocumentSummary], ListDocuments(limit=100)).items
    store, company = shop.world.services.store, shop.world.company
    return [store.require(DOCUMENT, keys.document(company, one.id)).value for one in listed]
