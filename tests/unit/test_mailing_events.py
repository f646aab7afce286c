"""What the mail service tells of a mail on its way is noted, whenever and however often it comes (SUP-01, INV-12)."""

from __future__ import annotations

from typing import Any

import pytest

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.kernel.errors import VersionMismatch
from comptoir.mailing.commands import SendAgain
from comptoir.mailing.events import note
from comptoir.mailing.items import MAIL
from comptoir.mailing.model import MailState, MailSummary, MailView, Outcome
from comptoir.mailing.queries import ListMails, ReadMail, ReadMailHistory
from comptoir.mailing.tasks import PostBusy, resume_mails
from comptoir.store import keys
from tests.unit.mailing_support import PostRoom, detail, open_post_room
from tests.world import World

NOWHERE = {"mails_resumed": 0, "mails_uncertain": 0, "failed": 0}


@pytest.fixture
def room(world: World) -> PostRoom:
    return open_post_room(world)


def listed(room: PostRoom, **asked: Any) -> list[MailState]:
    """The states of the mails of a list."""
    return [each.state for each in room.world.do(Listing[MailSummary], ListMails(**asked)).items]


def only(room: PostRoom) -> MailView:
    """The one mail that there is."""
    [found] = room.world.do(Listing[MailSummary], ListMails()).items
    return room.world.do(MailView, ReadMail(mail=found.id))


class Killed(Exception):
    """What ends a function in the middle."""


def test_sup_01_events_tell_what_became_of_a_mail(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order, to=("a@x.example", "b@x.example"))
    room.event(mail, "Send", send={})
    assert (room.read(mail).state, room.read(mail).sent_at) == (MailState.SENT, mail.sent_at)
    room.event(mail, "Delivery", delivery={"recipients": ["A@x.example"], "smtpResponse": "250 2.0.0 OK"})
    assert room.read(mail).state is MailState.SENT
    room.event(mail, "Delivery", delivery={"recipients": ["b@x.example"], "smtpResponse": "250 ok"})
    assert room.read(mail).state is MailState.DELIVERED
    bounced = [{"emailAddress": "b@x.example", "diagnosticCode": "smtp; 550 5.1.1\nuser \u202eunknown"}]
    told = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": bounced}
    room.event(mail, "Bounce", bounce=told)
    after = room.read(mail)
    assert after.state is MailState.BOUNCED
    assert [(each.address, each.outcome, each.detail) for each in after.deliveries] == [
        ("A@x.example", Outcome.DELIVERED, "250 2.0.0 OK"),
        ("b@x.example", Outcome.BOUNCED, "smtp; 550 5.1.1 user unknown"),
    ]
    assert listed(room, failed=True) == [MailState.BOUNCED]


def test_an_event_that_comes_before_the_answer_or_instead_of_it_is_the_answer(room: PostRoom) -> None:
    order, _ = room.ordered()
    room.post.fault = Killed()
    with pytest.raises(Killed):
        room.send(order)
    mail = only(room)
    assert mail.state is MailState.SENDING
    room.event(mail, "Send", send={})
    after = only(room)
    assert (after.state, after.message_id, after.attempts) == (MailState.SENT, "ses-1", 1)
    assert room.filed(order, after.attachments[0].kind).sent_at == after.sent_at
    assert resume_mails(room.services) == NOWHERE


def test_events_of_another_try_and_of_strangers_are_left_out(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order)
    told: dict[str, Any] = {"complaint": {"complainedRecipients": [{"emailAddress": mail.to[0]}]}}
    assert room.event(mail, "Complaint", attempt=2, **told) == {"outcome": "not_awaited"}
    stranger = detail(room.world.company, mail.change(id="7" * 26), "Complaint", **told)
    assert note(room.services, stranger) == {"outcome": "not_awaited"}
    assert note(room.services, {"eventType": "Send", "mail": {"tags": {}}}) == {"outcome": "not_ours"}
    assert room.read(mail).deliveries == ()


def test_an_event_of_what_waits_or_was_refused_is_not_awaited(room: PostRoom) -> None:
    """What is to be handed over again, or never was taken, is not on its way, whatever is told of it late."""
    order, _ = room.ordered()
    room.post.fault = PostBusy("Throttling")
    mail = room.send(order)
    assert room.event(mail, "Send", send={}) == {"outcome": "not_awaited"}
    room.post.fault = None
    resume_mails(room.services)
    mail = room.read(mail)
    room.event(mail, "Reject", reject={"reason": "Bad content"})
    assert room.event(mail, "Send", send={}) == {"outcome": "not_awaited"}
    assert room.read(mail).state is MailState.REFUSED


def test_whatever_a_foreign_server_says_is_kept_as_a_line(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order)
    room.event(mail, "Delivery", delivery={"recipients": [mail.to[0]], "smtpResponse": "250 " + "x" * 500})
    assert room.read(mail).deliveries[0].detail == "250 " + "x" * 196


def test_what_is_late_and_what_is_complained_of_is_told_too(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order)
    [address] = mail.to
    delayed = {"delayType": "MailboxFull", "delayedRecipients": [{"emailAddress": address}]}
    room.event(mail, "DeliveryDelay", deliveryDelay=delayed)
    assert [(each.outcome, each.detail) for each in room.read(mail).deliveries] == [(Outcome.DELAYED, "MailboxFull")]
    complained = {"complaintFeedbackType": "abuse", "complainedRecipients": [{"emailAddress": address}]}
    room.event(mail, "Complaint", complaint=complained)
    assert [(each.outcome, each.detail) for each in room.read(mail).deliveries] == [(Outcome.COMPLAINED, "abuse")]
    assert room.read(mail).state is MailState.DELIVERED


def test_a_mail_in_which_the_service_finds_something_is_refused(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order)
    room.event(mail, "Reject", reject={"reason": "Bad content"})
    assert (room.read(mail).state, room.read(mail).reason) == (MailState.REFUSED, "Bad content")


def test_an_event_that_comes_again_or_too_late_changes_nothing(room: PostRoom) -> None:
    """Events come at least once and in any order: the history tells each once, and no order of them breaks."""
    order, _ = room.ordered()
    mail = room.send(order)
    bounced = {"bouncedRecipients": [{"emailAddress": mail.to[0], "diagnosticCode": "550"}]}
    for _ in range(3):
        room.event(mail, "Bounce", bounce={"bounceType": "Permanent", "bounceSubType": "General", **bounced})
        room.event(mail, "Reject", reject={"reason": "Bad content"})
    assert room.read(mail).state is MailState.BOUNCED
    history = room.world.do(Listing[HistoryEntry], ReadMailHistory(mail=mail.id)).items
    assert [entry.event for entry in history] == ["bounce", "sent", "written"]


def test_what_became_of_a_mail_is_forgotten_when_it_is_sent_again(room: PostRoom) -> None:
    """If-Match names what somebody looked at; the new try is told of by its own events alone."""
    order, _ = room.ordered()
    mail = room.send(order)
    told = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [{"emailAddress": mail.to[0]}]}
    room.event(mail, "Bounce", bounce=told)
    version = room.services.store.require(MAIL, keys.mail(room.world.company, mail.id)).version
    with pytest.raises(VersionMismatch):
        room.world.do(MailView, SendAgain(mail=mail.id), if_match=version - 1)
    assert room.read(mail).deliveries[0].detail == "Permanent General"
    room.post.fault = PostBusy("Throttling")
    again = room.world.do(MailView, SendAgain(mail=mail.id), if_match=version)
    assert (again.state, again.deliveries, again.sent_at, again.message_id) == (MailState.QUEUED, (), None, None)
