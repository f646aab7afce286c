"""INV-06, RULES §7: what the product really issues passes the official rules of EN 16931 and of the French flow."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from saxonche import PySaxonProcessor

from comptoir.catalogue.pricing import ProductKind
from comptoir.documents.facturx import facturx_xml
from comptoir.invoicing.model import CreditLine, CreditType
from comptoir.orders.model import LineInput
from comptoir.parties.snapshot import Language
from tests.golden.test_facturx import SCHEMATRONS, Checker
from tests.unit.invoicing_support import Shop, back, line, open_shop


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
