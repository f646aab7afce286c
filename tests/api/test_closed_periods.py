"""FIS-03: nothing is dated into a closed period, through any route and any workflow.

Every date that a request can carry is sent with a closed day: what dates something into the books is refused by name,
and of whatever else nothing is left that is dated into what is closed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from comptoir.invoicing.issue import IssueRequest, issue
from comptoir.invoicing.tasks import check_document
from comptoir.ledger.items import ENTRY, HEAD, PERIODS
from comptoir.ledger.model import Periods
from comptoir.ledger.offline.closings import COUNTED
from comptoir.orders.tasks import apply_confirmation
from comptoir.store import codec, keys
from functions.api.routes import ROUTES
from tests.api.furniture import Furnished, send
from tests.api.office import Answer, Office
from tests.signing import LocalSigner

CLOSED = dt.date(2026, 11, 20)
"""The last day that is closed, the day before that of the furnished company."""

BOOKED = {
    "POST /payments date",
    "POST /payments/{payment}/reversal date",
    "POST /credit-notes/{credit_note}/refunds date",
    "POST /invoices/{document}/validation date",
    "POST /credit-notes/{document}/validation date",
    "POST /cancellations/{document}/validation date",
    "POST /validations date",
    "POST /supplier-payments date",
    "POST /supplier-credit-notes/{credit_note}/refunds date",
}
"""Dates of entries of the books: refused where they lie in a closed period."""

DRAFTED = {
    "PATCH /drafts/{document} wanted_date",
    "POST /invoices wanted_date",
    "POST /credit-notes wanted_date",
    "POST /orders/{order}/invoices wanted_date",
    "POST /orders/{order}/down-payments wanted_date",
    "POST /invoices/{document}/cancellation wanted_date",
    "POST /invoices/{document}/replacement wanted_date",
}
"""Dates that a draft wishes for: free until it is validated, which is refused."""

LATE = {"POST /supplier-invoices issue_date", "POST /supplier-credit-notes issue_date"}
"""Dates of somebody else's documents: recorded as they are, and booked on the first day that is open."""


def dates(model: type[BaseModel], seen: tuple[type, ...] = ()) -> Iterator[str]:
    """Where a model holds dates: paths of names."""
    if model not in seen:
        for name, field in model.model_fields.items():
            yield from _inside(field.annotation, name, (*seen, model))


def _inside(annotation: Any, path: str, seen: tuple[type, ...]) -> Iterator[str]:
    if annotation is dt.date:
        yield path
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from (f"{path}/{below}" for below in dates(annotation, seen))
    else:
        for part in get_args(annotation):
            yield from _inside(part, path, seen)


FIELDS = {
    f"{route.method} {route.path} {path}": (route, path)
    for route in ROUTES
    if route.changes
    for path in dates(route.body)
    if path.split("/")[0] not in (*route.fixed, *route.parameters)
}


@pytest.fixture(scope="module")
def house() -> tuple[Office, Furnished, Callable[[], None]]:
    """A furnished company that has closed everything before its first day."""
    office = Office()
    furnished = Furnished(office)
    key, periods = keys.periods(office.companies[0]), Periods(since=dt.date(2026, 11, 1), through=CLOSED)
    office.services.store.transact(lambda tx: tx.put(PERIODS, key, periods))
    return office, furnished, office.keep()


@pytest.fixture
def office(house: tuple[Office, Furnished, Callable[[], None]]) -> Office:
    """The company as it was furnished."""
    house[2]()
    return house[0]


@pytest.fixture
def furnished(house: tuple[Office, Furnished, Callable[[], None]]) -> Furnished:
    """What there is to ask about."""
    return house[1]


def dated(body: dict[str, Any], path: str) -> dict[str, Any]:
    """A body with the closed day where `path` leads."""
    name, _, below = path.partition("/")
    if not below:
        return body | {name: CLOSED.isoformat()}
    inner = body.get(name)
    if isinstance(inner, list) or inner is None:
        items = inner or [{}]
        return body | {name: [dated(item, below) for item in items]}
    return body | {name: dated(inner, below)}


def ask(office: Office, furnished: Furnished, name: str) -> Answer:
    """Ask the route with the closed day in that field, as the administrator."""
    route, path = FIELDS[name]
    body = furnished.body(route) or {}
    if route.path == "/validations":
        body |= {"documents": [{"document": furnished.names["invoice"]}]}
    if route.path in ("/payments", "/supplier-payments"):
        of = "issued_invoice" if route.path == "/payments" else "supplier_document"
        paid = {"invoice": furnished.names[of], "amount": "1.00"}
        body |= {"amount": {"amount": "1.00", "currency": "EUR"}, "allocations": [paid]}
    return send(office.client(), route, furnished.path(route), dated(body, path))


