"""Decisions on invoices and credit notes: their statuses and dates, and what is wrong with a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from comptoir.access.model import Company
from comptoir.docbase.ready import CLASSIC, READY
from comptoir.docbase.template import Template
from comptoir.invoicing.euros import chargeable_on, euro_breaches
from comptoir.invoicing.mention_table import TABLE
from comptoir.invoicing.mentions import Case, lacking
from comptoir.invoicing.model import TRANSITIONS, Document, DocumentStatus
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.invoicing.taxing import Taxed, vat_breaches
from comptoir.kernel.errors import Breach, Conflict
from comptoir.kernel.exchange import ExchangeRate
from comptoir.orders.model import INVOICE, Order, OrderStatus
from comptoir.parties.model import Party
from comptoir.treasury.model import Instalment
from comptoir.treasury.rules import instalments, percentages


@dataclass(frozen=True)
class Sources:
    """What a document is issued from, as it stands now; `rate` is the one that fixes its VAT in euro."""

    company: Company
    customer: Party
    document: Document
    order: Order | None = None
    template: Template = READY[CLASSIC]
    rate: ExchangeRate | None = None

    @property
    def case(self) -> Case:
        """What decides on the mentions."""
        return Case(self.company, self.customer, self.document)


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
    """The instalments of an invoice dated `day`; what takes back has none (INV-05)."""
    document, order = sources.document, sources.order
    if document.kind is not DocumentKind.INVOICE:
        return ()
    dates = {m.name: m.actual or m.forecast for m in order.milestones} if order else {}
    known = {name: when for name, when in dates.items() if when} | {INVOICE: day}
    return instalments(document.terms, document.due, known, document.language, not_before=day)


def breaches(sources: Sources, today: date) -> list[Breach]:
    """Everything that keeps a draft from being issued (INV-03): each with its place."""
    document, day = sources.document, sources.document.wanted_date or today
    found = [*lacking(TABLE, sources.case, day), *registration_breaches(sources.company, day)]
    if document.totals.gross.amount < 0:
        found.append(
            _breach("negative_total", "Le total ne peut pas être négatif.", "The total cannot be negative.", "/lines")
        )
    found += vat_breaches(Taxed(sources.company, sources.customer, document), day)
    found += euro_breaches(document, sources.rate, chargeable_on(document, day))
    found += _date_breaches(document, today)
    if document.kind is DocumentKind.INVOICE:
        found += [*_term_breaches(sources, today), *_order_breaches(sources.order)]
    return found


def registration_breaches(company: Company, day: date) -> list[Breach]:
    """A company invoices without a number only as long as its registration may last (RULES §1.2)."""
    identity = company.identity
    if not identity.siret_pending or identity.siret_pending_until is None or day <= identity.siret_pending_until:
        return []
    fr = "Le SIRET n'est plus en cours d'attribution à cette date : saisissez le SIREN de la société."
    en = "The SIRET is no longer being assigned on this date: enter the company's SIREN."
    return [_breach("registration_overdue", fr, en, "/identity/siren", "/company")]


def _order_breaches(order: Order | None) -> list[Breach]:
    """A draft of an order whose confirmation was undone waits until the order is confirmed again (CNF-06)."""
    if order is None or order.status in (OrderStatus.CONFIRMED, OrderStatus.COMPLETED):
        return []
    fr, en = "La commande de cette facture n'est plus validée.", "The order of this invoice is no longer confirmed."
    return [_breach("order_not_invoiceable", fr, en, "/order", f"/orders/{order.id}")]


def _breach(code: str, fr: str, en: str, pointer: str | None = None, link: str | None = None) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer, link=link)


def _date_breaches(document: Document, today: date) -> list[Breach]:
    wanted, found = document.wanted_date, []
    if wanted and wanted > today:
        found.append(_breach("date_future", "La date est future.", "The date is in the future.", "/wanted_date"))
    # A date that nobody chose follows the series, which the invoice has joined before.
    about = document.origin or document.replaces
    if about and wanted and wanted < about.issue_date:
        found.append(
            _breach(
                "date_before_invoice",
                f"La date précède celle de la facture {about.number}.",
                f"The date is before that of invoice {about.number}.",
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


def issued(sources: Sources, number: str, sequence: int, day: date, operator_name: str) -> Document:
    """The head of the document once it is numbered: its lines now live in the chain alone."""
    document = sources.document
    told = {"number": number, "sequence": sequence, "issue_date": day, "validated_by": operator_name}
    sold = tuple(line.source for line in document.lines)
    kept = {"sources": sold if any(sold) else (), "exchange_rate": sources.rate}
    return moved(document, DocumentStatus.ISSUED, lines=(), **kept, **told)
