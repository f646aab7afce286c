"""What a document adds to the turnover, frozen with it, so that closings only have to add up (FIS-03)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comptoir.catalogue.pricing import VatRow
from comptoir.invoicing.crediting import content_of
from comptoir.invoicing.deductions import charged
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.snapshot import Snapshot, Turnover, TurnoverRow
from comptoir.kernel.exchange import convert
from comptoir.store import keys
from comptoir.store.transaction import Transaction

_EURO = "EUR"


def with_turnover(tx: Transaction, company: str, content: Snapshot) -> Snapshot:
    """The content of a document to issue with what it adds to the turnover, where its totals do not say it all.

    They do for a document in euro that neither deducts down payments (which were turnover themselves) nor takes
    another invoice's place.
    """
    replaced: Sequence[TurnoverRow] = ()
    if content.replaces:
        before = tx.require(DOCUMENT, keys.document(company, content.replaces.document))
        replaced = _rows(content_of(tx, company, before))
    if content.currency == _EURO and not content.deductions and not replaced:
        return content
    return content.change(turnover=Turnover(rows=_rows(content), replaced=tuple(replaced)))


def _rows(content: Snapshot) -> tuple[TurnoverRow, ...]:
    if content.turnover:
        return content.turnover.rows
    own = charged(content.totals, content.deductions).rows
    if content.currency == _EURO:
        return tuple(_row(row) for row in own)
    worth = content.euro.rows if content.euro and not content.deductions else _in_euro(content, own)
    return tuple(_row(row).change(euro_base=euro.base, euro_vat=euro.vat) for row, euro in zip(own, worth, strict=True))


def _row(row: VatRow) -> TurnoverRow:
    return TurnoverRow(category=row.category, rate=row.rate, base=row.base, vat=row.vat)


def _in_euro(content: Snapshot, rows: Iterable[VatRow]) -> list[VatRow]:
    """Rows in euro at the rate that fixes the document's VAT (CGI 289 IV)."""
    rates, found = [content.euro.rate] if content.euro else [], []
    for row in rows:
        base, vat = (convert(amount, _EURO, rates) for amount in (row.base, row.vat))
        if base is None or vat is None:
            raise ValueError(f"{content.number} is in {content.currency} and has no rate")
        found.append(row.change(base=base, vat=vat))
    return found
