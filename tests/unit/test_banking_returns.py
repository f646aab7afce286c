"""Payments that the bank returns: proposed for the entry that brings them back, and accepted as proposed (TRS-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.banking.formats.cfonb import read_cfonb
from comptoir.banking.formats.mt940 import read_mt940
from comptoir.banking.matching import Criterion, Match, match
from comptoir.banking.open_lines import OpenLine
from comptoir.banking.proposing import ProposalView
from comptoir.banking.return_signs import told_by_bank, told_in_text
from comptoir.banking.returned import WITHIN
from comptoir.banking.statement import Entry
from comptoir.banking.stored import EntryState
from comptoir.banking.waiting import Acceptance
from comptoir.kernel.money import Money
from comptoir.parties.terms import PaymentMeans
from comptoir.payments.queries import ReadPayment
from comptoir.treasury.payment import Payment, PaymentKind
from tests.unit.counter_support import Counter, open_counter
from tests.unit.invoicing_support import line
from tests.unit.orders_support import Counted, on_backend
from tests.unit.payments_support import part, verified_payments
from tests.unit.purchasing_support import item
from tests.unit.statement_writers import cfonb, entry, mt940, statement
from tests.unit.treasury_support import eur

DAY = date(2026, 11, 20)


@pytest.fixture
def counter() -> Counter:
    return open_counter()


def criteria(found: ProposalView) -> set[Criterion]:
    return {reason.criterion for reason in found.reasons}


def payment_of(counter: Counter, identifier: str) -> Payment:
    return counter.world.do(Payment, ReadPayment(payment=identifier))


def returning(counter: Counter, entry: str) -> list[ProposalView]:
    found = counter.proposed(entry).proposals
    return [each for each in found if each.accepted_by is Acceptance.RETURN_MATCHES]


@dataclass
class Paid:
    """A supplier's transfer that the bank made and a statement told of."""

    counter: Counter
    payment: Payment
    end_to_end: str

    def comes_back(self, **told: Any) -> str:
        """The entry by which it comes back."""
        return self.counter.came(str(-self.payment.amount.amount), **told)


@pytest.fixture
def paid(counter: Counter) -> Paid:
    treasurer = counter.treasurer()
    invoice = treasurer.invoice(treasurer.supplier(), "FOU-2026-77")
    treasurer.generate(invoice)
    [held] = treasurer.lines(invoice)
    assert held.transfer
    went = counter.came("-100.00", end_to_end=held.transfer.end_to_end)
    matched = counter.accept(went, *counter.proposed(went).proposals[0].parts)
    return Paid(counter, payment_of(counter, matched.payments[0].payment), held.transfer.end_to_end)


def test_trs_04_a_transfer_that_comes_back_under_its_reference_leaves_no_doubt(paid: Paid) -> None:
    """The bank gives its reason: the proposal holds all that accepts it, and the invoice waits to be paid anew."""
    back = paid.comes_back(end_to_end=paid.end_to_end, return_reason="AC04", text="COMPTE CLOS")
    found = paid.counter.proposed(back)
    [proposal] = found.proposals
    assert (found.certain, found.tied, proposal.accepted_by) == (True, False, Acceptance.RETURN_MATCHES)
    assert criteria(proposal) >= {Criterion.END_TO_END, Criterion.AMOUNT, Criterion.DATE, Criterion.RETURN}
    [told] = proposal.parts
    assert told.returned
    assert (told.returned.payment, told.returned.reason) == (paid.payment.id, "AC04 COMPTE CLOS")
    assert (told.number, told.amount, told.moved) == ("FOU-2026-77", eur(100), eur(100))
    matched = paid.counter.accept(back, told)
    assert matched.state is EntryState.MATCHED
    counter_entry = payment_of(paid.counter, matched.payments[0].payment)
    assert (counter_entry.kind, counter_entry.reason) == (PaymentKind.COUNTER_ENTRY, "AC04 COMPTE CLOS")
    assert verified_payments(paid.counter.world).intact


def test_trs_04_a_transfer_of_a_batch_comes_back_under_its_own_reference(counter: Counter) -> None:
    """Two of one amount, booked as one debit that told neither: the return names its own, and leaves no doubt."""
    treasurer = counter.treasurer()
    invoices = [treasurer.invoice(treasurer.supplier(code), "F-7") for code in ("HANSE", "KAI")]
    order = treasurer.generate(*invoices)
    went = counter.came("-200.00", payment_id=order.id)
    matched = counter.accept(went, *counter.proposed(went).proposals[0].parts)
    [held] = treasurer.lines(invoices[1])
    assert held.transfer
    back = counter.came("100.00", end_to_end=held.transfer.end_to_end, return_reason="AC04")
    found = counter.proposed(back)
    assert found.certain
    [told] = found.proposals[0].parts
    assert (told.document, told.returned and told.returned.payment) == (invoices[1].id, held.payment)
    assert held.payment in {each.payment for each in matched.payments}
    assert Criterion.END_TO_END not in criteria(found.proposals[1])


