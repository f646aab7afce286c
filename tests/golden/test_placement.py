"""Every kind of document that is offered or ordered, in each template and language, stands where it should (QUO-06)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from comptoir.docbase.ready import READY
from comptoir.docbase.template import PrintKind
from comptoir.documents.layouts import purchase_order_layout, quote_layout
from comptoir.documents.purchase_order_view import purchase_order_view
from comptoir.documents.quote_view import quote_view
from comptoir.documents.texts import TEXTS
from comptoir.orders.quote import Amended, Withdrawal
from comptoir.parties.snapshot import Language
from tests.golden import snapshots as samples
from tests.golden import templates
from tests.golden.test_layout import assert_well_placed, pages, said
from tests.golden.test_purchase_orders import purchase_order

AMENDED = Amended(number="D-000042-1", issue_date=date(2026, 11, 3), signed_on=date(2026, 11, 9))
WITHDRAWAL = Withdrawal(goods=True, start=date(2026, 12, 4), until=date(2026, 12, 18))
LONG = "Cordage polyester torsadé pour amarrage des navires de plaisance, " * 30
KINDS: dict[str, dict[str, Any]] = {
    "quote": {},
    "pro forma": {"proforma": True},
    "amendment": {"amends": AMENDED},
    "to a consumer": {"withdrawal": WITHDRAWAL},
    "preview": {"preview": True},
}
"""What makes a quote of each kind."""


@pytest.mark.parametrize("code", READY)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_quote_is_well_placed_and_named(code: str, kind: str) -> None:
    """QUO-01, QUO-04, QUO-05, RULES §1.5: its title at the head, and the box to sign, in every language."""
    for language in Language:
        sheets = quote_layout(quote_view(templates.quote(code, language, 19, **KINDS[kind])))
        assert_well_placed(sheets)
        texts = TEXTS[language]
        titles = {"pro forma": texts.proforma, "amendment": texts.amendment}
        words = [word for sheet in sheets for word in said(sheet)]
        assert titles.get(kind, texts.quote) in words
        assert texts.agreement in words
        assert all((sheet.watermark == texts.preview) == (kind == "preview") for sheet in sheets)


@pytest.mark.parametrize("code", READY)
@pytest.mark.parametrize("count", [1, 9, 18, 40])
def test_purchase_orders_are_well_placed_in_every_template(code: str, count: int) -> None:
    """SUP-04: from one line to several pages, each with its number, in every language."""
    for language in Language:
        appearance = templates.dressed(code, language, PrintKind.PURCHASE_ORDER)
        sheets = purchase_order_layout(purchase_order_view(purchase_order(language, count, appearance=appearance)))
        assert_well_placed(sheets)
        assert all(any("BC-000012-1" in word for word in said(sheet)) for sheet in sheets)


@pytest.mark.parametrize("code", READY)
def test_credit_notes_are_well_placed_in_every_template(code: str) -> None:
    """CRN-02, CRN-06: the invoice and the reason at the head, amounts shown negative, in every language."""
    for language in Language:
        appearance = templates.dressed(code, language, PrintKind.CREDIT_NOTE)
        note = samples.credit_note(language, appearance=appearance)
        sheets = pages(note)
        assert_well_placed(sheets)
        first = " ".join(said(sheets[0]))
        assert note.origin is not None
        assert note.origin.number in first
        assert note.reason is not None
        assert note.reason.split()[0] in first
        assert "−" in first


@pytest.mark.parametrize("code", READY)
def test_long_designations_and_names_of_every_script_are_well_placed(code: str) -> None:
    """INV-06: rows of many lines, and of each script, in every language."""
    for language in Language:
        texts = (LONG, *samples.NAMES.values(), *(" ".join([name] * 12) for name in samples.NAMES.values()))
        lines = tuple(samples.line(i, ("R", text, "2", "u", "10", "0", "20")) for i, text in enumerate(texts, 1))
        look = templates.dressed(code, language, PrintKind.INVOICE)
        name = samples.NAMES["arabic"]
        party = samples.BUYER.change(name=name)
        assert_well_placed(pages(samples.document(lines, language, buyer=party, appearance=look)))
