"""CRN-03, CRN-04, CRN-06: the types of a credit note, the ways to enter its lines, goods and transport apart."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.access.commands import UpdateCompany
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.invoicing.creditable import CreditableLines, ListCreditableLines
from comptoir.invoicing.crediting import CreateCreditNote, SetCreditLines
from comptoir.invoicing.editing import UpdateDraft
from comptoir.invoicing.model import CreditLine, CreditPart, CreditType, Document
from comptoir.kernel.errors import NotFound, Refused
from comptoir.orders.model import LineInput
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from tests.unit.invoicing_support import Shop, attempt, back, codes, line, open_shop
from tests.unit.test_orders_incoterms import BY_LINE, CFR

TODAY = date(2026, 11, 21)
ON_LINES = (CreditType.REBATE_THIS_YEAR, CreditType.REBATE_LAST_YEAR, CreditType.INVOICING_ERROR)
OFF_THE_WHOLE = (CreditType.GLOBAL_REBATE, CreditType.EARLY_PAYMENT_DISCOUNT)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def invoice(shop: Shop) -> Document:
    """10 × 12.50 less 10 % at 20 %: 112.50 without VAT; 4 × 25 at 5.5 %."""
    buoys = line("12.5", "10", discount_rate=Decimal(10), code="BOU-1", unit="pièce")
    return shop.invoice(buoys, line("25", "4", "5.5", designation="Pose"))


def ask(position: int | None = 1, **fields: Any) -> CreditLine:
    given = {name: Decimal(value) if type(value) is str else value for name, value in fields.items()}
    return CreditLine(position=position, **given)


def told(note: Document) -> list[tuple[str, Decimal, str, Decimal, Decimal]]:
    """Of each line: designation, quantity, unit, unit price and net."""
    lines = [one.priced for one in note.lines]
    return [(one.designation, one.quantity, one.unit, one.unit_price, one.net.amount) for one in lines]


def pointed(shop: Shop, request: CreateCreditNote) -> list[tuple[str, str | None]]:
    error = attempt(shop.world, request)
    assert isinstance(error, Refused)
    return [(breach.code, breach.pointer) for breach in error.breaches]


def begin_fiscal_year(shop: Shop, month: int) -> None:
    """Have the company's fiscal year begin with a month."""
    stored = shop.world.services.store.require(COMPANY, keys.company(shop.world.company))
    request = UpdateCompany(fiscal_year_start=month)
    shop.world.do(Company, request, "administrator", if_match=stored.version)


def test_crn_04_an_amount_is_a_rebate_on_the_line(shop: Shop, invoice: Document) -> None:
    note = shop.credit(invoice, ask(amount="12.34"))
    assert told(note) == [("Remise : Bouée", Decimal(1), "forfait", Decimal("12.34"), Decimal("12.34"))]
    assert [(one.origin, one.rebate, one.priced.code) for one in note.lines] == [(1, True, None)]


def test_crn_04_a_percentage_gives_an_amount_that_stays_editable(shop: Shop, invoice: Document) -> None:
    note = shop.credit(invoice, ask(percentage="7.5"))
    assert told(note) == [("Remise 7,5\u00a0% : Bouée", Decimal(1), "forfait", Decimal("8.44"), Decimal("8.44"))]
    assert note.lines[0].entered == ask(percentage="7.5")
    edited = SetCreditLines(
        document=note.id, credit_type=CreditType.INVOICING_ERROR, lines=(ask(percentage="7.5", amount="8"),)
    )
    changed = shop.do(edited, if_match=1)
    assert told(changed) == [("Remise : Bouée", Decimal(1), "forfait", Decimal("8.00"), Decimal("8.00"))]


def test_crn_04_a_quantity_keeps_the_unit_price(shop: Shop, invoice: Document) -> None:
    """Not shipped, for instance: the amount follows, discount included, and is not entered."""
    note = shop.credit(invoice, ask(quantity="3"))
    assert told(note) == [("Bouée", Decimal(3), "pièce", Decimal("12.5"), Decimal("33.75"))]
    assert (note.lines[0].priced.code, note.lines[0].rebate) == ("BOU-1", False)
    assert pointed(shop, shop.credit_request(invoice, ask(quantity="3", amount="33"))) == [
        ("quantity_or_amount", "/lines/0/quantity")
    ]


