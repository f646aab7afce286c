"""Signed quotes, amendments, right of withdrawal, previews (QUO-04, QUO-05, DOC-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.queries import Listing
from comptoir.catalogue.pricing import ProductKind
from comptoir.docbase.model import FiledView, FileKind, FileLink
from comptoir.docbase.previewing import Preview
from comptoir.docbase.queries import ListOrderFiles, OpenOrderFile
from comptoir.invoicing.commands import CreateInvoice
from comptoir.invoicing.model import DirectLine, Document
from comptoir.invoicing.previewing import PreviewDraft
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.milestones import DELIVERY
from comptoir.orders.model import LineInput, Milestone, Order, QuoteView
from comptoir.orders.queries import Criteria, ReadConfirmationCriteria
from comptoir.orders.quote import QuoteSnapshot
from comptoir.orders.quoting import GenerateQuote, PreviewQuote
from comptoir.orders.signing import SignQuote
from comptoir.orders.tasks import quote_rendered, quote_to_render
from comptoir.orders.withdrawal import last_day
from tests.unit.orders_support import (
    MILESTONES,
    TERMS,
    Desk,
    change_customer,
    codes,
    head,
    inputs,
    open_desk,
    refusal,
    refused,
    update,
)
from tests.world import World

SIGNED = date(2026, 11, 21)


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def sign(desk: Desk, order: Order, version: int = 1, **fields: Any) -> QuoteView:
    given: dict[str, Any] = {"signed_on": SIGNED, "signatory": "Jeanne Morvan"} | fields
    return desk.world.do(QuoteView, SignQuote(order=order.id, version=version, **given))


def content(desk: Desk, order: Order, version: int) -> QuoteSnapshot:
    task = {"company": desk.world.company, "order": order.id, "version": version}
    return quote_to_render(desk.world.services, task)


def unmet(desk: Desk, order: Order) -> list[str]:
    found = desk.world.do(Criteria, ReadConfirmationCriteria(order=order.id))
    return [breach.code for breach in found.breaches]


def set_price(desk: Desk, order: Order, price: str) -> None:
    lines = tuple(line.change(unit_price=Decimal(price)) for line in inputs(desk, order))
    desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), head(desk, order).version)


def test_a_signed_quote_confirms_the_order_as_it_was_signed(desk: Desk) -> None:
    """QUO-04: when, who and by whom it was recorded; asked again it answers the same."""
    order, _ = desk.quoted("100.00")
    signed = sign(desk, order)
    assert signed.signature is not None
    assert (signed.signature.signed_on, signed.signature.signatory) == (SIGNED, "Jeanne Morvan")
    assert sign(desk, order) == signed
    assert unmet(desk, order) == []
    desk.confirm(order, head(desk, order).version or 0)


def test_after_the_signature_a_change_needs_a_signed_amendment(desk: Desk) -> None:
    """QUO-04: the amendment refers to the signed quote, and counts once it is signed itself."""
    order, _ = desk.quoted("100.00")
    sign(desk, order)
    set_price(desk, order, "120.00")
    assert unmet(desk, order) == ["amendment_unsigned"]
    error = refusal(desk, ConfirmOrder(order=order.id), head(desk, order).version)
    assert "amendment_unsigned" in codes(error)
    amendment = desk.world.do(QuoteView, GenerateQuote(order=order.id))
    assert (amendment.number, amendment.title, amendment.amends) == ("A-000001-2", "Avenant", 1)
    amends = content(desk, order, 2).amends
    assert amends is not None
    assert (amends.number, amends.signed_on) == ("D-000001-1", SIGNED)
    assert unmet(desk, order) == ["amendment_unsigned"]
    sign(desk, order, 2)
    assert unmet(desk, order) == []
    desk.confirm(order, head(desk, order).version or 0)


@pytest.mark.parametrize("change", ["quantity", "designation", "terms"])
def test_any_change_of_what_was_agreed_on_counts(desk: Desk, change: str) -> None:
    """QUO-04: other products at the same total too; going back to what was signed needs nothing."""
    order, _ = desk.quoted("100.00")
    sign(desk, order)
    version = head(desk, order).version
    if change == "terms":
        desk.world.execute_as("manager", update(order, terms=tuple(reversed(TERMS))), version)
    else:
        values = {"quantity": Decimal(2), "designation": "Autre article"}
        changed = tuple(
            line.change(**{change: values[change]}, unit_price=Decimal(50 if change == "quantity" else 100))
            for line in inputs(desk, order)
        )
        desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=changed), version)
    assert "amendment_unsigned" in unmet(desk, order)


def test_going_back_to_what_was_signed_needs_no_amendment(desk: Desk) -> None:
    """QUO-04: nor does a pro forma after the signature, which changes nothing."""
    order, _ = desk.quoted("100.00")
    sign(desk, order)
    set_price(desk, order, "120.00")
    set_price(desk, order, "100.00")
    proforma = desk.world.do(QuoteView, GenerateQuote(order=order.id, proforma=True))
    assert (proforma.number, proforma.amends) == ("D-000001-2", None)
    assert unmet(desk, order) == []


def test_only_the_last_quote_of_an_offer_can_be_signed(desk: Desk) -> None:
    """QUO-02: the last version counts; a pro forma, an unrendered or an earlier one is not signed."""
    order, _ = desk.quoted("100.00")
    desk.world.do(QuoteView, GenerateQuote(order=order.id))
    given = {"signed_on": SIGNED, "signatory": "J. M."}
    assert codes(refusal(desk, SignQuote(order=order.id, version=1, **given))) == ["quote_not_signable"]
    desk.world.do(QuoteView, GenerateQuote(order=order.id, proforma=True))
    assert codes(refusal(desk, SignQuote(order=order.id, version=3, **given))) == ["quote_not_signable"]
    assert codes(refusal(desk, SignQuote(order=order.id, version=9, **given))) == ["not_found"]


def test_a_signature_has_a_true_date_and_a_copy_of_this_order(desk: Desk) -> None:
    order, _ = desk.quoted("100.00")
    wrong = SignQuote(order=order.id, version=1, signed_on=date(2026, 11, 22), signatory="J. M.", file="7" * 26)
    assert refused(desk, wrong) == [("signature_date", "/signed_on"), ("signed_copy_unknown", "/file")]
    sign(desk, order)
    other = SignQuote(order=order.id, version=1, signed_on=SIGNED, signatory="Somebody else")
    assert codes(refusal(desk, other)) == ["quote_already_signed"]


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (date(2026, 11, 10), date(2026, 11, 24)),
        (date(2026, 11, 21), date(2026, 12, 7)),
        (date(2026, 12, 11), date(2026, 12, 28)),
        (date(2027, 3, 15), date(2027, 3, 30)),
        (date(2027, 4, 22), date(2027, 5, 7)),
        (date(2027, 5, 3), date(2027, 5, 18)),
        (date(2028, 2, 15), date(2028, 2, 29)),
    ],
)
def test_the_period_of_withdrawal_ends_on_a_working_day(start: date, until: date) -> None:
    """QUO-05, C. conso. L221-19: fourteen days, on over weekends, Christmas, Easter Monday, Ascension, Whit Monday."""
    assert last_day(start) == until


def test_a_consumer_at_a_distance_is_told_the_date(desk: Desk) -> None:
    """QUO-05: from the reception of goods, on its forecast date, else from the acceptance; never for a professional."""
    delivery = (*MILESTONES, Milestone(name=DELIVERY, forecast=date(2026, 12, 4)))
    order, _ = desk.quoted("100.00", distance_selling=True, milestones=delivery)
    assert content(desk, order, 1).withdrawal is None
    change_customer(desk, professional=False, siren=None, vat_number=None)
    desk.world.do(QuoteView, GenerateQuote(order=order.id))
    right = content(desk, order, 2).withdrawal
    assert right is not None
    assert (right.goods, right.start, right.until) == (True, date(2026, 12, 4), date(2026, 12, 18))
    signed = sign(desk, order, 2)
    assert signed.signature is not None
    assert signed.signature.withdrawal_until == date(2026, 12, 18)
    service = LineInput(designation="Conseil", kind=ProductKind.SERVICE, quantity=Decimal(1), unit_price=Decimal(90))
    desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=(service,)), head(desk, order).version)
    desk.world.do(QuoteView, GenerateQuote(order=order.id))
    right = content(desk, order, 3).withdrawal
    assert right is not None
    assert (right.goods, right.start, right.until) == (False, SIGNED, date(2026, 12, 7))


def test_versions_stand_in_the_document_base_newest_first(desk: Desk) -> None:
    """DOC-01, DOC-02: type, title, comment, language, author, date, version, hash, size, and a short-lived link."""
    order, _ = desk.quoted("100.00")
    desk.world.do(QuoteView, GenerateQuote(order=order.id, proforma=True, comment="Pour la douane"))
    listed = desk.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items
    assert [(file.kind, file.title, file.comment, file.version) for file in listed] == [
        (FileKind.PROFORMA, "Facture pro forma D-000001-2", "Pour la douane", 2),
        (FileKind.QUOTE, "Devis D-000001-1", None, 1),
    ]
    assert (listed[0].author, listed[0].language) == ("Opérateur manager", order.language)
    assert listed[0].size > 0
    link = desk.world.do(FileLink, OpenOrderFile(order=order.id, file=listed[0].id))
    assert link.url == "https://files.example/quotes/D-000001-2.pdf"
    task = {"company": desk.world.company, "order": order.id, "version": 2}
    quote_rendered(desk.world.services, task, "again.pdf", "0" * 64, 1)
    assert desk.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items == listed


@dataclass
class Previews:
    """A render function that keeps what it is asked."""

    tasks: list[Mapping[str, Any]] = field(default_factory=list)

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        self.tasks.append(task)
        return {"outcome": "rendered", "key": "previews/one.pdf"}


def test_a_preview_leaves_no_trace(desk: Desk) -> None:
    """DOC-02: quote, pro forma and draft of an invoice; no item is written, no version or number is taken."""
    order, _ = desk.offer("100.00", "50.00")
    previews = Previews()
    world = desk.world
    terms = tuple(term.change(milestone="invoice") for term in TERMS)
    line = DirectLine(designation="Conseil", quantity=Decimal(1), unit_price=Decimal(10))
    draft = world.do(Document, CreateInvoice(customer=desk.customer.id, terms=terms, lines=(line,)))
    world.services = replace(world.services, renderer=previews)
    backend: Any = world.services.store.backend
    before = repr(sorted(backend._items.items())) + repr(backend._counters)
    for request in (
        PreviewQuote(order=order.id),
        PreviewQuote(order=order.id, proforma=True),
        PreviewDraft(document=draft.id),
    ):
        assert world.do(Preview, request).url == "https://files.example/previews/one.pdf"
    assert repr(sorted(backend._items.items())) + repr(backend._counters) == before
    drawn = QuoteSnapshot.model_validate(previews.tasks[0]["content"])
    assert (len(drawn.lines), drawn.preview, previews.tasks[2]["kind"]) == (2, True, "document")
