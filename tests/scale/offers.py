"""What the order desk costs: loading and saving offers, and confirming them (OFF-02, OFF-05, CNF-07).

Through the API on real clients. Lines name references of the catalogue with their supplier offers, as a trader's do.
The workflow of a confirmation is played by its two tasks; other orders of the company must cost nothing more.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comptoir.orders.items import ORDER
from comptoir.orders.tasks import quote_rendered
from comptoir.runtime.services import api_services, light_services
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS, Put
from functions.api.app import Api
from functions.steps import app as steps
from tests.api.office import Answer, Client, Office, claims
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally
from tests.scale.report import Size, fresh, note, table, tell, title, verdict
from tests.signing import LocalSigner

_REFERENCES = 40
_TERMS = [{"percentage": "100", "milestone": "order_confirmation", "steps": [{"days": 30}]}]
_PARTY = {
    "address": {"lines": ["12 quai de la Douane"], "postcode": "29200", "city": "Brest"},
    "contacts": [{"name": "Yann Kerbrat", "phone": "+33 2 98 00 00 00"}],
    "siren": "552100554",
    "vat_number": "FR96552100554",
    "terms": _TERMS,
}
_FIGURES = ("calls", "read", "written", "CPU ms")
Cost = dict[str, float]


@dataclass
class Desk:
    """A company with suppliers and a catalogue, and what its requests cost."""

    office: Office
    client: Client
    tally: Tally
    customer: str
    suppliers: list[str] = field(default_factory=list)
    references: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def open(cls, suppliers: int) -> Desk:
        """A desk whose clients are all made, as in a warm function."""
        office = Office()
        tally, company = Tally(), office.companies[0]
        loopback = Loopback(office.backend, LocalSigner(), tally)
        loopback.install()
        client = Client(Api(api_services), claims(company, office.operators[company]["manager"]))
        desk = cls(office, client, tally, "")
        loopback.started = desk.confirming
        desk.customer = desk.made("/parties", _PARTY | {"code": "CLIENT", "name": "Client", "kinds": ["customer"]})[
            "id"
        ]
        for number in range(suppliers):
            named = {"code": f"FOURN-{number}", "name": f"Fournisseur {number}", "kinds": ["supplier"]}
            desk.suppliers.append(desk.made("/parties", _PARTY | named)["id"])
        desk.references = [desk.reference(number) for number in range(_REFERENCES)]
        desk.sent(client.get("/parties", query={"limit": "1"}))
        return desk

    def sent(self, answer: Answer) -> dict[str, Any]:
        """What was answered. Errors: `RuntimeError` with the answer when it is a refusal."""
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status}: {answer.text}")
        body: dict[str, Any] = answer.json
        return body | {"version": answer.headers.get("etag", "").strip('"')}

    def made(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a POST makes."""
        return self.sent(self.client.post(path, body))

    def reference(self, number: int) -> dict[str, Any]:
        """A reference with an offer of one of the suppliers."""
        supplier = self.suppliers[number % len(self.suppliers)]
        offer = {"supplier": supplier, "price": "7.5", "currency": "EUR", "valid_from": "2026-01-01"}
        named = {"code": f"REF-{number:03d}", "designation": f"Palan électrique à chaîne, modèle {number}"}
        weights = {"net_weight": "1.25", "gross_weight": "1.4", "volume": "0.01", "sale_price": "12.34"}
        return self.made("/references", named | weights | {"offers": [offer]})

    def lines(self, count: int) -> list[dict[str, Any]]:
        """Lines of these references, each buying under its offer."""
        chosen = [self.references[number % _REFERENCES] for number in range(count)]
        return [
            {
                "reference": each["id"],
                "code": each["code"],
                "designation": each["designation"],
                "quantity": "3",
                "unit_price": "12.34",
                "supplier": each["offers"][0]["supplier"],
                "purchase_offer": "2026-01-01",
            }
            for each in chosen
        ]

    def offer(self) -> dict[str, Any]:
        """An empty offer that can be confirmed once it has lines."""
        milestones = [{"name": "order_confirmation", "forecast": "2026-12-01"}]
        return self.made("/orders", {"customer": self.customer, "terms": _TERMS, "milestones": milestones})

    def cost(self, answer: Any) -> tuple[Cost, dict[str, Any]]:
        """What a request costs, and its answer."""
        self.tally.clear()
        started = time.process_time()
        body = self.sent(answer())
        spent = (time.process_time() - started - self.tally.cpu["emulator"]) * 1000
        told = (float(len(self.tally.calls)), self.tally.total("read"), self.tally.total("written"), spent)
        return dict(zip(_FIGURES, told, strict=True)), body

    def put(self, path: str, body: Mapping[str, Any], version: str) -> Answer:
        """Replace in a version."""
        return self.client.put(path, body, int(version))

    def confirming(self, asked: Mapping[str, Any]) -> None:
        """The workflow of a confirmation, run while the API waits for it; that of a quote renders nothing."""
        event = json.loads(asked["input"])
        if "request" not in event or "confirmation" not in event["request"]:
            return
        for task in ("check_confirmation", "apply_confirmation"):
            with self.tally.running("steps"):
                outcome = steps.handler({**event, "task": task}, None)
            if outcome["outcome"] == "refused":
                raise RuntimeError(f"{task}: {outcome}")

    def others(self, count: int) -> None:
        """Copies of an order, all of one customer and one operator, for the company to be large."""
        company = self.office.companies[0]
        model = ORDER.load(self.office.backend.get([keys.order(company, self.offer()["id"])]).popitem()[1])
        copies = (model.change(id=f"{n:026d}", number=f"X-{n:06d}") for n in range(count))
        puts = [Put(ORDER.record(keys.order(company, each.id), each, 0)) for each in copies]
        for start in range(0, count, MAX_OPERATIONS):
            self.office.backend.write(puts[start : start + MAX_OPERATIONS])


