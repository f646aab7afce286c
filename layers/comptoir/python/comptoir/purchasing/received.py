"""An invoice as a supplier sent it, whatever its format: what EN 16931 names, as values (SUP-03, RULES §8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from comptoir.catalogue.pricing import VatCategory
from comptoir.kernel.errors import Breach
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Exact, Money, total
from comptoir.kernel.text import Label, Line, Paragraph


class ReceivedFormat(StrEnum):
    """How an invoice came: a PDF with its XML inside, bare XML of either syntax, or paper entered by hand."""

    FACTURX = "facturx"
    CII = "cii"
    UBL = "ubl"
    MANUAL = "manual"


class ReceivedKind(StrEnum):
    """An invoice, or a credit note of the supplier (CRN-13)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Sender(Model):
    """Who sent it, as the document says: by these numbers its party is found."""

    name: Line
    siren: Label | None = None
    siret: Label | None = None
    vat_number: Label | None = None
    country: Label | None = None
    iban: Label | None = None
    bic: Label | None = None


class ReceivedLine(Model):
    """A line as the supplier prices it; `net` is what it says, `code` the supplier's, `buyer_code` ours."""

    position: Label
    code: Label | None = None
    buyer_code: Label | None = None
    designation: Paragraph
    quantity: Exact
    unit: Label
    unit_price: Exact
    vat_category: VatCategory
    vat_rate: Exact
    net: Money


class ReceivedVat(Model):
    """The base and the VAT of a rate, as the document says."""

    category: VatCategory
    rate: Exact
    base: Money
    vat: Money


class ReceivedInvoice(Model):
    """The whole document. Amounts of a credit note are positive.

    `allowances` and `charges` are those of the document, `prepaid` what it takes off as paid before, `due`
    what it asks for. `corrects` are the numbers of the invoices that a credit note refers to.
    """

    format: ReceivedFormat
    kind: ReceivedKind
    number: Label
    issue_date: date
    due_date: date | None = None
    currency: Currency
    sender: Sender
    buyer_siren: Label | None = None
    buyer_name: Line | None = None
    order_reference: Label | None = None
    payment_reference: Label | None = None
    payment_terms: Paragraph | None = None
    note: Paragraph | None = None
    corrects: tuple[Label, ...] = ()
    lines: tuple[ReceivedLine, ...]
    vat: tuple[ReceivedVat, ...]
    lines_net: Money
    allowances: Money
    charges: Money
    net: Money
    vat_total: Money
    gross: Money
    prepaid: Money
    due: Money


def arithmetic(invoice: ReceivedInvoice) -> list[Breach]:
    """Everything that does not add up in a document: what the supplier computed is not taken on trust."""
    currency = invoice.currency
    lines = total((line.net for line in invoice.lines), currency)
    bases = total((row.base for row in invoice.vat), currency)
    vat = total((row.vat for row in invoice.vat), currency)
    found = [
        *_same("lines_net", "total des lignes", "total of the lines", invoice.lines_net, lines),
        *_same("net", "total HT", "total without VAT", invoice.net, lines - invoice.allowances + invoice.charges),
        *_same("net", "total des bases", "total of the bases", invoice.net, bases),
        *_same("vat_total", "total de TVA", "total VAT", invoice.vat_total, vat),
        *_same("gross", "total TTC", "total with VAT", invoice.gross, invoice.net + invoice.vat_total),
        *_same("due", "net à payer", "amount due", invoice.due, invoice.gross - invoice.prepaid),
    ]
    for number, row in enumerate(invoice.vat):
        found += _near(f"vat/{number}/vat", row.vat, row.base.percent(row.rate))
    for number, line in enumerate(invoice.lines):
        if not _at_most(line):
            fr = "Le montant de la ligne dépasse quantité × prix."
            en = "The line's amount is more than quantity × price."
            found.append(Breach(code="line_amount", fr=fr, en=en, pointer=f"/lines/{number}/net"))
    return found


def _at_most(line: ReceivedLine) -> bool:
    """Within the rounding of one line; allowances of the line may make it less."""
    worth = Money.of(abs(line.quantity * line.unit_price), line.net.currency)
    return abs(line.net.amount) <= worth.amount + Decimal("0.01")


def _same(field: str, fr: str, en: str, told: Money, found: Money) -> Iterable[Breach]:
    if told != found:
        yield _differs(field, fr, en, told, found)


def _near(field: str, told: Money, found: Money) -> Iterable[Breach]:
    """VAT of a rate, within the cent that rounding leaves to whoever computes it by line."""
    if abs((told - found).amount) > Decimal("0.01") * 5:
        yield _differs(field, "TVA", "VAT", told, found)


def _differs(field: str, fr: str, en: str, told: Money, found: Money) -> Breach:
    return Breach(
        code="does_not_add_up",
        fr=f"{fr.capitalize()} : {told.amount} {told.currency} annoncé, {found.amount} calculé.",
        en=f"{en.capitalize()}: {told.amount} {told.currency} told, {found.amount} computed.",
        pointer=f"/{field}",
    )
