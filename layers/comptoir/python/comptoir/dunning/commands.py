"""Payment reminders written by hand, their steps, and invoices that are left alone (INV-12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.dunning.drawing import Drawn, draw, gather
from comptoir.dunning.items import REMINDED, REMINDER, STEPS
from comptoir.dunning.model import AskedMail, Hold, PaymentReminder, Reminded, ReminderSteps
from comptoir.dunning.writing import keep_letter
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import Breach, Conflict, NotFound, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Line, Paragraph
from comptoir.mailing.commands import MailOff, handed_over
from comptoir.mailing.model import Addresses, MailFields
from comptoir.mailing.proposing import addressee, addresses
from comptoir.mailing.rules import IN_TEST_MODE, mail_breaches
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class NothingToRemind(Conflict):
    """No invoice of the customer has newly come to a step."""

    code = "nothing_to_remind"
    fr = "Aucune facture de ce client n'atteint une nouvelle étape de relance."
    en = "No invoice of this customer has newly come to a reminder step."


class SaveReminderSteps(Administration, ReminderSteps):
    """Replace the steps of the company's payment reminders; letters that were written stay as they are."""

    guarded: ClassVar[bool] = True

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.reminder_steps(company), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key, company = keys.reminder_steps(ctx.company), tx.require(COMPANY, keys.company(ctx.company))
        ctx.expect(tx, key)
        after = ReminderSteps.model_validate(self.picked(ReminderSteps.model_fields))
        if any(step.automatic for step in after.steps) and company.identity.email is None:
            fr = "Des relances automatiques demandent une adresse de la société, à laquelle le client répond."
            en = "Automatic reminders need an address of the company's, to which the customer answers."
            refuse_if([Breach(code="company_address_missing", fr=fr, en=en, pointer="/steps", link="/company")])
        if tx.get(STEPS, key) != after:
            save(tx, ctx, STEPS, key, after, "reminder_steps_saved")
            chain(tx, ctx, "reminder_steps_saved", after)
        return Reply.of(after, tx.next_version(key))


def drawn_for(tx: Transaction, ctx: Context, party: Id, currency: str | None) -> Drawn:
    """The letter that a customer is to get now, by default in its currency. Errors: `NotFound`, `NothingToRemind`."""
    known = gather(tx, ctx, party)
    drawn = draw(tx, ctx, known, currency or known.party.currency)
    if drawn is None:
        raise NothingToRemind()
    return drawn


class WritePaymentReminder(Command):
    """Write the letter that a customer is to get now in a currency, by default its own, and mail it (INV-12).

    `message` stands in the place of the ready words. Without `mailed` it is only printed. 201 once the PDF is there and
    the mail has gone, 202 before. Errors: `NothingToRemind`, `MailOff`, `Refused`.
    """

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS

    party: Id
    currency: Currency | None = None
    message: Paragraph | None = None
    mailed: bool = True
    to: Addresses = ()
    cc: Addresses = ()

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party(company, self.party), keys.company(company), keys.reminded(company, self.party)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        drawn = drawn_for(tx, ctx, self.party, self.currency)
        refuse_if([IN_TEST_MODE] if drawn.company.test_mode else [])
        asked = self._asked(ctx, drawn) if self.mailed else None
        reminder = keep_letter(tx, ctx, drawn, asked, self.message)
        return Reply.of(reminder, tx.next_version(keys.payment_reminder(ctx.company, reminder.id)), 202)

    def _asked(self, ctx: Context, drawn: Drawn) -> AskedMail:
        if ctx.services.mailer is None:
            raise MailOff()
        asked = asked_mail(drawn, ctx.operator.email, self.to, self.cc)
        refuse_if(mail_breaches(MailFields(to=asked.to, cc=asked.cc), (), self.party))
        return asked

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        reminder = PaymentReminder.model_validate_json(reply.body)
        return sent(services, caller.company, reminder.id)


def asked_mail(drawn: Drawn, reply_to: str, to: Addresses = (), cc: Addresses = ()) -> AskedMail:
    """The mail of a letter: by default to the contact of the customer who can be written to."""
    return AskedMail(
        to=to or tuple(addresses(addressee(drawn.party, None))[:1]),
        cc=cc,
        subject=f"{drawn.title} — {drawn.content.company.name}"[:200],
        reply_to=reply_to,
    )


def sent(services: Services, company: str, identifier: Id) -> Reply:
    """Have the PDF of a letter rendered and its mail handed over, as far as that is possible now."""
    key = keys.payment_reminder(company, identifier)
    if services.renderer:
        task = {"task": "render_payment_reminder", "company": company, "reminder": identifier}
        services.renderer.render(task)
    stored = services.store.require(REMINDER, key)
    gone = stored.value.file is not None
    if stored.value.mail:
        gone = handed_over(services, company, stored.value.mail).status == 201
    return Reply.of(stored.value, stored.version, 201 if gone else 202)


class Holding(Command):
    """Base of the commands on an invoice that is left alone, or no longer."""

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    natural: ClassVar[bool] = True

    document: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.document)]

    def kept(self, tx: Transaction, ctx: Context, hold: Hold | None) -> Reply:
        """Hold an issued invoice, or let it go. Errors: `NotFound`."""
        document = tx.require(DOCUMENT, keys.document(ctx.company, self.document))
        if document.kind is not DocumentKind.INVOICE or not document.issued:
            raise NotFound()
        key = keys.reminded(ctx.company, document.customer)
        before = tx.get(REMINDED, key) or Reminded()
        others = {name: each for name, each in before.held.items() if name != document.id}
        after = before.change(held=others | ({document.id: hold} if hold else {}))
        save(tx, ctx, REMINDED, key, after, "reminders_held" if hold else "reminders_released")
        return Reply.of(after, tx.next_version(key))


class HoldReminders(Holding):
    """Leave an invoice out of payment reminders: it is disputed, say."""

    reason: Line

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.kept(tx, ctx, Hold(reason=self.reason, on=ctx.today, by=ctx.operator.name))


class ReleaseReminders(Holding):
    """Remind of an invoice again."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.kept(tx, ctx, None)
