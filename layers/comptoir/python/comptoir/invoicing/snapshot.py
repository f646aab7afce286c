"""The issued document: a frozen copy of everything that it prints, never joined again (INV-07)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from comptoir.catalogue.pricing import PricedLine, Totals
from comptoir.docbase.template import Appearance
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.parties.snapshot import Buyer, Language, Seller
from comptoir.treasury.model import Instalment


class DocumentKind(StrEnum):
    """The fiscal documents of a customer, numbered in one shared sequence (INV-02)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


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
    """The invoice that a credit note corrects (BOI-TVA-DECLA-30-20-20-20 § 220)."""

    document: str
    number: Label
    issue_date: date


class Snapshot(Model):
    """One issued invoice or credit note, complete: the payload of its chain entry.

    Amounts of a credit note are positive here and shown negative (CRN-02). `number` has been
    given by the series; `issued_at` is the instant of validation, `issue_date` its business date;
    `operator` and `operator_id` tell who validated it. `appearance` is a copy of the template, whose
    logo alone lies elsewhere, under its hash (QUO-06).
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
    reason: Paragraph | None = None
    note: Paragraph | None = None
    appearance: Appearance | None = None
