"""Entries matched with invoices: proposed with reasons, accepted, in parts, undone until the closing (TRS-04)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.execute import Request
from comptoir.banking.invoice_matches import AcceptMatch
from comptoir.banking.matching import Criterion
from comptoir.banking.proposing import Proposals, ProposeMatches
from comptoir.banking.reconciling import UndoMatch
from comptoir.banking.stored import EntryState, StoredEntry
from comptoir.invoicing.model import Document
from comptoir.kernel.errors import DomainError, Forbidden, NotFound
from comptoir.payments.commands import ReversePayment
from comptoir.payments.queries import ReadPayment
from comptoir.payments.rules import InvoicePart
from comptoir.treasury.model import TreasuryStatus
from comptoir.treasury.payment import Payment
from comptoir.treasury.settling import SettlementState
from tests.unit.banks import Bank, open_bank
from tests.unit.invoicing_support import line
from tests.unit.payments_support import TODAY, Till, open_till, part, verified_payments
from tests.unit.statement_writers import camt, entry, statement
from tests.unit.treasury_support import eur
from tests.world import another_company

DAY = "2026-11-20"


@dataclass
class Desk:
    """Customers who pay on a bank account."""

    till: Till
    bank: Bank

    def came(self, amount: str, **told: Any) -> str:
        """An entry of the account; its identifier."""
        before = {each.id for each in self.bank.entries()}
        opening = self.bank.now().balance.amount
        self.bank.send(camt(statement((entry(amount, DAY, **told),), str(opening)), "08"))
        [new] = {each.id for each in self.bank.entries()} - before
        return str(new)

    def proposed(self, identifier: str) -> Proposals:
        return self.till.world.do(Proposals, ProposeMatches(entry=identifier))

    def accept(self, identifier: str, *parts: InvoicePart, profile: str = "manager", **fields: Any) -> StoredEntry:
        request = AcceptMatch(entry=identifier, customer=self.till.customer.id, allocations=parts, **fields)
        return self.till.world.do(StoredEntry, request, profile)

    def undo(self, matched: StoredEntry) -> StoredEntry:
        request = UndoMatch(entry=matched.id, payment=matched.payments[-1].payment, reason="Autre client")
        return self.till.world.do(StoredEntry, request)

    def error(self, request: Request) -> str:
        return self.till.error(request)

    def waiting(self) -> list[str]:
        return [each.id for each in self.bank.entries(unmatched=True)]


@pytest.fixture
def desk() -> Desk:
    till = open_till()
    return Desk(till, open_bank(till.world))


def number(document: Document) -> str:
    assert document.number
    return str(document.number)


def test_the_invoice_that_an_entry_names_is_proposed_first_and_leaves_no_doubt(desk: Desk) -> None:
    other, invoice = desk.till.invoice(line("100")), desk.till.invoice(line("100"))
    name = desk.till.customer.name
    found = desk.proposed(desk.came("120.00", text=f"VIR {number(invoice)} MERCI", counterparty=name))
    assert found.certain
    [part] = found.proposals[0].parts
    assert (part.document, part.number, part.amount, part.party_name) == (invoice.id, invoice.number, eur(120), name)
    assert {reason.criterion for reason in found.proposals[0].reasons} >= {
        Criterion.NUMBER,
        Criterion.AMOUNT,
        Criterion.NAME,
    }
    assert [each.parts[0].document for each in found.proposals] == [invoice.id, other.id]


def test_an_amount_alone_is_proposed_and_a_tie_is_told(desk: Desk) -> None:
    for _ in range(2):
        desk.till.invoice(line("100"))
    found = desk.proposed(desk.came("120.00"))
    assert (len(found.proposals), found.certain, found.tied) == (2, False, True)
    assert desk.proposed(desk.came("7.77")).proposals == ()


def test_two_invoices_named_together_are_one_proposal(desk: Desk) -> None:
    first, second = desk.till.invoice(line("100")), desk.till.invoice(line("50"))
    found = desk.proposed(desk.came("180.00", text=f"{number(first)} et {number(second)}"))
    assert {part.document for part in found.proposals[0].parts} == {first.id, second.id}


def test_accepting_records_a_payment_at_the_banks_date_on_the_banks_account(desk: Desk) -> None:
    invoice = desk.till.invoice(line("100"))
    identifier = desk.came("120.00", end_to_end="CMD-7790")
    matched = desk.accept(identifier, part(invoice, "120.00"))
    assert (matched.state, matched.left) == (EntryState.MATCHED, eur(0))
    payment = desk.till.world.do(Payment, ReadPayment(payment=matched.payments[0].payment))
    assert (payment.date, payment.amount, payment.reference) == (date(2026, 11, 20), eur(120), "CMD-7790")
    assert payment.bank_account
    assert payment.bank_account.iban == desk.bank.account.account.iban
    [paid] = desk.till.sheet(invoice).lines
    assert (paid.status, paid.actual_date) == (TreasuryStatus.PAID, date(2026, 11, 20))
    assert verified_payments(desk.till.world).intact
    assert desk.waiting() == []
    assert desk.proposed(identifier).proposals == ()


def test_an_entry_is_split_between_customers_invoices_one_match_after_the_other(desk: Desk) -> None:
    first, second = desk.till.invoice(line("100")), desk.till.invoice(line("50"))
    identifier = desk.came("180.00")
    half = desk.accept(identifier, part(first, "120.00"))
    assert (half.state, half.left, desk.waiting()) == (EntryState.OPEN, eur(60), [identifier])
    assert desk.proposed(identifier).proposals[0].parts[0].document == second.id
    whole = desk.accept(identifier, part(second, "60.00"))
    assert (whole.state, [each.amount for each in whole.payments]) == (EntryState.MATCHED, [eur(120), eur(60)])


def test_undoing_a_match_is_a_counter_entry_after_which_both_wait_again(desk: Desk) -> None:
    invoice = desk.till.invoice(line("100"))
    matched = desk.accept(desk.came("120.00"), part(invoice, "120.00"))
    undone = desk.undo(matched)
    assert (undone.state, undone.payments, desk.waiting()) == (EntryState.OPEN, (), [undone.id])
    assert desk.till.standing(invoice).state is SettlementState.OPEN
    payment = desk.till.world.do(Payment, ReadPayment(payment=matched.payments[0].payment))
    assert payment.reversed_by
    assert len(desk.till.facts()) == 2
    assert desk.accept(undone.id, part(invoice, "120.00")).state is EntryState.MATCHED


def test_a_matched_payment_is_not_reversed_by_itself(desk: Desk) -> None:
    """TRS-03, TRS-04: its entry would stay matched with nothing; undoing the match reverses it."""
    invoice = desk.till.invoice(line("100"))
    entry = desk.came("120.00")
    matched = desk.accept(entry, part(invoice, "120.00"))
    payment = desk.till.world.do(Payment, ReadPayment(payment=matched.payments[0].payment))
    assert payment.entry == entry
    assert desk.error(ReversePayment(payment=payment.id, date=TODAY, reason="Erreur")) == "payment_matched"
    assert desk.undo(matched).state is EntryState.OPEN
    assert [fact.entry for fact in desk.till.facts()] == [entry, None]
    assert desk.error(ReversePayment(payment=payment.id, date=TODAY, reason="Erreur")) == "payment_reversed"


def test_a_match_is_neither_made_nor_undone_in_a_closed_period(desk: Desk) -> None:
    """FIS-03."""
    invoice = desk.till.invoice(line("100"))
    matched, other = desk.accept(desk.came("60.00"), part(invoice, "60.00")), desk.came("60.01")
    desk.till.close(date(2026, 11, 20))
    undoing = UndoMatch(entry=matched.id, payment=matched.payments[0].payment, reason="Trop tard")
    assert desk.error(undoing) == "period_closed"
    late = AcceptMatch(entry=other, customer=desk.till.customer.id, allocations=(part(invoice, "60.00"),))
    assert desk.error(late) == "period_closed"


def test_what_does_not_fit_an_entry_is_refused(desk: Desk) -> None:
    invoice = desk.till.invoice(line("1000"))

    def asking(identifier: str, amount: str) -> AcceptMatch:
        return AcceptMatch(entry=identifier, customer=desk.till.customer.id, allocations=(part(invoice, amount),))

    come = desk.came("120.00")
    assert desk.till.wrong(asking(come, "120.01")) == [("match_exceeds_entry", "/allocations")]
    assert [code for code, _ in desk.till.wrong(asking(desk.came("2000.00"), "1500.00"))] == ["payment_exceeds_due"]
    assert desk.till.wrong(asking(desk.came("-50.00"), "50.00")) == [("entry_is_debit", "/entry")]
    desk.accept(come, part(invoice, "120.00"))
    assert desk.error(asking(come, "1.00")) == "entry_matched"
    stray = UndoMatch(entry=come, payment=invoice.id, reason="?")
    assert desk.error(stray) == "not_found"
    with pytest.raises(Forbidden):
        desk.accept(come, part(invoice, "1.00"), profile="sales")


def test_the_bank_balances_whatever_is_matched(desk: Desk) -> None:
    """Bank balance = matched and unmatched entries, at every step."""
    invoice = desk.till.invoice(line("500"))
    matched: list[StoredEntry] = []
    for amount in ("120.00", "-30.00", "60.00"):
        identifier = desk.came(amount)
        if Decimal(amount) > 0:
            matched.append(desk.accept(identifier, part(invoice, amount)))
        listed = desk.bank.entries()
        assert sum((each.amount.amount for each in listed), Decimal(0)) == desk.bank.now().balance.amount
        waits = [each for each in listed if each.state is EntryState.OPEN]
        assert {each.id for each in waits} == set(desk.waiting())
    desk.undo(matched[0])
    assert desk.bank.now().balance == eur(150)
    assert desk.till.standing(invoice).paid == eur(60)


def test_an_entry_accepted_twice_at_once_pays_once(desk: Desk) -> None:
    """COMPLAINTS 23: a second matcher never takes the same money."""
    invoice = desk.till.invoice(line("1000"))
    identifier = desk.came("120.00")

    def accept(_: int) -> str:
        try:
            return desk.accept(identifier, part(invoice, "120.00")).state.value
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(accept, range(4)))
    assert outcomes == ["entry_matched", "entry_matched", "entry_matched", "matched"]
    assert desk.till.standing(invoice).paid == eur(120)
    assert verified_payments(desk.till.world).intact


def test_another_company_knows_neither_entry_nor_match(desk: Desk) -> None:
    """ACC-05."""
    invoice = desk.till.invoice(line("100"))
    identifier = desk.came("120.00")
    other = another_company(desk.till.world)
    for request in (
        ProposeMatches(entry=identifier),
        AcceptMatch(entry=identifier, customer=desk.till.customer.id, allocations=(part(invoice, "1.00"),)),
        UndoMatch(entry=identifier, payment=invoice.id, reason="?"),
    ):
        with pytest.raises(NotFound):
            other.execute_as("administrator", request)
