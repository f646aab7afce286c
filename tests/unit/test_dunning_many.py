"""Payment reminders of a customer who owes much: every invoice and every instalment has its turn (INV-12)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comptoir.docbase.model import FileKind
from comptoir.dunning import drawing, rules, tasks
from comptoir.dunning.commands import HoldReminders, NothingToRemind
from comptoir.dunning.model import PaymentReminder, Reminded, Tone
from comptoir.dunning.queries import ReadReminded
from comptoir.dunning.rules import INDEMNITY
from comptoir.parties.terms import DueStep, PaymentTerm
from tests.unit.dunning_support import DUE, Dunning, late, open_dunning


@pytest.fixture
def dunning() -> Dunning:
    return open_dunning()


def documents(reminder: PaymentReminder) -> list[str]:
    """The invoices of a letter."""
    return [each.document for each in reminder.content.lines]


def nothing(dunning: Dunning) -> bool:
    """Whether no letter is to be written now."""
    try:
        dunning.write()
    except NothingToRemind:
        return True
    return False


def test_inv_12_what_one_letter_does_not_take_is_told_by_the_next(
    dunning: Dunning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invoice does not wait for older ones to be paid, which had their last letter long ago."""
    monkeypatch.setattr(rules, "MOST_LATE", 3)
    names = [dunning.invoice().id for _ in range(5)]
    dunning.on(late(5))
    assert documents(dunning.write()) == names[:3]
    dunning.on(late(12))
    assert documents(dunning.write()) == [names[0], *names[3:]]
    dunning.on(late(14))
    assert nothing(dunning)


def test_inv_12_invoices_that_are_held_take_no_place_in_a_letter(
    dunning: Dunning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_LATE", 2)
    names = [dunning.invoice().id for _ in range(3)]
    for name in names[:2]:
        dunning.world.execute_as("manager", HoldReminders(document=name, reason="Litige"))
    dunning.on(late(5))
    assert documents(dunning.write()) == names[2:]


def test_inv_12_however_much_is_open_what_is_new_is_told_of(dunning: Dunning, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more open requests than are read for a letter, those are read that have something new."""
    monkeypatch.setattr(drawing, "MOST_REQUESTS", 2)
    names = [dunning.invoice().id for _ in range(4)]
    dunning.on(late(5))
    assert documents(dunning.write()) == names[:2]
    dunning.on(late(12))
    assert documents(dunning.write()) == names[2:]


def test_inv_12_each_instalment_goes_through_every_step(dunning: Dunning) -> None:
    """A formal notice for the first one says nothing of the second, which is reminded of courteously in its turn."""
    halves: Any = tuple(
        PaymentTerm(percentage=Decimal(50), milestone="invoice", steps=(DueStep(days=days),)) for days in (30, 90)
    )
    invoice = dunning.invoice(terms=halves)
    for days in (5, 15, 30):
        dunning.on(late(days))
        dunning.write()
    dunning.till.pay(invoice, "600.00", date=late(30))
    dunning.on(late(64))
    assert nothing(dunning)
    dunning.on(late(65))
    content = dunning.write().content
    assert (content.tone, content.due.amount) == (Tone.COURTEOUS, Decimal("600.00"))
    dunning.on(late(75))
    again = dunning.write().content
    assert (again.tone, again.indemnity) == (Tone.FIRM, INDEMNITY)
    reached = dunning.world.do(Reminded, ReadReminded(party=dunning.customer)).reached[invoice.id]
    assert {due: each.step for due, each in reached.items()} == {DUE: 30, late(60): 15}


def test_inv_12_a_mail_carries_the_letter_and_the_oldest_invoices_that_it_takes(dunning: Dunning) -> None:
    numbers = [dunning.invoice().number for _ in range(11)]
    dunning.on(late(5))
    written = dunning.write()
    carried = [each.filename for each in dunning.outbox.post.taken[-1][0].attachments]
    assert carried == [f"{each}.pdf" for each in (written.content.number, *numbers[:9])]


def test_inv_12_what_is_too_large_for_a_mail_stays_behind(dunning: Dunning, monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter is never left out; it tells all invoices."""
    dunning.invoice()
    dunning.on(late(5))
    monkeypatch.setattr(tasks, "MOST_ATTACHED_BYTES", len(b"%PDF-1.7 REL-000001"))
    written = dunning.write()
    carried = [each.filename for each in dunning.outbox.post.taken[-1][0].attachments]
    assert carried == [f"{written.content.number}.pdf"]


def test_inv_12_of_what_lies_beside_an_invoice_its_own_pdf_alone_goes_out(dunning: Dunning) -> None:
    """Whatever somebody filed with it may be for the company alone."""
    invoice = dunning.invoice()
    dunning.filed(invoice, FileKind.OTHER)
    dunning.on(late(5))
    dunning.write()
    carried = [each.kind for each in dunning.outbox.post.taken[-1][0].attachments]
    assert carried == [FileKind.PAYMENT_REMINDER, FileKind.INVOICE]
