"""INV-02, FIS-01: the primitive that numbers, signs and issues drafts in blocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from comptoir.invoicing.editing import UpdateDraft
from comptoir.invoicing.issue import IssueStatus, issue
from comptoir.invoicing.model import DocumentStatus, OrderQuantity
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.orders.model import LineInput
from comptoir.store import keys
from comptoir.treasury.model import TreasuryStatus
from tests.unit.invoicing_support import TERMS, Shop, back, codes, drafts, line, open_shop, stored, wrap
from tests.world import another_company

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.mark.parametrize("count", [1, 10, 32, 100])
def test_inv_02_a_block_is_numbered_in_its_order_with_one_read_one_write_and_one_signature(
    shop: Shop, count: int
) -> None:
    """Per block of at most 32; a key set of more than 100 is a second BatchGetItem."""
    documents = drafts(shop, count)
    requests, signed, counted = [shop.request(one) for one in documents], shop.world.signer.calls, wrap(shop)
    outcomes = issue(shop.world.services, shop.world.signer, shop.world.company, requests)
    blocks = -(-count // 32)
    assert counted.calls == ["get", "write"] * blocks
    assert shop.world.signer.calls - signed == blocks
    assert [one.number for one in outcomes] == [f"FA2026-{n:06d}" for n in range(1, count + 1)]
    assert [one.sequence for one in outcomes] == list(range(1, count + 1))
    assert [one.document for one in outcomes] == [one.id for one in documents]
    assert shop.numbers() == [one.number for one in outcomes]
    assert sum(entry.signature is not None for entry in shop.entries()) == blocks
    assert shop.verdict().intact


def test_inv_02_an_issued_document_is_its_snapshot(shop: Shop) -> None:
    """INV-07, ACC-06: the lines live in the chain alone, with who issued them and when."""
    draft = shop.draft(line("10", "3"), note="Merci")
    [after] = shop.issued(draft)
    content = shop.snapshot(after)
    assert (after.status, after.lines, after.totals) == (DocumentStatus.ISSUED, (), draft.totals)
    assert (after.number, after.sequence, after.issue_date) == ("FA2026-000001", 1, TODAY)
    assert (content.number, content.document, content.issue_date) == (after.number, draft.id, TODAY)
    assert content.lines == tuple(one.priced for one in draft.lines)
    assert content.totals == draft.totals
    assert (content.operator, content.operator_id) == ("Opérateur manager", shop.world.operators["manager"])
    assert (content.issued_at, content.note) == (shop.world.clock.now(), "Merci")
    [treasury] = shop.of_document(after).lines
    assert (treasury.status, treasury.amount, treasury.document) == (
        TreasuryStatus.INVOICED,
        draft.totals.gross,
        draft.id,
    )


def test_inv_02_a_refused_document_takes_no_number_and_holds_nobody_back(shop: Shop) -> None:
    documents = drafts(shop, 5)
    for index in (1, 3):
        request = UpdateDraft(document=documents[index].id, wanted_date=TODAY + timedelta(days=1))
        shop.do(request, if_match=1)
    outcomes = shop.issue(*documents)
    assert codes(outcomes) == [[], ["date_future"], [], ["date_future"], []]
    assert [one.number for one in outcomes] == ["FA2026-000001", None, "FA2026-000002", None, "FA2026-000003"]
    assert shop.verdict().entries == 3
    assert [shop.refusal(documents[index]) is not None for index in range(5)] == [False, True, False, True, False]


def test_inv_02_a_block_of_refusals_signs_nothing(shop: Shop) -> None:
    draft = shop.draft(wanted_date=TODAY + timedelta(days=1))
    signed = shop.world.signer.calls
    shop.issue(draft)
    assert shop.world.signer.calls == signed
    assert shop.head() is None


def test_inv_02_the_same_document_twice_in_a_block_is_issued_once(shop: Shop) -> None:
    draft, other = drafts(shop, 2)
    outcomes = shop.issue(draft, other, draft)
    assert [one.number for one in outcomes] == ["FA2026-000001", "FA2026-000002", "FA2026-000001"]
    assert len(shop.entries()) == 2


def test_inv_02_a_document_issued_already_answers_its_number(shop: Shop) -> None:
    """The answer may have been lost: asking again, in any version, changes nothing."""
    [after] = shop.issued(shop.draft())
    before = stored(shop)
    again = shop.issue(after)[0]
    assert (again.outcome, again.number, again.sequence) == (IssueStatus.ISSUED, after.number, 1)
    assert stored(shop) == before


def test_inv_02_two_documents_of_one_order_share_its_treasury(shop: Shop) -> None:
    order, [product] = shop.confirmed(LineInput(designation="Bouée", quantity=Decimal(10), unit_price=Decimal(10)))
    parts = [
        shop.invoice_order(order, quantities=(OrderQuantity(line=product.id, quantity=Decimal(quantity)),))
        for quantity in ("3", "7")
    ]
    shop.issued(*parts)
    lines = shop.of_order(order).lines
    assert {one.status for one in lines} == {TreasuryStatus.INVOICED}
    worth = {part.id: sum(one.amount.amount for one in lines if one.document == part.id) for part in parts}
    assert worth == {parts[0].id: Decimal("36.00"), parts[1].id: Decimal("84.00")}


def test_inv_02_credit_notes_of_one_invoice_in_one_block(shop: Shop) -> None:
    invoice = shop.invoice(line("10", "4"))
    shop.issued(*(shop.credit(invoice, back(1, "1")) for _ in range(3)))
    kinds = [one.status for one in shop.of_document(invoice).lines]
    assert kinds == [TreasuryStatus.INVOICED, *[TreasuryStatus.CREDIT_TO_DEDUCT] * 3]


def test_inv_02_dates_never_go_back(shop: Shop) -> None:
    """A past date that was chosen holds while nothing later is numbered, in the block as before it."""
    past, today, late = date(2026, 11, 20), shop.draft(), shop.draft(wanted_date=date(2026, 11, 20))
    first = shop.draft(wanted_date=past)
    outcomes = shop.issue(first, today, late)
    assert codes(outcomes) == [[], [], ["date_before_last_document"]]
    assert [shop.read(one).issue_date for one in (first, today, late)] == [past, TODAY, None]
    assert "21/11/2026" in outcomes[2].breaches[0].fr


def test_fis_03_nothing_is_issued_in_a_closed_period(shop: Shop) -> None:
    periods = Periods(through=date(2026, 10, 31))
    shop.world.services.store.transact(lambda tx: tx.put(PERIODS, keys.periods(shop.world.company), periods))
    closed, opened = shop.draft(wanted_date=date(2026, 10, 31)), shop.draft(wanted_date=date(2026, 11, 1))
    assert codes(shop.issue(closed, opened)) == [["period_closed"], []]


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-12-31T22:59:59+00:00", date(2026, 12, 31)),
        ("2026-12-31T23:00:00+00:00", date(2027, 1, 1)),
        ("2027-06-30T21:59:59+00:00", date(2027, 6, 30)),
        ("2027-06-30T22:00:00+00:00", date(2027, 7, 1)),
        ("2027-03-27T23:00:00+00:00", date(2027, 3, 28)),
        ("2027-03-28T21:59:59+00:00", date(2027, 3, 28)),
        ("2027-03-28T22:00:00+00:00", date(2027, 3, 29)),
        ("2027-10-30T22:00:00+00:00", date(2027, 10, 31)),
        ("2027-10-31T22:59:59+00:00", date(2027, 10, 31)),
    ],
)
def test_inv_02_the_date_is_that_of_paris_at_midnight_and_when_the_clock_changes(
    shop: Shop, instant: str, expected: date
) -> None:
    shop.world.clock.advance(datetime.fromisoformat(instant) - shop.world.clock.now())
    invoice = shop.invoice()
    assert invoice.issue_date == expected
    assert invoice.number == f"FA{expected.year}-000001"


def test_inv_02_a_clock_behind_the_last_date_follows_the_series(shop: Shop) -> None:
    """Two functions' clocks may differ around midnight: what nobody dated comes after what is numbered."""
    shop.world.wait(hours=14)
    invoice = shop.invoice()
    shop.world.clock.advance(timedelta(hours=-1))
    chosen = shop.draft(wanted_date=TODAY)
    outcomes = shop.issue(shop.draft(), shop.credit(invoice), chosen)
    assert codes(outcomes) == [[], [], ["date_before_last_document"]]
    assert [one.number for one in outcomes] == ["FA2026-000002", "FA2026-000003", None]
    head = shop.head()
    assert head is not None
    assert (head.last_date, head.last_number, head.sequence) == (date(2026, 11, 22), 3, 3)


def test_inv_02_another_company_has_its_own_series(shop: Shop) -> None:
    shop.invoice()
    other = open_shop(another_company(shop.world))
    assert other.invoice(terms=TERMS).number == "FA2026-000001"
    assert shop.invoice().number == "FA2026-000002"
    assert [len(one.entries()) for one in (shop, other)] == [2, 1]
