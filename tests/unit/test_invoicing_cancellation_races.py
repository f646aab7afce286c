"""INV-09: who wins when a cancellation meets a credit note, a validation or a payment at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.kernel.errors import DomainError, Refused
from tests.unit.cancelling_support import REASON, by_status, cancel, pay
from tests.unit.invoicing_support import Shop, attempt, codes, line, open_shop


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def together(*work: Callable[[], object]) -> list[object]:
    """What comes of works that begin at once."""
    barrier, results = threading.Barrier(len(work)), list[object]([None] * len(work))

    def run(place: int) -> None:
        barrier.wait()
        results[place] = work[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("run", range(5))
def test_inv_09_a_cancellation_and_a_credit_note_that_race(shop: Shop, run: int) -> None:
    """One is drafted; the other gets its named error, and nothing is half-done."""
    invoice = shop.invoice(line("5", "2"))
    results = together(
        lambda: attempt(shop.world, CancelInvoice(document=invoice.id, reason=REASON)),
        lambda: attempt(shop.world, shop.credit_request(invoice)),
    )
    [refused] = [one for one in results if isinstance(one, DomainError)]
    assert isinstance(refused, Refused)
    expected = "invoice_credited" if refused is results[0] else "invoice_being_cancelled"
    assert [breach.code for breach in refused.breaches] == [expected]
    balance = shop.balance(invoice)
    assert (balance.closed_by is None) == (len(balance.documents) == 1)


def test_inv_09_a_credit_note_validated_while_its_invoice_is_being_cancelled(shop: Shop) -> None:
    """The draft alone keeps the cancellation from being drafted: whichever comes first, one of them stands."""
    invoice = shop.invoice(line("5", "2"))
    note = shop.credit(invoice)
    world = replace(shop.world)
    results = together(
        lambda: shop.issue(note)[0],
        lambda: attempt(world, CancelInvoice(document=invoice.id, reason=REASON)),
    )
    assert isinstance(results[1], Refused)
    assert [breach.code for breach in results[1].breaches] == ["invoice_credited"]
    assert shop.read(note).issued
    assert by_status(shop.of_document(invoice)) == {"invoiced": Decimal("12.00"), "credit_to_deduct": Decimal("-6.00")}


@pytest.mark.parametrize("run", range(5))
def test_inv_09_a_payment_and_the_validation_of_a_cancellation_that_race(shop: Shop, run: int) -> None:
    invoice = shop.invoice(line("5", "2"))
    draft = cancel(shop, invoice)
    results = together(lambda: shop.issue(draft)[0], lambda: pay(shop, invoice))
    found = by_status(shop.of_document(invoice))
    if shop.read(draft).issued:
        # The payment found nothing of the invoice to be paid any more.
        assert found == {}
    else:
        assert codes([results[0]]) == [["invoice_paid"]]  # type: ignore[list-item]
        assert found == {"paid": Decimal("12.00")}
