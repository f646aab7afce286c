"""What the tests of orders stand on: customers, offers, quotes rendered at once, the workflow run in place."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comptoir.access.context import Services
from comptoir.access.execute import Reply, Request
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.kernel.errors import DomainError, Refused
from comptoir.kernel.identity import Address
from comptoir.kernel.text import sha256
from comptoir.orders.commands import OpenOffer, SetOfferLines, UpdateOffer
from comptoir.orders.confirmation import ConfirmOrder, payload
from comptoir.orders.confirming import ConfirmationRequest
from comptoir.orders.items import read_lines
from comptoir.orders.model import LineInput, Milestone, OfferFields, Order, QuoteView
from comptoir.orders.queries import ReadOrder, ReadOrderHistory, ReadOrderTreasury
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import (
    apply_confirmation,
    check_confirmation,
    quote_rendered,
    quote_to_render,
    record_failure,
)
from comptoir.parties.commands import CreateParty, UpdateParty
from comptoir.parties.model import Contact, Party, PartyFields, PartyKind
from comptoir.store import keys
from comptoir.store.backend import Backend, Operation, Query, Slice
from comptoir.store.record import Key, Record
from comptoir.store.store import Store
from comptoir.treasury.model import CONFIRMATION, INVOICE, DueStep, PaymentTerm, Treasury
from comptoir.treasury.settling import TreasuryView
from tests.infra.asl import Machine, Run
from tests.world import World

MACHINE = Path(__file__).parents[2] / "statemachines" / "order_confirmation.asl.json"
TERMS = (
    PaymentTerm(percentage=Decimal(30), milestone=CONFIRMATION),
    PaymentTerm(percentage=Decimal(70), milestone=INVOICE, steps=(DueStep(days=45), DueStep(end_of_month=True))),
)
MILESTONES = (
    Milestone(name=CONFIRMATION, forecast=date(2026, 12, 1)),
    Milestone(name=INVOICE, forecast=date(2027, 1, 10)),
)
Task = Callable[[Services, Mapping[str, Any]], dict[str, Any]]


@dataclass
class Confirmations:
    """Runs the confirmation's state machine in place, once per name, with the tasks of the library."""

    services: Callable[[], Services]
    runs: dict[str, Run] = field(default_factory=dict)
    tasks: dict[str, Task] = field(
        default_factory=lambda: {
            "check_confirmation": check_confirmation,
            "apply_confirmation": apply_confirmation,
            "record_failure": record_failure,
        }
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        """What Step Functions does: a second start under a name is the same run."""
        if machine != "confirmation":
            return
        with self.lock:
            if name in self.runs:
                return
            self.runs[name] = Run(name, payload)
        self.runs[name] = self.machine().start(json.loads(json.dumps(dict(payload))), name)

    def machine(self) -> Machine:
        """The committed definition on the tasks."""
        return Machine.load(MACHINE, {"StepsFunctionArn": "steps"}, {"steps": self.step}, {})

    def step(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The steps function."""
        return self.tasks[event["task"]](self.services(), event)


@dataclass
class Renderer:
    """Renders a quote as the render function does, with its content for bytes."""

    services: Callable[[], Services]
    broken: bool = False
    rendered: list[str] = field(default_factory=list)

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        """Store the file and mark the quote."""
        if self.broken:
            raise RuntimeError("the render function is down")
        content = quote_to_render(self.services(), task)
        body = content.model_dump_json().encode()
        self.rendered.append(content.number)
        quote_rendered(self.services(), task, f"quotes/{content.number}.pdf", sha256(body), len(body))
        return {"outcome": "rendered"}


class Links:
    """Links that show what they lead to."""

    def link(self, bucket: str, key: str, seconds: int = 300) -> str:
        return f"https://{bucket}.example/{key}"

    def accept(self, key: str, media_type: str, size: int, sha256: str, seconds: int) -> tuple[str, dict[str, str]]:
        return f"https://files.example/{key}", {"content-type": media_type}


@dataclass
class Desk:
    """A company's order desk: the world, with what orders need around it."""

    world: World
    workflows: Confirmations
    renderer: Renderer
    customer: Party

    def lines(self, *amounts: str) -> tuple[LineInput, ...]:
        """One line per amount without VAT."""
        return tuple(
            LineInput(designation=f"Article {number}", quantity=Decimal(1), unit_price=Decimal(amount))
            for number, amount in enumerate(amounts, 1)
        )

    def offer(self, *amounts: str, **fields: Any) -> tuple[Order, int]:
        """An offer with these lines, and its version."""
        given = {"customer": self.customer.id, "terms": TERMS, "milestones": MILESTONES} | fields
        order = self.world.do(Order, OpenOffer(**given))
        if not amounts:
            return order, 1
        reply = self.world.execute_as("manager", SetOfferLines(order=order.id, lines=self.lines(*amounts)), 1)
        return Order.model_validate_json(reply.body), reply.version or 0

    def quoted(self, *amounts: str, **fields: Any) -> tuple[Order, int]:
        """An offer whose quote stands in the document base, ready to confirm."""
        order, version = self.offer(*amounts, **fields)
        self.world.do(QuoteView, GenerateQuote(order=order.id))
        return order, version + 1

    def confirm(self, order: Order, version: int, **fields: Any) -> Order:
        """The order once confirmed."""
        return self.world.do(Order, ConfirmOrder(order=order.id, **fields), if_match=version)

    def treasury(self, order: Order) -> Treasury:
        """The treasury of an order."""
        return self.world.do(TreasuryView, ReadOrderTreasury(order=order.id))


def customer_request(**fields: Any) -> CreateParty:
    """A customer that can be confirmed."""
    given: dict[str, Any] = {
        "code": "EPICERIE",
        "name": "Épicerie du Léon",
        "kinds": (PartyKind.CUSTOMER,),
        "address": Address(lines=("3 place de l'Église",), postcode="29250", city="Saint-Pol-de-Léon"),
        "siren": "552100554",
        "vat_number": "FR96552100554",
        "contacts": (Contact(name="Yann Kerbrat", phone="+33 2 98 11 22 33"),),
    }
    return CreateParty(**(given | fields))


def open_desk(world: World) -> Desk:
    """The order desk of a company with one customer."""
    workflows, renderer = Confirmations(lambda: world.services), Renderer(lambda: world.services)
    world.services = replace(world.services, workflows=workflows, renderer=renderer, files=Links())
    return Desk(world, workflows, renderer, world.do(Party, customer_request()))


@dataclass
class Counted:
    """A backend that counts the DynamoDB calls that each method makes."""

    inner: Backend
    calls: list[str] = field(default_factory=list)

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        self.calls += ["get"] * -(-len(set(keys)) // 100)
        return self.inner.get(keys)

    def query(self, query: Query) -> Slice:
        self.calls.append("query")
        return self.inner.query(query)

    def write(self, operations: Sequence[Operation]) -> None:
        self.calls.append("write")
        self.inner.write(operations)

    def counter(self, key: Key) -> int:
        self.calls.append("counter")
        return self.inner.counter(key)


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


def on_backend(services: Services, backend: Backend) -> Services:
    """The same services on another backend."""
    store = Store(backend, services.store._cursors, sleep=lambda _: None, jitter=lambda: 0.5)
    return replace(services, store=store)


def refusal(desk: Desk, request: Request, version: int | None = None) -> DomainError:
    """The error that a request meets."""
    with pytest.raises(DomainError) as error:
        desk.world.execute_as("manager", request, version)
    return error.value


def codes(error: DomainError) -> list[str]:
    """The codes of its breaches, else its own."""
    return [breach.code for breach in error.breaches] if isinstance(error, Refused) else [error.code]


def refused(desk: Desk, request: Request, version: int | None = None) -> list[tuple[str, str | None]]:
    """The codes and pointers of the breaches that a request is refused for."""
    error = refusal(desk, request, version)
    assert isinstance(error, Refused)
    return [(breach.code, breach.pointer) for breach in error.breaches]


def head(desk: Desk, order: Order) -> Reply:
    """The order as it is now."""
    return desk.world.execute_as("manager", ReadOrder(order=order.id))


def inputs(desk: Desk, order: Order) -> list[LineInput]:
    """The lines of an order as they would be sent again."""
    return [LineInput(**line.__dict__) for line in read_lines(desk.world.services.store, desk.world.company, order)]


def update(order: Order, **fields: Any) -> UpdateOffer:
    """The order's head sent again, with other fields."""
    given = {name: getattr(order, name) for name in OfferFields.model_fields}
    return UpdateOffer(**(given | {"order": order.id} | fields))


def events(desk: Desk, order: Order) -> list[str]:
    """What happened to an order, newest first."""
    history = desk.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id, limit=100))
    return [entry.event for entry in history.items]


def change_customer(desk: Desk, **fields: Any) -> None:
    """Save the customer with other fields."""
    party, key = desk.customer, keys.party(desk.world.company, desk.customer.id)
    given = {name: getattr(party, name) for name in PartyFields.model_fields}
    version = desk.world.services.store.backend.get([key])[key].version
    desk.world.execute_as("manager", UpdateParty(**(given | {"party": party.id} | fields)), version)


def request_of(desk: Desk, order: Order, version: int, attempt: int = 1) -> ConfirmationRequest:
    """What a run of the workflow is asked."""
    confirmation = {"date": "2026-11-21", "operator": desk.world.operators["manager"], "order_version": version}
    return ConfirmationRequest.model_validate({"order": order.id, "attempt": attempt, "confirmation": confirmation})


def event_of(desk: Desk, order: Order, version: int, attempt: int = 1) -> dict[str, Any]:
    """The input of a run of the workflow."""
    return payload(desk.world.company, request_of(desk, order, version, attempt))
