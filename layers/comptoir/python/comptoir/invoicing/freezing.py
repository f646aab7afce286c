"""What an issued document contains: a copy of everything that it prints (INV-07)."""

from __future__ import annotations

from datetime import date, datetime

from comptoir.docbase.template import PrintKind, frozen
from comptoir.invoicing.mentions import Case, mentions, nature_of
from comptoir.invoicing.rules import Sources, due
from comptoir.invoicing.snapshot import Snapshot
from comptoir.parties.sides import buyer, seller


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
        credit_type=document.credit_type,
        invoice_type=document.invoice_type,
        replaces=document.replaces,
        deductions=document.deductions,
        reason=document.reason,
        note=document.note,
        appearance=frozen(sources.template, document.language, PrintKind(document.kind.value)),
    )