def test_crn_04_a_quantity_with_a_rebate_by_unit_gives_the_amount(shop: Shop, invoice: Document) -> None:
    """A few damaged products: 4 × 2.125 off; they are not taken back."""
    note = shop.credit(invoice, ask(quantity="4", rebate_price="2.125"))
    assert told(note) == [("Remise : Bouée", Decimal(4), "pièce", Decimal("2.125"), Decimal("8.50"))]
    assert (note.lines[0].rebate, note.lines[0].priced.discount_rate) == (True, Decimal(0))
    rest = shop.credit(invoice, ask(quantity="8"))
    assert rest.totals.net.amount == Decimal("90.00")
    wrong = (
        ask(quantity="1", rebate_price="2", amount="2"),
        ask(rebate_price="2"),
        ask(quantity="1", rebate_price="11.251"),
        ask(quantity="3", rebate_price="1"),
        ask(2, quantity="1", percentage="5"),
    )
    assert pointed(shop, shop.credit_request(invoice, *wrong)) == [
        ("quantity_or_amount", "/lines/0/quantity"),
        ("quantity_or_amount", "/lines/1/quantity"),
        ("rebate_above_price", "/lines/2/rebate_price"),
        ("quantity_exceeded", "/lines/3/quantity"),
        ("quantity_or_amount", "/lines/4/quantity"),
    ]


def test_crn_04_no_way_takes_more_than_remains_of_the_line(shop: Shop, invoice: Document) -> None:
    shop.credit(invoice, ask(quantity="5"), ask(percentage="40"))
    wrong = (ask(percentage="11"), ask(amount="11.26"), ask(quantity="5", rebate_price="2.26"), ask(quantity="2"))
    assert pointed(shop, shop.credit_request(invoice, *wrong)) == [
        ("amount_exceeded", "/lines/0/percentage"),
        ("amount_exceeded", "/lines/1/amount"),
        ("amount_exceeded", "/lines/2/quantity"),
        ("amount_exceeded", "/lines/3/quantity"),
    ]
    last = shop.credit(invoice, ask(percentage="10"), ask(2, quantity="4"))
    assert last.totals.net.amount == Decimal("111.25")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.decimals(Decimal("0.01"), Decimal(100), places=2), min_size=1, max_size=6))
