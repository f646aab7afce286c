"""FIS-02, FIS-08: the chains of a company are verified where they lie, and the first broken link of each is named."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from comptoir.access.queries import Listing
from comptoir.kernel.model import Model
from comptoir.kernel.text import sha256
from comptoir.ledger import verifying
from comptoir.ledger.chain import Fact, extend
from comptoir.ledger.commands import ListVerifications, ReadVerification, VerifyChains
from comptoir.ledger.events import technical_event
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName
from comptoir.ledger.queries import ChainedEvent, ChainedEventPage, ListTechnicalEvents
from comptoir.ledger.sealing import copy_heads
from comptoir.ledger.verification import BrokenLink, VerificationReport, VerificationState
from comptoir.ledger.verify import Fault, KeyRing
from comptoir.ledger.verifying import conclude_verification, resume_verifications, verify_chains, verify_due
from comptoir.store import codec, keys
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Record
from comptoir.store.transaction import Transaction
from tests.signing import LocalSigner
from tests.world import World, open_world

DOCUMENTS, EVENTS = ChainName.DOCUMENTS, ChainName.EVENTS


class Note(Model):
    """Something that was said."""

    text: str


@dataclass
class Bucket:
    """The locked bucket, in memory."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        self.objects.setdefault(key, body)

    def names(self, prefix: str, after: str) -> Iterator[str]:
        return iter(sorted(name for name in self.objects if name.startswith(prefix) and name > after))

    def read(self, key: str, most: int) -> bytes | None:
        return self.objects.get(key)


@dataclass
class Started:
    """Workflows that are only remembered."""

    runs: list[tuple[str, str, Any]] = field(default_factory=list)

    def start(self, machine: str, name: str, payload: Any) -> None:
        self.runs.append((machine, name, payload))


class House:
    """A company whose chain of documents holds 30 entries in blocks of up to four, its heads copied midway."""

    def __init__(self) -> None:
        self.world = open_world()
        self.bucket, self.started = Bucket(), Started()
        self.world.services = replace(self.world.services, workflows=None)
        self.ring = KeyRing({self.world.signer.key_id: self.world.signer.pem()})
        for block in range(10):
            self.append(3)
            if block == 5:
                copy_heads(self.store, self.bucket, self.world.company)
        copy_heads(self.store, self.bucket, self.world.company)

    @property
    def store(self) -> Any:
        return self.world.services.store

    @property
    def backend(self) -> MemoryBackend:
        backend: MemoryBackend = self.store.backend
        return backend

    def append(self, count: int, signer: LocalSigner | None = None) -> None:
        def work(tx: Transaction) -> None:
            facts = [Fact("note", Note(text=f"Ça {n}")) for n in range(count)]
            now = self.world.clock.now()
            extend(tx, self.world.company, DOCUMENTS, facts, now, signer or self.world.signer)

        self.store.transact(work)

    def entry(self, sequence: int) -> Record:
        return codec.decode(self.backend._items[keys.chain_entry(self.world.company, DOCUMENTS, sequence)])

    def put(self, place: int, /, **changed: Any) -> None:
        """Write over an entry what somebody with all rights over the table could."""
        key = keys.chain_entry(self.world.company, DOCUMENTS, place)
        self.lay(ENTRY.record(key, ENTRY.load(self.entry(place)).change(**changed), 1))

    def lay(self, record: Record) -> None:
        """Lay a record under its key, past everything."""
        self.backend._items[record.key] = codec.encode(record)

    def drop(self, sequence: int) -> None:
        key = keys.chain_entry(self.world.company, DOCUMENTS, sequence)
        del self.backend._items[key]
        self.backend._sorted[(0, key.pk)].remove((key.sk, key))

    def verify(self) -> VerificationReport:
        """Ask for a verification and have it done, as the workflow does."""
        asked = self.world.do(VerificationReport, VerifyChains(), "accountant").id
        return self.done(asked)

    def done(self, asked: str) -> VerificationReport:
        event = {"company": self.world.company, "job": asked}
        while verify_chains(self.world.services, event, self.bucket, self.ring) == {"outcome": "again"}:
            pass
        outcomes = [conclude_verification(self.world.services, event)["outcome"] for _ in range(2)]
        found = self.world.do(VerificationReport, ReadVerification(verification=asked), "inspector")
        assert outcomes == ["broken" if found.broken else "sealed"] * 2
        return found


