"""The order desk beside the table of products: totals, exchange rates, proposals, linked prices (OFF-02 to OFF-12)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.access.items import COMPANY
from comptoir.catalogue.groupings import GROUPING, Member
from comptoir.catalogue.items import REFERENCE
from comptoir.catalogue.model import Price, Reference, SupplierOffer
from comptoir.catalogue.prices import SalePrice, price_for, special_prices
from comptoir.kernel.errors import NotFound, refuse_if
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Quantity
from comptoir.orders import incoterms, rules
from comptoir.orders.commands import OrderCommand, store_lines
from comptoir.orders.currency import MAX_RATES, rate_breaches
from comptoir.orders.items import ORDER, load_lines
from comptoir.orders.linked import Linked, LinkedPrices, adjust
from comptoir.orders.margins import shown
from comptoir.orders.model import LineInput, OrderStatus
from comptoir.orders.proposals import in_force, proposed
from comptoir.orders.queries import OrderQuery
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.store.transaction import Transaction


class ReadOrderTotals(OrderQuery):
    """Totals, weights, margin and warnings of an order, from its head alone (OFF-05)."""

    def read(self, ctx: Context) -> Reply:
        tx, order, company = _reader(ctx), keys.order(ctx.company, self.order), keys.company(ctx.company)
        tx.prefetch([order, company])
        thresholds = tx.require(COMPANY, company).margin_thresholds
        return Reply.of(shown(tx.require(ORDER, order), thresholds), tx.version(order))


class SetOrderRates(OrderCommand):
    """Set the exchange rates that an order uses, each with its date and source (OFF-12)."""

    rates: Annotated[tuple[ExchangeRate, ...], Field(max_length=MAX_RATES)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        rules.editable(before)
        refuse_if(rate_breaches(self.rates, before.currency))
        after = before.change(rates=self.rates)
        save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, "rates_set")
        return self.reply(tx, ctx, after)


class LineProposal(Model):
    """The line that a reference would make, where its sale price comes from, and the offers to choose among.

    `offers` are in force, the most recent first, in their own currency (CAT-02). `choices` are the
    references of the grouping, with their suppliers, the one by default first (CAT-03). A sale price in
    another currency than the order's is told but not put on the line.
    """

    line: LineInput
    sale_price: SalePrice | None
    offers: tuple[SupplierOffer, ...]
    choices: tuple[Member, ...] = ()


class ProposeLine(OrderQuery):
    """What the catalogue proposes for a reference on an order, from the supplier told or the first one (OFF-02)."""

    reference: Id
    quantity: Annotated[Quantity, Field(gt=0)] = Decimal(1)
    supplier: Id | None = None

    def read(self, ctx: Context) -> Reply:
        tx, head = _reader(ctx), self.head(ctx)
        order = head.value
        places = keys.reference(ctx.company, self.reference), keys.party(ctx.company, order.customer)
        tx.prefetch(places)
        reference, customer = tx.require(REFERENCE, places[0]), tx.require(PARTY, places[1])
        own = special_prices(tx, ctx.company, [reference.id], customer)[reference.id]
        price = price_for(reference, customer, self.quantity, ctx.today, own)
        choices = _choices(tx, ctx, reference)
        usual = next((choice.supplier for choice in choices if choice.reference == reference.id), None)
        line = proposed(reference, order, self.quantity, price, ctx.today, self.supplier or usual)
        offers = in_force(reference, ctx.today)
        return Reply.of(LineProposal(line=line, sale_price=price, offers=offers, choices=choices), head.version)


def _choices(tx: Transaction, ctx: Context, reference: Reference) -> tuple[Member, ...]:
    if reference.grouping is None:
        return ()
    return tx.require(GROUPING, keys.grouping(ctx.company, reference.grouping)).members


class AdjustLinePrice(OrderCommand):
    """Change one of the three linked prices of a line; the others follow, transport kept first (OFF-06)."""

    line: Id
    changed: Linked
    price: Price

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        if order.status is not OrderStatus.OFFER:
            raise rules.NotAnOffer(status=order.status.value)
        lines = load_lines(tx, ctx.company, order)
        before = next((line for line in lines if line.id == self.line), None)
        if before is None:
            raise NotFound()
        prices = adjust(LinkedPrices(before.unit_price, before.transport_price), self.changed, self.price)
        after = before.change(unit_price=prices.goods, transport_price=prices.transport)
        refuse_if([*incoterms.one_line_breaches(order, after, {}), *rules.size_breaches(after)])
        changed = tuple(after if line is before else line for line in lines)
        return self.reply(tx, ctx, store_lines(tx, ctx, order, lines, changed))


def _reader(ctx: Context) -> Transaction:
    return Transaction(ctx.services.store.backend)
