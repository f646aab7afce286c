"""What reads payment reminders: who is to be reminded, letters, steps (INV-12)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.docbase.previewing import preview
from comptoir.dunning.commands import drawn_for
from comptoir.dunning.drawing import draw, gather
from comptoir.dunning.items import REMINDED, REMINDER, REMINDERS, STEPS
from comptoir.dunning.model import SHIPPED, Reminded, ReminderContent, ReminderLink, ReminderSummary
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import MonthName
from comptoir.parties.items import PARTY
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import DUES, OPEN
from comptoir.treasury.model import OpenRequest, Side

MOST_PROPOSED = 20
"""Overdue requests of a page: a letter is drawn for each customer among them."""


class ReadReminderSteps(Query):
    """The steps of the company's payment reminders."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(STEPS, keys.reminder_steps(ctx.company))
        return Reply.of(stored.value if stored else SHIPPED, stored.version if stored else 0)


class ReminderProposal(Model):
    """A customer who is to be reminded now, by which step, and what the letter says; `automatic` goes by itself."""

    customer: Id
    customer_name: str
    step: int
    automatic: bool
    content: ReminderContent


class ListReminderProposals(ListQuery):
    """Customers who are to be reminded now, those with the oldest overdue amounts first; each once."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    limit: int = Field(MOST_PROPOSED, ge=1, le=MOST_PROPOSED)

    def read(self, ctx: Context) -> Reply:
        pk = keys.by_kind(ctx.company, DUES[Side.CUSTOMER], "")[0]
        query = backend.Query(pk=pk, index=3, between=("!", f"{ctx.today}"))
        page = ctx.services.store.page(query, self.cursor, self.limit)
        found: list[ReminderProposal] = []
        for record in page.items:
            request = OpenRequest.model_validate_json(record.summary or "{}")
            if request.debtor and self._first(ctx, request.debtor.customer) == (record.key.pk, record.key.sk):
                found += self._proposed(ctx, request.debtor.customer)
        return Reply.of(Listing[ReminderProposal](items=tuple(found), cursor=page.cursor))

    @staticmethod
    def _first(ctx: Context, customer: Id) -> tuple[str, str] | None:
        """The request by which a customer stands in the list: the one with its oldest amount."""
        pk = keys.by_party(ctx.company, customer, OPEN[Side.CUSTOMER], "")[0]
        part = ctx.services.store.backend.query(backend.Query(pk=pk, index=2, limit=1))
        return next(((record.key.pk, record.key.sk) for record in part.records), None)

    @staticmethod
    def _proposed(ctx: Context, customer: Id) -> list[ReminderProposal]:
        """A letter for each currency in which one is to be written."""
        tx = Transaction(ctx.services.store.backend)
        known = gather(tx, ctx, customer)
        letters = (draw(tx, ctx, known, currency) for currency in known.currencies)
        told = {"customer": customer, "customer_name": known.party.name}
        return [
            ReminderProposal(step=each.step, automatic=each.automatic, content=each.content, **told)
            for each in letters
            if each
        ]


class PreviewPaymentReminder(Query):
    """What the next letter to a customer would look like (DOC-02): nothing is stored. Errors: `NothingToRemind`."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    party: Id
    currency: Currency | None = None

    def read(self, ctx: Context) -> Reply:
        drawn = drawn_for(Transaction(ctx.services.store.backend), ctx, self.party, self.currency)
        return Reply.of(preview(ctx, "payment_reminder", drawn.content.change(preview=True)))


class ReminderList(ListQuery):
    """Base of the lists of letters, the last written first."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    def listing(self, ctx: Context, index: int, pk: str) -> Reply:
        """A page of summaries of one index partition."""
        query = backend.Query(pk=pk, index=index, reverse=True)
        return self.summaries(ctx, ReminderSummary, query)


class ListPaymentReminders(ReminderList):
    """Letters written in a month, the last first; this month by default."""

    month: MonthName | None = None

    def read(self, ctx: Context) -> Reply:
        return self.listing(ctx, 1, keys.by_month(ctx.company, REMINDERS, self.month or f"{ctx.today:%Y-%m}", "")[0])


class ListPartyReminders(ReminderList):
    """The letters that a customer was sent, the last first."""

    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        return self.listing(ctx, 2, keys.by_party(ctx.company, self.party, REMINDERS, "")[0])


class ReadReminded(Query):
    """How far a customer was reminded: the step of each invoice, and those that are left alone."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        stored = ctx.services.store.get(REMINDED, keys.reminded(ctx.company, self.party))
        return Reply.of(stored.value if stored else Reminded(), stored.version if stored else None)


class ReadPaymentReminder(Query):
    """A letter, with a short-lived link to its PDF."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    payment_reminder: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(REMINDER, keys.payment_reminder(ctx.company, self.payment_reminder))
        file, files = stored.value.file, ctx.services.files
        url = files.link("files", file.key) if file and files else None
        return Reply.of(ReminderLink(reminder=stored.value, url=url), stored.version)
