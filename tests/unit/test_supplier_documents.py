"""Supplier invoices and credit notes: recorded once, their money expected, differences shown (SUP-03, CRN-13)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.access.context import Context
from comptoir.access.execute import Reply, Request
from comptoir.access.queries import Listing
from comptoir.catalogue.pricing import VatCategory, VatRow
from comptoir.kernel.errors import DomainError, Forbidden, Refused
from comptoir.kernel.money import Money
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.orders.following import SetMilestone
from comptoir.orders.milestones import RECEIPT
from comptoir.parties.model import Party
from comptoir.purchasing.commands import RecordSupplierInvoice
from comptoir.purchasing.model import DueFields, SupplierDocument, SupplierDocumentSummary, SupplierStatus
from comptoir.purchasing.queries import ListOwed, ListPartySupplierDocuments, ListSupplierDocuments
from comptoir.purchasing.rules import dues, priced, summed
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import OpenRequest
from tests.unit.purchasing_support import TODAY, Office, amounts, item, open_office
from tests.unit.suppliers_support import HALVES


@pytest.fixture
def office() -> Office:
    return open_office()


def codes(office: Office, request: Request) -> list[str]:
    """The codes of everything that is wrong with a request."""
    with pytest.raises(Refused) as caught:
        office.world.execute_as("purchasing", request)
    return [breach.code for breach in caught.value.breaches]


def error(office: Office, request: Request) -> str:
    """The code of the error that a request meets."""
    with pytest.raises(DomainError) as caught:
        office.world.execute_as("purchasing", request)
    return caught.value.code


def test_an_invoice_on_its_own_is_owed_as_its_terms_say(office: Office) -> None:
    """SUP-03: recorded with the due dates that it tells."""
    invoice = office.record(dues=(DueFields(due_date=date(2026, 12, 20), amount=Money.of("120.00", "EUR")),))
    assert (invoice.totals.gross.amount, invoice.sequence, invoice.booked_on) == (Decimal("120.00"), 1, TODAY)
    [line] = office.sheet(invoice).lines
    assert (line.status.value, line.amount.amount, line.forecast_date) == (
        "invoiced",
        Decimal("120.00"),
        date(2026, 12, 20),
    )
    assert office.view(invoice).settlement.open == Money.of("120.00", "EUR")


def test_an_invoice_of_a_request_takes_its_expected_lines(office: Office) -> None:
    """CNF-05, SUP-03: firm lines of the supplier request become invoiced; the total stays."""
    order, _ = office.confirmed()
    before = office.treasury(order, office.france)
    invoice = office.record(*office.lines_of(order, office.france), order=order.id)
    after = office.sheet(invoice)
    assert sum(line.amount.amount for line in after.lines) == sum(line.amount.amount for line in before.lines)
    assert {line.status.value for line in after.lines} == {"invoiced"}
    assert invoice.differences == ()


def test_differences_with_the_order_are_shown_not_refused(office: Office) -> None:
    """SUP-03: three-way: price, quantity, products that were not ordered."""
    order, _ = office.confirmed()
    lines = office.lines_of(order, office.france, "26.00")
    more = lines[0].change(quantity=Decimal(6))
    invoice = office.record(more, item("9.90"), order=order.id)
    assert [(each.code, each.line) for each in invoice.differences] == [
        ("price_differs", 1),
        ("over_invoiced", 1),
        ("not_ordered", 2),
    ]
    again = office.record(lines[0].change(quantity=Decimal(1)), order=order.id, number="F-2")
    assert "over_invoiced" in [each.code for each in again.differences]


def test_sup_03_goods_that_are_invoiced_and_have_not_come_are_told_until_they_have(office: Office) -> None:
    """Receipts as far as they exist: the milestone of a request, the receipt of a purchase; no services."""

    def told(document: SupplierDocument) -> list[str]:
        return [each.code for each in office.view(document).differences]

    order, _ = office.confirmed()
    invoice = office.record(*office.lines_of(order, office.france), order=order.id)
    assert told(invoice) == ["goods_not_received"]
    assert told(office.record(number="F-2")) == []
    milestone = SetMilestone(order=order.id, milestone=RECEIPT, actual=TODAY)
    office.world.execute_as("manager", milestone, office.order_version(order))
    assert told(invoice) == []


@pytest.mark.parametrize("number", ["F-1", "F-1 ", "f-1"])
def test_a_number_of_a_seller_and_year_is_recorded_once(office: Office, number: str) -> None:
    """RULES §8: duplicates are found on seller, number and year."""
    office.record()
    assert error(office, office.asked(number=number)) == "already_recorded"
    office.record(number="F-1", issue_date=date(2025, 11, 21))
    office.record(supplier=office.china.id, currency="USD")


def test_two_who_record_one_invoice_at_once_record_it_once(office: Office) -> None:
    """The number is held by an item of its own: whoever comes second is told."""
    from concurrent.futures import ThreadPoolExecutor

    def attempt(_: int) -> str:
        try:
            office.world.execute_as("purchasing", office.asked())
        except DomainError as refused:
            return refused.code
        return "recorded"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(attempt, range(8)))
    assert outcomes == ["already_recorded"] * 7 + ["recorded"]


def test_one_request_sent_again_before_it_is_answered_is_answered_alike(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SUP-03: the second run of one Idempotency-Key meets the number that the first took, and is no duplicate."""
    replies, recorded = [], RecordSupplierInvoice.run

    def send(request: Request) -> None:
        replies.append(office.world.execute_as("purchasing", request, idempotency_key="key-of-one-request"))

    def meanwhile(self: RecordSupplierInvoice, tx: Transaction, ctx: Context) -> Reply:
        monkeypatch.setattr(RecordSupplierInvoice, "run", recorded)
        send(self)
        return recorded(self, tx, ctx)

    monkeypatch.setattr(RecordSupplierInvoice, "run", meanwhile)
    send(office.asked())
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].body == replies[1].body
    with pytest.raises(DomainError, match="idempotency_key_reused"):
        send(office.asked(number="F-2"))
    with pytest.raises(DomainError, match="already_recorded"):
        office.record()


