"""What drafts what takes an invoice back whole: a cancellation, or an invoice that replaces it (INV-09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.invoicing.crediting import issued_invoice
from comptoir.invoicing.drafting import Making
from comptoir.invoicing.model import Document, DraftLine
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType, Origin, Snapshot
from comptoir.invoicing.taking_back import breaches, touched
from comptoir.invoicing.taxing import named_case
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Paragraph
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

_KEPT = (
    "customer customer_name language currency order order_number contract customer_reference delivery_date period "
    "template exchange_rate vat_case dwelling_works"
).split()


def lines_of(invoice: Document, content: Snapshot) -> tuple[DraftLine, ...]:
    """The lines of an issued invoice as those of a draft, with the order's lines that they sell."""
    sources = invoice.sources or (None,) * len(content.lines)
    return tuple(
        DraftLine(priced=line, source=source, origin=line.position, vat_case=named_case(content, line))
        for line, source in zip(content.lines, sources, strict=True)
    )


class TakingBack(Making):
    """Base of the commands that draft what takes an issued invoice back: nothing else may be drafted on it then.

    Errors: `NotFound`, `NotIssued`, `Refused` with everything that stands against it.
    """

    document: Id
    wanted_date: dt.date | None = None
    note: Paragraph | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.document), keys.document_balance(company, self.document)]

    def whole(self, tx: Transaction, ctx: Context, **fields: Any) -> tuple[Document, Document, Origin]:
        """A draft of the whole of the invoice, the invoice itself, and how the draft refers to it."""
        invoice, origin, content = issued_invoice(tx, ctx.company, self.document)
        refuse_if(breaches(tx, ctx.company, invoice))
        # Whoever pays, credits or deducts the invoice meanwhile makes this run again.
        for key in touched(ctx.company, invoice):
            tx.check(key)
        draft = Document(
            id=ctx.new_id(),
            lines=lines_of(invoice, content),
            totals=content.totals,
            deductions=content.deductions,
            wanted_date=self.wanted_date,
            note=self.note,
            created_on=ctx.today,
            **invoice.picked(_KEPT),
            **fields,
        )
        return draft, invoice, origin


class CancelInvoice(TakingBack):
    """Draft the cancellation of an invoice that should not have been made (« je n'aurais pas dû facturer », INV-09).

    Once it is validated, treasury and quantities of the order are as before the invoice, which may be
    made again. A total credit note is something else (CRN-11).
    """

    reason: Paragraph

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft, _, origin = self.whole(tx, ctx, kind=DocumentKind.CANCELLATION, reason=self.reason)
        return self.draft(tx, ctx, draft.change(origin=origin))


class ReplaceInvoice(TakingBack):
    """Draft the invoice that cancels and replaces an issued one (« annule et remplace »); it begins as its copy.

    Once it is validated it takes the first one's place, in one transaction. A down payment is not
    replaced: it is cancelled, and another one made.
    """

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        told = {"kind": DocumentKind.INVOICE, "invoice_type": InvoiceType.REPLACEMENT}
        draft, invoice, origin = self.whole(tx, ctx, **told)
        refuse_if([_DOWN_PAYMENT] if invoice.invoice_type is InvoiceType.DOWN_PAYMENT else [])
        copied = {"terms": invoice.terms, "note": self.note or invoice.note}
        return self.draft(tx, ctx, draft.change(replaces=origin, **copied))


_DOWN_PAYMENT = Breach(
    code="down_payment_not_replaced",
    fr="Un acompte ne se remplace pas : annulez-le, puis établissez-en un autre.",
    en="A down payment is not replaced: cancel it, then make another one.",
    pointer="/document",
)
