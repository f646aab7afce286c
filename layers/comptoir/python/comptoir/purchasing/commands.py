"""What records supplier invoices and credit notes (SUP-03, CRN-13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from comptoir.access.codes import claim
from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.catalogue.pricing import Totals, VatRow
from comptoir.invoicing.snapshot import CreditType
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Paragraph
from comptoir.ledger.periods import first_open, require_open
from comptoir.purchasing.grounds import AlreadyRecorded, Grounds, grounds, next_sequence
from comptoir.purchasing.items import SUPPLIER_DOCUMENT
from comptoir.purchasing.model import (
    MAX_LINES,
    DueFields,
    OriginDocument,
    SupplierDocument,
    SupplierLine,
    SupplierLineFields,
    SupplierStatus,
)
from comptoir.purchasing.received import ReceivedFormat, ReceivedKind
from comptoir.purchasing.rules import (
    credit_breaches,
    date_breaches,
    differences,
    dues,
    line_breaches,
    moved,
    priced,
    seller_of,
    summed,
    total_breaches,
)
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import credit
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Debtor, Side, Treasury
from comptoir.treasury.rules import Issued, invoice


class Purchasing(Command):
    """Base of the commands on supplier documents."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES


class Recording(Purchasing):
    """Base of the commands that record a document; `vat` are the rows that it says, `file` its file in a base."""

    kind: ClassVar[ReceivedKind]

    supplier: Id
    number: Label
    issue_date: dt.date
    received_on: dt.date | None = None
    currency: Currency = "EUR"
    lines: Annotated[tuple[SupplierLineFields, ...], Field(min_length=1, max_length=MAX_LINES)]
    vat: Annotated[tuple[VatRow, ...], Field(max_length=20)] = ()
    note: Paragraph | None = None
    format: ReceivedFormat = ReceivedFormat.MANUAL
    file: Id | None = None

    def amounts(self, on: Grounds) -> tuple[tuple[SupplierLine, ...], Totals]:
        """The lines as they are recorded, and their totals. Errors: `Refused` with everything that is wrong so far."""
        refuse_if([*on.breaches, *line_breaches(self.lines, self.currency, on.products)])
        lines = priced(self.lines, on.party, self.currency)
        whole, wrong = summed(lines, self.currency, self.vat)
        refuse_if([*wrong, *total_breaches(whole)])
        return lines, whole

    def recorded(
        self, tx: Transaction, ctx: Context, on: Grounds, lines: tuple[SupplierLine, ...], whole: Totals, **own: Any
    ) -> SupplierDocument:
        """The document, its number held and its place in the register taken. Errors: `AlreadyRecorded`."""
        identifier, seller = ctx.new_id(), seller_of(on.party)
        number = keys.supplier_number(ctx.company, seller, self.number, self.issue_date)
        claim(tx, number, identifier, AlreadyRecorded())
        booked = first_open(tx, ctx.company, self.issue_date)
        require_open(tx, ctx.company, booked)
        return SupplierDocument(
            id=identifier,
            kind=self.kind,
            sequence=next_sequence(tx, ctx.company),
            supplier_code=on.party.code,
            supplier_name=on.party.name,
            supplier_country=on.party.address.country,
            seller=seller,
            booked_on=booked,
            received_on=self.received_on or ctx.today,
            recorded_at=ctx.now,
            recorded_by=ctx.operator.name,
            order=on.order.id if on.order else None,
            order_number=on.order.number if on.order else on.purchase.number if on.purchase else None,
            purchase=on.purchase.id if on.purchase else None,
            lines=lines,
            totals=whole,
            sha256=on.file.sha256 if on.file else None,
            **self.picked(_COPIED),
            **own,
        )


_COPIED = ("supplier", "number", "issue_date", "currency", "note", "format", "file")


class RecordSupplierInvoice(Recording):
    """Record an invoice of a supplier, of one of its requests or purchases, or on its own (SUP-03).

    `dues` are what it asks for, by default from the terms. Errors: `Refused` with everything that is wrong,
    `AlreadyRecorded`.
    """

    kind: ClassVar[ReceivedKind] = ReceivedKind.INVOICE

    order: Id | None = None
    purchase: Id | None = None
    dues: Annotated[tuple[DueFields, ...], Field(min_length=1, max_length=20)] | None = None
    payment_reference: Label | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return Grounds.keys(company, self.supplier, self.order, self.purchase)

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        refuse_if([_ONE_REQUEST] if self.order and self.purchase else [])
        on = grounds(tx, ctx, self.supplier, self.order, self.purchase, self.currency, self.file)
        lines, whole = self.amounts(on)
        asks, wrong = dues(self.dues, on.terms, on.dates, whole.gross, self.issue_date, on.party.language)
        refuse_if([*wrong, *date_breaches(self.issue_date, ctx.today)])
        sheet = on.sheet(tx, ctx, "")
        own = {"instalments": asks, "payment_reference": self.payment_reference}
        found = differences(lines, on.products, sheet.taken, None)
        document = self.recorded(tx, ctx, on, lines, whole, differences=found, **own)
        place = on.place(ctx.company, document.id)
        told = Issued(document.id, document.number)
        money = invoice(sheet.lines, whole.gross, told, asks, ctx.new_id, on.terms)
        taken = moved(sheet.taken, lines, 1)
        tx.put(TREASURY, place, sheet.change(lines=money, taken=taken, debtor=creditor(document)))
        return kept(tx, ctx, document, "recorded", 201)


