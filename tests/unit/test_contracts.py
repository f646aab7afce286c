"""Contracts as company data: concluded, changed, listed, lengthened (CTR-01, CTR-02, CTR-03, CTR-05)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.contracts.commands import (
    BillPeriodAgain,
    CompleteContractAction,
    ContractOver,
    CreateContract,
    LengthenContract,
    RenewContract,
    SavePriceIndex,
    UpdateContract,
)
from comptoir.contracts.items import ContractAction, ContractSummary
from comptoir.contracts.model import BilledPeriod, Contract, ContractStatus, Side
from comptoir.contracts.queries import (
    ListContractActions,
    ListContracts,
    ListPartyContracts,
    ReadContract,
    ReadContractHistory,
    ReadNextPeriod,
    Sort,
)
from comptoir.contracts.renewal import NothingToRenew, PeriodNotFree, ProposedPeriod
from comptoir.contracts.termination import TerminateContract
from comptoir.invoicing.editing import DeleteDraft
from comptoir.invoicing.model import DocumentStatus
from comptoir.kernel.errors import Forbidden, NotFound, Refused, VersionMismatch
from comptoir.parties.model import Party
from comptoir.purchasing.party_page import PartyPage, ReadPartyPage
from tests.unit.contracts_support import LINE, MONTH, YEAR, Agreements, open_agreements
from tests.unit.orders_support import customer_request
from tests.world import another_company


@pytest.fixture
def agreements() -> Agreements:
    return open_agreements()


def listed(agreements: Agreements, **asked: Any) -> list[str]:
    found = agreements.world.do(Listing[ContractSummary], ListContracts(**asked))
    return [each.name for each in found.items]


def test_a_contract_is_concluded_with_a_number_and_its_history(agreements: Agreements) -> None:
    """CTR-01, ACC-06."""
    made = agreements.conclude(duration=YEAR, tacit_renewal=True, notice=MONTH, tags=["Grand compte"])
    assert (made.number, made.status, made.billed_until) == ("CT-000001", ContractStatus.ACTIVE, None)
    assert made.lines[0].unit_price == Decimal("100.00")
    history = agreements.world.do(Listing[HistoryEntry], ReadContractHistory(contract=made.id)).items
    assert [entry.event for entry in history] == ["created"]


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"party": "0" * 26}, "unknown_party", "/party"),
        ({"duration": YEAR, "end": "2027-12-31"}, "duration_or_end", "/end"),
        ({"end": "2026-11-30"}, "ends_before_start", "/end"),
        ({"tacit_renewal": True}, "renewal_without_term", "/tacit_renewal"),
        ({"period": {"count": 10, "unit": "day"}}, "period_in_days", "/period/unit"),
        ({"template": "none"}, "unknown_template", "/template"),
        ({"custom": {"floors": "3"}}, "unknown_field", "/custom/floors"),
        ({"terms": [{"percentage": "40", "milestone": "invoice"}]}, "terms_not_whole", "/terms"),
        ({"indexation": {"index": "syntec", "base": "300"}}, "unknown_index", "/indexation/index"),
        ({"reminders": [{"label": "Appeler", "owner": "0" * 26}]}, "unknown_operator", "/reminders/0/owner"),
        ({"lines": [{"reference": "0" * 26}]}, "unknown_reference", "/lines/0/reference"),
        ({"lines": [{"designation": "Sans prix"}]}, "required", "/lines/0/unit_price"),
        ({"lines": [LINE | {"id": "0" * 26}]}, "unknown_line", "/lines/0/id"),
    ],
)
def test_what_is_wrong_is_named(agreements: Agreements, fields: dict[str, Any], code: str, pointer: str) -> None:
    """CTR-01."""
    given = {"party": agreements.customer.id, "name": "Maintenance", "start": "2026-12-01", "lines": [LINE]}
    request = CreateContract.model_validate(given | fields)
    with pytest.raises(Refused) as caught:
        agreements.world.execute_as("manager", request)
    assert (code, pointer) in [(breach.code, breach.pointer) for breach in caught.value.breaches]


def test_contracts_are_listed_by_renewal_and_sorted_and_filtered(agreements: Agreements) -> None:
    """CTR-02: those that renew first come first; by name, amount, party; by words, kind, side, day."""
    other = agreements.world.do(Party, customer_request(code="ZELE", name="Zélée Marine"))
    agreements.conclude(name="Bravo", duration=YEAR, tacit_renewal=True)
    agreements.conclude(name="Alpha", start="2026-06-15", duration=YEAR, kind="rental", party=other.id)
    dear = LINE | {"unit_price": "900"}
    agreements.conclude(name="Charlie", start="2026-09-01", duration=MONTH, lines=[dear], tags=["Océan"])
    assert listed(agreements) == ["Charlie", "Alpha", "Bravo"]
    assert listed(agreements, descending=True) == ["Bravo", "Alpha", "Charlie"]
    assert listed(agreements, renewing_until=date(2027, 6, 15)) == ["Charlie", "Alpha"]
    assert listed(agreements, sort=Sort.NAME) == ["Alpha", "Bravo", "Charlie"]
    assert listed(agreements, sort=Sort.AMOUNT, descending=True)[0] == "Charlie"
    assert listed(agreements, sort=Sort.PARTY)[-1] == "Alpha"
    assert listed(agreements, search="zelee") == listed(agreements, kind="rental") == ["Alpha"]
    assert listed(agreements, tag=("océan",)) == ["Charlie"]
    assert listed(agreements, side=Side.SUPPLIER) == listed(agreements, status=ContractStatus.ENDED) == []
    [own] = agreements.world.do(Listing[ContractSummary], ListPartyContracts(party=other.id)).items
    assert (own.name, own.renewal_on, own.due_on) == ("Alpha", date(2027, 6, 15), date(2026, 6, 15))


def test_a_change_keeps_what_is_not_sent_and_the_calendar_once_billed(agreements: Agreements) -> None:
    """CTR-01."""
    made = agreements.conclude(note="Merci")
    changed = agreements.world.do(Contract, UpdateContract(contract=made.id, name="Autre"), if_match=1)
    assert (changed.name, changed.note, changed.lines) == ("Autre", "Merci", made.lines)
    with pytest.raises(VersionMismatch):
        agreements.world.execute_as("manager", UpdateContract(contract=made.id, name="Vieux"), 1)
    agreements.renew(made)
    version = agreements.stored(made).version
    request = UpdateContract(contract=made.id, start="2026-12-05", period={"count": 1, "unit": "quarter"})
    assert agreements.refused(request, if_match=version) == ["calendar_fixed", "calendar_fixed"]
    shorter = UpdateContract(contract=made.id, end="2026-12-15")
    assert agreements.refused(shorter, if_match=version) == ["ends_before_billed"]


def test_renewing_by_hand_drafts_the_invoice_of_the_next_period(agreements: Agreements) -> None:
    """CTR-03: proposed first, then a draft as any other; a second click is another version."""
    made = agreements.conclude()
    proposal = agreements.world.do(ProposedPeriod, ReadNextPeriod(contract=made.id))
    assert (proposal.start, proposal.end, proposal.days) == (date(2026, 12, 1), date(2026, 12, 31), 31)
    billed = agreements.renew(made)
    assert (billed.start, billed.end, billed.net) == (proposal.start, proposal.end, proposal.net)
    draft = agreements.draft_of(billed.document or "")
    assert (draft.status, draft.totals.net.amount) == (DocumentStatus.DRAFT, Decimal("100.00"))
    assert draft.contract is not None
    assert (draft.contract.start, draft.period) == (billed.start, draft.period)
    [issued] = agreements.issued(draft)
    assert issued.number
    assert agreements.renew(made).start == date(2027, 1, 1)


def test_a_first_period_that_is_cut_is_billed_by_the_day(agreements: Agreements) -> None:
    """CTR-05: from the 11th to the end of a month of thirty days, by the anchor of the first."""
    made = agreements.conclude(start="2026-11-11", anchor="2026-11-01", lines=[LINE | {"unit_price": "90"}])
    billed = agreements.renew(made)
    assert (billed.days, billed.whole_days, billed.net.amount) == (20, 30, Decimal("60.00"))
    assert agreements.renew(made).net.amount == Decimal("90.00")


def test_an_index_revises_prices_and_a_missing_value_is_told(agreements: Agreements) -> None:
    """CTR-01: the value of the anniversary, kept by the periods of the year."""
    values: Any = [{"date": "2025-11-01", "value": "100"}]
    agreements.world.execute_as("manager", SavePriceIndex(price_index="syntec", name="Syntec", values=values))
    made = agreements.conclude(start="2025-12-01", period=YEAR, indexation={"index": "syntec", "base": "100"})
    assert agreements.renew(made).net.amount == Decimal("100.00")
    version = agreements.stored(made).version
    stale = SavePriceIndex(price_index="syntec", name="Syntec", values=())
    agreements.world.execute_as("manager", stale)
    assert agreements.refused(RenewContract(contract=made.id), if_match=version) == ["index_value_missing"]
    values = [{"date": "2026-10-01", "value": "104.5"}]
    agreements.world.execute_as("manager", SavePriceIndex(price_index="syntec", name="Syntec", values=values))
    assert agreements.renew(made).net.amount == Decimal("104.50")


def test_a_contract_with_a_supplier_is_followed_without_an_invoice(agreements: Agreements) -> None:
    """CTR-01: the periods of what a supplier bills."""
    supplier = agreements.world.do(Party, customer_request(code="ASSUR", name="Assureur", kinds=("supplier",)))
    made = agreements.conclude(party=supplier.id, side="supplier", kind="insurance", period=YEAR)
    billed = agreements.renew(made)
    assert (billed.document, billed.net.amount) == (None, Decimal("100.00"))


def test_a_term_begins_by_hand_where_it_does_not_by_itself(agreements: Agreements) -> None:
    """CTR-03: a contract of a month, lengthened by one."""
    made = agreements.conclude(duration=MONTH)
    agreements.renew(made)
    with pytest.raises(NothingToRenew):
        agreements.renew(made)
    version = agreements.stored(made).version
    longer = agreements.world.do(Contract, LengthenContract(contract=made.id), if_match=version)
    assert longer.renewals == 1
    assert agreements.renew(made).start == date(2027, 1, 1)
    tacit = agreements.conclude(duration=MONTH, tacit_renewal=True)
    with pytest.raises(ContractOver):
        agreements.world.execute_as("manager", LengthenContract(contract=tacit.id), 1)


def test_an_action_comes_so_many_days_ahead_and_is_done_once(agreements: Agreements) -> None:
    """CTR-05: a call thirty days before the renewal."""
    owner = agreements.world.operators["sales"]
    reminders = [{"label": "Appeler le client", "days_ahead": 30, "owner": owner}]
    agreements.conclude(duration=YEAR, tacit_renewal=True, period=YEAR, reminders=reminders, billing="arrears")
    agreements.night(date(2027, 10, 31))
    assert agreements.world.do(Listing[ContractAction], ListContractActions()).items == ()
    agreements.night(date(2027, 11, 1))
    agreements.night(date(2027, 11, 2))
    [action] = agreements.world.do(Listing[ContractAction], ListContractActions(mine=True), "sales").items
    assert (action.due_on, action.event_day, action.label) == (
        date(2027, 11, 1),
        date(2027, 12, 1),
        "Appeler le client",
    )
    done = agreements.world.do(ContractAction, CompleteContractAction(contract_action=action.id), "sales")
    assert done.done_by == "Opérateur sales"
    assert agreements.world.do(Listing[ContractAction], ListContractActions()).items == ()


def test_who_may_not_edit_contracts_does_not(agreements: Agreements) -> None:
    """ACC-03, ACC-05."""
    made = agreements.conclude()
    with pytest.raises(Forbidden):
        agreements.world.execute_as("purchasing", UpdateContract(contract=made.id, name="Non"), 1)
    other = open_agreements(another_company(agreements.world))
    with pytest.raises(NotFound):
        other.world.execute_as("manager", ReadContract(contract=made.id))


def test_what_is_late_and_what_renews_soon_is_flagged_on_lists_and_on_the_party(agreements: Agreements) -> None:
    """CTR-02, PTY-04: late ones first; another profile sees none of them."""
    agreements.conclude(name="Plus tard", start="2027-06-01")
    agreements.conclude(name="Bientôt", start="2026-12-21")
    agreements.conclude(name="En retard", start="2026-11-20")
    agreements.conclude(name="Aujourd'hui", start="2026-11-21")
    party = agreements.customer.id
    expected = [("En retard", "late"), ("Aujourd'hui", "soon"), ("Bientôt", "soon"), ("Plus tard", None)]
    listed = [agreements.world.do(Listing[ContractSummary], ListContracts()).items]
    listed.append(agreements.world.do(Listing[ContractSummary], ListPartyContracts(party=party)).items)
    listed.append(agreements.world.do(PartyPage, ReadPartyPage(party=party)).contracts)
    assert [[(each.name, each.flag) for each in items] for items in listed] == [expected] * 3
    assert agreements.world.do(PartyPage, ReadPartyPage(party=party), "accountant").contracts == ()


def again(agreements: Agreements, contract: Contract, day: date) -> BilledPeriod:
    request = BillPeriodAgain(contract=contract.id, day=day)
    return agreements.world.do(BilledPeriod, request, if_match=agreements.stored(contract).version)


def test_a_period_whose_draft_was_deleted_is_drafted_again_at_the_prices_of_its_year(agreements: Agreements) -> None:
    """CTR-03: not while its draft or its invoice stands; nor one that was never billed."""
    made = agreements.conclude(start="2025-11-01", period=YEAR, indexation={"rate": "2"})
    first, second = agreements.renew(made), agreements.renew(made)
    for day in (second.start, date(2027, 11, 1)):
        with pytest.raises(PeriodNotFree):
            again(agreements, made, day)
    agreements.world.execute_as("manager", DeleteDraft(document=second.document or ""), if_match=1)
    billed = again(agreements, made, second.start)
    assert (billed.net, billed.start, billed.end) == (second.net, second.start, second.end)
    assert billed.document != second.document
    draft = agreements.draft_of(billed.document or "")
    assert draft.contract is not None
    assert (draft.totals.net.amount, draft.contract.start) == (Decimal("102.00"), second.start)
    assert [each.document for each in agreements.periods(made)] == [first.document, billed.document]
    agreements.issued(draft)
    with pytest.raises(PeriodNotFree):
        again(agreements, made, second.start)


def test_a_period_drafted_again_after_the_contract_was_ended_is_billed_to_its_last_day(agreements: Agreements) -> None:
    """CTR-03, CTR-06: the days that are used, and no more."""
    made = agreements.conclude(start="2026-11-01", lines=[LINE | {"unit_price": "300"}])
    billed = agreements.renew(made)
    agreements.world.execute_as("manager", DeleteDraft(document=billed.document or ""), if_match=1)
    ending = TerminateContract(contract=made.id, last_day=date(2026, 11, 10), reason="Vente", override="Accord")
    agreements.world.execute_as("manager", ending, if_match=agreements.stored(made).version)
    part = again(agreements, made, billed.start)
    assert (part.end, part.days, part.whole_days, part.net.amount) == (date(2026, 11, 10), 10, 30, Decimal("100.00"))
