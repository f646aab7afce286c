"""Payment reminders that go out by themselves, and letters that are driven again (INV-12)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from comptoir.access.context import Context
from comptoir.access.queries import Listing
from comptoir.docbase.model import FiledView
from comptoir.docbase.queries import ListPartyFiles
from comptoir.dunning import tasks
from comptoir.dunning.commands import HoldReminders, WritePaymentReminder
from comptoir.dunning.drawing import Gathered, gather
from comptoir.dunning.model import PaymentReminder, ReminderStep, Tone
from comptoir.dunning.queries import ListReminderProposals, ReminderProposal
from comptoir.dunning.tasks import LONGEST, remind_due, resume_letters
from comptoir.mailing.model import MailSummary
from comptoir.mailing.queries import ListMails
from comptoir.mailing.tasks import PostBusy, resume_mails
from comptoir.parties.model import Contact, Party
from comptoir.store.transaction import Transaction
from tests.unit.dunning_support import Dunning, late, open_dunning
from tests.unit.orders_support import customer_request


@pytest.fixture
def dunning() -> Dunning:
    return open_dunning()


def test_inv_12_automatic_steps_go_out_by_themselves_each_once(dunning: Dunning) -> None:
    dunning.automatic()
    dunning.invoice()
    told = []
    for days in (4, 5, 5, 6, 20, 21):
        dunning.on(late(days))
        counts = remind_due(dunning.world.services)
        resume_mails(dunning.world.services)
        told.append(counts["letters_written"])
    assert told == [0, 1, 0, 0, 1, 0]
    assert [each.subject for each, _ in dunning.outbox.post.taken] == [
        "Rappel de paiement — COMPTOIR DU PONANT",
        "Relance — COMPTOIR DU PONANT",
    ]
    mail, _ = dunning.outbox.post.taken[0]
    assert (mail.reply_to, mail.author) == ("contact@ponant.example", "COMPTOIR DU PONANT")


def test_inv_12_what_cannot_be_mailed_by_itself_waits_for_somebody(dunning: Dunning) -> None:
    dunning.automatic()
    dunning.invoice()
    dunning.contact(phone="+33 2 98 00 00 00")
    dunning.on(late(5))
    assert remind_due(dunning.world.services)["letters_written"] == 0
    [proposal] = dunning.world.do(Listing[ReminderProposal], ListReminderProposals()).items
    assert proposal.automatic


def test_inv_12_without_mail_nothing_goes_out_by_itself(dunning: Dunning) -> None:
    dunning.automatic()
    dunning.invoice()
    dunning.on(late(5))
    dunning.world.services = replace(dunning.world.services, mailer=None)
    assert remind_due(dunning.world.services) == {"letters_written": 0, "failed": 0}


def test_inv_12_a_letter_that_the_function_breaks_on_keeps_no_other_waiting(dunning: Dunning) -> None:
    """It was written: its PDF is asked for again later, and it is not written twice."""
    dunning.automatic()
    dunning.invoice()
    dunning.invoice(customer=other(dunning, "B"))
    dunning.on(late(5))
    dunning.rendering.broken = 1
    assert remind_due(dunning.world.services) == {"letters_written": 1, "failed": 1}
    assert len(dunning.outbox.post.taken) == 1
    dunning.rendering.broken = 1
    assert resume_letters(dunning.world.services) == {"letters_resumed": 0, "failed": 1}
    assert resume_letters(dunning.world.services) == {"letters_resumed": 1, "failed": 0}
    assert remind_due(dunning.world.services) == {"letters_written": 0, "failed": 0}
    assert len(dunning.outbox.post.taken) == 2


def test_inv_12_a_step_that_is_somebody_s_waits_for_somebody(dunning: Dunning) -> None:
    dunning.steps(
        ReminderStep(days=5, tone=Tone.COURTEOUS, automatic=True), ReminderStep(days=20, tone=Tone.FORMAL_NOTICE)
    )
    dunning.invoice()
    told = []
    for days in (5, 20, 40):
        dunning.on(late(days))
        told.append(remind_due(dunning.world.services)["letters_written"])
    assert told == [1, 0, 0]
    [proposal] = dunning.world.do(Listing[ReminderProposal], ListReminderProposals()).items
    assert (proposal.step, proposal.automatic) == (20, False)


def test_inv_12_without_an_address_for_answers_nothing_goes_out_by_itself(dunning: Dunning) -> None:
    """The company took its address away after it had saved its steps."""
    dunning.automatic()
    dunning.invoice()
    dunning.company_address(None)
    dunning.on(late(5))
    assert remind_due(dunning.world.services) == {"letters_written": 0, "failed": 0}


def test_inv_11_in_test_mode_nothing_goes_out_by_itself(dunning: Dunning) -> None:
    dunning.automatic()
    dunning.invoice()
    dunning.test_mode()
    dunning.on(late(5))
    assert remind_due(dunning.world.services) == {"letters_written": 0, "failed": 0}
    assert dunning.outbox.post.taken == []


@pytest.mark.parametrize(("credit", "written"), [("600.00", 0), ("599.99", 1)])
def test_inv_12_whose_credit_notes_are_worth_what_is_due_is_not_reminded_by_itself(
    dunning: Dunning, credit: str, written: int
) -> None:
    """CRN-09: they are to be deducted first; somebody sees the letter among the proposals."""
    dunning.automatic()
    paid = dunning.invoice("1000")
    dunning.invoice("500")
    dunning.till.note(paid, credit)
    dunning.till.pay(paid, "1200.00")
    dunning.on(late(5))
    assert remind_due(dunning.world.services)["letters_written"] == written
    assert len(dunning.world.do(Listing[ReminderProposal], ListReminderProposals()).items) == 1 - written


def other(dunning: Dunning, code: str) -> str:
    """Another customer, who can be written to."""
    contact = Contact(name=code, email=f"{code}@client.example")
    told = customer_request(code=code, contacts=(contact,))
    return dunning.world.do(Party, told).id


def test_inv_12_a_run_ends_in_time_and_the_next_one_goes_on(dunning: Dunning, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters take their time to be rendered: what is left over is not lost, and nobody is reminded twice."""
    dunning.automatic()
    dunning.invoice()
    for code in "ABCD":
        dunning.invoice(customer=other(dunning, code))
    dunning.on(late(5))
    render = dunning.rendering.render

    def slow(task: Mapping[str, Any]) -> Mapping[str, Any]:
        dunning.world.clock.advance(LONGEST / 2)
        return render(task)

    monkeypatch.setattr(dunning.rendering, "render", slow)
    assert [remind_due(dunning.world.services)["letters_written"] for _ in range(4)] == [2, 2, 1, 0]
    assert len({mail.party for mail, _ in dunning.outbox.post.taken}) == 5


