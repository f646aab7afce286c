"""Decisions on expected money: due dates, instalments, and the life of treasury lines (INV-05, TRS-01)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from comptoir.kernel.errors import Conflict
from comptoir.kernel.money import Money, total
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import (
    TRANSITIONS,
    UNINVOICED,
    DueStep,
    Instalment,
    PaymentMeans,
    PaymentTerm,
    TreasuryLine,
    TreasuryStatus,
)
from comptoir.treasury.words import means_in_words

NewId = Callable[[], str]
Dates = Mapping[str, date]
"""The date of each milestone that has one."""


class TreasuryLocked(Conflict):
    """The status of a treasury line does not allow the move."""

    code = "treasury_locked"
    fr = "Le statut de la ligne de trésorerie ne le permet pas."
    en = "The status of the treasury line does not allow it."


def due_date(start: date, steps: Sequence[DueStep]) -> date:
    """The date on which `steps` lead from `start`, each applied to the result of the one before (INV-05)."""
    day = start
    for step in steps:
        day = _apply(step, day)
    return day


def _apply(step: DueStep, day: date) -> date:
    if step.days is not None:
        return day + timedelta(days=step.days)
    if step.day_of_month is None:
        return _in_month(day, 31)
    this_month = _in_month(day, step.day_of_month)
    if this_month >= day:
        return this_month
    return _in_month(_in_month(day, 31) + timedelta(days=1), step.day_of_month)


def _in_month(day: date, number: int) -> date:
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))


def percentages(terms: Sequence[PaymentTerm]) -> Decimal:
    """What the percentages of terms add up to: 100 before an order may be confirmed (CNF-01)."""
    return sum((term.percentage for term in terms), Decimal(0))


def shares(terms: Sequence[PaymentTerm], amount: Money) -> list[Money]:
    """What each term asks of `amount`; at 100 % no cent is lost or made."""
    if not terms:
        return []
    return amount.percent(percentages(terms)).split([term.percentage for term in terms])


def instalments(
    terms: Sequence[PaymentTerm], amount: Money, dates: Dates, language: Language, not_before: date | None = None
) -> tuple[Instalment, ...]:
    """What is due and when, in the order of the terms; empty while a milestone has no date.

    `not_before` moves earlier dates to it: an invoice cannot be due before it exists (BR-FR, BT-9).
    """
    if any(term.milestone not in dates for term in terms):
        return ()
    due = [due_date(dates[term.milestone], term.steps) for term in terms]
    return tuple(
        Instalment(due_date=max(day, not_before or day), amount=part, means=means_in_words(term.means, language))
        for term, day, part in zip(terms, due, shares(terms, amount), strict=True)
    )


def recompute(
    lines: Sequence[TreasuryLine],
    terms: Sequence[PaymentTerm],
    dates: Dates,
    amount: Money,
    status: TreasuryStatus,
    new_id: NewId,
) -> tuple[TreasuryLine, ...]:
    """The treasury lines after a change of terms, milestones or total (TRS-01).

    Lines invoiced, paid or outside the requested products stay as they are; forecast and firm ones
    are made again from the terms for what remains, and keep their identifier and rate term by term. `status`
    is that of the request's open lines: forecast for an offer, firm for a confirmed order.
    """
    kept = [line for line in lines if line.outside_products or line.status not in UNINVOICED]
    made_before = {line.term: line for line in lines if line not in kept}
    made = []
    for index, part in enumerate(_remaining(kept, shares(terms, amount), amount.currency)):
        term = terms[index]
        start, before = dates.get(term.milestone), made_before.get(index)
        same = before if before and before.amount.currency == part.currency else None
        if part:
            made.append(
                TreasuryLine(
                    id=before.id if before else new_id(),
                    amount=part,
                    forecast_date=due_date(start, term.steps) if start else None,
                    means=term.means,
                    bank_account=term.bank_account,
                    status=status,
                    term=index,
                    rate=same.rate if same else None,
                    certified=same.certified if same else None,
                )
            )
    return (*made, *kept)


def _remaining(kept: Sequence[TreasuryLine], wanted: Sequence[Money], currency: str) -> list[Money]:
    """What each term still asks, once what is invoiced or paid of the products is taken off."""
    settled = [line for line in kept if not line.outside_products]
    if not settled:
        return list(wanted)
    rest = total(wanted, currency) - total((line.amount for line in settled), currency)
    if rest.amount <= 0:
        return []
    weights = [
        max(part.amount - sum((line.amount.amount for line in settled if line.term == index), Decimal(0)), Decimal(0))
        for index, part in enumerate(wanted)
    ]
    return rest.split(weights)


def redate(lines: Sequence[TreasuryLine], terms: Sequence[PaymentTerm], dates: Dates) -> tuple[TreasuryLine, ...]:
    """Open lines of terms with the dates that the milestones now give; amounts stay as they are."""
    return tuple(
        line.change(forecast_date=due_date(dates[terms[line.term].milestone], terms[line.term].steps))
        if line.status in UNINVOICED and line.term is not None and terms[line.term].milestone in dates
        else line
        for line in lines
    )


def balance(lines: Sequence[TreasuryLine], currency: str) -> Money:
    """The treasury total that must equal the products' (CNF-01 criterion 4)."""
    return total((line.amount for line in lines if not line.outside_products), currency)