@pytest.fixture(params=[1, 4, 7, 1000])
def house(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> House:
    """The same whatever the size of the parts."""
    monkeypatch.setattr(verifying, "PART", request.param)
    monkeypatch.setattr(verifying, "PARTS", 3)
    return House()


def test_whole_chains_are_found_whole_and_the_verdict_is_chained(house: House) -> None:
    """FIS-02, FIS-08: every entry is read; verdicts are events of the chain that the next verification reads."""
    first = house.verify()
    assert (first.state, first.broken) == (VerificationState.INTACT, ())
    assert first.entries[DOCUMENTS] == 30
    told = house.world.do(ChainedEventPage, ListTechnicalEvents(), "inspector").items[0]
    assert (told.event, told.content["id"], told.content["state"]) == ("chains_verified", first.id, "intact")
    assert told.operator == house.world.operators["accountant"]
    second = house.verify()
    assert second.entries[EVENTS] == first.entries[EVENTS] + 1
    listed = house.world.do(Listing[VerificationReport], ListVerifications(), "inspector").items
    assert {one.id for one in listed} == {first.id, second.id}


def swap(house: House) -> None:
    """Two entries change their places."""
    first, second = ENTRY.load(house.entry(16)), ENTRY.load(house.entry(17))
    house.put(16, **second.model_dump())
    house.put(17, **first.model_dump())


def cut(house: House) -> None:
    """The tail is gone, and the head stands where it stood before."""
    for sequence in (28, 29, 30):
        house.drop(sequence)
    last = ENTRY.load(house.entry(27))
    key = keys.chain_head(house.world.company, DOCUMENTS)
    head = HEAD.load(codec.decode(house.backend._items[key]))
    told = {"sequence": 27, "hash": last.hash, "signature": last.signature, "key_id": last.key_id}
    house.lay(HEAD.record(key, head.change(**told), 1))


def gone(house: House) -> None:
    """The whole chain is gone, its head too."""
    for sequence in range(1, 31):
        house.drop(sequence)
    del house.backend._items[keys.chain_head(house.world.company, DOCUMENTS)]


def forged(house: House) -> None:
    """Entries are appended with another key."""
    house.append(3, LocalSigner())


def resigned(house: House) -> None:
    """An entry is altered, and made to fit by whoever has another key."""
    entry = ENTRY.load(house.entry(30))
    payload = json.dumps({"text": "autre"}, separators=(",", ":"))
    changed = entry.change(payload=payload, payload_hash=sha256(payload.encode()))
    digest = changed.digest()
    signature = base64.b64encode(LocalSigner().sign(bytes.fromhex(digest))).decode()
    house.put(30, payload=payload, payload_hash=changed.payload_hash, hash=digest, signature=signature)


def unreadable(house: House) -> None:
    """Bytes that are no entry any more."""
    house.lay(replace(house.entry(9), data='{"nothing": 1}'))


TAMPERED: dict[str, tuple[Callable[[House], None], set[Fault], int]] = {
    "a value is changed": (lambda house: house.put(14, payload='{"text":"faux"}'), {Fault.ALTERED}, 14),
    "two rows are swapped": (swap, {Fault.REORDERED, Fault.MISSING}, 16),
    "a middle row is deleted": (lambda house: house.drop(11), {Fault.MISSING}, 11),
    "the tail is deleted": (cut, {Fault.TRUNCATED}, 28),
    "everything is deleted": (gone, {Fault.TRUNCATED}, 1),
    "entries are signed with another key": (forged, {Fault.BAD_SIGNATURE}, 33),
    "an entry is signed again with another key": (resigned, {Fault.ALTERED, Fault.BAD_SIGNATURE}, 30),
    "a row is unreadable": (unreadable, {Fault.UNREADABLE}, 9),
}


@pytest.mark.parametrize("way", TAMPERED)
def test_the_first_broken_link_is_named(house: House, way: str) -> None:
    """RULES §3.4 rule 7: each way of tampering, whatever the size of the parts that are read."""
    tamper, faults, sequence = TAMPERED[way]
    tamper(house)
    found = house.verify()
    assert found.state is VerificationState.BROKEN
    [link] = found.broken
    assert isinstance(link, BrokenLink)
    assert (link.chain, link.sequence) == (DOCUMENTS, sequence), link
    assert link.fault in faults
    assert found.entries[EVENTS] > 0, "the other chains are verified all the same"
    told = house.world.do(ChainedEventPage, ListTechnicalEvents(), "inspector").items[0]
    assert told.content["broken"][0]["sequence"] == sequence


def test_a_chain_that_grows_meanwhile_is_not_cut_off(house: House) -> None:
    """FIS-02: a head that was copied after the chain's own was read tells of what joined since."""
    listed = house.bucket.names

    def growing(prefix: str, after: str) -> Iterator[str]:
        house.append(2)
        copy_heads(house.store, house.bucket, house.world.company)
        return listed(prefix, after)

    house.bucket.names = growing  # type: ignore[method-assign]
    assert house.verify().state is VerificationState.INTACT


def test_the_clock_verifies_once_a_day_and_what_was_killed_goes_on() -> None:
    """FIS-02: a run that ended in the middle is driven again; nothing is done twice."""
    house = House()
    house.world.services = replace(house.world.services, workflows=house.started)
    assert verify_due(house.world.services) == {"verifications_started": 1, "failed": 0}
    assert verify_due(house.world.services) == {"verifications_started": 0, "failed": 0}
    [(machine, _, payload)] = house.started.runs
    assert (machine, payload["task"]) == ("jobs", "verify_chains")
    assert resume_verifications(house.world.services) == {"verifications_resumed": 0, "failed": 0}
    house.world.wait(hours=2)
    assert resume_verifications(house.world.services) == {"verifications_resumed": 1, "failed": 0}
    assert house.started.runs[1][2] == payload
    found = house.done(payload["job"])
    assert (found.state, found.operator, found.operator_name) == (VerificationState.INTACT, None, "Horloge")
    house.world.wait(hours=2)
    assert resume_verifications(house.world.services) == {"verifications_resumed": 0, "failed": 0}


def test_technical_events_are_listed_block_by_block() -> None:
    """FIS-08: newest first, each once, with who did it and with which version."""
    world: World = open_world()

    for start in range(0, 230, 46):

        def work(tx: Transaction, start: int = start) -> None:
            facts = [technical_event(f"event_{start + n}", None, "Comptoir", {}) for n in range(46)]
            extend(tx, world.company, EVENTS, facts, world.clock.now(), world.signer)

        world.services.store.transact(work)
    seen: list[ChainedEvent] = []
    before: int | None = None
    while True:
        page = world.do(ChainedEventPage, ListTechnicalEvents(before=before), "inspector")
        seen += page.items
        before = page.next
        if before is None:
            break
    last = seen[0].sequence
    assert [event.sequence for event in seen] == list(range(last, 0, -1))
    assert (seen[0].event, seen[-1].event) == ("event_229", "service_started")
    assert {event.version for event in seen} != {""}
