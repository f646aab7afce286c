"""What the emulator acknowledges is on disk first.

Hot changes (table items, queue messages, executions, object locks) go to a journal as they happen. Rare ones
(a key, a user, a function…) rewrite their service's file of the snapshot. What belongs to the journalled services but
is rare (a table, a queue, a bucket's settings) starts a new snapshot of everything. All of it before the answer leaves.

A stack that is being deployed is never part of a snapshot: a deployment cut in its middle is undone by the restart.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

from infra.local.journal import Journal, Record, replay
from infra.local.snapshots import Snapshots

logger = logging.getLogger("comptoir.durability")

# Beyond this size the journal is folded into a new snapshot, so that a start stays short.
JOURNAL_LIMIT = 128 * 1024 * 1024
_ATTEMPTS = 20


class StateUnreadableError(Exception):
    """A file of the state directory can't be read back; starting without it would lose what it holds."""


class Recorder(Protocol):
    """Journals one kind of change and can apply it again; applying a record twice is harmless."""

    kind: str

    def install(self, store: Store) -> None:
        """Hook into the emulator."""

    def apply(self, *fields: Any) -> None:
        """Make the change of one journalled record."""

    def restored(self) -> None:
        """Called once the snapshot and the journal are loaded."""


class Store:
    """The durable state of one emulator. Everything that changes state holds `lock`."""

    def __init__(self, emulator: SimpleNamespace, root: Path, recorders: list[Recorder]) -> None:
        self.lock = threading.RLock()
        self._emulator = emulator
        self._snapshots = Snapshots(root)
        self._recorders = {recorder.kind: recorder for recorder in recorders}
        self._journal = Journal(self._snapshots.journal)
        self._pending: list[Record] = []
        self._depth = 0
        self._touched: set[str] = set()
        self._due = False
        self.extra_states: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {}

    # Recording.

    @property
    def in_operation(self) -> bool:
        """Whether a change now belongs to an operation that somebody asked for."""
        return self._depth > 0

    @contextmanager
    def operation(self) -> Iterator[None]:
        """All that is recorded inside is one line of the journal; nests."""
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth and self._pending:
                    records, self._pending = self._pending, []
                    self._journal.append(records)

    def record(self, kind: str, *fields: Any) -> None:
        """Journal one change, alone or in the operation under way."""
        with self.lock:
            if self._depth:
                self._pending.append([kind, *fields])
            else:
                self._journal.append([[kind, *fields]])

    def touch(self, keys: set[str]) -> None:
        """These services' files must be rewritten before the next answer."""
        self._touched |= keys

    def demand_checkpoint(self) -> None:
        """A new snapshot must be taken, before the next answer or as soon as no stack is being deployed."""
        self._due = True

    # Acknowledging.

    async def commit(self) -> None:
        """Return once all that happened until now is on disk."""
        if self._due or self._journal.size > JOURNAL_LIMIT:
            self.checkpoint()
        if self._touched:
            self._save_touched()
        await self._journal.sync()

    def checkpoint(self) -> bool:
        """Take a snapshot of everything; false (and nothing done) while a stack is being deployed."""
        if self._deploying():
            return False
        with self.lock:
            self._snapshots.advance(self._encode(self._emulator.app._build_persistence_save_dict()))
            self._journal.close()
            self._journal = Journal(self._snapshots.journal)
            self._touched.clear()
        self._due = False
        return True

    def _save_touched(self) -> None:
        states = self._emulator.app._build_persistence_save_dict()
        with self.lock:
            keys, self._touched = self._touched, set()
            files = self._encode({key: states[key] for key in keys if key in states}, extra=False)
            for name, content in files.items():
                self._snapshots.replace(name, content)

    def _encode(self, states: Mapping[str, Callable[[], Any]], extra: bool = True) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        for key, state in states.items():
            payload = _read_state(state)
            if payload is None:
                continue
            document = {
                "__ministack_format__": self._emulator.persistence._state_format_version(key),
                "payload": payload,
            }
            try:
                text = json.dumps(document, default=self._emulator.persistence._json_default)
            except TypeError:
                logger.exception("The state of %s can't be written; its last file is kept", key)
                files |= self._kept(f"{key}.json")
            else:
                files[f"{key}.json"] = text.encode()
        for key, (state, _) in self.extra_states.items() if extra else ():
            files[f"{key}.json"] = json.dumps(_read_state(state)).encode()
        return files

    def _kept(self, name: str) -> dict[str, bytes]:
        path = self._snapshots.folder / name
        return {name: path.read_bytes()} if path.exists() else {}

    def _deploying(self) -> bool:
        stacks = self._emulator.cloudformation._stacks.all_values()
        return any(stack.get("StackStatus", "").endswith("IN_PROGRESS") for stack in stacks)

    # Restoring.

    def load(self) -> int:
        """Bring back the last snapshot and all that came after it; returns how many operations were replayed."""
        persistence, app = self._emulator.persistence, self._emulator.app
        persistence.STATE_DIR = str(self._snapshots.folder)
        with self.lock:
            for key, module in app._state_map.items():
                if not (self._snapshots.folder / f"{key}.json").exists():
                    continue
                state = persistence.load_state(key)
                if state is None:
                    raise StateUnreadableError(f"{self._snapshots.folder / key}.json can't be read")
                app._get_module(module).load_persisted_state(state)
            for key, (_, restore) in self.extra_states.items():
                path = self._snapshots.folder / f"{key}.json"
                if path.exists():
                    restore(json.loads(path.read_bytes()))
            operations = self._replay()
            for recorder in self._recorders.values():
                recorder.restored()
        return operations

    def _replay(self) -> int:
        operations = 0
        for records in replay(self._snapshots.journal):
            operations += 1
            for kind, *fields in records:
                self._recorders[kind].apply(*fields)
        return operations

    def install(self) -> None:
        """Begin to record; after `load`, so that what is brought back is not recorded again."""
        for recorder in self._recorders.values():
            recorder.install(self)


def _read_state(state: Callable[[], Any]) -> Any:
    """A copy of a service's state, tried again when a background thread changed it meanwhile."""
    for _ in range(_ATTEMPTS):
        try:
            return state()
        except RuntimeError as error:
            if "changed size during iteration" not in str(error):
                raise
    return state()
