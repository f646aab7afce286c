"""How the company, its operators and the history lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.access.model import Company, HistoryEntry, Operator, OperatorSummary, Profiles
from comptoir.kernel.model import Model
from comptoir.store import keys
from comptoir.store.record import Index, Kind


def _summary(operator: Operator) -> OperatorSummary:
    return OperatorSummary(**operator.model_dump(include=set(OperatorSummary.model_fields)))


def _places(company: str, operator: Operator) -> Mapping[int, Index]:
    """By e-mail address; by name among those that a manager has (ACC-04)."""
    places = {1: keys.by_kind(company, "OPERATORS", operator.email)}
    if operator.manager:
        places[2] = keys.team(company, operator.manager, f"{operator.name.casefold()}#{operator.id}")
    return places


COMPANIES = "COMPANY"
"""Every company, for what the clock does."""


def _company_place(company: str, value: Company) -> Mapping[int, Index]:
    return {1: keys.due(COMPANIES, company, value.id)}


COMPANY = Kind("company", Company, index=_company_place)
PROFILES = Kind("profiles", Profiles)
OPERATOR = Kind("operator", Operator, summarise=_summary, index=_places)
HISTORY = Kind("history", HistoryEntry)


class StoredAnswer(Model):
    """The answer that a request with an Idempotency-Key got, replayed when it comes again."""

    request_hash: str
    status: int
    version: int | None
    body: str


ANSWER = Kind("answer", StoredAnswer)
