"""What writes a payment reminder: the letter frozen, each instalment marked with the step that it reached (INV-12)."""

from __future__ import annotations

from datetime import timedelta

from comptoir.access.acting import who
from comptoir.access.context import Context
from comptoir.access.history import difference, record
from comptoir.dunning.drawing import Drawn
from comptoir.dunning.items import REMINDED, REMINDER
from comptoir.dunning.model import AskedMail, PaymentReminder, Reached, Reminded
from comptoir.orders.items import next_number
from comptoir.store import keys
from comptoir.store.transaction import Transaction


def keep_letter(
    tx: Transaction, ctx: Context, drawn: Drawn, asked: AskedMail | None, message: str | None = None
) -> PaymentReminder:
    """Store a letter under its number, and mark the invoices that it tells of, in one transaction.

    Whoever comes second for the same customer finds them marked: nobody is reminded twice of one step.
    """
    number = next_number(tx, ctx, "REL-", "payment_reminders")
    content = drawn.content.change(number=number, message=message or drawn.content.message)
    reminder = PaymentReminder(
        id=ctx.new_id(),
        customer=drawn.party.id,
        customer_name=drawn.party.name,
        step=drawn.step,
        content=content,
        asked=asked,
        operator=who(ctx.operator),
    )
    tx.create(REMINDER, keys.payment_reminder(ctx.company, reminder.id), reminder)
    tx.put(REMINDED, keys.reminded(ctx.company, drawn.party.id), _marked(drawn.reminded, reminder))
    told = {"reminder": reminder.id, "number": number, "tone": content.tone.value}
    subjects = [keys.party(ctx.company, drawn.party.id)]
    subjects += [keys.document(ctx.company, name) for name in dict.fromkeys(each.document for each in content.lines)]
    for subject in subjects:
        record(tx, ctx, subject.pk, "payment_reminder_written", difference({}, told))
    return reminder


_FORGOTTEN = timedelta(days=365)
"""The item of a customer stays small; what is overdue for longer than that was told of since, or is held."""


def _marked(before: Reminded, reminder: PaymentReminder) -> Reminded:
    """Each instalment of the letter at the step that it has come to; what was last told of a year ago is forgotten."""
    content = reminder.content
    old = content.made_on - _FORGOTTEN
    known = {name: {due: each for due, each in told.items() if each.on > old} for name, told in before.reached.items()}
    reached = {name: told for name, told in known.items() if told}
    for each in content.lines:
        told = reached.setdefault(each.document, {})
        step = max(each.step, told[each.due_date].step) if each.due_date in told else each.step
        told[each.due_date] = Reached(step=step, on=content.made_on, reminder=reminder.id)
    return before.change(reached=reached, last=before.last | {content.currency: content.made_on})