def test_inv_12_customers_of_whom_nothing_is_new_take_no_time(
    dunning: Dunning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many have had their letters, or have but held invoices, those who are to be reminded have their turn."""
    dunning.automatic()
    held, second = dunning.invoice(), other(dunning, "B")
    dunning.world.execute_as("manager", HoldReminders(document=held.id, reason="Litige"))
    dunning.invoice(customer=second)
    asked = list[str]()

    def looked_at(tx: Transaction, ctx: Context, customer: str) -> Gathered:
        asked.append(customer)
        return gather(tx, ctx, customer)

    monkeypatch.setattr(tasks, "gather", looked_at)
    for days, expected in ((4, []), (5, [second]), (6, [second])):
        dunning.on(late(days))
        remind_due(dunning.world.services)
        assert asked == expected


def test_inv_12_by_default_nothing_goes_out_by_itself(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(90))
    assert remind_due(dunning.world.services)["letters_written"] == 0


def test_inv_12_a_letter_without_its_pdf_is_driven_again(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    dunning.rendering.down = True
    reply = dunning.world.execute_as("manager", WritePaymentReminder(party=dunning.customer))
    assert (reply.status, PaymentReminder.model_validate_json(reply.body).file) == (202, None)
    assert dunning.outbox.post.taken == []
    dunning.rendering.down = False
    assert resume_letters(dunning.world.services) == {"letters_resumed": 1, "failed": 0}
    assert resume_letters(dunning.world.services) == {"letters_resumed": 0, "failed": 0}
    resume_mails(dunning.world.services)
    assert len(dunning.outbox.post.taken) == 1


def test_inv_12_a_letter_whose_mail_waits_is_not_said_to_be_gone(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    dunning.outbox.post.fault = PostBusy("Throttling")
    waiting = dunning.world.execute_as("manager", WritePaymentReminder(party=dunning.customer))
    dunning.outbox.post.fault = None
    dunning.on(late(15))
    gone = dunning.world.execute_as("manager", WritePaymentReminder(party=dunning.customer))
    assert (waiting.status, gone.status) == (202, 201)


def test_inv_12_a_letter_that_is_rendered_twice_at_once_has_one_file_and_one_mail(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    dunning.rendering.down = True
    reminder = dunning.write()
    dunning.rendering.down = False
    task = {"task": "render_payment_reminder", "company": dunning.world.company, "reminder": reminder.id}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(dunning.rendering.render, [task] * 6))
    assert len(dunning.world.do(Listing[MailSummary], ListMails(month="2026-12")).items) == 1
    assert len(dunning.world.do(Listing[FiledView], ListPartyFiles(party=dunning.customer)).items) == 1
