"""Entry of the bank function: statements in, transfers out, the files themselves under lock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from comptoir.banking.formats.tasks import dropped, read_file
from comptoir.banking.formats.transfers import write_transfers
from comptoir.kernel.errors import DomainError, problem
from comptoir.runtime.services import light_services
from comptoir.runtime.vault import S3Vault
from comptoir.store.settings import setting

TASKS = {"read_statements": read_file, "write_transfers": write_transfers}


@cache
def _archive() -> S3Vault:
    return S3Vault(setting("ARCHIVE_BUCKET"))


@cache
def _files() -> S3Vault:
    return S3Vault(setting("FILES_BUCKET"))


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What the API calls, `{"task": …}`, and what the bucket tells, `{"detail": …}`.

    An expected refusal comes back to the API as a problem; of a file that was dropped it is kept
    with the file. Anything else is raised: the bucket tells again.
    """
    if "detail" in event:
        return dropped(light_services(), event["detail"]["object"]["key"], _files(), _archive())
    try:
        return TASKS[event["task"]](light_services(), event, _files(), _archive())
    except DomainError as error:
        return {"problem": problem(error)}