def books(office: Office) -> dict[str, dt.date]:
    """The days of everything that is in the books: entries of counted chains, supplier documents."""
    company, found = office.companies[0], dict[str, dt.date]()
    for key, item in office.backend._items.items():
        if key.company != company:
            continue
        record = codec.decode(item)
        if record.type == ENTRY.name and (entry := ENTRY.load(record)).chain in COUNTED:
            told = json.loads(entry.payload)[COUNTED[entry.chain]]
            found[f"{entry.chain} {entry.sequence}"] = dt.date.fromisoformat(told)
        elif record.type == "supplier_document":
            found[key.pk] = dt.date.fromisoformat(json.loads(record.data)["booked_on"])
        elif record.type == "payment":
            found[key.pk] = dt.date.fromisoformat(json.loads(record.data)["date"])
    return found


def go_on(office: Office, begun: int) -> list[Mapping[str, Any]]:
    """Run the workflows that were started, each as far as it goes even past a refusal; what they answered."""
    told: list[Mapping[str, Any]] = []
    for machine, _, payload in office.workflows.runs[begun:]:
        if machine == "confirmation":
            told.append(apply_confirmation(office.services, payload))
        if machine == "validation":
            told.append(check_document(office.services, payload))
            request = IssueRequest.model_validate(payload["request"])
            [outcome] = issue(office.services, LocalSigner(), payload["company"], [request])
            told.append(outcome.model_dump(mode="json"))
    return told


def test_the_dates_of_the_books_are_there() -> None:
    """Every other one says something else: a price's validity, a milestone, a delivery, a rate, what is asked for."""
    named = [*BOOKED, *DRAFTED, *LATE]
    assert len(named) == len(set(named))
    assert set(named) <= set(FIELDS)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_nothing_gets_into_a_closed_period(office: Office, furnished: Furnished, name: str) -> None:
    """Whatever the route answers, and whatever its workflow then does."""
    before, begun = books(office), len(office.workflows.runs)
    heads = {chain: office.services.store.get(HEAD, keys.chain_head(office.companies[0], chain)) for chain in COUNTED}
    answer = ask(office, furnished, name)
    assert answer.status < 500, answer.text
    told = go_on(office, begun)
    added = {place: day for place, day in books(office).items() if before.get(place) != day}
    assert all(day > CLOSED for day in added.values()), (added, answer.text)
    if name in BOOKED:
        codes = json.dumps([answer.json, *told])
        assert "period_closed" in codes, codes
        assert added == {}
        now = {chain: office.services.store.get(HEAD, keys.chain_head(office.companies[0], chain)) for chain in COUNTED}
        assert now == heads
    if name in LATE:
        known = "credit_exceeds_invoice" in answer.text
        assert answer.status == 201 or known, answer.text
        assert known or [*added.values()] == [CLOSED + dt.timedelta(days=1)]


@pytest.mark.parametrize("name", sorted(DRAFTED))
def test_a_draft_that_wishes_for_a_closed_day_is_not_validated(office: Office, furnished: Furnished, name: str) -> None:
    """The wish is free, the validation of what came of it is refused by name."""
    answer = ask(office, furnished, name)
    if answer.status >= 300:
        assert answer.status in (409, 422), answer.text
        return
    draft = answer.json
    assert draft["wanted_date"] == CLOSED.isoformat()
    before, begun, kind = books(office), len(office.workflows.runs), draft["kind"].replace("_", "-") + "s"
    sent = office.client().post(f"/{kind}/{draft['id']}/validation", {}, **{"If-Match": answer.headers["etag"]})
    codes = json.dumps([sent.json, *go_on(office, begun)])
    assert "period_closed" in codes
    assert books(office) == before


def test_what_the_bank_told_of_a_closed_day_is_neither_matched_nor_freed(office: Office, furnished: Furnished) -> None:
    """TRS-04: matching and un-matching take the day of the entry, which no request names."""
    client, place = office.client(), f"/bank-entries/{furnished.names['entry']}"
    entry = client.get(place)
    day = dt.date.fromisoformat(entry.json["entry"]["booking_date"])
    key = keys.periods(office.companies[0])
    office.services.store.transact(lambda tx: tx.put(PERIODS, key, tx.require(PERIODS, key).change(through=day)))
    before = books(office)
    routes = [route for route in ROUTES if route.path.startswith("/bank-entries/{entry}/") and route.changes]
    assert routes
    for route in routes:
        answer = send(client, route, furnished.path(route), furnished.body(route))
        assert answer.code == "period_closed" or answer.status == 422, (route.path, answer.text)
    assert books(office) == before
