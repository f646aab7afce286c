"""Duplicating an order or an offer, for the same customer or another (OFF-11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import record
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.catalogue.pricing import totals
from comptoir.kernel.errors import refuse_if
from comptoir.kernel.ids import Id
from comptoir.orders import incoterms, rules, vat
from comptoir.orders.commands import store_lines
from comptoir.orders.items import CALCULATOR, ORDER, chunk_count, line_keys, load_lines, next_number
from comptoir.orders.model import Milestone, OfferFields, Order
from comptoir.orders.repricing import customer_of, refitted
from comptoir.orders.route import Planned
from comptoir.parties.model import Party
from comptoir.parties.rules import archived_breaches
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class CopyOrder(Command):
    """Open a new offer with the lines, terms, transport, rates and calculator of an order (OFF-11).

    It has a number of its own; the dates of milestones and the customer's reference are forgotten.
    Another customer brings contact, language and VAT treatment of its own. Errors: `NotFound`, and
    `Refused` when the other customer is none.
    """

    permission: ClassVar[Permission] = Permission.EDIT_ORDERS

    order: Id
    customer: Id | None = None

    def keys(self, company: str) -> Sequence[Key]:
        places = [keys.order(company, self.order), keys.order_calculator(company, self.order)]
        return [*places, keys.company(company), keys.counter(company, "orders")]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        source = tx.require(ORDER, keys.order(ctx.company, self.order))
        inputs = tx.get(CALCULATOR, keys.order_calculator(ctx.company, source.id))
        identifier, customer = ctx.new_id(), self.customer or source.customer
        tx.prefetch(_read(ctx.company, source, identifier, customer))
        lines = load_lines(tx, ctx.company, source)
        party = customer_of(tx, ctx, customer)
        refuse_if(archived_breaches(party, "/customer"))
        copy = self._head(tx, ctx, source, party, identifier)
        refuse_if(incoterms.head_breaches(copy, copy.currency, copy.zero_category))
        key = keys.order(ctx.company, copy.id)
        tx.create(ORDER, key, copy)
        record(tx, ctx, key.pk, "copied", {"/copied_from": [None, source.number]})
        fresh = {line.id: ctx.new_id() for line in lines}
        copied = tuple(line.change(id=fresh[line.id]) for line in lines)
        if vat.taxed(copy.zero_category) is not vat.taxed(source.zero_category):
            copied = refitted(tx, ctx, copy.zero_category, copied)
        made = store_lines(tx, ctx, copy, (), copied) if copied else copy
        if inputs:
            adjusted = {fresh[line]: given for line, given in inputs.coefficients.items() if line in fresh}
            tx.create(CALCULATOR, keys.order_calculator(ctx.company, copy.id), inputs.change(coefficients=adjusted))
        return Reply.of(made, tx.next_version(key), 201)

    def _head(self, tx: Transaction, ctx: Context, source: Order, customer: Party, identifier: str) -> Order:
        given = source.picked(OfferFields.model_fields)
        if customer.id != source.customer:
            contact = next((contact.name for contact in customer.contacts), None)
            transport = source.transport.change(vat_rate=None)
            given |= {"contact": contact, "language": customer.language, "transport": transport}
        return Order.model_validate(
            given
            | {
                "id": identifier,
                "number": next_number(tx, ctx, "C-"),
                "customer": customer.id,
                "customer_name": customer.name,
                "customer_reference": None,
                "milestones": tuple(Milestone(name=milestone.name) for milestone in source.milestones),
                "route": tuple(leg.change(departure=Planned(), arrival=Planned()) for leg in source.route),
                "sales_operator": ctx.operator.id,
                "sales_name": ctx.operator.name,
                "created_on": ctx.today,
                "zero_category": rules.zero_category(tx.require(COMPANY, keys.company(ctx.company)), customer),
                "totals": totals((), source.currency),
                "rates": source.rates,
            }
        )


def _read(company: str, source: Order, identifier: str, customer: str) -> list[Key]:
    """What copying reads beside the head: the customer, the lines, and that nothing lies where the copy goes."""
    chunks = range(chunk_count(source.lines))
    copied = [keys.order_lines(company, identifier, number) for number in chunks]
    places = [keys.party(company, customer), *line_keys(company, source)]
    return [*places, keys.order_treasury(company, identifier), *copied]
