"""Object locks outlive the process: MiniStack keeps objects on disk but forgets what protects them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from infra.local.snapshots import write_durably

if TYPE_CHECKING:
    from infra.local.durability import Store

_FIELDS = {"object_retention": "_object_retention", "object_legal_hold": "_object_legal_hold"}


class Retention:
    """Journals retentions and legal holds, before the object that they protect reaches the disk."""

    kind = "lock"

    def __init__(self, emulator: SimpleNamespace) -> None:
        self._s3: Any = emulator.s3
        self._account: Any = emulator.responses.get_account_id
        self._dictionary: Any = emulator.responses.AccountScopedDict
        for field, name in _FIELDS.items():
            self._s3._PERSISTED_BUCKET_DICTS[field] = getattr(self._s3, name)

    def install(self, store: Store) -> None:
        """The two dictionaries record what is done to them; objects are written durably, and never without a lock
        that their bucket gives by default (MiniStack forgets it for multipart uploads and copies)."""
        for name in _FIELDS.values():
            getattr(self._s3, name).__class__ = self._recording(name, store)
        persist = self._s3._persist_object

        def persist_locked(bucket: str, key: str, obj: Any) -> None:
            version = obj.get("version_id") if isinstance(obj, dict) else None
            rule = (self._s3._bucket_object_lock.get(bucket) or {}).get("default_retention")
            if version and rule and (bucket, key, version) not in self._s3._object_retention:
                self._s3._apply_object_lock_from_headers(bucket, key, {}, version)
            persist(bucket, key, obj)

        self._s3._persist_object = persist_locked
        self._s3._atomic_write = _write

    def apply(self, name: str, account: str, key: list[Any], value: Any) -> None:
        """Set one lock, or lift it."""
        locks = getattr(self._s3, name)
        if value is None:
            locks._data.pop((account, tuple(key)), None)
        else:
            locks._data[account, tuple(key)] = value

    def restored(self) -> None:
        """Nothing more to do."""

    def _recording(self, name: str, store: Store) -> type:
        dictionary, account = self._dictionary, self._account

        def record(key: Any, value: Any) -> None:
            store.record(self.kind, name, account(), list(key), value)

        def assign(locks: Any, key: Any, value: Any) -> None:
            record(key, value)
            dictionary.__setitem__(locks, key, value)

        def delete(locks: Any, key: Any) -> None:
            record(key, None)
            dictionary.__delitem__(locks, key)

        def pop(locks: Any, key: Any, *default: Any) -> Any:
            if key in locks:
                record(key, None)
            return dictionary.pop(locks, key, *default)

        methods = {"__slots__": (), "__setitem__": assign, "__delitem__": delete, "pop": pop}
        return type("RecordedLocks", (dictionary,), methods)


def _write(fpath: str, data: bytes | str, *, text: bool = False) -> None:
    write_durably(Path(fpath), data.encode() if isinstance(data, str) else data)
