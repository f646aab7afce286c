"""INV-03: the mentions that French law asks, row by row, present when due and absent when not (RULES §1.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.items import COMPANY
from comptoir.access.model import Company, VatRegime
from comptoir.catalogue.pricing import ProductKind
from comptoir.invoicing import mentions as table
from comptoir.invoicing.mentions import ROWS, Case, mentions
from comptoir.invoicing.snapshot import OperationNature
from comptoir.parties.model import Party
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from tests.unit.invoicing_support import Shop, line, open_shop

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def case(shop: Shop, nature: OperationNature = OperationNature.GOODS, **facts: Any) -> Case:
    company: Company = shop.world.services.store.require(COMPANY, keys.company(shop.world.company)).value
    identity = {name: value for name, value in facts.items() if name in type(company.identity).model_fields}
    terms = {name: value for name, value in facts.items() if name in type(company.terms).model_fields}
    changed = company.change(identity=company.identity.change(**identity), terms=company.terms.change(**terms))
    customer: Party = shop.customer.change(professional=facts.get("professional", True))
    return Case(changed, customer, nature)


Facts = dict[str, Any]
GOODS, SERVICES, MIXED = OperationNature.GOODS, OperationNature.SERVICES, OperationNature.MIXED
DISCOUNT = {"early_payment_discount": "Escompte de 2 % à huit jours"}
# Row → (when it is due, its French and English texts) and when it is not (RULES §1.1).
MENTIONS: dict[str, tuple[Facts, str, str, list[Facts]]] = {
    "nature_goods": (
        {"nature": GOODS},
        "Nature de l'opération : Livraison de biens",
        "Nature of the operation: Supply of goods",
        [{"nature": SERVICES}, {"nature": MIXED}],
    ),
    "nature_services": (
        {"nature": SERVICES},
        "Nature de l'opération : Prestation de services",
        "Nature of the operation: Supply of services",
        [{"nature": GOODS}, {"nature": MIXED}],
    ),
    "nature_mixed": (
        {"nature": MIXED},
        "Nature de l'opération : Livraison de biens et prestation de services",
        "Nature of the operation: Supply of goods and services",
        [{"nature": GOODS}, {"nature": SERVICES}],
    ),
    "vat_on_debits": (
        {"nature": SERVICES, "vat_regime": VatRegime.DEBITS},
        "Option pour le paiement de la taxe d'après les débits",
        "VAT paid on debits (« Option pour le paiement de la taxe d'après les débits »)",
        [{"nature": GOODS, "vat_regime": VatRegime.DEBITS}, {"nature": SERVICES}],
    ),
    "no_discount": (
        {},
        "Pas d'escompte pour paiement anticipé",
        "No discount for early payment",
        [DISCOUNT, {"professional": False}],
    ),
    "discount": (
        DISCOUNT,
        "Escompte de 2 % à huit jours",
        "Escompte de 2 % à huit jours",
        [{}, DISCOUNT | {"professional": False}],
    ),
    "late_penalty": (
        {"penalty_rate": Decimal("12.40")},
        "En cas de retard de paiement, pénalités au taux annuel de 12,4 %, exigibles sans qu'un rappel soit nécessaire",
        "Late payment: penalties at the yearly rate of 12.4 %, due without any reminder",
        [{"professional": False}],
    ),
    "late_fee_40": (
        {},
        "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €",
        "Fixed compensation for recovery costs in the event of late payment: €40",
        [{"professional": False}],
    ),
    "insurance": (
        {"insurance": "Assurance professionnelle : {MAIF}, Brest — couverture géographique : France"},
        "Assurance professionnelle : {MAIF}, Brest — couverture géographique : France",
        "Assurance professionnelle : {MAIF}, Brest — couverture géographique : France",
        [{}],
    ),
    "approved_association": (
        {"approved_association": True},
        "Membre d'une association agréée, le règlement par chèque et carte bancaire est accepté",
        "Member of an approved association; payment by cheque and bank card is accepted",
        [{}],
    ),
}


def test_inv_03_every_row_of_the_mentions_is_under_test() -> None:
    assert {row.code for row in ROWS} == set(MENTIONS)
    assert all(row.source for row in ROWS)


@pytest.mark.parametrize("code", MENTIONS)
def test_inv_03_a_mention_is_printed_when_its_case_applies_and_only_then(shop: Shop, code: str) -> None:
    due, french, english, others = MENTIONS[code]
    for language, text in ((Language.FRENCH, french), (Language.ENGLISH, english)):
        printed = {mention.code: mention.text for mention in mentions(case(shop, **due), language, TODAY)}
        assert printed[code] == text
        for other in others:
            assert code not in {m.code for m in mentions(case(shop, **other), language, TODAY)}


def test_inv_03_a_row_is_printed_between_its_dates(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of the law is a new row: what was printed before stays as it was."""
    row = table.Row("x", "fr", "en", lambda _: True, "law", date(2027, 1, 1), date(2028, 6, 30))
    monkeypatch.setattr(table, "ROWS", (row,))
    days = {date(2026, 12, 31): 0, date(2027, 1, 1): 1, date(2028, 6, 30): 1, date(2028, 7, 1): 0}
    assert {day: len(mentions(case(shop), Language.FRENCH, day)) for day in days} == days


def test_inv_03_the_nature_comes_from_the_lines_and_is_frozen_with_them(shop: Shop) -> None:
    goods, service = line(), line(kind=ProductKind.SERVICE)
    transport = line(kind=ProductKind.TRANSPORT)
    found = [shop.snapshot(shop.invoice(*lines)).nature for lines in ((goods,), (service, transport), (goods, service))]
    assert found == [GOODS, SERVICES, MIXED]
