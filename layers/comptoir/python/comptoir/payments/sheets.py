"""The treasury of the requests that one command settles: read, changed and kept together (TRS-03, LOG-03)."""

from __future__ import annotations

from comptoir.access.context import Context
from comptoir.access.history import difference, record
from comptoir.kernel.ids import Id
from comptoir.orders.dating import complete_when_done, settled
from comptoir.orders.items import ORDER
from comptoir.orders.model import Order
from comptoir.orders.reopening import reopen
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Side, Treasury, TreasuryLine

Lines = tuple[TreasuryLine, ...]


class Sheets:
    """Treasury sheets as this transaction changes them."""

    def __init__(self, tx: Transaction, ctx: Context) -> None:
        self._tx, self._ctx = tx, ctx
        self._before: dict[Key, Treasury] = {}
        self._lines: dict[Key, Lines] = {}

    def lines(self, key: Key) -> Lines:
        """The lines of a sheet, with what was changed so far."""
        if key not in self._lines:
            self._before[key] = self._tx.get(TREASURY, key) or Treasury()
            self._lines[key] = self._before[key].lines
        return self._lines[key]

    def set(self, key: Key, lines: Lines) -> None:
        """Change the lines of a sheet that was read."""
        self._lines[key] = lines

    def keep(self, event: str, payment: Id) -> None:
        """Write the sheets with their history; orders now paid are completed, those no longer so are open again."""
        for key, before in self._before.items():
            after = before.change(lines=self._lines[key])
            self._tx.put(TREASURY, key, after)
            changes = difference(before.model_dump(mode="json"), after.model_dump(mode="json"))
            record(self._tx, self._ctx, key.pk, event, {"/payment": payment, **changes})
        for order in dict.fromkeys(filter(None, map(self._turned, self._before))):
            found = self._tx.require(ORDER, keys.order(self._ctx.company, order))
            complete_when_done(self._tx, self._ctx, self._reopened(found))

    def _turned(self, key: Key) -> Id | None:
        """The order of a sheet that is settled now or was before: what was due and still is completes nothing."""
        before = self._before[key]
        due = not settled(before) and not settled(before.change(lines=self._lines[key]))
        return None if due or before.debtor is None else before.debtor.order

    def _reopened(self, order: Order) -> Order:
        """The order, open again with its request where what was settled no longer is (LOG-03)."""
        debtors = [
            before.debtor
            for key, before in self._before.items()
            if before.debtor and before.debtor.order == order.id
            if settled(before) and not settled(before.change(lines=self._lines[key]))
        ]
        if not debtors:
            return order
        suppliers = [debtor.customer for debtor in debtors if debtor.side is Side.SUPPLIER]
        after = reopen(self._tx, self._ctx, order, suppliers)
        # Whoever is about to complete the order read its money as settled: it is another version now.
        self._tx.put(ORDER, keys.order(self._ctx.company, order.id), after)
        return after
