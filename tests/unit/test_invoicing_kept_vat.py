"""RULES §1.4: a credit note « Net de taxe » leaves the VAT of its invoice as it is, and nobody corrects it later."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from saxonche import PySaxonProcessor

from comptoir.access.model import EarlyPaymentOffer
from comptoir.catalogue.pricing import VatCase
from comptoir.documents.facturx import facturx_xml
from comptoir.documents.invoice_view import invoice_view
from comptoir.invoicing.crediting import SetCreditLines
from comptoir.invoicing.down_payments import CreateDownPayment
from comptoir.invoicing.editing import DeleteDraft
from comptoir.invoicing.model import CreditLine, CreditType, Document
from comptoir.kernel.money import Money
from comptoir.orders.model import LineInput
from tests.golden.test_facturx import SCHEMATRONS, Checker
from tests.unit.invoicing_support import Shop, back, line, open_shop
from tests.unit.test_invoicing_mentions import suppose
from tests.unit.test_invoicing_vat_cases import AMERICAN, goods


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with PySaxonProcessor(license=False) as processor:
        compiler = processor.new_xslt30_processor()
        sheets = {name: compiler.compile_stylesheet(stylesheet_file=str(path)) for name, path in SCHEMATRONS.items()}
        yield Checker(processor, sheets)


def net(shop: Shop, invoice: Document, *, quantity: str = "1") -> Document:
    return shop.credit(invoice, back(1, quantity), vat_kept=True)


def test_a_credit_note_net_of_tax_charges_and_corrects_none(shop: Shop, checker: Checker) -> None:
    invoice = shop.invoice(line("100", "3"))
    [note] = shop.issued(net(shop, invoice))
    content = shop.snapshot(note)
    [row] = content.totals.rows
    assert (row.case, row.vatex, row.exemption) == (VatCase.VAT_KEPT, "VATEX-FR-CNWVAT", "Net de taxe")
    assert (content.totals.gross, content.totals.vat) == (Money.of(100, "EUR"), Money.of(0, "EUR"))
    assert "Net de taxe" in invoice_view(content).mentions
    assert checker.breaches(facturx_xml(content)) == []


def test_what_is_left_is_credited_with_its_own_vat_alone(shop: Shop) -> None:
    """CRN-01: the VAT that was kept is not given back by the last credit note."""
    invoice = shop.invoice(line("100", "3"))
    [_] = shop.issued(net(shop, invoice))
    [rest] = shop.issued(shop.credit(invoice, back(1, "2")))
    assert rest.totals.vat == Money.of(40, "EUR")
    assert shop.balance(invoice).credited == Money.of(340, "EUR")
    assert shop.refused(shop.credit_request(invoice, back(1, "1"))) == ["quantity_exceeded"]


def test_a_draft_gives_back_what_it_held_and_stays_net_when_its_lines_change(shop: Shop) -> None:
    invoice = shop.invoice(line("100", "3"), line("10", rate="5.5"))
    draft = net(shop, invoice, quantity="2")
    changed = shop.do(
        SetCreditLines(document=draft.id, credit_type=CreditType.INVOICING_ERROR, lines=(back(2, "1"),)), if_match=1
    )
    assert (changed.totals.gross, changed.totals.vat) == (Money.of(10, "EUR"), Money.of(0, "EUR"))
    assert [row.base for row in shop.balance(invoice).rows] == [Money.of(10, "EUR")]
    shop.do(DeleteDraft(document=draft.id), if_match=2)
    assert (shop.balance(invoice).rows, shop.balance(invoice).credited) == ((), Money.of(0, "EUR"))


def test_where_there_is_no_vat_or_it_must_be_corrected_it_is_refused(shop: Shop) -> None:
    [exempt] = shop.issued(suppose(shop, AMERICAN | {"lines": (goods(),)}).document)
    assert shop.refused(shop.credit_request(exempt, vat_kept=True)) == ["no_vat_to_keep"]
    other = open_shop()
    order, _ = other.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    [deposit] = other.issued(other.do(CreateDownPayment(order=order.id, percentage=Decimal(30))))
    assert other.refused(other.credit_request(deposit, vat_kept=True)) == ["vat_of_down_payment"]


@pytest.mark.parametrize("kept", [True, False])
def test_inv_15_the_discount_keeps_the_vat_when_its_offer_said_so(shop: Shop, kept: bool) -> None:
    """An invoice that does not say that the discount reduces the VAT had its reader deduct all of it."""
    offer = EarlyPaymentOffer(rate=Decimal(2), days=10, vat_kept=kept)
    [invoice] = shop.issued(suppose(shop, {"early_payment": offer, "lines": (line("100"),)}).document)
    discount = CreditLine(amount=Decimal(2), vat_rate=Decimal(20))
    note = shop.credit(invoice, discount, credit_type=CreditType.EARLY_PAYMENT_DISCOUNT)
    assert (note.vat_kept, note.totals.vat.amount) == (kept, Decimal("0.00") if kept else Decimal("0.40"))
