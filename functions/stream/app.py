"""Entry of the table's stream: every change of what can be found becomes entries of the search (PTY-05, CAT-05).

The function raises nothing: a record that cannot be read or written is logged and, with what it
replaces, kept for the schedule, since on some runtimes a failed record would hold up all others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from comptoir.kernel.clock import SystemClock
from comptoir.runtime.clients import client
from comptoir.runtime.log import log, place
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.indexing import Change, Indexer, changes
from comptoir.store.settings import setting

_FAULTS = (ValueError, TypeError, LookupError, AttributeError)


class Follower:
    """Reads batches of the stream in order and has their changes indexed."""

    def __init__(self, indexer: Callable[[], Indexer]) -> None:
        self._indexer = indexer

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Handle one batch; what could be neither written nor kept is asked for again."""
        found: dict[str, Change] = {}
        for record in event["Records"]:
            images, number = record["dynamodb"], record["dynamodb"]["SequenceNumber"]
            try:
                for change in changes([(images.get("OldImage"), images.get("NewImage"))]):
                    found[number] = change
            except _FAULTS as error:
                name = type(error).__name__
                log("ERROR", "stream_record_unreadable", sequence=number, error=name, place=place(error))
        lost = self._indexer().index(list(found.values()))
        log("ERROR" if lost else "INFO", "indexed", changes=len(found), lost=len(lost))
        things = {change.key for change in lost}
        again = [number for number, change in found.items() if change.key in things]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in again]}


@cache
def _indexer() -> Indexer:
    return Indexer(DynamoBackend(lambda: client("dynamodb"), setting("TABLE")), SystemClock(), time.sleep)


_FOLLOWER = Follower(_indexer)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What the event source mapping calls: a batch of records of the table's stream."""
    return _FOLLOWER(event)
