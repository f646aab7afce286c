"""The mentions of every invoice and credit note (CGI ann. II art. 242 nonies A, C. com. L441-9; RULES §1.1)."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.access.model import VatRegime
from comptoir.invoicing.mention_needs import (
    BILLING_ADDRESS,
    BUYER_ADDRESS,
    BUYER_SIREN,
    LINES,
    SELLER_ADDRESS,
    SELLER_VAT_NUMBER,
    french_professional,
    needs_vat_number,
)
from comptoir.invoicing.mentions import CGI_END, Case, Row
from comptoir.invoicing.snapshot import OperationNature
from comptoir.kernel.money import plain
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording

_NONIES = "CGI ann. II art. 242 nonies A, I"
_L441 = "C. com. art. L441-9"


def always(_: Case) -> bool:
    """A mention of every document."""
    return True


def to_professional(case: Case) -> bool:
    """A credit note too: it is assimilated to an invoice (CGI 289 I-5), and BR-FR-05 asks for the same notes."""
    return case.customer.professional


def _discounted(case: Case) -> bool:
    terms = case.company.terms
    return terms.early_payment is not None or terms.early_payment_discount is not None


def _shown(number: str, language: Language) -> str:
    return number if language is Language.ENGLISH else number.replace(".", ",")


def _penalty(case: Case, language: Language) -> Mapping[str, str]:
    return {"penalty": _shown(plain(case.company.terms.penalty_rate.normalize()), language)}


def _offer(case: Case, language: Language) -> Mapping[str, str]:
    offer = case.company.terms.early_payment
    return {"rate": _shown(plain(offer.rate.normalize()), language), "days": str(offer.days)} if offer else {}


def _own_discount(case: Case, _: Language) -> Mapping[str, str]:
    return {"discount": case.company.terms.early_payment_discount or ""}


def _of_nature(nature: OperationNature, words: Wording) -> Row:
    return Row(f"nature_{nature}", f"{_NONIES} 8° bis", lambda case: case.nature is nature, words)


GENERAL = (
    Row("title", f"{_L441}; CGI art. 289", always),
    Row("number", f"{_NONIES} 7°", always),
    Row("issue_date", f"{_NONIES} 6°", always),
    Row("seller", f"{_NONIES} 1°", always, needs=(SELLER_ADDRESS,)),
    Row(
        "seller_vat_number",
        f"{_NONIES} 2°",
        lambda case: bool(case.company.identity.vat_number) or needs_vat_number(case),
        needs=(SELLER_VAT_NUMBER,),
    ),
    Row("buyer", f"{_NONIES} 1°", always, needs=(BUYER_ADDRESS,)),
    Row("buyer_siren", f"{_NONIES} 1°; décret 2022-1299", french_professional, needs=(BUYER_SIREN,)),
    Row(
        "buyer_vat_number",
        f"{_NONIES} 3° and 4°",
        lambda case: case.customer.vat_number is not None,
    ),
    Row(
        "billing_address",
        _L441,
        lambda case: case.customer.billing_address not in (None, case.customer.address),
        needs=(BILLING_ADDRESS,),
    ),
    Row(
        "delivery_address",
        f"{_NONIES} 7° bis",
        lambda case: case.customer.delivery_address not in (None, case.customer.address),
    ),
    Row(
        "delivery_date",
        f"{_NONIES} 10°",
        lambda case: case.document.delivery_date is not None,
    ),
    Row("period", f"{_NONIES} 10°", lambda case: case.document.period is not None),
    Row("order_reference", _L441, lambda case: case.document.customer_reference is not None),
    Row("lines", f"{_NONIES} 8°", always, needs=(LINES,)),
    Row("rebate", f"{_NONIES} 9°", lambda case: any(line.priced.discount_rate for line in case.document.lines)),
    Row("vat_per_rate", f"{_NONIES} 11°", lambda case: any(row.rate for row in case.document.totals.rows)),
    Row("totals", f"{_NONIES} 11°; {_L441}", always),
    Row("due_date", _L441, lambda case: case.invoice),
    _of_nature(
        OperationNature.GOODS,
        Wording(
            fr="Nature de l'opération : Livraison de biens",
            en="Nature of the operation: Supply of goods",
            es="Naturaleza de la operación: Entrega de bienes",
            de="Art des Umsatzes: Lieferung von Gegenständen",
        ),
    ),
    _of_nature(
        OperationNature.SERVICES,
        Wording(
            fr="Nature de l'opération : Prestation de services",
            en="Nature of the operation: Supply of services",
            es="Naturaleza de la operación: Prestación de servicios",
            de="Art des Umsatzes: Dienstleistung",
        ),
    ),
    _of_nature(
        OperationNature.MIXED,
        Wording(
            fr="Nature de l'opération : Livraison de biens et prestation de services",
            en="Nature of the operation: Supply of goods and services",
            es="Naturaleza de la operación: Entrega de bienes y prestación de servicios",
            de="Art des Umsatzes: Lieferung von Gegenständen und Dienstleistung",
        ),
    ),
    Row(
        "vat_on_debits",
        f"{_NONIES} 11° bis",
        lambda case: case.company.identity.vat_regime is VatRegime.DEBITS and case.nature is not OperationNature.GOODS,
        Wording(
            fr="Option pour le paiement de la taxe d'après les débits",
            en="VAT paid on debits (« Option pour le paiement de la taxe d'après les débits »)",
            es="IVA exigible según los débitos (« Option pour le paiement de la taxe d'après les débits »)",
            de="Sollversteuerung (« Option pour le paiement de la taxe d'après les débits »)",
        ),
    ),
    Row(
        "no_discount",
        _L441,
        lambda case: to_professional(case) and not _discounted(case),
        Wording(
            fr="Pas d'escompte pour paiement anticipé",
            en="No discount for early payment",
            es="Sin descuento por pronto pago",
            de="Kein Skonto bei vorzeitiger Zahlung",
        ),
    ),
    Row(
        "discount",
        _L441,
        lambda case: to_professional(case) and case.company.terms.early_payment_discount is not None,
        Wording("{discount}", "{discount}", "{discount}", "{discount}"),
        _own_discount,
    ),
    Row(
        "early_payment",
        _L441,
        lambda case: (
            to_professional(case)
            and case.company.terms.early_payment is not None
            and case.company.terms.early_payment_discount is None
        ),
        Wording(
            fr="Escompte de {rate} % pour tout paiement dans les {days} jours suivant la date de la facture",
            en="Discount of {rate} % for payment within {days} days of the invoice's date",
            es="Descuento del {rate} % por pago en los {days} días siguientes a la fecha de la factura",
            de="{rate} % Skonto bei Zahlung innerhalb von {days} Tagen ab Rechnungsdatum",
        ),
        _offer,
    ),
    Row(
        "early_payment_vat",
        "CGI art. 272-1; BOI-TVA-BASE-10-20",
        lambda case: (
            to_professional(case)
            and case.company.terms.early_payment is not None
            and not case.company.terms.early_payment.vat_kept
        ),
        Wording(
            fr="L'escompte donne lieu à une TVA récupérable réduite d'autant",
            en="The discount reduces the recoverable VAT accordingly",
            es="El descuento reduce en la misma medida el IVA deducible",
            de="Der Skontoabzug mindert die abziehbare Vorsteuer entsprechend",
        ),
        valid_to=CGI_END,
    ),
    Row(
        "late_penalty",
        f"{_L441}, L441-10",
        to_professional,
        Wording(
            fr="En cas de retard de paiement, pénalités au taux annuel de {penalty} %, exigibles sans qu'un rappel "
            "soit nécessaire",
            en="Late payment: penalties at the yearly rate of {penalty} %, due without any reminder",
            es="En caso de retraso en el pago, penalización al tipo anual del {penalty} %, exigible sin necesidad de "
            "recordatorio",
            de="Bei Zahlungsverzug Verzugszinsen von jährlich {penalty} %, ohne Mahnung fällig",
        ),
        _penalty,
    ),
    Row(
        "late_fee_40",
        f"{_L441}, D441-5",
        to_professional,
        Wording(
            fr="Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €",
            en="Fixed compensation for recovery costs in the event of late payment: €40",
            es="Indemnización fija por gastos de cobro en caso de retraso en el pago: 40 €",
            de="Pauschale für Beitreibungskosten bei Zahlungsverzug: 40 €",
        ),
    ),
)
"""In the order of the page; those without words stand at their place on it."""
