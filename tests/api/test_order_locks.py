"""Every lock of a confirmed order tried through the API with an administrator's token: CNF-03, CNF-04, CNF-05."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from comptoir.orders.model import Order
from comptoir.parties.model import Party, PartyKind
from comptoir.store.memory import MemoryBackend
from functions.api.app import Api
from tests.api.office import Answer, Client, claims
from tests.unit.orders_support import customer_request
from tests.unit.suppliers_support import Trade, open_trade, supplier_request
from tests.world import open_world

Body = dict[str, Any]


@dataclass
class Desk:
    """A confirmed order with two suppliers, and an administrator who may everything."""

    trade: Trade
    order: Order
    admin: Client
    forwarder: str
    customer: str

    def lines(self) -> list[Body]:
        """The order's lines as they would be sent again."""
        found: list[Body] = self.admin.get(f"/orders/{self.order.id}/lines").json["items"]
        return found

    def request(self, path: str = "") -> str:
        """The path of the request to the supplier in China."""
        return f"/orders/{self.order.id}/supplier-requests/{self.trade.china.id}{path}"

    def products(self) -> list[Body]:
        """The products of that request as they would be sent again."""
        items = self.admin.get(self.request("/lines")).json["items"]
        return [{name: value for name, value in item.items() if name != "sold"} for item in items]

    def put(self, path: str, body: Body) -> Answer:
        """Replace something in its present version."""
        return self._now(lambda version: self.admin.put(path, body, version))

    def patch(self, path: str, body: Body) -> Answer:
        """Change part of something in its present version."""
        return self._now(lambda version: self.admin.patch(path, body, version))

    def post(self, path: str, body: Body) -> Answer:
        """Advance something in its present version."""
        return self._now(lambda version: self.admin.post(path, body, **{"If-Match": f'"{version}"'}))

    def _now(self, send: Callable[[int], Answer]) -> Answer:
        answer = send(0)
        return send(answer.json["context"]["current"]) if answer.status == 412 else answer

    @property
    def path(self) -> str:
        return f"/orders/{self.order.id}"


@pytest.fixture
def desk() -> Desk:
    world = open_world()
    trade = open_trade(world)
    forwarder = world.do(Party, supplier_request(code="TRANSIT", name="Transit", kinds=(PartyKind.PROVIDER,)))
    customer = world.do(Party, customer_request(code="AUTRE"))
    order, _ = trade.confirmed()
    administrator = claims(world.company, world.operators["administrator"])
    client = Client(Api(lambda: trade.desk.world.services), administrator)
    return Desk(trade, order, client, forwarder.id, customer.id)


def with_line(number: int, **fields: Any) -> Callable[[Desk], Answer]:
    def attempt(desk: Desk) -> Answer:
        lines = desk.lines()
        lines[number] |= fields
        return desk.put(f"{desk.path}/lines", {"lines": lines})

    return attempt


def with_product(number: int, **fields: Any) -> Callable[[Desk], Answer]:
    def attempt(desk: Desk) -> Answer:
        lines = desk.products()
        lines[number] |= fields
        return desk.put(desk.request("/lines"), {"lines": lines})

    return attempt


def added_line(kind: str) -> Callable[[Desk], Answer]:
    new = {"designation": "Ajout", "kind": kind, "quantity": "1", "unit_price": "1"}
    return lambda desk: desk.put(f"{desk.path}/lines", {"lines": [*desk.lines(), new]})


def added_product(kind: str) -> Callable[[Desk], Answer]:
    new = {"designation": "Ajout", "kind": kind, "quantity": "1", "unit_price": "1"}
    return lambda desk: desk.put(desk.request("/lines"), {"lines": [*desk.products(), new]})


def with_head(**fields: Any) -> Callable[[Desk], Answer]:
    return lambda desk: desk.patch(desk.path, fields)


def with_request(**fields: Any) -> Callable[[Desk], Answer]:
    return lambda desk: desk.patch(desk.request(), fields)


def with_term(number: int, **fields: Any) -> Callable[[Desk], Answer]:
    def attempt(desk: Desk) -> Answer:
        terms = desk.admin.get(desk.request()).json["terms"]
        terms[number] |= fields
        return desk.patch(desk.request(), {"terms": terms})

    return attempt


def new_request(kind: str) -> Callable[[Desk], Answer]:
    line = {"designation": "Ajout", "kind": kind, "quantity": "1", "unit_price": "1"}
    return lambda desk: desk.post(f"{desk.path}/supplier-requests", {"supplier": desk.forwarder, "lines": [line]})