def move(line: TreasuryLine, status: TreasuryStatus, **fields: Any) -> TreasuryLine:
    """The line in its next status, with what else changes. Errors: `TreasuryLocked` outside the transitions."""
    if status not in TRANSITIONS[line.status]:
        raise TreasuryLocked(line=line.id, status=line.status.value, wanted=status.value)
    return line.change(status=status, **fields)


def firm(lines: Sequence[TreasuryLine]) -> tuple[TreasuryLine, ...]:
    """Forecast lines become firm when the order is confirmed; the others stay (CNF-03)."""
    return tuple(move(line, TreasuryStatus.FIRM) if line.status is TreasuryStatus.FORECAST else line for line in lines)


def forecast(lines: Sequence[TreasuryLine]) -> tuple[TreasuryLine, ...]:
    """Firm lines become forecast again when the confirmation is undone; invoiced and paid ones stay (CNF-06)."""
    return tuple(move(line, TreasuryStatus.FORECAST) if line.status is TreasuryStatus.FIRM else line for line in lines)


def over(lines: Sequence[TreasuryLine]) -> tuple[TreasuryLine, ...]:
    """The lines once nothing more is to be invoiced: those that were only expected are gone (LOG-03, TRS-11)."""
    return tuple(line for line in lines if line.status not in UNINVOICED)


@dataclass(frozen=True)
class Issued:
    """A document that was just numbered, as treasury lines tell it."""

    document: str
    number: str


def invoice(
    lines: Sequence[TreasuryLine],
    amount: Money,
    document: Issued,
    due: Sequence[Instalment],
    new_id: NewId,
    terms: Sequence[PaymentTerm] = (),
) -> tuple[TreasuryLine, ...]:
    """The lines once an invoice of `amount` with VAT is issued: that much of the firm ones is invoiced (INV-02).

    Every firm line gives in proportion, so that a partial invoice follows the payment terms as the
    whole does; a line that gives a part is split, and the total stays. The dates become those that
    the document prints (`due`, in the order of the terms). What the firm lines do not cover, all of
    it for an invoice without an order, is owed too: it is added as the document's instalments, by the means
    and into the account that `terms` say.
    """
    parts = _parts(lines, amount)
    result: list[TreasuryLine] = []
    for line in lines:
        part = parts.get(line.id)
        if not part:
            result.append(line)
            continue
        result.append(_invoiced(line, part, document, due))
        if part < line.amount:
            result.append(line.change(id=new_id(), amount=line.amount - part))
    excess = amount - total(parts.values(), amount.currency)
    return (*result, *(_excess(excess, document, due, new_id, terms) if excess else ()))


def _parts(lines: Sequence[TreasuryLine], amount: Money) -> dict[str, Money]:
    """What each firm line gives to an invoice; never more than it holds.

    Cumulated shares of an amount that does not exceed the sum cannot exceed a line: rounding is
    monotonic, and lines are on the currency's grid.
    """
    firm_lines = [line for line in lines if line.status is TreasuryStatus.FIRM and not line.outside_products]
    covered = min(amount, total((line.amount for line in firm_lines), amount.currency))
    if not covered:
        return {}
    given = covered.split([line.amount.amount for line in firm_lines])
    return {line.id: part for line, part in zip(firm_lines, given, strict=True)}


def _excess(
    amount: Money, document: Issued, due: Sequence[Instalment], new_id: NewId, terms: Sequence[PaymentTerm]
) -> list[TreasuryLine]:
    dates: list[date | None] = [*(step.due_date for step in due)] or [None]
    parts = amount.split([step.amount.amount for step in due]) if due else [amount]
    return [
        TreasuryLine(
            id=new_id(),
            amount=part,
            forecast_date=day,
            means=terms[index].means if index < len(terms) else PaymentMeans.TRANSFER,
            bank_account=terms[index].bank_account if index < len(terms) else None,
            status=TreasuryStatus.INVOICED,
            term=index,
            document=document.document,
            number=document.number,
        )
        for index, (day, part) in enumerate(zip(dates, parts, strict=True))
        if part
    ]


def _invoiced(line: TreasuryLine, part: Money, document: Issued, due: Sequence[Instalment]) -> TreasuryLine:
    dated = due[line.term].due_date if line.term is not None and line.term < len(due) else line.forecast_date
    told = {"document": document.document, "number": document.number}
    return move(line, TreasuryStatus.INVOICED, amount=part, forecast_date=dated, **told)
