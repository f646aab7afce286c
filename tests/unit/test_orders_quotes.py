"""Quotes through `execute`: frozen versions, rendering resumed, files (QUO-01, QUO-02)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.access.items import COMPANY
from comptoir.access.queries import Listing
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.items import QUOTE
from comptoir.orders.model import (
    QuoteStatus,
    QuoteView,
)
from comptoir.orders.queries import (
    ListQuotes,
    QuoteLink,
    ReadQuote,
)
from comptoir.orders.quoting import GenerateQuote, PreviewQuote
from comptoir.orders.tasks import quote_rendered, quote_to_render
from comptoir.store import keys
from tests.unit.orders_support import Desk, inputs, open_desk, refused, update
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_a_quote_freezes_what_the_offer_was(desk: Desk) -> None:
    """QUO-01, QUO-02: number, dates, both sides, terms in words, instalments, every line."""
    order, _ = desk.quoted(*["1.10"] * 250, message="Bonjour")
    view = desk.world.do(QuoteLink, ReadQuote(order=order.id))
    assert (view.quote.number, view.quote.status, view.quote.title) == ("D-000001-1", QuoteStatus.READY, "Devis")
    assert view.url == "https://files.example/quotes/D-000001-1.pdf"
    task = {"company": desk.world.company, "order": order.id, "version": 1}
    content = quote_to_render(desk.world.services, task)
    assert [line.position for line in content.lines] == list(range(1, 251))
    assert (content.totals, content.message) == (order.totals, "Bonjour")
    assert (content.issue_date, content.valid_until) == (date(2026, 11, 21), date(2026, 12, 21))
    assert [term.replace("\u00a0", " ") for term in content.terms] == [
        "30 % à la commande",
        "le solde à 45 jours fin de mois",
    ]
    assert sum(step.amount.amount for step in content.instalments) == order.totals.gross.amount
    assert content.seller.legal_line.startswith("COMPTOIR DU PONANT, SAS")
    assert (content.buyer.name, content.sales_person) == (desk.customer.name, order.sales_name)


def test_each_generation_is_a_version_and_the_last_one_counts(desk: Desk) -> None:
    """QUO-02: a later change leaves earlier versions as they were."""
    order, version = desk.quoted("100.00")
    entered = tuple(line.change(unit_price=Decimal(200)) for line in inputs(desk, order))
    desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=entered), version)
    reply = desk.world.execute_as("manager", GenerateQuote(order=order.id, proforma=True, comment="Second envoi"))
    assert reply.status == 201
    last = QuoteView.model_validate_json(reply.body)
    assert (last.version, last.title, last.comment) == (2, "Facture pro forma", "Second envoi")
    listed = desk.world.do(Listing[QuoteView], ListQuotes(order=order.id))
    assert [(quote.version, quote.totals.net.amount) for quote in listed.items] == [
        (2, Decimal(200)),
        (1, Decimal(100)),
    ]
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id)).quote == last
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id, version=1)).quote.number == "D-000001-1"


def test_a_quote_may_hold_until_a_day_of_its_own(desk: Desk) -> None:
    """QUO-01: the validity date of the company's quotes, or the one that was promised; never one that is past."""
    order, _ = desk.offer("100.00")
    asked = GenerateQuote(order=order.id, valid_until=date(2027, 3, 31))
    desk.world.execute_as("manager", asked)
    task = {"company": desk.world.company, "order": order.id, "version": 1}
    assert quote_to_render(desk.world.services, task).valid_until == date(2027, 3, 31)
    for request in (GenerateQuote, PreviewQuote):
        past = request(order=order.id, valid_until=date(2026, 11, 20))
        assert refused(desk, past) == [("date_past", "/valid_until")]
    empty, _ = desk.offer()
    past = GenerateQuote(order=empty.id, valid_until=date(2026, 11, 20))
    assert refused(desk, past) == [("no_lines", "/lines"), ("date_past", "/valid_until")]


def test_a_quote_says_insurance_and_approved_association_of_who_sells(desk: Desk) -> None:
    """QUO-01, ACC-08: on quotes as on invoices (loi 96-603 art. 22-2), in the quote's language."""
    insured = "Assurance professionnelle : Bretagne Assurances, 1 quai, Brest — France entière"
    key = keys.company(desk.world.company)
    company = desk.world.services.store.require(COMPANY, key).value
    identity = company.identity.change(insurance=insured, approved_association=True)
    desk.world.services.store.transact(lambda tx: tx.put(COMPANY, key, company.change(identity=identity)))
    task = {"company": desk.world.company, "version": 1}
    for language, said in (("fr", "Membre d'une association agréée"), ("en", "Member of an approved association")):
        order, _ = desk.quoted("100.00", language=language)
        mentions = quote_to_render(desk.world.services, task | {"order": order.id}).mentions
        assert mentions[0] == insured
        assert mentions[1].startswith(said)


def test_asking_again_resumes_the_version_whose_pdf_is_missing(desk: Desk) -> None:
    """A rendering that failed makes no second version."""
    order, _ = desk.offer("100.00")
    desk.renderer.broken = True
    with pytest.raises(RuntimeError):
        desk.world.execute_as("manager", GenerateQuote(order=order.id))
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id)).url is None
    desk.renderer.broken = False
    reply = desk.world.execute_as("manager", GenerateQuote(order=order.id))
    assert (reply.status, QuoteView.model_validate_json(reply.body).version) == (201, 1)
    assert QuoteView.model_validate_json(reply.body).file is not None


def test_a_changed_offer_is_not_resumed_but_quoted_anew(desk: Desk) -> None:
    order, version = desk.offer("100.00")
    desk.renderer.broken = True
    with pytest.raises(RuntimeError):
        desk.world.execute_as("manager", GenerateQuote(order=order.id))
    desk.renderer.broken = False
    desk.world.execute_as("manager", update(order, message="Autre"), version + 1)
    assert desk.world.do(QuoteView, GenerateQuote(order=order.id)).version == 2


def test_a_repeated_request_makes_one_quote(desk: Desk) -> None:
    order, _ = desk.offer("100.00")
    first, again = (
        desk.world.execute_as("manager", GenerateQuote(order=order.id), idempotency_key="once") for _ in range(2)
    )
    assert first == again
    assert desk.renderer.rendered == ["D-000001-1"]


def test_the_first_file_of_a_quote_stays(desk: Desk) -> None:
    """Rendering twice changes nothing."""
    order, _ = desk.quoted("100.00")
    before = desk.world.do(QuoteLink, ReadQuote(order=order.id)).quote
    event = {"company": desk.world.company, "order": order.id, "version": 1}
    quote_rendered(desk.world.services, event, "quotes/other.pdf", "0" * 64, 1)
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id)).quote == before


def test_an_empty_offer_has_no_quote(desk: Desk) -> None:
    order, _ = desk.offer()
    assert refused(desk, GenerateQuote(order=order.id)) == [("no_lines", "/lines")]


def test_what_works_need_is_kept_with_the_offer_and_frozen_in_the_quote(desk: Desk) -> None:
    """QUO-01, RULES §1.5: the place and the price of the quote itself."""
    order, _ = desk.quoted("100.00", works={"place": "14 rue des Glénan, Brest", "fee": "45"})
    assert order.works is not None
    key = keys.quote(desk.world.company, order.id, 1)
    frozen = desk.world.services.store.require(QUOTE, key).value.snapshot
    assert frozen.works == order.works
