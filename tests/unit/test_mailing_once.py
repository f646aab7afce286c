"""A mail goes out once for each time that it is asked for; what the mail service tells is noted (SUP-01, INV-12)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from comptoir.access.acting import by_itself
from comptoir.access.queries import Listing
from comptoir.kernel.errors import Refused
from comptoir.mailing import tasks
from comptoir.mailing.commands import MailNotFailed, MailPurchaseOrder, SendAgain, handed_over
from comptoir.mailing.items import MAIL
from comptoir.mailing.message import composed
from comptoir.mailing.model import Mail, MailState, MailSummary, MailView
from comptoir.mailing.queries import ListMails, ReadMail
from comptoir.mailing.tasks import PATIENCE, PostBusy, PostRefused, resume_mails
from comptoir.store import keys
from tests.unit.mailing_support import Post, PostRoom, open_post_room
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


def test_sup_01_asked_twice_under_one_key_it_goes_out_once(room: PostRoom) -> None:
    order, _ = room.ordered()
    request = MailPurchaseOrder(order=order.id, supplier=room.trade.china.id, version=1)
    first, second = (room.world.do(MailView, request, idempotency_key="k") for _ in range(2))
    assert first == second
    assert len(room.post.taken) == 1


def test_sup_01_many_functions_at_once_hand_a_mail_over_once(room: PostRoom) -> None:
    order, _ = room.ordered()
    room.post.fault = PostBusy("Throttling")
    mail = room.send(order)
    assert mail.state is MailState.QUEUED
    room.post.fault = None
    task = {"task": "send_mail", "company": room.world.company, "mail": mail.id}
    with ThreadPoolExecutor(8) as pool:
        outcomes = [told["outcome"] for told in pool.map(lambda _: room.render(task), range(8))]
    assert set(outcomes) <= {"sent", "sending"}
    assert len(room.post.taken) == 1
    assert room.read(mail).state is MailState.SENT


def test_sup_01_whoever_comes_second_hands_nothing_over(room: PostRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading the mail and claiming it another run sends it."""
    order, _ = room.ordered()
    room.post.fault = PostBusy("Throttling")
    mail = room.send(order)
    room.post.fault = None
    task = {"task": "send_mail", "company": room.world.company, "mail": mail.id}
    others = [task]

    def interrupted(*given: Any) -> bytes:
        if others:
            assert room.render(others.pop()) == {"outcome": "sent"}
        return composed(*given)

    monkeypatch.setattr(tasks, "composed", interrupted)
    assert room.render(task) == {"outcome": "sending"}
    assert (room.read(mail).state, len(room.post.taken)) == (MailState.SENT, 1)
    assert room.render(task) == {"outcome": "sent"}


def test_sup_01_an_answer_to_the_first_try_is_none_to_the_second(room: PostRoom) -> None:
    """The second one is under way when the first is answered at last."""
    order, _ = room.ordered()
    room.post.fault = PostBusy("Throttling")
    mail, ctx = room.send(order), by_itself(room.services, room.world.company)
    first = tasks._claim(ctx, mail.id)
    assert first
    tasks._answered(ctx, first, MailState.QUEUED, reason="lost")
    second = tasks._claim(ctx, mail.id)
    assert second
    for claimed, known in ((first, None), (second, "second")):
        tasks._answered(ctx, claimed, MailState.SENT, sent_at=room.world.clock.now(), message_id=known or "first")
        assert room.read(mail).message_id == known


