"""The rates at which pieces in another currency go into the books: certified ones alone (CRN-12, TRS-05)."""

from __future__ import annotations

from decimal import Decimal

from comptoir.access.context import Services
from comptoir.accounting.bought import SOURCE
from comptoir.accounting.exporting import Rates
from comptoir.accounting.marks import posted_rates
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.errors import Breach, Refused
from comptoir.kernel.exchange import worth
from comptoir.kernel.money import exactly
from comptoir.ledger.model import ChainName
from comptoir.purchasing.items import SUPPLIER_DOCUMENT, sheet_of
from comptoir.purchasing.model import SupplierDocument
from comptoir.store import keys
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Side, TreasuryLine
from comptoir.treasury.payment import Allocation, PaymentFact
from comptoir.treasury.rates import average_rate


def of_document(services: Services, company: str, content: Snapshot, books: str) -> Rates:
    """The average rate of the customer request, all of whose lines are certified; a cancellation takes its invoice's.

    Errors: `Refused` with the document and where its rates are certified.
    """
    if content.currency == books:
        return Rates()
    cancelled = content.origin.document if content.kind is DocumentKind.CANCELLATION and content.origin else None
    return Rates.at(_document_rate(services, company, cancelled or content.document, books))


def _document_rate(services: Services, company: str, identifier: str, books: str) -> Decimal:
    """What a document went into the books at, else the average of its request."""
    head = services.store.require(DOCUMENT, keys.document(company, identifier)).value
    known = posted_rates(services.store, company, ChainName.DOCUMENTS.value, head.sequence) if head.sequence else None
    if known:
        return known.own
    lines = _lines(services, company, head.order, _debtor_document(head))
    try:
        return average_rate(lines, books)
    except (Refused, ValueError) as error:
        raise Refused([_uncertified(head)]) from error


def _debtor_document(head: Document) -> str:
    """The document with which the treasury of its request lies, where there is no order."""
    return head.id if head.kind is DocumentKind.INVOICE or head.origin is None else head.origin.document


def _lines(services: Services, company: str, order: str | None, document: str) -> tuple[TreasuryLine, ...]:
    sheet = services.store.get(TREASURY, keys.sheet(company, order, document))
    return sheet.value.lines if sheet else ()


def of_payment(services: Services, company: str, fact: PaymentFact, books: str) -> Rates:
    """What the money was worth, line by line, and what the documents that it settles went into the books at.

    A counter-entry takes the rates of what it reverses. What the bank booked in the currency of the books is what the
    money was worth: nobody has to certify a rate of its lines. What was reversed since, and has no line any more, is
    worth what its documents were. Errors: `Refused`, naming what is to be certified.
    """
    if fact.amount.currency == books or not fact.amount:
        return Rates()
    if fact.reverses:
        known = posted_rates(services.store, company, ChainName.PAYMENTS.value, fact.reverses.sequence)
        if known:
            return known
    booked = fact.booked.amount if fact.booked and fact.booked.currency == books else None
    settled, own, whole = Decimal(0), Decimal(0), Decimal(0)
    for part in fact.allocations:
        rate = _settled_rate(services, company, fact, part, books)
        with exactly():
            settled += part.amount.amount * rate
            if booked is None:
                own += _brought(services, company, fact, part, rate, books)
        whole += part.amount.amount
    with exactly():
        return Rates(own=_rate(own if booked is None else booked, whole), settled=_rate(settled, whole))


def _brought(
    services: Services, company: str, fact: PaymentFact, part: Allocation, rate: Decimal, books: str
) -> Decimal:
    """What the money for a document was worth, its lines at their certified rates; `rate` is the document's."""
    sheet = services.store.get(TREASURY, fact.sheet(company, part))
    lines = [
        line
        for line in (sheet.value.lines if sheet else ())
        if line.payment == fact.id and line.document == part.document
    ]
    # What is owed to suppliers is positive in their treasury, and takes money out.
    sign = -1 if fact.side is Side.SUPPLIER else 1
    return sign * sum((_own(line, books) for line in lines), Decimal(0)) if lines else part.amount.amount * rate


def _settled_rate(services: Services, company: str, fact: PaymentFact, part: Allocation, books: str) -> Decimal:
    """What a document that is settled went into the books at, on either side."""
    if fact.side is Side.CUSTOMER:
        return _document_rate(services, company, part.document, books)
    key = keys.supplier_document(company, part.document)
    document = services.store.require(SUPPLIER_DOCUMENT, key).value
    known = posted_rates(services.store, company, SOURCE, document.sequence)
    return (known or of_purchase(services, company, document, books, cancelled=False)).own


def of_purchase(services: Services, company: str, document: SupplierDocument, books: str, *, cancelled: bool) -> Rates:
    """The average rate of the supplier request; what is taken back goes out at what it came in at.

    Errors: `Refused` with the document and where its rates are certified.
    """
    if document.currency == books:
        return Rates()
    known = posted_rates(services.store, company, SOURCE, document.sequence) if cancelled else None
    if known:
        return known
    sheet = services.store.get(TREASURY, sheet_of(company, document))
    try:
        return Rates.at(average_rate(sheet.value.lines if sheet else (), books))
    except (Refused, ValueError) as error:
        link = f"/supplier-documents/{document.id}"
        raise Refused([_not_certified(document.number, document.currency, link)]) from error


def _own(line: TreasuryLine, books: str) -> Decimal:
    """A line at its certified rate."""
    value = worth(line.amount.amount, line.amount.currency, books, [line.rate] if line.rate else [])
    if value is None or not line.certified:
        raise Refused([_line_uncertified(line)])
    return value


def _rate(value: Decimal, whole: Decimal) -> Decimal:
    return round(value / whole, 12)


def _uncertified(head: Document) -> Breach:
    link = f"/orders/{head.order}" if head.order else f"/invoices/{_debtor_document(head)}"
    return _not_certified(head.number or "", head.currency, link)


def _not_certified(number: str, currency: str, link: str) -> Breach:
    fr = f"{number} ({currency}) : les taux de change de la demande ne sont pas tous certifiés."
    en = f"{number} ({currency}): not every exchange rate of the request is certified."
    return Breach(code="rate_not_certified", fr=fr, en=en, link=link)


def _line_uncertified(line: TreasuryLine) -> Breach:
    fr = f"{line.number} : le taux de change du règlement n'est pas certifié."
    en = f"{line.number}: the exchange rate of the payment is not certified."
    return Breach(code="rate_not_certified", fr=fr, en=en, link=f"/invoices/{line.document}")