def milestones(change: Callable[[list[Body]], list[Body]]) -> Callable[[Desk], Answer]:
    def attempt(desk: Desk) -> Answer:
        return desk.patch(desk.path, {"milestones": change(desk.admin.get(desk.path).json["milestones"])})

    return attempt


def other_customer(desk: Desk) -> Answer:
    return desk.patch(desk.path, {"customer": desk.customer})


_FILE = base64.b64encode("Désignation;Quantité;Prix unitaire\nA;1;1\n".encode()).decode()
_COSTS = {"transport": [], "insurance": [], "extra": [], "markup_rate": "20"}
OTHER_BANK = {"iban": "FR7612345987650123456789014", "holder": "COMPTOIR DU PONANT"}
Attempt = tuple[Callable[[Desk], Answer], int, str]

CUSTOMER_REQUEST: Mapping[str, Attempt] = {
    "add goods": (added_line("goods"), 422, "products_fixed"),
    "add a transport": (added_line("transport"), 422, "products_fixed"),
    "add a service": (added_line("service"), 422, "products_fixed"),
    "remove goods": (
        lambda desk: desk.put(f"{desk.path}/lines", {"lines": desk.lines()[1:]}),
        422,
        "products_fixed",
    ),
    "replace a line": (with_line(0, id=None), 422, "products_fixed"),
    "sale price": (with_line(0, unit_price="19.99"), 422, "price_fixed"),
    "discount": (with_line(0, discount_rate="5"), 422, "price_fixed"),
    "VAT rate": (with_line(0, vat_rate="5.5"), 422, "price_fixed"),
    "free": (with_line(0, free=True), 422, "price_fixed"),
    "transport price": (with_line(0, transport_price="1"), 422, "price_fixed"),
    "kind": (with_line(0, kind="service"), 422, "price_fixed"),
    "code": (with_line(0, code="XYZ"), 422, "price_fixed"),
    "line incoterm": (with_line(0, incoterm="DAP"), 422, "price_fixed"),
    "line place": (with_line(0, incoterm_place="Brest"), 422, "price_fixed"),
    "one of three linked prices": (
        lambda desk: desk.put(
            f"{desk.path}/lines/{desk.lines()[0]['id']}/price", {"changed": "overall", "price": "1.00"}
        ),
        409,
        "not_an_offer",
    ),
    "calculator": (lambda desk: desk.post(f"{desk.path}/calculator/application", {}), 409, "not_an_offer"),
    "import": (
        lambda desk: desk.post(f"{desk.path}/lines/imports", {"file": _FILE, "filename": "a.csv"}),
        409,
        "not_an_offer",
    ),
    "quote": (lambda desk: desk.post(f"{desk.path}/quotes", {}), 409, "quote_locked"),
    "pro forma": (lambda desk: desk.post(f"{desk.path}/quotes", {"proforma": True}), 409, "quote_locked"),
    "cancel": (lambda desk: desk.post(f"{desk.path}/cancellation", {}), 409, "not_an_offer"),
    "customer": (other_customer, 422, "fixed_by_confirmation"),
    "currency": (with_head(currency="USD"), 422, "fixed_by_confirmation"),
    "incoterm": (with_head(incoterm="FOB"), 422, "fixed_by_confirmation"),
    "incoterm place": (with_head(incoterm_place="Brest"), 422, "fixed_by_confirmation"),
    "terms": (with_head(terms=[]), 422, "fixed_by_confirmation"),
    "confirmation milestone moved": (
        milestones(lambda known: [known[0] | {"actual": "2026-11-01"}, *known[1:]]),
        422,
        "confirmation_milestone",
    ),
    "confirmation milestone forecast": (
        milestones(lambda known: [known[0] | {"forecast": "2026-11-01"}, *known[1:]]),
        422,
        "confirmation_milestone",
    ),
    "confirmation milestone deleted": (milestones(lambda known: known[1:]), 422, "confirmation_milestone"),
    "confirmation milestone by its own route": (
        lambda desk: desk.patch(f"{desk.path}/milestones/order_confirmation", {"forecast": "2026-12-02"}),
        422,
        "confirmation_milestone",
    ),
    "confirmation": (
        lambda desk: desk.post(f"{desk.path}/confirmation", {"means": "Téléphone"}),
        409,
        "not_an_offer",
    ),
}
SUPPLIER_REQUEST: Mapping[str, Attempt] = {
    "add goods": (added_product("goods"), 422, "goods_added"),
    "turn goods into a service": (with_product(0, kind="service"), 422, "line_of_order"),
    "remove goods": (
        lambda desk: desk.put(desk.request("/lines"), {"lines": desk.products()[1:]}),
        422,
        "goods_removed",
    ),
    "remove everything": (lambda desk: desk.put(desk.request("/lines"), {"lines": []}), 422, "goods_removed"),
    "designation": (with_product(0, designation="Autre"), 422, "line_of_order"),
    "unit": (with_product(0, unit="kg"), 422, "line_of_order"),
    "purchase incoterm": (with_product(0, incoterm="EXW", incoterm_place="Ningbo"), 422, "line_of_order"),
    "new request with goods": (new_request("goods"), 422, "goods_added"),
    "percentage": (with_term(0, percentage="40"), 422, "terms_fixed"),
    "means": (with_term(0, means="cheque"), 422, "terms_fixed"),
    "milestone": (with_term(0, milestone="invoice"), 422, "terms_fixed"),
    "steps": (with_term(0, steps=[{"days": 10}]), 422, "terms_fixed"),
    "terms removed": (with_request(terms=[]), 422, "terms_fixed"),
    "incoterm": (with_request(incoterm="EXW"), 422, "fixed_by_confirmation"),
    "incoterm place": (with_request(incoterm_place="Ningbo"), 422, "fixed_by_confirmation"),
    "supplier of a line": (with_line(0, supplier=None), 422, "purchase_fixed"),
    "supplier of a line that had none": (
        lambda desk: with_line(3, supplier=desk.trade.france.id)(desk),
        422,
        "purchase_fixed",
    ),
    "purchase currency of a line": (with_line(0, purchase_currency="EUR"), 422, "purchase_fixed"),
    "purchase incoterm of a line": (with_line(0, purchase_incoterm="EXW"), 422, "purchase_fixed"),
}
ALLOWED: Mapping[str, tuple[Callable[[Desk], Answer], int]] = {
    "sale quantity": (with_line(0, quantity="12"), 200),
    "invoice": (lambda desk: desk.post(f"{desk.path}/invoices", {}), 201),
    "purchase quantity": (with_product(0, quantity="12"), 200),
    "purchase price": (with_product(0, unit_price="11.00"), 200),
    "add a transport": (added_product("transport"), 200),
    "add a service": (added_product("service"), 200),
    "new request with a service": (new_request("service"), 201),
    "bank account of a term": (with_term(0, bank_account=OTHER_BANK), 200),
    "comment of a term": (with_term(0, comment="Compte en dollars"), 200),
    "contact of a request": (with_request(contact="Chen"), 200),
    "purchase order": (lambda desk: desk.post(desk.request("/purchase-orders"), {}), 202),
    "undo": (lambda desk: desk.post(f"{desk.path}/confirmation/undo", {}), 200),
}


