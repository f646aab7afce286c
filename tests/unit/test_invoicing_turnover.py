"""FIS-03: what a document adds to the turnover: counted once, whatever down payments, replacements and currencies."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from comptoir.invoicing.cancelling import CancelInvoice, ReplaceInvoice
from comptoir.invoicing.commands import InvoiceOrder
from comptoir.invoicing.down_payments import CreateDownPayment
from comptoir.invoicing.editing import SetDraftLines
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import EuroVat, Snapshot
from comptoir.invoicing.turnover import with_turnover
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.money import Money
from comptoir.ledger.offline.totals import Totals
from comptoir.orders.model import LineInput
from comptoir.store.cursor import CursorSigner
from comptoir.store.memory import MemoryBackend
from comptoir.store.store import Store
from tests.golden import snapshots as samples
from tests.unit.invoicing_support import Shop, line, open_shop


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def told(shop: Shop, *documents: Document) -> dict[str, str]:
    """Without VAT by kind, and the balance, as a closing counts them from the frozen contents."""
    totals = Totals()
    for document in documents:
        totals.document(json.loads(shop.snapshot(document).model_dump_json()))
    [block] = totals.json()["currencies"]
    assert block == totals.json()["euro"] | {"currency": "EUR"}
    return {kind["kind"]: kind["net"] for kind in block["kinds"]} | {"balance": block["balance"]["net"]}


def test_an_ordinary_document_says_it_with_its_totals(shop: Shop) -> None:
    invoice = shop.invoice(line("100"))
    note = shop.issued(shop.credit(invoice))[0]
    assert shop.snapshot(invoice).turnover is None
    assert shop.snapshot(note).turnover is None
    assert told(shop, invoice, note) == {"invoice": "100.00", "credit_note": "100.00", "balance": "0.00"}


def test_fis_03_down_payments_and_final_invoice_come_to_the_order_once(shop: Shop) -> None:
    order, _ = shop.confirmed(
        LineInput(designation="Bouée", quantity=Decimal(10), unit_price=Decimal(80)),
        LineInput(designation="Pose", quantity=Decimal(1), unit_price=Decimal(200), vat_rate=Decimal("5.5")),
    )
    first = shop.issued(shop.do(CreateDownPayment(order=order.id, percentage=Decimal(30))))[0]
    final = shop.issued(shop.do(InvoiceOrder(order=order.id)))[0]
    assert shop.snapshot(final).totals.net.amount == Decimal(1000)
    assert told(shop, first, final) == {"invoice": "1000.00", "balance": "1000.00"}
    cancelled = shop.issued(shop.do(CancelInvoice(document=final.id, reason="Erreur")))[0]
    assert told(shop, first, final, cancelled) == {"invoice": "1000.00", "cancellation": "700.00", "balance": "300.00"}


def test_fis_03_a_replacement_takes_the_replaced_invoice_off(shop: Shop) -> None:
    first = shop.invoice(line("100"))
    draft = shop.do(ReplaceInvoice(document=first.id))
    draft = shop.do(SetDraftLines(document=draft.id, lines=(line("120"),)), if_match=shop.version(draft))
    second = shop.issued(draft)[0]
    once_more = shop.do(ReplaceInvoice(document=second.id))
    third = shop.issued(once_more)[0]
    assert told(shop, first, second) == {"invoice": "220.00", "replaced_invoice": "100.00", "balance": "120.00"}
    assert told(shop, first, second, third)["balance"] == "120.00"


def in_dollars(content: Snapshot) -> Snapshot:
    """The sample in USD, its VAT in euro at 1 EUR = 1.25 USD, rounded row by row."""
    text = content.model_dump_json().replace('"EUR"', '"USD"')
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=date(2026, 11, 20), source="BCE")
    rows = tuple(
        row.change(base=Money.of(row.base.amount / rate.rate, "EUR"), vat=Money.of(row.vat.amount / rate.rate, "EUR"))
        for row in content.totals.rows
    )
    return Snapshot.model_validate_json(text).change(euro=EuroVat(rate=rate, rows=rows))


def counted(content: Snapshot) -> Snapshot:
    store = Store(MemoryBackend(), CursorSigner(lambda: b"s"))
    return store.transact(lambda tx: with_turnover(tx, "0" * 26, content))


def test_fis_03_another_currency_is_worth_in_euro_what_its_vat_prints(shop: Shop) -> None:
    content = counted(in_dollars(samples.document(samples.goods(20))))
    assert content.euro is not None
    totals = Totals()
    totals.document(json.loads(content.model_dump_json()))
    told = totals.json()
    [dollars], euro = told["currencies"], told["euro"]
    assert (dollars["currency"], dollars["balance"]["net"]) == ("USD", str(content.totals.net.amount))
    assert euro["balance"]["vat"] == str(content.euro.vat.amount)
    assert euro["balance"]["net"] == str(sum(row.base.amount for row in content.euro.rows))


def test_fis_03_without_a_rate_another_currency_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="has no rate"):
        counted(in_dollars(samples.document(samples.goods(3))).change(euro=None))
