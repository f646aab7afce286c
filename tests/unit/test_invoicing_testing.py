"""INV-11, INV-14: TEST documents leave no trace; TEST mode; the first document fixes the number format."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.commands import NumberingLocked, SetTestMode, UpdateCompany
from comptoir.access.execute import execute
from comptoir.access.items import COMPANY
from comptoir.access.model import Company, HistoryEntry, NumberFormat
from comptoir.access.queries import Listing
from comptoir.invoicing.cancelling import CancelInvoice, ReplaceInvoice
from comptoir.invoicing.commands import CreateInvoice, InvoiceOrder
from comptoir.invoicing.copying import DuplicateInvoice
from comptoir.invoicing.down_payments import CreateDownPayment
from comptoir.invoicing.drafting import NotDraft, NotIssued
from comptoir.invoicing.editing import DeleteDraft, UpdateDraft
from comptoir.invoicing.issue import IssueStatus, issue
from comptoir.invoicing.items import TEST
from comptoir.invoicing.model import DocumentStatus, DocumentSummary, DocumentView
from comptoir.invoicing.queries import (
    ListDocuments,
    ListDrafts,
    ListPartyDocuments,
    ListTests,
    ReadInvoice,
    ReadInvoiceHistory,
)
from comptoir.kernel.errors import Forbidden
from comptoir.kernel.text import sha256
from comptoir.ledger.events import TechnicalEvent
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName, Head
from comptoir.ledger.verify import KeyRing, verify
from comptoir.orders.model import LineInput
from comptoir.store import keys
from comptoir.store.backend import Operation
from tests.unit.invoicing_support import TERMS, Shop, codes, line, open_shop, wrap

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def everything(shop: Shop) -> dict[Any, Any]:
    return dict(shop.world.services.store.backend._items)  # type: ignore[attr-defined]


def events(shop: Shop) -> list[TechnicalEvent]:
    """The chain of technical events, once it is verified."""
    store, company, chain = shop.world.services.store, shop.world.company, ChainName.EVENTS
    head: Head = store.require(HEAD, keys.chain_head(company, chain)).value
    wanted = [keys.chain_entry(company, chain, number) for number in range(1, head.sequence + 1)]
    found = store.backend.get(wanted)
    entries = [ENTRY.load(found[key]) for key in wanted]
    ring = KeyRing({shop.world.signer.key_id: shop.world.signer.pem()})
    assert verify([entry.model_dump_json() for entry in entries], ring, [head]).intact
    return [TechnicalEvent.model_validate_json(entry.payload) for entry in entries]


def company(shop: Shop) -> tuple[Company, int]:
    stored = shop.world.services.store.require(COMPANY, keys.company(shop.world.company))
    return stored.value, stored.version


def mode(shop: Shop, on: bool) -> Company:
    request = SetTestMode(test_mode=on)
    return shop.world.do(Company, request, "administrator", if_match=company(shop)[1])


def makers(shop: Shop) -> dict[str, Callable[[], Any]]:
    """The request for a TEST of every kind, about an issued invoice and an order that are real."""
    order, _ = shop.confirmed(LineInput(designation="Bouée", quantity=Decimal(4), unit_price=Decimal(10)))
    invoice = shop.invoice(line("100"))
    told: dict[str, Any] = {"test": True}
    return {
        "direct": lambda: CreateInvoice(customer=shop.customer.id, terms=TERMS, lines=(line(),), **told),
        "order": lambda: InvoiceOrder(order=order.id, **told),
        "down payment": lambda: CreateDownPayment(order=order.id, percentage=Decimal(30), **told),
        "copy": lambda: DuplicateInvoice(document=invoice.id, **told),
        "credit note": lambda: shop.credit_request(invoice, **told),
        "cancellation": lambda: CancelInvoice(document=invoice.id, reason="Erreur", **told),
        "replacement": lambda: ReplaceInvoice(document=invoice.id, **told),
    }


KINDS = ["direct", "order", "down payment", "copy", "credit note", "cancellation", "replacement"]


@pytest.mark.parametrize("kind", KINDS)
def test_inv_11_a_test_leaves_nothing_but_itself_its_history_and_its_event(shop: Shop, kind: str) -> None:
    """No number, no chain of documents, no treasury, no quantity, no balance: the whole table before and after."""
    request = makers(shop)[kind]()
    before, numbers, told = everything(shop), shop.numbers(), events(shop)
    draft = shop.do(request)
    assert (draft.test, draft.status) == (True, DocumentStatus.DRAFT)
    [outcome] = shop.issue(draft)
    assert (outcome.outcome, outcome.number, outcome.sequence) == (IssueStatus.TESTED, None, None)
    after = everything(shop)
    own = keys.document(shop.world.company, draft.id).pk
    chain = keys.chain_head(shop.world.company, ChainName.EVENTS).pk
    changed = {key.pk for key in after if after[key] != before.get(key)}
    assert changed == {own, chain, keys.chain_block(shop.world.company, ChainName.EVENTS, len(told) + 1)}
    assert set(before) <= set(after)
    assert (shop.numbers(), shop.verdict().intact) == (numbers, True)
    [event] = events(shop)[len(told) :]
    content = shop.world.services.store.require(TEST, keys.document_test(shop.world.company, draft.id)).value
    assert (event.event, event.operator, event.operator_name) == (
        "document_tested",
        shop.world.operators["manager"],
        "Opérateur manager",
    )
    assert event.content == {
        "document": draft.id,
        "kind": draft.kind.value,
        "gross": draft.totals.gross.model_dump(mode="json"),
        "sha256": sha256(content.model_dump_json().encode()),
    }
    assert (content.test, content.number, content.totals) == (True, "TEST", draft.totals)
    tested = shop.read(draft)
    assert (tested.status, tested.number, tested.sequence, tested.issue_date) == (
        DocumentStatus.TESTED,
        None,
        None,
        TODAY,
    )


def test_inv_11_it_is_listed_with_tests_alone(shop: Shop) -> None:
    """Not among drafts, documents, those of the customer; its own page shows what it prints."""
    real, tests = shop.draft(), [shop.draft(test=True), shop.draft(test=True)]
    shop.issue(tests[0])

    def listed(request: Any) -> set[str]:
        return {one.id for one in shop.world.do(Listing[DocumentSummary], request).items}

    assert listed(ListTests()) == {one.id for one in tests}
    assert listed(ListDrafts()) == {real.id}
    assert listed(ListDocuments()) == set()
    assert listed(ListPartyDocuments(party=shop.customer.id)) == {real.id}
    view = shop.world.do(DocumentView, ReadInvoice(document=tests[0].id))
    assert view.snapshot is not None
    assert (view.snapshot.test, view.document.validated_by) == (True, "Opérateur manager")
    history = shop.world.do(Listing[HistoryEntry], ReadInvoiceHistory(document=tests[0].id)).items
    assert [one.event for one in history] == ["tested", "drafted"]
    shop.do(DeleteDraft(document=tests[1].id), if_match=1)
    assert listed(ListTests()) == {tests[0].id}


def test_inv_11_a_test_that_was_validated_stays_as_it_is(shop: Shop) -> None:
    draft = shop.draft(test=True)
    shop.issue(draft)
    before = everything(shop)
    assert shop.issue(shop.read(draft))[0].outcome is IssueStatus.TESTED
    assert everything(shop) == before
    for request in (UpdateDraft(document=draft.id, note="x"), DeleteDraft(document=draft.id)):
        with pytest.raises(NotDraft):
            shop.do(request, if_match=shop.version(draft))
    with pytest.raises(NotIssued):
        shop.do(shop.credit_request(draft))
    with pytest.raises(NotIssued):
        shop.do(CancelInvoice(document=draft.id, reason="x"))


def test_inv_11_it_meets_the_rules_of_a_real_one_but_those_of_numbers(shop: Shop) -> None:
    """What a real one would lack is told; the series and its dates are none of its matter."""
    shop.invoice()
    past, future = (shop.draft(test=True, wanted_date=TODAY + timedelta(days=days)) for days in (-30, 1))
    outcomes = shop.issue(past, future)
    assert [one.outcome for one in outcomes] == [IssueStatus.TESTED, IssueStatus.REFUSED]
    assert codes(outcomes) == [[], ["date_future"]]
    assert shop.read(past).issue_date == TODAY - timedelta(days=30)


def test_inv_11_tests_and_real_ones_in_one_block(shop: Shop) -> None:
    documents = [shop.draft(test=number % 2 == 0) for number in range(6)]
    outcomes = shop.issue(*documents)
    assert [one.number for one in outcomes] == [None, "FA2026-000001", None, "FA2026-000002", None, "FA2026-000003"]
    assert [one.event for one in events(shop)[-3:]] == ["document_tested"] * 3
    assert shop.verdict().entries == 3


def test_inv_11_in_test_mode_everything_drafted_is_a_test_and_nothing_real_is_issued(shop: Shop) -> None:
    """FIS-08: turning it on and off are technical events."""
    real = shop.draft()
    assert mode(shop, on=True).test_mode is True
    draft = shop.draft()
    assert draft.test is True
    outcomes = shop.issue(real, draft)
    assert codes(outcomes) == [["company_in_test_mode"], []]
    assert shop.head() is None
    assert mode(shop, on=False).test_mode is False
    [issued] = shop.issued(real)
    assert issued.number == "FA2026-000001"
    told = [(one.event, one.content.get("test_mode")) for one in events(shop)[-3:]]
    assert told == [("test_mode_on", True), ("document_tested", None), ("test_mode_off", False)]
    assert shop.read(draft).test is True
    with pytest.raises(Forbidden):
        shop.world.execute_as("manager", SetTestMode(test_mode=True), company(shop)[1])


def test_inv_11_turning_it_on_twice_is_one_event(shop: Shop) -> None:
    mode(shop, on=True)
    before = len(events(shop))
    mode(shop, on=True)
    assert len(events(shop)) == before


OTHER = NumberFormat(prefix="V{YYYY}-", digits=4, first=500)


def renumber(shop: Shop) -> Any:
    return shop.world.call("administrator", UpdateCompany(numbering=OTHER.model_dump(mode="json")), company(shop)[1])


def test_inv_14_the_format_is_free_before_the_first_document_and_fixed_from_it_on(shop: Shop) -> None:
    """TEST documents and refusals fix nothing."""
    shop.issue(shop.draft(test=True), shop.draft(wanted_date=TODAY + timedelta(days=1)))
    execute(renumber(shop), shop.world.services)
    assert [one.number for one in shop.issued(shop.draft(), shop.draft())] == ["V2026-0500", "V2026-0501"]
    back = UpdateCompany(numbering=NumberFormat().model_dump(mode="json"))
    with pytest.raises(NumberingLocked):
        shop.world.execute_as("administrator", back, company(shop)[1])
    same = shop.world.do(
        Company, UpdateCompany(numbering=OTHER.model_dump(mode="json")), "administrator", if_match=company(shop)[1]
    )
    assert same.numbering == OTHER


def test_inv_14_a_format_that_changes_while_the_first_is_numbered_counts(shop: Shop) -> None:
    """The block runs again with the format that it now has."""
    draft, services, done = shop.draft(), shop.world.services, list[bool]()

    def change(operations: list[Operation]) -> None:
        if not done:
            done.append(True)
            execute(renumber(shop), services)

    wrap(shop, change)  # type: ignore[arg-type]
    assert shop.issued(draft)[0].number == "V2026-0500"


def test_inv_14_a_first_document_numbered_while_the_format_changes_fixes_it(shop: Shop) -> None:
    draft, services, done = shop.draft(), shop.world.services, list[bool]()
    request = renumber(shop)

    def number(operations: list[Operation]) -> None:
        if not done:
            done.append(True)
            plain = Shop(shop.desk)
            plain.world.services = services
            plain.issued(draft)

    wrap(shop, number)  # type: ignore[arg-type]
    with pytest.raises(NumberingLocked):
        execute(request, shop.world.services)
    assert company(shop)[0].numbering == NumberFormat()


@pytest.mark.parametrize("run", range(5))
def test_inv_14_parallel_first_validations_and_a_change_of_format_agree(shop: Shop, run: int) -> None:
    """Whatever wins: all numbers are of one format, the company's."""
    documents = [shop.draft() for _ in range(6)]
    requests, barrier = [shop.request(one) for one in documents], threading.Barrier(7)
    results: list[Any] = []
    world = shop.world

    def write(position: int) -> None:
        barrier.wait()
        results.extend(issue(world.services, world.signer, world.company, [requests[position]]))

    def change() -> None:
        call = renumber(shop)
        barrier.wait()
        try:
            execute(call, world.services)
        except NumberingLocked:
            results.append(None)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)] + [threading.Thread(target=change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    final = company(shop)[0].numbering
    assert (final == NumberFormat()) == (None in results)
    first = final.first
    assert shop.numbers() == [final.show(first + n, TODAY) for n in range(6)]
