"""What the clock closes: every company's days, months and fiscal years that are over (FIS-03)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from comptoir.access.acting import companies
from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.closings.calendar import next_due
from comptoir.closings.first_use import first_use
from comptoir.closings.model import PeriodKind
from comptoir.kernel.clock import paris_date
from comptoir.kernel.errors import DomainError
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.store import keys

CLOCK = "Horloge"
"""Who closes when nobody asks."""


def close_due(services: Services) -> dict[str, Any]:
    """Start the closing of each company that has something to close; runs of a day share a name.

    One that cannot be started does not keep the others from it.
    """
    counts = {"closings_started": 0, "failed": 0}
    for company in companies(services):
        try:
            counts["closings_started"] += _start(services, company)
        except DomainError:
            counts["failed"] += 1
    return counts


def _start(services: Services, company: str) -> bool:
    today = paris_date(services.clock.now())
    settings = services.store.require(COMPANY, keys.company(company)).value
    stored = services.store.get(PERIODS, keys.periods(company))
    periods = stored.value if stored else Periods()
    since = periods.since or first_use(services.store, company)
    if since is None or next_due(periods, settings.fiscal_year_start, since, today) is None:
        return False
    if services.workflows:
        yesterday = (today - timedelta(days=1)).isoformat()
        asked = {"company": company, "kind": PeriodKind.ANNUAL, "end": yesterday}
        payload = asked | {"operator": None, "operator_name": CLOCK}
        services.workflows.start("closing", f"close-{company}-{yesterday}", payload)
    return True
