"""Entry of the table's stream: what can be found becomes entries of the search, what is due counts as cash to come.

PTY-05, CAT-05 and TRS-11.

The function raises nothing: a record that cannot be read or written is logged and, with what it
replaces, kept for the schedule, since on some runtimes a failed record would hold up all others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from comptoir.banking.cash import count
from comptoir.kernel.clock import SystemClock
from comptoir.runtime.log import log, place
from comptoir.runtime.services import light_services
from comptoir.store.codec import decode_key
from comptoir.store.indexing import Change, Indexer, changes
from comptoir.store.record import Key
from comptoir.store.store import Store
from comptoir.treasury.items import TREASURY

_SHEET = {"S": TREASURY.name}
_FAULTS = (ValueError, TypeError, LookupError, AttributeError)


class Follower:
    """Reads batches of the stream in order, has their changes indexed and sheets of treasury counted."""

    def __init__(self, indexer: Callable[[], Indexer], store: Callable[[], Store]) -> None:
        self._indexer, self._store = indexer, store

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Handle one batch; what could be neither written nor kept is asked for again."""
        found: dict[str, Change] = {}
        sheets: dict[str, Key] = {}
        for record in event["Records"]:
            images, number = record["dynamodb"], record["dynamodb"]["SequenceNumber"]
            try:
                image = images.get("NewImage") or {}
                if image.get("t") == _SHEET:
                    sheets[number] = decode_key(image)
                for change in changes([(images.get("OldImage"), images.get("NewImage"))]):
                    found[number] = change
            except _FAULTS as error:
                name = type(error).__name__
                log("ERROR", "stream_record_unreadable", sequence=number, error=name, place=place(error))
        lost = self._indexer().index(list(found.values()))
        log("ERROR" if lost else "INFO", "indexed", changes=len(found), lost=len(lost))
        uncounted = count(self._store(), sheets.values()) if sheets else []
        log("ERROR" if uncounted else "INFO", "counted", sheets=len(sheets), lost=len(uncounted))
        things = {*(change.key for change in lost), *uncounted}
        told = {number: change.key for number, change in found.items()} | sheets
        again = [number for number, key in told.items() if key in things]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in again]}


@cache
def _indexer() -> Indexer:
    return Indexer(light_services().store.backend, SystemClock(), time.sleep)


_FOLLOWER = Follower(_indexer, lambda: light_services().store)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What the event source mapping calls: a batch of records of the table's stream."""
    return _FOLLOWER(event)
