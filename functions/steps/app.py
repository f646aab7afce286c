"""Entry of the light tasks: each is a function of the library, named by the state machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from comptoir.access.context import Services
from comptoir.access.import_job import drive_import
from comptoir.access.import_model import Importable
from comptoir.catalogue.groupings import REFERENCES
from comptoir.contracts.tasks import plan_renewals, renew_contracts, report_renewals
from comptoir.invoicing.tasks import check_document
from comptoir.orders.tasks import apply_confirmation, check_confirmation, record_failure
from comptoir.parties.items import PARTIES
from comptoir.runtime.log import log
from comptoir.runtime.services import light_services

Task = Callable[[Services, Mapping[str, Any]], dict[str, Any]]

IMPORTABLES: Mapping[str, Importable[Any]] = {importable.name: importable for importable in (PARTIES, REFERENCES)}


def _drive_import(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    return drive_import(services, event, IMPORTABLES)


TASKS: dict[str, Task] = {
    "check_document": check_document,
    "check_confirmation": check_confirmation,
    "apply_confirmation": apply_confirmation,
    "record_failure": record_failure,
    "drive_import": _drive_import,
    "plan_renewals": plan_renewals,
    "renew_contracts": renew_contracts,
    "report_renewals": report_renewals,
}


NOT_RENEWED = "contracts_not_renewed"
"""What the log says, and an alarm waits for, when contracts of a night could not be renewed (CTR-04)."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What Step Functions calls: `{"task": …}` with its input; answers `{"outcome": …}`."""
    result = TASKS[event["task"]](light_services(), event)
    if event["task"] == "report_renewals" and result["failed"]:
        log("ERROR", NOT_RENEWED, failed=result["failed"], renewed=result["renewed"])
    return result
