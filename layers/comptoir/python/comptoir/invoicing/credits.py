"""What a credit note may take of an invoice, and at which amounts (CRN-01, CRN-04).

Its parts are those of `shares`: the invoice can be brought to exactly zero, and never below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from comptoir.access.model import Company
from comptoir.catalogue.pricing import Totals, VatRow, totals
from comptoir.invoicing.balances import Balance, LineCredit
from comptoir.invoicing.credit_lines import held_of, made, unfit
from comptoir.invoicing.model import CreditLine, CreditType, Document, DraftLine
from comptoir.invoicing.shares import Rated, part_totals, rests, rows_moved
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.money import Money, plain, total


def credit(
    invoice: Snapshot, balance: Balance, kind: CreditType, wanted: Sequence[CreditLine]
) -> tuple[tuple[DraftLine, ...], Totals]:
    """The lines and totals of a credit note, at the invoice's own prices and rates (CRN-04, RULES §2.3).

    `balance` is what other credit notes, drafts included, have taken. Errors: `Refused`, naming every
    line that cannot be, or what remains of the invoice when the whole asks for more (CRN-01).
    """
    given = dict(balance.lines)
    lines: list[DraftLine] = []
    found: list[Breach] = []
    for number, ask in enumerate(wanted):
        wrong = unfit(ask, kind, invoice, given, f"/lines/{number}")
        found += wrong
        for line in () if wrong else made(ask, kind, invoice, given, len(lines)):
            _hold(given, line, 1)
            lines.append(line)
    refuse_if(found)
    return tuple(lines), _totals(invoice, balance, lines)


def year_breaches(kind: CreditType | None, company: Company, invoiced: date, day: date) -> list[Breach]:
    """A rebate on products of a fiscal year is on an invoice of that year; `day` is the credit note's date (CRN-03)."""
    if kind not in _YEARS:
        return []
    year, wanted = company.fiscal_year(invoiced), company.fiscal_year(day) + _YEARS[kind]
    if year == wanted:
        return []
    fr = f"La facture est du {invoiced:%d/%m/%Y} : elle n'est pas de l'exercice que ce type d'avoir désigne."
    en = f"The invoice is dated {invoiced}: not of the fiscal year that this type of credit note means."
    return [Breach(code="credit_type_of_year", fr=fr, en=en, pointer="/credit_type")]


_YEARS = {CreditType.REBATE_THIS_YEAR: 0, CreditType.REBATE_LAST_YEAR: -1}


def taken(balance: Balance, note: Document) -> Balance:
    """The balance once a credit note holds its part."""
    return _moved(balance, note, 1, (*balance.documents, note.id))


def given_back(balance: Balance, note: Document) -> Balance:
    """The balance once a draft credit note is deleted."""
    return _moved(balance, note, -1, tuple(other for other in balance.documents if other != note.id))


def _moved(balance: Balance, note: Document, sign: int, documents: tuple[str, ...]) -> Balance:
    lines = dict(balance.lines)
    for line in note.lines:
        _hold(lines, line, sign)
    credited = balance.credited + _signed(note.totals.gross, sign)
    rows = rows_moved(balance.rows, note.held or note.totals.rows, sign)
    return balance.change(credited=credited, documents=documents, rows=rows, lines=lines)


def _signed(amount: Money, sign: int) -> Money:
    return amount if sign > 0 else -amount


def _hold(lines: dict[int, LineCredit], line: DraftLine, sign: int) -> None:
    """Note what a credit note's line takes of the invoice's line; a global rebate takes of none."""
    if line.origin is None:
        return
    held, net = held_of(lines, line.origin, line.priced.net.currency), _signed(line.priced.net, sign)
    if line.rebate:
        lines[line.origin] = held.change(rebate=held.rebate + net)
    else:
        quantity = held.quantity + sign * line.priced.quantity
        lines[line.origin] = held.change(quantity=quantity, returned=held.returned + net)


def _totals(invoice: Snapshot, balance: Balance, lines: Sequence[DraftLine]) -> Totals:
    """Totals within what remains of each rate, base and VAT. Errors: `Refused` with the remainder (CRN-01)."""
    left = rests(invoice.totals.rows, balance.rows)
    for row in totals((line.priced for line in lines), invoice.currency).rows:
        base = left[(row.category, row.rate)].base
        refuse_if([_exceeded(left, row.rate, base)] if base < row.base else [])
    result = part_totals((line.priced for line in lines), invoice.currency, left)
    refuse_if([] if result.gross else [_WORTH_NOTHING])
    return result


_WORTH_NOTHING = Breach(
    code="credit_of_nothing", fr="L'avoir doit être positif.", en="The credit note must be positive.", pointer="/lines"
)


def _exceeded(left: Mapping[Rated, VatRow], rate: Decimal, base: Money) -> Breach:
    currency = base.currency
    rest = total((row.base + row.vat for row in left.values()), currency)
    at = plain(rate.normalize())
    return Breach(
        code="credit_exceeds_invoice",
        fr="L'avoir dépasse ce qui reste de la facture, brouillons compris : "
        f"{rest.amount} {currency} TTC, dont {base.amount} {currency} HT à {at.replace('.', ',')} % de TVA.",
        en="The credit note exceeds what remains of the invoice, drafts included: "
        f"{rest.amount} {currency} with VAT, of which {base.amount} {currency} without VAT at {at}%.",
        pointer="/lines",
    )
