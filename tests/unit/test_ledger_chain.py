"""FIS-01, FIS-02: chains extend without gap or fork, and tampering is named, each way of it."""

from __future__ import annotations

import json
import random
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.access.model import NumberFormat
from comptoir.kernel.model import Model
from comptoir.ledger.__main__ import main
from comptoir.ledger.chain import Fact, extend
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName, Entry, Head
from comptoir.ledger.series import OutOfOrder, Series
from comptoir.ledger.verify import Fault, KeyRing, verify
from comptoir.store import keys
from comptoir.store.cursor import CursorSigner
from comptoir.store.memory import MemoryBackend
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from tests.signing import LocalSigner

COMPANY = "0" * 26
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


class Note(Model):
    text: str


def make_store() -> Store:
    return Store(MemoryBackend(), CursorSigner(lambda: b"s"))


def append(store: Store, signer: LocalSigner, texts: list[str]) -> list[Entry]:
    def work(tx: Transaction) -> list[Entry]:
        facts = [Fact("note", Note(text=text)) for text in texts]
        return extend(tx, COMPANY, ChainName.DOCUMENTS, facts, NOW, signer)

    return store.transact(work)


def read(store: Store) -> tuple[list[Entry], Head]:
    head = store.require(HEAD, keys.chain_head(COMPANY, "documents")).value
    found = [store.require(ENTRY, keys.chain_entry(COMPANY, "documents", n)).value for n in range(1, head.sequence + 1)]
    return found, head


@pytest.fixture(scope="module")
def signer() -> LocalSigner:
    return LocalSigner()


@pytest.fixture(scope="module")
def chain(signer: LocalSigner) -> tuple[list[Entry], Head]:
    """Twelve entries written in blocks of 1, 4, 2 and 5."""
    store = make_store()
    for block in (1, 4, 2, 5):
        append(store, signer, [f"entry {block} {n} é" for n in range(block)])
    return read(store)


def dump(entries: list[Entry]) -> list[str]:
    return [entry.model_dump_json() for entry in entries]


def forged(after: Entry, sequence: int, text: str) -> Entry:
    """An entry that a thief computes: right in everything but the signature."""
    store, signer = make_store(), LocalSigner()
    (fake,) = append(store, signer, [text])
    fake = fake.change(sequence=sequence, previous_hash=after.hash, signature=None, key_id=None)
    return fake.change(hash=fake.digest())


def rehash(entry: Entry, **fields: object) -> Entry:
    changed = entry.change(**fields)
    return changed.change(hash=changed.digest())


def test_fis_02_an_untouched_chain_is_intact(chain: tuple[list[Entry], Head], signer: LocalSigner) -> None:
    entries, head = chain
    verdict = verify(dump(entries), KeyRing({signer.key_id: signer.pem()}), [head])
    assert verdict.intact
    assert verdict.entries == 12


def test_fis_01_one_signature_covers_a_block_and_the_head_carries_it(chain: tuple[list[Entry], Head]) -> None:
    entries, head = chain
    assert [e.sequence for e in entries if e.signature] == [1, 5, 7, 12]
    assert (head.sequence, head.hash, head.signature) == (12, entries[-1].hash, entries[-1].signature)


def tampered(entries: list[Entry]) -> dict[str, tuple[list[Entry], Fault, int]]:
    e = list(entries)
    other_payload = e[4].payload.replace("entry", "enTry")
    return {
        "value changed": ([*e[:4], e[4].change(payload=other_payload), *e[5:]], Fault.ALTERED, 5),
        "value and its hash changed": (
            [*e[:3], e[3].change(payload=other_payload, payload_hash="0" * 64), *e[4:]],
            Fault.ALTERED,
            4,
        ),
        "entry replaced, hash recomputed": (
            [*e[:3], rehash(e[3].change(payload=other_payload), kind="other"), *e[4:]],
            Fault.ALTERED,
            4,
        ),
        "two rows swapped": ([*e[:5], e[6], e[5], *e[7:]], Fault.REORDERED, 6),
        "middle row deleted": ([*e[:6], *e[7:]], Fault.MISSING, 7),
        "first row deleted": (e[1:], Fault.MISSING, 1),
        "row doubled": ([*e[:6], e[5], *e[6:]], Fault.INSERTED, 6),
        "row inserted": ([*e[:6], forged(e[5], 7, "forged"), *e[6:]], Fault.INSERTED, 7),
        "tail deleted": (e[:7], Fault.TRUNCATED, 8),
        "everything deleted": ([], Fault.TRUNCATED, 1),
        "tail cut within a block": (e[:9], Fault.TRUNCATED, 10),
        "forged row appended": ([*e, forged(e[-1], 13, "forged")], Fault.UNSIGNED, 13),
        "another company's row": ([*e[:5], e[5].change(company="1" * 26), *e[6:]], Fault.FOREIGN, 6),
        "date moved": ([*e[:5], e[5].change(at="2026-01-01T00:00:00.000000Z"), *e[6:]], Fault.ALTERED, 6),
    }


CASES = (
    "value changed",
    "value and its hash changed",
    "entry replaced, hash recomputed",
    "two rows swapped",
    "middle row deleted",
    "first row deleted",
    "row doubled",
    "row inserted",
    "tail deleted",
    "everything deleted",
    "tail cut within a block",
    "forged row appended",
    "another company's row",
    "date moved",
)


