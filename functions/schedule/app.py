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
from comptoir.banking.driving import resume_transfers
from comptoir.catalogue.groupings import REFERENCES
from comptoir.closings.tasks import close_due
from comptoir.contracts.tasks import renewals_due
from comptoir.dunning.tasks import remind_due, resume_letters
from comptoir.invoicing.tasks import drive_again
from comptoir.ledger.verifying import resume_verifications, verify_due
from comptoir.mailing.contract_mails import write_contract_mails
from comptoir.mailing.renewal_report import report_nights
from comptoir.mailing.tasks import resume_mails
from comptoir.parties.items import PARTIES
from comptoir.runtime.log import log
from comptoir.runtime.services import schedule_services
from comptoir.store.indexing import Indexer, index_again

IMPORTABLES: Mapping[str, Importable[Any]] = {importable.name: importable for importable in (PARTIES, REFERENCES)}


def _search(services: Services) -> dict[str, int]:
    return index_again(services.store, Indexer(services.store.backend, services.clock, time.sleep))


RESUMED: tuple[Callable[[Services], Mapping[str, int]], ...] = (
    drive_again,
    lambda services: resume_imports(services, IMPORTABLES),
    _search,
    lambda services: count_again(services.store),
    resume_books,
    resume_archives,
    resume_transfers,
    resume_verifications,
    resume_letters,
    write_contract_mails,
    resume_mails,
)


def heal(services: Services) -> dict[str, Any]:
    """Drive again what was left unfinished: documents without PDF, imports, indexes, exports, transfer files, mails."""
    counts: Counter[str] = Counter()
    for job in RESUMED:
        counts.update(job(services))
    return dict(counts)


JOBS: dict[str, Callable[[Services], dict[str, Any]]] = {
    "heal": heal,
    "close": close_due,
    "verify": verify_due,
    "renew": renewals_due,
    "remind": remind_due,
    "report": report_nights,
}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What EventBridge Scheduler calls: `{"job": …}`."""
    result = JOBS[event["job"]](schedule_services())
    log("ERROR" if result.get("failed") else "INFO", "job", job=event["job"], **result)
    return result
