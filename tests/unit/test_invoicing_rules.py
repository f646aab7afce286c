"""INV-03, INV-05, INV-14: what a validation is refused for, when an invoice is due, how it is numbered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.commands import NumberingLocked, UpdateCompany
from comptoir.access.items import COMPANY
from comptoir.access.model import Company, NumberFormat, VatRegime
from comptoir.catalogue.pricing import VatCase
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document
from comptoir.invoicing.rules import Sources, breaches
from comptoir.kernel.identity import Address
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.orders.model import LineInput, Milestone
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.store.record import Key, Kind
from comptoir.treasury.model import CONFIRMATION, INVOICE, DueStep, PaymentTerm
from tests.unit.invoicing_support import TERMS, Shop, codes, line, open_shop

TODAY = date(2026, 11, 21)
NOWHERE = Address(lines=(), country="FR")


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def store(shop: Shop, kind: Kind[Any], key: Key, value: Any) -> None:
    """Put a value as if it had been entered so."""
    shop.world.services.store.transact(lambda tx: tx.put(kind, key, value))


def change_company(shop: Shop, **fields: Any) -> None:
    key = keys.company(shop.world.company)
    company = shop.world.services.store.require(COMPANY, key).value
    identity = company.identity.change(**{k: v for k, v in fields.items() if k in type(company.identity).model_fields})
    others = {name: value for name, value in fields.items() if name in type(company).model_fields}
    store(shop, COMPANY, key, company.change(identity=identity, **others))


def change_customer(shop: Shop, **fields: Any) -> None:
    store(shop, PARTY, keys.party(shop.world.company, shop.customer.id), shop.customer.change(**fields))


def change_draft(shop: Shop, draft: Document, **fields: Any) -> None:
    store(shop, DOCUMENT, keys.document(shop.world.company, draft.id), draft.change(**fields))


def close(shop: Shop, day: date) -> None:
    store(shop, PERIODS, keys.periods(shop.world.company), Periods(through=day))


Mend = Callable[[Shop, Document], None]
CASES: dict[str, Mend] = {
    "seller_address": lambda shop, _: change_company(shop, address=NOWHERE),
    "vat_in_franchise": lambda shop, _: change_company(shop, vat_regime=VatRegime.FRANCHISE),
    "buyer_address": lambda shop, _: change_customer(shop, address=NOWHERE),
    "buyer_siren": lambda shop, _: change_customer(shop, siren=None),
    "registration_overdue": lambda shop, _: change_company(
        shop, siren=None, siret=None, siret_pending=True, siret_pending_until=TODAY - timedelta(days=1)
    ),
    "no_lines": lambda shop, draft: change_draft(shop, draft, lines=()),
    "vat_rate_not_in_force": lambda shop, draft: change_draft(shop, draft, lines=rated(draft, "19.6")),
    "zero_vat_without_reason": lambda shop, draft: change_draft(shop, draft, lines=rated(draft, "0")),
    "date_future": lambda shop, draft: change_draft(shop, draft, wanted_date=TODAY + timedelta(days=1)),
    "period_closed": lambda shop, draft: close(shop, TODAY),
    "terms_not_100": lambda shop, draft: change_draft(shop, draft, terms=(TERMS[0].change(percentage=Decimal(99)),)),
    "due_date_unknown": lambda shop, draft: change_draft(shop, draft, terms=(TERMS[0].change(milestone="ETA"),)),
}


def rated(draft: Document, rate: str) -> tuple[Any, ...]:
    category = "Z" if rate == "0" else "S"
    priced = draft.lines[0].priced.change(vat_rate=Decimal(rate), vat_category=category)
    return (draft.lines[0].change(priced=priced),)


def earlier(shop: Shop, draft: Document) -> None:
    shop.invoice()
    change_draft(shop, draft, wanted_date=TODAY - timedelta(days=1))


CASES["date_before_last_document"] = earlier


@pytest.mark.parametrize("code", CASES)
def test_inv_03_each_breach_alone_is_named_by_check_and_by_writer(shop: Shop, code: str) -> None:
    """With a sentence in both languages and the place to mend; nothing is numbered, and the refusal is kept."""
    draft = shop.draft()
    CASES[code](shop, draft)
    before = len(shop.entries())
    outcomes = shop.issue(draft)
    assert codes(outcomes) == [[code]]
    [breach] = outcomes[0].breaches
    assert breach.fr
    assert breach.en
    assert breach.fr != breach.en
    assert breach.pointer
    refusal = shop.refusal(draft)
    assert refusal is not None
    assert (refusal.version, refusal.breaches) == (shop.version(draft), outcomes[0].breaches)
    assert len(shop.entries()) == before
    assert shop.read(draft).number is None


def test_inv_03_everything_that_is_wrong_is_told_at_once(shop: Shop) -> None:
    draft = shop.draft()
    shop.invoice()
    change_company(shop, address=NOWHERE, insurance_required=True)
    change_customer(shop, address=NOWHERE, siren=None)
    close(shop, date(2026, 10, 5))
    change_draft(
        shop,
        draft,
        wanted_date=date(2026, 10, 5),
        vat_case=VatCase.EXPORT,
        terms=(TERMS[0].change(percentage=Decimal(99)),),
        lines=(*rated(draft, "19.6"), *rated(draft, "0")),
    )
    assert codes(shop.issue(draft)) == [
        [
            "seller_address",
            "buyer_address",
            "buyer_siren",
            "insurance_missing",
            "vat_rate_not_in_force",
            "export_inside_eu",
            "terms_not_100",
            "period_closed",
            "date_before_last_document",
        ]
    ]


def test_inv_03_what_is_not_asked_of_everyone(shop: Shop) -> None:
    """No SIREN of a private person nor of a foreign firm; no terms nor rates in force of a credit note."""
    change_customer(shop, siren=None, professional=False)
    invoice = shop.invoice()
    change_customer(shop, siren=None, address=shop.customer.address.change(country="BE"))
    shop.issued(shop.draft())
    old = shop.credit(invoice)
    change_draft(shop, old, lines=rated(old, "19.6"))
    assert codes(shop.issue(old)) == [[]]


def term(percentage: str, milestone: str, *steps: DueStep) -> PaymentTerm:
    return PaymentTerm(percentage=Decimal(percentage), milestone=milestone, steps=steps)


def test_inv_05_due_dates_follow_the_terms_and_are_never_before_the_invoice(shop: Shop) -> None:
    """« 45 jours fin de mois » both ways, a day of the month, and instalments that lose no cent."""
    end, days = DueStep(end_of_month=True), DueStep(days=45)
    terms = (
        term("33.33", INVOICE, days, end),
        term("33.33", INVOICE, end, days),
        term("33.34", INVOICE, DueStep(days=10), DueStep(day_of_month=10)),
    )
    content = shop.snapshot(shop.invoice(line("33.37"), terms=terms))
    assert [(one.due_date, one.amount.amount) for one in content.instalments] == [
        (date(2027, 1, 31), Decimal("13.35")),
        (date(2027, 1, 14), Decimal("13.34")),
        (date(2026, 12, 10), Decimal("13.35")),
    ]
    assert {one.means for one in content.instalments} == {"virement"}


def test_inv_05_a_milestone_of_the_order_dates_its_instalment(shop: Shop) -> None:
    """The actual date rather than the forecast; one that is past is the invoice's own."""
    milestones = (
        Milestone(name=CONFIRMATION, forecast=date(2026, 1, 5)),
        Milestone(name="eta", forecast=date(2027, 2, 3)),
    )
    order, _ = shop.confirmed(
        LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)),
        milestones=milestones,
        terms=(term("30", CONFIRMATION), term("70", "eta", DueStep(days=30))),
    )
    [invoice] = shop.issued(shop.invoice_order(order))
    assert [one.due_date for one in shop.snapshot(invoice).instalments] == [TODAY, date(2027, 3, 5)]
    assert [one.forecast_date for one in shop.of_order(order).lines] == [TODAY, date(2027, 3, 5)]


