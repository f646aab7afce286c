"""The calendar of a contract, all of it counted from its first days and never from the last run (CTR-05).

A boundary is the anchor plus so many periods, in a shorter month its last day: from 31 January month by
month 28 February, 31 March, 30 April. A period lasts from a boundary to the day before the next one; what
does not fill one, at the beginning or at the end, is a part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from comptoir.contracts.model import Billing, Contract, ContractStatus, ContractTerms, Reminder, ReminderEvent
from comptoir.kernel.spans import Span, Unit, day_after, day_before, days_in, months_after, months_between


@dataclass(frozen=True, slots=True)
class Period:
    """What is billed at a time, and the whole period of which it is a part; both ends included."""

    start: date
    end: date
    whole_start: date
    whole_end: date
    due_on: date

    @property
    def days(self) -> int:
        """The days that are billed."""
        return days_in(self.start, self.end)

    @property
    def whole_days(self) -> int:
        """The days of the whole period."""
        return days_in(self.whole_start, self.whole_end)

    @property
    def whole(self) -> bool:
        """Whether nothing of the period is left out."""
        return self.days == self.whole_days


def boundary(terms: ContractTerms, number: int) -> date:
    """The first day of a period; number 0 begins with the anchor."""
    return terms.period.after(terms.anchor or terms.start, number)


def place(terms: ContractTerms, day: date) -> int:
    """The number of the period that a day lies in."""
    return months_between(terms.anchor or terms.start, day) // terms.period.months


def period_from(contract: Contract, first: date) -> Period | None:
    """The period that begins on a day, cut off where the contract ends; None after its end."""
    last = last_day(contract)
    if last and first > last:
        return None
    number = place(contract, first)
    whole_end = day_before(boundary(contract, number + 1))
    end = min(whole_end, last) if last else whole_end
    in_advance = contract.billing is Billing.ADVANCE
    due_on = first - timedelta(days=contract.lead_days) if in_advance else day_after(end)
    return Period(first, end, boundary(contract, number), whole_end, due_on)


def next_period(contract: Contract) -> Period | None:
    """The period that is to be billed next; None when there is none any more."""
    return period_from(contract, day_after(contract.billed_until) if contract.billed_until else contract.start)


def term_end(terms: ContractTerms, number: int) -> date | None:
    """The last day of a term, the first one being number 0; None without end.

    Terms are counted from the start as long as both they and their renewals are counted in months.
    """
    renewal = terms.renewal or terms.duration
    if terms.duration and (number == 0 or renewal is None):
        return day_before(terms.duration.after(terms.start))
    if terms.duration and renewal and Unit.DAY not in (terms.duration.unit, renewal.unit):
        return day_before(months_after(terms.start, terms.duration.months + number * renewal.months))
    first = terms.duration.after(terms.start) if terms.duration else terms.end and day_after(terms.end)
    if first is None:
        return None
    return day_before(renewal.after(first, number) if renewal else first)


def current_end(contract: Contract) -> date | None:
    """The last day of the term that runs; None without end."""
    return term_end(contract, contract.renewals)


def last_day(contract: Contract) -> date | None:
    """The last day of the contract as far as it is known: None while it goes on by itself."""
    if contract.termination:
        return contract.termination.last_day
    return None if contract.tacit_renewal else current_end(contract)


def renewal_on(contract: Contract) -> date | None:
    """The day on which the contract renews: after the term that runs, or without terms with its next period.

    None once it was ended, or when nothing more of it is to come.
    """
    if contract.termination or contract.status is ContractStatus.ENDED:
        return None
    end = current_end(contract)
    if end:
        return day_after(end)
    following = next_period(contract)
    if following is None:
        return None
    return following.start if contract.billing is Billing.ADVANCE else day_after(following.end)


def last_notice_day(end: date, notice: Span | None) -> date:
    """The last day on which the end of a term that lasts until `end` may be notified.

    The whole notice lies between the two: one month before 31 December, the last day is 30 November.
    """
    return day_before(notice.before(day_after(end))) if notice else end


def notice_by(contract: Contract) -> date | None:
    """The last day for ending the contract with the term that runs; None without terms or once it was ended."""
    end = current_end(contract)
    if end is None or contract.termination or contract.status is ContractStatus.ENDED:
        return None
    return last_notice_day(end, contract.notice)


def event_day(contract: Contract, event: ReminderEvent) -> date | None:
    """The day of an event that actions come before."""
    return renewal_on(contract) if event is ReminderEvent.RENEWAL else notice_by(contract)


def remind_on(contract: Contract, reminder: Reminder) -> tuple[date, date] | None:
    """The event that a reminder is for and the day of its action; None when it has made it, or has none to make."""
    day = event_day(contract, reminder.event)
    if day is None or contract.reminded.get(reminder.id) == day:
        return None
    return day, day - timedelta(days=reminder.days_ahead)


def rolls_on(contract: Contract) -> date | None:
    """The day on which the next term begins by itself; None when it does not."""
    end = current_end(contract)
    if end is None or not contract.tacit_renewal:
        return None
    if contract.termination and contract.termination.last_day <= end:
        return None
    return day_after(end)


def ends_on(contract: Contract) -> date | None:
    """The day on which the contract is over, once nothing is left to be billed."""
    last = last_day(contract)
    return day_after(last) if last and next_period(contract) is None else None


def work_on(contract: Contract) -> date | None:
    """The first day on which something is to be done about the contract; None when nothing is."""
    if contract.status is ContractStatus.ENDED:
        return None
    following = next_period(contract)
    reminders = (remind_on(contract, each) for each in contract.reminders)
    days = [following.due_on if following else None, rolls_on(contract), ends_on(contract)]
    return min([*filter(None, days), *(found[1] for found in reminders if found)], default=None)


def terms_over(terms: ContractTerms, today: date) -> int:
    """How many terms of a contract that renews by itself are over on a day: where one from long ago stands."""
    number = 0
    if terms.tacit_renewal:
        while (end := term_end(terms, number)) and end < today:
            number += 1
    return number


def first_regular_end(contract: Contract, notified_on: date) -> date | None:
    """The first day with which a contract may end when notice is given on a day.

    With terms, the end of the first one whose last day for notice is not over; without, once the notice is
    over. None when no such term is known: the last one ends by itself.
    """
    if current_end(contract) is None:
        return contract.notice.after(notified_on) if contract.notice else notified_on
    for number in range(contract.renewals, contract.renewals + _TERMS_AHEAD):
        end = term_end(contract, number)
        if end and notified_on <= last_notice_day(end, contract.notice):
            return end
        if not contract.tacit_renewal:
            return end
    return None


_TERMS_AHEAD = 400
"""Terms of a day or more that a notice may reach over."""