def test_trs_04_a_customers_cheque_without_cover_is_proposed_with_its_reasons(counter: Counter) -> None:
    """By the number in the text, the amount, the party and the day; recorded by hand or told by the bank."""
    invoice = counter.till.invoice(line("100"))
    payment = counter.till.pay(invoice, "120.00", means=PaymentMeans.CHEQUE, date=DAY - timedelta(days=2))
    name = counter.till.customer.name
    back = counter.came("-120.00", text=f"CHEQUE IMPAYE {invoice.number}", counterparty=name)
    [proposal] = counter.proposed(back).proposals
    assert criteria(proposal) == {
        Criterion.NUMBER,
        Criterion.AMOUNT,
        Criterion.NAME,
        Criterion.DATE,
        Criterion.RETURN,
    }
    assert proposal.score == sum(reason.points for reason in proposal.reasons)
    assert "2 days after the payment" in {reason.en for reason in proposal.reasons}
    [told] = proposal.parts
    assert (told.document, told.returned and told.returned.payment) == (invoice.id, payment.id)
    counter.accept(back, told)
    assert counter.till.standing(invoice).open == eur(120)
    assert counter.proposed(counter.came("-120.00", text="CHEQUE IMPAYE")).proposals == ()


def test_trs_04_a_return_is_never_certain_on_its_amount_nor_on_a_tie(counter: Counter) -> None:
    """Two direct debits of one amount: a code alone leaves both, and without any sign nothing of the date counts."""
    for _ in range(2):
        counter.till.pay(counter.till.invoice(line("100")), "120.00", means=PaymentMeans.DIRECT_DEBIT, date=DAY)
    coded = counter.proposed(counter.came("-120.00", code="PMNT-IDDT-UPDD"))
    assert (len(coded.proposals), coded.certain, coded.tied) == (2, False, True)
    assert [criteria(each) for each in coded.proposals] == [{Criterion.AMOUNT, Criterion.RETURN, Criterion.DATE}] * 2
    alone = counter.proposed(counter.came("-120.00", bank_reference="B2"))
    assert (alone.certain, [criteria(each) for each in alone.proposals]) == (False, [{Criterion.AMOUNT}] * 2)


def test_trs_04_what_waits_comes_before_a_return_that_nothing_speaks_for(counter: Counter) -> None:
    """A supplier is owed as much as a customer just paid: the debit pays it, unless the bank says otherwise."""
    counter.till.pay(counter.till.invoice(line("100")), "120.00", date=DAY)
    counter.purse.record()
    first, second = counter.proposed(counter.came("-120.00")).proposals
    assert (first.accepted_by, second.accepted_by) == (Acceptance.SUPPLIER_MATCHES, Acceptance.RETURN_MATCHES)
    told = counter.proposed(counter.came("-120.00", return_reason="AM04"))
    assert told.proposals[0].accepted_by is Acceptance.RETURN_MATCHES
    assert not told.certain


def test_trs_04_what_was_reversed_moved_in_cash_or_later_is_not_proposed(counter: Counter) -> None:
    reversed_one = counter.till.pay(counter.till.invoice(line("100")), "120.00", date=DAY)
    counter.till.reverse(reversed_one)
    counter.till.pay(counter.till.invoice(line("100")), "120.00", date=DAY, means=PaymentMeans.CASH, bank_account=None)
    counter.till.pay(counter.till.invoice(line("100")), "120.00", date=DAY + timedelta(days=1))
    counter.till.pay(counter.till.invoice(line("100")), "119.00", date=DAY)
    assert counter.proposed(counter.came("-120.00", text="REJET", return_reason="AM04")).proposals == ()


def test_trs_04_refunds_come_back_too(counter: Counter) -> None:
    """CRN-13: a customer's credit note paid to a closed account waits again."""
    note = counter.till.note(counter.till.invoice(line("100")), "24.00")
    refund = counter.till.refund(note, date=DAY)
    back = counter.came("24.00", text="VIREMENT REJETE", return_reason="AC04")
    [proposal] = returning(counter, back)
    [told] = proposal.parts
    assert (told.document, told.credit_note, told.returned and told.returned.payment) == (note.id, True, refund.id)
    counter.accept(back, told)
    assert payment_of(counter, refund.id).reversed_by


