"""One row for each row of the table of mentions, to try it with: when it is due, when not, what it says (INV-03)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from comptoir.access.model import (
    EarlyPaymentOffer,
    LegalForm,
    Represented,
    VatGroup,
    VatRegime,
)
from comptoir.catalogue.pricing import ProductKind, VatCategory, VatRow
from comptoir.invoicing.snapshot import Deduction, DocumentKind, InvoiceType, Origin, Period
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from tests.unit.invoicing_support import line

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
