"""INV-01: drafts from orders and by direct entry, what they hold, and what they give back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.invoicing.commands import CreateInvoice, InvoiceOrder
from comptoir.invoicing.drafting import NotDraft, NotInvoiceable
from comptoir.invoicing.editing import DeleteDraft, UpdateDraft
from comptoir.invoicing.model import DirectLine, DocumentStatus, OrderQuantity
from comptoir.invoicing.queries import ReadInvoice
from comptoir.invoicing.validation import ValidateInvoice
from comptoir.kernel.errors import Forbidden, NotFound, PreconditionRequired, Refused, VersionMismatch
from comptoir.orders.items import ORDER
from comptoir.orders.model import LineInput, Order, OrderLine, OrderStatus
from comptoir.parties.model import Party, PartyKind
from comptoir.store import keys
from comptoir.store.backend import Operation
from comptoir.treasury.model import TreasuryStatus
from tests.unit.invoicing_support import TERMS, Shop, attempt, line, open_shop, wrap
from tests.unit.orders_support import customer_request
from tests.world import another_company


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def order(shop: Shop) -> tuple[Order, tuple[OrderLine, ...]]:
    """A confirmed order of 10 × 12.50, 3 × 0.333333 and a free line."""
    return shop.confirmed(
        LineInput(designation="Bouée", quantity=Decimal(10), unit_price=Decimal("12.5")),
        LineInput(designation="Vis", quantity=Decimal(3), unit_price=Decimal("0.333333"), vat_rate=Decimal("5.5")),
        LineInput(designation="Cadeau", quantity=Decimal(1), free=True),
    )


def ask(line: OrderLine, quantity: str) -> OrderQuantity:
    return OrderQuantity(line=line.id, quantity=Decimal(quantity))


def held(shop: Shop, order: Order) -> dict[str, Decimal]:
    return dict(shop.of_order(order).taken)


def test_inv_01_a_draft_of_a_whole_order_copies_it_and_has_no_number(
    shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    head, lines = order
    draft = shop.invoice_order(head, delivery_date=date(2026, 11, 20))
    assert (draft.status, draft.number, draft.sequence) == (DocumentStatus.DRAFT, None, None)
    assert [one.priced.net.amount for one in draft.lines] == [Decimal("125.00"), Decimal("1.00"), Decimal("0.00")]
    assert [one.source for one in draft.lines] == [one.id for one in lines]
    assert (draft.order, draft.order_number, draft.customer) == (head.id, head.number, head.customer)
    assert draft.totals == head.totals
    assert draft.terms == head.terms
    assert held(shop, head) == {one.id: one.quantity for one in lines}
    assert shop.refused(InvoiceOrder(order=head.id)) == ["nothing_to_invoice"]


def test_inv_01_part_of_the_quantities_then_all_that_remains(
    shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    head, lines = order
    first = shop.invoice_order(head, quantities=(ask(lines[1], "1"), ask(lines[0], "2.5")))
    assert [(one.priced.position, one.priced.quantity) for one in first.lines] == [(1, Decimal("2.5")), (2, Decimal(1))]
    rest = shop.invoice_order(head)
    assert [one.priced.quantity for one in rest.lines] == [Decimal("7.5"), Decimal(2), Decimal(1)]


def test_inv_01_more_than_remains_is_refused_line_by_line_with_what_remains(
    shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    head, lines = order
    shop.invoice_order(head, quantities=(ask(lines[0], "4"),))
    before = held(shop, head)
    asked = (ask(lines[0], "6.0001"), ask(lines[1], "1"), ask(lines[1], "2"), ask(lines[2], "1"))
    unknown = OrderQuantity(line=head.id, quantity=Decimal(1))
    refused = attempt(shop.world, InvoiceOrder(order=head.id, quantities=(*asked, unknown)))
    assert isinstance(refused, Refused)
    found = [(breach.code, breach.pointer) for breach in refused.breaches]
    assert found == [
        ("quantity_exceeded", "/quantities/0/quantity"),
        ("duplicate_line", "/quantities/2/line"),
        ("unknown_line", "/quantities/4/line"),
    ]
    assert "Il reste 6 à facturer" in refused.breaches[0].fr
    assert held(shop, head) == before


def test_inv_01_only_a_confirmed_order_is_invoiced(shop: Shop) -> None:
    offer, _ = shop.desk.offer("100.00")
    with pytest.raises(NotInvoiceable):
        shop.invoice_order(offer)
    with pytest.raises(NotFound):
        shop.do(InvoiceOrder(order=shop.customer.id))


def test_inv_01_two_drafts_that_race_for_the_same_remainder_share_it(
    shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    """Eight threads ask for 3 of the 10 that remain: three of them get it, whatever the order."""
    head, lines = order
    request = InvoiceOrder(order=head.id, quantities=(ask(lines[0], "3"),))
    barrier, results = threading.Barrier(8), []

    def race() -> None:
        barrier.wait()
        results.append(attempt(shop.world, request))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [result for result in results if isinstance(result, Exception)]
    assert [breach.code for error in refused for breach in getattr(error, "breaches", ())] == ["quantity_exceeded"] * 5
    assert held(shop, head) == {lines[0].id: Decimal(9)}


def test_inv_01_direct_entry_prices_lines_and_takes_the_customer_s_language(shop: Shop) -> None:
    draft = shop.draft(line("33.333333", "3", discount_rate=Decimal(10)), line("5", rate="5.5"), line(free=True))
    assert [one.priced.net.amount for one in draft.lines] == [Decimal("90.00"), Decimal("5.00"), Decimal("0.00")]
    assert (draft.totals.net.amount, draft.totals.vat.amount) == (Decimal("95.00"), Decimal("18.28"))
    assert draft.language == shop.customer.language
    assert [one.priced.position for one in draft.lines] == [1, 2, 3]


def test_inv_01_direct_entry_is_for_a_known_customer_and_amounts_that_exist(shop: Shop) -> None:
    supplier = shop.world.do(Party, customer_request(code="CHANTIER", kinds=(PartyKind.SUPPLIER,)))
    for customer in (supplier.id, shop.world.operators["manager"]):
        error = attempt(shop.world, direct(shop, line(), customer=customer))
        assert [breach.code for breach in getattr(error, "breaches", ())] == ["unknown_customer"]
    huge = attempt(shop.world, direct(shop, line(), line("999999999999", "999999999999")))
    assert [(b.code, b.pointer) for b in getattr(huge, "breaches", ())] == [
        ("amount_out_of_range", "/lines/1/quantity")
    ]


def test_inv_01_what_is_entered_beside_the_lines_can_be_changed(shop: Shop) -> None:
    draft = shop.draft()
    changed = shop.do(
        UpdateDraft(document=draft.id, note="Livré en deux fois", wanted_date=date(2026, 11, 20)), if_match=1
    )
    assert (changed.note, changed.wanted_date) == ("Livré en deux fois", date(2026, 11, 20))
    assert (changed.lines, changed.totals) == (draft.lines, draft.totals)
    assert shop.refused(UpdateDraft(document=draft.id, reason="Motif"), if_match=2) == ["reason_of_credit_note"]
    with pytest.raises(VersionMismatch):
        shop.do(UpdateDraft(document=draft.id), if_match=1)
    with pytest.raises(PreconditionRequired):
        shop.do(UpdateDraft(document=draft.id))


def test_inv_01_a_deleted_draft_gives_back_what_it_held_and_is_unknown(
    shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    head, lines = order
    kept = shop.invoice_order(head, quantities=(ask(lines[0], "4"),))
    gone = shop.invoice_order(head)
    shop.do(DeleteDraft(document=gone.id), if_match=1)
    assert held(shop, head) == {lines[0].id: Decimal(4)}
    for request in (DeleteDraft(document=gone.id), UpdateDraft(document=gone.id), ValidateInvoice(document=gone.id)):
        with pytest.raises(NotFound):
            shop.do(request, if_match=2)
    with pytest.raises(NotFound):
        shop.world.execute_as("manager", ReadInvoice(document=gone.id))
    assert [one.priced.quantity for one in shop.invoice_order(head).lines] == [Decimal(6), Decimal(3), Decimal(1)]
    assert shop.read(kept).status is DocumentStatus.DRAFT


def test_inv_01_two_deletions_at_once_give_back_once(shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]) -> None:
    head, _ = order
    gone = shop.invoice_order(head)
    barrier, results = threading.Barrier(4), []

    def race() -> None:
        barrier.wait()
        results.append(attempt(shop.world, DeleteDraft(document=gone.id), if_match=1))

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, NotFound | VersionMismatch) for result in results) == 3
    assert held(shop, head) == {}


def test_inv_07_an_issued_document_is_neither_changed_nor_deleted(shop: Shop) -> None:
    invoice = shop.invoice()
    for request in (UpdateDraft(document=invoice.id, note="x"), DeleteDraft(document=invoice.id)):
        with pytest.raises(NotDraft):
            shop.do(request, "administrator", if_match=shop.version(invoice))


def test_acc_02_drafting_needs_its_permission_and_no_more(shop: Shop) -> None:
    """CRN-05: an assistant drafts; an accountant only reads."""
    request = direct(shop, line())
    assert shop.do(request, "assistant").status is DocumentStatus.DRAFT
    with pytest.raises(Forbidden):
        shop.do(request, "accountant")


def test_inv_02_an_order_s_invoices_move_its_treasury_and_leave_the_rest_firm(
    shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    head, lines = order
    shop.issued(shop.invoice_order(head, quantities=(ask(lines[0], "4"),)))
    moved = shop.of_order(head).lines
    by_status = {status: Decimal(0) for status in (TreasuryStatus.FIRM, TreasuryStatus.INVOICED)}
    for one in moved:
        by_status[one.status] += one.amount.amount
    assert by_status[TreasuryStatus.INVOICED] == Decimal("60.00")
    assert sum(by_status.values()) == head.totals.gross.amount


def test_acc_05_another_company_s_documents_are_unknown(shop: Shop) -> None:
    draft, other = shop.draft(), another_company(shop.world)
    for request in (ReadInvoice(document=draft.id), UpdateDraft(document=draft.id), DeleteDraft(document=draft.id)):
        with pytest.raises(NotFound):
            other.execute_as("administrator", request, 1)


def direct(shop: Shop, *lines: DirectLine, **fields: Any) -> CreateInvoice:
    """The request for a directly entered invoice."""
    return CreateInvoice(**({"customer": shop.customer.id, "terms": TERMS, "lines": lines} | fields))


def test_inv_01_an_order_that_changes_while_it_is_drafted_is_read_again(
    shop: Shop, order: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    """Its confirmation is undone in between: nothing is drafted of an offer."""
    head, _ = order
    store, key, done = shop.world.services.store, keys.order(shop.world.company, head.id), list[bool]()

    def undo(operations: Sequence[Operation]) -> None:
        if not done:
            done.append(True)
            store.transact(lambda tx: tx.put(ORDER, key, tx.require(ORDER, key).change(status=OrderStatus.OFFER)))

    wrap(shop, undo)
    with pytest.raises(NotInvoiceable):
        shop.invoice_order(head)
    assert held(shop, head) == {}
