"""The table's stream as Lambda brings it: base64 data, partial images, a faulty record in a batch (PTY-05, CAT-05)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from comptoir.banking.cash import CASH
from comptoir.kernel.clock import FixedClock
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.store import codec, keys
from comptoir.store.backend import Put, Query
from comptoir.store.cursor import CursorSigner
from comptoir.store.findable import SHARDS, partition
from comptoir.store.indexing import Indexer
from comptoir.store.memory import MemoryBackend
from comptoir.store.store import Store
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from functions.stream.app import Follower

COMPANY = "0" * 26


def image(number: int, name: str, version: int) -> dict[str, Any]:
    """An item as a stream carries it: bytes in base64, through JSON."""
    party = Party.model_validate(
        {
            "id": f"{number:026d}",
            "code": f"C{number}",
            "name": name,
            "kinds": ["customer"],
            "address": {"lines": [f"{line} " + "rue " * 40 for line in range(12)]},
        }
    )
    item = codec.encode(PARTY.record(keys.party(COMPANY, party.id), party, version - 1))
    assert "z" in item
    item["z"] = {"B": base64.b64encode(item["z"]["B"]).decode()}
    read: dict[str, Any] = json.loads(json.dumps(item))
    return read


def record(sequence: str, new: Any, old: Any = None) -> dict[str, Any]:
    images = {"OldImage": old} if old else {}
    return {"dynamodb": {"SequenceNumber": sequence, "NewImage": new, **images}}


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


def follower(backend: MemoryBackend) -> Follower:
    clock = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
    store = Store(backend, CursorSigner(lambda: b"secret of tests"), sleep=lambda _: None)
    return Follower(lambda: Indexer(backend, clock, lambda _: None), lambda: store)


def entries(backend: MemoryBackend, begins: str) -> list[str]:
    shards = (backend.query(Query(partition(COMPANY, "PARTIES", begins, shard))) for shard in SHARDS)
    found = [record for shard in shards for record in shard.records]
    return [entry.key.sk.partition("#")[0] for entry in found if entry.summary]


def test_a_batch_becomes_entries_and_a_faulty_record_holds_up_nobody(backend: MemoryBackend) -> None:
    faulty = {"pk": {"S": "x"}, "sk": {"S": "x"}, "t": {"S": "party"}, "v": {"N": "1"}, "f": {"S": "not json"}}
    broken = {"pk": {"S": "x"}, "t": {"S": "party"}}
    batch = [
        record("1", image(1, "Conserverie", 1)),
        record("2", broken),
        record("3", image(2, "Conservatoire", 1)),
        record("4", image(1, "Fumerie", 2), image(1, "Conserverie", 1)),
        record("5", {"pk": {"S": "counter"}, "sk": {"S": "n"}, "n": {"N": "1"}}),
    ]
    follow = follower(backend)
    assert follow({"Records": batch}) == {"batchItemFailures": []}
    assert entries(backend, "con") == ["conservatoire"]
    assert entries(backend, "fum") == ["fumerie"]
    assert follow({"Records": batch}) == {"batchItemFailures": []}
    assert entries(backend, "con") == ["conservatoire"]
    assert follow({"Records": [record("6", faulty), record("7", image(3, "Criée", 1))]}) == {"batchItemFailures": []}
    assert entries(backend, "cri") == ["criee"]


def test_what_can_be_neither_written_nor_kept_is_asked_for_again(backend: MemoryBackend) -> None:
    def refuse(operations: object) -> None:
        raise OSError("the table is out of reach")

    backend.write = refuse  # type: ignore[method-assign]
    batch = [record("1", image(1, "Conserverie", 1)), record("2", image(2, "Criée", 1))]
    failures = follower(backend)({"Records": batch})["batchItemFailures"]
    assert failures == [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]


def test_a_sheet_of_treasury_is_counted_as_it_lies_in_the_table(backend: MemoryBackend) -> None:
    """TRS-11: a record tells which sheet changed; what it holds now counts, once."""
    line = {"id": f"{1:026d}", "amount": {"amount": "12.00", "currency": "EUR"}, "forecast_date": "2026-11-26"}
    sheet = Treasury.model_validate({"lines": [line | {"status": "firm"}]})
    stored = TREASURY.record(keys.order_treasury(COMPANY, f"{1:026d}"), sheet, 0)
    backend.write([Put(stored)])
    follow = follower(backend)
    batch = {"Records": [record(number, codec.encode(stored)) for number in ("1", "2")]}
    assert follow(batch) == follow(batch) == {"batchItemFailures": []}
    cash = backend.get([keys.cash(COMPANY, "EUR")])[keys.cash(COMPANY, "EUR")]
    assert [str(amount.amount) for amount in CASH.load(cash).flows.values()] == ["12.00"]
