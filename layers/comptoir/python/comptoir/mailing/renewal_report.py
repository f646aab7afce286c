"""What a night of renewals came to, told each company by mail: drafts to check, contracts to mend (CTR-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comptoir.access.acting import PRODUCT, by_itself, companies
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.access.items import COMPANY, PROFILES
from comptoir.access.model import OperatorSummary
from comptoir.access.permissions import Permission
from comptoir.contracts.items import CONTRACT
from comptoir.contracts.model import BilledPeriod, Contract
from comptoir.contracts.tasks import due
from comptoir.kernel.clock import paris_date
from comptoir.kernel.ids import derived_id
from comptoir.mailing.items import MAIL
from comptoir.mailing.model import MOST_RECIPIENTS, Mail, MailState
from comptoir.mailing.rules import mailable
from comptoir.parties.sides import seller
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import written_day
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction

_MOST_LINES = 20
"""Of each part: the lists of the product tell the rest."""
_MOST_TEXT = 12_000
"""Characters of a mail; both parts fit, however long their lines are."""


@dataclass
class Night:
    """What the clock did for a company since midnight: periods billed, and contracts that it could not renew."""

    billed: list[BilledPeriod] = field(default_factory=list)
    failed: list[Contract] = field(default_factory=list)


def report_nights(services: Services) -> dict[str, Any]:
    """Write each company in which something was renewed or failed today a mail, once; for the clock."""
    counts = {"reports": 0}
    if services.mailer is None:
        return counts
    failed = _failed(services)
    for company in companies(services):
        ctx = by_itself(services, company)
        night = Night(list(_billed(ctx)), failed.get(company, []))
        if night.billed or night.failed:
            counts["reports"] += _told(ctx, night)
    return counts


def _failed(services: Services) -> Mapping[str, list[Contract]]:
    """The contracts on which something is due still, and why is known."""
    found: dict[str, list[Contract]] = {}
    today = paris_date(services.clock.now())
    for shard in keys.SHARDS:
        for _, company, identifier in due(services, shard, f"{today}", ""):
            contract = services.store.require(CONTRACT, keys.contract(company, identifier)).value
            if contract.failure:
                found.setdefault(company, []).append(contract)
    return found


def _billed(ctx: Context) -> Iterator[BilledPeriod]:
    """The periods that the clock billed today."""
    pk = keys.by_month(ctx.company, "RENEWAL", f"{ctx.today:%Y-%m}", "")[0]
    query = backend.Query(pk=pk, index=1, prefix=f"{ctx.today}#")
    for record in ctx.services.store.records(query):
        period = BilledPeriod.model_validate_json(record.summary or "{}")
        if period.billed_by == PRODUCT.name:
            yield period


def _told(ctx: Context, night: Night) -> int:
    """Write the mail of a company unless it was written today: 1 if it was now."""
    identifier = derived_id(ctx.company, "renewals", f"{ctx.today}")
    key = keys.mail(ctx.company, identifier)

    def work(tx: Transaction) -> int:
        to = _recipients(tx, ctx)
        if not to or tx.get(MAIL, key):
            return 0
        company = tx.require(COMPANY, keys.company(ctx.company))
        own = seller(company, Language.FRENCH)
        mail = Mail(
            id=identifier,
            language=Language.FRENCH,
            sender=own.name,
            reply_to=to[0],
            to=to,
            subject=f"Contrats du {written_day(ctx.today, Language.FRENCH)} : {_summary(night)}"[:200],
            message=_message(tx, ctx, night),
            footer=own.legal_line,
            operator=ctx.operator.id,
            author=ctx.operator.name,
            created_at=ctx.now,
            state=MailState.QUEUED,
            attachments=(),
        )
        save(tx, ctx, MAIL, key, mail, "written")
        return 1

    return ctx.services.store.transact(work, [key, keys.company(ctx.company), keys.profiles(ctx.company)])


def _recipients(tx: Transaction, ctx: Context) -> tuple[str, ...]:
    """The active operators who may edit contracts, as many as a mail takes."""
    profiles = tx.require(PROFILES, keys.profiles(ctx.company))
    query = backend.Query(pk=keys.by_kind(ctx.company, "OPERATORS", "")[0], index=1)
    page = ctx.services.store.summaries(OperatorSummary, query, None, backend.MAX_PAGE)
    found = []
    for each in page.items:
        profile = profiles.find(each.profile)
        if each.active and profile and Permission.EDIT_CONTRACTS in profile.permissions and mailable(each.email):
            found.append(each.email)
    return tuple(found[:MOST_RECIPIENTS])


def _summary(night: Night) -> str:
    parts = [f"{len(night.billed)} période(s) facturée(s) en brouillon"] if night.billed else []
    parts += [f"{len(night.failed)} contrat(s) à reprendre"] if night.failed else []
    return ", ".join(parts)


def _message(tx: Transaction, ctx: Context, night: Night) -> str:
    """Both parts, with what to do about each; failures first."""
    shown = night.billed[:_MOST_LINES]
    contracts = tx.several(CONTRACT, {each.contract: keys.contract(ctx.company, each.contract) for each in shown})
    failed = [f"– {each.number} {each.name[:60]} ({each.party_name[:40]}) : {_reason(each)}" for each in night.failed]
    billed = [_line(each, contracts[each.contract]) for each in shown if each.contract in contracts]
    parts = [
        _part("Contrats que la nuit n'a pas pu reconduire, et pourquoi :", failed, len(night.failed)),
        _part("Brouillons à vérifier, puis à valider :", billed, len(night.billed)),
    ]
    return "\n\n".join(part for part in parts if part)[:_MOST_TEXT]


def _line(period: BilledPeriod, contract: Contract) -> str:
    start, end = (written_day(day, Language.FRENCH) for day in (period.start, period.end))
    net = f"{period.net.amount} {period.net.currency} HT"
    return f"– {contract.number} {contract.name[:60]} ({contract.party_name[:40]}) : du {start} au {end}, {net}"


def _reason(contract: Contract) -> str:
    breaches = contract.failure.breaches if contract.failure else ()
    return " ".join(breach.fr for breach in breaches)[:120]


def _part(title: str, lines: Sequence[str], count: int) -> str:
    """A title over its first lines; how many more there are."""
    if not lines:
        return ""
    more = [f"… et {count - _MOST_LINES} autre(s)"] if count > _MOST_LINES else []
    return "\n".join([title, *lines[:_MOST_LINES], *more])
