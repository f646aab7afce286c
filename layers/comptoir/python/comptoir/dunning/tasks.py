"""Payment reminders once they are written: their PDF, their mail, and those that go out by themselves (INV-12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from comptoir.access.acting import by_itself, companies
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.docbase.items import FILED, file
from comptoir.docbase.model import Filed, FileKind, Owner
from comptoir.dunning.commands import asked_mail, sent
from comptoir.dunning.drawing import Drawn, draw, gather, steps_of
from comptoir.dunning.items import DUE_LETTERS, REMINDED, REMINDER
from comptoir.dunning.model import AskedMail, PaymentReminder, Reminded, ReminderContent, ReminderFile, ReminderSteps
from comptoir.dunning.rules import told_of
from comptoir.dunning.words import ASKED, TITLES
from comptoir.dunning.writing import keep_letter
from comptoir.kernel.errors import DomainError
from comptoir.kernel.ids import Id
from comptoir.mailing.items import MAIL
from comptoir.mailing.model import MOST_ATTACHMENTS, Attached, Mail, MailFields, MailState
from comptoir.mailing.proposing import addressee, attached_of, letter
from comptoir.mailing.rules import MOST_ATTACHED_BYTES, mail_breaches
from comptoir.parties.items import PARTY
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import DUES
from comptoir.treasury.model import OpenAmount, OpenRequest, Side

Event = Mapping[str, Any]
LONGEST = timedelta(seconds=60)
"""How long one run of the clock goes on writing letters, well within the time of its function; the next run goes on."""


def reminder_to_render(services: Services, event: Event) -> ReminderContent:
    """What a letter says. Errors: `NotFound`."""
    place = keys.payment_reminder(event["company"], event["reminder"])
    return services.store.require(REMINDER, place).value.content


def reminder_rendered(services: Services, event: Event, key: str, sha256: str, size: int) -> None:
    """Put a letter into the document base of the customer, and write its mail; the first file stays."""
    ctx, place = by_itself(services, event["company"]), keys.payment_reminder(event["company"], event["reminder"])
    reminder = services.store.require(REMINDER, place).value
    invoices = tuple(_invoices(ctx, reminder)) if reminder.asked else ()

    def work(tx: Transaction) -> None:
        now = tx.require(REMINDER, place)
        if now.file:
            return
        content, identifier = now.content, services.ids.new()
        filed = file(
            tx,
            ctx.company,
            identifier,
            Owner.PARTY,
            now.customer,
            FileKind.PAYMENT_REMINDER,
            title=f"{TITLES[content.tone].said(content.language)} {content.number}",
            number=content.number,
            language=content.language,
            author=content.author,
            created_at=content.made_at,
            sha256=sha256,
            size=size,
            key=key,
            party=now.customer,
        )
        made = now.change(file=ReminderFile(key=key, sha256=sha256, size=size, file=identifier))
        if now.asked:
            mail = _mail(tx, ctx, now, now.asked, _fitting([attached_of(filed), *map(attached_of, invoices)]))
            save(tx, ctx, MAIL, keys.mail(ctx.company, mail.id), mail, "written")
            made = made.change(mail=mail.id)
        tx.put(REMINDER, place, made)

    services.store.transact(work, [place])


def _invoices(ctx: Context, reminder: PaymentReminder) -> Iterator[Filed]:
    """The PDFs of the invoices that a letter tells of, the oldest first, as many as a mail may carry."""
    names = list(dict.fromkeys(each.document for each in reminder.content.lines))
    for name in names[: MOST_ATTACHMENTS - 1]:
        pk = keys.filed(ctx.company, Owner.DOCUMENT, name, "").pk
        for record in ctx.services.store.records(backend.Query(pk=pk, prefix=keys.FILE)):
            filed = FILED.load(record)
            if filed.kind is FileKind.INVOICE:
                yield filed


def _fitting(attached: list[Attached]) -> tuple[Attached, ...]:
    """The letter and the invoices that a mail server takes with it."""
    kept, size = [], 0
    for each in attached:
        size += each.size
        if size <= MOST_ATTACHED_BYTES:
            kept.append(each)
    return tuple(kept)


def _mail(
    tx: Transaction, ctx: Context, reminder: PaymentReminder, asked: AskedMail, attached: tuple[Attached, ...]
) -> Mail:
    content = reminder.content
    party = tx.require(PARTY, keys.party(ctx.company, reminder.customer))
    amounts = [content.total] if content.total else [content.due + content.penalties, content.indemnity]
    amount = " + ".join(f"{each.amount} {each.currency}" for each in amounts if each)
    said = f"{content.message}\n\n{ASKED.said(content.language).format(amount=amount)}"
    return Mail(
        id=ctx.new_id(),
        owner=Owner.PARTY,
        owner_id=party.id,
        party=party.id,
        language=content.language,
        sender=content.company.name,
        reply_to=asked.reply_to,
        to=asked.to,
        cc=asked.cc,
        subject=asked.subject,
        message=letter(said, content.author, content.company, addressee(party, None), content.language),
        footer=content.company.legal_line,
        operator=reminder.operator or ctx.operator.id,
        author=content.author,
        created_at=ctx.now,
        state=MailState.QUEUED,
        attachments=attached,
    )


def resume_letters(services: Services) -> dict[str, int]:
    """Have the PDF of every letter rendered that was left without; for the schedule. Its mail goes with all others."""
    counts = {"letters_resumed": 0, "failed": 0}
    for found in services.store.due(DUE_LETTERS, 3):
        reminder = services.store.require(REMINDER, found.key).value
        try:
            sent(services, found.key.company, reminder.id)
            counts["letters_resumed"] += 1
        except (DomainError, RuntimeError):
            # One that the function breaks on keeps no other waiting.
            counts["failed"] += 1
    return counts


def remind_due(services: Services) -> dict[str, Any]:
    """Write the letters that go out by themselves; what is left over is the next run's."""
    counts, end = {"letters_written": 0, "failed": 0}, services.clock.now() + LONGEST
    if services.mailer is None:
        return counts
    for company in companies(services):
        steps = steps_of(Transaction(services.store.backend), company)
        if not any(step.automatic for step in steps.steps):
            continue
        for customer, currency in _overdue(services, company, steps):
            if services.clock.now() >= end:
                return counts
            try:
                counts["letters_written"] += _written(services, company, customer, currency)
            except (DomainError, RuntimeError):
                counts["failed"] += 1
    return counts


