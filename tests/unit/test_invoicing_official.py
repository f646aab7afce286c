"""INV-06, RULES §7: what the product really issues passes the official rules of EN 16931 and of the French flow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from saxonche import PySaxonProcessor

from comptoir.access.model import VatRegime
from comptoir.catalogue.pricing import ProductKind, VatCase
from comptoir.documents.facturx import facturx_xml, machine_readable
from comptoir.invoicing.cancelling import CancelInvoice, ReplaceInvoice
from comptoir.invoicing.down_payments import CreateDownPayment
from comptoir.invoicing.model import CreditLine, CreditType
from comptoir.kernel.money import Money
from comptoir.orders.model import LineInput
from comptoir.parties.model import Contact
from comptoir.parties.snapshot import Language
from comptoir.treasury.publishing import DayRate, PublishedRates, SaveExchangeRates
from tests.golden.test_facturx import SCHEMATRONS, Checker
from tests.unit.invoicing_support import Shop, back, line, open_shop
from tests.unit.mention_samples import MIXED, SERVICES, UNNUMBERED, Facts
from tests.unit.test_invoicing_mentions import suppose
from tests.unit.test_invoicing_vat_cases import VAT_CASES


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with PySaxonProcessor(license=False) as processor:
        compiler = processor.new_xslt30_processor()
        sheets = {name: compiler.compile_stylesheet(stylesheet_file=str(path)) for name, path in SCHEMATRONS.items()}
        yield Checker(processor, sheets)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.mark.parametrize("language", Language)
def test_inv_06_an_invoice_and_its_credit_notes_pass(checker: Checker, shop: Shop, language: Language) -> None:
    """Three rates, discounts, a free line, services; a quantity, an amount, a global rebate, the last cent."""
    invoice = shop.invoice(
        line("33.333333", "3", discount_rate=Decimal("7.5")),
        line("12.5", "4", "5.5", kind=ProductKind.SERVICE),
        line("9.99", rate="10"),
        line(free=True),
        language=language,
    )
    rebate = CreditLine(amount=Decimal("2.5"), vat_rate=Decimal(20))
    notes = [
        shop.credit(invoice, back(1, "1"), back(2, amount="7.77")),
        shop.credit(invoice, rebate, credit_type=CreditType.GLOBAL_REBATE),
        shop.credit(invoice, back(3, "1"), back(4, "1")),
    ]
    for document in (invoice, *shop.issued(*notes)):
        assert checker.breaches(facturx_xml(shop.snapshot(document))) == []


@pytest.mark.parametrize("price", ["0.02", "0.03", "0.333333"])
def test_crn_01_amounts_that_absorb_a_rounding_pass(checker: Checker, shop: Shop, price: str) -> None:
    """Each line in its own credit note, down to exactly zero: the VAT of one is a cent from that of its base."""
    invoice = shop.invoice(*[line(price, "3" if price == "0.333333" else "1")] * 3)
    for position in (1, 2, 3):
        for _ in range(3 if price == "0.333333" else 1):
            [note] = shop.issued(shop.credit(invoice, back(position, "1")))
            assert checker.breaches(facturx_xml(shop.snapshot(note))) == []
    assert shop.balance(invoice).credited == invoice.totals.gross


def test_inv_06_an_order_s_invoice_in_parts_passes(checker: Checker, shop: Shop) -> None:
    order, _ = shop.confirmed(LineInput(designation="Bouée", quantity=Decimal(7), unit_price=Decimal("3.333333")))
    [invoice] = shop.issued(shop.invoice_order(order))
    assert checker.breaches(facturx_xml(shop.snapshot(invoice))) == []


REACHED = {"contacts": (Contact(name="Greta Lang", email="rechnung@client.example"),)}


@pytest.mark.parametrize("case", VAT_CASES)
def test_inv_06_an_invoice_of_each_vat_case_passes_and_what_takes_it_back(
    checker: Checker, shop: Shop, case: VatCase
) -> None:
    """RULES §1.3, §7.1: from company, customer and lines to the XML; its credit note and its cancellation too."""
    draft = suppose(shop, VAT_CASES[case].facts | REACHED).document
    [invoice] = shop.issued(draft)
    [note] = shop.issued(shop.credit(invoice, back(1, amount="1")))
    [other] = shop.issued(suppose(shop, VAT_CASES[case].facts | REACHED).document)
    [cancellation] = shop.issued(shop.do(CancelInvoice(document=other.id, reason="Facturé deux fois")))
    for document in (invoice, note, cancellation):
        content = shop.snapshot(document)
        assert [row.case for row in content.totals.rows] == [case]
        assert checker.breaches(facturx_xml(content)) == []


@pytest.mark.parametrize("currency", ["USD", "JPY", "TND"])
def test_inv_06_an_invoice_in_another_currency_passes(checker: Checker, shop: Shop, currency: str) -> None:
    """Two, no and three decimals; the last as long as its amounts have two."""
    rates = (DayRate(currency=currency, rate=Decimal("3.4157")),)
    shop.world.do(PublishedRates, SaveExchangeRates(date=date(2026, 11, 20), rates=rates), "manager")
    invoice = shop.invoice(line("100", "3"), line("250", rate="10"), currency=currency)
    assert checker.breaches(facturx_xml(shop.snapshot(invoice))) == []


def test_inv_13_a_deposit_and_the_final_invoice_that_deducts_it_pass(checker: Checker, shop: Shop) -> None:
    product = LineInput(designation="Bouée", quantity=Decimal(7), unit_price=Decimal("13.35"))
    order, _ = shop.confirmed(product, product.change(vat_rate=Decimal("5.5")))
    [deposit] = shop.issued(shop.do(CreateDownPayment(order=order.id, percentage=Decimal(30))))
    [final] = shop.issued(shop.invoice_order(order))
    [replacement] = shop.issued(shop.do(ReplaceInvoice(document=final.id)))
    for document in (deposit, final, replacement):
        assert checker.breaches(facturx_xml(shop.snapshot(document))) == []


@pytest.mark.parametrize("facts", [SERVICES, MIXED], ids=["services", "mixed"])
def test_inv_06_an_invoice_with_vat_on_debits_passes(checker: Checker, shop: Shop, facts: Facts) -> None:
    """RULES §1.1 11° bis: its mention, and the code of when VAT falls due."""
    [invoice] = shop.issued(suppose(shop, facts | {"vat_regime": VatRegime.DEBITS}).document)
    xml = facturx_xml(shop.snapshot(invoice))
    assert b"<ram:DueDateTypeCode>5</ram:DueDateTypeCode>" in xml
    assert "d'après les débits".encode() in xml
    assert checker.breaches(xml) == []


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_inv_13_a_final_invoice_that_deposits_have_paid_passes(checker: Checker, shop: Shop, currency: str) -> None:
    """RULES §7.1: nothing is left to pay, in euros and in another currency."""
    rates = (DayRate(currency="USD", rate=Decimal("1.0876")),)
    shop.world.do(PublishedRates, SaveExchangeRates(date=date(2026, 11, 20), rates=rates), "manager")
    product = LineInput(designation="Bouée", quantity=Decimal(7), unit_price=Decimal("13.35"))
    order, _ = shop.confirmed(product, product.change(vat_rate=Decimal("5.5")), currency=currency)
    [deposit] = shop.issued(shop.do(CreateDownPayment(order=order.id, percentage=Decimal(100))))
    [final] = shop.issued(shop.invoice_order(order))
    content = shop.snapshot(final)
    assert content.due == Money.zero(currency)
    for document in (deposit, final):
        assert checker.breaches(facturx_xml(shop.snapshot(document))) == []


def test_inv_03_a_company_in_registration_issues_a_plain_document(shop: Shop) -> None:
    """RULES §1.2: it has no number that an electronic invoice could name."""
    [invoice] = shop.issued(suppose(shop, UNNUMBERED).document)
    assert not machine_readable(shop.snapshot(invoice))