def test_vat_is_what_the_document_says_within_five_cents(office: Office) -> None:
    """Suppliers round line by line; what lies further away is told with both figures."""
    base = Money.of("100.00", "EUR")

    def row(vat: str) -> VatRow:
        return VatRow(category=VatCategory.STANDARD, rate=Decimal(20), base=base, vat=Money.of(vat, "EUR"))

    assert office.record(vat=(row("20.05"),)).totals.gross.amount == Decimal("120.05")
    assert codes(office, office.asked(number="F-2", vat=(row("20.06"),))) == ["vat_differs"]
    assert codes(office, office.asked(item("100", vat_rate="10"), number="F-3", vat=(row("20.00"),))) == [
        "vat_differs",
        "vat_differs",
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"issue_date": date(2026, 11, 22)}, "date_future"),
        ({"supplier": "01KASXPZ5CF1A3H9QJ4M7R2W8T"}, "unknown_supplier"),
        ({"order": "01KASXPZ5CF1A3H9QJ4M7R2W8T"}, "unknown_request"),
        ({"file": "01KASXPZ5CF1A3H9QJ4M7R2W8T"}, "unknown_file"),
        ({"dues": (DueFields(due_date=TODAY, amount=Money.of("1.00", "EUR")),)}, "dues_differ"),
        ({"dues": (DueFields(due_date=TODAY, amount=Money.of("120.00", "USD")),)}, "other_currency"),
    ],
)
def test_what_cannot_be_recorded_is_told(office: Office, fields: dict[str, Any], code: str) -> None:
    assert codes(office, office.asked(**fields)) == [code]


def test_a_negative_due_amount_is_told_at_its_place(office: Office) -> None:
    """SUP-03: -20.00 and 140.00 add up to the invoice, and no line can owe -20.00."""
    both = tuple(DueFields(due_date=TODAY, amount=Money.of(amount, "EUR")) for amount in ("140.00", "-20.00"))
    with pytest.raises(Refused) as caught:
        office.record(dues=both)
    assert [(each.code, each.pointer) for each in caught.value.breaches] == [("due_negative", "/dues/1/amount")]


def test_a_document_of_less_than_nothing_is_told_to_be_the_other_kind(office: Office) -> None:
    """SUP-03, CRN-13: the net that a line says may be a rebate, not more than the rest."""
    rebate = item("5.00", net=Money.of("-5.00", "EUR"))
    assert codes(office, office.asked(rebate)) == ["total_negative"]
    invoice = office.record(item("100.00"), rebate)
    assert invoice.totals.net == Money.of("95.00", "EUR")
    with pytest.raises(Refused, match="total_negative"):
        office.credit(invoice, rebate)


