"""Invoices and credit notes from draft to archive (INV-01, INV-02, CRN-01 to CRN-06)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.access.model import Code
from comptoir.catalogue.model import AccountNumber, ReferenceCode
from comptoir.catalogue.pricing import PricedLine, ProductKind, Totals, VatCase, VatRow
from comptoir.invoicing.snapshot import CreditType as CreditType
from comptoir.invoicing.snapshot import Deduction, DocumentKind, InvoiceType, Origin, Period, Snapshot
from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Quantity, Rate, UnitPrice, total
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import PaymentTerm, TreasuryLine
from comptoir.treasury.settling import Settlement

MAX_LINES = 2000


class DocumentStatus(StrEnum):
    """Draft (*brouillon*), issued (numbered, in the chain), archived (its PDF is locked), deleted draft.

    A TEST that was validated is tested: fixed, without number, outside everything (INV-11).
    """

    DRAFT = "draft"
    ISSUED = "issued"
    ARCHIVED = "archived"
    TESTED = "tested"
    DELETED = "deleted"


TRANSITIONS: dict[DocumentStatus, frozenset[DocumentStatus]] = {
    DocumentStatus.DRAFT: frozenset({DocumentStatus.ISSUED, DocumentStatus.TESTED, DocumentStatus.DELETED}),
    DocumentStatus.ISSUED: frozenset({DocumentStatus.ARCHIVED}),
    DocumentStatus.ARCHIVED: frozenset(),
    DocumentStatus.TESTED: frozenset(),
    DocumentStatus.DELETED: frozenset(),
}


class CreditPart(StrEnum):
    """Of a line sold with an intermediate incoterm: its goods, its transport, or both (CRN-04)."""

    GOODS = "goods"
    TRANSPORT = "transport"
    BOTH = "both"


class CreditLine(Model):
    """What to credit, entered positive (CRN-04).

    `position` names the invoice's line; without it the line is a global rebate and needs `vat_rate`. Of a
    line either an amount without VAT, or a percentage of it, whose amount may be given too and then
    counts, or a quantity at the line's price, or a quantity and a rebate by unit, whose amount follows.
    """

    position: int | None = Field(None, ge=1)
    part: CreditPart | None = None
    quantity: Annotated[Quantity, Field(gt=0)] | None = None
    amount: Annotated[UnitPrice, Field(gt=0)] | None = None
    percentage: Annotated[Rate, Field(gt=0, le=100)] | None = None
    rebate_price: Annotated[UnitPrice, Field(gt=0)] | None = None
    vat_rate: Rate | None = None
    designation: Paragraph | None = None


class DraftLine(Model):
    """A priced line and where it comes from: an order's line, or the position of an invoice's line.

    `source` is the order's or the contract's line that it sells; the transport of a line names it too, but takes no
    quantity (OFF-06). `rebate` tells an amount taken off from a quantity taken back, `entered` how a
    line of a credit note was asked for, `vat_case` why the line charges no VAT where somebody said so: a
    margin scheme, subcontracted building work.
    """

    priced: PricedLine
    source: Id | None = None
    origin: int | None = None
    rebate: bool = False
    entered: CreditLine | None = None
    vat_case: VatCase | None = None


class File(Model):
    """The archived PDF: its key in the locked bucket, its hash and size in bytes. Written once."""

    key: Line
    sha256: Label
    size: int
    archived_at: str


class ContractPeriod(Model):
    """The period of a contract that a document bills or credits (CTR-03), both ends included."""

    contract: Id
    number: Label
    start: date
    end: date


class Document(Model):
    """An invoice or credit note.

    As a draft it holds its lines; once issued they are in the chain's snapshot and here only what
    lists and rules need stays: of an order's or a contract's invoice the line that each of its lines
    sells (`sources`). Amounts of a credit note are positive (CRN-02). `origin` is the invoice that a credit
    note or a cancellation takes back, `replaces` the one that a replacement stands for and `replaced` what
    that one had charged, `cancelled_by`
    the document that took this one back whole (INV-09). `comment` is for the document base (DOC-02). A
    `test` holds nothing and is listed with TEST documents alone (INV-11).
    `vat_case` is that of every line at 0 % without its own, `exchange_rate` the one that fixes VAT in euro,
    entered or taken from the invoice, `dwelling_works` says that its reduced rates are those of works in dwellings.
    A credit note that keeps the VAT (`vat_kept`) charges none, and holds the rows of the invoice (`held`).
    `penalty_rate` is the yearly one of late payment that an issued invoice prints (C. com. L441-10).
    """

    id: Id
    kind: DocumentKind
    status: DocumentStatus = DocumentStatus.DRAFT
    test: bool = False
    invoice_type: InvoiceType = InvoiceType.STANDARD
    customer: Id
    customer_name: Line
    language: Language
    currency: Currency
    order: Id | None = None
    order_number: Label | None = None
    contract: ContractPeriod | None = None
    customer_reference: Label | None = None
    wanted_date: date | None = None
    delivery_date: date | None = None
    period: Period | None = None
    vat_case: VatCase | None = None
    exchange_rate: ExchangeRate | None = None
    dwelling_works: bool = False
    note: Paragraph | None = None
    comment: Line | None = None
    template: Code | None = None
    terms: tuple[PaymentTerm, ...] = ()
    credit_type: CreditType | None = None
    reason: Paragraph | None = None
    vat_kept: bool = False
    held: tuple[VatRow, ...] = ()
    origin: Origin | None = None
    replaces: Origin | None = None
    replaced: tuple[VatRow, ...] = ()
    cancelled_by: Origin | None = None
    lines: tuple[DraftLine, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    sources: tuple[Id | None, ...] = ()
    totals: Totals
    number: Label | None = None
    sequence: int | None = None
    issue_date: date | None = None
    validated_by: Line | None = None
    created_on: date
    file: File | None = None
    penalty_rate: Rate | None = None

    @property
    def issued(self) -> bool:
        """Whether it is numbered and can no longer change (INV-07)."""
        return self.status in (DocumentStatus.ISSUED, DocumentStatus.ARCHIVED)

    @property
    def due(self) -> Money:
        """What it asks for: its total less the down payments that it deducts (INV-13)."""
        return self.totals.gross - total((deduction.gross for deduction in self.deductions), self.totals.currency)

    @property
    def taken_back(self) -> Origin | None:
        """The invoice that it takes back whole once it is issued (INV-09)."""
        return self.replaces or (self.origin if self.kind is DocumentKind.CANCELLATION else None)


class DocumentSummary(Model):
    """A document in a list: what it charges, negative for what credits or takes back (CRN-02, INV-09).

    `rows` are the bases and VAT of each rate, less the down payments that a final invoice deducts; an
    invoice that was taken back names the number of what did it. `origin` is the invoice that a credit note
    or a cancellation refers to, `replaced` what an invoice that is replaced had charged, which goes with it;
    `settlement` is filled in where the list is read.
    """

    id: Id
    kind: DocumentKind
    invoice_type: InvoiceType = InvoiceType.STANDARD
    status: DocumentStatus
    number: Label | None
    issue_date: date | None
    created_on: date
    customer: Id
    customer_name: Line
    order: Id | None
    net: Money
    vat: Money
    gross: Money
    rows: tuple[VatRow, ...] = ()
    replaced: tuple[VatRow, ...] = ()
    cancelled_by: Label | None = None
    origin: Id | None = None
    settlement: Settlement | None = None


class DocumentView(Model):
    """A document as the API shows it, with the frozen snapshot once it is issued.

    `settlement` tells what is due and paid of an invoice, or left of a credit note, and `treasury` its lines.
    """

    document: Document
    snapshot: Snapshot | None = None
    settlement: Settlement | None = None
    treasury: tuple[TreasuryLine, ...] = ()


class Refusal(Model):
    """Why the validation of a version of a draft was refused: every breach."""

    version: int
    breaches: tuple[Breach, ...]


class DirectLine(Model):
    """A line of a directly entered invoice; price without VAT in the document's currency.

    Without a VAT rate it has the standard one, or none where the sale charges none: franchise, export …
    """

    code: ReferenceCode | None = None
    designation: Paragraph
    kind: ProductKind = ProductKind.GOODS
    quantity: Annotated[Quantity, Field(gt=0)]
    unit: Label = "pièce"
    unit_price: Annotated[UnitPrice, Field(ge=0)] = Decimal(0)
    discount_rate: Annotated[Rate, Field(le=100)] = Decimal(0)
    vat_rate: Rate | None = None
    vat_case: VatCase | None = None
    free: bool = False
    account: AccountNumber | None = None


class OrderQuantity(Model):
    """How much of an order's line to invoice."""

    line: Id
    quantity: Annotated[Quantity, Field(gt=0)]
