"""FIS-03: totals of closings against the documents themselves, whatever is issued, paid and closed when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.closings.model import Totals
from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.invoicing.model import Document
from comptoir.ledger.model import ChainName
from tests.unit.closings_support import open_books, recomputed, told
from tests.unit.invoicing_support import line

lines = st.tuples(st.decimals("0.01", 999, places=2), st.sampled_from(["20", "10", "5.5", "2.1"]))
payments = st.tuples(st.integers(0, 4), st.decimals(-50, 500, places=2))
DAYS = st.tuples(
    st.integers(1, 8),
    st.lists(lines, max_size=3),
    st.lists(payments, max_size=3),
    st.sampled_from(["nothing", "credit", "cancel"]),
    st.booleans(),
)
"""Days later, invoices, payments of days before, what becomes of the invoices, whether all is closed then."""

Day = tuple[int, list[tuple[Decimal, str]], list[tuple[int, Decimal]], str, bool]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(DAYS, min_size=1, max_size=6))
def test_fis_03_totals_equal_a_recomputation_from_the_documents(scenario: list[Day]) -> None:
    books = open_books()
    shop, made, paid = books.shop, list[Document](), list[tuple[date, Decimal]]()
    for later, invoices, received, then, close in scenario:
        books.noon(books.today + timedelta(days=later))
        for price, rate in invoices:
            made.append(shop.invoice(line(price, rate=rate)))
            if then == "credit":
                made.append(shop.issued(shop.credit(made[-1]))[0])
            if then == "cancel":
                made.append(shop.issued(shop.do(CancelInvoice(document=made[-1].id, reason="Erreur")))[0])
        first_open = (books.periods.through or date(2026, 11, 20)) + timedelta(days=1)
        for before, amount in received:
            day = max(books.today - timedelta(days=before), first_open)
            books.pay(str(amount), day)
            paid.append((day, amount))
        if close:
            books.close()
    books.noon(date(2027, 1, 12))
    books.close()

    def check(totals: Totals, start: date, end: date) -> None:
        assert told(totals.euro) == recomputed(one for one in made if start <= (one.issue_date or start) <= end)
        moved = [amount for day, amount in paid if start <= day <= end]
        assert [totals.euro.received, totals.euro.moved] == [_sum(moved), _sum(map(abs, moved))]

    for closing in books.closings():
        check(closing.period, closing.start, closing.end)
        check(closing.year, closing.fiscal_year.start, closing.end)
        check(closing.perpetual, date.min, closing.end)
    assert books.verified(ChainName.CLOSINGS).intact


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
