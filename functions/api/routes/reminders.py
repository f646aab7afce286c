"""Payment reminders: who is to be reminded, letters written and mailed, steps, invoices left alone."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.docbase.previewing import Preview
from comptoir.dunning import commands, queries
from comptoir.dunning.model import PaymentReminder, Reminded, ReminderLink, ReminderSteps, ReminderSummary

from ..routing import Route

STEPS_EXAMPLE = {
    "steps": [
        {"days": 5, "tone": "courteous"},
        {"days": 15, "tone": "firm", "claims": True},
        {"days": 30, "tone": "formal_notice", "claims": True},
    ],
    "least_days_between": 7,
}
_LIST = Listing[ReminderSummary]
_HOLD = "/documents/{document}/reminder-hold"

ROUTES = (
    Route("GET", "/payment-reminder-steps", queries.ReadReminderSteps, ReminderSteps),
    Route("PUT", "/payment-reminder-steps", commands.SaveReminderSteps, ReminderSteps, example=STEPS_EXAMPLE),
    Route("GET", "/payment-reminder-proposals", queries.ListReminderProposals, Listing[queries.ReminderProposal]),
    Route("GET", "/payment-reminders", queries.ListPaymentReminders, _LIST),
    Route("GET", "/payment-reminders/{payment_reminder}", queries.ReadPaymentReminder, ReminderLink),
    Route("GET", "/parties/{party}/payment-reminders", queries.ListPartyReminders, _LIST),
    Route(
        "POST",
        "/parties/{party}/payment-reminders",
        commands.WritePaymentReminder,
        PaymentReminder,
        201,
        "/payment-reminders/{id}",
        {202: PaymentReminder},
        example={"to": ["comptabilite@client.example"]},
    ),
    Route("GET", "/parties/{party}/payment-reminders/preview", queries.PreviewPaymentReminder, Preview),
    Route("GET", "/parties/{party}/reminded", queries.ReadReminded, Reminded),
    Route("POST", _HOLD, commands.HoldReminders, Reminded, example={"reason": "Litige sur la livraison"}),
    Route("POST", f"{_HOLD}/release", commands.ReleaseReminders, Reminded),
)
