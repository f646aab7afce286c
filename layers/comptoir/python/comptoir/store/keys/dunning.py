"""Payment reminders."""

from __future__ import annotations

from comptoir.store.record import Key


def reminder_steps(company: str) -> Key:
    """The steps of a company's payment reminders."""
    return Key(f"{company}#COMPANY", "REMINDERSTEPS")


def payment_reminder(company: str, reminder: str) -> Key:
    """A payment reminder."""
    return Key(f"{company}#PAYMENTREMINDER#{reminder}", "HEAD")


def reminded(company: str, customer: str) -> Key:
    """How far a customer was reminded of each invoice."""
    return Key(f"{company}#PARTY#{customer}", "REMINDED")
