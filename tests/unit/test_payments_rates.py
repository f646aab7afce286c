"""Exchange rates set and certified on treasury lines: TRS-05, CRN-07."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.execute import Request
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.model import Document
from comptoir.invoicing.queries import ReadInvoiceHistory
from comptoir.kernel.errors import Forbidden, VersionMismatch
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.ids import derived_id
from comptoir.orders.model import LineInput
from comptoir.payments.queries import ReadInvoiceTreasury
from comptoir.payments.rates import (
    CertifyInvoiceRate,
    CertifyOrderRate,
    CertifySupplierRate,
    SetInvoiceRate,
    SetOrderRate,
    SetSupplierRate,
)
from comptoir.treasury.model import Treasury, TreasuryStatus
from tests.unit.invoicing_support import line
from tests.unit.payments_support import Till, open_till
from tests.unit.suppliers_support import Trade, bought, open_trade
from tests.world import open_world

RATE = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0876"), date=date(2026, 11, 20), source="BCE")


@pytest.fixture
def till() -> Till:
    return open_till()


def version(till: Till, invoice: Document) -> int:
    return till.world.execute_as("manager", ReadInvoiceTreasury(invoice=invoice.id)).version or 0


def change(till: Till, request: Request, invoice: Document, profile: str = "manager") -> Treasury:
    return till.world.do(Treasury, request, profile, if_match=version(till, invoice))


def test_trs_05_a_rate_is_set_until_it_is_certified_by_who_may(till: Till) -> None:
    invoice = till.invoice_in("USD", "100")
    [owed] = till.sheet(invoice).lines
    set_rate = SetInvoiceRate(invoice=invoice.id, line=owed.id, rate=RATE)
    certify = CertifyInvoiceRate(invoice=invoice.id, line=owed.id)
    assert till.error(certify, if_match=version(till, invoice)) == "rate_missing"
    [changed] = change(till, set_rate, invoice).lines
    assert (changed.rate, changed.certified) == (RATE, None)
    change(till, set_rate.change(rate=RATE.change(rate=Decimal("1.1"))), invoice)
    with pytest.raises(Forbidden):
        till.world.execute_as("sales", certify, version(till, invoice))
    [sealed] = change(till, certify, invoice).lines
    assert sealed.certified is not None
    assert (sealed.certified.operator, sealed.certified.name) == (till.world.operators["manager"], "Opérateur manager")
    assert sealed.certified.at == till.world.clock.now()
    for request in (set_rate, certify):
        assert till.error(request, if_match=version(till, invoice)) == "rate_certified"
    assert till.sheet(invoice).lines == (sealed,)
    history = till.world.do(Listing[HistoryEntry], ReadInvoiceHistory(document=invoice.id)).items
    assert [entry.event for entry in history if "rate" in entry.event] == ["rate_certified", "rate_set", "rate_set"]


def test_trs_05_a_payment_keeps_the_rate_of_what_it_pays(till: Till) -> None:
    invoice = till.invoice_in("USD", "100")
    [owed] = till.sheet(invoice).lines
    change(till, SetInvoiceRate(invoice=invoice.id, line=owed.id, rate=RATE), invoice)
    till.pay(invoice, "20.00", currency="USD")
    assert {(one.status.value, one.rate) for one in till.sheet(invoice).lines} == {("paid", RATE), ("invoiced", RATE)}


def test_crn_07_the_rate_of_a_credit_line_is_what_may_change(till: Till) -> None:
    invoice = till.invoice_in("USD", "100")
    note = till.note(invoice, "12.00")
    [credit] = (one for one in till.sheet(invoice).lines if one.document == note.id)
    after = change(till, SetInvoiceRate(invoice=invoice.id, line=credit.id, rate=RATE), invoice)
    assert credit.change(rate=RATE) in after.lines
    after = change(till, CertifyInvoiceRate(invoice=note.id, line=credit.id), invoice)
    [sealed] = (one for one in after.lines if one.document == note.id)
    assert sealed.certified is not None
    assert sealed.status is TreasuryStatus.CREDIT_TO_DEDUCT


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"rate": RATE.change(quote="GBP")}, "rate_of_other_currency"),
        ({"line": derived_id("nothing")}, "not_found"),
        ({"invoice": derived_id("nothing")}, "not_found"),
    ],
)
def test_trs_05_what_is_wrong_with_a_rate_is_told(till: Till, fields: dict[str, Any], code: str) -> None:
    invoice = till.invoice_in("USD", "100")
    given = {"invoice": invoice.id, "line": till.sheet(invoice).lines[0].id, "rate": RATE} | fields
    request, headers = SetInvoiceRate(**given), dict[str, Any](if_match=version(till, invoice))
    if code == "rate_of_other_currency":
        assert till.wrong(request, **headers) == [(code, "/rate")]
    else:
        assert till.error(request, **headers) == code


def test_trs_05_the_published_rate_of_the_day_by_default(till: Till) -> None:
    """Of the day on which the line was paid, once it is."""
    invoice = till.invoice_in("USD", "100")
    owed = till.sheet(invoice).lines[0]
    request = SetInvoiceRate(invoice=invoice.id, line=owed.id)
    till.publish("USD", "1.05", date(2026, 11, 12))
    [changed] = change(till, request, invoice).lines
    assert changed.rate is not None
    assert (changed.rate.rate, changed.rate.date) == (Decimal("1.0876"), date(2026, 11, 21))
    till.pay(invoice, "120.00", currency="USD", date=date(2026, 11, 13))
    [changed] = change(till, request, invoice).lines
    assert changed.rate is not None
    assert (changed.rate.rate, changed.rate.date) == (Decimal("1.05"), date(2026, 11, 12))


def test_trs_05_a_published_rate_that_is_missing_or_too_old_is_told(till: Till) -> None:
    invoice = till.invoice_in("USD", "100")
    request = SetInvoiceRate(invoice=invoice.id, line=till.sheet(invoice).lines[0].id)
    till.world.wait(days=11)
    assert till.wrong(request, if_match=version(till, invoice)) == [("exchange_rate_not_of_day", "/rate")]


def test_trs_05_euro_lines_need_no_rate(till: Till) -> None:
    invoice = till.invoice(line("100"))
    request = SetInvoiceRate(invoice=invoice.id, line=till.sheet(invoice).lines[0].id, rate=RATE)
    for asked in (request, request.change(rate=None)):
        assert till.wrong(asked, if_match=version(till, invoice)) == [("rate_needless", "/rate")]
    with pytest.raises(VersionMismatch):
        till.world.execute_as("manager", request, 99)


def test_trs_05_of_an_order_whatever_is_invoiced_of_it(till: Till) -> None:
    product = LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100))
    order, _ = till.confirmed(product, currency="USD")
    first = till.of_order(order).lines[0]
    world, key = till.world, treasury_key(till.world.company, till.invoice_order(order))
    version = world.services.store.backend.get([key])[key].version
    world.execute_as("manager", SetOrderRate(order=order.id, line=first.id, rate=RATE), version)
    world.execute_as("manager", CertifyOrderRate(order=order.id, line=first.id), version + 1)
    assert till.of_order(order).lines[0].certified is not None


def test_trs_05_of_a_supplier_request() -> None:
    trade: Trade = open_trade(open_world())
    offer, _ = trade.quoted(bought(trade.china, "A", "1", "20.00", "11.50", "USD", purchase_incoterm="FOB"))
    first = trade.treasury(offer, trade.china).lines[0]
    named: dict[str, Any] = {"order": offer.id, "supplier": trade.china.id, "line": first.id}
    reply = trade.desk.world.execute_as("manager", SetSupplierRate(**named, rate=RATE), 1)
    after = trade.desk.world.do(Treasury, CertifySupplierRate(**named), if_match=reply.version)
    assert after.lines[0].rate == RATE
    assert after.lines[0].certified is not None
