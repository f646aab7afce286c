"""INV-03: the mentions that French law asks, row by row: present when due, absent when not, refused when data lack.

One row of `MENTIONS` for each row of the table (RULES §1.1, §1.2, §1.4); the VAT cases of §1.3 are in
`test_invoicing_vat_cases`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from comptoir.access.items import COMPANY
from comptoir.access.model import (
    Company,
)
from comptoir.catalogue.pricing import ProductKind
from comptoir.documents.invoice_view import invoice_view
from comptoir.invoicing.freezing import snapshot
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.mention_table import TABLE
from comptoir.invoicing.mentions import Case, Row, in_force, lacking, mentions
from comptoir.invoicing.model import Document
from comptoir.invoicing.rules import Sources
from comptoir.invoicing.snapshot import OperationNature
from comptoir.invoicing.taxing import settled
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording
from comptoir.store import keys
from tests.unit.invoicing_support import Shop, codes, line, open_shop
from tests.unit.mention_samples import ABOUT, DOLLARS, MENTIONS, NOWHERE, OFFER, WORKS, Facts

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def suppose(shop: Shop, facts: Facts) -> Case:
    """A draft with its company and customer, as the facts say, as if they had been entered so."""
    store = shop.world.services.store
    draft = shop.read(shop.draft(*(facts.get("lines") or (line(),)), currency=facts.get("currency", "EUR")))
    company: Company = store.require(COMPANY, keys.company(shop.world.company)).value
    own = {"company_address": "address", "vat_number_of_seller": "vat_number"}
    unshared = {name: value for name, value in facts.items() if name not in {"vat_number", "siren", "siret", "address"}}
    told = unshared | {own[name]: value for name, value in facts.items() if name in own}
    told |= {name: None for name in ("siren", "siret", "vat_number") if facts.get("siret_pending")}
    identity = {name: value for name, value in told.items() if name in type(company.identity).model_fields}
    terms = {name: value for name, value in facts.items() if name in type(company.terms).model_fields}
    given = facts if not facts.get("siret_pending") else {}
    party = {name: value for name, value in given.items() if name in Party.model_fields and name not in ("terms",)}
    document = {name: value for name, value in facts.items() if name in Document.model_fields and name != "lines"}
    if facts.get("lines") == ():
        document["lines"] = ()
    after = Case(
        company.change(identity=company.identity.change(**identity), terms=company.terms.change(**terms)),
        shop.customer.change(**party),
        draft.change(**document),
    )
    key = keys.party(shop.world.company, shop.customer.id)
    store.transact(lambda tx: tx.put(COMPANY, keys.company(shop.world.company), after.company))
    store.transact(lambda tx: tx.put(PARTY, key, after.customer))
    store.transact(lambda tx: tx.put(DOCUMENT, keys.document(shop.world.company, draft.id), after.document))
    return after


def page(case: Case) -> str:
    """Everything that the document would print, with ordinary spaces."""
    rate = DOLLARS if case.document.currency == "USD" else None
    sources = Sources(
        case.company, case.customer, settled(case.company, case.customer, case.document, TODAY), rate=rate
    )
    content = snapshot(sources, "2026-000777", TODAY, datetime(2026, 11, 21, 9, 30, tzinfo=UTC), "0" * 26, "Anne")
    said = json.dumps(asdict(invoice_view(content)), default=str, ensure_ascii=False)
    return said.replace("\u00a0", " ").replace("\u202f", " ")


def due(case: Case) -> set[str]:
    return {row.code for row in in_force(TABLE, case, TODAY)}


def test_inv_03_every_row_of_the_mentions_is_under_test() -> None:
    assert [row.code for row in TABLE] == list(MENTIONS)
    assert all(row.source for row in TABLE)
    assert {row.code for row in TABLE if row.words} == {code for code, row in MENTIONS.items() if row.says}
    assert {row.code for row in TABLE if not row.words} == {code for code, row in MENTIONS.items() if row.shows}


@pytest.mark.parametrize("code", MENTIONS)
def test_inv_03_a_mention_is_due_when_its_case_applies_and_only_then(shop: Shop, code: str) -> None:
    row = MENTIONS[code]
    assert code in due(suppose(shop, row.due))
    for facts in row.absent:
        assert code not in due(suppose(open_shop(), facts))


@pytest.mark.parametrize("code", [code for code, row in MENTIONS.items() if row.shows])
def test_inv_03_what_has_its_place_stands_there_and_only_then(shop: Shop, code: str) -> None:
    row = MENTIONS[code]
    printed = page(suppose(shop, ABOUT | row.due if "kind" in row.due else row.due))
    assert [shown for shown in row.shows if shown not in printed] == []
    for facts in row.absent:
        printed = page(suppose(open_shop(), ABOUT | facts if "kind" in facts else facts))
        assert row.shows[0] not in printed


@pytest.mark.parametrize("code", [code for code, row in MENTIONS.items() if row.says])
def test_inv_03_its_sentence_is_said_in_every_language(shop: Shop, code: str) -> None:
    """The French one word for word; the others say something of their own, with every field filled."""
    case = suppose(shop, MENTIONS[code].due)
    said = {
        language: {mention.code: mention.text for mention in mentions(TABLE, case, language, TODAY)}[code]
        for language in Language
    }
    assert said[Language.FRENCH] == MENTIONS[code].says
    assert all("{" not in text or "{MAIF}" in text for text in said.values())
    assert len(set(said.values())) == (1 if code in ("discount", "insurance") else len(Language))


LACKING = [(code, facts, breach) for code, row in MENTIONS.items() for facts, breach in row.lacks]


@pytest.mark.parametrize(("code", "facts", "breach"), LACKING, ids=[f"{code}-{breach}" for code, _, breach in LACKING])
def test_inv_03_a_validation_that_would_lack_one_is_refused(shop: Shop, code: str, facts: Facts, breach: str) -> None:
    """By the writer itself, with a sentence in both languages and the place to mend; nothing is numbered."""
    case = suppose(shop, facts)
    [outcome] = shop.issue(case.document)
    found = {each.code: each for each in outcome.breaches}
    assert breach in found
    assert found[breach].pointer
    assert found[breach].fr != found[breach].en
    assert shop.entries() == []


def test_inv_03_the_whole_list_is_told_at_once(shop: Shop) -> None:
    facts = (
        {"company_address": NOWHERE, "vat_number_of_seller": None, "insurance_required": True}
        | WORKS
        | {"lines": (line("151"),)}
    )
    case = suppose(shop, facts | {"address": NOWHERE, "siren": None, "billing_address": NOWHERE.change(country="BE")})
    wanted = [
        "seller_address",
        "seller_vat_number",
        "buyer_address",
        "buyer_siren",
        "billing_address",
        "dwelling_without_reduced_rate",
        "insurance_missing",
    ]
    assert [breach.code for breach in lacking(TABLE, case, TODAY)] == wanted
    assert codes(shop.issue(case.document)) == [wanted]


def test_inv_03_a_row_is_printed_between_its_dates(shop: Shop) -> None:
    """A change of the law is a new row: what was printed before stays as it was."""
    words = Wording("fr", "en", "es", "de")
    row = Row("x", "law", lambda _: True, words, valid_from=date(2027, 1, 1), valid_to=date(2028, 6, 30))
    case = suppose(shop, {})
    days = {date(2026, 12, 31): 0, date(2027, 1, 1): 1, date(2028, 6, 30): 1, date(2028, 7, 1): 0}
    assert {day: len(mentions([row], case, Language.FRENCH, day)) for day in days} == days


def test_inv_03_articles_of_the_tax_code_are_cited_until_30_june_2028() -> None:
    """RULES, calendar trap 2: the CIBS replaces them; a row that names the CGI has an end."""
    citing = [row for row in TABLE if row.words and "CGI" in row.words.fr]
    assert citing
    assert {row.valid_to for row in citing} == {date(2028, 6, 30)}


def test_inv_03_the_nature_comes_from_the_lines_and_is_frozen_with_them(shop: Shop) -> None:
    goods, service = line(), line(kind=ProductKind.SERVICE)
    transport = line(kind=ProductKind.TRANSPORT)
    found = [shop.snapshot(shop.invoice(*lines)).nature for lines in ((goods,), (service, transport), (goods, service))]
    assert found == [OperationNature.GOODS, OperationNature.SERVICES, OperationNature.MIXED]


def test_inv_03_an_invoice_of_150_euros_needs_no_vat_number_of_the_seller(shop: Shop) -> None:
    """242 nonies A, II: up to 150 € without VAT; one cent more needs it."""
    small = suppose(shop, {"vat_number_of_seller": None, "lines": (line("150"),)})
    assert lacking(TABLE, small, TODAY) == []


def test_inv_15_the_discount_is_frozen_with_its_last_day(shop: Shop) -> None:
    case = suppose(shop, OFFER)
    [issued] = shop.issued(case.document)
    found = shop.snapshot(issued).early_payment
    assert found is not None
    assert (found.rate, found.until) == (Decimal("2.5"), date(2026, 12, 1))
