"""What the mail service tells of mails on their way: events of Amazon SES, best effort and in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from comptoir.access.acting import by_itself
from comptoir.access.context import Services
from comptoir.access.history import save
from comptoir.kernel.text import unbroken
from comptoir.mailing.items import MAIL, mark_sent
from comptoir.mailing.model import Delivery, Mail, MailState, Outcome
from comptoir.mailing.rules import TRANSITIONS, moved, noted
from comptoir.store import keys
from comptoir.store.transaction import Transaction

Detail = Mapping[str, Any]


def note(services: Services, detail: Detail) -> dict[str, Any]:
    """Note an event with the mail that its tags name; of another try, or of a mail that is not ours, it is left out.

    Errors: `KeyError`, `ValueError` on what is no such event.
    """
    tags = detail["mail"].get("tags", {})
    if not {"company", "mail", "attempt"} <= tags.keys():
        return {"outcome": "not_ours"}
    [company], [mail], [attempt] = tags["company"], tags["mail"], tags["attempt"]
    ctx, key = by_itself(services, company), keys.mail(company, mail)

    def work(tx: Transaction) -> str:
        now = tx.get(MAIL, key)
        if now is None or str(now.attempts) != attempt or now.state in (MailState.QUEUED, MailState.REFUSED):
            return "not_awaited"
        after = _after(now, detail)
        mark_sent(tx, company, after)
        save(tx, ctx, MAIL, key, after, str(detail["eventType"]).lower())
        return after.state.value

    return {"outcome": services.store.transact(work, [key])}


def _after(mail: Mail, detail: Detail) -> Mail:
    kind = detail["eventType"]
    if kind == "Reject":
        reason = _line(detail["reject"].get("reason"))
        return moved(mail, MailState.REFUSED, reason=reason) if MailState.REFUSED in TRANSITIONS[mail.state] else mail
    deliveries = tuple(_READ[kind](detail)) if kind in _READ else ()
    return noted(mail, deliveries, _instant(detail["mail"]["timestamp"]), detail["mail"]["messageId"])


def _delivered(detail: Detail) -> Iterator[Delivery]:
    told = detail["delivery"]
    for address in told["recipients"]:
        yield Delivery(
            address=address,
            outcome=Outcome.DELIVERED,
            at=_instant(told["timestamp"]),
            detail=_line(told.get("smtpResponse")),
        )


def _bounced(detail: Detail) -> Iterator[Delivery]:
    told = detail["bounce"]
    for each in told["bouncedRecipients"]:
        said = each.get("diagnosticCode") or f"{told['bounceType']} {told['bounceSubType']}"
        at = _instant(told["timestamp"])
        yield Delivery(address=each["emailAddress"], outcome=Outcome.BOUNCED, at=at, detail=_line(said))


def _complained(detail: Detail) -> Iterator[Delivery]:
    told = detail["complaint"]
    for each in told["complainedRecipients"]:
        said, at = _line(told.get("complaintFeedbackType")), _instant(told["timestamp"])
        yield Delivery(address=each["emailAddress"], outcome=Outcome.COMPLAINED, at=at, detail=said)


def _delayed(detail: Detail) -> Iterator[Delivery]:
    told = detail["deliveryDelay"]
    for each in told["delayedRecipients"]:
        said = _line(each.get("diagnosticCode") or told.get("delayType"))
        at = _instant(told["timestamp"])
        yield Delivery(address=each["emailAddress"], outcome=Outcome.DELAYED, at=at, detail=said)


_READ: Mapping[str, Callable[[Detail], Iterator[Delivery]]] = {
    "Delivery": _delivered,
    "Bounce": _bounced,
    "Complaint": _complained,
    "DeliveryDelay": _delayed,
}
"""What is read of each kind of event; any other one proves no more than that the mail was taken."""


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _line(text: str | None) -> str | None:
    """What a foreign server said, on one line and no longer than is kept of it."""
    said = "".join(each if each.isprintable() else " " for each in text or "")
    return unbroken(said)[:200] or None
