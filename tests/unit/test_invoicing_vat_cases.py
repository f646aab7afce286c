"""RULES §1.3, INV-03, CAT-06: each case in which no VAT is charged: when it applies, its codes, what it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.access.items import COMPANY
from comptoir.access.model import Company, VatRegime
from comptoir.catalogue.pricing import ProductKind, VatCase, VatCategory
from comptoir.catalogue.vat_cases import CASES, MARGIN, category_of, row_of
from comptoir.catalogue.vat_sales import Place, Sale, fits, place_of, zero_case
from comptoir.invoicing.editing import UpdateDraft
from comptoir.invoicing.model import DirectLine
from comptoir.invoicing.snapshot import Period
from comptoir.invoicing.taxing import settled
from comptoir.kernel.identity import Address
from comptoir.parties.model import VatTreatment
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from tests.unit.invoicing_support import Shop, codes, line, open_shop
from tests.unit.mention_samples import Facts
from tests.unit.test_invoicing_mentions import suppose

TODAY = date(2026, 11, 21)
BERLIN = Address(lines=("Hafenstraße 1",), postcode="10115", city="Berlin", country="DE")
BOSTON = Address(lines=("1 Harbor Way",), postcode="02110", city="Boston", country="US")


def goods(**fields: Any) -> DirectLine:
    return line(rate="0", **fields)


def service(**fields: Any) -> DirectLine:
    return line(rate="0", **{"kind": ProductKind.SERVICE, **fields})


GERMAN: Facts = {
    "address": BERLIN,
    "siren": None,
    "vat_number": "DE123456788",
    "vat_checked_on": date(2026, 11, 20),
    "vat_treatment": VatTreatment.INTRA_COMMUNITY,
    "delivery_date": date(2026, 11, 18),
}
AMERICAN: Facts = {"address": BOSTON, "siren": None, "vat_treatment": VatTreatment.EXPORT, "vat_number": None}
BUILDER: Facts = {
    "siren": "552100554",
    "vat_number": "FR96552100554",
    "vat_treatment": VatTreatment.REVERSE_CHARGE,
}
FRANCHISE: Facts = {"vat_regime": VatRegime.FRANCHISE, "vat_number_of_seller": None}


@dataclass(frozen=True)
class Applied:
    """A case under test: facts under which it applies, its codes and French mention, and what lacks under others."""

    facts: Facts
    category: VatCategory
    vatex: str
    says: str
    lacks: dict[str, Facts] = field(default_factory=dict)


def margin(case: VatCase, vatex: str, says: str) -> Applied:
    lines = {"lines": (goods(vat_case=case),)}
    return Applied(lines, VatCategory.EXEMPT, vatex, says, {"vat_case_unfit": lines | FRANCHISE})


NO_SELLER = {"vat_number_of_seller": None}
VAT_CASES: dict[VatCase, Applied] = {
    VatCase.FRANCHISE: Applied(
        FRANCHISE | {"lines": (goods(), service())},
        VatCategory.EXEMPT,
        "VATEX-FR-FRANCHISE",
        "TVA non applicable, art. 293 B du CGI",
        {"vat_in_franchise": FRANCHISE | {"lines": (line(),)}},
    ),
    VatCase.BUILDING: Applied(
        BUILDER | {"lines": (service(),)},
        VatCategory.REVERSE_CHARGE,
        "VATEX-EU-AE",
        "Autoliquidation – Montant hors taxe (art. 283-2 nonies du CGI)",
        {
            "buyer_vat_number": BUILDER | {"vat_number": None, "lines": (service(),)},
            "seller_vat_number": BUILDER | NO_SELLER | {"lines": (service(),)},
            "zero_vat_without_reason": BUILDER | {"lines": (goods(),)},
            "vat_case_unfit": GERMAN | {"lines": (service(vat_case=VatCase.BUILDING),)},
        },
    ),
    VatCase.SERVICES_IN_UNION: Applied(
        GERMAN | {"lines": (service(), service(kind=ProductKind.TRANSPORT))},
        VatCategory.REVERSE_CHARGE,
        "VATEX-EU-AE",
        "Autoliquidation (art. 283-2 du CGI)",
        {
            "buyer_vat_number": GERMAN | {"vat_number": None, "vat_checked_on": None, "lines": (service(),)},
            "seller_vat_number": GERMAN | NO_SELLER | {"lines": (service(),)},
            "vat_number_of_other_state": GERMAN | {"vat_number": "FR96552100554", "lines": (service(),)},
            "zero_vat_without_reason": GERMAN | {"professional": False, "vat_number": None, "lines": (service(),)},
        },
    ),
    VatCase.INTRA_COMMUNITY: Applied(
        GERMAN | {"lines": (goods(), service(kind=ProductKind.TRANSPORT))},
        VatCategory.INTRA_COMMUNITY,
        "VATEX-EU-IC",
        "Exonération de TVA, article 262 ter I du CGI",
        {
            "buyer_vat_number": GERMAN | {"vat_number": None, "vat_checked_on": None, "lines": (goods(),)},
            "seller_vat_number": GERMAN | NO_SELLER | {"lines": (goods(),)},
            "vat_number_unchecked": GERMAN | {"vat_checked_on": None, "lines": (goods(),)},
            "vat_number_of_other_state": GERMAN | {"vat_number": "FR96552100554", "lines": (goods(),)},
            "delivery_outside_eu": GERMAN | {"delivery_address": BOSTON, "lines": (goods(),)},
            "delivery_date_missing": GERMAN | {"delivery_date": None, "lines": (goods(),)},
        },
    ),
    VatCase.EXPORT: Applied(
        AMERICAN | {"lines": (goods(), service())},
        VatCategory.EXPORT,
        "VATEX-EU-G",
        "Exonération de TVA, article 262 I du CGI",
        {"export_inside_eu": AMERICAN | {"delivery_address": BERLIN, "lines": (goods(),)}},
    ),
    VatCase.SERVICES_OUTSIDE_UNION: Applied(
        AMERICAN | {"lines": (service(),)},
        VatCategory.OUTSIDE_SCOPE,
        "VATEX-EU-O",
        "TVA non applicable – art. 259-1 du CGI",
        {
            "outside_scope_alone": AMERICAN | {"lines": (service(), line(kind=ProductKind.SERVICE))},
            "zero_vat_without_reason": AMERICAN | {"professional": False, "lines": (service(),)},
        },
    ),
    VatCase.SECOND_HAND: margin(VatCase.SECOND_HAND, "VATEX-EU-F", "Régime particulier - Biens d'occasion"),
    VatCase.WORKS_OF_ART: margin(VatCase.WORKS_OF_ART, "VATEX-EU-I", "Régime particulier - Objets d'art"),
    VatCase.ANTIQUES: margin(
        VatCase.ANTIQUES, "VATEX-EU-J", "Régime particulier - Objets de collection et d'antiquité"
    ),
    VatCase.TRAVEL_AGENCY: margin(VatCase.TRAVEL_AGENCY, "VATEX-EU-D", "Régime particulier - Agences de voyages"),
}


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def test_cat_06_every_case_is_under_test_and_has_its_article() -> None:
    """But the credit note that keeps the VAT, which no invoice is."""
    assert [row.case for row in CASES] == [*VAT_CASES, VatCase.VAT_KEPT]
    assert all(row.source for row in CASES)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", VAT_CASES)
def test_inv_03_a_case_is_decided_printed_and_frozen(shop: Shop, case: VatCase, language: Language) -> None:
    """Its category on every line, its VATEX code and mention on the one row of it, no VAT, in each language."""
    applied = VAT_CASES[case]
    [issued] = shop.issued(suppose(shop, applied.facts | {"language": language}).document)
    content = shop.snapshot(issued)
    [row] = content.totals.rows
    assert (row.case, row.category, row.vatex, row.rate) == (case, applied.category, applied.vatex, Decimal(0))
    assert {each.vat_category for each in content.lines} == {applied.category}
    assert not content.totals.vat
    assert row.exemption
    assert (row.exemption == applied.says) == (language is Language.FRENCH)
    assert issued.totals == content.totals


LACKING = [(case, breach) for case, applied in VAT_CASES.items() for breach in applied.lacks]


@pytest.mark.parametrize(("case", "breach"), LACKING, ids=[f"{case}-{breach}" for case, breach in LACKING])
def test_inv_03_a_case_that_lacks_something_is_refused(shop: Shop, case: VatCase, breach: str) -> None:
    """And nothing else is said; with what it needs the same document is issued."""
    refused = suppose(shop, VAT_CASES[case].lacks[breach])
    [outcome] = shop.issue(refused.document)
    assert {each.code for each in outcome.breaches} == {breach}
    assert all(each.pointer and each.fr != each.en for each in outcome.breaches)
    assert shop.entries() == []


def test_inv_03_a_period_dates_an_intra_community_supply_too(shop: Shop) -> None:
    """EN 16931 BR-IC-11: a delivery date, or a period."""
    facts = GERMAN | {"delivery_date": None, "lines": (goods(),)}
    period = Period(start=date(2026, 11, 1), end=date(2026, 11, 15))
    [issued] = shop.issued(suppose(shop, facts | {"period": period}).document)
    assert shop.snapshot(issued).period == period


def test_inv_03_a_credit_note_keeps_the_dates_of_its_invoice(shop: Shop) -> None:
    """242 nonies A, I 10°; BR-IC-11 holds for it too."""
    [invoice] = shop.issued(suppose(shop, GERMAN | {"lines": (goods(),)}).document)
    note = shop.credit(invoice)
    assert note.delivery_date == date(2026, 11, 18)
    undated = shop.do(UpdateDraft(document=note.id, delivery_date=None), if_match=1)
    assert codes(shop.issue(undated)) == [["delivery_date_missing"]]


def test_inv_03_one_invoice_gives_one_reason_of_a_category(shop: Shop) -> None:
    """Two margin schemes are two invoices: an electronic one has one row of category E (BR-E-01)."""
    lines = (goods(vat_case=VatCase.SECOND_HAND), goods(vat_case=VatCase.WORKS_OF_ART))
    assert codes(shop.issue(suppose(shop, {"lines": lines}).document)) == [["vat_cases_mixed"]]


def test_inv_03_a_margin_line_stands_beside_lines_that_are_taxed(shop: Shop) -> None:
    lines = (goods(vat_case=VatCase.SECOND_HAND), line("50"))
    [issued] = shop.issued(suppose(shop, {"lines": lines}).document)
    rows = shop.snapshot(issued).totals.rows
    assert [(row.rate, row.case, row.vat.amount) for row in rows] == [
        (Decimal(20), None, Decimal("10.00")),
        (Decimal(0), VatCase.SECOND_HAND, Decimal("0.00")),
    ]


def test_inv_03_a_named_case_needs_a_rate_of_zero(shop: Shop) -> None:
    lines = (line(vat_case=VatCase.SECOND_HAND),)
    assert codes(shop.issue(suppose(shop, {"lines": lines}).document)) == [["vat_case_needs_zero"]]


def test_inv_03_a_document_may_name_the_case_of_its_lines(shop: Shop) -> None:
    """Subcontracted building work for a customer that is otherwise domestic."""
    facts = BUILDER | {"vat_treatment": VatTreatment.DOMESTIC, "vat_case": VatCase.BUILDING, "lines": (service(),)}
    [issued] = shop.issued(suppose(shop, facts).document)
    assert [row.case for row in shop.snapshot(issued).totals.rows] == [VatCase.BUILDING]


def test_inv_03_the_mention_of_the_tax_code_ends_with_june_2028() -> None:
    """RULES, calendar trap 2: after it a row of the CIBS has to be there, else nothing is issued."""
    for case in VatCase:
        row = row_of(case, date(2028, 6, 30))
        assert row is not None
        assert (row_of(case, date(2028, 7, 1)) is None) == ("CGI" in row.words.fr)


def test_a_line_without_a_rate_has_that_of_its_sale(shop: Shop) -> None:
    """Standard for a domestic sale, none for an export or under the franchise: nobody charges VAT by mistake."""
    entered = DirectLine(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(10))
    assert shop.draft(entered).lines[0].priced.vat_rate == 20
    suppose(shop, AMERICAN)
    draft = shop.draft(entered)
    assert (draft.lines[0].priced.vat_rate, draft.totals.rows[0].case) == (Decimal(0), VatCase.EXPORT)
    suppose(shop, FRANCHISE)
    draft = shop.draft(entered)
    assert (draft.lines[0].priced.vat_rate, draft.totals.rows[0].case) == (Decimal(0), VatCase.FRANCHISE)


def test_a_draft_shows_its_case_and_follows_what_changes_until_it_is_issued(shop: Shop) -> None:
    draft = shop.draft(goods())
    assert draft.totals.rows[0].case is None
    case = suppose(shop, AMERICAN)
    [issued] = shop.issued(draft)
    assert case.customer.vat_treatment is VatTreatment.EXPORT
    assert issued.totals.rows[0].case is VatCase.EXPORT


entered = st.lists(
    st.builds(
        lambda price, quantity, rate, kind: line(price, quantity, rate, kind=kind),
        st.decimals("0.01", "9999", places=2),
        st.decimals("0.01", "99", places=2),
        st.sampled_from(["20", "5.5", "0", "0"]),
        st.sampled_from(ProductKind),
    ),
    min_size=1,
    max_size=8,
)


@given(entered, st.sampled_from(VatTreatment), st.sampled_from(["FR", "DE", "US"]), st.booleans())
def test_inv_04_settling_a_draft_moves_no_amount(
    lines: list[DirectLine], treatment: VatTreatment, country: str, franchise: bool
) -> None:
    """Whatever the case: the same totals, every net in exactly one row, VAT of each rate on the sum of its nets."""
    shop = _SHOP
    draft = shop.draft(*lines)
    regime = VatRegime.FRANCHISE if franchise else VatRegime.NORMAL
    company: Company = shop.world.services.store.require(COMPANY, keys.company(shop.world.company)).value
    customer = shop.customer.change(vat_treatment=treatment, address=shop.customer.address.change(country=country))
    after = settled(company.change(identity=company.identity.change(vat_regime=regime)), customer, draft, TODAY)
    assert (after.totals.net, after.totals.vat, after.totals.gross) == (
        draft.totals.net,
        draft.totals.vat,
        draft.totals.gross,
    )
    for row in after.totals.rows:
        nets = [
            each.priced.net.amount
            for each in after.lines
            if (each.priced.vat_category, each.priced.vat_rate) == (row.category, row.rate)
        ]
        assert row.base.amount == sum(nets)
        assert row.vat == row.base.percent(row.rate)
    assert sum(row.base.amount for row in after.totals.rows) == sum(each.priced.net.amount for each in after.lines)
    assert settled(company, customer, after, TODAY) == settled(company, customer, draft, TODAY)


_SHOP = open_shop()

sales = st.builds(Sale, st.booleans(), st.sampled_from(VatTreatment), st.sampled_from(Place), st.booleans())
kinds = st.sets(st.sampled_from(ProductKind), min_size=1)


@given(sales, kinds)
def test_what_a_sale_says_fits_it(sale: Sale, sold: set[ProductKind]) -> None:
    """A decided case fits; goods are never outside the scope, services alone are never exempt supplies of goods."""
    case = zero_case(sale, sold)
    if case is None:
        assert not sale.franchise
        return
    assert fits(case, sale)
    assert case not in MARGIN
    if ProductKind.GOODS in sold:
        assert category_of(case) is not VatCategory.OUTSIDE_SCOPE
    else:
        assert case not in (VatCase.INTRA_COMMUNITY, VatCase.EXPORT)


@given(sales, kinds)
def test_the_franchise_is_the_only_case_of_its_company(sale: Sale, sold: set[ProductKind]) -> None:
    assert (zero_case(sale, sold) is VatCase.FRANCHISE) == sale.franchise
    assert sum(fits(case, sale) for case in VatCase) == 1 or not sale.franchise


def test_monaco_is_france_and_departments_overseas_that_have_vat_too() -> None:
    places = {country: place_of(country) for country in ("FR", "MC", "RE", "GF", "DE", "GB", "US")}
    assert places == {
        "FR": Place.FRANCE,
        "MC": Place.FRANCE,
        "RE": Place.FRANCE,
        "GF": Place.OUTSIDE,
        "DE": Place.UNION,
        "GB": Place.OUTSIDE,
        "US": Place.OUTSIDE,
    }
