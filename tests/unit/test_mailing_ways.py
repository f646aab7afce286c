"""From which state a mail comes into which, and what the answers and events of the mail service mean (SUP-01)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from comptoir.mailing.model import FAILED, Delivery, Mail, MailState, Outcome
from comptoir.mailing.rules import TRANSITIONS, moved, noted
from comptoir.mailing.tasks import PostBusy, PostRefused
from comptoir.runtime.post import SesPost
from tests.unit.mailing_support import SENDER

ADDRESSES = ("a@x.example", "b@x.example")
AT = "2026-11-21T09:3{}:00Z"
deliveries = st.builds(
    lambda address, outcome, minute: Delivery.model_validate(
        {"address": address, "outcome": outcome, "at": AT.format(minute)}
    ),
    st.sampled_from(ADDRESSES),
    st.sampled_from(Outcome),
    st.integers(0, 9),
)


@given(st.lists(deliveries, max_size=5))
def test_events_come_in_any_order_and_any_number_of_times(told: list[Delivery]) -> None:
    mail = _mail()
    ends = set()
    for order in itertools.islice(itertools.permutations(told), 24):
        after = mail
        for each in (*order, *order[:1]):
            after = noted(after, (each,), mail.created_at, "ses-1")
        ends.add(after.model_dump_json())
    assert len(ends) == 1


def test_only_known_ways_lead_from_state_to_state() -> None:
    mail = _mail()
    for state, then in itertools.product(MailState, MailState):
        before = mail.change(state=state)
        if then in TRANSITIONS[state]:
            assert moved(before, then).state is then
        else:
            with pytest.raises(ValueError, match="does not become"):
                moved(before, then)
    assert all(MailState.QUEUED in TRANSITIONS[state] for state in FAILED)


def _mail() -> Mail:
    return Mail.model_validate(
        {
            "id": "1" * 26,
            "owner": "order",
            "owner_id": "2" * 26,
            "to": ADDRESSES,
            "subject": "s",
            "author": "Anne",
            "created_at": AT.format(0),
            "state": "sent",
            "language": "en",
            "sender": "C",
            "reply_to": "a@c.example",
            "message": "m",
            "footer": "f",
            "operator": "3" * 26,
            "attachments": (),
        }
    )


class Ses:
    """The client of SES: answers or fails as told, and remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, dict[str, Any]()

    def send_email(self, **asked: Any) -> Any:
        self.asked = asked
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def refused_by(code: str, status: int) -> ClientError:
    told = {"Error": {"Code": code, "Message": "why"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "SendEmail")


def test_ses_is_given_the_message_its_recipients_and_tags_by_which_events_find_it() -> None:
    ses = Ses({"MessageId": "m-1"})
    mail = _mail().change(to=("x@Müller.example",), cc=("b@x.example",), attempts=2)
    assert SesPost(SENDER, "comptoir-prod", lambda _: ses).send(mail, "C1", b"raw") == "m-1"
    assert ses.asked == {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": ["x@xn--mller-kva.example"], "CcAddresses": ["b@x.example"]},
        "Content": {"Raw": {"Data": b"raw"}},
        "EmailTags": [
            {"Name": "company", "Value": "C1"},
            {"Name": "mail", "Value": mail.id},
            {"Name": "attempt", "Value": "2"},
        ],
        "ConfigurationSetName": "comptoir-prod",
    }


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        (refused_by("MessageRejected", 400), PostRefused),
        (refused_by("AccountSuspendedException", 400), PostRefused),
        (refused_by("TooManyRequestsException", 429), PostBusy),
        (refused_by("AccessDeniedException", 403), PostBusy),
        (ConnectTimeoutError(endpoint_url="https://ses"), PostBusy),
        (refused_by("InternalServiceErrorException", 500), ClientError),
        (ReadTimeoutError(endpoint_url="https://ses"), ReadTimeoutError),
    ],
)
def test_what_ses_answers_says_whether_the_mail_may_have_left(answer: Exception, becomes: type[Exception]) -> None:
    """Whatever leaves it open is neither tried again by itself nor called a refusal."""
    with pytest.raises(becomes):
        SesPost(SENDER, "c", lambda _: Ses(answer)).send(_mail(), "C1", b"raw")