def test_a_mail_that_the_function_breaks_on_keeps_no_other_waiting(
    room: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, _ = room.ordered()
    room.post.fault = PostBusy("Throttling")
    for _ in range(2):
        room.send(order)
    room.post.fault = None
    render, broken = room.outbox.render, ["once"]

    def breaks_once(task: Mapping[str, Any]) -> Mapping[str, Any]:
        if broken:
            raise RuntimeError(broken.pop())
        return render(task)

    monkeypatch.setattr(room.outbox, "render", breaks_once)
    assert resume_mails(room.services) == NOWHERE | {"mails_resumed": 1, "failed": 1}
    assert resume_mails(room.services) == NOWHERE | {"mails_resumed": 1}
    assert len(room.post.taken) == 2


def test_inv_12_what_the_service_does_not_take_now_goes_out_later(room: PostRoom) -> None:
    order, _ = room.ordered()
    room.post.fault = PostBusy("TooManyRequestsException")
    mail = room.send(order)
    assert (mail.state, mail.reason, mail.attempts) == (MailState.QUEUED, "TooManyRequestsException", 1)
    assert resume_mails(room.services) == NOWHERE | {"mails_resumed": 1}
    room.post.fault = None
    resume_mails(room.services)
    after = room.read(mail)
    assert (after.state, after.reason, after.attempts, after.message_id) == (MailState.SENT, None, 3, "ses-1")
    assert resume_mails(room.services) == NOWHERE


def test_inv_12_what_the_service_refuses_is_told_and_waits_for_somebody(room: PostRoom) -> None:
    order, _ = room.ordered()
    room.post.fault = PostRefused("Email address is not verified.")
    with pytest.raises(Refused) as refusal:
        room.send(order)
    [breach] = refusal.value.breaches
    assert breach.code == "mail_refused"
    assert "Email address is not verified." in breach.en
    assert listed(room, failed=True) == [MailState.REFUSED]
    assert resume_mails(room.services) == NOWHERE
    mail = only(room)
    room.post.fault = None
    version = room.services.store.require(MAIL, keys.mail(room.world.company, mail.id)).version
    again = room.world.do(MailView, SendAgain(mail=mail.id), if_match=version)
    assert (again.state, again.reason, again.attempts) == (MailState.SENT, None, 2)
    assert listed(room, failed=True) == []


def test_sup_01_a_mail_that_another_run_hands_over_is_not_said_to_be_gone(room: PostRoom) -> None:
    order, _ = room.ordered()
    room.post.fault = PostBusy("Throttling")
    mail = room.send(order)
    tasks._claim(by_itself(room.services, room.world.company), mail.id)
    assert handed_over(room.services, room.world.company, mail.id).status == 202


def test_what_left_is_not_sent_again(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order)
    version = room.services.store.require(MAIL, keys.mail(room.world.company, mail.id)).version
    with pytest.raises(MailNotFailed):
        room.world.do(MailView, SendAgain(mail=mail.id), if_match=version)
    assert len(room.post.taken) == 1


class Hanging(Post):
    """Answers the first try only once the mail was sent again."""

    def __init__(self, room: PostRoom) -> None:
        super().__init__()
        self.room, self.tries = room, 0

    def send(self, mail: Mail, company: str, message: bytes) -> str:
        self.tries += 1
        if self.tries == 2:
            return "second"
        self.room.world.wait(seconds=int(PATIENCE.total_seconds()) + 1)
        assert resume_mails(self.room.services) == NOWHERE | {"mails_uncertain": 1}
        version = self.room.services.store.require(MAIL, keys.mail(company, mail.id)).version
        self.room.world.execute_as("manager", SendAgain(mail=mail.id), version)
        return "first"


class Killed(Exception):
    """What ends a function in the middle."""


@pytest.mark.parametrize("point", ["composed", "_claim", "answer", "_answered"])
def test_sup_01_killed_anywhere_a_mail_never_goes_out_twice_by_itself(
    room: PostRoom, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Before it was claimed it goes out later; after that nobody knows, and somebody is asked."""
    order, _ = room.ordered()

    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    if point == "answer":
        room.post.fault = Killed()
    else:
        monkeypatch.setattr(tasks, point, die)
    with pytest.raises(Killed):
        room.send(order)
    monkeypatch.undo()
    room.post.fault = None
    known = point in ("composed", "_claim")
    assert resume_mails(room.services) == NOWHERE | ({"mails_resumed": 1} if known else {})
    assert len(room.post.taken) == (0 if point == "answer" else 1)
    room.world.wait(seconds=int((PATIENCE + timedelta(seconds=1)).total_seconds()))
    assert resume_mails(room.services) == NOWHERE | ({} if known else {"mails_uncertain": 1})
    state = MailState.SENT if known else MailState.UNCERTAIN
    assert (only(room).state, len(room.post.taken)) == (state, 0 if point == "answer" else 1)
    assert listed(room, failed=True) == ([] if known else [state])


def test_sup_01_an_answer_that_comes_after_the_mail_was_sent_again_changes_nothing(room: PostRoom) -> None:
    """The first try hangs until somebody has sent the mail again; what it is told at last is no longer the mail's."""
    order, _ = room.ordered()
    hung = Hanging(room)
    room.outbox.post = hung
    mail = room.send(order)
    assert (mail.state, mail.attempts, mail.message_id) == (MailState.SENT, 2, "second")
    assert hung.tries == 2


def test_a_document_that_is_no_longer_itself_is_not_sent(room: PostRoom) -> None:
    order, issued = room.ordered()
    assert issued.file
    room.files.objects[issued.file.key] = b"something else"
    with pytest.raises(LookupError):
        room.send(order)
    assert room.post.taken == []
    assert only(room).state is MailState.QUEUED
