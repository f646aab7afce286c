"""CNF-01 on supplier requests, criteria 4, 6 and 7: each alone, all together, and only those that count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import Address
from comptoir.orders.confirmation import ConfirmationRefused, ConfirmOrder
from comptoir.orders.confirming import case
from comptoir.orders.criteria import Case, Purchase, unmet
from comptoir.orders.items import ORDER, SUPPLIER
from comptoir.orders.model import Milestone, OrderStatus
from comptoir.orders.queries import Criteria, ReadConfirmationCriteria
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.parties.model import Contact
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import INVOICE, Treasury
from tests.unit.orders_support import codes, refusal
from tests.unit.suppliers_support import BANK, Trade, open_trade
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def ready(trade: Trade) -> Case:
    """A case that meets every criterion, as the table holds it."""
    order, _ = trade.quoted()
    company, store = trade.desk.world.company, trade.desk.world.services.store
    return case(Transaction(store.backend), company, store.require(ORDER, keys.order(company, order.id)).value, True)


Spoil = Callable[[Purchase], Purchase]


def with_request(**fields: object) -> Spoil:
    return lambda purchase: replace(purchase, request=purchase.request.change(**fields))


def with_supplier(**fields: object) -> Spoil:
    return lambda purchase: replace(purchase, supplier=purchase.supplier and purchase.supplier.change(**fields))


def terms(number: int, **fields: object) -> Spoil:
    def spoil(purchase: Purchase) -> Purchase:
        kept = list(purchase.request.terms)
        kept[number] = kept[number].change(**fields)
        return with_request(terms=tuple(kept))(purchase)

    return spoil


def off_by(amount: str) -> Spoil:
    def spoil(purchase: Purchase) -> Purchase:
        [first, *rest] = purchase.treasury.lines
        more = first.change(amount=first.amount.change(amount=first.amount.amount + Decimal(amount)))
        return replace(purchase, treasury=Treasury(lines=(more, *rest)))

    return spoil


ADDRESS = Address(lines=("1288 Pudong Avenue",), postcode="200120", city="Shanghai", country="CN")
OTHER = BANK.change(iban="FR7612345987650123456789014")
SPOILS: dict[str, tuple[Spoil, str, str, str]] = {
    "terms": (terms(0, percentage=Decimal("49.99")), "terms_not_100", "/terms", "request"),
    "milestone unknown": (terms(1, milestone="bl"), "term_without_date", "/terms/1/milestone", "request"),
    "own milestone without date": (
        lambda p: with_request(milestones=(Milestone(name="bl"),))(terms(1, milestone="bl")(p)),
        "term_without_date",
        "/milestones/0/forecast",
        "request",
    ),
    "treasury above": (off_by("0.11"), "treasury_differs", "/lines", "treasury"),
    "treasury below": (off_by("-0.11"), "treasury_differs", "/lines", "treasury"),
    "address": (with_supplier(address=ADDRESS.change(lines=())), "supplier_address", "/address/lines", "party"),
    "town": (
        with_supplier(address=ADDRESS.change(postcode=None, city=None)),
        "supplier_town",
        "/address/postcode",
        "party",
    ),
    "no contact": (with_request(contact="Nobody"), "supplier_contact_missing", "/contact", "request"),
    "contact out of reach": (
        with_supplier(contacts=(Contact(name="Li Wei"),)),
        "supplier_contact_unreachable",
        "/contacts/0/phone",
        "party",
    ),
    "supplier gone": (lambda p: replace(p, supplier=None), "unknown_supplier", "/supplier", "request"),
    "no account": (terms(1, bank_account=None), "bank_account_missing", "/terms/1/bank_account", "request"),
    "another's account": (terms(0, bank_account=OTHER), "bank_account_missing", "/terms/0/bank_account", "request"),
}


def spoiled(seen: Case, *spoils: Spoil) -> tuple[Breach, ...]:
    [first, *rest] = seen.purchases
    for spoil in spoils:
        first = spoil(first)
    return unmet(replace(seen, purchases=(first, *rest)))


@pytest.mark.parametrize("name", SPOILS)
def test_each_criterion_fails_alone_and_says_what_to_mend(trade: Trade, name: str) -> None:
    """CNF-01: code, French and English sentence that names the supplier, link to the resource and its field."""
    seen = ready(trade)
    assert unmet(seen) == ()
    spoil, code, pointer, where = SPOILS[name]
    [breach] = spoiled(seen, spoil)
    request = f"/orders/{seen.order.id}/supplier-requests/{trade.china.id}"
    links = {"request": request, "treasury": f"{request}/treasury", "party": f"/parties/{trade.china.id}"}
    assert (breach.code, breach.pointer, breach.link) == (code, pointer, links[where])
    assert "Shanghai Marine Hardware" in breach.fr
    assert "Shanghai Marine Hardware" in breach.en
    assert breach.fr != breach.en


def test_all_at_once_on_both_requests(trade: Trade) -> None:
    """CNF-01: criteria 4, 6 and 7 of every request in one answer."""
    seen = ready(trade)
    names = ["terms", "milestone unknown", "treasury above", "no contact", "no account"]

    def spoil(purchase: Purchase) -> Purchase:
        for name in names:
            purchase = SPOILS[name][0](purchase)
        return with_supplier(address=Address())(purchase)

    found = unmet(replace(seen, purchases=tuple(map(spoil, seen.purchases))))
    expected = "terms_not_100 term_without_date treasury_differs supplier_address supplier_town"
    each = [*expected.split(), "supplier_contact_missing", "bank_account_missing"]
    assert [breach.code for breach in found] == each * 2


@pytest.mark.parametrize("amount", ["0.10", "-0.10"])
def test_the_treasury_may_differ_by_ten_cents(trade: Trade, amount: str) -> None:
    assert spoiled(ready(trade), off_by(amount)) == ()


def test_the_order_s_milestone_without_date_is_mended_on_the_order(trade: Trade) -> None:
    seen = ready(trade)
    blank = tuple(m.change(forecast=None) if m.name == INVOICE else m for m in seen.order.milestones)
    found = unmet(replace(seen, order=seen.order.change(milestones=blank)))
    assert {(breach.pointer, breach.link) for breach in found} == {
        ("/milestones/1/forecast", f"/orders/{seen.order.id}")
    }
    assert len(found) == 3


def test_a_supplier_needs_no_tax_number(trade: Trade) -> None:
    """CNF-01 criterion 6: the tax number apart."""
    seen = ready(trade)
    assert all(p.supplier and not p.supplier.tax_number and not p.supplier.vat_number for p in seen.purchases)
    assert unmet(seen) == ()


def test_completed_and_empty_requests_are_left_out(trade: Trade) -> None:
    """CNF-01: on every associated request not completed."""
    order, _ = trade.quoted()
    world = trade.desk.world
    request = trade.update(order, trade.china, terms=())
    world.execute_as("manager", request, trade.version(order, trade.china))
    criteria = world.do(Criteria, ReadConfirmationCriteria(order=order.id))
    assert [breach.code for breach in criteria.breaches] == ["terms_not_100", "treasury_differs"]
    key = keys.supplier_request(world.company, order.id, trade.china.id)
    for change in ({"status": OrderStatus.COMPLETED}, {"lines": 0, "status": OrderStatus.OFFER}):
        changed = trade.request(order, trade.china).change(**change)
        world.services.store.transact(partial(_put, key, changed))
        assert world.do(Criteria, ReadConfirmationCriteria(order=order.id)).ready


def _put(key: Key, request: SupplierRequest, tx: Transaction) -> None:
    tx.put(SUPPLIER, key, request)


def test_a_confirmation_is_refused_for_a_supplier_request(trade: Trade) -> None:
    """The workflow judges them as the criteria do, and is free to go once they are mended."""
    order, version = trade.quoted()
    world = trade.desk.world
    before = trade.request(order, trade.france).terms
    bare = tuple(term.change(bank_account=None) for term in before)
    world.execute_as("manager", trade.update(order, trade.france, terms=bare), trade.version(order, trade.france))
    error = refusal(trade.desk, ConfirmOrder(order=order.id), version + 1)
    assert isinstance(error, ConfirmationRefused)
    assert codes(error) == ["bank_account_missing", "bank_account_missing"]
    world.execute_as("manager", trade.update(order, trade.france, terms=before), trade.version(order, trade.france))
    assert trade.desk.confirm(order, version + 2).status is OrderStatus.CONFIRMED
