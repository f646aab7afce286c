"""Entry of the scheduled jobs: each finds what is due in an index and drives it again, idempotently."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from comptoir.access.context import Services
from comptoir.access.import_job import resume_imports
from comptoir.access.import_model import Importable
from comptoir.accounting.tasks import resume_books
from comptoir.archives.tasks import resume_archives
from comptoir.banking.cash import count_again
from comptoir.catalogue.groupings import REFERENCES
from comptoir.closings.tasks import close_due
from comptoir.invoicing.tasks import drive_again
from comptoir.parties.items import PARTIES
from comptoir.runtime.log import log
from comptoir.runtime.services import schedule_services
from comptoir.store.indexing import Indexer, index_again

IMPORTABLES: Mapping[str, Importable[Any]] = {importable.name: importable for importable in (PARTIES, REFERENCES)}


def _search(services: Services) -> dict[str, int]:
    return index_again(services.store, Indexer(services.store.backend, services.clock, time.sleep))


def heal(services: Services) -> dict[str, Any]:
    """Drive again what is numbered and not archived, and what was left unfinished or behind what it follows."""
    counts: Counter[str] = Counter()
    imports, cash = (lambda each: resume_imports(each, IMPORTABLES)), (lambda each: count_again(each.store))
    for job in (drive_again, imports, _search, cash, resume_books, resume_archives):
        counts.update(job(services))
    return dict(counts)


JOBS: dict[str, Callable[[Services], dict[str, Any]]] = {"heal": heal, "close": close_due}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What EventBridge Scheduler calls: `{"job": …}`."""
    result = JOBS[event["job"]](schedule_services())
    log("ERROR" if result.get("failed") else "INFO", "job", job=event["job"], **result)
    return result
