"""Purchase orders against their golden forms, in the supplier's language (CNF-03); see test_golden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.catalogue.pricing import PricedLine, ProductKind, VatCategory, line_net, totals
from comptoir.documents.layouts import purchase_order_layout
from comptoir.documents.purchase_order_view import purchase_order_view
from comptoir.documents.render import render_purchase_order
from comptoir.kernel.identity import Address
from comptoir.orders.purchase_order import PurchaseOrderSnapshot
from comptoir.parties.snapshot import Buyer, Language
from comptoir.treasury.model import Instalment
from tests.golden.snapshots import ENGLISH, FRENCH, GERMAN, ISSUED, MEANS, SELLER, SPANISH
from tests.golden.test_golden import content_digest, matches, placed

SHANGHAI = Buyer(
    name="Shanghai Marine Hardware Co., Ltd",
    address=Address(lines=("1288 Pudong Avenue, Building 3",), postcode="200120", city="Shanghai", country="CN"),
    email="export@smh.example",
)
LORIENT = Buyer(
    name="Cordages de Lorient",
    address=Address(lines=("ZI de Kergroise",), postcode="56100", city="Lorient"),
    vat_number="FR96552100554",
)
BILBAO = Buyer(
    name="Cordelería del Norte, S.A.",
    address=Address(lines=("Avenida de las Universidades, 5",), postcode="48007", city="Bilbao", country="ES"),
    vat_number="ESA48000000",
)
HAMBURG = Buyer(
    name="Weiß & Söhne GmbH",
    address=Address(lines=("Große Elbstraße 12",), postcode="22767", city="Hamburg", country="DE"),
    vat_number="DE136695976",
)
SUPPLIERS = {ENGLISH: SHANGHAI, FRENCH: LORIENT, SPANISH: BILBAO, GERMAN: HAMBURG}
TERMS = {
    ENGLISH: ("30% on order", "balance on departure (ETD)"),
    FRENCH: ("à 30 jours date de facture",),
    SPANISH: ("30 % al hacer el pedido", "el resto a la salida (ETD)"),
    GERMAN: ("30 % bei Auftragserteilung", "Rest bei Abfahrt (ETD)"),
}
MESSAGES = {
    ENGLISH: "Please pack shackles in boxes of 50.",
    SPANISH: "Por favor, embalen los grilletes en cajas de 50.",
    GERMAN: "Bitte verpacken Sie die Schäkel in Schachteln zu 50.",
}
GOODS = (
    ("ACC-100", "Stainless steel shackle 316, 10 mm", "500", "3.42", "FOB", "Shanghai", ProductKind.GOODS),
    ("ACC-140", "Stainless steel swivel, 12 mm, polished", "240", "5.125", "FOB", "Shanghai", ProductKind.GOODS),
    ("ACC-180", "Sample set, not for sale", "2", "0", "FOB", "Shanghai", ProductKind.GOODS),
    (None, "Sea freight Shanghai – Le Havre, LCL", "1", "380", "CFR", None, ProductKind.TRANSPORT),
)


def priced(rate: str, currency: str, count: int) -> tuple[PricedLine, ...]:
    lines = []
    for position in range(1, count + 1):
        code, designation, quantity, price, incoterm, place, kind = GOODS[(position - 1) % len(GOODS)]
        given: dict[str, Any] = {"incoterm": incoterm, "incoterm_place": place} if rate == "0" else {}
        net = line_net(Decimal(quantity), Decimal(price), Decimal(0), False, currency)
        lines.append(
            PricedLine(
                position=position,
                kind=kind,
                code=code,
                designation=designation,
                quantity=Decimal(quantity),
                unit="pièce",
                unit_price=Decimal(price),
                free=price == "0",
                vat_rate=Decimal(rate),
                vat_category=VatCategory.STANDARD if rate != "0" else VatCategory.EXPORT,
                net=net,
                **given,
            )
        )
    return tuple(lines)


def purchase_order(language: Language = ENGLISH, count: int = 4, **changed: Any) -> PurchaseOrderSnapshot:
    """An order to Shanghai in USD in English, to Lorient in EUR with VAT in French, to Bilbao and Hamburg without."""
    foreign = language is not FRENCH
    currency = "USD" if language is ENGLISH else "EUR"
    lines = priced("0" if foreign else "20", currency, count)
    sums = totals(lines, currency)
    deposit, balance = sums.gross.split([Decimal(30), Decimal(70)])
    means = MEANS[language]
    given: dict[str, Any] = {
        "order": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
        "order_number": "C-000012",
        "number": "BC-000012-1",
        "version": 1,
        "issue_date": date(2026, 11, 21),
        "issued_at": ISSUED,
        "departure": date(2026, 12, 18),
        "delivery": date(2027, 1, 25),
        "language": language,
        "currency": currency,
        "company": SELLER,
        "supplier": SUPPLIERS[language],
        "contact": "Li Wei" if language is ENGLISH else None,
        "supplier_reference": "Q-2026-1187" if foreign else None,
        "buyer": "Maël Kervella",
        "lines": lines,
        "totals": sums,
        "terms": TERMS[language],
        "instalments": (
            Instalment(due_date=date(2026, 11, 21), amount=deposit, means=means),
            Instalment(due_date=date(2026, 12, 18), amount=balance, means=means),
        ),
        "message": MESSAGES.get(language),
    }
    return PurchaseOrderSnapshot(**(given | changed))


SAMPLES: dict[str, Callable[[], PurchaseOrderSnapshot]] = {
    "purchase-order-en": purchase_order,
    "purchase-order-fr": lambda: purchase_order(FRENCH, 40, number="BC-000012-2-2", version=2, replaces="BC-000012-2"),
    "purchase-order-es": lambda: purchase_order(SPANISH),
    "purchase-order-de": lambda: purchase_order(GERMAN, 9, version=2, replaces="BC-000012-1", number="BC-000012-1-2"),
    "purchase-order-preview-en": lambda: purchase_order(preview=True),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_texts_stand_where_they_stood(name: str) -> None:
    matches(f"{name}.txt", placed(purchase_order_layout(purchase_order_view(SAMPLES[name]()))))


@pytest.mark.parametrize("name", SAMPLES)
def test_pdf_holds_what_it_held(name: str) -> None:
    matches(f"{name}.sha256", content_digest(render_purchase_order(SAMPLES[name]())) + "\n")


def test_without_vat_a_purchase_order_says_nothing_of_it() -> None:
    view = purchase_order_view(purchase_order())
    assert "vat" not in [column.key for column in view.columns]
    assert (view.vat.rows, len(view.totals)) == ((), 1)
    taxed = purchase_order_view(purchase_order(FRENCH))
    assert "vat" in [column.key for column in taxed.columns]
    assert len(taxed.totals) == 3


def test_a_purchase_order_never_shows_where_its_company_is_paid_nor_a_preview_a_number() -> None:
    """DOC-02: a preview has no number."""
    text = placed(purchase_order_layout(purchase_order_view(purchase_order())))
    assert SELLER.bank_account is not None
    assert SELLER.bank_account.iban[-6:] not in text.replace("\u00a0", "")
    assert "BC-000012-1" in text
    assert "BC-000012-1" not in placed(purchase_order_layout(purchase_order_view(purchase_order(preview=True))))
