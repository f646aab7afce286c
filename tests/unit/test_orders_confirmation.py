"""Confirming an order through `execute`: effects, refusals, locks, twice and in parallel (CNF-01 to CNF-04, CNF-07)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.commands import SaveProfile
from comptoir.access.execute import Reply, Request
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.kernel.errors import DomainError, Refused, VersionMismatch
from comptoir.kernel.money import Money
from comptoir.orders import rules
from comptoir.orders.commands import CancelOffer, SetOfferLines, UpdateOffer
from comptoir.orders.confirmation import ConfirmationRefused, ConfirmationRequest, ConfirmOrder
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.items import read_lines
from comptoir.orders.model import CONFIRMATION, LineInput, Milestone, OfferFields, Order, OrderStatus
from comptoir.orders.queries import ReadOrder, ReadOrderHistory
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import apply_confirmation, check_confirmation
from comptoir.parties.commands import UpdateParty
from comptoir.parties.model import Contact, PartyFields
from comptoir.store.backend import Backend, Operation
from comptoir.store.record import Key, Record
from comptoir.treasury.model import TreasuryStatus
from tests.unit.orders_support import Desk, on_backend, open_desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def events(desk: Desk, order: Order) -> list[str]:
    history = desk.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id, limit=100))
    return [entry.event for entry in history.items]


def refusal(desk: Desk, request: Request, version: int) -> DomainError:
    with pytest.raises(DomainError) as error:
        desk.world.execute_as("manager", request, version)
    return error.value


def codes(error: DomainError) -> list[str]:
    return [breach.code for breach in error.breaches] if isinstance(error, Refused) else [error.code]


def change_customer(desk: Desk, **fields: Any) -> None:
    party = desk.customer
    given = {name: getattr(party, name) for name in PartyFields.model_fields}
    version = desk.world.services.store.backend.get([_party_key(desk)])[_party_key(desk)].version
    desk.world.execute_as("manager", UpdateParty(**(given | {"party": party.id} | fields)), version)


def _party_key(desk: Desk) -> Key:
    return Key(f"{desk.world.company}#PARTY#{desk.customer.id}", "HEAD")


def event_of(desk: Desk, order: Order, version: int, attempt: int = 1, operator: str | None = None) -> dict[str, Any]:
    who = operator or desk.world.operators["manager"]
    confirmation = {"date": "2026-11-21", "operator": who, "order_version": version}
    asked = ConfirmationRequest.model_validate({"order": order.id, "attempt": attempt, "confirmation": confirmation})
    return {"company": desk.world.company, "request": asked.model_dump(mode="json")}


def test_confirming_has_every_effect(desk: Desk) -> None:
    """CNF-02, CNF-03: status, what was entered, milestone, history, treasury firm."""
    order, version = desk.quoted("100.00", "33.33")
    done = desk.confirm(
        order,
        version,
        date=date(2026, 11, 3),
        internal_reference="AFF-7",
        technical_validation="Stock disponible",
        means="mail",
    )
    assert done.status is OrderStatus.CONFIRMED
    assert done.confirmation is not None
    entered = done.confirmation.model_dump(include={"date", "internal_reference", "technical_validation", "means"})
    assert list(entered.values()) == [date(2026, 11, 3), "AFF-7", "Stock disponible", "mail"]
    assert done.confirmation.operator == desk.world.operators["manager"]
    assert done.milestones[0] == Milestone(name=CONFIRMATION, forecast=date(2026, 12, 1), actual=date(2026, 11, 3))
    assert [(line.status, line.amount.amount, line.forecast_date) for line in desk.treasury(order).lines] == [
        (TreasuryStatus.FIRM, Decimal("48.00"), date(2026, 11, 3)),
        (TreasuryStatus.FIRM, Decimal("112.00"), date(2027, 2, 28)),
    ]
    assert set(events(desk, order)[:2]) == {"confirmed", "treasury_firm"}


class Writes:
    """A backend that remembers what each transaction writes, and can fail around one."""

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.transactions: list[list[Operation]] = []
        self.before: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        return self.inner.get(keys)

    def write(self, operations: Sequence[Operation]) -> None:
        before, self.before = self.before, lambda: None
        before()
        self.inner.write(operations)
        self.transactions.append(list(operations))


def test_all_effects_are_one_transaction(desk: Desk) -> None:
    """CNF-03: all or nothing; quote and customer are held as the criteria saw them."""
    order, version = desk.quoted("100.00")
    spy = Writes(desk.world.services.store.backend)
    answer = apply_confirmation(on_backend(desk.world.services, spy), event_of(desk, order, version))
    assert answer == {"outcome": "confirmed"}
    [operations] = spy.transactions
    places = sorted(operation.key.sk.partition("#")[0] for operation in operations)
    assert places == ["HEAD", "HEAD", "HISTORY", "HISTORY", "QUOTE", "TREASURY"]


def test_the_date_is_today_unless_told_and_never_future(desk: Desk) -> None:
    """CNF-02."""
    order, version = desk.quoted("1.00")
    assert codes(refusal(desk, ConfirmOrder(order=order.id, date=date(2026, 11, 22)), version)) == ["date_future"]
    done = desk.confirm(order, version)
    assert done.confirmation is not None
    assert done.confirmation.date == date(2026, 11, 21)


def test_a_refusal_tells_every_criterion(desk: Desk) -> None:
    """CNF-01: 422 with the whole list, and nothing has changed."""
    order, version = desk.offer("1.00", contact="Nobody", milestones=())
    error = refusal(desk, ConfirmOrder(order=order.id), version)
    assert isinstance(error, ConfirmationRefused)
    assert error.status == 422
    assert codes(error) == ["quote_missing", "term_without_date", "term_without_date", "contact_missing"]
    assert desk.world.execute_as("manager", ReadOrder(order=order.id)).version == version


def test_an_order_that_is_no_offer_answers_409(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    reply = desk.world.execute_as("manager", CancelOffer(order=order.id), version)
    error = refusal(desk, ConfirmOrder(order=order.id), reply.version or 0)
    assert (error.status, codes(error)) == (409, ["not_an_offer"])


def test_confirming_needs_the_version_that_was_seen(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    assert isinstance(refusal(desk, ConfirmOrder(order=order.id), version - 1), VersionMismatch)
    assert desk.workflows.runs == {}


def test_what_is_mended_elsewhere_can_be_confirmed_at_the_same_version(desk: Desk) -> None:
    """A refused attempt is over: asking again is another run, though the order itself did not change."""
    order, version = desk.quoted("1.00")
    change_customer(desk, contacts=(Contact(name="Yann Kerbrat"),))
    for _ in range(2):
        assert codes(refusal(desk, ConfirmOrder(order=order.id), version)) == ["contact_unreachable"]
    change_customer(desk, contacts=(Contact(name="Yann Kerbrat", email="yann@leon.example"),))
    assert desk.confirm(order, version).status is OrderStatus.CONFIRMED
    base = f"confirm-{order.id}-{version}"
    assert list(desk.workflows.runs) == [base, f"{base}-2", f"{base}-3"]


def test_an_operator_without_the_permission_at_the_time_is_refused(desk: Desk) -> None:
    """CNF-01 criterion 1 is judged when the effects are applied, not only when they are asked for."""
    order, version = desk.quoted("1.00")
    event = event_of(desk, order, version)
    taken = SaveProfile(code="manager", name="Responsable", permissions=())
    desk.world.execute_as("administrator", taken, 1)
    for task in (check_confirmation, apply_confirmation):
        answer = task(desk.world.services, event)
        assert answer["outcome"] == "refused"
        assert [breach["code"] for breach in answer["breaches"]] == ["confirmation_not_permitted"]


def test_an_edit_between_check_and_effects_is_not_confirmed(desk: Desk) -> None:
    """CNF-07: the order confirmed is the one that was seen; the caller gets 412 and may look again."""
    order, version = desk.quoted("100.00")

    def edit() -> None:
        lines = desk.lines("100.00", "900.00")
        desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=lines), version)

    real = desk.workflows.tasks["apply_confirmation"]

    def edited_first(services: Any, event: Any) -> dict[str, Any]:
        edit()
        return real(services, event)

    desk.workflows.tasks["apply_confirmation"] = edited_first
    assert isinstance(refusal(desk, ConfirmOrder(order=order.id), version), VersionMismatch)
    desk.workflows.tasks["apply_confirmation"] = real
    assert {line.status for line in desk.treasury(order).lines} == {TreasuryStatus.FORECAST}
    assert desk.confirm(order, version + 1).totals.net == Money.of(1000, "EUR")


def test_an_edit_while_the_effects_are_written_is_not_confirmed(desk: Desk) -> None:
    """The transaction itself holds the version, the quote and the customer."""
    order, version = desk.quoted("100.00")
    spy = Writes(desk.world.services.store.backend)
    lines = desk.lines("5.00")
    spy.before = lambda: _ignore(desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=lines), version))
    answer = apply_confirmation(on_backend(desk.world.services, spy), event_of(desk, order, version))
    assert (answer["outcome"], answer["breaches"][0]["code"]) == ("refused", "version_mismatch")


def test_a_customer_spoiled_while_the_effects_are_written_is_not_confirmed(desk: Desk) -> None:
    order, version = desk.quoted("100.00")
    spy = Writes(desk.world.services.store.backend)
    spy.before = lambda: change_customer(desk, contacts=())
    answer = apply_confirmation(on_backend(desk.world.services, spy), event_of(desk, order, version))
    assert [breach["code"] for breach in answer["breaches"]] == ["contact_missing"]


def _ignore(reply: Reply) -> None:
    assert reply.status == 200


def test_the_tasks_done_twice_confirm_once(desk: Desk) -> None:
    """CNF-07: a task that crashed after its write finds it done."""
    order, version = desk.quoted("1.00")
    event = event_of(desk, order, version)
    assert check_confirmation(desk.world.services, event) == {"outcome": "ready"}
    for _ in range(3):
        assert apply_confirmation(desk.world.services, event) == {"outcome": "confirmed"}
        assert check_confirmation(desk.world.services, event) == {"outcome": "confirmed"}
    assert events(desk, order).count("confirmed") == 1


def test_sixteen_operators_at_once_confirm_once(desk: Desk) -> None:
    """CNF-07: one run, one effect, everybody told the same."""
    order, version = desk.quoted("100.00")
    request = ConfirmOrder(order=order.id)
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: desk.world.execute_as("manager", request, version), range(16)))
    assert {reply.status for reply in replies} <= {200, 202}
    assert any(reply.status == 200 for reply in replies)
    assert len(desk.workflows.runs) == 1
    assert events(desk, order).count("confirmed") == 1
    assert events(desk, order).count("treasury_firm") == 1


def test_parallel_runs_of_the_effects_confirm_once(desk: Desk) -> None:
    """Two executions that apply at the same time: the memory backend is atomic between threads."""
    order, version = desk.quoted("100.00")
    event = event_of(desk, order, version)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: apply_confirmation(desk.world.services, event), range(24)))
    assert answers == [{"outcome": "confirmed"}] * 24
    assert events(desk, order).count("confirmed") == 1


def test_a_request_repeated_with_its_key_gets_the_confirmed_order(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    replies = [
        desk.world.execute_as("manager", ConfirmOrder(order=order.id), version, idempotency_key="k") for _ in range(2)
    ]
    assert replies[0] == replies[1]
    assert Order.model_validate_json(replies[0].body).status is OrderStatus.CONFIRMED


class Slow:
    """A workflow engine that has not come to it yet."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def start(self, machine: str, name: str, payload: Any) -> None:
        self.names.append(name)


