"""A quote without VAT tells why, in its language, as the invoice will (RULES §1.3, QUO-01)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.catalogue.pricing import ProductKind, VatCase, VatCategory
from comptoir.documents.quote_view import quote_view
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.model import LineInput, Order, QuoteView
from comptoir.orders.quote import QuoteSnapshot
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import quote_to_render
from comptoir.parties.model import VatTreatment
from comptoir.parties.snapshot import Language
from tests.unit.orders_support import Desk, open_desk
from tests.unit.test_orders_vat import customer, franchise
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def quoted(desk: Desk, treatment: VatTreatment, language: Language, *kinds: ProductKind) -> QuoteSnapshot:
    """The frozen quote of lines of these kinds, at the rate that the sale gives them."""
    party = desk.customer if treatment is VatTreatment.DOMESTIC else customer(desk, treatment)
    order, version = desk.offer(customer=party.id, language=language)
    lines = tuple(
        LineInput(designation=kind.value, kind=kind, quantity=Decimal(2), unit_price=Decimal("10.55")) for kind in kinds
    )
    desk.world.do(Order, SetOfferLines(order=order.id, lines=lines), if_match=version)
    desk.world.do(QuoteView, GenerateQuote(order=order.id))
    return quote_to_render(desk.world.services, {"company": desk.world.company, "order": order.id, "version": 1})


GOODS, SERVICE, TRANSPORT = ProductKind.GOODS, ProductKind.SERVICE, ProductKind.TRANSPORT
REASONS = {
    Language.FRENCH: "Exonération de TVA, article 262 I du CGI",
    Language.ENGLISH: "VAT exempt, article 262 I of the French tax code",
    Language.SPANISH: "Exención del IVA, artículo 262 I del código fiscal francés",
    Language.GERMAN: "Steuerfreie Ausfuhrlieferung, Artikel 262 I des französischen CGI",
}


@pytest.mark.parametrize("language", Language)
def test_a_quote_without_vat_prints_its_legal_reason(desk: Desk, language: Language) -> None:
    quote = quoted(desk, VatTreatment.EXPORT, language, GOODS, TRANSPORT)
    assert quote_view(quote).mentions[0] == REASONS[language]
    assert {line.vat_category for line in quote.lines} == {VatCategory.EXPORT}
    (row,) = quote.totals.rows
    assert (row.case, row.vatex, row.vat.amount) == (VatCase.EXPORT, "VATEX-EU-G", Decimal(0))
    assert row.base == quote.totals.net
    assert quote.totals.net.amount == Decimal("42.20")


@pytest.mark.parametrize(
    ("treatment", "kinds", "case"),
    [
        (VatTreatment.INTRA_COMMUNITY, (GOODS, SERVICE), VatCase.INTRA_COMMUNITY),
        (VatTreatment.INTRA_COMMUNITY, (SERVICE,), VatCase.SERVICES_IN_UNION),
        (VatTreatment.EXPORT, (SERVICE,), VatCase.SERVICES_OUTSIDE_UNION),
        (VatTreatment.REVERSE_CHARGE, (SERVICE,), VatCase.BUILDING),
        (VatTreatment.DOMESTIC, (GOODS,), None),
    ],
)
def test_the_reason_of_a_quote_is_that_of_its_invoice(
    desk: Desk, treatment: VatTreatment, kinds: tuple[ProductKind, ...], case: VatCase | None
) -> None:
    assert [row.case for row in quoted(desk, treatment, Language.FRENCH, *kinds).totals.rows] == [case]


def test_under_the_franchise_a_quote_says_so(desk: Desk) -> None:
    """CGI art. 293 B: no rate, no VAT, a total without VAT alone."""
    franchise(desk)
    quote = quoted(desk, VatTreatment.DOMESTIC, Language.FRENCH, GOODS)
    view = quote_view(quote)
    assert view.mentions[0] == "TVA non applicable, art. 293 B du CGI"
    assert ("vat" not in [column.key for column in view.columns], view.vat.rows) == (True, ())
    assert [label for label, _ in view.totals] == ["Total HT"]
    assert [row.case for row in quote.totals.rows] == [VatCase.FRANCHISE]


def test_taxed_lines_of_a_quote_abroad_keep_their_rate(desk: Desk) -> None:
    """A rate that was told stands beside the reason of what bears none."""
    order, version = desk.offer(customer=customer(desk, VatTreatment.EXPORT).id)
    taxed = LineInput(designation="A", quantity=Decimal(1), unit_price=Decimal(100), vat_rate=Decimal(20))
    free = LineInput(designation="B", quantity=Decimal(1), unit_price=Decimal(50))
    desk.world.do(Order, SetOfferLines(order=order.id, lines=(taxed, free)), if_match=version)
    desk.world.do(QuoteView, GenerateQuote(order=order.id))
    task = {"company": desk.world.company, "order": order.id, "version": 1}
    content = quote_to_render(desk.world.services, task)
    assert [(row.rate, row.case, row.vat.amount) for row in content.totals.rows] == [
        (Decimal(20), None, Decimal(20)),
        (Decimal(0), VatCase.EXPORT, Decimal(0)),
    ]
    assert content.totals.gross.amount == Decimal(170)
    assert [line.vat_category for line in content.lines] == [VatCategory.STANDARD, VatCategory.EXPORT]
