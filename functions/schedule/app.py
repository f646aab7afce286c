"""Entry of the scheduled jobs: each finds what is due in an index and drives it again, idempotently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from comptoir.access.context import Services
from comptoir.invoicing.tasks import drive_again
from comptoir.runtime.log import log
from comptoir.runtime.services import schedule_services

JOBS: dict[str, Callable[[Services], dict[str, Any]]] = {"heal": drive_again}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What EventBridge Scheduler calls: `{"job": …}`."""
    result = JOBS[event["job"]](schedule_services())
    log("ERROR" if result.get("failed") else "INFO", "job", job=event["job"], **result)
    return result
