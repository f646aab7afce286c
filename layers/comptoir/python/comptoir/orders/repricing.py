"""What follows on an offer's lines when its head changes: currency, incoterm, transport, VAT (OFF-06, PTY-02)."""

from __future__ import annotations

from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.catalogue.items import references_by_id
from comptoir.catalogue.pricing import VatCategory
from comptoir.kernel.errors import NotFound, refuse_if
from comptoir.orders import incoterms, margins, rules, suppliers, vat
from comptoir.orders.carriage import TransportDetail
from comptoir.orders.currency import naming
from comptoir.orders.items import load_lines, save_lines
from comptoir.orders.model import Order, OrderLine
from comptoir.orders.selling import whole_prices
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.rules import archived_breaches
from comptoir.store import keys
from comptoir.store.transaction import Transaction


def customer_of(tx: Transaction, ctx: Context, customer: str) -> Party:
    """The customer of an offer. Errors: `Refused` when there is none, or it is no customer."""
    party = tx.get(PARTY, keys.party(ctx.company, customer))
    refuse_if(rules.customer_breaches(party))
    if party is None:
        raise NotFound()
    return party


def repriced(tx: Transaction, ctx: Context, before: Order, after: Order, invoiced: bool) -> Order:
    """The offer with its customer, and its lines priced again when anything of their price changed.

    When the sale begins to bear VAT or ceases to, its lines follow, but for one of which something is `invoiced`.
    """
    customer = customer_of(tx, ctx, after.customer)
    refuse_if(archived_breaches(customer, "/customer") if after.customer != before.customer else [])
    zero = before.zero_category
    if not invoiced:
        zero = rules.zero_category(tx.require(COMPANY, keys.company(ctx.company)), customer)
    after = after.change(customer_name=customer.name, zero_category=zero, rates=naming(before.rates, after.currency))
    moved = vat.taxed(zero) is not vat.taxed(before.zero_category)
    if moved and after.transport.vat_rate == before.transport.vat_rate:
        after = after.change(transport=after.transport.change(vat_rate=None))
    refuse_if(incoterms.head_breaches(after, after.currency, zero))
    if all(getattr(before, name) == getattr(after, name) for name in _PRICING):
        return after
    lines = load_lines(tx, ctx.company, before)
    kept = lines if after.transport.detail is TransportDetail.LINES else whole_prices(lines)
    kept = refitted(tx, ctx, zero, kept) if moved else kept
    refuse_if(incoterms.line_breaches(after, kept))
    if kept != lines:
        save_lines(tx, ctx, after, lines, kept)
    return suppliers.follow(tx, ctx, margins.computed(after, kept), lines, kept)


def refitted(tx: Transaction, ctx: Context, zero: VatCategory, lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    """Lines of a sale that begins to bear VAT, or ceases to, at its rates: those of their references."""
    named = {line.reference for line in lines if line.reference and not line.vat_rate} if vat.taxed(zero) else set()
    references = references_by_id(tx, ctx.company, named)
    return vat.refitted(zero, lines, {each: reference.vat_rate for each, reference in references.items()})


_PRICING = ("currency", "zero_category", "incoterm", "incoterm_place", "transport")
