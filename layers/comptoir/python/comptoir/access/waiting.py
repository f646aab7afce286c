"""Waiting for a workflow: a synchronous caller gets the result within ten seconds, or a place to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from comptoir.access.context import Services

T = TypeVar("T")
_LIMIT = 10.0


def _pauses() -> Iterator[float]:
    pause, waited = 0.25, 0.0
    while waited < _LIMIT:
        yield pause
        waited += pause
        pause = min(pause * 1.4, 1.0)


def wait_for(services: Services, look: Callable[[], T | None]) -> T | None:
    """What `look` finds, asked again after growing pauses for about ten seconds; else None."""
    for pause in _pauses():
        services.pause(pause)
        found = look()
        if found is not None:
            return found
    return None
