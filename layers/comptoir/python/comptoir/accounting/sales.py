"""What invoices, credit notes and cancellations are in the books: entries of the sales journal (CRN-12).

An entry is made from the frozen document alone, and, in another currency, from the rate that was
certified: the receivable is worth what it brings in, the VAT what the document prints in euro, and
the sale the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from comptoir.accounting.chart import Chart, territory
from comptoir.accounting.conversion import Conversion, spread
from comptoir.accounting.model import Entry, Posting, Side, entry_line, merged
from comptoir.catalogue.pricing import PricedLine, VatRow
from comptoir.invoicing.snapshot import CreditType, DocumentKind, InvoiceType, Snapshot
from comptoir.kernel.clock import paris_date
from comptoir.kernel.money import exponent
from comptoir.ledger.model import ChainName

REBATES = frozenset({CreditType.GLOBAL_REBATE, CreditType.REBATE_LAST_YEAR})
"""Credit notes that go to the accounts of rebates; the others take back the sale itself (CRN-12)."""

_TITLES = {DocumentKind.INVOICE: "Facture", DocumentKind.CREDIT_NOTE: "Avoir", DocumentKind.CANCELLATION: "Annulation"}
_LABEL = 200


def sale(
    snapshot: Snapshot, sequence: int, chart: Chart, books: str = "EUR", rate: Decimal = Decimal(1)
) -> Entry | None:
    """The entry of a document; None for one that is worth nothing. `rate`: what one unit of its currency is worth.

    Amounts of a credit note or a cancellation stand on the other side, never as negative ones.
    """
    conversion = Conversion(snapshot.currency, books, rate)
    sign, buyer = snapshot.kind.sign, snapshot.buyer
    side = Side(chart.customers, buyer.code or snapshot.document, buyer.name)
    label = f"{_TITLES[snapshot.kind]} {snapshot.number} {buyer.name}"[:_LABEL]
    currency = None if conversion.same else snapshot.currency
    lines = tuple(
        entry_line(
            Posting(posting.account, sign * posting.amount, sign * posting.foreign),
            chart.name(posting.account),
            side,
            label,
            currency,
            snapshot.order_number or "",
        )
        for posting in merged(_postings(snapshot, chart, conversion))
    )
    if not lines:
        return None
    return Entry(
        journal=chart.sales_journal,
        day=snapshot.issue_date,
        piece=snapshot.number,
        piece_day=snapshot.issue_date,
        lines=lines,
        validated_on=paris_date(snapshot.issued_at),
        source=ChainName.DOCUMENTS.value,
        sequence=sequence,
    )


def _postings(snapshot: Snapshot, chart: Chart, conversion: Conversion) -> list[Posting]:
    """Debits positive, as for an invoice: what is due, the down payments deducted, the sales, the VAT of each rate."""
    customer = conversion.posting(chart.customers, snapshot.due)
    deducted = [posting for each in snapshot.deductions for posting in _deducted(each.rows, chart, conversion)]
    vat = [
        Posting(chart.vat(row.rate), -own, -row.vat.amount)
        for row, own in zip(snapshot.totals.rows, _in_books(snapshot, conversion), strict=True)
    ]
    worth = sum((posting.amount for posting in (customer, *deducted, *vat)), Decimal(0))
    return [customer, *deducted, *_sold(snapshot, chart, conversion, worth), *vat]


def _in_books(snapshot: Snapshot, conversion: Conversion) -> list[Decimal]:
    """The VAT of each row in the currency of the books: as printed, else converted."""
    if snapshot.euro and conversion.books == "EUR" and not conversion.same:
        return [row.vat.amount for row in snapshot.euro.rows]
    return [conversion.of(row.vat) for row in snapshot.totals.rows]


def _deducted(rows: Iterable[VatRow], chart: Chart, conversion: Conversion) -> list[Posting]:
    """A down payment that a final invoice takes up: its base leaves its account, its VAT was due before."""
    return [
        conversion.posting(account, amount)
        for row in rows
        for account, amount in ((chart.down_payments, row.base), (chart.vat(row.rate), row.vat))
    ]


def _sold(snapshot: Snapshot, chart: Chart, conversion: Conversion, worth: Decimal) -> list[Posting]:
    """The lines without VAT by account: together `worth`, each in proportion, so that no cent is lost."""
    nets: dict[str, Decimal] = {}
    for line in snapshot.lines:
        account = _account(snapshot, line, chart)
        nets[account] = nets.get(account, Decimal(0)) + line.net.amount
    amounts = list(nets.values())
    own = amounts if conversion.same else spread(worth, amounts, exponent(conversion.books))
    return [Posting(account, -amount, -nets[account]) for account, amount in zip(nets, own, strict=True)]


def _account(snapshot: Snapshot, line: PricedLine, chart: Chart) -> str:
    if snapshot.credit_type is CreditType.EARLY_PAYMENT_DISCOUNT:
        return chart.early_payment_discount
    if snapshot.invoice_type is InvoiceType.DOWN_PAYMENT:
        return chart.down_payments
    if snapshot.credit_type in REBATES:
        return chart.rebates.of(line.kind)
    own: str | None = line.account
    return own or chart.sales.of(territory(line.vat_category, snapshot.buyer.address.country), line.kind)
