"""The letters of payment reminders against their golden forms, in the customer's language (INV-12); see test_golden."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.documents.layouts import reminder_layout
from comptoir.documents.reminder_view import reminder_view
from comptoir.documents.render import render_reminder
from comptoir.dunning.model import LateAmount, ReminderContent, Tone
from comptoir.dunning.words import message_of
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Buyer, Language
from tests.golden.snapshots import ENGLISH, FRENCH, GERMAN, ISSUED, SELLER, SPANISH
from tests.golden.test_golden import content_digest, matches, placed

CUSTOMER = Buyer(
    name="Épicerie du Léon",
    address=Address(lines=("3 place de l'Église",), postcode="29250", city="Saint-Pol-de-Léon"),
    siren="552100554",
)
CASES: dict[str, tuple[Tone, bool, Language, str, int]] = {
    "reminder-courteous-fr": (Tone.COURTEOUS, False, FRENCH, "EUR", 1),
    "reminder-firm-en": (Tone.FIRM, True, ENGLISH, "EUR", 3),
    "reminder-formal-fr": (Tone.FORMAL_NOTICE, True, FRENCH, "EUR", 4),
    "reminder-formal-de": (Tone.FORMAL_NOTICE, True, GERMAN, "USD", 2),
    "reminder-firm-es": (Tone.FIRM, True, SPANISH, "EUR", 2),
    "reminder-many-fr": (Tone.FIRM, True, FRENCH, "EUR", 40),
}


def late(number: int, currency: str, claims: bool) -> LateAmount:
    """An overdue instalment; every third one bears another rate."""
    rate = Decimal("12.40") if number % 3 else Decimal(15)
    amount = Money.of(f"{1234 + number}.50", currency)
    return LateAmount(
        document=f"{number:026d}",
        number=f"FA2026-{number:06d}",
        issue_date=date(2026, 9, 1 + number % 28),
        due_date=date(2026, 10, 1 + number % 28),
        amount=amount,
        days=51,
        rate=rate if claims else None,
        penalty=amount.interest(rate, 51) if claims else Money.zero(currency),
        step=1,
    )


def letter(name: str) -> ReminderContent:
    """The letter of a case."""
    tone, claims, language, currency, count = CASES[name]
    lines = tuple(late(number, currency, claims) for number in range(1, count + 1))
    due = Money.of(sum(each.amount.amount for each in lines), currency)
    penalties = Money.of(sum(each.penalty.amount for each in lines), currency)
    indemnity = Money.of(40 * count if claims else 0, "EUR")
    return ReminderContent(
        number="REL-000007",
        made_on=date(2026, 11, 21),
        made_at=ISSUED,
        pay_by=date(2026, 11, 29),
        language=language,
        currency=currency,
        tone=tone,
        claims=claims,
        company=SELLER,
        customer=CUSTOMER,
        author="Anne Le Gall",
        lines=lines,
        due=due,
        penalties=penalties,
        indemnity=indemnity,
        total=due + penalties + indemnity if currency == "EUR" else None,
        credits=Money.of(150, currency) if language is FRENCH and claims else None,
        message=message_of(tone, claims, date(2026, 11, 29), language),
    )


@pytest.mark.parametrize("name", CASES)
def test_a_letter_is_as_it_was_last_looked_at(name: str) -> None:
    content = letter(name)
    matches(f"{name}.txt", placed(reminder_layout(reminder_view(content))))
    matches(f"{name}.sha256", content_digest(render_reminder(content)) + "\n")


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert render_reminder(letter("reminder-firm-en")) == render_reminder(letter("reminder-firm-en"))


def test_inv_12_what_is_asked_for_adds_up_on_paper() -> None:
    """Overdue, penalties and indemnity make the total; without a claim there is but what is overdue."""
    content = letter("reminder-formal-fr")
    view = reminder_view(content)
    assert [label for label, _ in view.totals] == [
        "Factures échues",
        "Pénalités de retard",
        "Indemnité de recouvrement",
        "Total demandé",
    ]
    assert content.total == content.due + content.penalties + content.indemnity
    assert [column.key for column in view.columns][-2:] == ["penalty", "net"]
    quiet = reminder_view(letter("reminder-courteous-fr"))
    assert [label for label, _ in quiet.totals] == ["Total demandé"]
    assert "penalty" not in [column.key for column in quiet.columns]


def test_inv_12_another_currency_keeps_the_indemnity_in_euro() -> None:
    """C. com. D441-5."""
    [*_, (_, asked)] = reminder_view(letter("reminder-formal-de")).totals
    assert "USD" in asked
    assert "80,00" in asked
