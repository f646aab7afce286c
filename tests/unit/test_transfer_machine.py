"""A random life of what is owed and its transfers: nothing paid twice, lost or changed once sent (TRS-09, TRS-10)."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from lxml import etree

from comptoir.banking.driving import resume_transfers
from comptoir.banking.formats import transfers as tasks
from comptoir.banking.ordered import StoredTransferOrder, TransferState, WantedTransfer
from comptoir.banking.references import known_reference
from comptoir.banking.rejection_commands import RejectTransfers
from comptoir.kernel.errors import Breach, DomainError, Refused
from comptoir.purchasing.cancelling import CancelSupplierDocument
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.paying import SplitSupplierDocumentLine
from comptoir.treasury.model import TreasuryLine
from tests.unit.banks import IBAN
from tests.unit.cash_recomputed import recomputed, stored
from tests.unit.transfer_support import Killed, Treasurer, held_at_once, open_treasurer

PICK = st.integers(0, 10**6)
HOW = st.sampled_from(["done", "left", "refused", "killed"])


class Transfers(RuleBasedStateMachine):
    """Invoices recorded, cut, transferred, killed on the way, refused, rejected, driven again, in any order."""

    treasurer: Treasurer

    @initialize()
    def begin(self) -> None:
        # Orders of more than two transfers are held part by part.
        self.patch = pytest.MonkeyPatch()
        held_at_once(self.patch, 2)
        self.treasurer = open_treasurer()
        self.documents: list[SupplierDocument] = []
        self.recorded = 0
        self.sent: dict[str, bytes] = {}
        self.frozen: dict[str, TreasuryLine] = {}

    def lines(self) -> list[tuple[SupplierDocument, TreasuryLine]]:
        return [(document, line) for document in self.documents for line in self.treasurer.lines(document)]

    def one(self, pick: int) -> tuple[SupplierDocument, TreasuryLine]:
        lines = self.lines()
        return lines[pick % len(lines)]

    @rule(cents=st.integers(10, 10**7))
    def record(self, cents: int) -> None:
        # Two suppliers in a row give the same number.
        supplier, number = self.treasurer.supplier(f"S{self.recorded}"), f"F-{self.recorded // 2}"
        self.recorded += 1
        price = str(Decimal(cents).scaleb(-2))
        self.documents.append(self.treasurer.invoice(supplier, number, price))

    @precondition(lambda self: self.documents)
    @rule(pick=PICK, share=st.integers(1, 99))
    def cut(self, pick: int, share: int) -> None:
        document, line = self.one(pick)
        first = (line.amount.amount * share / 100).quantize(Decimal("0.01"))
        parts = (first, line.amount.amount - first)
        if min(parts) <= 0:
            return
        request = SplitSupplierDocumentLine(document=document.id, line=line.id, parts=parts)
        self.held_or_done(line, request, self.treasurer.version(document))

    def held_or_done(self, line: TreasuryLine, request: Any, version: int) -> None:
        """A change is refused by name where a transfer pays the line, and done elsewhere."""
        if not line.frozen:
            self.treasurer.world.execute_as("manager", request, version)
            return
        with pytest.raises(DomainError) as caught:
            self.treasurer.world.execute_as("manager", request, version)
        assert caught.value.code == "line_transferred"

    @precondition(lambda self: self.documents)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        document, _ = self.one(pick)
        if any(line.frozen for line in self.treasurer.lines(document)):
            request = CancelSupplierDocument(document=document.id, reason="Erreur")
            with pytest.raises(Refused, match="invoice_transferred"):
                self.treasurer.world.execute_as("manager", request, 1)
            return
        self.treasurer.office.cancel(document)
        self.documents.remove(document)

    @precondition(lambda self: self.documents)
    @rule(
        picks=st.lists(PICK, min_size=1, max_size=4),
        how=st.sampled_from(["done", "left", "refused", "killed"]),
        commits=st.integers(1, 4),
    )
    def transfer(self, picks: list[int], how: str, commits: int) -> None:
        chosen = {line.id: (document, line) for document, line in map(self.one, picks)}
        wanted = [WantedTransfer(document=document.id, line=line.id) for document, line in chosen.values()]
        if any(line.transfer for _, line in chosen.values()):
            told = self.treasurer.refused(*wanted)
            assert {code for code, _ in told} == {"line_transferred"}
            return
        if how == "done":
            self.keep(self.treasurer.generate(*wanted))
        elif how == "left":
            self.treasurer.left_without_file(*wanted)
        elif how == "killed":
            with self.treasurer.killed_after(commits), contextlib.suppress(Killed):
                self.keep(self.treasurer.generate(*wanted))
        else:
            self.no_bank_takes(wanted)

    def no_bank_takes(self, wanted: list[WantedTransfer]) -> None:
        breach = Breach(code="sum_wrong", fr="Somme.", en="Sum.")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tasks, "check", lambda data: [breach])
            with pytest.raises(Refused):
                self.treasurer.generate(*wanted)

    @precondition(lambda self: self.sent)
    @rule(pick=PICK, which=PICK)
    def bank_rejects(self, pick: int, which: int) -> None:
        """A transfer of a file: what it pays waits anew, as another line; rejected once."""
        order = self.treasurer.order_of(sorted(self.sent)[pick % len(self.sent)])
        paid = order.paid[which % len(order.paid)]
        request = RejectTransfers(transfer_order=order.id, lines=(paid.line,), reason="AC04")
        if paid.line in {each.line for each in order.rejections}:
            with pytest.raises(Refused, match="transfer_rejected"):
                self.treasurer.reject(request)
            return
        [*_, rejection] = self.treasurer.reject(request).rejections
        [anew] = rejection.replaced_by
        lines = {line.id: line for _, line in self.lines()}
        assert paid.line not in lines
        assert lines[anew] == self.frozen[paid.line].change(id=anew, transfer=None)

    @rule()
    def drive_again(self) -> None:
        assert resume_transfers(self.treasurer.world.services)["failed"] == 0
        assert not [line for _, line in self.lines() if line.transfer and not self.order(line)]

    def order(self, line: TreasuryLine) -> bytes | None:
        assert line.transfer
        held = self.treasurer.bank.archive.held
        return next((data for key, data in held.items() if line.transfer.order in key), None)

    def keep(self, order: StoredTransferOrder) -> None:
        assert order.state is TransferState.GENERATED
        self.sent[order.id] = self.treasurer.file(order)

    @invariant()
    def lines_are_their_invoices(self) -> None:
        for document in getattr(self, "documents", ()):
            lines = self.treasurer.lines(document)
            assert sum(line.amount.amount for line in lines) == document.totals.gross.amount
            assert {line.bank_account and line.bank_account.iban for line in lines} == {IBAN}
        if hasattr(self, "treasurer"):
            assert stored(self.treasurer.world, "EUR") == recomputed(self.treasurer.world, "EUR")

    @invariant()
    def what_is_sent_stays_and_is_sent_once(self) -> None:
        if not hasattr(self, "treasurer"):
            return
        for _, line in self.lines():
            if line.transfer:
                # What was refused frees its lines; then it may be held again, by another order.
                before = self.frozen.setdefault(line.id, line)
                if self.order(before):
                    assert line == before
                self.frozen[line.id] = line
        held = self.treasurer.bank.archive.held
        assert all(data in held.values() for data in self.sent.values())
        found = [each for data in held.values() for each in etree.fromstring(data).iter("{*}CdtTrfTxInf")]
        paid = {each.findtext("{*}PmtId/{*}InstrId"): each for each in found}
        references = {known_reference(each.findtext("{*}PmtId/{*}EndToEndId") or "") for each in found}
        assert len(found) == len(paid) == len(references)
        for name, each in paid.items():
            line = self.frozen[name or ""]
            assert Decimal(each.findtext("{*}Amt/{*}InstdAmt") or "") == line.amount.amount
            assert line.transfer
            assert each.findtext("{*}PmtId/{*}EndToEndId") == line.transfer.end_to_end

    def teardown(self) -> None:
        if hasattr(self, "patch"):
            self.patch.undo()


TestTransfers = Transfers.TestCase
TestTransfers.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
