"""What supplier invoices and credit notes are in the books: entries of the purchases journal (FIS-06)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from comptoir.accounting.chart import Chart, territory
from comptoir.accounting.conversion import Conversion, spread
from comptoir.accounting.model import Entry, Posting, Side, entry_line, merged
from comptoir.accounting.sales import REBATES
from comptoir.catalogue.pricing import PricedLine, VatCategory
from comptoir.kernel.clock import paris_date
from comptoir.kernel.money import exponent
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.received import ReceivedKind

SOURCE = "purchases"
_SELF_ASSESSED = frozenset({VatCategory.INTRA_COMMUNITY, VatCategory.REVERSE_CHARGE})
"""VAT that the buyer owes and deducts at once (CGI 283-2, 283-2 sexies)."""

_LABEL = 200


def purchase(
    document: SupplierDocument, chart: Chart, books: str, rate: Decimal, *, cancelled: bool = False
) -> Entry | None:
    """The entry of a document, or the one that takes it back; None for one that is worth nothing."""
    conversion = Conversion(document.currency, books, rate)
    credit = document.kind is ReceivedKind.CREDIT_NOTE
    sign = -1 if credit is not cancelled else 1
    title = f"{'Annulation ' if cancelled else ''}{'Avoir' if credit else 'Facture'}"
    side = Side(chart.suppliers, document.supplier_code, document.supplier_name)
    label = f"{title} {document.number} {document.supplier_name}"[:_LABEL]
    lines = tuple(
        entry_line(
            Posting(posting.account, sign * posting.amount, sign * posting.foreign),
            chart.name(posting.account),
            side,
            label,
            None if conversion.same else document.currency,
            document.order_number or "",
        )
        for posting in merged(_postings(document, chart, conversion))
    )
    if not lines:
        return None
    day, at, sequence = place(document, cancelled)
    return Entry(
        journal=chart.purchases_journal,
        day=day,
        piece=document.number,
        piece_day=document.issue_date,
        lines=lines,
        validated_on=paris_date(at),
        source=SOURCE,
        sequence=sequence,
    )


def place(document: SupplierDocument, cancelled: bool) -> tuple[date, datetime, int]:
    """The day in the books, the instant, and the place in the register, of recording or of taking back."""
    if cancelled and document.cancelled_on and document.cancelled_at and document.cancelled_sequence:
        return document.cancelled_on, document.cancelled_at, document.cancelled_sequence
    return document.booked_on, document.recorded_at, document.sequence


def _postings(document: SupplierDocument, chart: Chart, conversion: Conversion) -> list[Posting]:
    """Debits positive, as for an invoice: purchases and deductible VAT, the supplier on the other side."""
    supplier = conversion.posting(chart.suppliers, document.totals.gross, -1)
    vat = [conversion.posting(chart.vat_deductible, row.vat) for row in document.totals.rows if row.vat]
    worth = -supplier.amount - sum((posting.amount for posting in vat), Decimal(0))
    return [*_bought(document, chart, conversion, worth), *vat, supplier, *_self_assessed(document, chart, conversion)]


def _bought(document: SupplierDocument, chart: Chart, conversion: Conversion, worth: Decimal) -> list[Posting]:
    nets: dict[str, Decimal] = {}
    for line in document.lines:
        account = _account(document, line.priced, chart)
        nets[account] = nets.get(account, Decimal(0)) + line.priced.net.amount
    amounts = list(nets.values())
    own = amounts if conversion.same else spread(worth, amounts, exponent(conversion.books))
    return [Posting(account, amount, nets[account]) for account, amount in zip(nets, own, strict=True)]


def _account(document: SupplierDocument, line: PricedLine, chart: Chart) -> str:
    if document.credit_type in REBATES:
        return chart.rebates_obtained.of(line.kind)
    own: str | None = line.account
    if own:
        return own
    return chart.purchases.of(territory(line.vat_category, document.supplier_country), line.kind)


def _self_assessed(document: SupplierDocument, chart: Chart, conversion: Conversion) -> Iterable[Posting]:
    """VAT that the company owes in the supplier's stead, due and deductible at once; nothing of it is foreign."""
    for row in document.totals.rows:
        if row.category in _SELF_ASSESSED:
            amount = conversion.of(row.base.percent(chart.self_assessed_rate))
            yield Posting(chart.vat_self_assessed_deductible, amount)
            yield Posting(chart.vat_self_assessed_due, -amount)
