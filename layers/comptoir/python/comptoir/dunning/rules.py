"""What is overdue, which step it has come to, and what late payment costs (INV-12, C. com. L441-10, D441-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from comptoir.dunning.model import MOST_LATE, LateAmount, Reminded, ReminderStep, ReminderSteps
from comptoir.kernel.money import Money, total
from comptoir.treasury.model import OpenAmount, OpenRequest

INDEMNITY = Money.of(40, "EUR")
"""For each invoice paid late by a professional (C. com. D441-5)."""

DAYS_TO_PAY = 8
"""From the letter to the day by which it asks to be paid."""


@dataclass(frozen=True)
class Printed:
    """What an invoice says that a reminder goes by: its date, and the yearly penalty rate that it printed."""

    issue_date: date | None
    rate: Decimal | None


def overdue(requests: Iterable[OpenRequest], today: date) -> tuple[OpenAmount, ...]:
    """The instalments due before today, the oldest first."""
    found = [each for request in requests for each in request.due if each.due_date and each.due_date < today]
    return tuple(sorted(found, key=lambda each: (each.due_date or today, each.number)))


def step_of(steps: ReminderSteps, days: int) -> int | None:
    """The last step that so many days after the due date have come to, by its own days; None before the first."""
    return max((step.days for step in steps.steps if step.days <= days), default=None)


def next_step(steps: ReminderSteps, reminded: Reminded, late: Sequence[LateAmount], today: date) -> int | None:
    """The step of the letter that is to be written: the highest that an amount has newly come to; None without one.

    `late` is of one currency. No letter follows another sooner than the company wants.
    """
    last = reminded.last.get(late[0].amount.currency) if late else None
    if last and today < last + timedelta(days=steps.least_days_between):
        return None
    new = [each.step for each in late if _is_new(reminded, each.document, each.due_date, each.step)]
    return max(new, default=None)


def _is_new(reminded: Reminded, document: str, due_date: date, step: int) -> bool:
    reached = reminded.reached.get(document, {}).get(due_date)
    return reached is None or step > reached.step


def told_of(
    amounts: Iterable[OpenAmount], steps: ReminderSteps, reminded: Reminded, today: date
) -> dict[OpenAmount, bool]:
    """The amounts that a letter may tell of, each with whether it has newly come to a step.

    They are past the first step, and of invoices that nobody holds.
    """
    found = {}
    for each in amounts:
        if each.due_date is None or each.document in reminded.held:
            continue
        step = step_of(steps, (today - each.due_date).days)
        if step is not None:
            found[each] = _is_new(reminded, each.document, each.due_date, step)
    return found


def pressing(
    amounts: Iterable[OpenAmount], steps: ReminderSteps, reminded: Reminded, today: date
) -> tuple[OpenAmount, ...]:
    """The amounts of as many invoices as one letter takes, in their order.

    Invoices that have newly come to a step go first, then the oldest: none waits for others to be paid.
    """
    told = told_of(amounts, steps, reminded, today)
    new = [each.document for each, is_new in told.items() if is_new]
    kept = set([*dict.fromkeys((*new, *(each.document for each in told)))][:MOST_LATE])
    return tuple(each for each in told if each.document in kept)


def late_amounts(
    amounts: Iterable[OpenAmount],
    printed: Mapping[str, Printed],
    steps: ReminderSteps,
    today: date,
    professional: bool,
) -> tuple[LateAmount, ...]:
    """The overdue amounts past the first step as a letter tells them.

    Penalties run from the day after the due date; a consumer bears none.
    """
    found = []
    for each in amounts:
        days = (today - each.due_date).days if each.due_date else 0
        step = step_of(steps, days)
        if each.due_date is None or step is None:
            continue
        told = printed.get(each.document, Printed(None, None))
        rate = told.rate if professional else None
        penalty = each.amount.interest(rate, days) if rate else Money.zero(each.amount.currency)
        found.append(
            LateAmount(
                document=each.document,
                number=each.number,
                issue_date=told.issue_date,
                due_date=each.due_date,
                amount=each.amount,
                days=days,
                rate=rate,
                penalty=penalty,
                step=step,
            )
        )
    return tuple(found)


def unclaimed(late: LateAmount) -> LateAmount:
    """The amount as a letter tells it that claims nothing besides."""
    return late.change(rate=None, penalty=Money.zero(late.amount.currency))


@dataclass(frozen=True)
class Claim:
    """What a letter asks for: the amounts due, and where it claims them the penalties and the indemnities."""

    due: Money
    penalties: Money
    indemnity: Money

    @property
    def total(self) -> Money | None:
        """All of it, where it is one currency."""
        asked = self.due + self.penalties
        if not self.indemnity:
            return asked
        return asked + self.indemnity if asked.currency == self.indemnity.currency else None


def claim(late: Sequence[LateAmount], currency: str, step: ReminderStep, professional: bool) -> Claim:
    """What is asked for at a step; the indemnity is 40 € an invoice, whatever its instalments."""
    due = total((each.amount for each in late), currency)
    nothing = Money.zero(currency)
    if not step.claims or not professional:
        return Claim(due, nothing, Money.zero(INDEMNITY.currency))
    invoices = len({each.document for each in late})
    return Claim(due, total((each.penalty for each in late), currency), Money.of(INDEMNITY.amount * invoices, "EUR"))
