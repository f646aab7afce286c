"""What the tests of a whole treasury stand on: customers and suppliers of one company, and its bank account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comptoir.banking.invoice_matches import AcceptMatch, AcceptSupplierMatch
from comptoir.banking.proposing import Proposals, ProposeMatches
from comptoir.banking.reconciling import AcceptRefund, AcceptReturn, UndoMatch
from comptoir.banking.statement_commands import ReadEntry
from comptoir.banking.stored import StoredEntry
from comptoir.banking.waiting import ProposedPart
from comptoir.payments.rules import InvoicePart
from comptoir.treasury.model import Side
from tests.unit.banks import Bank, open_bank
from tests.unit.owing_support import Purse, open_purse
from tests.unit.payments_support import Till
from tests.unit.purchasing_support import Office
from tests.unit.statement_writers import camt, entry, statement
from tests.unit.transfer_support import Treasurer
from tests.world import World

DAY = "2026-11-20"


@dataclass
class Counter:
    """Customers who pay, suppliers who are paid, and the bank that tells of it."""

    till: Till
    purse: Purse
    bank: Bank

    @property
    def world(self) -> World:
        """The company."""
        return self.till.world

    def treasurer(self) -> Treasurer:
        """Who pays the suppliers by transfers."""
        return Treasurer(Office(self.purse.desk, self.purse.china, self.purse.france), self.bank)

    def came(self, amount: str, **told: Any) -> str:
        """An entry of the account; its identifier."""
        before = {each.id for each in self.bank.entries()}
        opening = self.bank.now().balance.amount
        self.bank.send(camt(statement((entry(amount, DAY, **told),), str(opening)), "08"))
        [new] = {each.id for each in self.bank.entries()} - before
        return str(new)

    def entry(self, identifier: str) -> StoredEntry:
        """An entry as it lies."""
        return self.world.do(StoredEntry, ReadEntry(entry=identifier))

    def proposed(self, identifier: str) -> Proposals:
        """What is proposed for an entry."""
        return self.world.do(Proposals, ProposeMatches(entry=identifier))

    def accept(self, identifier: str, *parts: ProposedPart) -> StoredEntry:
        """The parts of a proposal accepted."""
        return self.world.do(StoredEntry, accepting(identifier, *parts))

    def undo(self, identifier: str, payment: str) -> StoredEntry:
        """A match taken back."""
        return self.world.do(StoredEntry, UndoMatch(entry=identifier, payment=payment, reason="Erreur"))

    def returned(self, identifier: str, payment: str) -> StoredEntry:
        """A payment that the bank returns by an entry."""
        return self.world.do(StoredEntry, AcceptReturn(entry=identifier, payment=payment, reason="Rejet"))


def accepting(identifier: str, *parts: ProposedPart) -> AcceptMatch | AcceptSupplierMatch | AcceptRefund | AcceptReturn:
    """The request that accepts the parts of a proposal."""
    first = parts[0]
    if first.returned:
        return AcceptReturn(entry=identifier, payment=first.returned.payment, reason=first.returned.reason)
    if first.credit_note:
        return AcceptRefund(entry=identifier, side=first.side, credit_note=first.document, amount=first.amount.amount)
    told = tuple(
        InvoicePart(
            invoice=part.document,
            amount=part.amount.amount,
            end_to_end=part.transfer.end_to_end if part.transfer else None,
        )
        for part in parts
    )
    if first.side is Side.SUPPLIER:
        return AcceptSupplierMatch(entry=identifier, allocations=told)
    return AcceptMatch(entry=identifier, customer=first.party, allocations=told)


def open_counter() -> Counter:
    """A company with customers, suppliers and a bank account."""
    purse = open_purse()
    return Counter(Till(purse.desk), purse, open_bank(purse.world))
