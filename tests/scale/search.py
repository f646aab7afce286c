"""What quick and advanced search cost at 1,000 and 100,000 references (CAT-05), through the API on real clients.

References are laid into the table with their entries, as the stream leaves them. The words are those of a trader's
catalogue: few kinds of goods, so that the commonest word stands in a third of all designations.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from decimal import Decimal

from comptoir.catalogue.items import REFERENCE
from comptoir.catalogue.model import Reference
from comptoir.kernel.ids import derived_id
from comptoir.runtime.services import api_services
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS, Put
from functions.api.app import Api
from tests.api.office import Client, Office, claims
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally
from tests.scale.report import Size, fresh, note, table, tell, title, verdict
from tests.signing import LocalSigner

_GOODS = ("Palan", "Palan", "Palan", "Élingue", "Élingue", "Huile", "Câble", "Gants", "Bouée")
_MATTERS = ("électrique", "manuel", "polyester", "galvanisé", "inox", "nitrile", "hydraulique")
_TAGS = ("Levage", "Levage", "Levage", "Atelier", "Pont")

ASKED = {
    "a common word, 3 letters": {"search": "pal"},
    "a common word, the second page": {"search": "palan", "cursor": "{cursor}"},
    "one code": {"search": "REF-{rare}"},
    "a common word and a rare one": {"search": "palan {rare}"},
    "two common words": {"search": "palan inox"},
    "nothing": {"search": "palan introuvable"},
    "a tag": {"tag": "levage"},
    "a tag, a word and a price": {"tag": "levage", "search": "cable", "price_from": "10", "price_to": "500"},
    "a price": {"price_from": "100", "price_to": "101"},
}


def reference(number: int) -> Reference:
    """One of many references, each word as frequent at any size."""
    good, matter = _GOODS[number % len(_GOODS)], _MATTERS[number * 31 % 89 % len(_MATTERS)]
    return Reference(
        id=derived_id("reference", str(number)),
        code=f"REF-{number:06d}",
        designation=f"{good} {matter}, modèle {number * 7919 % 100_003:05d}",
        sale_price=Decimal(number * 37 % 99_991) / 100,
        tags=(_TAGS[number % len(_TAGS)],),
    )


def worker(count: int) -> None:
    """Search a company with `count` references; prints calls, items, units and CPU of each search."""
    with contextlib.redirect_stdout(io.StringIO()):
        office = Office()
    company = office.companies[0]
    for start in range(0, count, MAX_OPERATIONS):
        made = [reference(number) for number in range(start, min(count, start + MAX_OPERATIONS))]
        office.backend.write([Put(REFERENCE.record(keys.reference(company, each.id), each, 0)) for each in made])
    tally = Tally()
    Loopback(office.backend, LocalSigner(), tally).install()
    client = Client(Api(api_services), claims(company, office.operators[company]["sales"]))
    found: dict[str, list[float]] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        cursor = client.get("/references", query={"search": "palan", "limit": "20"}).json.get("cursor") or ""
        for name, asked in ASKED.items():
            query = {key: text.format(cursor=cursor, rare=f"{count - 1:06d}") for key, text in asked.items()}
            query = {key: text for key, text in query.items() if text}
            found[name] = _cost(client, tally, query)
    tell(found)


def _cost(client: Client, tally: Tally, query: dict[str, str]) -> list[float]:
    tally.clear()
    started = time.process_time()
    answer = client.get("/references", query=query | {"limit": "20"})
    spent = (time.process_time() - started - tally.cpu["emulator"]) * 1000
    if answer.status != 200:
        raise RuntimeError(f"{query}: {answer.status} {answer.text}")
    return [float(len(tally.calls)), tally.total("items"), tally.total("read"), spent, float(len(answer.json["items"]))]


def show(size: Size) -> None:
    """Print the figures."""
    counts = [30, 60] if size.tiny else [1_000, 100_000]
    title(f"Search among {' and '.join(f'{count:,}' for count in counts)} references")
    told = {count: fresh(["-m", "tests.scale.search", str(count)]).told for count in counts}
    low, high = (told[count] for count in counts)
    heads = ["search", *(f"at {count:,}" for count in counts), "CPU ms", "found"]
    rows = [
        [
            name,
            *("/".join(f"{figure:g}" for figure in told[count][name][:3]) for count in counts),
            high[name][3],
            int(high[name][4]),
        ]
        for name in ASKED
    ]
    table(heads, rows)
    note("calls to AWS / entries and items read / DynamoDB read units of one request; CPU and results of the larger")
    verdict("most calls of one search", max(high[name][0] for name in ASKED), 15)
    verdict("most read units of one search", max(high[name][2] for name in ASKED), 120)
    quick = [name for name, asked in ASKED.items() if set(asked) == {"search"} and " " not in asked["search"]]
    growth = max(high[name][2] / low[name][2] for name in quick)
    verdict("largest growth of units of a quick search of one word", growth, 1.1, " times")


if __name__ == "__main__":
    worker(int(sys.argv[1]))
