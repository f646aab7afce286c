"""Quotes: each generation freezes a version, whose PDF is rendered right after (QUO-01, QUO-02)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Reply
from comptoir.access.history import difference, record
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.text import Line
from comptoir.orders import rules
from comptoir.orders.commands import OrderCommand
from comptoir.orders.items import ORDER, QUOTE, QUOTE_LINES, chunk_count, chunks, load_lines
from comptoir.orders.model import Order, OrderStatus, Quote, QuoteChunk, QuoteStatus, QuoteView
from comptoir.orders.quote import QuoteSnapshot
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.sides import buyer, seller
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.rules import instalments
from comptoir.treasury.words import terms_in_words

_TITLES = {
    (Language.FRENCH, False): "Devis",
    (Language.FRENCH, True): "Facture pro forma",
    (Language.ENGLISH, False): "Quotation",
    (Language.ENGLISH, True): "Pro forma invoice",
}


class GenerateQuote(OrderCommand):
    """Generate the next version of an order's quote and have its PDF rendered (QUO-02).

    Asked again while the PDF of an unchanged order is not there yet, it resumes that version.
    `comment` is for the document base. Errors: `QuoteLocked` once the order is confirmed.
    """

    guarded: ClassVar[bool] = False

    proforma: bool = False
    comment: Line | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        if order.status is not OrderStatus.OFFER:
            raise rules.QuoteLocked(status=order.status.value)
        if not order.lines:
            raise Refused([_NO_LINES])
        last = keys.quote(ctx.company, order.id, order.quotes)
        party = keys.party(ctx.company, order.customer)
        tx.prefetch([last, party])
        pending = tx.get(QUOTE, last)
        unchanged = pending and pending.order_version == tx.version(keys.order(ctx.company, order.id))
        if pending and unchanged and pending.status is QuoteStatus.PENDING:
            return Reply.of(pending.view(), status=202)
        customer = tx.get(PARTY, party)
        refuse_if(rules.customer_breaches(customer))
        company = tx.require(COMPANY, keys.company(ctx.company))
        return Reply.of(self._freeze(tx, ctx, order, company, tx.require(PARTY, party)).view(), status=202)

    def _freeze(self, tx: Transaction, ctx: Context, order: Order, company: Company, customer: Party) -> Quote:
        """Store the next version: head of the order, content, lines in chunks, history."""
        version = order.quotes + 1
        key, quote_key = keys.order(ctx.company, order.id), keys.quote(ctx.company, order.id, version)
        content = self._snapshot(ctx, order, company, customer, version)
        priced = rules.price(order, load_lines(tx, ctx.company, order))
        quote = Quote(
            order=order.id,
            version=version,
            number=content.number,
            title=_TITLES[order.language, self.proforma],
            comment=self.comment,
            language=order.language,
            author=ctx.operator.name,
            created_at=ctx.now,
            totals=order.totals,
            order_version=tx.version(key) + 1,
            chunks=chunk_count(len(priced)),
            snapshot=content,
        )
        tx.put(ORDER, key, order.change(quotes=version))
        tx.create(QUOTE, quote_key, quote)
        for number, part in enumerate(chunks(priced)):
            tx.create(QUOTE_LINES, keys.quote_lines(ctx.company, order.id, version, number), QuoteChunk(lines=part))
        record(tx, ctx, key.pk, "quote_generated", difference({}, quote.view().model_dump(mode="json")))
        return quote

    def _snapshot(self, ctx: Context, order: Order, company: Company, customer: Party, version: int) -> QuoteSnapshot:
        account = next((term.bank_account for term in order.terms if term.bank_account), None)
        return QuoteSnapshot(
            order=order.id,
            number=rules.quote_number(order, version),
            version=version,
            proforma=self.proforma,
            issue_date=ctx.today,
            issued_at=ctx.now,
            valid_until=ctx.today + timedelta(days=company.terms.quote_validity_days),
            language=order.language,
            currency=order.currency,
            seller=seller(company, order.language, account),
            buyer=buyer(customer),
            sales_person=order.sales_name,
            customer_reference=order.customer_reference,
            lines=(),
            totals=order.totals,
            terms=terms_in_words(order.terms, order.language),
            instalments=instalments(order.terms, order.totals.gross, rules.dates(order), order.language),
            message=order.message,
        )

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        """The file's data once the PDF stands in the document base (201); else still 202."""
        asked = QuoteView.model_validate_json(reply.body)
        key = keys.quote(caller.company, asked.order, asked.version)
        quote = services.store.require(QUOTE, key).value
        if quote.status is QuoteStatus.PENDING and services.renderer:
            task = {"task": "render_quote", "company": caller.company, "order": asked.order, "version": asked.version}
            services.renderer.render(task)
            quote = services.store.require(QUOTE, key).value
        return Reply.of(quote.view(), status=201 if quote.status is QuoteStatus.READY else 202)


_NO_LINES = Breach(
    code="no_lines",
    fr="L'offre n'a aucun produit : il n'y a rien à proposer.",
    en="The offer has no product: there is nothing to quote.",
    pointer="/lines",
)
