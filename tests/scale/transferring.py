"""What transfers cost: calls and units of an order and of its file, and of listing what is owed.

The real commands run as the API and the bank function run them, on real boto3 clients answered by `loopback`; the
archive is in memory, and its two calls (a GET, a PUT) are not counted.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from comptoir.banking.formats.transfers import write_transfers
from comptoir.banking.ordered import AT_ONCE, MOST_TRANSFERS, StoredTransferOrder
from comptoir.banking.payable import ListPayableLines
from comptoir.purchasing.model import SupplierDocument
from comptoir.runtime.clients import client
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.settings import setting
from comptoir.store.store import Store
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally, counted
from tests.scale.report import Size, fresh, note, table, tell, title
from tests.unit.banks import Shelf
from tests.unit.transfer_support import Treasurer, open_treasurer

_COLUMNS = ("calls", "read units", "operations", "write units", "CPU ms")


def worker(most: int) -> None:
    """Everything once, on a fresh company; prints the cost of each."""
    told: dict[str, Mapping[str, float]] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        treasurer, tally = open_treasurer(), Tally()
        supplier = treasurer.supplier()
        documents = [treasurer.invoice(supplier, f"F-{number}") for number in range(most + AT_ONCE + 2)]
        world = treasurer.world
        Loopback(world.services.store.backend, world.signer, tally).install()
        cursors = world.services.store._cursors
        store = Store(DynamoBackend(lambda: client("dynamodb"), setting("TABLE")), cursors)
        world.services = replace(world.services, store=store, bank=None)
        # The first of all makes the clients.
        _order(treasurer, documents[:1], tally)
        for count, first in ((1, 1), (AT_ONCE, 2), (most, AT_ONCE + 2)):
            order, told[f"order of {count}"] = _order(treasurer, documents[first : first + count], tally)
            task = {"company": world.company, "order": order.id}
            run = counted(tally, partial(write_transfers, world.services, task, Shelf(), Shelf()))
            told[f"its file, {count}"] = run
        told["list of 25 requests owed"] = counted(
            tally, lambda: world.execute_as("accountant", ListPayableLines(limit=25))
        )
    tell(told)


def _order(
    treasurer: Treasurer, documents: list[SupplierDocument], tally: Tally
) -> tuple[StoredTransferOrder, dict[str, float]]:
    request, made = treasurer.asked(*documents), []

    def ask() -> None:
        made.append(treasurer.world.do(StoredTransferOrder, request, idempotency_key=documents[0].id))

    cost = counted(tally, ask)
    return made[0], cost


def show(size: Size) -> None:
    """Print the figures."""
    most = size.of(MOST_TRANSFERS, 2)
    title("Calls and units of transfers, an invoice each")
    told: dict[str, Any] = fresh(["-m", "tests.scale.transferring", str(most)]).told
    table(["what", *_COLUMNS], ([what, *(cost[name] for name in _COLUMNS)] for what, cost in told.items()))
    note("calls to the table; read and write units by AWS's rules; operations of the transactions")


if __name__ == "__main__":
    worker(int(sys.argv[1]))
