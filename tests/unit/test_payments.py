"""Payments received, given back and taken back: TRS-03, FIS-01, FIS-03, FIS-04, LOG-03."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from comptoir.access.commands import SetTestMode
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.kernel.errors import Forbidden, NotFound
from comptoir.kernel.ids import derived_id
from comptoir.kernel.money import Money
from comptoir.ledger.__main__ import main
from comptoir.orders.following import SetMilestone
from comptoir.orders.model import LineInput, Order, OrderStatus
from comptoir.orders.queries import ReadOrder, ReadOrderHistory
from comptoir.parties.commands import CreateParty
from comptoir.parties.model import Party, PartyKind
from comptoir.payments.commands import RecordPayment, RefundCreditNote, ReversePayment
from comptoir.payments.paying import MAX_INVOICES
from comptoir.payments.queries import ListPartyPayments, ListPayments, ReadPayment, ReadPaymentHistory
from comptoir.payments.rules import InvoicePart
from comptoir.treasury.model import PaymentMeans, TreasuryStatus
from comptoir.treasury.payment import Payment, PaymentKind, PaymentSummary
from comptoir.treasury.settling import SettlementState
from tests.unit.invoicing_support import line
from tests.unit.orders_support import customer_request, head
from tests.unit.payments_support import TODAY, Till, chain, open_till, part, verified_payments
from tests.unit.test_invoicing_writer import hand_over
from tests.unit.treasury_support import ACCOUNT, OTHER, eur
from tests.world import another_company


@pytest.fixture
def till() -> Till:
    return open_till()


def test_trs_03_one_cheque_pays_several_invoices_and_a_part_of_one(till: Till) -> None:
    first, second = till.invoice(line("100")), till.invoice(line("50"))
    request = till.payment(
        part(first, "120.00"),
        part(second, "20.00"),
        means=PaymentMeans.CHEQUE,
        date=TODAY - timedelta(days=3),
        reference="CHQ 0012",
    )
    payment = till.settle(request)
    assert (payment.kind, payment.amount, payment.bank_account) == (PaymentKind.PAYMENT, eur(140), ACCOUNT)
    assert [(each.number, each.amount) for each in payment.allocations] == [
        (first.number, eur(120)),
        (second.number, eur(20)),
    ]
    [paid] = till.sheet(first).lines
    assert (paid.status, paid.payment, paid.actual_date) == (TreasuryStatus.PAID, payment.id, request.date)
    assert (paid.bank_account, paid.means, paid.number) == (ACCOUNT, PaymentMeans.CHEQUE, first.number)
    assert till.standing(first).state is SettlementState.SETTLED
    assert (till.standing(second).open, till.standing(second).paid) == (eur(40), eur(20))


def test_fis_01_a_payment_is_a_signed_entry_with_its_whole_content(till: Till) -> None:
    """RULES §3.2, §3.4: mode, amount, date, reference, customer, documents by number, operator, version."""
    invoice = till.invoice(line("100"))
    payment = till.pay(invoice, "120.00", reference="VIR 1", note="Merci")
    [entry], [fact] = chain(till.world), till.facts()
    assert (entry.kind, entry.sequence, entry.signature is not None) == ("payment", payment.sequence, True)
    assert (fact.id, fact.amount, fact.date, fact.means) == (payment.id, eur(120), TODAY, PaymentMeans.TRANSFER)
    assert (fact.reference, fact.note, fact.bank_account) == ("VIR 1", "Merci", ACCOUNT)
    assert (fact.party, fact.party_name) == (till.customer.id, till.customer.name)
    assert [(each.document, each.number, each.amount) for each in fact.allocations] == [
        (invoice.id, invoice.number, eur(120))
    ]
    assert (fact.operator, fact.operator_name) == (till.world.operators["manager"], "Opérateur manager")
    assert (fact.recorded_at, bool(fact.version)) == (till.world.clock.now(), True)
    assert verified_payments(till.world).intact


def test_trs_03_everything_wrong_is_told_at_once(till: Till) -> None:
    invoice, draft = till.invoice(line("100")), till.draft(line("1"))
    note = till.note(invoice, "12.00")
    dollars = till.invoice_in("USD", "10")
    other = till.world.do(Party, customer_request(code="AUTRE"))
    theirs = till.invoice(customer=other.id)
    parts = (
        part(invoice, "130.00"),
        part(draft, "1.00"),
        part(note, "1.00"),
        part(dollars, "1.00"),
        part(theirs, "1.00"),
        part(invoice, "0.001"),
        InvoicePart(invoice=derived_id("nothing"), amount=Decimal(1)),
    )
    request = till.payment(*parts, amount=eur("150.00"), date=TODAY + timedelta(days=1), bank_account=None)
    assert till.wrong(request) == [
        ("bank_account_missing", "/bank_account"),
        ("date_future", "/date"),
        ("allocations_differ", "/amount"),
        ("payment_exceeds_due", "/allocations/0/amount"),
        ("unknown_invoice", "/allocations/1/invoice"),
        ("unknown_invoice", "/allocations/2/invoice"),
        ("other_currency", "/allocations/3/invoice"),
        ("other_customer", "/allocations/4/invoice"),
        ("off_currency_grid", "/allocations/5/amount"),
        ("unknown_invoice", "/allocations/6/invoice"),
    ]
    assert chain(till.world) == []


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("119.99", ("Les affectations dépassent le règlement de 0.01 EUR.", "The allocations exceed the payment by")),
        ("120.01", ("Il reste 0.01 EUR à affecter.", "0.01 EUR remain to be allocated.")),
    ],
)
def test_trs_03_a_payment_is_the_sum_of_what_it_settles_else_the_difference_is_told(
    till: Till, amount: str, told: tuple[str, str]
) -> None:
    request = till.payment(part(till.invoice(line("100")), "120.00"), amount=eur(amount))
    with pytest.raises(Exception, match="allocations_differ") as caught:
        till.settle(request)
    [breach] = caught.value.breaches  # type: ignore[attr-defined]
    assert breach.fr == told[0]
    assert breach.en.startswith(told[1])


def test_trs_03_what_remains_is_told_when_more_is_paid_even_over_two_parts(till: Till) -> None:
    invoice = till.invoice(line("100"))
    assert till.wrong(till.payment(part(invoice, "100.00"), part(invoice, "20.01"))) == [
        ("payment_exceeds_due", "/allocations/1/amount")
    ]
    till.settle(till.payment(part(invoice, "100.00"), part(invoice, "20.00")))
    assert till.wrong(till.payment(part(invoice, "0.01"))) == [("payment_exceeds_due", "/allocations/0/amount")]


def test_trs_03_a_line_may_be_chosen(till: Till) -> None:
    order, _ = till.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    [invoice] = till.issued(till.invoice_order(order))
    first, last = sorted(till.sheet(invoice).lines, key=lambda each: each.forecast_date or date.max)
    assert till.wrong(till.payment(part(invoice, "84.01", last.id))) == [
        ("payment_exceeds_due", "/allocations/0/amount")
    ]
    till.settle(till.payment(part(invoice, "84.00", last.id)))
    shown = {each.id: each.status for each in till.sheet(invoice).lines}
    assert shown == {first.id: TreasuryStatus.INVOICED, last.id: TreasuryStatus.PAID}
    assert till.wrong(till.payment(part(invoice, "1.00", last.id))) == [
        ("payment_exceeds_due", "/allocations/0/amount")
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"means": PaymentMeans.CASH}, "cash_has_no_account"),
        ({"bank_account": "FR1420041010050500013M02606"}, "unknown_bank_account"),
        ({"bank_account": None, "means": PaymentMeans.CARD}, "bank_account_missing"),
    ],
)
def test_trs_03_money_goes_to_an_account_of_the_company_and_cash_to_none(
    till: Till, fields: dict[str, object], code: str
) -> None:
    request = till.payment(part(till.invoice(line("1")), "1.00"), **fields)
    assert till.wrong(request) == [(code, "/bank_account")]


def test_trs_03_cash(till: Till) -> None:
    payment = till.pay(till.invoice(line("1")), "1.20", means=PaymentMeans.CASH, bank_account=None)
    assert (payment.means, payment.bank_account) == (PaymentMeans.CASH, None)


def test_fis_03_nothing_is_recorded_in_a_closed_period(till: Till) -> None:
    invoice = till.invoice(line("100"))
    earlier = date(2026, 10, 31)
    payment = till.pay(invoice, "60.00", date=earlier)
    till.close(earlier)
    assert till.error(till.payment(part(invoice, "1.00"), date=earlier)) == "period_closed"
    reversal = ReversePayment(payment=payment.id, date=earlier, reason="Erreur")
    assert till.error(reversal) == "period_closed"
    till.settle(reversal.change(date=TODAY))
    note = till.note(invoice, "12.00")
    refund = RefundCreditNote(credit_note=note.id, date=earlier, bank_account=ACCOUNT.iban)
    assert till.error(refund) == "period_closed"


def test_inv_11_nothing_is_recorded_in_test_mode(till: Till) -> None:
    invoice = till.invoice(line("100"))
    payment = till.pay(invoice, "60.00")
    till.world.execute_as("administrator", SetTestMode(test_mode=True), 2)
    requests = (
        till.payment(part(invoice, "1.00")),
        ReversePayment(payment=payment.id, date=TODAY, reason="Erreur"),
    )
    for request in requests:
        assert till.wrong(request) == [("company_in_test_mode", None)]
    assert len(chain(till.world)) == 1


def test_fis_02_the_exported_chain_of_payments_is_verified_offline(
    till: Till, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the public key alone; an amount that somebody changes is named."""
    invoice = till.invoice(line("100"))
    till.reverse(till.pay(invoice, "60.00"))
    till.pay(invoice, "120.00")
    export, keyring = tmp_path / "payments.jsonl", tmp_path / "keys.json"
    keyring.write_text(json.dumps({till.world.signer.key_id: till.world.signer.pem()}))
    entries = [entry.model_dump_json() for entry in chain(till.world)]
    export.write_text("\n".join(entries))
    assert main(["verify", str(export), "--keys", str(keyring)]) == 0
    assert "3 entries" in capsys.readouterr().out
    export.write_text("\n".join([entries[0], entries[1].replace("60.00", "10.00"), entries[2]]))
    assert main(["verify", str(export), "--keys", str(keyring)]) == 1
    assert "entry 2 is altered" in capsys.readouterr().out