def test_trs_04_a_payment_of_several_documents_is_one_return_that_shows_them_all(counter: Counter) -> None:
    first, second = counter.till.invoice(line("100")), counter.till.invoice(line("50"))
    parts = (part(first, "120.00"), part(second, "60.00"))
    payment = counter.till.settle(counter.till.payment(*parts, date=DAY, reference="PRLV 4471"))
    back = counter.came("-180.00", text=f"REJET {second.number}", end_to_end="PRLV 4471")
    [proposal] = counter.proposed(back).proposals
    assert [each.document for each in proposal.parts] == [first.id, second.id]
    assert {each.returned and each.returned.payment for each in proposal.parts} == {payment.id}
    assert f"document number {second.number} in the text" in {reason.en for reason in proposal.reasons}
    assert Criterion.END_TO_END in criteria(proposal)
    assert counter.accept(back, *proposal.parts).left == eur(0)


def test_trs_04_an_invoice_larger_than_the_entry_is_proposed_for_what_the_entry_has(counter: Counter) -> None:
    """What is shown is accepted as it is: a part of the invoice is paid."""
    invoice = counter.till.invoice(line("100"))
    came = counter.came("70.00", text=f"ACOMPTE {invoice.number}")
    [proposal] = counter.proposed(came).proposals
    assert (proposal.parts[0].amount, proposal.difference) == (eur(70), eur(-50))
    assert counter.accept(came, *proposal.parts).state is EntryState.MATCHED
    assert counter.till.standing(invoice).open == eur(50)


def test_trs_04_among_many_of_one_amount_the_one_that_is_named_is_found(counter: Counter) -> None:
    """Further back than what is looked at by amount alone; however much else was paid, the reads have an end."""
    wanted = counter.till.invoice(line("100"))
    counter.till.pay(wanted, "120.00", date=DAY - timedelta(days=90), reference="PRLV-000001")
    outside = DAY - WITHIN - timedelta(days=1)
    [too_old] = counter.till.pay(counter.till.invoice(line("100")), "120.00", date=outside).allocations
    reads: dict[str, list[int]] = {"named": [], "alone": []}
    named = counter.came("-120.00", text=f"REJET {wanted.number}", end_to_end="PRLV-000001", return_reason="AM04")
    alone = counter.came("-120.00")
    for others in (4, 36, 60, 100):
        for _ in range(others):
            counter.till.pay(counter.till.invoice(line("100")), "120.00", date=DAY)
        for name, back in (("named", named), ("alone", alone)):
            services = counter.world.services
            counted = Counted(services.store.backend)
            counter.world.services = on_backend(services, counted)
            found = counter.proposed(back).proposals
            counter.world.services = services
            reads[name].append(len(counted.calls))
            assert len(found) <= 10
            if name == "named":
                assert found[0].parts[0].document == wanted.id
                assert all(one.parts[0].document != too_old.document for one in found)
    assert max(reads["alone"]) <= 25
    assert max(reads["named"]) <= 105


CHEQUE = OpenLine(
    id="p",
    amount=Money.of("-120.00", "EUR"),
    number="FA2026-000118",
    end_to_end="PRLV-000118",
    party="Criée de Douarnenez",
    due=date(2026, 11, 1),
    returned=True,
)


def matched(one: Entry, *lines: OpenLine) -> Match:
    [found] = match([one], lines)
    return found


@pytest.mark.parametrize(
    ("told", "certain"),
    [
        ({"end_to_end": "PRLV-000118", "return_reason": "AM04"}, True),
        ({"end_to_end": "PRLV-000118", "code": "PMNT-IDDT-UPDD"}, True),
        ({"end_to_end": "PRLV-000118", "reversal": True}, True),
        ({"text": "FA2026-000118", "counterparty": "CRIEE DE DOUARNENEZ", "code": "NRTI"}, True),
        ({"end_to_end": "PRLV-000118"}, False),
        ({"end_to_end": "PRLV-000118", "text": "REJET"}, False),
        ({"text": "IMPAYE FA2026-000118", "return_reason": "AM04"}, False),
        ({"counterparty": "CRIEE DE DOUARNENEZ", "return_reason": "AM04"}, False),
        ({"return_reason": "AM04"}, False),
    ],
)
def test_trs_04_a_return_is_certain_when_the_bank_says_so_and_what_it_returns_is_identified(
    told: dict[str, Any], certain: bool
) -> None:
    found = matched(entry("-120.00", **told), CHEQUE)
    assert found.proposals[0].returned
    assert found.automatic is certain
    twin = CHEQUE.change(id="twin")
    assert not matched(entry("-120.00", **told), CHEQUE, twin).automatic
    waits = CHEQUE.change(id="w", returned=False)
    assert not (told_by_bank(entry("-120.00", **told)) and matched(entry("-120.00", **told), waits).automatic)


