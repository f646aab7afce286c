"""The tasks of the function that sends mails: hand one over, note what became of it, resume what was left.

A mail is handed over once for each time that somebody asks. It is claimed beforehand: when the answer is lost, it
stands as uncertain, for somebody to look at, instead of going out twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from comptoir.access.acting import by_itself
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.kernel.errors import DomainError
from comptoir.kernel.ids import Id
from comptoir.kernel.text import sha256, unbroken
from comptoir.mailing.items import DUE_MAILS, MAIL, copy_at, mark_sent
from comptoir.mailing.message import composed
from comptoir.mailing.model import Mail, MailState
from comptoir.mailing.rules import MOST_ATTACHED_BYTES, moved
from comptoir.store import keys
from comptoir.store.transaction import Transaction

Event = Mapping[str, Any]
PATIENCE = timedelta(minutes=10)
"""How long a mail that was handed over waits for the answer; the function itself is ended long before."""


class PostRefused(Exception):
    """The mail service will not take this mail."""


class PostBusy(Exception):
    """The mail service did not take this mail now: it may later."""


class Post(Protocol):
    """The mail service. Errors: `PostRefused`, `PostBusy`; anything else leaves open whether it took the mail."""

    sender: str

    def send(self, mail: Mail, company: str, message: bytes) -> str: ...


class Bucket(Protocol):
    """Objects that are read, and written once."""

    def read(self, key: str, most: int) -> bytes | None: ...

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None: ...


def send_mail(services: Services, event: Event, post: Post, buckets: Mapping[str, Bucket]) -> dict[str, Any]:
    """Hand over a mail that waits; any other is left alone.

    Errors: `NotFound`; `LookupError` when a document is not as it was; what the service raises when nobody can know.
    """
    ctx = by_itself(services, event["company"])
    mail = services.store.require(MAIL, keys.mail(ctx.company, event["mail"])).value
    if mail.state is not MailState.QUEUED:
        return {"outcome": mail.state.value}
    message = composed(mail, post.sender, _contents(mail, buckets))
    buckets["files"].put(copy_at(ctx.company, mail.id), message, "message/rfc822", f"{mail.id}.eml")
    claimed = _claim(ctx, mail.id)
    if claimed is None:
        return {"outcome": MailState.SENDING.value}
    try:
        taken = post.send(claimed, ctx.company, message)
    except PostBusy as busy:
        after = _answered(ctx, claimed, MailState.QUEUED, reason=_told(busy))
    except PostRefused as refused:
        after = _answered(ctx, claimed, MailState.REFUSED, reason=_told(refused))
    else:
        after = _answered(ctx, claimed, MailState.SENT, reason=None, sent_at=services.clock.now(), message_id=taken)
    return {"outcome": after.state.value}


def _told(error: Exception) -> str:
    return unbroken(str(error))[:200] or type(error).__name__


def _contents(mail: Mail, buckets: Mapping[str, Bucket]) -> dict[str, bytes]:
    """The bytes of each document, as they were when it was filed."""
    found = {}
    for each in mail.attachments:
        content = buckets[each.bucket].read(each.key, MOST_ATTACHED_BYTES)
        if content is None or sha256(content) != each.sha256:
            raise LookupError(f"document {each.file} is not as it was")
        found[each.file] = content
    return found


def _claim(ctx: Context, mail: Id) -> Mail | None:
    """The mail, now this run's to hand over; None when another run has it."""
    key = keys.mail(ctx.company, mail)

    def work(tx: Transaction) -> Mail | None:
        before = tx.require(MAIL, key)
        if before.state is not MailState.QUEUED:
            return None
        after = moved(before, MailState.SENDING, attempts=before.attempts + 1, tried_at=ctx.services.clock.now())
        tx.put(MAIL, key, after)
        return after

    return ctx.services.store.transact(work, [key])


def _answered(ctx: Context, claimed: Mail, state: MailState, **told: Any) -> Mail:
    """Tell what the service answered, unless its events came first."""
    key = keys.mail(ctx.company, claimed.id)

    def work(tx: Transaction) -> Mail:
        now = tx.require(MAIL, key)
        if now.state is not MailState.SENDING or now.attempts != claimed.attempts:
            return now
        after = moved(now, state, **told)
        save(tx, ctx, MAIL, key, after, state.value)
        mark_sent(tx, ctx.company, after)
        return after

    return ctx.services.store.transact(work, [key])


def resume_mails(services: Services) -> dict[str, int]:
    """Have every mail handed over that waits, and tell those whose answer was lost; for the schedule."""
    counts = {"mails_resumed": 0, "mails_uncertain": 0, "failed": 0}
    late = services.clock.now() - PATIENCE
    for found in services.store.due(DUE_MAILS, 3):
        mail = services.store.require(MAIL, found.key).value
        if mail.state is MailState.SENDING:
            counts["mails_uncertain"] += _lost(by_itself(services, found.key.company), mail.id, late)
        elif services.mailer:
            try:
                services.mailer.render({"task": "send_mail", "company": found.key.company, "mail": mail.id})
                counts["mails_resumed"] += 1
            except (DomainError, RuntimeError):
                # One that the function breaks on keeps no other waiting.
                counts["failed"] += 1
    return counts


def _lost(ctx: Context, mail: Id, late: datetime) -> int:
    """Say of a mail handed over before `late` that nobody knows whether it left: 1 if it was still so."""
    key = keys.mail(ctx.company, mail)

    def work(tx: Transaction) -> int:
        now = tx.require(MAIL, key)
        if now.state is not MailState.SENDING or now.tried_at is None or now.tried_at > late:
            return 0
        save(tx, ctx, MAIL, key, moved(now, MailState.UNCERTAIN), MailState.UNCERTAIN.value)
        return 1

    return ctx.services.store.transact(work, [key])
