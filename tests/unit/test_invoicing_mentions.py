"""INV-03: the mentions that French law asks, row by row: present when due, absent when not, refused when data lack.

One row of `MENTIONS` for each row of the table (RULES §1.1, §1.2, §1.4); the VAT cases of §1.3 are in
`test_invoicing_vat_cases`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.items import COMPANY
from comptoir.access.model import (
    Company,
    EarlyPaymentOffer,
    LegalForm,
    Represented,
    VatGroup,
    VatRegime,
)
from comptoir.catalogue.pricing import ProductKind
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.mention_table import TABLE
from comptoir.invoicing.mentions import Case, Row, in_force, lacking, mentions
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind, OperationNature, Period
from comptoir.kernel.identity import Address
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording
from comptoir.store import keys
from tests.unit.invoicing_support import Shop, codes, line, open_shop

TODAY = date(2026, 11, 21)
Facts = dict[str, Any]
NOWHERE = Address(lines=(), country="FR")
ELSEWHERE = Address(lines=("3 rue du Port",), postcode="56100", city="Lorient")
AGENT = Represented(name="Fisc & Cie", address=ELSEWHERE, vat_number="FR96552100554")
GROUP = VatGroup(name="Groupe Ponant", address=ELSEWHERE, vat_number="FR96552100554", siren="552100554")


@dataclass(frozen=True)
class Mentioned:
    """A row under test: facts under which it is due, and others under which it is not, what it says, what it needs."""

    due: Facts = field(default_factory=dict)
    absent: tuple[Facts, ...] = ()
    says: str | None = None
    lacks: tuple[tuple[Facts, str], ...] = ()


GOODS, SERVICES = {"lines": (line(),)}, {"lines": (line(kind=ProductKind.SERVICE),)}
MIXED = {"lines": (line(), line(kind=ProductKind.SERVICE))}
CONSUMER = {"professional": False, "siren": None, "vat_number": None}
DISCOUNT = {"early_payment_discount": "Escompte de 2 % à huit jours"}
OFFER = {"early_payment": EarlyPaymentOffer(rate=Decimal("2.5"), days=10)}
KEPT = {"early_payment": EarlyPaymentOffer(rate=Decimal(2), days=10, vat_kept=True)}
UNNUMBERED = {"siren": None, "siret": None, "registry": None, "vat_number": None, "siret_pending": True}
FRANCHISE = {"vat_regime": VatRegime.FRANCHISE, "lines": (line("1000", rate="0"),)}
CREDIT, CANCELLATION = {"kind": DocumentKind.CREDIT_NOTE}, {"kind": DocumentKind.CANCELLATION}
WORKS = {"dwelling_works": True}
AT_10, AT_5 = {"lines": (line(rate="10", kind=ProductKind.SERVICE),)}, {"lines": (line(rate="5.5"),)}
CERTIFIED = (
    "certifie, en qualité de preneur de la prestation, que les travaux réalisés concernent des locaux à usage "
    "d'habitation achevés depuis plus de deux ans et qu'ils n'ont pas eu pour effet, sur une période de deux ans au "
    "plus, de concourir à la production d'un immeuble neuf au sens du 2° du 2 du I de l'article 257 du CGI, ni "
    "d'entraîner une augmentation de la surface de plancher des locaux existants supérieure à 10 %"
)

MENTIONS: dict[str, Mentioned] = {
    "title": Mentioned(),
    "number": Mentioned(),
    "issue_date": Mentioned(),
    "seller": Mentioned(lacks=(({"company_address": NOWHERE}, "seller_address"),)),
    "seller_vat_number": Mentioned(
        {"lines": (line("150.01"),)},
        (FRANCHISE | {"vat_number_of_seller": None},),
        lacks=(({"vat_number_of_seller": None, "lines": (line("150.01"),)}, "seller_vat_number"),),
    ),
    "buyer": Mentioned(lacks=(({"address": NOWHERE}, "buyer_address"),)),
    "buyer_siren": Mentioned(
        {}, (CONSUMER, {"address": ELSEWHERE.change(country="BE")}), lacks=(({"siren": None}, "buyer_siren"),)
    ),
    "buyer_vat_number": Mentioned({"vat_number": "FR96552100554", "siren": "552100554"}, ({"vat_number": None},)),
    "billing_address": Mentioned(
        {"billing_address": ELSEWHERE}, ({},), lacks=(({"billing_address": NOWHERE}, "billing_address"),)
    ),
    "delivery_address": Mentioned({"delivery_address": ELSEWHERE}, ({},)),
    "delivery_date": Mentioned({"delivery_date": date(2026, 11, 18)}, ({},)),
    "period": Mentioned({"period": Period(start=date(2026, 10, 1), end=date(2026, 10, 31))}, ({},)),
    "order_reference": Mentioned({"customer_reference": "BC 118"}, ({},)),
    "lines": Mentioned(lacks=(({"lines": ()}, "no_lines"),)),
    "rebate": Mentioned({"lines": (line(discount_rate=Decimal(5)),)}, ({},)),
    "vat_per_rate": Mentioned({}, (FRANCHISE,)),
    "totals": Mentioned(),
    "due_date": Mentioned({}, (CREDIT,)),
    "nature_goods": Mentioned(GOODS, (SERVICES, MIXED), "Nature de l'opération : Livraison de biens"),
    "nature_services": Mentioned(SERVICES, (GOODS, MIXED), "Nature de l'opération : Prestation de services"),
    "nature_mixed": Mentioned(
        MIXED, (GOODS, SERVICES), "Nature de l'opération : Livraison de biens et prestation de services"
    ),
    "vat_on_debits": Mentioned(
        SERVICES | {"vat_regime": VatRegime.DEBITS},
        (GOODS | {"vat_regime": VatRegime.DEBITS}, SERVICES),
        "Option pour le paiement de la taxe d'après les débits",
    ),
    "no_discount": Mentioned({}, (DISCOUNT, OFFER, CONSUMER), "Pas d'escompte pour paiement anticipé"),
    "discount": Mentioned(DISCOUNT, ({}, DISCOUNT | CONSUMER), "Escompte de 2 % à huit jours"),
    "early_payment": Mentioned(
        OFFER,
        ({}, OFFER | CONSUMER, OFFER | DISCOUNT),
        "Escompte de 2,5 % pour tout paiement dans les 10 jours suivant la date de la facture",
    ),
    "early_payment_vat": Mentioned(OFFER, ({}, KEPT), "L'escompte donne lieu à une TVA récupérable réduite d'autant"),
    "late_penalty": Mentioned(
        {"penalty_rate": Decimal("12.40")},
        (CONSUMER,),
        "En cas de retard de paiement, pénalités au taux annuel de 12,4 %, exigibles sans qu'un rappel soit nécessaire",
    ),
    "late_fee_40": Mentioned(
        {}, (CONSUMER,), "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €"
    ),
    "legal_form": Mentioned({}, ({"legal_form": LegalForm.EI},)),
    "share_capital": Mentioned({}, ({"capital": None},)),
    "sole_trader": Mentioned({"legal_form": LegalForm.EI}, ({},)),
    "association": Mentioned({"legal_form": LegalForm.ASSOCIATION}, ({},)),
    "seller_siren": Mentioned({}, (UNNUMBERED,)),
    "registry": Mentioned({}, (UNNUMBERED, {"registry": None})),
    "in_registration": Mentioned(
        UNNUMBERED,
        ({},),
        lacks=((UNNUMBERED | {"siret_pending_until": date(2026, 11, 20)}, "registration_overdue"),),
    ),
    "in_liquidation": Mentioned({"in_liquidation": True}, ({},)),
    "business_lessee": Mentioned({"business_lessee": True}, ({},)),
    "domiciled": Mentioned({"domiciled_at": "Bureaux du Port"}, ({},)),
    "tax_representative": Mentioned(
        {"tax_representative": AGENT},
        ({},),
        "Représentant fiscal : Fisc & Cie, 3 rue du Port, 56100 Lorient, n° TVA FR96552100554",
    ),
    "vat_group": Mentioned(
        {"vat_group": GROUP},
        ({},),
        "Membre d'un assujetti unique : Groupe Ponant, 3 rue du Port, 56100 Lorient, n° TVA FR96552100554",
    ),
    "dwelling": Mentioned(WORKS | AT_10, (AT_10,), lacks=((WORKS, "dwelling_without_reduced_rate"),)),
    "dwelling_10": Mentioned(
        WORKS | AT_10,
        (AT_10, WORKS | AT_5),
        f"Je soussigné(e) Épicerie du Léon {CERTIFIED}. Date et signature du client :",
    ),
    "dwelling_5_5": Mentioned(
        WORKS | AT_5,
        (AT_5, WORKS | AT_10),
        f"Je soussigné(e) Épicerie du Léon {CERTIFIED} et qu'ils ont la nature de travaux de rénovation énergétique. "
        "Date et signature du client :",
    ),
    "insurance": Mentioned(
        {"insurance": "Assurance professionnelle : {MAIF}, Brest — couverture géographique : France"},
        ({},),
        "Assurance professionnelle : {MAIF}, Brest — couverture géographique : France",
        (({"insurance_required": True}, "insurance_missing"),),
    ),
    "approved_association": Mentioned(
        {"approved_association": True},
        ({},),
        "Membre d'une association agréée, le règlement par chèque et carte bancaire est accepté",
    ),
    "vat_in_euro": Mentioned({"currency": "USD"}, ({},), lacks=(({"currency": "USD"}, "exchange_rate_missing"),)),
    "credit_of_invoice": Mentioned(
        CREDIT, ({}, CANCELLATION), lacks=((CREDIT, "origin_missing"), (CREDIT, "reason_missing"))
    ),
    "cancellation_of_invoice": Mentioned(CANCELLATION, ({}, CREDIT), lacks=((CANCELLATION, "origin_missing"),)),
}


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def suppose(shop: Shop, facts: Facts) -> Case:
    """A draft with its company and customer, as the facts say, as if they had been entered so."""
    store = shop.world.services.store
    draft = shop.read(shop.draft(*(facts.get("lines") or (line(),)), currency=facts.get("currency", "EUR")))
    company: Company = store.require(COMPANY, keys.company(shop.world.company)).value
    own = {"company_address": "address", "vat_number_of_seller": "vat_number"}
    unshared = {name: value for name, value in facts.items() if name not in {"vat_number", "siren", "siret", "address"}}
    told = unshared | {own[name]: value for name, value in facts.items() if name in own}
    told |= {name: None for name in ("siren", "siret", "vat_number") if facts.get("siret_pending")}
    identity = {name: value for name, value in told.items() if name in type(company.identity).model_fields}
    terms = {name: value for name, value in facts.items() if name in type(company.terms).model_fields}
    given = facts if not facts.get("siret_pending") else {}
    party = {name: value for name, value in given.items() if name in Party.model_fields and name not in ("terms",)}
    document = {name: value for name, value in facts.items() if name in Document.model_fields and name != "lines"}
    if facts.get("lines") == ():
        document["lines"] = ()
    after = Case(
        company.change(identity=company.identity.change(**identity), terms=company.terms.change(**terms)),
        shop.customer.change(**party),
        draft.change(**document),
    )
    key = keys.party(shop.world.company, shop.customer.id)
    store.transact(lambda tx: tx.put(COMPANY, keys.company(shop.world.company), after.company))
    store.transact(lambda tx: tx.put(PARTY, key, after.customer))
    store.transact(lambda tx: tx.put(DOCUMENT, keys.document(shop.world.company, draft.id), after.document))
    return after


def due(case: Case) -> set[str]:
    return {row.code for row in in_force(TABLE, case, TODAY)}


def test_inv_03_every_row_of_the_mentions_is_under_test() -> None:
    assert [row.code for row in TABLE] == list(MENTIONS)
    assert all(row.source for row in TABLE)
    assert {row.code for row in TABLE if row.words} == {code for code, row in MENTIONS.items() if row.says}


@pytest.mark.parametrize("code", MENTIONS)
def test_inv_03_a_mention_is_due_when_its_case_applies_and_only_then(shop: Shop, code: str) -> None:
    row = MENTIONS[code]
    assert code in due(suppose(shop, row.due))
    for facts in row.absent:
        assert code not in due(suppose(open_shop(), facts))


@pytest.mark.parametrize("code", [code for code, row in MENTIONS.items() if row.says])
def test_inv_03_its_sentence_is_said_in_every_language(shop: Shop, code: str) -> None:
    """The French one word for word; the others say something of their own, with every field filled."""
    case = suppose(shop, MENTIONS[code].due)
    said = {
        language: {mention.code: mention.text for mention in mentions(TABLE, case, language, TODAY)}[code]
        for language in Language
    }
    assert said[Language.FRENCH] == MENTIONS[code].says
    assert all("{" not in text or "{MAIF}" in text for text in said.values())
    assert len(set(said.values())) == (1 if code in ("discount", "insurance") else len(Language))


LACKING = [(code, facts, breach) for code, row in MENTIONS.items() for facts, breach in row.lacks]


@pytest.mark.parametrize(("code", "facts", "breach"), LACKING, ids=[f"{code}-{breach}" for code, _, breach in LACKING])
def test_inv_03_a_validation_that_would_lack_one_is_refused(shop: Shop, code: str, facts: Facts, breach: str) -> None:
    """By the writer itself, with a sentence in both languages and the place to mend; nothing is numbered."""
    case = suppose(shop, facts)
    [outcome] = shop.issue(case.document)
    found = {each.code: each for each in outcome.breaches}
    assert breach in found
    assert found[breach].pointer
    assert found[breach].fr != found[breach].en
    assert shop.entries() == []


def test_inv_03_the_whole_list_is_told_at_once(shop: Shop) -> None:
    facts = (
        {"company_address": NOWHERE, "vat_number_of_seller": None, "insurance_required": True}
        | WORKS
        | {"lines": (line("151"),)}
    )
    case = suppose(shop, facts | {"address": NOWHERE, "siren": None, "billing_address": NOWHERE.change(country="BE")})
    wanted = [
        "seller_address",
        "seller_vat_number",
        "buyer_address",
        "buyer_siren",
        "billing_address",
        "dwelling_without_reduced_rate",
        "insurance_missing",
    ]
    assert [breach.code for breach in lacking(TABLE, case, TODAY)] == wanted
    assert codes(shop.issue(case.document)) == [wanted]


def test_inv_03_a_row_is_printed_between_its_dates(shop: Shop) -> None:
    """A change of the law is a new row: what was printed before stays as it was."""
    words = Wording("fr", "en", "es", "de")
    row = Row("x", "law", lambda _: True, words, valid_from=date(2027, 1, 1), valid_to=date(2028, 6, 30))
    case = suppose(shop, {})
    days = {date(2026, 12, 31): 0, date(2027, 1, 1): 1, date(2028, 6, 30): 1, date(2028, 7, 1): 0}
    assert {day: len(mentions([row], case, Language.FRENCH, day)) for day in days} == days


def test_inv_03_articles_of_the_tax_code_are_cited_until_30_june_2028() -> None:
    """RULES, calendar trap 2: the CIBS replaces them; a row that names the CGI has an end."""
    citing = [row for row in TABLE if row.words and "CGI" in row.words.fr]
    assert citing
    assert {row.valid_to for row in citing} == {date(2028, 6, 30)}


def test_inv_03_the_nature_comes_from_the_lines_and_is_frozen_with_them(shop: Shop) -> None:
    goods, service = line(), line(kind=ProductKind.SERVICE)
    transport = line(kind=ProductKind.TRANSPORT)
    found = [shop.snapshot(shop.invoice(*lines)).nature for lines in ((goods,), (service, transport), (goods, service))]
    assert found == [OperationNature.GOODS, OperationNature.SERVICES, OperationNature.MIXED]


def test_inv_03_an_invoice_of_150_euros_needs_no_vat_number_of_the_seller(shop: Shop) -> None:
    """242 nonies A, II: up to 150 € without VAT; one cent more needs it."""
    small = suppose(shop, {"vat_number_of_seller": None, "lines": (line("150"),)})
    assert lacking(TABLE, small, TODAY) == []


def test_inv_15_the_discount_is_frozen_with_its_last_day(shop: Shop) -> None:
    case = suppose(shop, OFFER)
    [issued] = shop.issued(case.document)
    found = shop.snapshot(issued).early_payment
    assert found is not None
    assert (found.rate, found.until) == (Decimal("2.5"), date(2026, 12, 1))
