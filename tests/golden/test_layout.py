"""Where things stand: inside the page, beside each other, on every page what belongs there (issue: picture)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from comptoir.catalogue.pricing import PricedLine, totals
from comptoir.documents.canvas import HEIGHT, WIDTH, Sheet, Text
from comptoir.documents.flow import MARGIN, RIGHT
from comptoir.documents.fonts import width, widths
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.layouts import invoice_layout, quote_layout
from comptoir.documents.letterhead import WINDOW_X, WINDOW_Y
from comptoir.documents.quote_view import quote_view
from comptoir.documents.render import render_document
from comptoir.documents.texts import FRENCH
from comptoir.documents.typeset import wrap
from comptoir.invoicing.snapshot import Mention, Snapshot
from tests.golden import snapshots as samples

SLACK = 0.3
"""Points: less than a hair."""


def pages(snapshot: Snapshot) -> list[Sheet]:
    return invoice_layout(invoice_view(snapshot))


def said(sheet: Sheet) -> list[str]:
    return [text.text for text in sheet.texts]


def box(text: Text) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the letters: capitals reach 0.66 of the size, descenders 0.2."""
    size = text.style.size
    return text.x, text.y - 0.66 * size, text.x + text.width, text.y + 0.2 * size


def assert_well_placed(sheets: Sequence[Sheet]) -> None:
    """Nothing leaves the margins, and no two texts touch each other."""
    for sheet in sheets:
        boxes = sorted((box(text) for text in sheet.texts if text.width), key=lambda b: b[1])
        for index, (left, top, right, bottom) in enumerate(boxes):
            assert left >= MARGIN - SLACK
            assert right <= RIGHT + SLACK
            assert top >= MARGIN - 10
            assert bottom <= HEIGHT - 15
            for other in boxes[index + 1 :]:
                if other[1] >= bottom - SLACK:
                    break
                apart = other[0] >= right - SLACK or other[2] <= left + SLACK or other[3] <= top + SLACK
                assert apart, (boxes[index], other)
        for fill in sheet.fills:
            assert fill.x >= 0
            assert fill.x + fill.width <= WIDTH
            assert 0 <= fill.y <= fill.y + fill.height <= HEIGHT


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 22, 23, 24, 60, 1000])
def test_ordinary_documents_are_well_placed(count: int) -> None:
    assert_well_placed(pages(samples.document(samples.goods(count))))
    assert_well_placed(quote_layout(quote_view(samples.quote(count))))


def test_the_longest_texts_are_well_placed() -> None:
    assert_well_placed(pages(samples.hostile()))