def test_an_invoice_of_an_offer_waits_for_its_confirmation(office: Office) -> None:
    """CNF-05: supplier invoices can be recorded afterwards."""
    order, _ = office.offer()
    asked = office.asked(*office.lines_of(order, office.france), order=order.id)
    assert codes(office, asked) == ["order_not_confirmed"]


def test_a_credit_note_takes_at_most_what_remains(office: Office) -> None:
    """CRN-13, CRN-01: drafts apart, the mirror of ours; its line waits to be deducted."""
    invoice = office.record()
    note = office.credit(invoice, item("60.00"))
    assert ("credit_to_deduct", Decimal("-72.00")) in amounts(office.sheet(note))
    with pytest.raises(Refused, match="credit_exceeds_invoice"):
        office.credit(invoice, item("50.00"), number="A-2")
    office.credit(invoice, item("40.00"), number="A-3")
    assert office.view(invoice).settlement.credited == Money.of("120.00", "EUR")


def test_cancelling_takes_everything_back(office: Office) -> None:
    """CRN-13: a recorded document can be cancelled; its number is free, its money as before."""
    order, _ = office.confirmed()
    before = office.treasury(order, office.france)
    lines = office.lines_of(order, office.france)
    cancelled = office.cancel(office.record(*lines, order=order.id))
    assert (cancelled.status, cancelled.cancelled_sequence) == (SupplierStatus.CANCELLED, 2)
    after = office.treasury(order, office.france)
    assert {line.status.value for line in after.lines} == {"firm"}
    assert sum(line.amount.amount for line in after.lines) == sum(line.amount.amount for line in before.lines)
    again = office.record(*lines, order=order.id)
    assert again.differences == ()
    note = office.credit(again, item("10.00"))
    with pytest.raises(Refused, match="invoice_credited"):
        office.cancel(again)
    office.cancel(note)
    office.cancel(again)
    with pytest.raises(DomainError, match="cancelled"):
        office.cancel(again)


def test_what_is_dated_in_a_closed_period_is_booked_on_the_first_open_day(office: Office) -> None:
    """FIS-03: nothing enters a closed period; a late invoice is booked when it comes to light."""
    store, key = office.world.services.store, keys.periods(office.world.company)
    store.transact(lambda tx: tx.put(PERIODS, key, Periods(through=date(2026, 11, 18))))
    invoice = office.record(issue_date=date(2026, 11, 2))
    assert (invoice.issue_date, invoice.booked_on) == (date(2026, 11, 2), date(2026, 11, 19))


def test_lists_by_month_and_supplier_and_what_is_owed(office: Office) -> None:
    """PTY-04, SUP-01: history per supplier."""
    invoice = office.record()
    note = office.credit(invoice)
    for request in (ListSupplierDocuments(), ListPartySupplierDocuments(party=office.france.id)):
        listed = office.world.do(Listing[SupplierDocumentSummary], request, "accountant").items
        assert [each.id for each in listed] == [note.id, invoice.id]
        assert [each.gross.amount for each in listed] == [Decimal("-12.00"), Decimal("120.00")]
    [owed] = office.world.do(Listing[OpenRequest], ListOwed(party=office.france.id), "accountant").items
    assert [each.number for each in owed.due] == ["F-1"]
    with pytest.raises(Forbidden):
        office.world.execute_as("accountant", office.asked(number="F-9"))


_LINES = st.lists(
    st.tuples(st.decimals("0.01", "9999", places=2), st.integers(1, 50), st.sampled_from(["20", "10", "5.5", "0"])),
    min_size=1,
    max_size=20,
)


@given(lines=_LINES)
def test_what_is_due_is_what_is_invoiced_to_the_cent(lines: list[tuple[Decimal, int, str]]) -> None:
    """Money: totals from lines, due amounts from totals, nothing lost."""
    supplier = Party.model_validate(
        {"id": "01KASXPZ5CF1A3H9QJ4M7R2W8T", "code": "S", "name": "S", "kinds": ["supplier"], "address": {}}
    )
    fields = [item(str(price), quantity=str(quantity), vat_rate=rate) for price, quantity, rate in lines]
    whole, wrong = summed(priced(fields, supplier, "EUR"), "EUR", ())
    asks, off = dues(None, HALVES[1:], {}, whole.gross, TODAY, supplier.language)
    assert not wrong
    assert not off
    assert sum(each.amount.amount for each in asks) == whole.gross.amount