def test_an_undecided_confirmation_answers_202_and_is_joined(desk: Desk) -> None:
    """Within ten seconds or a place to look; a run that outlived its time is given up for another."""
    order, version = desk.quoted("1.00")
    pauses: list[float] = []
    engine = Slow()
    services = desk.world.services
    desk.world.services = type(services)(**(services.__dict__ | {"workflows": engine, "pause": pauses.append}))
    replies = [desk.world.execute_as("manager", ConfirmOrder(order=order.id), version) for _ in range(2)]
    assert [reply.status for reply in replies] == [202, 202]
    assert sum(pauses) / 2 <= 11
    desk.world.wait(minutes=15)
    desk.world.execute_as("manager", ConfirmOrder(order=order.id), version)
    base = f"confirm-{order.id}-{version}"
    assert engine.names == [base, base, f"{base}-2"]


def test_a_late_refusal_of_an_older_attempt_is_not_taken_for_the_newer_one(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    change_customer(desk, contacts=(Contact(name="Yann Kerbrat"),))
    refusal(desk, ConfirmOrder(order=order.id), version)
    desk.workflows.tasks["check_confirmation"] = lambda services, event: {"outcome": "unknown"}
    reply = desk.world.execute_as("manager", ConfirmOrder(order=order.id), version)
    assert reply.status == 202
    assert check_confirmation(desk.world.services, event_of(desk, order, version, attempt=1))["outcome"] == "refused"
    assert desk.world.execute_as("manager", ConfirmOrder(order=order.id), version).status == 202


def head_update(order: Order, **fields: Any) -> UpdateOffer:
    given = {name: getattr(order, name) for name in OfferFields.model_fields}
    return UpdateOffer(**(given | {"order": order.id} | fields))


def test_after_confirmation_products_and_prices_are_fixed(desk: Desk) -> None:
    """CNF-04: no product added or removed, prices fixed, quantities may change and move the firm treasury."""
    order, version = desk.quoted("100.00", "50.00")
    order, version = desk.confirm(order, version), version + 1
    lines = [LineInput(**line.__dict__) for line in read_lines(desk.world.services.store, desk.world.company, order)]
    attempts: dict[str, tuple[LineInput, ...]] = {
        "products_fixed": (*lines, *desk.lines("1.00")),
        "price_fixed": (lines[0].change(unit_price=Decimal(1)), lines[1]),
    }
    for code, entered in attempts.items():
        assert codes(refusal(desk, SetOfferLines(order=order.id, lines=entered), version)) == [code]
    assert codes(refusal(desk, SetOfferLines(order=order.id, lines=lines[:1]), version)) == ["products_fixed"]
    more = (lines[0].change(quantity=Decimal(2)), lines[1])
    reply = desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=more), version)
    assert Order.model_validate_json(reply.body).totals.gross == Money.of(300, "EUR")
    treasury = desk.treasury(order).lines
    assert [(line.status, line.amount.amount) for line in treasury] == [
        (TreasuryStatus.FIRM, Decimal("90.00")),
        (TreasuryStatus.FIRM, Decimal("210.00")),
    ]


