"""Keeping the price calculator with an order, and applying its coefficient to the goods (OFF-10)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.access.merging import Merge
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import exactly
from comptoir.orders import rules
from comptoir.orders.calculator import (
    OUT_OF_RANGE,
    Calculator,
    CalculatorFields,
    Coefficient,
    Solution,
    basis,
    sale_price,
    solved,
    unit_price,
)
from comptoir.orders.commands import OrderCommand, store_lines
from comptoir.orders.items import CALCULATOR, ORDER, load_lines
from comptoir.orders.linked import Linked, LinkedPrices, adjust
from comptoir.orders.model import MAX_LINES, Order, OrderLine, OrderStatus
from comptoir.orders.queries import OrderQuery
from comptoir.orders.selling import MOST
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class CalculatorView(Model):
    """The inputs, what they give on the order's goods as they are, or why they give nothing.

    `lines_left_out` counts the goods without purchase price, which the coefficient leaves alone.
    """

    inputs: Calculator
    solution: Solution | None
    lines_left_out: int
    breaches: tuple[Breach, ...]


def _view(order: Order, lines: Sequence[OrderLine], inputs: Calculator) -> CalculatorView:
    found = basis(order, lines)
    price, breaches = sale_price(inputs, found, order)
    solution = None if price is None else solved(inputs, found, price, order)
    return CalculatorView(inputs=inputs, solution=solution, lines_left_out=found.left_out, breaches=tuple(breaches))


class ReadCalculator(OrderQuery):
    """The calculator of an order, and what it gives now; empty until something is entered."""

    def read(self, ctx: Context) -> Reply:
        stored, tx = self.head(ctx), Transaction(ctx.services.store.backend)
        key = keys.order_calculator(ctx.company, self.order)
        tx.prefetch([key])
        inputs = tx.get(CALCULATOR, key) or Calculator()
        return Reply.of(_view(stored.value, load_lines(tx, ctx.company, stored.value), inputs), stored.version)


class _Calculation(OrderCommand):
    """Base of the commands on the calculator of an offer."""

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.order_calculator(company, self.order)]

    def offer(self, tx: Transaction, ctx: Context) -> Order:
        """The offer. Errors: `NotAnOffer` once its prices are fixed (CNF-04)."""
        order = self.load(tx, ctx)
        if order.status is not OrderStatus.OFFER:
            raise rules.NotAnOffer(status=order.status.value)
        return order

    def keep(self, tx: Transaction, ctx: Context, order: Order, inputs: Calculator) -> None:
        """Save the inputs; the head's version, which guards them, changes with them."""
        save(tx, ctx, CALCULATOR, keys.order_calculator(ctx.company, order.id), inputs, "calculator_saved")
        tx.put(ORDER, keys.order(ctx.company, order.id), order)


class SaveCalculator(_Calculation, Merge, extra="allow"):
    """Keep the forecast costs and the wanted markup with an offer, and answer what they give."""

    fields: ClassVar[type[Model]] = CalculatorFields

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.offer(tx, ctx)
        before = tx.get(CALCULATOR, keys.order_calculator(ctx.company, order.id)) or Calculator()
        entered: CalculatorFields = self.merged(before)
        inputs = before.change(**entered.picked(CalculatorFields.model_fields))
        self.keep(tx, ctx, order, inputs)
        view = _view(order, load_lines(tx, ctx.company, order), inputs)
        return Reply.of(view, tx.next_version(keys.order(ctx.company, order.id)))


class ApplyCalculator(_Calculation):
    """Price the goods of an offer by the coefficient, or by the one given for a line (OFF-10).

    Transport and service lines, free lines and goods without purchase price keep their price. A line
    whose transport is told apart keeps its transport price first. Errors: `Refused`, with every reason
    why there is no coefficient.
    """

    coefficients: Annotated[dict[Id, Coefficient], Field(max_length=MAX_LINES)] = Field(default_factory=dict)

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.offer(tx, ctx)
        lines = load_lines(tx, ctx.company, order)
        known = {line.id for line in lines}
        refuse_if([_unknown(line) for line in self.coefficients if line not in known])
        before = tx.get(CALCULATOR, keys.order_calculator(ctx.company, order.id)) or Calculator()
        inputs = before.change(coefficients=self.coefficients)
        after = self._priced(order, lines, inputs)
        self.keep(tx, ctx, order, inputs)
        return self.reply(tx, ctx, store_lines(tx, ctx, order, lines, after))

    def _priced(self, order: Order, lines: Sequence[OrderLine], inputs: Calculator) -> tuple[OrderLine, ...]:
        found = basis(order, lines)
        price, breaches = sale_price(inputs, found, order)
        refuse_if(breaches)
        with exactly():
            coefficient = (price or Decimal(0)) / found.charged
        units = [
            unit_price(line, inputs.coefficients.get(line.id, coefficient), order, inputs.decimals) for line in lines
        ]
        pairs = list(zip(lines, units, strict=True))
        refuse_if([OUT_OF_RANGE] if any(unit and unit * line.quantity >= MOST for line, unit in pairs) else [])
        return tuple(line if unit is None else _repriced(line, unit) for line, unit in pairs)


def _repriced(line: OrderLine, overall: Decimal) -> OrderLine:
    prices = adjust(LinkedPrices(line.unit_price, line.transport_price), Linked.OVERALL, overall)
    return line.change(unit_price=prices.goods, transport_price=prices.transport)


def _unknown(line: str) -> Breach:
    fr, en = "Cette ligne n'est pas dans la commande.", "This line is not in the order."
    return Breach(code="unknown_line", fr=fr, en=en, pointer=f"/coefficients/{line}")