@pytest.mark.parametrize("told", [{"return_reason": "AM04"}, {"reversal": True}, {"text": "PRLV IMPAYÉ"}])
def test_trs_04_each_sign_of_a_return_counts_and_is_told(told: dict[str, Any]) -> None:
    plain, signed = (matched(entry("-120.00", **fields), CHEQUE).proposals[0] for fields in ({}, told))
    assert signed.score > plain.score
    [reason] = [each for each in signed.reasons if each.criterion is Criterion.RETURN]
    assert str(told.get("return_reason", "")) in reason.en


def test_trs_04_every_format_tells_of_a_return_in_its_own_way() -> None:
    """CFONB by the reason in its movement, MT940 by its type or by RTRN; words are for the rest."""
    one = entry("-120.00", text="CHEQUE")
    [told] = read_cfonb(cfonb(statement((one,))))
    assert told_by_bank(told.entries[0]) is None
    records = cfonb(statement((one,))).decode("latin-1").split("\r\n")
    for reason, shown in (("23", "23"), ("00", None)):
        marked = [f"{each[:40]}{reason}{each[42:]}" if each.startswith("04") else each for each in records]
        [told] = read_cfonb("\r\n".join(marked).encode("latin-1"))
        assert told_by_bank(told.entries[0]) == shown
    [told] = read_mt940(mt940(statement((one,))).replace(b"NTRF", b"NRTI"))
    assert told_by_bank(told.entries[0]) == "NRTI"
    [told] = read_mt940(mt940(statement((one.change(reversal=True),))))
    assert told_by_bank(told.entries[0]) == "NTRF"
    assert (told_in_text(entry("1.00", text="Rejet prélèvement")), told_in_text(entry("1.00", text="VIR"))) == (
        "rejet",
        None,
    )


_AMOUNTS = st.sampled_from(["60.00", "120.00"])
_PAID = st.tuples(st.sampled_from(["customer", "supplier", "refund", "owed"]), _AMOUNTS, st.booleans())
_CAME = st.tuples(_AMOUNTS, st.booleans(), st.sampled_from([None, "AM04"]), st.integers(0, 5), st.integers(0, 5))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PAID, min_size=1, max_size=5), st.lists(_CAME, min_size=1, max_size=4))
def test_trs_04_every_proposal_that_is_shown_is_accepted_by_its_route_as_it_is(
    moved: list[tuple[str, str, bool]], came: list[tuple[str, bool, str | None, int, int]]
) -> None:
    """Whatever was paid, refunded, reversed or waits, and whatever the bank tells: nothing shown is refused."""
    counter = open_counter()
    numbers = [_move(counter, place, *each) for place, each in enumerate(moved)]
    for place, (amount, out, reason, named, pick) in enumerate(came):
        counter.came(f"0.0{place + 1}", text="The same statement never comes twice")
        text = f"VIR {numbers[named % len(numbers)]}"
        back = counter.came(f"-{amount}" if out else amount, text=text, return_reason=reason)
        found = counter.proposed(back)
        if found.certain:
            assert found.proposals[0].accepted_by is Acceptance.RETURN_MATCHES or reason is None
            assert criteria(found.proposals[0]) - {Criterion.AMOUNT, Criterion.DATE, Criterion.RETURN}
        if found.proposals:
            chosen = found.proposals[pick % len(found.proposals)]
            assert {each.accepted_by for each in chosen.parts} == {chosen.accepted_by}
            before = counter.entry(back).left
            assert counter.accept(back, *chosen.parts).left != before
    assert verified_payments(counter.world).intact


def _move(counter: Counter, place: int, what: str, amount: str, undone: bool) -> str:
    """Something owed, paid or refunded, and perhaps taken back; the number of its document."""
    till, purse, number = counter.till, counter.purse, f"FOU-2026-{place}"
    if what in ("supplier", "owed"):
        bought = purse.record(item(amount, vat_rate="0"), number=number)
        payment = purse.pay(bought, amount, date=DAY) if what == "supplier" else None
    else:
        sold = till.invoice(line("100"))
        number = str(sold.number)
        note = till.note(sold, amount) if what == "refund" else None
        payment = till.refund(note, date=DAY) if note else till.pay(sold, amount, date=DAY)
    if payment and undone:
        till.reverse(payment)
    return number
