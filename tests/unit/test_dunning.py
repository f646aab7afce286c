"""Payment reminders: by steps, with penalties and indemnity, each step once, mailed with the invoices (INV-12)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.execute import Request
from comptoir.access.queries import Listing
from comptoir.docbase.model import FiledView, FileKind, Owner
from comptoir.docbase.previewing import Preview
from comptoir.docbase.queries import ListPartyFiles
from comptoir.dunning.commands import (
    HoldReminders,
    NothingToRemind,
    ReleaseReminders,
    SaveReminderSteps,
    WritePaymentReminder,
)
from comptoir.dunning.model import (
    PaymentReminder,
    Reminded,
    ReminderStep,
    ReminderSteps,
    ReminderSummary,
    Tone,
)
from comptoir.dunning.queries import (
    ListPartyReminders,
    ListPaymentReminders,
    ListReminderProposals,
    PreviewPaymentReminder,
    ReadReminded,
    ReadReminderSteps,
    ReminderProposal,
)
from comptoir.dunning.rules import INDEMNITY
from comptoir.dunning.words import SENTENCES, TITLES, message_of
from comptoir.kernel.errors import DomainError, Forbidden, NotFound, Refused
from comptoir.mailing.commands import MailOff
from comptoir.mailing.model import MailSummary
from comptoir.mailing.queries import ListMails
from comptoir.parties.snapshot import Language
from tests.unit.dunning_support import DUE, Dunning, late, open_dunning
from tests.unit.mailing_support import text_of


@pytest.fixture
def dunning() -> Dunning:
    return open_dunning()


def wrong(dunning: Dunning, request: Request, profile: str = "manager") -> DomainError:
    """The refusal of a request."""
    with pytest.raises(DomainError) as refusal:
        dunning.world.execute_as(profile, request)
    return refusal.value


def nothing(dunning: Dunning) -> bool:
    """Whether no letter is to be written now."""
    return isinstance(wrong(dunning, WritePaymentReminder(party=dunning.customer)), NothingToRemind)


def test_inv_12_nothing_is_reminded_before_the_first_step(dunning: Dunning) -> None:
    dunning.invoice()
    for days in (-1, 0, 1, 4):
        dunning.on(late(days))
        assert nothing(dunning)
    dunning.on(late(5))
    assert dunning.write().content.tone is Tone.COURTEOUS


def test_inv_12_steps_follow_each_other_each_once(dunning: Dunning) -> None:
    """Courteous, firm with what the law allows, formal notice; then nothing more."""
    invoice = dunning.invoice()
    told = []
    for days in (5, 6, 15, 16, 30, 31, 200):
        dunning.on(late(days))
        try:
            told.append((days, dunning.write().content.tone))
        except NothingToRemind:
            continue
    assert told == [(5, Tone.COURTEOUS), (15, Tone.FIRM), (30, Tone.FORMAL_NOTICE)]
    reached = dunning.world.do(Reminded, ReadReminded(party=dunning.customer)).reached
    assert reached[invoice.id][DUE].step == 30


def test_inv_12_what_was_reached_stays_reached_when_the_steps_change(dunning: Dunning) -> None:
    """An invoice told of at 15 days is told of again at the next later step, wherever that stands among the others."""
    dunning.invoice()
    dunning.on(late(15))
    dunning.write()
    late_ones = (ReminderStep(days=40, tone=Tone.FIRM), ReminderStep(days=60, tone=Tone.FORMAL_NOTICE))
    dunning.steps(ReminderStep(days=3, tone=Tone.COURTEOUS), ReminderStep(days=10, tone=Tone.FIRM), *late_ones)
    dunning.on(late(39))
    assert nothing(dunning)
    dunning.on(late(40))
    assert dunning.write().step == 40
    dunning.steps(ReminderStep(days=50, tone=Tone.FORMAL_NOTICE))
    dunning.on(late(50))
    assert dunning.write().content.tone is Tone.FORMAL_NOTICE


def test_inv_12_the_letter_and_the_invoices_go_to_the_contact(dunning: Dunning) -> None:
    invoice = dunning.invoice()
    dunning.on(late(16))
    reminder = dunning.write()
    message = dunning.outbox.post.last
    assert (message["To"], message["Subject"]) == ("yann@epicerie.example", "Relance — COMPTOIR DU PONANT")
    assert "Montant demandé : 1246.52 EUR." in text_of(message)
    assert "L441-10" in text_of(message)
    assert dunning.outbox.post.taken[-1][0].operator == dunning.world.operators["manager"]
    asked = ListMails(owner=Owner.PARTY, owned=dunning.customer)
    assert [each.id for each in dunning.world.do(Listing[MailSummary], asked).items] == [reminder.mail]
    [_, *parts] = message.iter_parts()
    assert [part.get_filename() for part in parts] == [f"{reminder.content.number}.pdf", f"{invoice.number}.pdf"]
    assert parts[1].get_content() == f"%PDF-1.7 {invoice.number}".encode()
    [filed] = dunning.world.do(Listing[FiledView], ListPartyFiles(party=dunning.customer)).items
    assert (filed.kind, filed.title) == (FileKind.PAYMENT_REMINDER, f"Relance {reminder.content.number}")
    assert filed.sent_at


def test_inv_12_a_letter_may_be_printed_only_and_have_its_own_words(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    dunning.world.services = replace(dunning.world.services, mailer=None)
    assert isinstance(wrong(dunning, WritePaymentReminder(party=dunning.customer)), MailOff)
    reminder = dunning.write(mailed=False, message="Merci de régler.")
    assert (reminder.asked, reminder.mail, reminder.content.message) == (None, None, "Merci de régler.")
    assert reminder.file
    assert dunning.outbox.post.taken == []


def test_inv_12_many_at_once_write_one_letter(dunning: Dunning) -> None:
    """Whoever comes second is told that there is nothing to remind of."""
    dunning.invoice()
    dunning.on(late(5))

    def attempt(_: int) -> str:
        try:
            return str(dunning.write().content.number)
        except NothingToRemind as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert sorted(set(outcomes)) == ["REL-000001", "nothing_to_remind"]
    assert outcomes.count("REL-000001") == 1
    assert len(dunning.outbox.post.taken) == 1


def test_inv_12_an_invoice_that_is_disputed_is_left_alone_until_it_is_released(dunning: Dunning) -> None:
    held, other = dunning.invoice("1000"), dunning.invoice("500")
    dunning.world.execute_as("manager", HoldReminders(document=held.id, reason="Litige"))
    dunning.on(late(5))
    assert [each.document for each in dunning.write().content.lines] == [other.id]
    dunning.world.execute_as("manager", ReleaseReminders(document=held.id))
    dunning.on(late(12))
    assert [each.document for each in dunning.write().content.lines] == [held.id, other.id]
    note = dunning.till.note(held, "10.00")
    assert isinstance(wrong(dunning, HoldReminders(document=note.id, reason="x")), NotFound)


def test_inv_12_letters_leave_days_between_them(dunning: Dunning) -> None:
    """Two invoices that reach a step on days that follow each other make one letter, not two."""
    dunning.invoice()
    dunning.world.clock.advance(timedelta(days=2))
    second = dunning.invoice()
    dunning.on(late(5))
    assert len(dunning.write().content.lines) == 1
    dunning.on(late(7))
    assert nothing(dunning)
    dunning.on(late(12))
    assert second.id in [each.document for each in dunning.write().content.lines]


def test_doc_02_a_letter_is_previewed_without_trace(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    shown = dunning.world.do(Preview, PreviewPaymentReminder(party=dunning.customer))
    assert shown.url
    assert dunning.rendering.previews[0]["preview"] is True
    assert dunning.world.do(Listing[ReminderSummary], ListPaymentReminders()).items == ()
    assert dunning.write().content.number == "REL-000001"
    assert isinstance(wrong(dunning, PreviewPaymentReminder(party=dunning.customer)), NothingToRemind)


def test_inv_12_lists_tell_who_is_to_be_reminded_and_who_was(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.invoice()
    dunning.on(late(5))
    [proposal] = dunning.world.do(Listing[ReminderProposal], ListReminderProposals()).items
    assert (proposal.customer, proposal.step, len(proposal.content.lines)) == (dunning.customer, 5, 2)
    reminder = dunning.write()
    assert dunning.world.do(Listing[ReminderProposal], ListReminderProposals()).items == ()
    for request in (ListPaymentReminders(month="2026-12"), ListPartyReminders(party=dunning.customer)):
        [listed] = dunning.world.do(Listing[ReminderSummary], request).items
        assert (listed.number, listed.invoices, listed.mail) == (reminder.content.number, 2, reminder.mail)


def test_acc_03_whoever_records_payments_reminds(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    for profile in ("sales", "accountant", "assistant", "inspector"):
        assert isinstance(wrong(dunning, WritePaymentReminder(party=dunning.customer), profile), Forbidden)


def test_inv_11_in_test_mode_nobody_is_reminded(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    dunning.test_mode()
    refusal = wrong(dunning, WritePaymentReminder(party=dunning.customer))
    assert isinstance(refusal, Refused)
    assert refusal.breaches[0].code == "company_in_test_mode"


def test_inv_12_without_an_address_the_reason_names_the_field(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.contact(phone="+33 2 98 00 00 00")
    dunning.on(late(5))
    refusal = wrong(dunning, WritePaymentReminder(party=dunning.customer))
    assert isinstance(refusal, Refused)
    assert [(breach.code, breach.pointer) for breach in refusal.breaches] == [("no_recipient", "/to")]
    assert dunning.world.do(Reminded, ReadReminded(party=dunning.customer)).reached == {}


def test_inv_12_another_currency_has_its_own_letter_with_the_indemnity_in_euro(dunning: Dunning) -> None:
    dunning.till.invoice_in("USD", "1000")
    dunning.on(late(40))
    assert nothing(dunning)
    content = dunning.write(currency="USD").content
    assert (content.due.currency, content.indemnity, content.total) == ("USD", INDEMNITY, None)


def test_inv_12_a_letter_is_proposed_in_each_currency(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.till.invoice_in("USD", "1000")
    dunning.on(late(5))
    proposals = dunning.world.do(Listing[ReminderProposal], ListReminderProposals()).items
    assert sorted(each.content.currency for each in proposals) == ["EUR", "USD"]


def test_steps_are_saved_in_order(dunning: Dunning) -> None:
    first, second = ReminderStep(days=10, tone=Tone.FIRM), ReminderStep(days=3, tone=Tone.COURTEOUS)
    for steps in ((first, second), (first, first)):
        with pytest.raises(ValidationError, match="steps_not_in_order"):
            ReminderSteps(steps=steps)
    dunning.steps(second, first, least_days_between=0)
    dunning.invoice()
    dunning.on(late(3))
    assert dunning.write().content.tone is Tone.COURTEOUS


def test_steps_that_are_saved_as_they_are_stay_as_they_are(dunning: Dunning) -> None:
    for _ in range(2):
        dunning.automatic()
    assert dunning.world.execute_as("administrator", ReadReminderSteps()).version == 1


def test_inv_12_what_goes_out_by_itself_needs_an_address_for_answers(dunning: Dunning) -> None:
    dunning.company_address(None)
    request = SaveReminderSteps(steps=(ReminderStep(days=3, tone=Tone.FIRM, automatic=True),))
    with pytest.raises(Refused) as refusal:
        dunning.world.execute_as("administrator", request, 0)
    assert [(each.code, each.pointer) for each in refusal.value.breaches] == [("company_address_missing", "/steps")]


def test_every_tone_is_said_in_each_language() -> None:
    for tone in Tone:
        assert len({SENTENCES[tone].said(language) for language in Language}) == len(Language)
        assert len({TITLES[tone].said(language) for language in Language}) == len(Language)
        for language in Language:
            assert "29" in message_of(tone, True, date(2026, 11, 29), language)


def shown(reminder: PaymentReminder) -> dict[str, Any]:
    """What a letter stores."""
    return reminder.model_dump(mode="json")


def test_a_letter_that_was_written_does_not_change(dunning: Dunning) -> None:
    invoice = dunning.invoice()
    dunning.on(late(5))
    before = shown(dunning.write())
    dunning.till.pay(invoice, "1200.00", date=date(2026, 12, 26))
    [listed] = dunning.world.do(Listing[ReminderSummary], ListPaymentReminders(month="2026-12")).items
    assert (listed.due.amount, before["content"]["due"]["amount"]) == (Decimal("1200.00"), "1200.00")
