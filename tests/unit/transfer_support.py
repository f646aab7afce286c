"""What the tests of transfer orders stand on: suppliers with accounts, what is owed to them, and a bank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.banking import driving, ordered, rejection_commands
from comptoir.banking.model import AccountSettings
from comptoir.banking.ordered import StoredTransferOrder, WantedTransfer, transfer_file_at
from comptoir.banking.rejection_commands import RejectTransfers
from comptoir.banking.transfer_commands import (
    GenerateTransfers,
    PreviewTransfers,
    ReadTransferOrder,
    TransferPreview,
    WriteTransfers,
)
from comptoir.kernel.banks import ForeignAccount
from comptoir.kernel.errors import DomainError, Refused
from comptoir.kernel.identity import Address, BankAccount
from comptoir.parties.commands import CreateParty
from comptoir.parties.model import Party
from comptoir.purchasing.model import DueFields, SupplierDocument
from comptoir.purchasing.paying import SetSupplierDocumentMeans
from comptoir.purchasing.rates import ReadSupplierDocumentTreasury
from comptoir.store.backend import Operation
from comptoir.treasury.model import Treasury, TreasuryLine
from tests.unit.banking_support import bic, iban
from tests.unit.banks import IBAN, Bank, open_bank
from tests.unit.purchasing_support import Office, item, open_office
from tests.unit.suppliers_support import french_supplier
from tests.world import World

SEATTLE = Address(lines=("Pier 57",), postcode="98101", city="Seattle, WA", country="US")
FOREIGN = ForeignAccount(number="0123456789", bic="CHASUS33", holder="Pacific Rope & Chain Co.")


class Killed(Exception):
    """What ends a function in the middle."""


@dataclass
class Treasurer:
    """An office that records what suppliers send, and pays it from its bank account."""

    office: Office
    bank: Bank

    @property
    def world(self) -> World:
        """The company."""
        return self.office.world

    def supplier(self, code: str = "HANSE", holder: str = "Müller & Söhne GmbH", **more: Any) -> Party:
        """A German supplier with one account, unless told otherwise."""
        account = BankAccount(iban=iban("DE"), bic=bic("DE"), holder=holder)
        fields: dict[str, Any] = {"code": code, "name": "Hanse", "bank_accounts": (account,)}
        request: CreateParty = french_supplier(**(fields | more))
        return self.world.do(Party, request)

    def abroad(self, code: str = "PACIFIC", **more: Any) -> Party:
        """A supplier in Seattle, paid in dollars."""
        fields: dict[str, Any] = {"bank_accounts": (), "foreign_accounts": (FOREIGN,), "address": SEATTLE}
        return self.supplier(code, **(fields | {"currency": "USD"} | more))

    def invoice(self, supplier: Party, number: str = "F-1", price: str = "100.00", **more: Any) -> SupplierDocument:
        """An invoice of a supplier without VAT, payable by transfer from the account."""
        lines = (item(price, vat_rate="0"),)
        document = self.office.record(*lines, supplier=supplier.id, number=number, currency=supplier.currency, **more)
        for line in self.lines(document):
            self.pay_by(document, line, bank_account=IBAN)
        return document

    def pay_by(self, document: SupplierDocument, line: TreasuryLine, **means: Any) -> None:
        """Say how a line is to be paid."""
        request = SetSupplierDocumentMeans(document=document.id, line=line.id, **means)
        self.world.execute_as("manager", request, if_match=self.version(document))

    def version(self, document: SupplierDocument) -> int:
        """The version of the sheet of a document."""
        return self.world.execute_as("manager", ReadSupplierDocumentTreasury(document=document.id)).version or 0

    def lines(self, document: SupplierDocument) -> list[TreasuryLine]:
        """The lines of a document as they lie."""
        sheet = self.world.do(Treasury, ReadSupplierDocumentTreasury(document=document.id))
        return [line for line in sheet.lines if line.document == document.id]

    def wanted(self, document: SupplierDocument, **more: Any) -> WantedTransfer:
        """A transfer of the first line of a document."""
        return WantedTransfer(document=document.id, line=self.lines(document)[0].id, **more)

    def asked(self, *wanted: WantedTransfer | SupplierDocument, **more: Any) -> GenerateTransfers:
        """The request of an order of these transfers."""
        chosen = tuple(each if isinstance(each, WantedTransfer) else self.wanted(each) for each in wanted)
        return GenerateTransfers(transfers=chosen, **more)

    def generate(self, *wanted: WantedTransfer | SupplierDocument, **more: Any) -> StoredTransferOrder:
        """An order with its file."""
        return self.world.do(StoredTransferOrder, self.asked(*wanted, **more))

    def preview(self, *wanted: WantedTransfer | SupplierDocument, **more: Any) -> TransferPreview:
        """What an order of these would be."""
        asked = self.asked(*wanted, **more)
        return self.world.do(TransferPreview, PreviewTransfers.model_validate(asked.model_dump()))

    def refused(self, *wanted: WantedTransfer | SupplierDocument, **more: Any) -> list[tuple[str, str | None]]:
        """Everything for which an order is refused, with its places; the preview tells the same."""
        request = self.asked(*wanted, **more)
        try:
            self.world.execute_as("manager", request)
        except Refused as refusal:
            told = [(breach.code, breach.pointer) for breach in refusal.breaches]
            assert told == [(each.code, each.pointer) for each in self.preview(*wanted, **more).breaches]
            return told
        except DomainError as other:
            return [(other.code, None)]
        return []

    def order(self, order: StoredTransferOrder) -> StoredTransferOrder:
        """The order as it lies."""
        return self.order_of(order.id)

    def order_of(self, identifier: str) -> StoredTransferOrder:
        """The order of this identifier as it lies."""
        return self.world.do(StoredTransferOrder, ReadTransferOrder(transfer_order=identifier))

    def order_version(self, identifier: str) -> int:
        """The version under which an order lies."""
        return self.world.execute_as("manager", ReadTransferOrder(transfer_order=identifier)).version or 0

    def reject(self, request: RejectTransfers) -> StoredTransferOrder:
        """The order once the bank rejected what the request says."""
        reply = self.world.execute_as("manager", request, self.order_version(request.transfer_order))
        assert reply.status == 201
        return StoredTransferOrder.model_validate_json(reply.body)

    def left_without_file(self, *documents: WantedTransfer | SupplierDocument) -> StoredTransferOrder:
        """An order whose file was never written: the bank function did not answer."""
        services = self.world.services
        self.world.services = replace(services, bank=None)
        order = self.generate(*documents)
        self.world.services = services
        return order

    @contextmanager
    def at_commit(self, number: int, then: Callable[[], object], *, before: bool = False) -> Iterator[None]:
        """Do something once so many transactions are written, or just before the last of these is."""
        backend, left, deep = self.world.services.store.backend, number, 0

        def write(operations: Sequence[Operation]) -> None:
            # What follows the table's stream, counting cash to come, is written from within.
            nonlocal left, deep
            left -= not deep
            mine = left == 0 and not deep
            if mine and before:
                then()
            deep += 1
            try:
                written(operations)
            finally:
                deep -= 1
            if mine and not before:
                then()

        written = backend.write
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(backend, "write", write)
            yield

    def killed_after(self, commits: int) -> AbstractContextManager[None]:
        """Whatever runs ends once so many transactions are written."""
        return self.at_commit(commits, die)

    def write_again(self, order: str) -> StoredTransferOrder:
        """The order once its file was asked for again."""
        return self.world.do(StoredTransferOrder, WriteTransfers(transfer_order=order))

    def file(self, order: StoredTransferOrder) -> bytes:
        """The bytes under lock."""
        return self.bank.archive.held[transfer_file_at(self.world.company, order.id)]


def die() -> None:
    """End whatever runs."""
    raise Killed


def held_at_once(patch: pytest.MonkeyPatch, count: int) -> None:
    """Let one transaction hold so many transfers, so that a few make a large order."""
    for module in (ordered, driving, rejection_commands):
        patch.setattr(module, "AT_ONCE", count)


def halves(amount: str = "50.00", currency: str = "EUR") -> tuple[DueFields, ...]:
    """Two instalments of an amount each."""
    return tuple(
        DueFields.model_validate(
            {"due_date": date(2026, 12, day), "amount": {"amount": Decimal(amount), "currency": currency}}
        )
        for day in (1, 15)
    )


def open_treasurer(**settings: Any) -> Treasurer:
    """A treasurer whose bank agreed on these settings."""
    office = open_office()
    return Treasurer(office, open_bank(office.world, settings=AccountSettings(**settings)))