def test_trs_03_a_payment_is_signed_in_the_writer_alone(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API hands it over, and answers as the writer does; where nobody signs nothing is recorded."""
    invoice = till.invoice(line("100"))
    remote = Till(replace(till.desk, world=hand_over(till.world, monkeypatch)))
    payment = remote.pay(invoice, "120.00")
    assert [fact.id for fact in till.facts()] == [payment.id]
    alone = replace(till.world, services=replace(till.world.services, payments=None))
    with pytest.raises(RuntimeError, match="cannot sign"):
        alone.execute_as("manager", ReversePayment(payment=payment.id, date=TODAY, reason="x"))
    assert till.standing(invoice).paid == eur(120)


def test_trs_03_a_payment_is_taken_back_by_a_counter_entry_alone_and_once(till: Till) -> None:
    invoice, other = till.invoice(line("100")), till.invoice(line("10"))
    before = [till.sheet(document).lines for document in (invoice, other)]
    payment = till.settle(till.payment(part(invoice, "70.00"), part(other, "12.00"), reference="CHQ 9"))
    counter = till.reverse(payment, reason="Chèque sans provision")
    assert (counter.kind, counter.amount) == (PaymentKind.COUNTER_ENTRY, eur(-82))
    assert [each.amount for each in counter.allocations] == [eur(-70), eur(-12)]
    assert counter.reverses is not None
    assert (counter.reverses.payment, counter.reverses.sequence) == (payment.id, payment.sequence)
    assert (counter.reason, counter.reference, counter.means) == ("Chèque sans provision", "CHQ 9", payment.means)
    kept = till.world.do(Payment, ReadPayment(payment=payment.id))
    assert kept == payment.change(reversed_by=counter.id)
    assert [till.sheet(document).lines for document in (invoice, other)] == before
    for again in (payment, counter):
        code = "payment_reversed" if again is payment else "payment_not_reversible"
        assert till.error(ReversePayment(payment=again.id, date=TODAY, reason="x")) == code
    assert [fact.kind for fact in till.facts()] == [PaymentKind.PAYMENT, PaymentKind.COUNTER_ENTRY]
    assert verified_payments(till.world).entries == 2
    assert till.pay(invoice, "120.00").amount == eur(120)


def test_trs_03_a_counter_entry_is_not_dated_before_its_payment(till: Till) -> None:
    payment = till.pay(till.invoice(line("1")), "1.20", date=TODAY - timedelta(days=1))
    for day, code in ((-2, "date_before_payment"), (1, "date_future")):
        request = ReversePayment(payment=payment.id, date=TODAY + timedelta(days=day), reason="x")
        assert till.wrong(request) == [(code, "/date")]


def test_trs_03_a_credit_note_is_paid_back_in_parts_instead_of_deducted(till: Till) -> None:
    """COMPLAINTS 15: give a part back and deduct a part."""
    invoice = till.invoice(line("100"))
    till.pay(invoice, "120.00")
    note = till.note(invoice, "60.00")
    refund = till.refund(note, amount="25.00", bank_account=OTHER.iban, reference="VIR 8")
    assert (refund.kind, refund.amount, refund.bank_account) == (PaymentKind.REFUND, eur(-25), OTHER)
    assert [(each.document, each.number, each.amount) for each in refund.allocations] == [
        (note.id, note.number, eur(-25))
    ]
    standing = till.standing(note)
    assert (standing.open, standing.paid, standing.state) == (eur(35), eur(25), SettlementState.PARTLY)
    assert till.wrong(RefundCreditNote(credit_note=note.id, date=TODAY, amount="35.01", bank_account=ACCOUNT.iban)) == [
        ("amount_exceeds_credit", "/amount")
    ]
    till.refund(note)
    assert till.standing(note).open == eur(0)
    request = RefundCreditNote(credit_note=note.id, date=TODAY, bank_account=ACCOUNT.iban)
    assert till.error(request) == "credit_note_used"
    till.reverse(refund)
    assert till.standing(note).open == eur(25)
    assert till.standing(invoice).open == eur(0)


def test_trs_03_only_an_issued_credit_note_is_paid_back(till: Till) -> None:
    invoice = till.invoice(line("100"))
    for identifier in (invoice.id, till.credit(invoice).id, derived_id("nothing")):
        request = RefundCreditNote(credit_note=identifier, date=TODAY, bank_account=ACCOUNT.iban)
        assert till.error(request) == "not_found"


def test_trs_03_payments_are_read_by_month_by_customer_one_by_one_with_their_history(till: Till) -> None:
    invoice = till.invoice(line("100"))
    october = till.pay(invoice, "10.00", date=date(2026, 10, 5), reference="A")
    november = till.pay(invoice, "20.00")
    counter = till.reverse(november)
    world = till.world

    def listed(request: ListPayments | ListPartyPayments) -> list[PaymentSummary]:
        return list(world.do(Listing[PaymentSummary], request, "accountant").items)

    assert [each.id for each in listed(ListPayments(month="2026-10"))] == [october.id]
    assert {each.id for each in listed(ListPayments())} == {november.id, counter.id}
    assert [each.id for each in listed(ListPartyPayments(party=till.customer.id))][-1] == october.id
    [shown] = listed(ListPayments(month="2026-10"))
    assert (shown.documents, shown.reference, shown.reversed_by) == ((invoice.number,), "A", None)
    history = world.do(Listing[HistoryEntry], ReadPaymentHistory(payment=november.id)).items
    assert [entry.event for entry in history] == ["payment_reversed", "payment_recorded"]
    assert history[0].changes["/reason"] == "Chèque sans provision"


def test_acc_06_the_request_s_history_tells_each_payment(till: Till) -> None:
    order, _ = till.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    [invoice] = till.issued(till.invoice_order(order))
    payment = till.pay(invoice, "120.00")
    entry = till.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id)).items[0]
    assert (entry.event, entry.changes["/payment"]) == ("payment_recorded", payment.id)
    assert any(name.endswith("/status") for name in entry.changes)


def test_acc_02_payments_need_their_permission_and_the_idempotency_key_replays(till: Till) -> None:
    request = till.payment(part(till.invoice(line("100")), "60.00"))
    for profile in ("sales", "accountant", "assistant"):
        with pytest.raises(Forbidden):
            till.world.execute_as(profile, request)
    first = till.settle(request, idempotency_key="k")
    assert till.settle(request, idempotency_key="k") == first
    assert len(chain(till.world)) == 1


def test_acc_05_another_company_s_payments_and_invoices_are_unknown(till: Till) -> None:
    invoice = till.invoice(line("100"))
    payment = till.pay(invoice, "1.00")
    other = Till(open_till(another_company(till.world)).desk)
    assert other.wrong(other.payment(part(invoice, "1.00"))) == [("unknown_invoice", "/allocations/0/invoice")]
    with pytest.raises(NotFound):
        other.reverse(payment)


def test_log_03_the_last_payment_completes_a_delivered_order(till: Till) -> None:
    order, _ = till.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    [invoice] = till.issued(till.invoice_order(order))
    till.pay(invoice, "119.99")
    delivery = SetMilestone(order=order.id, milestone="delivery", actual=TODAY)
    till.world.execute_as("manager", delivery, head(till.desk, order).version)
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.CONFIRMED
    payment = till.pay(invoice, "0.01")
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.COMPLETED
    till.reverse(payment)
    again = till.world.do(Order, ReadOrder(order=order.id))
    assert (again.status, again.completed_on) == (OrderStatus.CONFIRMED, None), "a rejected cheque opens it again"
    assert till.standing(invoice).open == eur("0.01")
    till.pay(invoice, "0.01")
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.COMPLETED


def test_trs_03_thirty_invoices_fit_one_payment(till: Till) -> None:
    """Of direct entry, each with its treasury and history; more are refused before anything is read."""
    invoices = till.issued(*(till.draft(line("1")) for _ in range(MAX_INVOICES)))
    payment = till.settle(till.payment(*(part(each, "1.20") for each in invoices)))
    assert payment.amount == eur(36)
    with pytest.raises(ValueError, match="at most 30"):
        till.payment(*(part(each, "1.20") for each in [*invoices, invoices[0]]))


def test_parties_that_only_sell_pay_nothing(till: Till) -> None:
    supplier = till.world.do(Party, CreateParty(code="F", name="F", kinds=(PartyKind.SUPPLIER,), address={}))
    request = till.payment(part(till.invoice(line("1")), "1.20"), customer=supplier.id)
    assert till.wrong(request) == [("other_customer", "/allocations/0/invoice")]


def test_a_payment_that_does_not_add_up_cannot_be(till: Till) -> None:
    """The last line of defence, whoever records."""
    payment = till.pay(till.invoice(line("1")), "1.20")
    with pytest.raises(ValueError, match="sum of what it settles"):
        payment.change(amount=Money.of("1.21", "EUR"))


def test_no_request_to_record_is_built_without_an_invoice(till: Till) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RecordPayment(customer=till.customer.id, date=TODAY, amount=eur(1), allocations=())
