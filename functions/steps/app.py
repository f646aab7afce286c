"""Entry of the light tasks: each is a function of the library, named by the state machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from comptoir.access.context import Services
from comptoir.invoicing.tasks import check_document
from comptoir.orders.tasks import apply_confirmation, check_confirmation, record_failure
from comptoir.runtime.services import light_services

Task = Callable[[Services, Mapping[str, Any]], dict[str, Any]]

TASKS: dict[str, Task] = {
    "check_document": check_document,
    "check_confirmation": check_confirmation,
    "apply_confirmation": apply_confirmation,
    "record_failure": record_failure,
}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What Step Functions calls: `{"task": …}` with its input; answers `{"outcome": …}`."""
    return TASKS[event["task"]](light_services(), event)
