"""How contracts, their periods and actions lie in the table, and what lists show of them (CTR-02)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from comptoir.access.custom import facets
from comptoir.contracts.indexation import PriceIndex
from comptoir.contracts.model import ActionKind, BilledPeriod, Contract, ContractStatus, ReminderEvent, Side
from comptoir.contracts.periods import last_day, next_period, notice_by, renewal_on, work_on
from comptoir.contracts.pricing import worth
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.store import keys
from comptoir.store.findable import Findable, alphabetical, exact, sortable
from comptoir.store.record import Index, Kind

WHAT = "CONTRACTS"
AUTOMATIC = "CONTRACTMAILS"
_LAST = "9999-12-31"
_SOON = timedelta(days=30)


class Flag(StrEnum):
    """Late: a period should be billed already, or a term was over without another; soon: it renews within 30 days."""

    LATE = "late"
    SOON = "soon"


class ContractSummary(Model):
    """A contract in a list; `net` is what a whole period comes to before revisions, `due_on` when the next is billed.

    `renewal_on` is when it renews, `notice_by` until when its end may be notified, `failed` that the last
    scheduled renewal made nothing; `flag` is filled in where the list is read.
    """

    id: Id
    number: Label
    name: Line
    side: Side
    party: Id
    party_name: Line
    status: ContractStatus
    net: Money
    billed_until: date | None
    due_on: date | None
    renewal_on: date | None
    notice_by: date | None
    last_day: date | None
    failed: bool
    tags: tuple[Label, ...] = ()
    flag: Flag | None = None

    def flagged(self, today: date) -> ContractSummary:
        """The summary with its flag on a day."""
        late = any(day and day < today for day in (self.due_on, self.renewal_on))
        soon = self.renewal_on is not None and self.renewal_on <= today + _SOON
        return self.change(flag=Flag.LATE if late else Flag.SOON if soon else None)


def summary(contract: Contract) -> ContractSummary:
    """What lists show of a contract."""
    told = ("id", "number", "name", "side", "party", "party_name", "status", "billed_until", "tags")
    following = next_period(contract) if contract.status is ContractStatus.ACTIVE else None
    return ContractSummary(
        net=worth(contract.lines, contract.currency),
        due_on=following.due_on if following else None,
        renewal_on=renewal_on(contract),
        notice_by=notice_by(contract),
        last_day=last_day(contract),
        failed=contract.failure is not None,
        **contract.picked(told),
    )


def _index(company: str, contract: Contract) -> Mapping[int, Index]:
    """By status and next renewal, by party, and among what is to be done by the clock."""
    place, work = f"{renewal_on(contract) or last_day(contract) or _LAST}#{contract.id}", work_on(contract)
    found = {
        1: keys.by_kind(company, f"{WHAT}#{contract.status.value}", place),
        2: keys.by_party(company, contract.party, "CONTRACT", place),
    }
    return found | ({3: keys.contract_due(contract.id, f"{work}#{company}#{contract.id}")} if work else {})


RANKS: Mapping[str, Callable[[Contract], str]] = {
    "name": lambda contract: alphabetical(contract.name),
    "party": lambda contract: alphabetical(contract.party_name),
    "amount": lambda contract: f"{contract.currency}{sortable(worth(contract.lines, contract.currency).amount)}",
}
"""What contracts are sorted by beside their renewal."""


def rank(name: str, status: ContractStatus) -> str:
    """The sorted list of the contracts of a status."""
    return f"{status.value}.{name}"


def _findable(contract: Contract) -> Findable:
    texts = [contract.number, contract.name, contract.party_name, contract.customer_reference, *contract.tags]
    own = [exact("kind", contract.kind.value), exact("side", contract.side.value)]
    late = exact("failed", "yes") if contract.failure else None
    ranks = [f"{rank(name, contract.status)}:{value(contract)}" for name, value in RANKS.items()]
    return Findable.of(WHAT, contract.number, texts, [*own, late, *facets(contract.tags, contract.custom)], ranks)


CONTRACT = Kind("contract", Contract, summarise=summary, index=_index, search=_findable)


def _by_day(company: str, period: BilledPeriod) -> Mapping[int, Index]:
    place = f"{period.billed_on}#{period.contract}#{period.start}"
    return {1: keys.by_month(company, "RENEWAL", f"{period.billed_on:%Y-%m}", place)}


PERIOD = Kind("contract_period", BilledPeriod, summarise=lambda period: period, index=_by_day)
PRICE_INDEX = Kind(
    "price_index",
    PriceIndex,
    summarise=lambda index: index,
    index=lambda company, index: {1: keys.by_kind(company, "INDEXES", index.code)},
)


class ContractAction(Model):
    """A call or a mail that a contract asked for, before the `event_day` of its renewal or of the end of notice.

    `automatic` while it is to go out by itself; then `mail` is the one, or `left_because` why it is left to its owner.
    """

    id: Id
    contract: Id
    contract_number: Label
    party: Id
    party_name: Line
    kind: ActionKind
    label: Label
    event: ReminderEvent
    event_day: date
    due_on: date
    owner: Id
    automatic: bool = False
    subject: Line | None = None
    message: Paragraph | None = None
    done_on: date | None = None
    done_by: Line | None = None
    mail: Id | None = None
    left_because: Breach | None = None


def _open(company: str, action: ContractAction) -> Mapping[int, Index]:
    """While it is to be done: all of them, and those of its owner, by day; those that go out by themselves."""
    if action.done_on:
        return {}
    place = f"{action.due_on}#{action.id}"
    places = {
        1: keys.by_kind(company, "CONTRACTACTIONS", place),
        2: keys.by_kind(company, f"CONTRACTACTIONS#{action.owner}", place),
    }
    return places | ({3: keys.due(AUTOMATIC, company, action.id)} if action.automatic else {})


ACTION = Kind("contract_action", ContractAction, summarise=lambda action: action, index=_open)
