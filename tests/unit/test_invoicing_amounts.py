"""INV-04, CRN-01, RULES §2.3: amounts against an independent computation with fractions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.catalogue.pricing import PricedLine, VatCategory, totals
from comptoir.invoicing.balances import Balance, LineCredit
from comptoir.invoicing.credits import credit, given_back, taken
from comptoir.invoicing.drafts import direct
from comptoir.invoicing.model import CreditLine, CreditType, DirectLine, Document, DraftLine
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.errors import Refused
from comptoir.kernel.ids import derived_id
from comptoir.kernel.money import Money
from tests.unit.invoicing_support import line, open_shop

RATES = ("20", "10", "5.5", "2.1")
ERROR, REBATE = CreditType.INVOICING_ERROR, CreditType.GLOBAL_REBATE


def cents(value: Fraction) -> int:
    """The nearest cent of a positive value, a half counting for one (CIBS L131-2)."""
    return int(value * 100 + Fraction(1, 2))


def amount(money: Money) -> int:
    """An amount in cents."""
    return cents(Fraction(money.amount))


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


lines = st.builds(
    line,
    price=decimals("0", "5000", 6) | decimals("0", "0.2", 3) | decimals("0", "500", 2),
    quantity=decimals("0.0001", "2000", 4) | st.integers(1, 40).map(Decimal),
    rate=st.sampled_from(RATES),
    discount_rate=st.sampled_from([Decimal(0), Decimal("7.5"), Decimal("33.3333"), Decimal(100)]),
    free=st.sampled_from([False, False, False, True]),
)


def net(one: DirectLine | PricedLine) -> int:
    if one.free:
        return 0
    kept = (100 - Fraction(one.discount_rate)) / 100
    return cents(Fraction(one.quantity) * Fraction(one.unit_price) * kept)


@given(st.lists(lines, min_size=1, max_size=12))
def test_inv_04_totals_are_those_of_an_independent_computation(entered: list[DirectLine]) -> None:
    """A line is rounded once; VAT once per rate on the sum of the nets of that rate, never line by line."""
    priced = [one.priced for one in direct(entered, "EUR")]
    assert [amount(one.net) for one in priced] == [net(one) for one in entered]
    found = totals(priced, "EUR")
    rates = sorted({one.vat_rate for one in entered if one.vat_rate is not None}, reverse=True)
    assert [row.rate for row in found.rows] == rates
    for row in found.rows:
        base = sum(net(one) for one in entered if one.vat_rate == row.rate)
        assert (amount(row.base), amount(row.vat)) == (base, cents(Fraction(base, 100) * Fraction(row.rate) / 100))
    assert amount(found.net) == sum(net(one) for one in entered)
    assert amount(found.gross) == amount(found.net) + sum(amount(row.vat) for row in found.rows)


@cache
def template() -> tuple[Snapshot, Document]:
    """A snapshot and a credit note whose lines and totals the tests replace."""
    shop = open_shop()
    invoice = shop.invoice()
    return shop.snapshot(invoice), shop.credit(invoice)


def invoice_of(entered: Sequence[DirectLine]) -> Snapshot:
    priced = tuple(one.priced for one in direct(entered, "EUR"))
    return template()[0].change(lines=priced, totals=totals(priced, "EUR"))


class Account:
    """An invoice and its credit notes, as the commands keep them."""

    def __init__(self, invoice: Snapshot) -> None:
        self.invoice = invoice
        self.balance = Balance(credited=Money.zero("EUR"))
        self.notes: list[Document] = []
        self.made = 0

    def add(self, kind: CreditType, *asked: CreditLine) -> bool:
        """Draft a credit note; whether it was accepted."""
        try:
            drafted, summed = credit(self.invoice, self.balance, kind, asked)
        except Refused:
            return False
        self.made += 1
        note = template()[1].change(id=derived_id("note", str(self.made)), lines=drafted, totals=summed)
        self.balance = taken(self.balance, note)
        self.notes.append(note)
        self.check(note)
        return True

    def delete(self, index: int) -> None:
        """Delete a draft."""
        self.balance = given_back(self.balance, self.notes.pop(index % len(self.notes)))
        self.check_sums()

    def check(self, note: Document) -> None:
        """What holds of every credit note, and of all together."""
        assert note.kind is DocumentKind.CREDIT_NOTE
        assert note.totals.gross.amount > 0
        assert all(one.priced.net.amount >= 0 for one in note.lines)
        for row in note.totals.rows:
            assert row.base.amount == sum(
                one.priced.net.amount for one in note.lines if one.priced.vat_rate == row.rate
            )
            assert row.vat.amount >= 0
        self.check_sums()

    def check_sums(self) -> None:
        """CRN-01: never a cent over, per rate and in all; the balance is the sum of the notes."""
        assert self.balance.credited.amount == sum(note.totals.gross.amount for note in self.notes)
        assert len(self.balance.documents) == len(self.notes)
        for row in self.invoice.totals.rows:
            own = [r for note in self.notes for r in note.totals.rows if r.rate == row.rate]
            assert 0 <= sum(r.base.amount for r in own) <= row.base.amount
            assert 0 <= sum(r.vat.amount for r in own) <= row.vat.amount
        for one in self.invoice.lines:
            held = self.held(one)
            assert 0 <= held.quantity <= one.quantity
            assert held.returned.amount + held.rebate.amount <= one.net.amount

    def held(self, one: PricedLine) -> LineCredit:
        nothing = LineCredit(quantity=Decimal(0), returned=Money.zero("EUR"), rebate=Money.zero("EUR"))
        return self.balance.lines.get(one.position, nothing)

    @property
    def rest(self) -> Decimal:
        """What remains of the invoice, with VAT."""
        return self.invoice.totals.gross.amount - self.balance.credited.amount


@settings(max_examples=150, deadline=None)
@given(st.lists(lines, min_size=1, max_size=6), st.data())
def test_crn_01_crediting_every_line_in_its_own_credit_note_brings_the_invoice_to_zero(
    entered: list[DirectLine], data: st.DataObject
) -> None:
    """Whatever the order, and each line in as many parts: exactly zero, per rate too, never below."""
    account = Account(invoice_of(entered))
    order = data.draw(st.permutations(account.invoice.lines))
    for one in order:
        share = data.draw(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.4")])) * one.quantity
        part = max(share.quantize(Decimal("0.0001")), Decimal("0.0001"))
        while account.held(one).quantity < one.quantity:
            wanted = min(part, one.quantity - account.held(one).quantity)
            if not account.add(ERROR, CreditLine(position=one.position, quantity=wanted)):
                break  # what this part is worth rounds to nothing: it goes with another line
    settle(account)


def settle(account: Account) -> None:
    """One last credit note of every quantity that remains."""
    left = [
        CreditLine(position=one.position, quantity=one.quantity - account.held(one).quantity)
        for one in account.invoice.lines
        if account.held(one).quantity < one.quantity
    ]
    if account.rest:
        assert left, "nothing remains to ask for, but the invoice is not at zero"
        assert account.add(ERROR, *left)
    assert account.rest == 0
    credited = {row.rate: (row.base, row.vat) for row in account.balance.rows}
    for row in account.invoice.totals.rows:
        if row.base:
            assert credited[row.rate] == (row.base, row.vat)
    assert not account.add(REBATE, CreditLine(amount=Decimal("0.01"), vat_rate=account.invoice.totals.rows[0].rate))


asks = st.tuples(
    st.sampled_from(["quantity", "amount", "rebate", "delete"]), st.integers(0, 9), decimals("0", "1.2", 4)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(lines, min_size=1, max_size=6), st.lists(asks, max_size=14))
def test_crn_01_whatever_is_asked_and_deleted_the_last_rebates_bring_the_invoice_to_zero(
    entered: list[DirectLine], asked: list[tuple[str, int, Decimal]]
) -> None:
    account = Account(invoice_of(entered))
    for kind, index, share in asked:
        one = account.invoice.lines[index % len(account.invoice.lines)]
        quantity = (one.quantity * share).quantize(Decimal("0.0001"))
        worth = (one.net.amount * share).quantize(Decimal("0.01"))
        if kind == "delete" and account.notes:
            account.delete(index)
        elif kind == "quantity" and quantity > 0:
            account.add(ERROR, CreditLine(position=one.position, quantity=quantity))
        elif kind == "amount" and worth > 0:
            account.add(ERROR, CreditLine(position=one.position, amount=worth))
        elif kind == "rebate" and worth > 0:
            account.add(REBATE, CreditLine(amount=worth, vat_rate=one.vat_rate))
    credited = {row.rate: row.base.amount for row in account.balance.rows}
    for row in account.invoice.totals.rows:
        left = row.base.amount - credited.get(row.rate, Decimal(0))
        if left:
            assert account.add(REBATE, CreditLine(amount=left, vat_rate=row.rate))
    assert account.rest == 0


def test_crn_01_rounding_one_by_one_would_miss_and_exceed_the_invoice() -> None:
    """The two cases that made the rule: 3 × 0.02 at 20 % would credit no VAT at all, 3 × 0.03 a cent too much."""
    for price, first, last in (("0.02", "0.00", "0.01"), ("0.03", "0.01", "0.00")):
        account = Account(invoice_of([line(price)] * 3))
        for position in (1, 2, 3):
            assert account.add(ERROR, CreditLine(position=position, quantity=Decimal(1)))
        vat = [note.totals.vat.amount for note in account.notes]
        assert (vat[0], vat[-1], account.rest) == (Decimal(first), Decimal(last), Decimal(0))


def test_crn_01_a_third_of_a_line_taken_back_three_times_is_the_line() -> None:
    account = Account(invoice_of([line("0.333333", "3")]))
    for _ in range(3):
        assert account.add(ERROR, CreditLine(position=1, quantity=Decimal(1)))
    assert [note.totals.net.amount for note in account.notes] == [Decimal("0.33"), Decimal("0.33"), Decimal("0.34")]
    assert account.rest == 0


def test_crn_04_a_credited_line_keeps_the_invoice_s_rate_and_category() -> None:
    """RULES §2.3: the rates of the invoice, never today's."""
    old = DraftLine(priced=invoice_of([line("100")]).lines[0].change(vat_rate=Decimal("19.6"))).priced
    account = Account(template()[0].change(lines=(old,), totals=totals([old], "EUR")))
    assert account.add(ERROR, CreditLine(position=1, quantity=Decimal(1)))
    assert account.add(REBATE, CreditLine(amount=Decimal(1), vat_rate=Decimal("19.6"))) is False
    assert [(row.rate, row.category) for row in account.notes[0].totals.rows] == [
        (Decimal("19.6"), VatCategory.STANDARD)
    ]
