"""The early-payment discount: a credit note that is deducted on its own request as it is issued (INV-15)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.invoicing.issue import issue
from comptoir.invoicing.model import OrderQuantity
from comptoir.orders.following import SetMilestone
from comptoir.orders.model import LineInput, Order, OrderStatus
from comptoir.orders.queries import ReadOrder
from comptoir.payments.commands import RefundCreditNote
from comptoir.payments.deducting import DeductCreditNote
from comptoir.treasury.model import TreasuryStatus
from comptoir.treasury.payment import PaymentKind
from comptoir.treasury.settling import SettlementState
from tests.unit.invoicing_support import codes, line, wrap
from tests.unit.orders_support import head
from tests.unit.payments_support import TODAY, Till, chain, open_till, verified_payments
from tests.unit.treasury_support import ACCOUNT, eur


@pytest.fixture
def till() -> Till:
    return open_till()


def test_inv_15_the_discount_is_deducted_as_it_is_issued(till: Till) -> None:
    """The customer has paid 98 %: with the credit note nothing is left, and nobody deducts anything."""
    invoice = till.invoice(line("100"))
    till.pay(invoice, "117.60")
    [note] = till.issued(till.discount(invoice, "2"))
    shown = {(one.status, one.amount.amount, one.document, one.actual_date) for one in till.sheet(invoice).lines}
    assert shown == {
        (TreasuryStatus.PAID, Decimal("117.60"), invoice.id, TODAY),
        (TreasuryStatus.CREDIT_DEDUCTED, Decimal("2.40"), invoice.id, TODAY),
        (TreasuryStatus.CREDIT_DEDUCTED, Decimal("-2.40"), note.id, TODAY),
    }
    assert {till.standing(document).state for document in (invoice, note)} == {SettlementState.SETTLED}
    fact = till.facts()[-1]
    assert (fact.kind, fact.amount, fact.date) == (PaymentKind.DEDUCTION, eur(0), TODAY)
    assert [(each.number, each.amount) for each in fact.allocations] == [
        (note.number, eur("-2.40")),
        (invoice.number, eur("2.40")),
    ]
    assert (fact.operator, fact.operator_name) == (till.world.operators["manager"], "Opérateur manager")
    assert verified_payments(till.world).entries == 2
    assert till.verdict().entries == 2


def test_inv_15_in_the_very_transaction_that_numbers_it(till: Till) -> None:
    invoice = till.invoice(line("100"))
    request = till.request(till.discount(invoice, "2"))
    counted = wrap(till)
    issue(till.world.services, till.world.signer, till.world.company, [request])
    assert counted.calls.count("write") == 1


def test_inv_15_a_discount_on_what_is_paid_is_refused_by_name_and_takes_no_number(till: Till) -> None:
    invoice = till.invoice(line("100"))
    draft = till.discount(invoice, "2")
    till.pay(invoice, "118.00")
    [outcome] = till.issue(draft)
    assert codes([outcome]) == [["discount_exceeds_due"]]
    assert "2.40 EUR" in outcome.breaches[0].fr
    assert (len(till.entries()), len(chain(till.world))) == (1, 1)


def test_inv_15_never_a_second_time(till: Till) -> None:
    invoice = till.invoice(line("100"))
    [note] = till.issued(till.discount(invoice, "2"))
    assert till.error(DeductCreditNote(credit_note=note.id, invoice=invoice.id)) == "credit_note_used"
    refund = RefundCreditNote(credit_note=note.id, date=TODAY, bank_account=ACCOUNT.iban)
    assert till.error(refund) == "credit_note_used"


def test_inv_15_several_in_one_block(till: Till) -> None:
    invoices = till.issued(*(till.draft(line("100")) for _ in range(3)))
    till.issued(*(till.discount(invoice, "2") for invoice in invoices))
    assert [till.standing(invoice).open for invoice in invoices] == [eur("117.60")] * 3
    assert verified_payments(till.world).entries == 3


def test_inv_15_its_own_invoice_first_and_the_order_is_completed(till: Till) -> None:
    lines = [LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)) for _ in range(2)]
    order, products = till.confirmed(*lines)
    parts = [(OrderQuantity(line=product.id, quantity=Decimal(1)),) for product in products]
    first, second = till.issued(*(till.invoice_order(order, quantities=part) for part in parts))
    delivery = SetMilestone(order=order.id, milestone="delivery", actual=TODAY)
    till.world.execute_as("manager", delivery, head(till.desk, order).version)
    till.pay(first, "120.00")
    till.pay(second, "60.00")
    # Fully paid itself: what it took off is taken of the rest of its order.
    till.issued(till.discount(first, "2"))
    assert (till.standing(first).open, till.standing(second).open) == (eur(0), eur("57.60"))
    till.pay(second, "55.20")
    till.issued(till.discount(second, "2"))
    assert till.standing(second).deducted == eur("4.80")
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.COMPLETED
