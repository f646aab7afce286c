"""Quotes: each generation freezes a version, whose PDF is rendered right after (QUO-01, QUO-02)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Reply
from comptoir.access.history import difference, record
from comptoir.docbase.previewing import preview
from comptoir.kernel.text import Line
from comptoir.orders import rules
from comptoir.orders.commands import OrderCommand
from comptoir.orders.drawing import draw, sources
from comptoir.orders.items import ORDER, QUOTE, QUOTE_LINES, chunk_count, chunks
from comptoir.orders.model import Order, OrderStatus, Quote, QuoteChunk, QuoteStatus, QuoteView
from comptoir.orders.queries import OrderQuery
from comptoir.orders.quote import QuoteSnapshot
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

_TITLES = {
    Language.FRENCH: ("Devis", "Facture pro forma", "Avenant"),
    Language.ENGLISH: ("Quotation", "Pro forma invoice", "Amendment"),
    Language.SPANISH: ("Presupuesto", "Factura proforma", "Modificación"),
    Language.GERMAN: ("Angebot", "Proformarechnung", "Nachtrag"),
}


class GenerateQuote(OrderCommand):
    """Generate the next version of an order's quote and have its PDF rendered (QUO-02).

    Asked again while the PDF of an unchanged order is not there yet, it resumes that version. Once a
    quote is signed, the next one is an amendment (QUO-04). `comment` is for the document base, `valid_until`
    the last day of the offer where it is not the company's usual one.
    Errors: `QuoteLocked` once the order is confirmed.
    """

    guarded: ClassVar[bool] = False

    proforma: bool = False
    comment: Line | None = None
    valid_until: date | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        if order.status is not OrderStatus.OFFER:
            raise rules.QuoteLocked(status=order.status.value)
        last = keys.quote(ctx.company, order.id, order.quotes)
        tx.prefetch([last, *sources(ctx.company, order)])
        pending = tx.get(QUOTE, last)
        unchanged = pending and pending.order_version == tx.version(keys.order(ctx.company, order.id))
        if pending and unchanged and pending.status is QuoteStatus.PENDING:
            return Reply.of(pending.view(), status=202)
        return Reply.of(self._freeze(tx, ctx, order).view(), status=202)

    def _freeze(self, tx: Transaction, ctx: Context, order: Order) -> Quote:
        """Store the next version: head of the order, content, lines in chunks, history."""
        version = order.quotes + 1
        key, quote_key = keys.order(ctx.company, order.id), keys.quote(ctx.company, order.id, version)
        content, priced = draw(tx, ctx, order, self.proforma, self.valid_until)
        quote = Quote(
            order=order.id,
            version=version,
            number=content.number,
            title=title(content),
            comment=self.comment,
            language=order.language,
            author=ctx.operator.name,
            created_at=ctx.now,
            totals=order.totals,
            amends=order.signed.version if order.signed and content.amends else None,
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


def title(content: QuoteSnapshot) -> str:
    """What the document base calls it: quote, pro forma, or amendment."""
    quote, proforma, amendment = _TITLES[content.language]
    return proforma if content.proforma else amendment if content.amends else quote


class PreviewQuote(OrderQuery):
    """What the next quote would look like (DOC-02): nothing is stored, no version is taken."""

    proforma: bool = False
    valid_until: date | None = None

    def read(self, ctx: Context) -> Reply:
        order = self.head(ctx).value
        content, lines = draw(Transaction(ctx.services.store.backend), ctx, order, self.proforma, self.valid_until)
        drawn = content.change(lines=lines, preview=True)
        return Reply.of(preview(ctx, "quote", drawn))
