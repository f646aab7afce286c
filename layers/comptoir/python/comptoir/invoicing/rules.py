"""Decisions on invoices and credit notes: what is wrong with a draft, what an issued one contains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from comptoir.access.model import Company, VatRegime
from comptoir.catalogue.pricing import VatCategory
from comptoir.catalogue.vat import accepted
from comptoir.docbase.ready import CLASSIC, READY
from comptoir.docbase.template import PrintKind, Template, frozen
from comptoir.invoicing.mentions import Case, mentions, nature_of
from comptoir.invoicing.model import TRANSITIONS, Document, DocumentStatus
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.errors import Breach, Conflict
from comptoir.orders.model import INVOICE, Order, OrderStatus
from comptoir.parties.model import Party, VatTreatment
from comptoir.parties.sides import buyer, seller
from comptoir.treasury.model import Instalment
from comptoir.treasury.rules import instalments, percentages

_EURO = "EUR"


@dataclass(frozen=True)
class Sources:
    """What a document is issued from, as it stands now."""

    company: Company
    customer: Party
    document: Document
    order: Order | None = None
    template: Template = READY[CLASSIC]


class NotInStatus(Conflict):
    """The document's status does not lead there: what is issued stays so (INV-07)."""

    code = "document_status"
    fr = "Le statut du document ne le permet pas."
    en = "The status of the document does not allow it."


def moved(document: Document, status: DocumentStatus, **fields: Any) -> Document:
    """The document in its next status, with what else changes. Errors: `NotInStatus` outside the transitions."""
    if status not in TRANSITIONS[document.status]:
        raise NotInStatus(status=document.status.value, wanted=status.value)
    return document.change(status=status, **fields)


def issue_date(document: Document, today: date, last: date | None) -> date:
    """The date the document gets: the one wanted, else today, never before the last one given.

    Two functions' clocks may differ around midnight; a date that nobody chose follows the series.
    """
    return document.wanted_date or max(today, last or today)


def due(sources: Sources, day: date) -> tuple[Instalment, ...]:
    """The instalments of an invoice dated `day`; a credit note has none (INV-05)."""
    document, order = sources.document, sources.order
    if document.kind is DocumentKind.CREDIT_NOTE:
        return ()
    dates = {m.name: m.actual or m.forecast for m in order.milestones} if order else {}
    known = {name: when for name, when in dates.items() if when} | {INVOICE: day}
    return instalments(document.terms, document.totals.gross, known, document.language, not_before=day)


def breaches(sources: Sources, today: date) -> list[Breach]:
    """Everything that keeps a draft from being issued (INV-03): each with its place."""
    company, customer, document = sources.company, sources.customer, sources.document
    found = [*_seller_breaches(company), *_buyer_breaches(customer, document)]
    if not document.lines:
        found.append(_breach("no_lines", "Le document n'a aucune ligne.", "The document has no line.", "/lines"))
    if document.totals.gross.amount < 0:
        found.append(
            _breach("negative_total", "Le total ne peut pas être négatif.", "The total cannot be negative.", "/lines")
        )
    found += [*_vat_breaches(document, document.wanted_date or today), *_date_breaches(document, today)]
    if document.kind is DocumentKind.INVOICE:
        found += [*_term_breaches(sources, today), *_order_breaches(sources.order)]
    return found


def _order_breaches(order: Order | None) -> list[Breach]:
    """A draft of an order whose confirmation was undone waits until the order is confirmed again (CNF-06)."""
    if order is None or order.status in (OrderStatus.CONFIRMED, OrderStatus.COMPLETED):
        return []
    fr, en = "La commande de cette facture n'est plus validée.", "The order of this invoice is no longer confirmed."
    return [_breach("order_not_invoiceable", fr, en, "/order", f"/orders/{order.id}")]


def _vat_breaches(document: Document, day: date) -> list[Breach]:
    """What the VAT of a document lacks (RULES §1.1 12°, §2.3, §2.4); a credit note takes its invoice's rates."""
    found = []
    if document.currency != _EURO:
        found.append(
            _breach(
                "vat_in_euro",
                "Hors euro, la TVA doit aussi figurer en euros : cette facturation n'est pas encore prise en charge.",
                "In another currency VAT must be shown in euro too: such invoices are not supported yet.",
                "/currency",
            )
        )
    if document.kind is DocumentKind.CREDIT_NOTE:
        return found
    for number, line in enumerate(document.lines):
        pointer = f"/lines/{number}/priced/vat_rate"
        if not accepted(line.priced.vat_rate, day):
            found.append(
                _breach(
                    "vat_rate_not_in_force",
                    "Ce taux de TVA n'est pas en vigueur à la date de la facture.",
                    "This VAT rate is not in force on the invoice's date.",
                    pointer,
                )
            )
        elif line.priced.vat_category is VatCategory.ZERO and line.priced.net:
            found.append(
                _breach(
                    "zero_vat_without_reason",
                    "Une vente intérieure sans TVA doit en imprimer le motif légal : aucun ne s'applique ici.",
                    "A domestic sale without VAT must print its legal reason: none applies here.",
                    pointer,
                )
            )
    return found


