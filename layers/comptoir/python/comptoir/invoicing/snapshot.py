"""The issued document: a frozen copy of everything that it prints, never joined again (INV-07)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import model_validator

from comptoir.catalogue.pricing import PricedLine, Totals, VatCategory, VatRow
from comptoir.docbase.template import Appearance
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Rate, total
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.parties.snapshot import Buyer, Language, Seller
from comptoir.treasury.model import Instalment


class DocumentKind(StrEnum):
    """The fiscal documents of a customer, numbered in one shared sequence (INV-02).

    A cancellation (*annulation de facture*) takes back the whole of one invoice (INV-09).
    """

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    CANCELLATION = "cancellation"

    @property
    def sign(self) -> int:
        """How amounts, kept positive, are shown: those that take back are negative (CRN-02, INV-09)."""
        return 1 if self is DocumentKind.INVOICE else -1


class InvoiceType(StrEnum):
    """What an invoice is among those of its sale (INV-13; UNTDID 1001 380, 386, 380 in frame B4/S4/M4, 384)."""

    STANDARD = "standard"
    DOWN_PAYMENT = "down_payment"
    FINAL = "final"
    REPLACEMENT = "replacement"


class CreditType(StrEnum):
    """Why a credit note is made (CRN-03); the discount is that of a customer who paid early (INV-15)."""

    GLOBAL_REBATE = "global_rebate"
    REBATE_THIS_YEAR = "rebate_this_year"
    REBATE_LAST_YEAR = "rebate_last_year"
    INVOICING_ERROR = "invoicing_error"
    EARLY_PAYMENT_DISCOUNT = "early_payment_discount"


class OperationNature(StrEnum):
    """Nature of the operation (CGI ann. II art. 242 nonies A, I 8° bis)."""

    GOODS = "goods"
    SERVICES = "services"
    MIXED = "mixed"


class Mention(Model):
    """A sentence that the law or the seller wants printed, frozen with its source's code."""

    code: Label
    text: Paragraph


class Origin(Model):
    """The invoice that a credit note, a cancellation or a replacement refers to (BOI-TVA-DECLA-30-20-20-20 § 220)."""

    document: str
    number: Label
    issue_date: date


class Deduction(Origin):
    """A down-payment invoice that a final invoice deducts, with its VAT per rate (INV-13)."""

    gross: Money
    rows: tuple[VatRow, ...]


class EuroVat(Model):
    """The VAT of a document in another currency, row by row in euro, at a published rate (CGI 289 IV, RULES §2.4)."""

    rate: ExchangeRate
    rows: tuple[VatRow, ...]

    @property
    def vat(self) -> Money:
        """The whole VAT in euro: 0.00 where none is due."""
        return total((row.vat for row in self.rows), "EUR")


class TurnoverRow(Model):
    """A base and its VAT; in euro too where the document is in another currency."""

    category: VatCategory
    rate: Rate
    base: Money
    vat: Money
    euro_base: Money | None = None
    euro_vat: Money | None = None


class Turnover(Model):
    """What a document adds to the turnover, and what goes with the invoice whose place it takes (FIS-03)."""

    rows: tuple[TurnoverRow, ...]
    replaced: tuple[TurnoverRow, ...] = ()


class EarlyPayment(Model):
    """The discount, in per cent of what is due, of a customer who pays all of it up to a day (INV-15)."""

    rate: Rate
    until: date


class Period(Model):
    """When a service was rendered or goods were delivered, both days included (242 nonies A, I 10°)."""

    start: date
    end: date

    @model_validator(mode="after")
    def _forwards(self) -> Period:
        if self.end < self.start:
            raise flaw("period_reversed", "La période finit avant de commencer.", "The period ends before it begins.")
        return self


class Snapshot(Model):
    """One issued invoice, credit note or cancellation, complete: the payload of its chain entry.

    Amounts of a credit note or cancellation are positive here and shown negative (CRN-02). `number` has
    been given by the series; `issued_at` is the instant of validation, `issue_date` its business date;
    `operator` and `operator_id` tell who validated it. `appearance` is a copy of the template, whose
    logo alone lies elsewhere, under its hash (QUO-06). `origin` is the invoice that is taken back,
    whose `invoice_type` is then told, `replaces` the one that a replacement stands for. Totals are those
    of the whole supply, `deductions` the down payments taken off it, `prepaid` what was paid before
    issue: `due` is what remains. `turnover` is told where the totals are not what the document adds to it.
    A `test` document has no number and stands in no chain (INV-11).
    """

    format: int = 1
    kind: DocumentKind
    document: str
    number: Label
    issue_date: date
    issued_at: datetime
    operator: Line
    operator_id: Id | None = None
    language: Language
    currency: Currency
    seller: Seller
    buyer: Buyer
    order_number: Label | None = None
    customer_reference: Label | None = None
    delivery_date: date | None = None
    nature: OperationNature
    lines: tuple[PricedLine, ...]
    totals: Totals
    instalments: tuple[Instalment, ...] = ()
    mentions: tuple[Mention, ...] = ()
    origin: Origin | None = None
    credit_type: CreditType | None = None
    reason: Paragraph | None = None
    note: Paragraph | None = None
    appearance: Appearance | None = None
    invoice_type: InvoiceType = InvoiceType.STANDARD
    replaces: Origin | None = None
    period: Period | None = None
    deductions: tuple[Deduction, ...] = ()
    prepaid: Money | None = None
    early_payment: EarlyPayment | None = None
    euro: EuroVat | None = None
    turnover: Turnover | None = None
    test: bool = False

    @property
    def paid(self) -> Money:
        """What was paid before issue: the down payments deducted and `prepaid`."""
        amounts = (deduction.gross for deduction in self.deductions)
        return total((*amounts, *([self.prepaid] if self.prepaid else [])), self.currency)

    @property
    def due(self) -> Money:
        """What remains to be paid, or to be given back."""
        return self.totals.gross - self.paid
