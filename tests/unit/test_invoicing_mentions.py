"""INV-03: the mentions that French law asks, row by row: present when due, absent when not, refused when data lack.

One row of `MENTIONS` for each row of the table (RULES §1.1, §1.2, §1.4); the VAT cases of §1.3 are in
`test_invoicing_vat_cases`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
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
from comptoir.catalogue.pricing import ProductKind, VatCategory, VatRow
from comptoir.documents.invoice_view import invoice_view
from comptoir.invoicing.freezing import snapshot
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.mention_table import TABLE
from comptoir.invoicing.mentions import Case, Row, in_force, lacking, mentions
from comptoir.invoicing.model import Document
from comptoir.invoicing.rules import Sources
from comptoir.invoicing.snapshot import Deduction, DocumentKind, InvoiceType, OperationNature, Origin, Period
from comptoir.invoicing.taxing import settled
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
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
    """A row under test: facts under which it is due, and others under which it is not, what it says, what it needs.

    `says` is its sentence, `shows` what the page has of it where it stands at a place of its own.
    """

    due: Facts = field(default_factory=dict)
    absent: tuple[Facts, ...] = ()
    says: str | None = None
    lacks: tuple[tuple[Facts, str], ...] = ()
    shows: tuple[str, ...] = ()


GOODS, SERVICES = {"lines": (line(),)}, {"lines": (line(kind=ProductKind.SERVICE),)}
MIXED = {"lines": (line(), line(kind=ProductKind.SERVICE))}
CONSUMER = {"professional": False, "siren": None, "vat_number": None}
DISCOUNT = {"early_payment_discount": "Escompte de 2 % à huit jours"}
OFFER = {"early_payment": EarlyPaymentOffer(rate=Decimal("2.5"), days=10)}
KEPT = {"early_payment": EarlyPaymentOffer(rate=Decimal(2), days=10, vat_kept=True)}
UNNUMBERED = {"siren": None, "siret": None, "registry": None, "vat_number": None, "siret_pending": True}
FRANCHISE = {"vat_regime": VatRegime.FRANCHISE, "lines": (line("1000", rate="0"),)}
CREDIT, CANCELLATION = {"kind": DocumentKind.CREDIT_NOTE}, {"kind": DocumentKind.CANCELLATION}
ABOUT = {"origin": Origin(document="0" * 26, number="2026-000700", issue_date=date(2026, 11, 3)), "reason": "Erreur"}
DOLLARS = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=date(2026, 11, 20), source="BCE")
DEPOSIT = Deduction(
    document="0" * 26,
    number="2026-000650",
    issue_date=date(2026, 10, 1),
    gross=Money.of("24", "EUR"),
    rows=(
        VatRow(category=VatCategory.STANDARD, rate=Decimal(20), base=Money.of("20", "EUR"), vat=Money.of("4", "EUR")),
    ),
)
WORKS = {"dwelling_works": True}
AT_10, AT_5 = {"lines": (line(rate="10", kind=ProductKind.SERVICE),)}, {"lines": (line(rate="5.5"),)}
CERTIFIED = (
    "certifie, en qualité de preneur de la prestation, que les travaux réalisés concernent des locaux à usage "
    "d'habitation achevés depuis plus de deux ans et qu'ils n'ont pas eu pour effet, sur une période de deux ans au "
    "plus, de concourir à la production d'un immeuble neuf au sens du 2° du 2 du I de l'article 257 du CGI, ni "
    "d'entraîner une augmentation de la surface de plancher des locaux existants supérieure à 10 %"
)

MENTIONS: dict[str, Mentioned] = {
    "title": Mentioned(shows=("FACTURE",)),
    "number": Mentioned(shows=("N° 2026-000777", "Facture n° 2026-000777")),
    "issue_date": Mentioned(shows=("Date d’émission", "21/11/2026")),
    "seller": Mentioned(
        lacks=(({"company_address": NOWHERE}, "seller_address"),), shows=("COMPTOIR DU PONANT", "12 quai de la Douane")
    ),
    "seller_vat_number": Mentioned(
        {"lines": (line("150.01"),)},
        (FRANCHISE | {"vat_number_of_seller": None},),
        lacks=(({"vat_number_of_seller": None, "lines": (line("150.01"),)}, "seller_vat_number"),),
        shows=("N° TVA : FR44732829320",),
    ),
    "buyer": Mentioned(lacks=(({"address": NOWHERE}, "buyer_address"),), shows=("Épicerie du Léon",)),
    "buyer_siren": Mentioned(
        {},
        (CONSUMER, {"siren": None, "address": ELSEWHERE.change(country="BE")}),
        lacks=(({"siren": None}, "buyer_siren"),),
        shows=("SIREN : 552 100 554",),
    ),
    "buyer_vat_number": Mentioned(
        {"vat_number": "FR96552100554", "siren": "552100554"},
        ({"vat_number": None},),
        shows=("N° TVA : FR96552100554",),
    ),
    "billing_address": Mentioned(
        {"billing_address": ELSEWHERE},
        ({},),
        lacks=(({"billing_address": NOWHERE}, "billing_address"),),
        shows=("Adresse de facturation", "3 rue du Port"),
    ),
    "delivery_address": Mentioned(
        {"delivery_address": ELSEWHERE}, ({},), shows=("Adresse de livraison", "3 rue du Port")
    ),
    "delivery_date": Mentioned({"delivery_date": date(2026, 11, 18)}, ({},), shows=("Date de livraison", "18/11/2026")),
    "period": Mentioned(
        {"period": Period(start=date(2026, 10, 1), end=date(2026, 10, 31))},
        ({},),
        shows=("du 01/10/2026 au 31/10/2026",),
    ),
    "order_reference": Mentioned({"customer_reference": "BC 118"}, ({},), shows=("Votre référence", "BC 118")),
    "lines": Mentioned(lacks=(({"lines": ()}, "no_lines"),), shows=("Bouée", "P.U. HT", "Qté")),
    "rebate": Mentioned({"lines": (line(discount_rate=Decimal(5)),)}, ({},), shows=("Remise", "5 %")),
    "vat_per_rate": Mentioned({}, (FRANCHISE,), shows=("Taux de TVA", "Base HT", "Montant TVA", "Total TTC")),
    "totals": Mentioned(shows=("Net à payer", "120,00 €")),
    "due_date": Mentioned({}, (CREDIT,), shows=("Date d’échéance", "21/12/2026")),
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
    "legal_form": Mentioned({}, ({"legal_form": LegalForm.EI},), shows=("COMPTOIR DU PONANT, SAS",)),
    "share_capital": Mentioned({}, ({"capital": None},), shows=("au capital de 80 000 €",)),
    "sole_trader": Mentioned({"legal_form": LegalForm.EI}, ({},), shows=("COMPTOIR DU PONANT EI",)),
    "association": Mentioned({"legal_form": LegalForm.ASSOCIATION}, ({},), shows=("Association loi 1901",)),
    "seller_siren": Mentioned({}, (UNNUMBERED,), shows=("SIREN 732 829 320", "SIREN : 732 829 320")),
    "registry": Mentioned({}, (UNNUMBERED, {"registry": None}), shows=("RCS Brest",)),
    "in_registration": Mentioned(
        UNNUMBERED,
        ({},),
        lacks=((UNNUMBERED | {"siret_pending_until": date(2026, 11, 20)}, "registration_overdue"),),
        shows=("Siret en cours d'attribution",),
    ),
    "in_liquidation": Mentioned({"in_liquidation": True}, ({},), shows=("en liquidation",)),
    "business_lessee": Mentioned({"business_lessee": True}, ({},), shows=("locataire-gérant",)),
    "domiciled": Mentioned({"domiciled_at": "Bureaux du Port"}, ({},), shows=("domiciliée chez Bureaux du Port",)),
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
    "dwelling": Mentioned(
        WORKS | AT_10,
        (AT_10,),
        lacks=((WORKS, "dwelling_without_reduced_rate"),),
        shows=("Date et signature du client :",),
    ),
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
    "vat_in_euro": Mentioned(
        {"currency": "USD"},
        ({},),
        lacks=(({"currency": "USD"}, "exchange_rate_missing"),),
        shows=("TVA en euros : 16,00 € (1 EUR = 1,25 USD, BCE, 20/11/2026)",),
    ),
    "down_payment": Mentioned({"invoice_type": InvoiceType.DOWN_PAYMENT}, ({},), shows=("FACTURE D’ACOMPTE",)),
    "deductions": Mentioned(
        {"deductions": (DEPOSIT,)},
        ({},),
        shows=("Acompte, facture n°", "2026-000650", "Acomptes déduits", "−24,00 €"),
    ),
    "replaced_invoice": Mentioned(
        {"replaces": ABOUT["origin"], "invoice_type": InvoiceType.REPLACEMENT},
        ({},),
        shows=("Annule et remplace la facture n° 2026-000700 du 03/11/2026", "FACTURE RECTIFICATIVE"),
    ),
    "credit_of_invoice": Mentioned(
        CREDIT,
        ({}, CANCELLATION),
        lacks=((CREDIT, "origin_missing"), (CREDIT, "reason_missing")),
        shows=("AVOIR", "Avoir sur la facture n° 2026-000700 du 03/11/2026", "Motif : Erreur"),
    ),
    "cancellation_of_invoice": Mentioned(
        CANCELLATION,
        ({}, CREDIT),
        lacks=((CANCELLATION, "origin_missing"),),
        shows=("ANNULATION DE FACTURE", "Annulation de la facture n° 2026-000700 du 03/11/2026"),
    ),
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


def page(case: Case) -> str:
    """Everything that the document would print, with ordinary spaces."""
    rate = DOLLARS if case.document.currency == "USD" else None
    sources = Sources(
        case.company, case.customer, settled(case.company, case.customer, case.document, TODAY), rate=rate
    )
    content = snapshot(sources, "2026-000777", TODAY, datetime(2026, 11, 21, 9, 30, tzinfo=UTC), "0" * 26, "Anne")
    said = json.dumps(asdict(invoice_view(content)), default=str, ensure_ascii=False)
    return said.replace("\u00a0", " ").replace("\u202f", " ")


def due(case: Case) -> set[str]:
    return {row.code for row in in_force(TABLE, case, TODAY)}


def test_inv_03_every_row_of_the_mentions_is_under_test() -> None:
    assert [row.code for row in TABLE] == list(MENTIONS)
    assert all(row.source for row in TABLE)
    assert {row.code for row in TABLE if row.words} == {code for code, row in MENTIONS.items() if row.says}
    assert {row.code for row in TABLE if not row.words} == {code for code, row in MENTIONS.items() if row.shows}


@pytest.mark.parametrize("code", MENTIONS)
def test_inv_03_a_mention_is_due_when_its_case_applies_and_only_then(shop: Shop, code: str) -> None:
    row = MENTIONS[code]
    assert code in due(suppose(shop, row.due))
    for facts in row.absent:
        assert code not in due(suppose(open_shop(), facts))


@pytest.mark.parametrize("code", [code for code, row in MENTIONS.items() if row.shows])
def test_inv_03_what_has_its_place_stands_there_and_only_then(shop: Shop, code: str) -> None:
    row = MENTIONS[code]
    printed = page(suppose(shop, ABOUT | row.due if "kind" in row.due else row.due))
    assert [shown for shown in row.shows if shown not in printed] == []
    for facts in row.absent:
        printed = page(suppose(open_shop(), ABOUT | facts if "kind" in facts else facts))
        assert row.shows[0] not in printed


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
