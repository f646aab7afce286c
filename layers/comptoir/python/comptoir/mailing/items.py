"""How mails lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.docbase.items import FILED
from comptoir.kernel.clock import paris_date
from comptoir.mailing.model import FAILED, Mail, MailState, MailSummary
from comptoir.store import keys
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction

MAILS, MAILS_FAILED, DUE_MAILS = "MAIL", "MAILS#FAILED", "MAILS"


def _places(company: str, mail: Mail) -> Mapping[int, Index]:
    """By the month in which it was written; with what it carries; what is still to go, or needs somebody's look."""
    places = {
        1: keys.by_month(company, MAILS, f"{paris_date(mail.created_at):%Y-%m}", mail.id),
    }
    if mail.owner and mail.owner_id:
        places[2] = keys.mailed(company, mail.owner, mail.owner_id, mail.id)
    if mail.state in (MailState.QUEUED, MailState.SENDING):
        places[3] = keys.due(DUE_MAILS, company, mail.id)
    elif mail.state in FAILED:
        places[3] = keys.by_kind(company, MAILS_FAILED, mail.id)
    return places


def _summary(mail: Mail) -> MailSummary:
    return MailSummary.model_validate(mail.picked(MailSummary.model_fields))


MAIL = Kind("mail", Mail, summarise=_summary, index=_places)


def copy_at(company: str, mail: str) -> str:
    """Where the bytes that were handed over lie in the files bucket."""
    return f"mails/{company}/{mail}.eml"


def mark_sent(tx: Transaction, company: str, mail: Mail) -> None:
    """Let the document base tell when the documents of a mail were last sent, once it was (DOC-01)."""
    for each in mail.attachments if mail.sent_at else ():
        place = keys.filed(company, each.owner, each.owner_id, each.file)
        filed = tx.require(FILED, place)
        if mail.sent_at and (filed.sent_at is None or filed.sent_at < mail.sent_at):
            tx.put(FILED, place, filed.change(sent_at=mail.sent_at))
