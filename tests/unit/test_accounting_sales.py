"""Sales in the books: every entry balances, each amount on its account, rebates and currencies as CRN-12 says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.accounting.chart import BankBook, Chart, RateAccount, Territory, territory
from comptoir.accounting.model import Entry, Posting, Side, Unbalanced, entry_line, sums
from comptoir.accounting.sales import sale
from comptoir.catalogue.pricing import PricedLine, ProductKind, VatCategory, totals
from comptoir.invoicing.snapshot import (
    CreditType,
    Deduction,
    DocumentKind,
    EuroVat,
    InvoiceType,
    OperationNature,
    Origin,
    Snapshot,
)
from comptoir.kernel.exchange import ExchangeRate, convert
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Buyer, Language, Seller

CHART = Chart()
DAY = date(2026, 11, 21)
ADDRESS = Address(lines=("1 quai",), postcode="29200", city="Brest")
BUYER = Buyer(code="C042", name="ARMOR PÊCHE", address=ADDRESS)


def row(net: str, rate: str = "20", **fields: Any) -> PricedLine:
    """A priced line of one piece."""
    given_: dict[str, Any] = {
        "position": 1,
        "kind": ProductKind.GOODS,
        "designation": "Bouée",
        "quantity": Decimal(1),
        "unit": "pièce",
        "unit_price": Decimal(net),
        "vat_rate": Decimal(rate),
        "net": Money.of(net, fields.pop("currency", "EUR")),
    }
    return PricedLine(**(given_ | fields))


def document(*lines: PricedLine, **fields: Any) -> Snapshot:
    """A frozen document."""
    currency = fields.get("currency", "EUR")
    given_: dict[str, Any] = {
        "kind": DocumentKind.INVOICE,
        "document": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
        "number": "FA2026-000007",
        "issue_date": DAY,
        "issued_at": datetime(2026, 11, 21, 9, tzinfo=UTC),
        "operator": "Anne",
        "language": Language.FRENCH,
        "currency": currency,
        "seller": Seller(name="PONANT", legal_line="PONANT", address=ADDRESS),
        "buyer": BUYER,
        "order_number": "CO-12",
        "nature": OperationNature.GOODS,
        "lines": lines,
        "totals": totals(lines, currency),
    }
    return Snapshot(**(given_ | fields))


def booked(entry: Entry | None) -> dict[str, Decimal]:
    """The balance of each account: debits positive."""
    assert entry is not None
    return {line.account: line.debit - line.credit for line in entry.lines}


def amounts(**accounts: str) -> Mapping[str, Decimal]:
    """Expected balances, `_411000="…"`."""
    return {name.removeprefix("_"): Decimal(value) for name, value in accounts.items()}


def test_an_invoice_debits_the_customer_and_credits_sales_and_vat() -> None:
    """RULES §4: 411 D with VAT, 70x C without, 4457x C the VAT of each rate."""
    lines = (row("100.00"), row("50.00", kind=ProductKind.TRANSPORT), row("10.00", "5.5", kind=ProductKind.SERVICE))
    entry = sale(document(*lines), 7, CHART)
    expected = amounts(
        _411000="190.55", _707000="-100.00", _708500="-50.00", _706000="-10.00", _445711="-30.00", _445713="-0.55"
    )
    assert booked(entry) == expected
    assert entry is not None
    assert (entry.journal.code, entry.piece, entry.day, entry.sequence) == ("VE", "FA2026-000007", DAY, 7)
    assert {(line.auxiliary, line.auxiliary_name) for line in entry.lines if line.account == "411000"} == {
        ("C042", "ARMOR PÊCHE")
    }
    assert all(not line.auxiliary for line in entry.lines if line.account != "411000")
    assert {line.analytic for line in entry.lines} == {"CO-12"}


def test_a_line_goes_to_the_account_of_its_reference() -> None:
    """CAT-01: accounts of a reference."""
    entry = sale(document(row("100.00", account="707500"), row("20.00")), 1, CHART)
    assert booked(entry) == amounts(_411000="144.00", _707500="-100.00", _707000="-20.00", _445711="-24.00")


@pytest.mark.parametrize(
    ("category", "country", "kind", "account"),
    [
        (VatCategory.EXPORT, "US", ProductKind.GOODS, "707100"),
        (VatCategory.INTRA_COMMUNITY, "DE", ProductKind.GOODS, "707200"),
        (VatCategory.REVERSE_CHARGE, "DE", ProductKind.SERVICE, "706200"),
        (VatCategory.REVERSE_CHARGE, "FR", ProductKind.SERVICE, "706000"),
        (VatCategory.OUTSIDE_SCOPE, "CH", ProductKind.SERVICE, "706100"),
        (VatCategory.EXEMPT, "FR", ProductKind.GOODS, "707000"),
    ],
)
def test_sales_without_vat_go_to_the_accounts_of_their_territory(
    category: VatCategory, country: str, kind: ProductKind, account: str
) -> None:
    """RULES §4: export 7071x, no VAT."""
    abroad = BUYER.change(address=ADDRESS.change(country=country))
    entry = sale(document(row("80.00", "0", vat_category=category, kind=kind), buyer=abroad), 1, CHART)
    assert booked(entry) == {"411000": Decimal("80.00"), account: Decimal("-80.00")}


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        (CreditType.GLOBAL_REBATE, "709700"),
        (CreditType.REBATE_LAST_YEAR, "709700"),
        (CreditType.REBATE_THIS_YEAR, "707000"),
        (CreditType.INVOICING_ERROR, "707000"),
        (CreditType.EARLY_PAYMENT_DISCOUNT, "665000"),
    ],
)
def test_a_credit_note_takes_back_the_sale_or_is_a_rebate(kind: CreditType, account: str) -> None:
    """CRN-12: RRR for global rebates and those on a past year; INV-15: a discount has its own account."""
    origin = Origin(document="x", number="FA2026-000001", issue_date=DAY)
    entry = sale(document(row("100.00"), kind=DocumentKind.CREDIT_NOTE, credit_type=kind, origin=origin), 2, CHART)
    assert booked(entry) == {"411000": Decimal("-120.00"), account: Decimal("100.00"), "445711": Decimal("20.00")}
    assert entry is not None
    assert all(line.debit >= 0 and line.credit >= 0 for line in entry.lines)


def test_down_payments_wait_on_their_account_until_the_final_invoice_takes_them_up() -> None:
    """INV-13: 4191 C the base of the down payment, then D; its VAT was due with it."""
    part = document(row("30.00"), invoice_type=InvoiceType.DOWN_PAYMENT)
    assert booked(sale(part, 1, CHART)) == amounts(_411000="36.00", _419100="-30.00", _445711="-6.00")
    deduction = Deduction(
        document="x", number="FA2026-000001", issue_date=DAY, gross=part.totals.gross, rows=part.totals.rows
    )
    final = document(row("100.00"), invoice_type=InvoiceType.FINAL, deductions=(deduction,))
    expected = amounts(_411000="84.00", _419100="30.00", _707000="-100.00", _445711="-14.00")
    assert booked(sale(final, 2, CHART)) == expected


def test_in_another_currency_vat_is_what_the_document_prints_and_the_sale_the_rest() -> None:
    """RULES §2.4, §4, CRN-12: receivable at the certified rate, VAT as printed in euro, foreign amounts beside."""
    published = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=DAY, source="BCE")
    usd = document(row("100.00", currency="USD"), currency="USD")
    rows = tuple(
        each.change(base=convert(each.base, "EUR", [published]), vat=convert(each.vat, "EUR", [published]))
        for each in usd.totals.rows
    )
    entry = sale(usd.change(euro=EuroVat(rate=published, rows=rows)), 1, CHART, "EUR", Decimal("0.9"))
    assert booked(entry) == amounts(_411000="108.00", _707000="-92.00", _445711="-16.00")
    assert entry is not None
    foreign = {line.account: line.foreign for line in entry.lines}
    assert foreign["411000"] == Money.of("120.00", "USD")
    assert foreign["707000"] == Money.of("-100.00", "USD")


def test_a_document_worth_nothing_makes_no_entry() -> None:
    """No line of zero reaches the books (COMPLAINTS 9)."""
    assert sale(document(row("0.00", free=True)), 1, CHART) is None


def test_territories() -> None:
    assert territory(VatCategory.STANDARD, "FR") is Territory.DOMESTIC


def test_a_rate_and_a_bank_account_have_their_accounts() -> None:
    """The chart is company data."""
    own = Chart(
        vat_collected=(RateAccount(rate=Decimal(20), account="445720"),),
        banks=(BankBook(iban="FR7630006000011234567890189", journal="B1", name="Agri", account="512100"),),
    )
    assert own.vat(Decimal(20)) == "445720"
    assert own.vat(Decimal(10)) == own.vat_collected_other
    assert own.book("FR7630006000011234567890189")[1] == "512100"
    assert own.book(None)[1] == own.bank
    assert own.name("707100") == "Ventes de marchandises, exportations"
    assert own.name("601000") == "Compte 601000"


_NETS = st.lists(
    st.tuples(
        st.decimals("0.01", "99999", places=2),
        st.sampled_from(["20", "10", "5.5", "2.1", "0"]),
        st.sampled_from(list(ProductKind)),
    ),
    min_size=1,
    max_size=30,
)


@given(lines=_NETS, kind=st.sampled_from(list(DocumentKind)), rate=st.decimals("0.001", "200", places=6))
def test_every_entry_balances_and_tells_the_whole_document(
    lines: list[tuple[Decimal, str, ProductKind]], kind: DocumentKind, rate: Decimal
) -> None:
    """FEC: every entry balances, in euro and out of any other currency."""
    for currency, worth in (("EUR", Decimal(1)), ("TND", rate), ("JPY", rate)):
        rows = [row(str(net), vat, kind=of, currency=currency) for net, vat, of in lines]
        frozen = document(*rows, kind=kind, currency=currency)
        entry = sale(frozen, 1, CHART, "EUR", worth)
        if entry is None:
            continue
        debit, credit = sums(entry.lines)
        assert debit == credit
        customer = booked(entry).get("411000", Decimal(0))
        assert abs(customer) == Money.of(frozen.totals.gross.amount * worth, "EUR").amount
        assert (customer >= 0) == (kind is DocumentKind.INVOICE) or not customer
        if currency != "EUR":
            for line in entry.lines:
                assert line.foreign is None or line.foreign.currency == currency


def test_an_entry_that_does_not_balance_is_never_made() -> None:
    """FIS-06: every entry balances (COMPLAINTS 9)."""
    side = Side("411000", "C1", "Client")
    lines = tuple(
        entry_line(Posting(account, Decimal(amount)), "x", side, "x")
        for account, amount in (("411000", "10.00"), ("707000", "-9.99"))
    )
    with pytest.raises(Unbalanced):
        Entry(CHART.sales_journal, DAY, "FA1", DAY, lines, DAY, "documents", 1)
