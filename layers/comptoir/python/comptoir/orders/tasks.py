"""The tasks of the confirmation workflow and of quote rendering: named by ids, each safe to run twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comptoir.access.context import Services
from comptoir.docbase.items import file
from comptoir.docbase.model import FileKind, Owner
from comptoir.orders.confirming import ConfirmationRequest, Decision, actor, apply, give_up, judge
from comptoir.orders.items import ORDER, QUOTE, QUOTE_LINES
from comptoir.orders.model import Quote, QuoteFile, QuoteStatus
from comptoir.orders.quote import QuoteSnapshot
from comptoir.store import keys
from comptoir.store.transaction import Transaction

Event = Mapping[str, Any]


def check_confirmation(services: Services, event: Event) -> dict[str, Any]:
    """Whether an order may be confirmed: `ready`, `confirmed` already, or `refused` with every breach (CNF-01)."""
    company, asked = event["company"], ConfirmationRequest.model_validate(event["request"])
    return services.store.transact(lambda tx: _answer(judge(tx, services, company, asked)[0]), asked.keys(company))


def apply_confirmation(services: Services, event: Event) -> dict[str, Any]:
    """Confirm an order in one transaction, the criteria evaluated again within it (CNF-03, CNF-07).

    `confirmed` also when an earlier run of this task did it; `refused` when something changed since
    the check.
    """
    company, asked = event["company"], ConfirmationRequest.model_validate(event["request"])

    def work(tx: Transaction) -> dict[str, Any]:
        decision, seen = judge(tx, services, company, asked)
        ctx = actor(tx, services, company, asked.confirmation.operator)
        if decision.outcome != "ready" or ctx is None:
            return _answer(decision)
        apply(tx, ctx, seen, asked.confirmation)
        return _answer(Decision(outcome="confirmed"))

    return services.store.transact(work, asked.keys(company))


def record_failure(services: Services, event: Event) -> dict[str, Any]:
    """Tell at once who waits that the run ends without an answer: `failed`, or `confirmed` if it was all the same."""
    company, asked = event["company"], ConfirmationRequest.model_validate(event["request"])
    return services.store.transact(lambda tx: _answer(give_up(tx, company, asked)), asked.keys(company))


def _answer(decision: Decision) -> dict[str, Any]:
    return decision.model_dump(mode="json", exclude_defaults=True)


def quote_to_render(services: Services, event: Event) -> QuoteSnapshot:
    """The frozen content of a version of a quote, lines included. Errors: `NotFound`."""
    company, order, version = event["company"], event["order"], event["version"]
    quote = services.store.require(QUOTE, keys.quote(company, order, version)).value
    wanted = [keys.quote_lines(company, order, version, number) for number in range(quote.chunks)]
    found = services.store.backend.get(wanted)
    lines = (line for key in wanted for line in QUOTE_LINES.load(found[key]).lines)
    return quote.snapshot.change(lines=tuple(lines))


def quote_rendered(services: Services, event: Event, key: str, sha256: str, size: int) -> None:
    """Mark a version as standing in the document base; the first file stays. Errors: `NotFound`."""
    place = keys.quote(event["company"], event["order"], event["version"])

    def work(tx: Transaction) -> None:
        quote = tx.require(QUOTE, place)
        if quote.status is QuoteStatus.PENDING:
            identifier = services.ids.new()
            made = QuoteFile(key=key, sha256=sha256, size=size, file=identifier)
            tx.put(QUOTE, place, quote.change(status=QuoteStatus.READY, file=made))
            _file(tx, event["company"], quote, identifier, made)

    services.store.transact(work, [place, keys.order(event["company"], event["order"])])


def _file(tx: Transaction, company: str, quote: Quote, identifier: str, made: QuoteFile) -> None:
    """Put the version into the document base of its order, for the customer (DOC-01)."""
    content, order = quote.snapshot, tx.require(ORDER, keys.order(company, quote.order))
    kind = FileKind.PROFORMA if content.proforma else FileKind.AMENDMENT if content.amends else FileKind.QUOTE
    file(
        tx,
        company,
        identifier,
        Owner.ORDER,
        quote.order,
        kind,
        title=f"{quote.title} {quote.number}",
        number=quote.number,
        comment=quote.comment,
        language=quote.language,
        author=quote.author,
        created_at=quote.created_at,
        version=quote.version,
        sha256=made.sha256,
        size=made.size,
        key=made.key,
        party=order.customer,
        contact=order.contact,
    )