def test_after_confirmation_the_quote_and_the_import_are_locked(desk: Desk) -> None:
    """CNF-04."""
    order, version = desk.quoted("1.00")
    desk.confirm(order, version)
    file = ImportOfferLines(order=order.id, file=b"D\xc3\xa9signation;Quantit\xc3\xa9\nA;1", filename="a.csv")
    for request, error in [
        (GenerateQuote(order=order.id), rules.QuoteLocked),
        (file, rules.NotAnOffer),
        (CancelOffer(order=order.id), rules.NotAnOffer),
    ]:
        assert isinstance(refusal(desk, request, version + 1), error)


def test_after_confirmation_the_head_is_fixed_but_other_milestones_move(desk: Desk) -> None:
    """CNF-03, CNF-04, TRS-01: the confirmation's own milestone neither changes nor goes."""
    order, version = desk.quoted("100.00")
    order, version = desk.confirm(order, version), version + 1
    assert codes(refusal(desk, head_update(order, currency="USD", terms=order.terms[:1]), version)) == [
        "fixed_by_confirmation",
        "fixed_by_confirmation",
    ]
    moved = order.milestones[0].change(actual=date(2026, 11, 1))
    for milestones in ((moved, order.milestones[1]), order.milestones[1:]):
        found = codes(refusal(desk, head_update(order, milestones=milestones), version))
        assert found == ["confirmation_milestone"]
    later = (order.milestones[0], order.milestones[1].change(forecast=date(2027, 3, 1)))
    reply = desk.world.execute_as("manager", head_update(order, milestones=later, message="Merci"), version)
    assert Order.model_validate_json(reply.body).message == "Merci"
    assert [(line.status, line.forecast_date) for line in desk.treasury(order).lines] == [
        (TreasuryStatus.FIRM, date(2026, 11, 21)),
        (TreasuryStatus.FIRM, date(2027, 4, 30)),
    ]


def test_who_asks_again_for_the_version_that_was_confirmed_gets_the_order(desk: Desk) -> None:
    """CNF-07: a lost answer costs nothing; for any other version it is 412."""
    order, version = desk.quoted("1.00")
    first, again = (desk.confirm(order, version) for _ in range(2))
    assert first == again
    assert len(desk.workflows.runs) == 1
    assert isinstance(refusal(desk, ConfirmOrder(order=order.id), version - 1), VersionMismatch)
    error = refusal(desk, ConfirmOrder(order=order.id), version + 1)
    assert (error.status, codes(error)) == (409, ["not_an_offer"])
