"""Ending a contract with a date and a reason, its unused periods credited by drafts (CTR-06)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.contracts.commands import ContractOver, UpdateContract
from comptoir.contracts.model import Contract, ContractStatus
from comptoir.contracts.renewal import NothingToRenew
from comptoir.contracts.termination import TerminateContract, Terminated
from comptoir.invoicing.model import DocumentStatus
from comptoir.kernel.spans import days_in
from tests.unit.contracts_support import LINE, MONTH, YEAR, Agreements, open_agreements


@pytest.fixture
def agreements() -> Agreements:
    return open_agreements()


def ending(contract: Contract, last: date, **fields: Any) -> TerminateContract:
    return TerminateContract(contract=contract.id, last_day=last, reason="Vente du matériel", **fields)


def end(agreements: Agreements, contract: Contract, last: date, **fields: Any) -> Terminated:
    version = agreements.stored(contract).version
    return agreements.world.do(Terminated, ending(contract, last, **fields), if_match=version)


def billed_year(agreements: Agreements, **fields: Any) -> Contract:
    """A year billed in advance, its invoice issued."""
    made = agreements.conclude(start="2026-11-01", period=YEAR, **fields)
    agreements.issued(agreements.draft_of(agreements.renew(made).document or ""))
    return made


def test_the_unused_days_of_a_billed_year_are_credited_by_a_draft(agreements: Agreements) -> None:
    """CTR-06: 365 days billed, 184 of them unused; the draft credit note is validated as any other."""
    made = billed_year(agreements, lines=[LINE | {"unit_price": "365"}, LINE | {"unit_price": "73", "vat_rate": "5.5"}])
    told = end(agreements, made, date(2027, 4, 30))
    assert told.contract.termination is not None
    assert told.contract.termination.reason == "Vente du matériel"
    [note] = told.credit_notes
    draft = agreements.draft_of(note)
    assert (draft.status, draft.totals.net.amount) == (DocumentStatus.DRAFT, Decimal("184.00") + Decimal("36.80"))
    [period] = agreements.periods(made)
    assert period.credit_note == note
    [issued] = agreements.issued(draft)
    assert issued.number


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(last=st.dates(date(2026, 11, 1), date(2027, 10, 30)), price=st.integers(1, 10**6))
def test_what_is_credited_and_what_is_used_make_the_period(last: date, price: int) -> None:
    """CTR-05, CTR-06: by the day, rounded once; never more than was billed."""
    agreements = open_agreements()
    amount = Decimal(price) / 100
    made = billed_year(agreements, lines=[LINE | {"unit_price": str(amount)}])
    told = end(agreements, made, last, override="Accord")
    unused = days_in(last, date(2027, 10, 31)) - 1
    exact = amount * unused / 365
    credited = sum((agreements.draft_of(note).totals.net.amount for note in told.credit_notes), Decimal(0))
    assert abs(credited - exact) <= Decimal("0.005")
    assert credited <= amount


def test_notice_is_respected_or_its_breach_is_motivated(agreements: Agreements) -> None:
    """CTR-01, CTR-06."""
    made = agreements.conclude(duration=YEAR, tacit_renewal=True, notice=MONTH)
    early = ending(made, date(2027, 3, 31))
    assert agreements.refused(early, if_match=1) == ["notice_not_respected"]
    assert end(agreements, made, date(2027, 3, 31), override="Accord des parties").contract.termination


def test_a_draft_of_an_unused_period_is_settled_first(agreements: Agreements) -> None:
    """CTR-06: nothing is invoiced that was ended."""
    made = agreements.conclude()
    billed = agreements.renew(made)
    version = agreements.stored(made).version
    assert agreements.refused(ending(made, date(2026, 12, 15)), if_match=version) == ["period_still_draft"]
    agreements.issued(agreements.draft_of(billed.document or ""))
    assert len(end(agreements, made, date(2026, 12, 15)).credit_notes) == 1


def test_an_ended_contract_renews_and_changes_no_more(agreements: Agreements) -> None:
    """CTR-06, CTR-04: the last period is cut at the last day, then it is over."""
    made = agreements.conclude()
    end(agreements, made, date(2027, 1, 15))
    agreements.night(date(2027, 1, 20))
    assert [(each.end, each.net.amount) for each in agreements.periods(made)] == [
        (date(2026, 12, 31), Decimal("100.00")),
        (date(2027, 1, 15), Decimal("48.39")),
    ]
    assert agreements.contract(made).status is ContractStatus.ENDED
    version = agreements.stored(made).version
    for request in (UpdateContract(contract=made.id, name="Non"), ending(made, date(2027, 1, 1))):
        with pytest.raises(ContractOver):
            agreements.world.execute_as("manager", request, version)
    with pytest.raises(NothingToRenew):
        agreements.renew(made)


@pytest.mark.parametrize(
    ("last", "fields", "code"),
    [
        (date(2026, 11, 30), {}, "ends_before_start"),
        (date(2027, 1, 1), {"notified_on": date(2027, 2, 1)}, "date_future"),
    ],
)
def test_what_cannot_be_is_named(agreements: Agreements, last: date, fields: dict[str, Any], code: str) -> None:
    made = agreements.conclude()
    assert code in agreements.refused(ending(made, last, **fields), if_match=1)
