"""Entry of the mail function: the only one that may send; what the mail service tells of its mails comes back here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from comptoir.kernel.errors import DomainError, problem
from comptoir.mailing.events import note
from comptoir.mailing.model import MailState
from comptoir.mailing.tasks import send_mail
from comptoir.runtime.log import log
from comptoir.runtime.post import SesPost
from comptoir.runtime.services import light_services
from comptoir.runtime.vault import S3Vault
from comptoir.store.settings import setting

NOT_SENT = "mail_not_sent"
"""What the alarm counts: a mail that the service did not take."""


@cache
def _buckets() -> dict[str, S3Vault]:
    return {"archive": S3Vault(setting("ARCHIVE_BUCKET")), "files": S3Vault(setting("FILES_BUCKET"))}


@cache
def _post() -> SesPost:
    return SesPost(setting("MAIL_FROM"), setting("MAIL_CONFIGURATION"))


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What the API and the clock call, `{"mail": …}`, and what the mail service tells, `{"detail": …}`.

    An expected refusal comes back as a problem; anything else is raised.
    """
    if "detail" in event:
        return note(light_services(), event["detail"])
    try:
        answer = send_mail(light_services(), event, _post(), _buckets())
    except DomainError as error:
        return {"problem": problem(error)}
    if answer["outcome"] in (MailState.REFUSED, MailState.QUEUED):
        log("ERROR", NOT_SENT, company=event["company"], mail=event["mail"], outcome=answer["outcome"])
    return answer
