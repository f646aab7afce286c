"""The longest payment delays between professionals (C. com. L441-10, RULES §9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from comptoir.kernel.errors import Breach
from comptoir.parties.terms import INVOICE, DueStep, PaymentTerm
from comptoir.treasury.rules import due_date

_YEAR = tuple(date(2028, 1, 1) + timedelta(days=number) for number in range(366))
"""Every day of a leap year: a term is judged whatever the date of the invoice."""

_SIXTY, _FORTY_FIVE, _MONTH_END = DueStep(days=60), DueStep(days=45), DueStep(end_of_month=True)
_ALLOWED = ((_SIXTY,), (_FORTY_FIVE, _MONTH_END), (_MONTH_END, _FORTY_FIVE))


def too_long(term: PaymentTerm) -> bool:
    """Whether a term counted from the invoice exceeds sixty days and both ways of « 45 jours fin de mois »."""
    if term.milestone != INVOICE:
        return False
    return any(due_date(day, term.steps) > max(due_date(day, steps) for steps in _ALLOWED) for day in _YEAR)


def delay_warnings(terms: Sequence[PaymentTerm]) -> list[Breach]:
    """What is said of each term that is too long; sectors and exceptions are not known here, so it forbids nothing."""
    fr = "Entre professionnels, le délai dépasse 60 jours ou 45 jours fin de mois après la facture (C. com. L441-10)."
    en = "Between professionals, this exceeds 60 days or 45 days end of month after the invoice (C. com. L441-10)."
    return [
        Breach(code="payment_delay_too_long", fr=fr, en=en, pointer=f"/terms/{number}/steps")
        for number, term in enumerate(terms)
        if too_long(term)
    ]