def test_crn_04_percentages_of_a_line_round_once_and_never_exceed_it(parts: list[Decimal]) -> None:
    shop = open_shop()
    invoice = shop.invoice(line("33.33", "3"))
    whole = invoice.totals.net.amount
    given = Decimal(0)
    for part in parts:
        own = (whole * part / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        made = attempt(shop.world, shop.credit_request(invoice, ask(percentage=str(part))))
        if isinstance(made, Refused):
            assert given + own > whole or own == 0
        else:
            given += own
            assert Document.model_validate_json(made.body).totals.net.amount == own  # type: ignore[union-attr]
    assert given <= whole


@pytest.fixture
def carried(shop: Shop) -> Document:
    """Goods on FOB with their transport on CFR, twice, and a service; lines 1, 2: goods; 3, 4: their transport."""
    goods = {"quantity": Decimal(10), "unit_price": Decimal("8.004"), "transport_price": Decimal("2.004")}
    order, _ = shop.confirmed(
        LineInput.model_validate(goods | {"designation": "Café"}),
        LineInput.model_validate(goods | {"designation": "Thé"}),
        LineInput(designation="Assurance", kind="service", quantity=Decimal(1), unit_price=Decimal(5)),
        **CFR,
        transport=BY_LINE,
    )
    return shop.issued(shop.invoice_order(order))[0]


def test_crn_04_goods_and_transport_take_a_rebate_each_or_both(shop: Shop, carried: Document) -> None:
    """Whichever of the two lines is named; an amount is one of each, a quantity or a percentage of both."""
    goods, transport, both = CreditPart.GOODS, CreditPart.TRANSPORT, CreditPart.BOTH
    note = shop.credit(
        carried,
        ask(1, part=goods, amount="3"),
        ask(1, part=transport, percentage="10"),
        ask(4, part=goods, quantity="2"),
        ask(4, part=both, quantity="1"),
    )
    assert [(one.priced.designation, one.origin, one.priced.net.amount) for one in note.lines] == [
        ("Remise : Café", 1, Decimal("3.00")),
        ("Remise 10\u00a0% : Transport : Café", 3, Decimal("2.00")),
        ("Thé", 2, Decimal("16.01")),
        ("Thé", 2, Decimal("8.00")),
        ("Transport : Thé", 4, Decimal("2.00")),
    ]
    assert [one.priced.position for one in note.lines] == [1, 2, 3, 4, 5]
    whole = shop.credit(carried, ask(2, part=both, quantity="7"))
    assert [one.priced.quantity for one in whole.lines] == [Decimal(7), Decimal(7)]
    wrong = (
        ask(1, part=both, amount="5"),
        ask(1, part=both, quantity="1", rebate_price="1"),
        ask(5, part=transport, amount="1"),
        ask(2, part=both, quantity="3"),
    )
    assert pointed(shop, shop.credit_request(carried, *wrong)) == [
        ("amount_of_both", "/lines/0/part"),
        ("amount_of_both", "/lines/1/part"),
        ("no_transport", "/lines/2/part"),
        ("quantity_exceeded", "/lines/3/quantity"),
        ("quantity_exceeded", "/lines/3/quantity"),
    ]


def test_crn_04_lines_are_listed_in_the_invoice_s_order_with_what_remains_and_found_by_words(
    shop: Shop, carried: Document
) -> None:
    shop.credit(carried, ask(1, part=CreditPart.BOTH, quantity="4"), ask(1, amount="1"))

    def listed(**fields: Any) -> CreditableLines:
        return shop.world.do(CreditableLines, ListCreditableLines(document=carried.id, **fields))

    found = [(one.line.position, one.quantity, one.remaining.amount, one.transport) for one in listed().items]
    assert found == [
        (1, Decimal(6), Decimal("47.02"), 3),
        (2, Decimal(10), Decimal("80.04"), 4),
        (3, Decimal(6), Decimal("12.02"), None),
        (4, Decimal(10), Decimal("20.04"), None),
        (5, Decimal(1), Decimal("5.00"), None),
    ]
    assert [one.line.designation for one in listed(search="the").items] == ["Thé", "Transport : Thé"]
    assert [one.line.position for one in listed(search="transp cafe").items] == [3]
    first = listed(limit=2)
    assert ([one.line.position for one in first.items], first.next) == ([1, 2], 3)
    assert [one.line.position for one in listed(limit=3, first=3).items] == [3, 4, 5]
    assert listed(limit=3, first=3).next is None
    with pytest.raises(NotFound):
        shop.world.execute_as("manager", ListCreditableLines(document=shop.credit(carried, ask(5, amount="1")).id))


@pytest.mark.parametrize("kind", CreditType)
def test_crn_03_each_type_is_of_lines_or_of_the_whole(shop: Shop, kind: CreditType) -> None:
    begin_fiscal_year(shop, 12 if kind is CreditType.REBATE_LAST_YEAR else 1)
    invoice = shop.invoice(line("100"))
    if kind is CreditType.REBATE_LAST_YEAR:
        shop.world.wait(days=20)
    on_line, off_whole = ask(amount="1"), ask(None, amount="1", vat_rate="20")
    right, wrong = (off_whole, on_line) if kind in OFF_THE_WHOLE else (on_line, off_whole)
    [note] = shop.issued(shop.credit(invoice, right, credit_type=kind))
    assert shop.snapshot(note).credit_type is kind
    assert pointed(shop, shop.credit_request(invoice, right, wrong, credit_type=kind)) == [
        ("position_of_type", "/lines/1/position")
    ]


@pytest.mark.parametrize("kind", OFF_THE_WHOLE)
def test_crn_03_what_is_off_the_whole_is_amounts_at_rates(shop: Shop, invoice: Document, kind: CreditType) -> None:
    wrong = [
        ask(None, vat_rate="20", amount="1", **{field: value})
        for field, value in (("quantity", "1"), ("percentage", "1"), ("rebate_price", "1"), ("part", CreditPart.BOTH))
    ]
    assert pointed(shop, shop.credit_request(invoice, *wrong, credit_type=kind)) == [
        ("rebate_incomplete", f"/lines/{number}/{field}")
        for number, field in enumerate(("quantity", "percentage", "rebate_price", "part"))
    ]


@pytest.mark.parametrize(
    ("start", "invoiced", "credited", "fits"),
    [
        (1, "2026-11-21", "2026-12-31", "this"),
        (1, "2026-11-21", "2027-01-01", "last"),
        (1, "2026-11-21", "2027-12-31", "last"),
        (1, "2026-11-21", "2028-01-01", None),
        (12, "2026-11-21", "2026-11-30", "this"),
        (12, "2026-11-21", "2026-12-01", "last"),
        (7, "2026-11-21", "2027-06-30", "this"),
        (7, "2026-11-21", "2027-07-01", "last"),
    ],
)
def test_crn_03_a_rebate_on_products_is_on_an_invoice_of_its_fiscal_year(
    shop: Shop, start: int, invoiced: str, credited: str, fits: str | None
) -> None:
    begin_fiscal_year(shop, start)
    invoice = shop.invoice(line("100"))
    assert str(invoice.issue_date) == invoiced
    shop.world.wait(days=(date.fromisoformat(credited) - TODAY).days)
    for kind, name in ((CreditType.REBATE_THIS_YEAR, "this"), (CreditType.REBATE_LAST_YEAR, "last")):
        request = shop.credit_request(invoice, ask(amount="1"), credit_type=kind)
        if name == fits:
            assert shop.do(request).credit_type is kind
        else:
            assert pointed(shop, request) == [("credit_type_of_year", "/credit_type")]
    assert shop.credit(invoice, ask(amount="1"), credit_type=CreditType.INVOICING_ERROR).lines


def test_crn_03_the_year_is_that_of_the_final_date(shop: Shop) -> None:
    """Drafted in December, validated in January: the type no longer holds, and says so."""
    invoice = shop.invoice(line("100"))
    draft = shop.credit(invoice, ask(amount="1"), credit_type=CreditType.REBATE_THIS_YEAR)
    shop.world.wait(days=45)
    assert codes(shop.issue(draft)) == [["credit_type_of_year"]]
    last = CreditType.REBATE_LAST_YEAR
    change = SetCreditLines(document=draft.id, credit_type=last, lines=(ask(amount="1"),))
    assert shop.do(change, if_match=1).credit_type is last
    past = UpdateDraft(document=draft.id, wanted_date=TODAY + timedelta(days=1))
    shop.do(past, if_match=2)
    assert shop.refused(change, if_match=3) == ["credit_type_of_year"]


@pytest.mark.parametrize(
    ("language", "word"),
    [
        (Language.FRENCH, "Remise 5,5\u00a0% : Bouée"),
        (Language.ENGLISH, "Rebate 5.5%: Bouée"),
        (Language.SPANISH, "Descuento 5,5\u00a0%: Bouée"),
        (Language.GERMAN, "Nachlass 5,5\u00a0%: Bouée"),
    ],
)
def test_crn_06_a_rebate_is_told_in_the_language_of_the_invoice(shop: Shop, language: Language, word: str) -> None:
    invoice = shop.invoice(line("100"), language=language)
    note = shop.credit(invoice, ask(percentage="5.5"), back(1, amount="1"))
    assert note.lines[0].priced.designation == word
    assert note.lines[1].priced.designation == word.replace(" 5,5\u00a0%", "").replace(" 5.5%", "")
    assert (note.language, note.currency) == (language, invoice.currency)
