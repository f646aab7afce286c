"""How payment reminders lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.dunning.model import PaymentReminder, Reminded, ReminderSteps, ReminderSummary
from comptoir.store import keys
from comptoir.store.record import Index, Kind

REMINDERS, DUE_LETTERS = "PAYMENTREMINDERS", "PAYMENTREMINDERS"


def _summary(reminder: PaymentReminder) -> ReminderSummary:
    content = reminder.content
    return ReminderSummary(
        invoices=len({each.document for each in content.lines}),
        **reminder.picked(("id", "customer", "customer_name", "mail")),
        **content.picked(("number", "made_on", "tone", "due")),
    )


def _places(company: str, reminder: PaymentReminder) -> Mapping[int, Index]:
    """By month and by customer; what waits for its PDF."""
    made = reminder.content.made_on
    places = {
        1: keys.by_month(company, REMINDERS, f"{made:%Y-%m}", f"{made}#{reminder.id}"),
        2: keys.by_party(company, reminder.customer, REMINDERS, f"{made}#{reminder.id}"),
    }
    return places if reminder.file else places | {3: keys.due(DUE_LETTERS, company, reminder.id)}


REMINDER = Kind("payment_reminder", PaymentReminder, summarise=_summary, index=_places)
STEPS = Kind("reminder_steps", ReminderSteps)
REMINDED = Kind("reminded", Reminded)