def _breach(code: str, fr: str, en: str, pointer: str | None = None, link: str | None = None) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer, link=link)


def _seller_breaches(company: Company) -> list[Breach]:
    identity, found = company.identity, []
    if not identity.address.lines or not (identity.address.postcode or identity.address.city):
        found.append(
            _breach(
                "seller_address",
                "L'adresse du siège de la société est incomplète.",
                "The company's registered address is incomplete.",
                "/identity/address",
                "/company",
            )
        )
    if identity.vat_regime is VatRegime.FRANCHISE:
        found.append(
            _breach(
                "vat_regime_unsupported",
                "La franchise en base n'est pas encore prise en charge à la facturation.",
                "Invoicing under the VAT exemption scheme (franchise en base) is not supported yet.",
                "/identity/vat_regime",
                "/company",
            )
        )
    elif not identity.vat_number:
        found.append(
            _breach(
                "seller_vat_number",
                "Le numéro de TVA de la société manque.",
                "The company's VAT number is missing.",
                "/identity/vat_number",
                "/company",
            )
        )
    return found


def _buyer_breaches(customer: Party, document: Document) -> list[Breach]:
    link, found = f"/parties/{document.customer}", []
    address = customer.address
    if not address.lines or not (address.postcode or address.city):
        found.append(
            _breach(
                "buyer_address",
                "L'adresse du client est incomplète (une ligne, et le code postal ou la ville).",
                "The customer's address is incomplete (one line, and postcode or city).",
                "/address",
                link,
            )
        )
    if customer.professional and address.country == "FR" and not customer.siren:
        found.append(
            _breach(
                "buyer_siren",
                "Le SIREN du client manque.",
                "The customer's SIREN is missing.",
                "/siren",
                link,
            )
        )
    if customer.vat_treatment is not VatTreatment.DOMESTIC:
        found.append(
            _breach(
                "vat_treatment_unsupported",
                "Seules les ventes au régime intérieur peuvent être facturées pour l'instant.",
                "Only domestic sales can be invoiced for now.",
                "/vat_treatment",
                link,
            )
        )
    return found


def _date_breaches(document: Document, today: date) -> list[Breach]:
    wanted, found = document.wanted_date, []
    if wanted and wanted > today:
        found.append(_breach("date_future", "La date est future.", "The date is in the future.", "/wanted_date"))
    # A date that nobody chose follows the series, which the invoice has joined before.
    if document.origin and wanted and wanted < document.origin.issue_date:
        found.append(
            _breach(
                "date_before_invoice",
                "La date de l'avoir précède celle de la facture.",
                "The credit note's date is before the invoice's.",
                "/wanted_date",
            )
        )
    return found


def _term_breaches(sources: Sources, today: date) -> list[Breach]:
    document = sources.document
    found = []
    if percentages(document.terms) != 100:
        found.append(
            _breach(
                "terms_not_100",
                "Les conditions de règlement ne totalisent pas 100 %.",
                "The payment terms do not add up to 100 %.",
                "/terms",
            )
        )
    elif not due(sources, document.wanted_date or today):
        found.append(
            _breach(
                "due_date_unknown",
                "Une condition de règlement dépend d'une date-repère sans date.",
                "A payment term hangs on a milestone that has no date.",
                "/terms",
                f"/orders/{document.order}" if document.order else None,
            )
        )
    return found


def snapshot(sources: Sources, number: str, day: date, now: datetime, operator: str, operator_name: str) -> Snapshot:
    """The frozen content of the document that gets `number` on `day` from an operator (INV-07)."""
    document, lines = sources.document, tuple(line.priced for line in sources.document.lines)
    nature = nature_of(lines)
    case = Case(sources.company, sources.customer, nature)
    return Snapshot(
        kind=document.kind,
        document=document.id,
        number=number,
        issue_date=day,
        issued_at=now,
        operator=operator_name,
        operator_id=operator,
        language=document.language,
        currency=document.currency,
        seller=seller(sources.company, document.language),
        buyer=buyer(sources.customer),
        order_number=document.order_number,
        customer_reference=document.customer_reference,
        delivery_date=document.delivery_date,
        nature=nature,
        lines=lines,
        totals=document.totals,
        instalments=due(sources, day),
        mentions=mentions(case, document.language, day),
        origin=document.origin,
        reason=document.reason,
        note=document.note,
        appearance=frozen(sources.template, document.language, PrintKind(document.kind.value)),
    )


def issued(document: Document, number: str, sequence: int, day: date, operator_name: str) -> Document:
    """The head of the document once it is numbered: its lines now live in the chain alone."""
    told = {"number": number, "sequence": sequence, "issue_date": day, "validated_by": operator_name}
    return moved(document, DocumentStatus.ISSUED, lines=(), **told)
