"""What reads mails: proposals, lists by month, by what they carry, of failures (INV-12, SUP-01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery, OfThing, ThingHistory
from comptoir.docbase.items import FILED
from comptoir.docbase.model import Owner
from comptoir.docbase.owning import OfContract, OfDocument, OfOrder, OfParty, OfPurchase, Owned
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import MonthName
from comptoir.mailing.commands import view
from comptoir.mailing.items import MAIL, MAILS, MAILS_FAILED, copy_at
from comptoir.mailing.model import Mail, MailSummary
from comptoir.mailing.proposing import propose
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Key
from comptoir.store.store import Stored
from comptoir.store.transaction import Transaction


class ProposeMail(Query, Owned):
    """Base of the queries that propose the mail of a document of a base; nothing is kept of it."""

    file: Id

    def read(self, ctx: Context) -> Reply:
        tx = Transaction(ctx.services.store.backend)
        filed = tx.require(FILED, keys.filed(ctx.company, self.owner, self.owned, self.file))
        return Reply.of(propose(tx, ctx, filed))


class ProposeOrderMail(OfOrder, ProposeMail):
    """The mail that a document of an order would go out with."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS


class ProposePartyMail(OfParty, ProposeMail):
    """The mail that a document of a party would go out with."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES


class ProposeContractMail(OfContract, ProposeMail):
    """The mail that a document of a contract would go out with."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS


class ProposeDocumentMail(OfDocument, ProposeMail):
    """The mail that an invoice, a credit note or what stands beside it would go out with."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES


class ProposePurchaseMail(OfPurchase, ProposeMail):
    """The mail that a document of a purchase that no order made would go out with."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES


class ListMails(ListQuery):
    """Mails, the last first: of a month, this one by default; of what they carry (`owner`, `owned`); or `failed`.

    Failed ones were refused, came back, or nobody knows whether they left.
    """

    permission: ClassVar[Permission] = Permission.READ_PARTIES

    month: MonthName | None = None
    owner: Owner | None = None
    owned: Id | None = None
    failed: bool = False

    def read(self, ctx: Context) -> Reply:
        refuse_if(self._breaches())
        return self.summaries(ctx, MailSummary, self._query(ctx))

    def _breaches(self) -> list[Breach]:
        """An owner is a kind and an identifier, and one list is asked for at a time."""
        found = []
        if (self.owner is None) is not (self.owned is None):
            fr, en = "owner et owned vont ensemble.", "owner and owned go together."
            found.append(Breach(code="owner_incomplete", fr=fr, en=en, pointer="/owned" if self.owner else "/owner"))
        asked = [name for name in ("failed", "month", "owner") if getattr(self, name)]
        if len(asked) > 1:
            fr, en = "Une seule liste à la fois.", "One list at a time."
            found.append(Breach(code="one_list_at_a_time", fr=fr, en=en, pointer=f"/{asked[1]}"))
        return found

    def _query(self, ctx: Context) -> backend.Query:
        if self.failed:
            return backend.Query(pk=keys.by_kind(ctx.company, MAILS_FAILED, "")[0], index=3, reverse=True)
        if self.owner and self.owned:
            return backend.Query(pk=keys.mailed(ctx.company, self.owner, self.owned, "")[0], index=2, reverse=True)
        month = self.month or f"{ctx.today:%Y-%m}"
        return backend.Query(pk=keys.by_month(ctx.company, MAILS, month, "")[0], index=1, reverse=True)


READS: Mapping[Owner | None, Permission] = {
    Owner.ORDER: Permission.READ_ORDERS,
    Owner.PARTY: Permission.READ_PARTIES,
    Owner.CONTRACT: Permission.READ_CONTRACTS,
    Owner.DOCUMENT: Permission.READ_INVOICES,
    Owner.PURCHASE: Permission.READ_PURCHASES,
    None: Permission.READ_CONTRACTS,
}
"""What it takes to read a mail, by what owns it; those that belong to nothing tell of contracts."""


class OfMail(OfThing):
    """A request on one mail; it takes the right to read what owns the mail."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES
    kind: ClassVar[AnyKind] = MAIL
    mail: Id

    def place(self, company: str) -> Key:
        return keys.mail(company, self.mail)

    def found(self, ctx: Context) -> Stored[Mail]:
        """The mail. Errors: `NotFound`, `Forbidden`."""
        stored = ctx.services.store.require(MAIL, self.place(ctx.company))
        ctx.demand(READS[stored.value.owner])
        return stored


class ReadMail(OfMail, Query):
    """A mail, and what is known of its way; it takes the right to read what owns the mail."""

    def read(self, ctx: Context) -> Reply:
        stored = self.found(ctx)
        return Reply.of(view(stored.value), stored.version)


class ReadMailHistory(OfMail, ThingHistory):
    """What happened to a mail, newest first, for who may read it."""

    def read(self, ctx: Context) -> Reply:
        self.found(ctx)
        return super().read(ctx)


class MailCopy(Model):
    """A short-lived link to the message as it was handed over (RFC 5322), with its documents; none before that."""

    url: str | None = None


class ReadMailCopy(OfMail, Query):
    """The message as it was handed over, for who may read the mail."""

    def read(self, ctx: Context) -> Reply:
        mail = self.found(ctx).value
        if not mail.attempts or ctx.services.files is None:
            return Reply.of(MailCopy())
        return Reply.of(MailCopy(url=ctx.services.files.link("files", copy_at(ctx.company, mail.id))))
