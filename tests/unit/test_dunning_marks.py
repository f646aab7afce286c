"""How far a customer was reminded: what is kept of each instalment, of each currency, and for how long (INV-12)."""

from __future__ import annotations

import pytest

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.dunning.commands import HoldReminders, NothingToRemind, ReleaseReminders
from comptoir.dunning.model import Reminded, ReminderStep, Tone
from comptoir.dunning.queries import ReadReminded
from comptoir.kernel.errors import NotFound
from comptoir.parties.queries import ReadPartyHistory
from tests.unit.dunning_support import DUE, Dunning, late, open_dunning
from tests.unit.invoicing_support import line


@pytest.fixture
def dunning() -> Dunning:
    return open_dunning()


def reminded(dunning: Dunning) -> Reminded:
    """How far the customer was reminded."""
    return dunning.world.do(Reminded, ReadReminded(party=dunning.customer))


def test_inv_12_what_was_reached_does_not_fall_back_when_steps_change(dunning: Dunning) -> None:
    """A letter for another invoice tells of it again, by a lower step of the new ones; what it reached stays."""
    first = dunning.invoice()
    dunning.on(late(-12))
    second = dunning.invoice()
    dunning.on(late(15))
    assert dunning.write().step == 15
    dunning.steps(ReminderStep(days=5, tone=Tone.COURTEOUS), ReminderStep(days=60, tone=Tone.FORMAL_NOTICE))
    dunning.on(late(25))
    assert [each.step for each in dunning.write().content.lines] == [5, 5]
    reached = reminded(dunning).reached
    assert [each.step for name in (first.id, second.id) for each in reached[name].values()] == [15, 5]


def test_inv_12_each_currency_has_its_own_days_between_letters(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.till.invoice_in("USD", "1000")
    dunning.on(late(14))
    dunning.write()
    dunning.on(late(15))
    dunning.write(currency="USD")
    assert reminded(dunning).last == {"EUR": late(14), "USD": late(15)}
    with pytest.raises(NothingToRemind):
        dunning.write()


def test_inv_12_what_was_last_told_of_a_year_ago_is_forgotten(dunning: Dunning) -> None:
    """What is kept of a customer stays small; what the last year told stays."""
    first = dunning.invoice()
    dunning.on(late(5))
    dunning.write()
    dunning.till.pay(first, "1200.00", date=late(5))
    second = dunning.invoice()
    for days, kept in ((45, {first.id, second.id}), (369, {first.id, second.id}), (370, {second.id})):
        dunning.on(late(days))
        if days > 45:
            dunning.steps(*(ReminderStep(days=one, tone=Tone.FIRM) for one in (5, days - 40)), least_days_between=0)
        dunning.write()
        assert set(reminded(dunning).reached) == kept
    assert DUE not in reminded(dunning).reached[second.id]


def test_inv_12_only_an_issued_invoice_is_held(dunning: Dunning) -> None:
    draft = dunning.till.draft(line("10"))
    with pytest.raises(NotFound):
        dunning.world.execute_as("manager", HoldReminders(document=draft.id, reason="Litige"))


def test_acc_06_the_customer_s_history_tells_what_is_held_and_released(dunning: Dunning) -> None:
    held = dunning.invoice()
    for request in (HoldReminders(document=held.id, reason="Litige"), ReleaseReminders(document=held.id)):
        dunning.world.execute_as("manager", request)
    entries = dunning.world.do(Listing[HistoryEntry], ReadPartyHistory(party=dunning.customer)).items
    assert [entry.event for entry in entries[:2]] == ["reminders_released", "reminders_held"]