_REFUSED = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Turns of direction and marks of byte order: no text of the product holds them."""
hostile_text = st.text(
    st.one_of(
        st.sampled_from("WMi. ,;-/éÉœß€\n\t\u00a0\u202fΩЖ漢한مש🚢\u0301\u200d\ufe0f"),
        st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters=_REFUSED),
    ),
    min_size=1,
    max_size=400,
).filter(lambda value: bool(value.strip()))
amounts = st.decimals("-999999999999", "999999999999", places=2)


@st.composite
def hostile_lines(draw: st.DrawFn) -> list[PricedLine]:
    lines = []
    for position in range(draw(st.integers(1, 6))):
        code, unit = (
            draw(st.none() | hostile_text.map(lambda t: t[:80].strip() or "x")),
            draw(hostile_text)[:80].strip() or "u",
        )
        line = samples.line(position + 1, (code, draw(hostile_text).strip(), "1", unit, "1", "0", "20"))
        changes = {
            "quantity": draw(st.decimals("-99999999999", "99999999999", places=4)),
            "unit_price": draw(st.decimals("-99999999999", "99999999999", places=6)),
            "discount_rate": draw(st.decimals("0", "100", places=4)),
            "net": line.net.change(amount=draw(amounts)),
        }
        lines.append(line.change(**changes))
    return lines


@settings(max_examples=60, deadline=None)
@given(hostile_lines(), hostile_text, hostile_text)
def test_no_text_leaves_its_place(lines: list[PricedLine], name: str, words: str) -> None:
    """Whatever is written in names, codes, units, designations and mentions, boxes do not meet."""
    name = name[:200].strip() or "x"
    base = samples.document(samples.goods(1))
    snapshot = base.change(
        lines=tuple(lines),
        totals=totals(lines, "EUR"),
        buyer=samples.BUYER.change(
            name=name, delivery_address=samples.BUYER.address.change(city=name[:80].strip() or "x")
        ),
        seller=samples.SELLER.change(name=name, legal_line=words.strip()),
        mentions=(*base.mentions, Mention(code="other", text=words.strip())),
        note=words.strip(),
    )
    assert_well_placed(pages(snapshot))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 130), min_size=1, max_size=8), st.integers(0, 90))
def test_rows_of_any_height_are_well_placed(heights: list[int], message: int) -> None:
    """Rows higher than a page go over several; what is carried over always has its place above the foot."""
    lines = [
        samples.line(position, ("X", "\n".join(["mot"] * height), "1", "u", "1", "0", "20"))
        for position, height in enumerate(heights, start=1)
    ]
    snapshot = samples.credit_note(
        lines=tuple(lines), totals=totals(lines, "EUR"), reason="\n".join(["mot"] * message) or "mot"
    )
    sheets = pages(snapshot)
    assert_well_placed(sheets)
    words = [text.text for sheet in sheets for text in sheet.texts]
    assert words.count("mot") == sum(heights) + max(message - 1, 0)
    for sheet in sheets:
        foot = min(fill.y for fill in sheet.fills if fill.y > HEIGHT - 60)
        assert all(text.y < foot or text.style.size < 7 for text in sheet.texts)


@settings(max_examples=200, deadline=None)
@given(hostile_text, st.floats(20, 300))
@example("a" * 50, 20)
@example("mot " * 30, 60)
def test_lines_fit_and_lose_nothing(text: str, limit: float) -> None:
    """Every line is at most as wide as its column, and every character but the breaks is on one."""
    lines = wrap(text, 8.5, False, limit)
    for line in lines:
        assert len(line) == 1 or width(line, 8.5, False) <= limit + SLACK or not line.strip("\u200d\ufe0f\u0301")

    def visible(value: str) -> Counter[str]:
        return Counter(character for character in value if not character.isspace())

    assert visible("".join(lines)) == visible(text)


def test_a_character_without_glyph_is_seen() -> None:
    """Shown as □, never dropped; Greek, Cyrillic, Chinese and symbols have glyphs."""
    shown = "".join(run.text for run in widths(False).runs("漢字 🦄 Ωμέγα Щука ★"))
    assert shown == "漢字 □ Ωμέγα Щука ★"
    assert [run.family for run in widths(False).runs("Ωμέγα ★")] == ["east", "latin", "wide"]


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("han", "株式会社みなと東京図書館の沢辺"),
        ("han", "北京贸易有限公司臺北貿易股份有限公司"),
        ("hangul", "서울무역주식회사"),
        ("thai", "บริษัททะเลจำกัด"),
        ("arabic", "شركةالبحرللتجارة"),
        ("wide", "חברתהים"),
        ("east", "ΕταιρείαЩука"),
    ],
)
@pytest.mark.parametrize("bold", [False, True])
def test_names_of_every_trade_have_glyphs_in_one_face(family: str, name: str, bold: bool) -> None:
    """PTY-01, DOC-01: Chinese, Japanese, Korean, Thai, Arabic, Hebrew, Greek and Russian print as they are."""
    [(found, shown, _)] = widths(bold).runs(name)
    assert (found, "□" in shown) == (family, False)
    assert width(name, 10, bold) > 0


@pytest.mark.parametrize("count", [1, 20, 1000])
def test_every_page_carries_number_and_count(count: int) -> None:
    """CGI ann. II art. 242 nonies A, I 7°: the number on every page, and n/N — in the PDF itself."""
    reader = PdfReader(BytesIO(render_document(samples.document(samples.goods(count)))))
    for index, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert "2026-000123" in text
        assert f"Page {index}/{len(reader.pages)}" in text


@pytest.mark.parametrize("kind", ["invoice", "quote"])
def test_the_last_page_shows_lines_and_totals_with_how_to_pay_and_the_place_to_sign(kind: str) -> None:
    """QUO-01, INV-06: whatever the number of lines, neither payment nor signature stands alone on a last page."""
    turned = 0
    for count in range(1, 46):
        if kind == "invoice":
            view, lay = invoice_view(samples.document(samples.goods(count))), invoice_layout
        else:
            view, lay = quote_view(samples.quote(count)), quote_layout
        sheets, due = lay(view), view.totals[-1][0]
        turned += len(sheets) > 1
        assert due in said(sheets[-1]), count
        assert view.rows[-1].cells[0][:8] in " ".join(said(sheets[-1])), count
    assert turned > 10


def test_totals_are_carried_from_page_to_page() -> None:
    """Each page but the last ends with « À reporter », the next begins with the same amount as « Report »."""
    lines = samples.goods(200)
    sheets = pages(samples.document(lines))
    assert len(sheets) > 4
    designations = {line.designation for line in lines}
    seen, nets = 0, [line.net.amount for line in lines]
    for before, after in pairwise(sheets):
        if FRENCH.carried not in said(before):
            assert FRENCH.to_pay in said(before)
            continue
        seen += sum(word in designations for word in said(before))
        amount = said(before)[said(before).index(FRENCH.carried) - 1]
        assert amount == FRENCH.amount_of(sum(nets[:seen], Decimal(0)))
        assert said(after)[said(after).index(FRENCH.brought) - 1] == amount
        assert FRENCH.designation in said(after)


@pytest.mark.parametrize("count", range(18, 80))
def test_totals_never_stand_without_lines(count: int) -> None:
    """The page of the totals holds the last two lines of the table, and the totals in one piece."""
    sheets = pages(samples.document(samples.goods(count)))
    (page,) = (sheet for sheet in sheets if FRENCH.to_pay in said(sheet))
    words = said(page)
    designations = {spec[1] for spec in samples.GOODS}
    assert {FRENCH.total_net, FRENCH.total_vat, FRENCH.total_gross, FRENCH.vat_rate} <= set(words)
    assert sum(word in designations for word in words) >= 2


def test_decimals_stand_under_each_other() -> None:
    """Quantities and prices of different precision have their decimal mark at the same place."""
    (sheet, *_) = pages(samples.document(samples.goods(7)))
    marks = {
        round(text.x + sum(widths(False)[c] for c in text.text.split(",")[0]) * 8.5, 2)
        for text in sheet.texts
        if text.text in {"6,45", "9,80", "14,3275", "118,40"}
    }
    assert len(marks) == 1


def test_the_customer_stands_in_the_window() -> None:
    """The recipient of a sheet folded in three shows in the window of a French DL envelope."""
    (sheet, *_) = pages(samples.document(samples.goods(3)))
    block = [
        text
        for text in sheet.texts
        if text.text in {"Établissements Lefèvre & Fils", "35400 Saint-Malo"} and text.x > 300
    ]
    assert len(block) == 2
    for text in block:
        assert text.x == WINDOW_X >= 100 * 72 / 25.4
        assert WINDOW_Y < text.y < 90 * 72 / 25.4