def _overdue(services: Services, company: str, steps: ReminderSteps) -> Iterator[tuple[Id, str]]:
    """The customers of whom something has newly come to a step, and in which currencies, the oldest amounts first.

    Those of whom nothing has are not looked at any closer: however many they are, they take no time from the others.
    """
    today = by_itself(services, company).today
    query = backend.Query(pk=keys.by_kind(company, DUES[Side.CUSTOMER], "")[0], index=3, between=("!", f"{today}"))
    found: dict[Id, list[OpenAmount]] = {}
    for record in services.store.records(query):
        request = OpenRequest.model_validate_json(record.summary or "{}")
        if request.debtor:
            found.setdefault(request.debtor.customer, []).extend(request.due)
    places = {customer: keys.reminded(company, customer) for customer in found}
    reminded = Transaction(services.store.backend).several(REMINDED, places)
    for customer, amounts in found.items():
        told = told_of(amounts, steps, reminded.get(customer, Reminded()), today)
        yield from dict.fromkeys((customer, each.amount.currency) for each, is_new in told.items() if is_new)


def _written(services: Services, company: str, customer: Id, currency: str) -> int:
    """Write a customer's letter if it is to go out by itself now, and have it rendered: 1 if it was."""
    ctx = by_itself(services, company)

    def work(tx: Transaction) -> Id | None:
        drawn = draw(tx, ctx, gather(tx, ctx, customer), currency)
        if drawn is None or not drawn.automatic or not _sendable(drawn):
            return None
        reply_to = drawn.company.identity.email or ""
        return keep_letter(tx, ctx, drawn, asked_mail(drawn, reply_to)).id

    written = services.store.transact(work, [keys.reminded(company, customer)])
    if written:
        sent(services, company, written)
    return int(written is not None)


def _sendable(drawn: Drawn) -> bool:
    """Whether a letter can be mailed by itself; one that cannot waits in the list of proposals for somebody.

    Whose credit notes are worth all that is due owes nothing on the whole: they are to be deducted first (CRN-09).
    """
    company, due, credits = drawn.company, drawn.content.due, drawn.content.credits
    if company.test_mode or company.identity.email is None or (credits and credits.amount >= due.amount):
        return False
    asked = asked_mail(drawn, company.identity.email)
    return not mail_breaches(MailFields(to=asked.to), (), drawn.party.id)