def stored(desk: Desk) -> str:
    """Everything that is stored, but for what was asked of the workflow and under which key."""
    backend = desk.trade.desk.world.services.store.backend
    assert isinstance(backend, MemoryBackend)
    return repr(sorted((key, item) for key, item in backend._items.items() if key.sk not in ("CONFIRMATION", "ANSWER")))


@pytest.mark.parametrize("name", CUSTOMER_REQUEST)
def test_a_lock_of_the_customer_request_holds_for_an_administrator(desk: Desk, name: str) -> None:
    """CNF-03, CNF-04: refused with its code, and nothing is written."""
    _refused(desk, *CUSTOMER_REQUEST[name])


@pytest.mark.parametrize("name", SUPPLIER_REQUEST)
def test_a_lock_of_supplier_requests_holds_for_an_administrator(desk: Desk, name: str) -> None:
    """CNF-05: refused with its code, and nothing is written."""
    _refused(desk, *SUPPLIER_REQUEST[name])


def _refused(desk: Desk, attempt: Callable[[Desk], Answer], status: int, code: str) -> None:
    before = stored(desk)
    answer = attempt(desk)
    body = json.loads(answer.text)
    assert answer.status == status, answer.text
    codes = {error["code"] for error in body.get("errors", [])} or {body["code"]}
    assert codes == {code}, answer.text
    assert stored(desk) == before


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_not_locked_is_free(desk: Desk, name: str) -> None:
    """CNF-04, CNF-05: the same requests do what the rules leave open."""
    attempt, status = ALLOWED[name]
    assert attempt(desk).status == status