@pytest.mark.parametrize("case", CASES)
def test_fis_02_each_way_of_tampering_is_named(case: str, chain: tuple[list[Entry], Head], signer: LocalSigner) -> None:
    entries, head = chain
    lines, fault, sequence = tampered(entries)[case]
    verdict = verify(dump(lines), KeyRing({signer.key_id: signer.pem()}), [head])
    assert (verdict.fault, verdict.sequence) == (fault, sequence), verdict


def test_fis_02_a_chain_signed_again_with_another_key_is_refused(
    chain: tuple[list[Entry], Head], signer: LocalSigner
) -> None:
    entries, head = chain
    thief = LocalSigner(signer.key_id)
    store = make_store()
    for block in (1, 4, 2, 5):
        append(store, thief, [f"entry {block} {n} e" for n in range(block)])
    rewritten, thief_head = read(store)
    ring = KeyRing({signer.key_id: signer.pem()})
    assert verify(dump(rewritten), ring, [thief_head]).fault is Fault.BAD_SIGNATURE
    assert verify(dump(rewritten), ring, [head]).sequence == 1
    assert verify(dump(entries), KeyRing({}), []).fault is Fault.BAD_SIGNATURE


def test_fis_02_truncation_at_a_block_shows_only_thanks_to_the_locked_head(
    chain: tuple[list[Entry], Head], signer: LocalSigner
) -> None:
    entries, head = chain
    ring = KeyRing({signer.key_id: signer.pem()})
    assert verify(dump(entries[:7]), ring).intact
    assert verify(dump(entries[:7]), ring, [head]).fault is Fault.TRUNCATED
    assert verify(dump(entries[:9]), ring).fault is Fault.UNSIGNED


@given(st.integers(0, 11), st.sampled_from(["payload", "at", "kind", "previous_hash", "payload_hash", "hash"]))
def test_fis_02_any_field_of_any_entry_is_guarded(position: int, field: str) -> None:
    entries, head, pem = _shared()
    entry = entries[position]
    value = getattr(entry, field)
    altered = entry.change(**{field: ("1" if value[0] == "0" else "0") + value[1:]})
    verdict = verify(
        dump([*entries[:position], altered, *entries[position + 1 :]]), KeyRing({"local-key": pem}), [head]
    )
    assert (verdict.fault, verdict.sequence) == (Fault.ALTERED, position + 1)


_SHARED: list[tuple[list[Entry], Head, str]] = []


def _shared() -> tuple[list[Entry], Head, str]:
    if not _SHARED:
        store, key = make_store(), LocalSigner()
        for block in (3, 5, 4):
            append(store, key, [f"n{block}{n}" for n in range(block)])
        _SHARED.append((*read(store), key.pem()))
    return _SHARED[0]


def test_fis_01_sixteen_writers_make_one_chain(signer: LocalSigner) -> None:
    store = make_store()

    def work(writer: int) -> None:
        for n in range(8):
            append(store, signer, [f"{writer}-{n}"] * random.Random(writer + n).randint(1, 3))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries, head = read(store)
    assert verify(dump(entries), KeyRing({signer.key_id: signer.pem()}), [head]).intact
    assert {json.loads(e.payload)["text"] for e in entries} == {f"{w}-{n}" for w in range(16) for n in range(8)}


def numbers(series: Series, days: list[date]) -> list[str]:
    shown = []
    for day in days:
        number, series = series.next(day)
        shown.append(number)
    return shown


def test_inv_02_numbers_follow_the_format_and_dates_never_go_back() -> None:
    series = Series.after(None, NumberFormat(prefix="FA{YYYY}-", digits=5, first=7))
    first, series = series.next(date(2026, 12, 31))
    second, series = series.next(date(2027, 1, 1))
    assert (first, second) == ("FA2026-00007", "FA2027-00008")
    with pytest.raises(OutOfOrder) as caught:
        series.next(date(2026, 12, 31))
    assert caught.value.extra == {"last_date": "2027-01-01"}
    assert (series.last_number, series.last_date) == (8, date(2027, 1, 1))


def test_inv_14_a_yearly_count_restarts_with_the_year_in_the_number_only() -> None:
    with pytest.raises(ValueError, match="needs the year"):
        NumberFormat(prefix="F-", yearly=True)
    series = Series.after(None, NumberFormat(prefix="F{YY}-", digits=3, yearly=True))
    days = [date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert numbers(series, days) == ["F26-001", "F26-002", "F27-001"]


def test_fis_02_the_command_works_on_files(
    chain: tuple[list[Entry], Head], signer: LocalSigner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries, head = chain
    export, ring, heads = tmp_path / "documents.jsonl", tmp_path / "keys.json", tmp_path / "heads.jsonl"
    export.write_text("\n".join(dump(entries)))
    ring.write_text(json.dumps({signer.key_id: signer.pem()}))
    heads.write_text(head.model_dump_json())
    arguments = ["verify", str(export), "--keys", str(ring), "--heads", str(heads)]
    assert main(arguments) == 0
    assert "12 entries" in capsys.readouterr().out
    export.write_text("\n".join(dump(entries[:7])))
    assert main(arguments) == 1
    assert "entry 8 is truncated" in capsys.readouterr().out
    export.write_text("not json")
    assert main(arguments) == 1
    ring.write_text("[")
    assert main(arguments) == 2