def test_inv_14_the_number_follows_the_company_s_format_which_the_first_document_locks(shop: Shop) -> None:
    company: Company = shop.world.services.store.require(COMPANY, keys.company(shop.world.company)).value
    wanted = UpdateCompany(
        identity=company.identity, terms=company.terms, numbering=NumberFormat(prefix="F{YY}{MM}/", digits=4, first=120)
    )
    shop.world.do(Company, wanted, "administrator", if_match=1)
    numbers = [one.number for one in shop.issued(shop.draft(), shop.draft())]
    assert numbers == ["F2611/0120", "F2611/0121"]
    with pytest.raises(NumberingLocked):
        shop.world.do(Company, wanted.change(numbering=NumberFormat()), "administrator", if_match=2)
    shop.world.do(
        Company, wanted.change(terms=company.terms.change(penalty_rate=Decimal(15))), "administrator", if_match=2
    )
    assert shop.invoice().number == "F2611/0122"


def test_inv_03_breaches_are_a_pure_decision(shop: Shop) -> None:
    """The same sources give the same list, and reading them changes nothing."""
    company = shop.world.services.store.require(COMPANY, keys.company(shop.world.company)).value
    sources = Sources(company, shop.customer, shop.draft())
    assert breaches(sources, TODAY) == breaches(sources, TODAY) == []
