"""The mentions of the law, as dated rows with their condition (INV-03, RULES §1.1).

A row is copied into the document when it is issued and never looked up again: a change of the law
is a new row with its dates, and reprints keep the old text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from comptoir.access.model import Company, VatRegime
from comptoir.catalogue.pricing import PricedLine, ProductKind
from comptoir.invoicing.snapshot import Mention, OperationNature
from comptoir.kernel.money import plain
from comptoir.parties.model import Party
from comptoir.parties.snapshot import Language


@dataclass(frozen=True)
class Case:
    """What decides on the mentions of a document."""

    company: Company
    customer: Party
    nature: OperationNature


@dataclass(frozen=True)
class Row:
    """A mention: its texts (fields in braces), since when and until when, and when it is due."""

    code: str
    fr: str
    en: str
    due: Callable[[Case], bool]
    source: str
    valid_from: date = date(1900, 1, 1)
    valid_to: date | None = None


def _to_professional(case: Case) -> bool:
    """A credit note too: it is assimilated to an invoice (CGI 289 I-5), and BR-FR-05 asks for the same notes."""
    return case.customer.professional


def _discount(case: Case) -> bool:
    return case.company.terms.early_payment_discount is not None


ROWS = (
    Row(
        "nature_goods",
        "Nature de l'opération : Livraison de biens",
        "Nature of the operation: Supply of goods",
        lambda case: case.nature is OperationNature.GOODS,
        "CGI ann. II art. 242 nonies A, I 8° bis",
    ),
    Row(
        "nature_services",
        "Nature de l'opération : Prestation de services",
        "Nature of the operation: Supply of services",
        lambda case: case.nature is OperationNature.SERVICES,
        "CGI ann. II art. 242 nonies A, I 8° bis",
    ),
    Row(
        "nature_mixed",
        "Nature de l'opération : Livraison de biens et prestation de services",
        "Nature of the operation: Supply of goods and services",
        lambda case: case.nature is OperationNature.MIXED,
        "CGI ann. II art. 242 nonies A, I 8° bis",
    ),
    Row(
        "vat_on_debits",
        "Option pour le paiement de la taxe d'après les débits",
        "VAT paid on debits (« Option pour le paiement de la taxe d'après les débits »)",
        lambda case: case.company.identity.vat_regime is VatRegime.DEBITS and case.nature is not OperationNature.GOODS,
        "CGI ann. II art. 242 nonies A, I 11° bis",
    ),
    Row(
        "no_discount",
        "Pas d'escompte pour paiement anticipé",
        "No discount for early payment",
        lambda case: _to_professional(case) and not _discount(case),
        "C. com. art. L441-9",
    ),
    Row(
        "discount",
        "{discount}",
        "{discount}",
        lambda case: _to_professional(case) and _discount(case),
        "C. com. art. L441-9",
    ),
    Row(
        "late_penalty",
        "En cas de retard de paiement, pénalités au taux annuel de {penalty} %, exigibles sans qu'un rappel soit "
        "nécessaire",
        "Late payment: penalties at the yearly rate of {penalty} %, due without any reminder",
        _to_professional,
        "C. com. art. L441-9, L441-10",
    ),
    Row(
        "late_fee_40",
        "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €",
        "Fixed compensation for recovery costs in the event of late payment: €40",
        _to_professional,
        "C. com. art. L441-9, D441-5",
    ),
    Row(
        "insurance",
        "{insurance}",
        "{insurance}",
        lambda case: case.company.identity.insurance is not None,
        "Loi 96-603 art. 22-2",
    ),
    Row(
        "approved_association",
        "Membre d'une association agréée, le règlement par chèque et carte bancaire est accepté",
        "Member of an approved association; payment by cheque and bank card is accepted",
        lambda case: case.company.identity.approved_association,
        "CGI art. 1649 quater E bis",
    ),
)


def mentions(case: Case, language: Language, day: date) -> tuple[Mention, ...]:
    """The mentions due on `day` for this case, in the document's language."""
    fields = {
        "discount": case.company.terms.early_payment_discount or "",
        "insurance": case.company.identity.insurance or "",
        "penalty": _rate(case, language),
    }
    found = []
    for row in ROWS:
        in_force = row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
        if in_force and row.due(case):
            template = row.fr if language is Language.FRENCH else row.en
            found.append(Mention(code=row.code, text=template.format(**fields)))
    return tuple(found)


def _rate(case: Case, language: Language) -> str:
    shown = plain(case.company.terms.penalty_rate.normalize())
    return shown.replace(".", ",") if language is Language.FRENCH else shown


def nature_of(lines: tuple[PricedLine, ...]) -> OperationNature:
    """Goods, services or both: transport and services count as services."""
    kinds = {line.kind is ProductKind.GOODS for line in lines}
    if kinds == {True}:
        return OperationNature.GOODS
    return OperationNature.SERVICES if kinds == {False} else OperationNature.MIXED
