"""Proposals of matches: each criterion, none by itself on an amount alone or on a tie, each score told (TRS-04)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.banking.matching import MARGIN, Criterion, Match, match
from comptoir.banking.open_lines import NEAREST, OpenLine, OpenLines
from comptoir.banking.statement import BatchDetail, Entry
from comptoir.kernel.money import Money
from tests.unit.statement_writers import entry

DE = "DE89370400440532013000"


def line(name: str, amount: str = "1200.00", currency: str = "EUR", **more: Any) -> OpenLine:
    """Money expected from a customer, or owed when negative."""
    fields = {
        "id": name,
        "amount": Money.of(amount, currency),
        "due": date(2026, 11, 2),
        "party": "Criée de Douarnenez",
    }
    return OpenLine.model_validate(fields | more)


def matched(one: Entry, *lines: OpenLine) -> Match:
    [found] = match([one], lines)
    return found


def criteria(found: Match) -> set[Criterion]:
    return {reason.criterion for reason in found.proposals[0].reasons}


INVOICE = line("a", number="FA2026-000118", end_to_end="CMD-7790", reference="RF18539007547034", ibans=(DE,))


@pytest.mark.parametrize(
    ("told", "proof"),
    [
        ({"end_to_end": "CMD-7790"}, Criterion.END_TO_END),
        ({"end_to_end": "cmd 7790"}, Criterion.END_TO_END),
        ({"reference": "RF18539007547034"}, Criterion.REFERENCE),
        ({"text": "Facture FA2026-000118", "counterparty": "CRIEE DE DOUARNENEZ SA"}, Criterion.NUMBER),
        ({"text": "VIR FA 2026 0001 18 MERCI", "counterparty_iban": DE}, Criterion.NUMBER),
        ({"text": "FA2026000118 criée de douarnenez"}, Criterion.NUMBER),
    ],
)
def test_what_identifies_a_document_with_its_amount_is_matched_by_itself(
    told: dict[str, str], proof: Criterion
) -> None:
    found = matched(entry("1200.00", **told), INVOICE, line("b", "1300.00"), line("c", "1.00"))
    assert found.automatic
    assert found.proposals[0].lines == ("a",)
    assert {proof, Criterion.AMOUNT} <= criteria(found)
    assert not found.proposals[0].difference


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"counterparty": "Criée de Douarnenez"},
        {"counterparty": "Criée de Douarnenez", "counterparty_iban": DE},
        {"text": "FA2026-000118"},
    ],
)
def test_an_amount_with_a_date_a_name_an_account_or_a_bare_number_waits_for_somebody(told: dict[str, str]) -> None:
    found = matched(entry("1200.00", **told), INVOICE)
    assert found.proposals
    assert Criterion.AMOUNT in criteria(found)
    assert not found.automatic


def test_five_identical_candidates_tie_and_none_is_taken() -> None:
    """COMPLAINTS 23."""
    found = matched(entry("1200.00", counterparty="Criée de Douarnenez"), *(line(name) for name in "abcde"))
    assert (len(found.proposals), found.tied, found.automatic) == (5, True, False)
    twins = [line(name, end_to_end="SAME") for name in "ab"]
    found = matched(entry("1200.00", end_to_end="SAME"), *twins)
    assert (found.tied, found.automatic) == (True, False)


def test_two_entries_never_take_the_same_line_by_themselves() -> None:
    entries = [entry("1200.00", end_to_end="CMD-7790"), entry("1200.00", end_to_end="CMD-7790").change(index=1)]
    assert [(each.automatic, each.tied, each.proposals[0].lines) for each in match(entries, [INVOICE])] == [
        (False, True, ("a",)),
        (False, True, ("a",)),
    ]


def test_another_amount_is_proposed_with_its_difference_and_never_taken() -> None:
    found = matched(entry("1000.00", end_to_end="CMD-7790"), INVOICE)
    assert found.proposals[0].difference == Money.of("-200.00", "EUR")
    assert not found.automatic


@pytest.mark.parametrize(
    "one", [entry("-1200.00", end_to_end="CMD-7790"), entry("1200.00", currency="USD", end_to_end="CMD-7790")]
)
def test_money_of_the_other_way_or_currency_is_never_proposed(one: Entry) -> None:
    assert matched(one, INVOICE).proposals == ()


@pytest.mark.parametrize("told", [{"reversal": True}, {"return_reason": "AC04"}])
def test_what_comes_back_is_never_matched_by_itself(told: dict[str, Any]) -> None:
    assert not matched(entry("1200.00", end_to_end="CMD-7790", **told), INVOICE).automatic


def test_several_invoices_named_in_one_payment_are_proposed_together_when_they_add_up() -> None:
    lines = [
        line("a", "700.00", number="FA2026-000118"),
        line("b", "500.00", number="FA2026-000119"),
        line("c", "500.00"),
    ]
    found = matched(entry("1200.00", text="FA2026-000118 et FA2026-000119", counterparty="Criée de Douarnenez"), *lines)
    assert found.proposals[0].lines == ("a", "b")
    assert found.automatic
    short = matched(entry("1100.00", text="FA2026-000118 et FA2026-000119"), *lines)
    assert all(len(proposal.lines) == 1 for proposal in short.proposals)


def test_a_booked_batch_pays_all_lines_of_its_order() -> None:
    lines = [line(name, "-100.00", payment_id="ORDER-1", end_to_end=name) for name in "abc"]
    found = matched(entry("-300.00", payment_id="ORDER-1"), *lines)
    assert found.automatic
    assert found.proposals[0].lines == ("a", "b", "c")
    less = matched(entry("-200.00", payment_id="ORDER-1"), *lines)
    assert (less.automatic, less.proposals[0].difference) == (False, Money.of("100.00", "EUR"))


def test_a_batch_with_details_pays_the_lines_that_they_tell() -> None:
    lines = [line(name, "-100.00", end_to_end=f"E2E-{name}") for name in "abc"]
    details = tuple(BatchDetail(end_to_end=f"E2E-{name}") for name in "ab")
    found = matched(entry("-200.00", details=details), *lines)
    assert found.proposals[0].lines == ("a", "b")
    assert found.automatic


def test_a_batch_with_details_of_more_lines_than_are_open_pays_those_told_to_the_cent() -> None:
    """TRS-04: the rest is left; a line of another amount than its detail proves nothing of the batch."""
    lines = [line(name, "-100.00", end_to_end=f"E2E-{name}") for name in "abc"]
    details = tuple(BatchDetail(end_to_end=f"E2E-{name}", amount=lines[0].amount) for name in "abcd")
    found = matched(entry("-400.00", details=details), *lines)
    assert (found.proposals[0].lines, found.proposals[0].difference) == (("a", "b", "c"), lines[0].amount)
    assert "the very amount of each" in {reason.en for reason in found.proposals[0].reasons}
    assert not found.automatic
    other = matched(entry("-400.00", details=details), *lines[:2], lines[2].change(amount=Money.of("-90.00", "EUR")))
    assert other.proposals == ()


def test_a_reference_cut_by_mt940_is_still_known() -> None:
    found = matched(entry("1200.00", end_to_end="COMMANDE-2026-00"), line("a", end_to_end="COMMANDE-2026-000118"))
    assert Criterion.END_TO_END in criteria(found)


def test_the_nearest_due_dates_come_first_among_equal_amounts() -> None:
    far, near = line("far", due=date(2026, 3, 1)), line("near", due=date(2026, 11, 1))
    found = matched(entry("1200.00"), far, near)
    assert [proposal.lines for proposal in found.proposals] == [("near",), ("far",)]


def test_a_score_is_the_sum_of_reasons_told_in_two_languages() -> None:
    found = matched(entry("1200.00", end_to_end="CMD-7790", text="FA2026-000118", counterparty="Criée"), INVOICE)
    [proposal] = found.proposals
    assert proposal.score == min(100, sum(reason.points for reason in proposal.reasons))
    assert {reason.fr for reason in proposal.reasons} >= {
        "montant exact",
        "numéro de pièce FA2026-000118 dans le texte",
    }
    assert all(reason.fr != reason.en for reason in proposal.reasons)


def test_a_date_of_a_text_is_no_number_and_neither_are_words_or_short_numbers() -> None:
    lines = [line("a", "5.00", number="12"), line("b", "5.00", number="PORT")]
    assert OpenLines(lines).in_text("Facture 12 du port") == []


def test_among_thousands_of_one_amount_the_party_is_found_wherever_it_is() -> None:
    lines = [line(f"{number:05d}", party=f"Client {number}", due=date(2020, 1, 1)) for number in range(3000)]
    lines.insert(7, line("wanted", party="Chantier Iroise", due=date(2030, 1, 1)))
    index = OpenLines(lines)
    one = entry("1200.00", counterparty="CHANTIER IROISE")
    assert len(index.of_amount(one)) <= 4 * NEAREST
    assert match([one], lines)[0].proposals[0].lines == ("wanted",)


_AMOUNTS = st.sampled_from(["100.00", "200.00", "-100.00", "300.00"])
_TOLD = st.sampled_from([None, "REF-0001", "REF-0002", "REF-0003"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(_AMOUNTS, _TOLD, _TOLD, _TOLD), max_size=8),
    st.lists(st.tuples(_AMOUNTS, _TOLD, _TOLD), max_size=6),
)
def test_what_is_matched_by_itself_is_exact_alone_and_proven(
    owed: list[tuple[str, str | None, str | None, str | None]], moved: list[tuple[str, str | None, str | None]]
) -> None:
    lines = [
        line(str(place), amount, end_to_end=one, number=two, payment_id=three)
        for place, (amount, one, two, three) in enumerate(owed)
    ]
    entries = [
        entry(amount, end_to_end=one, text=two or "", payment_id=two).change(index=place)
        for place, (amount, one, two) in enumerate(moved)
    ]
    by_id = {each.id: each for each in lines}
    taken: set[str] = set()
    for one, found in zip(entries, match(entries, lines), strict=True):
        for proposal in found.proposals:
            asked = sum((by_id[name].amount.amount for name in proposal.lines), Money.zero("EUR").amount)
            assert proposal.difference.amount == one.amount.amount - asked
            assert all(
                (by_id[name].amount > Money.zero("EUR")) == (one.amount > Money.zero("EUR")) for name in proposal.lines
            )
        if found.automatic:
            best, *others = found.proposals
            assert not best.difference
            assert all(best.score - other.score >= MARGIN for other in others)
            assert {reason.criterion for reason in best.reasons} - {Criterion.AMOUNT, Criterion.DATE}
            assert not taken.intersection(best.lines)
            taken.update(best.lines)


def test_nothing_is_proposed_of_nothing() -> None:
    assert match([], [INVOICE]) == []
    assert matched(entry("7.00"), INVOICE).proposals == ()