_ONE_REQUEST = Breach(
    code="one_request",
    fr="Une facture est celle d'une commande ou d'un achat, pas des deux.",
    en="An invoice is one of an order or of a purchase, not of both.",
    pointer="/purchase",
)


class RecordSupplierCreditNote(Recording):
    """Record a credit note of a supplier on a recorded invoice, at most what remains of it (CRN-13).

    `credit_type` decides its accounts: rebates obtained, or the purchase taken back (CRN-12). Errors: `NotFound`,
    `Refused` with everything that is wrong, `AlreadyRecorded`.
    """

    kind: ClassVar[ReceivedKind] = ReceivedKind.CREDIT_NOTE

    invoice: Id
    credit_type: CreditType = CreditType.INVOICING_ERROR
    reason: Paragraph

    def keys(self, company: str) -> Sequence[Key]:
        return [*Grounds.keys(company, self.supplier, None), keys.supplier_document(company, self.invoice)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        credited = supplier_document(tx, ctx, self.invoice)
        refuse_if(_not_creditable(credited, self.supplier, self.currency))
        on = grounds(tx, ctx, self.supplier, credited.order, credited.purchase, self.currency, self.file)
        lines, whole = self.amounts(on)
        place = on.place(ctx.company, credited.id)
        sheet = tx.get(TREASURY, place) or Treasury()
        refuse_if(
            [
                *credit_breaches(sheet.lines, credited, whole.gross),
                *date_breaches(self.issue_date, ctx.today, credited.issue_date),
            ]
        )
        origin = OriginDocument(document=credited.id, number=credited.number, issue_date=credited.issue_date)
        why = {"credit_type": self.credit_type, "reason": self.reason}
        document = self.recorded(tx, ctx, on, lines, whole, origin=origin, **why)
        told = Issued(document.id, document.number)
        made = credit(sheet.lines, credited.id, whole.gross, told, document.booked_on, ctx.new_id)
        tx.put(TREASURY, place, sheet.change(lines=(*sheet.lines, *made), debtor=creditor(document)))
        return kept(tx, ctx, document, "recorded", 201)


def supplier_document(tx: Transaction, ctx: Context, identifier: Id) -> SupplierDocument:
    """A recorded document of a supplier. Errors: `NotFound`."""
    return tx.require(SUPPLIER_DOCUMENT, keys.supplier_document(ctx.company, identifier))


def _not_creditable(invoice: SupplierDocument, supplier: Id, currency: str) -> list[Breach]:
    def breach(code: str, fr: str, en: str, field: str) -> Breach:
        return Breach(code=code, fr=fr, en=en, pointer=f"/{field}")

    found = []
    if invoice.kind is not ReceivedKind.INVOICE or invoice.status is SupplierStatus.CANCELLED:
        fr, en = "Ce n'est pas une facture en vigueur.", "This is no invoice in force."
        found.append(breach("not_creditable", fr, en, "invoice"))
    if invoice.supplier != supplier:
        fr, en = "Cette facture est celle d'un autre fournisseur.", "This invoice is another supplier's."
        found.append(breach("other_supplier", fr, en, "supplier"))
    if invoice.currency != currency:
        fr, en = f"La facture est en {invoice.currency}.", f"The invoice is in {invoice.currency}."
        found.append(breach("other_currency", fr, en, "currency"))
    return found


def kept(tx: Transaction, ctx: Context, document: SupplierDocument, event: str, status: int = 200) -> Reply:
    """Save a document with its history, and show it."""
    key = keys.supplier_document(ctx.company, document.id)
    save(tx, ctx, SUPPLIER_DOCUMENT, key, document, event)
    return Reply.of(document, tx.next_version(key), status)


def creditor(document: SupplierDocument) -> Debtor:
    """Whose request a document belongs to, on the side of what the company owes."""
    alone = document.origin.document if document.origin else document.id
    return Debtor(
        side=Side.SUPPLIER,
        customer=document.supplier,
        order=document.order,
        order_number=document.order_number,
        invoice=None if document.order else document.purchase or alone,
    )
