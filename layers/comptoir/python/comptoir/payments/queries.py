"""What reads payments, and what customers have open (TRS-03, PTY-02)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import HistoryQuery, ListQuery
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import DocumentStatus
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.text import MonthName
from comptoir.parties.items import PARTY
from comptoir.store import backend, keys
from comptoir.treasury.items import CREDITS, OPEN, PAYMENT, TREASURY
from comptoir.treasury.model import OpenRequest, Side, Treasury
from comptoir.treasury.payment import PaymentSummary
from comptoir.treasury.settling import viewed


class ReadInvoiceTreasury(Query):
    """The treasury of an invoice's request: its own, or that of its order; the version guards rates (TRS-05)."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    invoice: Id

    def read(self, ctx: Context) -> Reply:
        document = ctx.services.store.require(DOCUMENT, keys.document(ctx.company, self.invoice)).value
        if document.kind is not DocumentKind.INVOICE or document.status is DocumentStatus.DELETED:
            raise NotFound()
        stored = ctx.services.store.get(TREASURY, treasury_key(ctx.company, document))
        return Reply.of(viewed(stored.value if stored else Treasury()), stored.version if stored else None)


class ReadPayment(Query):
    """A payment, refund, deduction or counter-entry; `reversed_by` names the one that took it back."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    payment: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(PAYMENT, keys.payment(ctx.company, self.payment))
        return Reply.of(stored.value, stored.version)


class ReadPaymentHistory(HistoryQuery):
    """What happened to a payment, newest first (ACC-06)."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    payment: Id

    def read(self, ctx: Context) -> Reply:
        key = keys.payment(ctx.company, self.payment)
        ctx.services.store.require(PAYMENT, key)
        return self.history(ctx, key.pk)


class PaymentList(ListQuery):
    """Base of the lists of payments, newest first."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    def listing(self, ctx: Context, index: int, pk: str) -> Reply:
        """A page of summaries of one index partition."""
        query = backend.Query(pk=pk, index=index, reverse=True)
        return self.summaries(ctx, PaymentSummary, query)


class ListPayments(PaymentList):
    """What is dated in a month, newest first; this month by default."""

    month: MonthName | None = None

    def read(self, ctx: Context) -> Reply:
        return self.listing(ctx, 1, keys.by_month(ctx.company, "PAYMENT", self.month or f"{ctx.today:%Y-%m}", "")[0])


class ListPartyPayments(PaymentList):
    """The payments of a customer, newest first (PTY-04)."""

    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        return self.listing(ctx, 2, keys.by_party(ctx.company, self.party, "PAYMENT", "")[0])


class ListOpen(ListQuery):
    """Requests of a customer that owe something, the oldest due date first (CRN-10)."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    index: ClassVar[int] = 2
    what: ClassVar[str] = OPEN[Side.CUSTOMER]

    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        query = backend.Query(pk=keys.by_party(ctx.company, self.party, self.what, "")[0], index=self.index)
        return self.summaries(ctx, OpenRequest, query)


class ListAvailableCredits(ListOpen):
    """Requests of a customer that have credit notes to deduct, the oldest first, with what is left (PTY-02)."""

    index: ClassVar[int] = 1
    what: ClassVar[str] = CREDITS[Side.CUSTOMER]
