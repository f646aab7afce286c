"""Purchases that no customer's order made: draft, ordered, invoiced, received; minimum orders (SUP-01, SUP-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.merging import Merge
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.model import Reference
from comptoir.kernel.errors import DomainError, Refused
from comptoir.orders.model import QuoteStatus
from comptoir.orders.purchase_order import PurchaseOrderLink, PurchaseOrderView
from comptoir.orders.purchase_tasks import purchase_order_rendered, purchase_order_to_render
from comptoir.orders.purchasing import IssuePurchaseOrder
from comptoir.orders.supplier_model import PurchaseInput
from comptoir.parties.commands import UpdateParty
from comptoir.purchasing.buying import (
    Buying,
    CancelPurchase,
    OpenPurchase,
    ReceivePurchase,
    SetPurchaseLines,
    UpdatePurchase,
    ValidatePurchase,
)
from comptoir.purchasing.ordering import (
    ListPartyPurchases,
    OrderPurchase,
    PreviewPurchase,
    ReadPurchase,
    ReadPurchaseOrderFile,
    ReadPurchaseTreasury,
)
from comptoir.purchasing.purchase import Purchase, PurchaseStatus, PurchaseSummary
from comptoir.store import keys
from comptoir.treasury.model import Treasury
from tests.unit.purchasing_support import Office, item, open_office


@pytest.fixture
def office() -> Office:
    return open_office()


def boxes(price: str | None = "0.85", quantity: str = "200", **fields: Any) -> PurchaseInput:
    """A product bought."""
    told = {"designation": "Cartons", "kind": "goods", "quantity": quantity, "unit_price": price}
    return PurchaseInput.model_validate(told | fields)


def opened(office: Office, *lines: PurchaseInput, **fields: Any) -> Purchase:
    """A draft purchase from the French supplier."""
    request = OpenPurchase(**({"supplier": office.france.id, "lines": lines or (boxes(),)} | fields))
    return office.world.do(Purchase, request, "purchasing")


def do(office: Office, request: Buying | Merge) -> Purchase:
    """The purchase after a command, in its present version."""
    version = office.world.execute_as("purchasing", ReadPurchase(purchase=request.purchase)).version  # type: ignore[union-attr]
    return office.world.do(Purchase, request, "purchasing", if_match=version or 0)


def codes(office: Office, request: Buying) -> list[str]:
    """The codes of everything that is wrong with a request."""
    with pytest.raises(Refused) as caught:
        do(office, request)
    return [breach.code for breach in caught.value.breaches]


def treasury(office: Office, purchase: Purchase) -> Treasury:
    """The money of a purchase."""
    return office.world.do(Treasury, ReadPurchaseTreasury(purchase=purchase.id), "purchasing")


def test_a_purchase_begins_with_what_its_supplier_holds(office: Office) -> None:
    """SUP-01, PTY-03."""
    purchase = opened(office)
    assert (purchase.number, purchase.currency, purchase.terms) == ("AC-000001", "EUR", office.france.terms)
    assert (purchase.totals.net.amount, purchase.totals.gross.amount) == (Decimal("170.00"), Decimal("204.00"))
    changed = do(office, UpdatePurchase.model_validate({"purchase": purchase.id, "message": "À quai"}))
    assert (changed.message, changed.terms) == ("À quai", purchase.terms)
    kept = [boxes(id=changed.lines[0].id, quantity="100"), boxes("2.00", "1")]
    again = do(office, SetPurchaseLines(purchase=purchase.id, lines=tuple(kept)))
    assert again.lines[0].id == purchase.lines[0].id
    assert again.totals.net.amount == Decimal("87.00")


def test_validated_it_is_expected_to_be_paid_and_no_longer_changes(office: Office) -> None:
    """SUP-01: draft → validated: firm lines by its terms; nothing changes any more."""
    purchase = opened(office)
    assert treasury(office, purchase).lines == ()
    after = do(office, ValidatePurchase(purchase=purchase.id))
    assert after.status is PurchaseStatus.VALIDATED
    lines = treasury(office, after).lines
    assert [(line.status.value, line.amount.amount) for line in lines] == [("firm", Decimal("102.00"))] * 2
    assert lines[0].forecast_date == date(2026, 11, 21)
    for request in (
        SetPurchaseLines(purchase=purchase.id, lines=()),
        UpdatePurchase.model_validate({"purchase": purchase.id, "message": "x"}),
        ValidatePurchase(purchase=purchase.id),
    ):
        with pytest.raises(DomainError, match="purchase_locked"):
            do(office, request)


def test_everything_that_keeps_it_from_being_ordered_is_told_at_once(office: Office) -> None:
    purchase = opened(office, boxes(None), boxes(incoterm="FOB"))
    found = codes(office, ValidatePurchase(purchase=purchase.id))
    assert found == ["price_missing", "incoterm_place_missing"]
    empty = opened(office, lines=())
    assert codes(office, ValidatePurchase(purchase=empty.id)) == ["no_lines"]


def test_minimum_amount_and_quantity_are_checked_unless_a_reason_is_given(office: Office) -> None:
    """SUP-04, on a purchase of its own and on that of an order."""
    version = office.world.services.store.backend.get([_party(office)])[_party(office)].version
    office.world.execute_as(
        "manager", UpdateParty.model_validate({"party": office.france.id, "minimum_order": "500"}), version
    )
    offer = {"supplier": office.france.id, "price": "0.85", "currency": "EUR", "valid_from": "2026-01-01"}
    reference = {"code": "CARTON", "designation": "Carton", "offers": [offer | {"minimum_quantity": "250"}]}
    office.world.do(Reference, CreateReference.model_validate(reference))
    purchase = opened(office, boxes(code="CARTON"))
    request = ValidatePurchase(purchase=purchase.id)
    assert codes(office, request) == ["below_minimum_order", "below_minimum_quantity"]
    assert do(office, request.change(below_minimum="Échantillon")).below_minimum == "Échantillon"
    order, _ = office.confirmed()
    issue = IssuePurchaseOrder(order=order.id, supplier=office.france.id)
    with pytest.raises(Refused, match="below_minimum_order"):
        office.world.execute_as("purchasing", issue)
    office.world.execute_as("purchasing", issue.change(below_minimum="Dépannage"))


def _party(office: Office) -> Any:
    return keys.party(office.world.company, office.france.id)


class Printer:
    """The render function, without its pages."""

    def __init__(self, office: Office) -> None:
        self._services = office.world.services

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        if task["task"] == "render_purchase_order":
            purchase_order_rendered(self._services, task, "purchase-orders/x.pdf", "0" * 64, 9)
        return {"key": "previews/x.pdf"}


def test_its_purchase_order_is_versioned_and_previewed(office: Office) -> None:
    """SUP-01, DOC-02: the PDF in the supplier's language, each version kept in the purchase's document base."""
    office.world.services = replace(office.world.services, renderer=Printer(office))
    purchase = do(office, ValidatePurchase(purchase=opened(office).id))
    office.world.execute_as("purchasing", PreviewPurchase(purchase=purchase.id))
    for number in ("AC-000001", "AC-000001-2"):
        version = office.world.execute_as("purchasing", ReadPurchase(purchase=purchase.id)).version
        issued = office.world.do(
            PurchaseOrderView, OrderPurchase(purchase=purchase.id), "purchasing", if_match=version or 0
        )
        assert issued.number == number
    link = office.world.do(PurchaseOrderLink, ReadPurchaseOrderFile(purchase=purchase.id, version=1), "purchasing")
    assert (link.purchase_order.status, link.url is None) == (QuoteStatus.READY, False)
    event = {"company": office.world.company, "order": purchase.id, "supplier": office.france.id, "version": 2}
    content = purchase_order_to_render(office.world.services, event)
    assert (content.replaces, len(content.lines), content.language) == ("AC-000001", 1, office.france.language)


def test_its_invoice_takes_its_money_and_is_compared_with_it(office: Office) -> None:
    """SUP-03: three-way with a purchase of its own; received, terms that hang on delivery are dated."""
    purchase = do(office, ValidatePurchase(purchase=opened(office).id))
    [line] = purchase.lines
    fields = {"source": line.id, "designation": "Cartons", "kind": "goods", "quantity": "200"}
    invoice = office.record(item("0.85", **fields), purchase=purchase.id)
    assert (invoice.order_number, invoice.differences) == ("AC-000001", ())
    assert {each.status.value for each in treasury(office, purchase).lines} == {"invoiced"}
    with pytest.raises(DomainError, match="purchase_invoiced"):
        do(office, CancelPurchase(purchase=purchase.id, reason="x"))
    office.cancel(invoice)
    assert {each.status.value for each in treasury(office, purchase).lines} == {"firm"}
    received = do(office, ReceivePurchase(purchase=purchase.id, received_on=date(2026, 11, 20)))
    assert (received.status, received.received_on) == (PurchaseStatus.RECEIVED, date(2026, 11, 20))


def test_sup_01_nothing_is_received_tomorrow(office: Office) -> None:
    """SUP-01: a day of next month is a slip of the keys, and received is final."""
    purchase = do(office, ValidatePurchase(purchase=opened(office).id))
    later = ReceivePurchase(purchase=purchase.id, received_on=date(2026, 12, 20))
    assert codes(office, later) == ["date_future"]
    assert do(office, ReceivePurchase(purchase=purchase.id)).received_on == date(2026, 11, 21)


def test_sup_03_what_is_invoiced_before_it_is_received_is_told(office: Office) -> None:
    """Three-way with the receipt of a purchase, as long as it has not come."""
    purchase = do(office, ValidatePurchase(purchase=opened(office).id))
    [line] = purchase.lines
    fields = {"source": line.id, "designation": "Cartons", "kind": "goods", "quantity": "200"}
    invoice = office.record(item("0.85", **fields), purchase=purchase.id)
    assert [each.code for each in office.view(invoice).differences] == ["goods_not_received"]
    do(office, ReceivePurchase(purchase=purchase.id))
    assert office.view(invoice).differences == ()


def test_given_up_it_expects_nothing(office: Office) -> None:
    purchase = do(office, ValidatePurchase(purchase=opened(office).id))
    cancelled = do(office, CancelPurchase(purchase=purchase.id, reason="Plus besoin"))
    assert cancelled.status is PurchaseStatus.CANCELLED
    assert treasury(office, purchase).lines == ()
    asked = office.asked(purchase=purchase.id)
    with pytest.raises(Refused, match="purchase_not_validated"):
        office.world.execute_as("purchasing", asked)
    listed = office.world.do(Listing[PurchaseSummary], ListPartyPurchases(party=office.france.id), "purchasing").items
    assert [each.id for each in listed] == [purchase.id]
