"""The mentions of who sells, of special cases, and of documents that take back (RULES §1.2 to §1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from comptoir.access.model import LegalForm, Represented
from comptoir.invoicing.mention_needs import INSURANCE, ORIGIN, REASON, REDUCED_RATE, in_registration
from comptoir.invoicing.mentions import CGI_END, Case, Row
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType
from comptoir.kernel.identity import Address
from comptoir.parties.sides import APPROVED_ASSOCIATION, one_line
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording

_REGISTER = "C. com. art. R123-237, R123-238"
_NONIES = "CGI ann. II art. 242 nonies A, I"
_COMPANIES = frozenset(LegalForm) - {LegalForm.EI, LegalForm.ASSOCIATION}


def _of(represented: Represented | None) -> Mapping[str, str]:
    if represented is None:
        return {}
    address: Address = represented.address
    return {"name": represented.name, "address": one_line(address), "vat_number": represented.vat_number}


def _representative(case: Case, _: Language) -> Mapping[str, str]:
    return _of(case.company.identity.tax_representative)


def _group(case: Case, _: Language) -> Mapping[str, str]:
    return _of(case.company.identity.vat_group)


def _insured(case: Case, _: Language) -> Mapping[str, str]:
    return {"insurance": case.company.identity.insurance or ""}


def _client(case: Case, _: Language) -> Mapping[str, str]:
    return {"client": case.customer.name}


IDENTITY = (
    Row("legal_form", _REGISTER, lambda case: case.company.identity.legal_form in _COMPANIES),
    Row(
        "share_capital",
        _REGISTER,
        lambda case: case.company.identity.capital is not None or case.company.identity.variable_capital,
    ),
    Row("sole_trader", "C. com. art. R526-27", lambda case: case.company.identity.legal_form is LegalForm.EI),
    Row(
        "association", "Loi du 1er juillet 1901", lambda case: case.company.identity.legal_form is LegalForm.ASSOCIATION
    ),
    Row("seller_siren", f"{_REGISTER}; {_NONIES} 1°", lambda case: case.company.identity.siren is not None),
    Row("registry", _REGISTER, lambda case: bool(case.company.identity.siren and case.company.identity.registry)),
    Row("in_registration", _REGISTER, in_registration),
    Row("in_liquidation", _REGISTER, lambda case: case.company.identity.in_liquidation),
    Row("business_lessee", _REGISTER, lambda case: case.company.identity.business_lessee),
    Row("domiciled", _REGISTER, lambda case: case.company.identity.domiciled_at is not None),
    Row(
        "tax_representative",
        f"{_NONIES} 5°",
        lambda case: case.company.identity.tax_representative is not None,
        Wording(
            fr="Représentant fiscal : {name}, {address}, n° TVA {vat_number}",
            en="Tax representative: {name}, {address}, VAT number {vat_number}",
            es="Representante fiscal: {name}, {address}, n.º de IVA {vat_number}",
            de="Steuervertreter: {name}, {address}, USt-IdNr. {vat_number}",
        ),
        _representative,
    ),
    Row(
        "vat_group",
        f"{_NONIES} 5° bis",
        lambda case: case.company.identity.vat_group is not None,
        Wording(
            fr="Membre d'un assujetti unique : {name}, {address}, n° TVA {vat_number}",
            en="Member of a VAT group (« Membre d'un assujetti unique »): {name}, {address}, VAT number {vat_number}",
            es="Miembro de un grupo de IVA (« Membre d'un assujetti unique »): {name}, {address}, n.º de IVA "
            "{vat_number}",
            de="Mitglied einer Mehrwertsteuergruppe (« Membre d'un assujetti unique »): {name}, {address}, USt-IdNr. "
            "{vat_number}",
        ),
        _group,
    ),
)
"""In the legal line at the foot, but those that have words."""


def _certified(case: Case) -> bool:
    return case.invoice and case.document.dwelling_works


def _works_at(rate: str) -> Row:
    """The certificate of the customer, for one rate (BOI-LETTRE-000280); the customer signs it."""
    energy = rate == "5.5"
    words = Wording(
        fr="Je soussigné(e) {client} certifie, en qualité de preneur de la prestation, que les travaux réalisés "
        "concernent des locaux à usage d'habitation achevés depuis plus de deux ans et qu'ils n'ont pas eu pour effet, "
        "sur une période de deux ans au plus, de concourir à la production d'un immeuble neuf au sens du 2° du 2 du I "
        "de l'article 257 du CGI, ni d'entraîner une augmentation de la surface de plancher des locaux existants "
        "supérieure à 10 %"
        + (" et qu'ils ont la nature de travaux de rénovation énergétique" if energy else "")
        + ". Date et signature du client :",
        en="I, {client}, certify as the customer that the works concern dwellings completed more than two years ago "
        "and that, over at most two years, they have neither contributed to a new building within the meaning of "
        "article 257, I, 2, 2° of the French tax code, nor increased the floor area by more than 10 %"
        + (", and that they are energy renovation works" if energy else "")
        + ". Customer's date and signature:",
        es="El abajo firmante, {client}, certifica como cliente que las obras se refieren a viviendas terminadas hace "
        "más de dos años y que, en un período máximo de dos años, no han contribuido a la producción de un edificio "
        "nuevo en el sentido del artículo 257, I, 2, 2° del CGI francés, ni aumentado la superficie en más del 10 %"
        + (", y que son obras de renovación energética" if energy else "")
        + ". Fecha y firma del cliente:",
        de="Der Unterzeichnete, {client}, bescheinigt als Leistungsempfänger, dass die Arbeiten vor mehr als zwei "
        "Jahren fertiggestellte Wohnräume betreffen und innerhalb von höchstens zwei Jahren weder zur Herstellung "
        "eines Neubaus im Sinne von Artikel 257, I, 2, 2° CGI beigetragen noch die Geschossfläche um mehr als 10 % "
        "vergrößert haben"
        + (" und dass es sich um energetische Sanierungsarbeiten handelt" if energy else "")
        + ". Datum und Unterschrift des Kunden:",
    )
    return Row(
        f"dwelling_{rate.replace('.', '_')}",
        "CGI art. 278-0 bis A" if energy else "CGI art. 279-0 bis",
        lambda case: _certified(case) and (any(line.priced.vat_rate == Decimal(rate) for line in case.document.lines)),
        words,
        _client,
        valid_from=date(2025, 2, 16),
        valid_to=CGI_END,
    )


SPECIAL = (
    Row("dwelling", "CGI art. 279-0 bis, 278-0 bis A", _certified, needs=(REDUCED_RATE,)),
    _works_at("10"),
    _works_at("5.5"),
    Row(
        "insurance",
        "Loi 96-603 art. 22-2",
        lambda case: case.company.identity.insurance is not None or case.company.identity.insurance_required,
        Wording("{insurance}", "{insurance}", "{insurance}", "{insurance}"),
        _insured,
        (INSURANCE,),
    ),
    Row(
        "approved_association",
        "CGI art. 1649 quater E bis",
        lambda case: case.company.identity.approved_association,
        APPROVED_ASSOCIATION,
    ),
    Row("vat_in_euro", "CGI art. 289 IV, 266-1 bis", lambda case: case.document.currency != "EUR"),
)

_DEPOSITS = "CGI art. 289 I-1 c; BOI-TVA-DECLA-30-20-10-20"

TAKING_BACK = (
    Row(
        "down_payment", _DEPOSITS, lambda case: case.document.invoice_type is InvoiceType.DOWN_PAYMENT and case.invoice
    ),
    Row("deductions", _DEPOSITS, lambda case: bool(case.document.deductions)),
    Row("replaced_invoice", "BOI-TVA-DECLA-30-20-20-20 § 240", lambda case: case.document.replaces is not None),
    Row(
        "credit_of_invoice",
        "CGI art. 289 I-5; BOI-TVA-DECLA-30-20-20-20 § 220",
        lambda case: case.document.kind is DocumentKind.CREDIT_NOTE,
        needs=(ORIGIN, REASON),
    ),
    Row(
        "cancellation_of_invoice",
        "CGI art. 289 I-5; BOI-TVA-DECLA-30-20-20-20 § 220",
        lambda case: case.document.kind is DocumentKind.CANCELLATION,
        needs=(ORIGIN,),
    ),
)
