"""RULES §2.4: the VAT of a document in another currency is fixed in euro, at a rate published by then."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.catalogue.pricing import ProductKind
from comptoir.invoicing.euros import euro_vat
from comptoir.invoicing.model import DirectLine
from comptoir.invoicing.snapshot import EuroVat
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.money import Money, exponent
from comptoir.orders.desk import SetOrderRates
from comptoir.orders.model import QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.treasury.published import OLDEST
from comptoir.treasury.publishing import DayRate, PublishedRates, SaveExchangeRates
from tests.unit.invoicing_support import Shop, back, codes, line, open_shop
from tests.unit.test_invoicing_mentions import suppose
from tests.unit.test_invoicing_vat_cases import AMERICAN, goods

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def publish(shop: Shop, day: date, rate: str, currency: str = "USD") -> None:
    asked = SaveExchangeRates(date=day, rates=(DayRate(currency=currency, rate=Decimal(rate)),))
    shop.world.do(PublishedRates, asked, "manager")


def dollars(rate: str, day: date = TODAY) -> ExchangeRate:
    return ExchangeRate(base="EUR", quote="USD", rate=Decimal(rate), date=day, source="BCE")


def in_euro(shop: Shop, *lines: DirectLine, **fields: object) -> EuroVat:
    found = shop.snapshot(shop.invoice(*lines, **({"currency": "USD"} | fields))).euro
    assert found is not None
    return found


def test_vat_is_fixed_at_the_last_rate_published(shop: Shop) -> None:
    """Row by row, with the rate, its date and its source."""
    publish(shop, TODAY - timedelta(days=1), "1.25")
    found = in_euro(shop, line("1000"), line("100", rate="10"))
    assert (found.rate.rate, found.rate.date, found.rate.source) == (Decimal("1.25"), date(2026, 11, 20), "BCE")
    assert [(row.rate, row.base.amount, row.vat.amount) for row in found.rows] == [
        (Decimal(20), Decimal("800.00"), Decimal("160.00")),
        (Decimal(10), Decimal("80.00"), Decimal("8.00")),
    ]
    assert found.vat == Money.of("168", "EUR")


def test_an_exempt_sale_says_zero_in_euro(shop: Shop) -> None:
    publish(shop, TODAY, "1.25")
    [issued] = shop.issued(suppose(shop, AMERICAN | {"currency": "USD", "lines": (goods(),)}).document)
    euro = shop.snapshot(issued).euro
    assert euro is not None
    assert euro.vat == Money.of("0.00", "EUR")


def test_a_document_in_euro_has_no_rate(shop: Shop) -> None:
    assert shop.snapshot(shop.invoice()).euro is None


def test_without_a_rate_of_the_time_nothing_is_issued(shop: Shop) -> None:
    draft = shop.draft(currency="USD")
    assert codes(shop.issue(draft)) == [["exchange_rate_missing"]]
    publish(shop, TODAY - OLDEST - timedelta(days=1), "1.25")
    assert codes(shop.issue(draft)) == [["exchange_rate_not_of_day"]]
    publish(shop, TODAY - OLDEST, "1.25")
    assert codes(shop.issue(draft)) == [[]]


def test_goods_take_the_rate_of_their_delivery_and_services_that_of_the_invoice(shop: Shop) -> None:
    """CGI art. 269: the tax falls due when goods are delivered."""
    delivered = date(2026, 11, 5)
    publish(shop, delivered, "1.10")
    publish(shop, TODAY, "1.25")
    service = line(kind=ProductKind.SERVICE)
    assert in_euro(shop, line(), delivery_date=delivered).rate.rate == Decimal("1.10")
    assert in_euro(shop, service, delivery_date=delivered).rate.rate == Decimal("1.25")


def test_a_rate_that_is_entered_counts_before_those_published(shop: Shop) -> None:
    publish(shop, TODAY, "1.25")
    assert in_euro(shop, exchange_rate=dollars("1.20")).rate.rate == Decimal("1.20")
    old = shop.draft(currency="USD", exchange_rate=dollars("1.20", TODAY - OLDEST - timedelta(days=1)))
    pounds = ExchangeRate(base="EUR", quote="GBP", rate=Decimal("0.85"), date=TODAY, source="BCE")
    other = shop.draft(currency="USD", exchange_rate=pounds)
    assert codes(shop.issue(old, other)) == [["exchange_rate_not_of_day"], ["rate_of_other_currency"]]


def test_a_rate_of_the_order_counts_while_it_serves(shop: Shop) -> None:
    """OFF-12: the rate kept with the order, else the last one published."""
    publish(shop, TODAY, "1.25")
    for days, expected in ((1, "1.30"), (30, "1.25")):
        order, version = shop.desk.offer("100", currency="USD")
        entered = SetOrderRates(order=order.id, rates=(dollars("1.30", TODAY - timedelta(days=days)),))
        shop.world.execute_as("manager", entered, version)
        shop.world.do(QuoteView, GenerateQuote(order=order.id))
        [invoice] = shop.issued(shop.invoice_order(shop.desk.confirm(order, version + 2)))
        euro = shop.snapshot(invoice).euro
        assert euro is not None
        assert euro.rate.rate == Decimal(expected)


def test_a_credit_note_takes_up_the_rate_of_its_invoice_however_old(shop: Shop) -> None:
    publish(shop, TODAY, "1.25")
    invoice = shop.invoice(currency="USD")
    shop.world.clock.advance(timedelta(days=60))
    [note] = shop.issued(shop.credit(invoice, back(1, "1")))
    euro = shop.snapshot(note).euro
    assert euro is not None
    assert (euro.rate.rate, euro.vat) == (Decimal("1.25"), Money.of("16", "EUR"))


@given(
    st.sampled_from(["USD", "JPY", "TND"]),
    st.lists(st.tuples(st.decimals("0.01", "9999", places=2), st.sampled_from(["20", "10", "5.5"])), min_size=1),
    st.decimals("0.01", "200", places=4),
)
def test_each_row_is_rounded_once(currency: str, priced: list[tuple[Decimal, str]], rate: Decimal) -> None:
    """Currencies with 0, 2 and 3 decimals: a row's VAT in euro is within half a cent of the exact one."""
    shop = _SHOP
    lines = [line(price, rate=vat) for price, vat in priced]
    summed = shop.draft(*lines, currency=currency).totals
    assert all(amount.amount % exponent(currency) == 0 for amount in (summed.net, summed.vat, summed.gross))
    quoted = ExchangeRate(base="EUR", quote=currency, rate=rate, date=TODAY, source="BCE")
    found = euro_vat(summed, quoted)
    for own, euro in zip(summed.rows, found.rows, strict=True):
        assert abs(own.vat.amount / rate - euro.vat.amount) <= Decimal("0.005")
        assert euro.vat.currency == "EUR"
    assert found.vat.amount == sum(row.vat.amount for row in found.rows)


_SHOP = open_shop()