def _saving(desk: Desk, count: int) -> dict[str, Cost]:
    order = desk.offer()
    path, found = f"/orders/{order['id']}", dict[str, Cost]()
    table = {"lines": desk.lines(count)}
    found["save the table"], saved = desk.cost(lambda: desk.put(f"{path}/lines", table, order["version"]))
    found["load the head"], _ = desk.cost(lambda: desk.client.get(path))
    found["load the table"], lines = _loading(desk, path)
    found["totals and margin"], _ = desk.cost(lambda: desk.client.get(f"{path}/totals"))
    changed = {"lines": [lines[0] | {"quantity": "4"}, *lines[1:]]}
    found["change one line"], _ = desk.cost(lambda: desk.put(f"{path}/lines", changed, saved["version"]))
    return found


def _loading(desk: Desk, path: str) -> tuple[Cost, list[Any]]:
    """Every chunk of the table, 200 lines a request, and the lines."""
    total, lines, chunk = dict.fromkeys(_FIGURES, 0.0), list[Any](), 0
    while chunk is not None:
        query = {"chunk": str(chunk)}
        cost, page = desk.cost(lambda asked=query: desk.client.get(f"{path}/lines", query=asked))
        total = {name: total[name] + cost[name] for name in _FIGURES}
        lines += page["items"]
        chunk = page["next_chunk"]
    return total, lines


def _confirming(desk: Desk, lines: int) -> Cost:
    order = desk.offer()
    path = f"/orders/{order['id']}"
    desk.sent(desk.put(f"{path}/lines", {"lines": desk.lines(lines)}, order["version"]))
    desk.made(f"{path}/quotes", {})
    event = {"company": desk.office.companies[0], "order": order["id"], "version": 1}
    quote_rendered(light_services(), event, "quotes/one.pdf", "0" * 64, 1)
    version = desk.sent(desk.client.get(path))["version"]
    cost, confirmed = desk.cost(lambda: desk.client.post(f"{path}/confirmation", {}, **{"If-Match": f'"{version}"'}))
    if confirmed["status"] != "confirmed":
        raise RuntimeError(f"not confirmed: {confirmed['status']}")
    return cost


def worker(what: str, count: int, others: int) -> None:
    """`offer`: one of `count` lines; `confirmation`: one with `count` suppliers; beside `others` orders."""
    with contextlib.redirect_stdout(io.StringIO()):
        desk = Desk.open(count if what == "confirmation" else 2)
        desk.others(others)
        _saving(desk, 3)
        told: Any = _saving(desk, count) if what == "offer" else _confirming(desk, 40)
    tell(told)


def _measured(what: str, count: int, others: int) -> Any:
    return fresh(["-m", "tests.scale.offers", what, str(count), str(others)]).told


def _units(cost: Cost) -> float:
    return cost["read"] + cost["written"]


def show(size: Size) -> None:
    """Print the figures."""
    few, many = size.of(10, 1), size.of(2_000, 5)
    title("The order desk: offers of 10, 100 and 1,000 lines, confirmation with 1 and 10 suppliers")
    offers = {count: _measured("offer", count, few) for count in size.lines(10, 100, 1_000)}
    heads = ["offer", "lines", "calls", "read units", "write units", "CPU ms"]
    rows = [
        [what, count, *(cost[name] for name in _FIGURES)]
        for count, found in offers.items()
        for what, cost in found.items()
    ]
    table(heads, rows)
    confirmed = {count: _measured("confirmation", count, few) for count in size.lines(1, 10)}
    rows = [[f"{count} suppliers", 40, *(cost[name] for name in _FIGURES)] for count, cost in confirmed.items()]
    table(["confirmation", *heads[1:]], rows)
    note("the request, and the two tasks of its workflow; units without those of the search, which follows")
    largest = offers[max(offers)]
    changes = (largest[what]["calls"] for what in largest if what != "load the table")
    verdict("calls of any of these on an offer, loading its chunks apart", max(changes), 6)
    verdict("CPU of saving the largest offer", largest["save the table"]["CPU ms"], 1_500, " ms")
    verdict("calls of a confirmation, its tasks included", max(cost["calls"] for cost in confirmed.values()), 12)
    crowded = [*_measured("offer", 10, many).values(), _measured("confirmation", 1, many)]
    alone = [*offers[10].values(), confirmed[1]]
    growth = max(_units(much) - _units(little) for much, little in zip(crowded, alone, strict=True))
    verdict(f"units more with {many:,} other orders than with {few}", growth, 0)


if __name__ == "__main__":
    worker(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
