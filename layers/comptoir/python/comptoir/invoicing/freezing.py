"""What an issued document contains: a copy of everything that it prints (INV-07)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from comptoir.docbase.template import PrintKind, frozen
from comptoir.invoicing.euros import euro_vat
from comptoir.invoicing.mention_table import TABLE
from comptoir.invoicing.mentions import mentions
from comptoir.invoicing.rules import Sources, due
from comptoir.invoicing.snapshot import DocumentKind, EarlyPayment, Snapshot
from comptoir.parties.sides import buyer, seller


def snapshot(sources: Sources, number: str, day: date, now: datetime, operator: str, operator_name: str) -> Snapshot:
    """The frozen content of the document that gets `number` on `day` from an operator (INV-07)."""
    document, case = sources.document, sources.case
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
        nature=case.nature,
        lines=tuple(line.priced for line in document.lines),
        totals=document.totals,
        instalments=due(sources, day),
        mentions=mentions(TABLE, case, document.language, day),
        origin=document.origin,
        credit_type=document.credit_type,
        invoice_type=document.invoice_type,
        replaces=document.replaces,
        deductions=document.deductions,
        reason=document.reason,
        note=document.note,
        period=document.period,
        early_payment=_early_payment(sources, day),
        euro=euro_vat(document.totals, sources.rate) if sources.rate else None,
        appearance=frozen(sources.template, document.language, PrintKind(document.kind.value)),
    )


def _early_payment(sources: Sources, day: date) -> EarlyPayment | None:
    """The discount of who pays an invoice early, where the company offers one to businesses (INV-15)."""
    offer = sources.company.terms.early_payment
    if offer is None or sources.document.kind is not DocumentKind.INVOICE or not sources.customer.professional:
        return None
    return EarlyPayment(rate=offer.rate, until=day + timedelta(days=offer.days))
