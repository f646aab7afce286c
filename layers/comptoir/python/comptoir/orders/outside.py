"""What an order expects to receive or to pay beside its products, on either side (TRS-01)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import refuse_if
from comptoir.orders import rules
from comptoir.orders.commands import OrderCommand
from comptoir.orders.items import ORDER, SUPPLIER
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.supplier_commands import SupplierCommand
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryStatus
from comptoir.treasury.outside import OutsideLines, outside_breaches, with_outside
from comptoir.treasury.settling import viewed


class SetOutsideLines(OrderCommand):
    """Replace the lines that the customer request expects beside its products (TRS-01).

    Terms, dates and quantities leave them alone, and the confirmation does not balance them with the products;
    it makes them firm as the others. They end with the order.
    """

    lines: OutsideLines

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        rules.editable(order)
        sheet = keys.order_treasury(ctx.company, order.id)
        after = _replaced(tx, ctx, order, sheet, self.lines, order.currency)
        # The order's version guards its treasury too.
        tx.put(ORDER, keys.order(ctx.company, order.id), order)
        return Reply.of(viewed(after), tx.next_version(keys.order(ctx.company, order.id)))


class SetSupplierOutsideLines(SupplierCommand):
    """Replace the lines that a supplier request expects beside its products; If-Match is the request's version."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES

    lines: OutsideLines

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order, request = self.found(tx, ctx)
        sheet = keys.supplier_treasury(ctx.company, order.id, request.supplier)
        after = _replaced(tx, ctx, order, sheet, self.lines, request.currency)
        key = keys.supplier_request(ctx.company, order.id, request.supplier)
        tx.put(SUPPLIER, key, request)
        tx.put(ORDER, keys.order(ctx.company, order.id), order)
        return Reply.of(viewed(after), tx.next_version(key))


def _replaced(tx: Transaction, ctx: Context, order: Order, sheet: Key, lines: OutsideLines, currency: str) -> Treasury:
    """A sheet of an order with these lines outside its products, stored with its history."""
    before = tx.get(TREASURY, sheet) or Treasury()
    banks = tx.require(COMPANY, keys.company(ctx.company)).identity.bank_accounts
    accounts = {account.iban: account for account in banks}
    refuse_if(outside_breaches(before.lines, lines, currency, accounts))
    status = TreasuryStatus.FIRM if order.status is OrderStatus.CONFIRMED else TreasuryStatus.FORECAST
    after = before.change(lines=with_outside(before.lines, lines, status, accounts, ctx.new_id))
    save(tx, ctx, TREASURY, sheet, after, "outside_lines_set")
    return after
