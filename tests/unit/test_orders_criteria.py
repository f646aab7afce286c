"""CNF-01: each criterion of the confirmation alone, and all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from comptoir.catalogue.pricing import totals
from comptoir.kernel.identity import Address
from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money
from comptoir.orders.criteria import Case, unmet
from comptoir.orders.margins import computed
from comptoir.orders.model import (
    CONFIRMATION,
    INVOICE,
    Milestone,
    Order,
    OrderLine,
    OrderStatus,
    Quote,
    QuoteStatus,
)
from comptoir.orders.quote import QuoteSnapshot
from comptoir.orders.rules import dates
from comptoir.parties.model import Contact, Party, PartyKind
from comptoir.parties.snapshot import Buyer, Language, Seller
from comptoir.treasury.model import PaymentTerm, Treasury, TreasuryStatus
from comptoir.treasury.rules import recompute

IDS = SequentialIds(1)
ADDRESS = Address(lines=("3 place de l'Église",), postcode="29250", city="Saint-Pol-de-Léon")
PARTY = Party(
    id=IDS.new(),
    code="EPICERIE",
    name="Épicerie du Léon",
    kinds=(PartyKind.CUSTOMER,),
    address=ADDRESS,
    tax_number="12 345",
    contacts=(Contact(name="Ana"), Contact(name="Yann", phone="+33 298 11 22 33")),
)
LINE = OrderLine(id=IDS.new(), designation="Fût", quantity=Decimal(3), unit_price=Decimal("33.33"))
OPENED = Order(
    id=IDS.new(),
    customer=PARTY.id,
    customer_name=PARTY.name,
    contact="Yann",
    number="C-000001",
    sales_operator=IDS.new(),
    sales_name="Anne Le Goff",
    created_on=date(2026, 11, 21),
    terms=(
        PaymentTerm(percentage=Decimal("33.3333"), milestone=CONFIRMATION),
        PaymentTerm(percentage=Decimal("66.6667"), milestone=INVOICE),
    ),
    milestones=(
        Milestone(name=CONFIRMATION, forecast=date(2026, 12, 1)),
        Milestone(name=INVOICE, forecast=date(2026, 12, 20)),
    ),
    totals=totals((), "EUR"),
    quotes=1,
)
ORDER = computed(OPENED, [LINE])
NOW = datetime(2026, 11, 21, tzinfo=UTC)
QUOTE = Quote(
    order=ORDER.id,
    version=1,
    number="D-000001-1",
    title="Devis",
    language=Language.FRENCH,
    author="Anne Le Goff",
    created_at=NOW,
    totals=ORDER.totals,
    status=QuoteStatus.READY,
    order_version=2,
    chunks=1,
    snapshot=QuoteSnapshot(
        order=ORDER.id,
        number="D-000001-1",
        version=1,
        issue_date=NOW.date(),
        issued_at=NOW,
        valid_until=NOW.date(),
        language=Language.FRENCH,
        currency="EUR",
        seller=Seller(name="Ponant", legal_line="Ponant", address=ADDRESS),
        buyer=Buyer(name=PARTY.name, address=ADDRESS),
        sales_person="Anne Le Goff",
        lines=(),
        totals=ORDER.totals,
    ),
)


def treasury(order: Order, amount: Money) -> Treasury:
    lines = recompute((), order.terms, dates(order), amount, TreasuryStatus.FORECAST, IDS.new)
    return Treasury(lines=lines)


READY = Case(ORDER, treasury(ORDER, ORDER.totals.gross), QUOTE, PARTY, permitted=True)
Spoil = Callable[[Case], Case]


def with_order(**fields: object) -> Spoil:
    return lambda case: replace(case, order=case.order.change(**fields))


def with_party(**fields: object) -> Spoil:
    return lambda case: replace(case, customer=case.customer and case.customer.change(**fields))


def short_terms(case: Case) -> Case:
    """99.9999 %: short of 100 % by too little for the treasury to differ by more than the tolerance."""
    terms = (*case.order.terms[:1], case.order.terms[1].change(percentage=Decimal("66.6666")))
    return replace(case, order=case.order.change(terms=terms))


def off_by(amount: str) -> Spoil:
    return lambda case: replace(case, treasury=treasury(case.order, case.order.totals.gross + Money.of(amount, "EUR")))


order_link, party_link = f"/orders/{ORDER.id}", f"/parties/{PARTY.id}"
SPOILS: dict[str, tuple[Spoil, str, str, str]] = {
    "permission": (
        lambda case: replace(case, permitted=False),
        "confirmation_not_permitted",
        "/permissions/confirm_order",
        "/me",
    ),
    "status": (with_order(status=OrderStatus.CONFIRMED), "not_an_offer", "/status", order_link),
    "no quote": (lambda case: replace(case, quote=None), "quote_missing", "/quotes", f"{order_link}/quotes"),
    "quote without its PDF": (
        lambda case: replace(case, quote=QUOTE.change(status=QuoteStatus.PENDING)),
        "quote_missing",
        "/quotes",
        f"{order_link}/quotes",
    ),
    "terms": (short_terms, "terms_not_100", "/terms", order_link),
    "milestone without date": (
        with_order(milestones=(ORDER.milestones[0], Milestone(name=INVOICE))),
        "term_without_date",
        "/milestones/1/forecast",
        order_link,
    ),
    "term without milestone": (
        with_order(milestones=ORDER.milestones[:1]),
        "term_without_date",
        "/terms/1/milestone",
        order_link,
    ),
    "treasury above": (off_by("0.11"), "treasury_differs", "/lines", f"{order_link}/treasury"),
    "treasury below": (off_by("-0.11"), "treasury_differs", "/lines", f"{order_link}/treasury"),
    "address": (with_party(address=ADDRESS.change(lines=())), "customer_address", "/address/lines", party_link),
    "town": (
        with_party(address=ADDRESS.change(postcode=None, city=None)),
        "customer_town",
        "/address/postcode",
        party_link,
    ),
    "tax number": (with_party(tax_number=None), "customer_tax_number", "/tax_number", party_link),
    "no contact": (with_order(contact="Nobody"), "contact_missing", "/contact", order_link),
    "contact out of reach": (with_order(contact="Ana"), "contact_unreachable", "/contacts/0/phone", party_link),
    "customer gone": (
        lambda case: replace(case, customer=None),
        "unknown_customer",
        "/customer",
        order_link,
    ),
}


def test_an_order_that_meets_every_criterion_is_ready() -> None:
    assert unmet(READY) == ()


@pytest.mark.parametrize("name", SPOILS)
def test_each_criterion_fails_alone_and_says_what_to_mend(name: str) -> None:
    """CNF-01: code, French and English sentence, link to the resource and its field."""
    spoil, code, pointer, link = SPOILS[name]
    [breach] = unmet(spoil(READY))
    assert (breach.code, breach.pointer, breach.link) == (code, pointer, link)
    assert breach.fr
    assert breach.en
    assert breach.fr != breach.en


@pytest.mark.parametrize("amount", ["0.10", "-0.10"])
def test_the_treasury_may_differ_by_ten_cents(amount: str) -> None:
    """CNF-01 criterion 4: ± 0.10."""
    assert unmet(off_by(amount)(READY)) == ()


def test_lines_outside_products_do_not_count() -> None:
    """CNF-01 criterion 4: a deposit outside the requested products leaves the balance."""
    line = READY.treasury.lines[0].change(id=IDS.new(), amount=Money.of(500, "EUR"), outside_products=True)
    assert unmet(replace(READY, treasury=Treasury(lines=(*READY.treasury.lines, line)))) == ()


@pytest.mark.parametrize("reach", [{"other_phones": ("+33 298 11 22 33",)}, {"other_emails": ("ana@odet.example",)}])
def test_any_phone_or_mail_of_the_contact_will_do(reach: dict[str, tuple[str, ...]]) -> None:
    """CNF-01 criterion 5, PTY-01."""
    party = with_party(contacts=(Contact.model_validate({"name": "Yann", **reach}),))
    assert unmet(party(READY)) == ()


def test_a_cancelled_order_is_told_that_it_is_no_offer_and_nothing_of_its_treasury() -> None:
    """CNF-01 criterion 4 is of requests that are not over."""
    over = replace(READY, order=READY.order.change(status=OrderStatus.CANCELLED), treasury=Treasury())
    assert [breach.code for breach in unmet(over)] == ["not_an_offer"]


def test_a_private_person_needs_no_tax_number() -> None:
    assert unmet(with_party(tax_number=None, professional=False)(READY)) == ()


def test_every_criterion_is_told_at_once() -> None:
    """CNF-01: all evaluated at once, never only the first."""
    names = ["permission", "status", "no quote", "terms", "term without milestone", "treasury above", "no contact"]
    case = READY
    for name in [*names, "address", "town", "tax number"]:
        case = SPOILS[name][0](case)
    case = with_party(address=Address())(case)
    assert [breach.code for breach in unmet(case)] == [
        "confirmation_not_permitted",
        "not_an_offer",
        "quote_missing",
        "terms_not_100",
        "term_without_date",
        "treasury_differs",
        "customer_address",
        "customer_town",
        "customer_tax_number",
        "contact_missing",
    ]
