"""What every list and read of the API costs when the company has 100, 10,000 and 100,000 of everything.

Lists are asked for full pages of 100, the first one and the one after it; the dearer counts. Every GET route of the API
is asked through the API's own composition, on real clients; one that has nothing to show here is named below.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from typing import Any

from comptoir.runtime.services import api_services
from functions.api.app import Api
from functions.api.routes import ROUTES
from functions.api.routing import Route
from tests.api.furniture import fill
from tests.api.office import Answer, Client, claims
from tests.scale.archive import Archive
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally
from tests.scale.report import Size, fresh, note, table, tell, title, verdict
from tests.signing import LocalSigner

QUERIES: dict[str, list[dict[str, str]]] = {
    "ListDocuments": [{"month": "2026-11"}],
    "ListDrafts": [{"month": "2026-11"}],
    "ListOrders": [{"month": "2026-11"}, {"status": "offer"}, {"customer": "{customer}"}, {"search": "C-0000"}],
    "ListParties": [{}, {"kind": "customer"}],
    "ListReferences": [{}, {"kind": "goods"}],
    "ReadEntries": [{"first": "1"}, {"first": "{middle}"}],
}
"""The ways to ask a route that has several, or that needs a month; `first` and `middle` are sequences of the chain."""

_PAGE = 100
AIM_GROWTH = 1.05
"""None; the items of a full page differ by a few bytes, and the first block of a chain lacks sequence 0."""

Cost = list[float]
"""Calls, items and units of one request."""


def worker(count: int) -> None:
    """Ask every route of a company with `count` of everything; prints the cost of each."""
    with contextlib.redirect_stdout(io.StringIO()):
        archive = Archive.of(count)
    tally = Tally()
    Loopback(archive.office.backend, LocalSigner(), tally).install()
    api = Api(api_services)
    client = Client(api, claims(archive.company, archive.office.operators[archive.company]["administrator"]))
    costs: dict[str, Cost | None] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        # The first list reads the secret that signs cursors, once for the life of the function.
        client.get("/parties", query={"limit": "1"})
        for route in (route for route in ROUTES if route.method == "GET"):
            for query in QUERIES.get(route.operation, [{}]):
                costs[_name(route, query)] = next(
                    (
                        cost
                        for names in (archive.names, archive.own)
                        if (cost := _cost(client, tally, route, query, names))
                    ),
                    None,
                )
    tell(costs)


def _name(route: Route, query: dict[str, str]) -> str:
    named = "&".join(f"{name}={text}" for name, text in query.items() if name != "month")
    return f"{route.path}?{named}" if named else route.path


def _cost(
    client: Client, tally: Tally, route: Route, query: Mapping[str, str], names: Mapping[str, str]
) -> Cost | None:
    """The cost of a request, or of the page after it when that is dearer; None when there is nothing to show."""
    path, paged = fill(route, dict(names)), "cursor" in route.request.model_fields
    asked = {name: text.format_map(names) for name, text in query.items()} | ({"limit": str(_PAGE)} if paged else {})
    answer, cost = _ask(client, tally, path, asked)
    if answer.status != 200:
        return None
    cursor = answer.json.get("cursor") if paged else None
    return max(cost, _ask(client, tally, path, asked | {"cursor": cursor})[1]) if cursor else cost


def _ask(client: Client, tally: Tally, path: str, query: dict[str, str]) -> tuple[Answer, Cost]:
    tally.clear()
    answer = client.get(path, query=query)
    if answer.status >= 500:
        raise RuntimeError(f"{path} {query}: {answer.status} {answer.text}")
    return answer, [float(len(tally.calls)), tally.total("items"), tally.total("read")]


def show(size: Size) -> None:
    """Print the figures."""
    counts = [3, 12] if size.tiny else [100, 10_000, 100_000]
    title(f"Cost of every list and read at {', '.join(f'{count:,}' for count in counts)} of everything")
    found: dict[int, dict[str, Any]] = {
        count: fresh(["-m", "tests.scale.reading", str(count)]).told for count in counts
    }
    unasked = [name for name, cost in found[counts[0]].items() if cost is None]
    low, high = found[counts[0]], found[counts[-1]]
    heads = ["route", *(f"at {count:,}" for count in counts), "calls", "items", "units"]
    rows = []
    asked = [name for name in low if name not in unasked]
    for name in asked:
        shown = ["/".join(f"{figure:g}" for figure in found[count][name]) for count in counts]
        rows.append([name, *shown, *(_growth(high[name][n], low[name][n]) for n in range(3))])
    table(heads, rows)
    note("calls to AWS / items read / DynamoDB read units of one request; then growth from the first to the last")
    if unasked:
        note(f"nothing to show here: {', '.join(unasked)}")
    worst = max(_growth(high[name][2], low[name][2]) for name in asked)
    verdict("largest growth of units", worst, AIM_GROWTH, " times")
    verdict(
        "largest growth of calls", max(_growth(high[name][0], low[name][0]) for name in asked), AIM_GROWTH, " times"
    )


def _growth(last: float, first: float) -> float:
    return last / first if first else 1.0


if __name__ == "__main__":
    worker(int(sys.argv[1]))
