"""Names and designations in the scripts of the world: real glyphs, joined and ordered as they are read (INV-06)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import uharfbuzz
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from comptoir.documents.canvas import Style, Text
from comptoir.documents.fonts import MISSING, font_file, width, widths
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.layouts import invoice_layout
from comptoir.documents.render import render_document
from comptoir.documents.typeset import wrap
from tests.golden import snapshots as samples

SCRIPTS = samples.NAMES


def glyphs(text: str, bold: bool = False) -> list[int]:
    """The glyph numbers that a text is drawn with."""
    drawn = []
    for family, run, direction in widths(bold).runs(text):
        font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font_file(family, bold)))))
        buffer = uharfbuzz.Buffer()
        buffer.add_str(run)
        buffer.guess_segment_properties()
        buffer.direction = direction or "ltr"
        uharfbuzz.shape(font, buffer)
        drawn += [info.codepoint for info in buffer.glyph_infos]
    return drawn


@pytest.mark.parametrize("bold", [False, True], ids=["regular", "bold"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_glyphs(script: str, bold: bool) -> None:
    """INV-06: neither the box of a character that no face has, nor a face's own missing glyph."""
    text = SCRIPTS[script]
    assert MISSING not in "".join(run.text for run in widths(bold).runs(text))
    assert 0 not in glyphs(text, bold)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_document_holds_the_name_so_that_it_can_be_searched(script: str) -> None:
    """INV-06: every letter of the name is told by the embedded faces' own table."""
    snapshot = samples.in_script(SCRIPTS[script])
    reader = PdfReader(BytesIO(render_document(snapshot)))
    told = "".join(page.extract_text() for page in reader.pages)
    assert set(SCRIPTS[script]) - {" ", "\u200c"} <= set(told)
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            assert "/FontFile2" in descendant.get_object()["/FontDescriptor"].get_object()


def test_arabic_letters_join() -> None:
    """A letter inside a word is not drawn as it stands alone."""
    word = "النور"
    with TTFont(font_file("arabic", False), lazy=True) as font:
        alone = [font.getGlyphID(font.getBestCmap()[ord(letter)]) for letter in word]
    assert sorted(glyphs(word)) != sorted(alone)
    assert width(word, 1, False) < sum(width(letter, 1, False) for letter in word)


def test_numbers_and_latin_words_keep_their_order_inside_arabic() -> None:
    """Runs stand from left to right; what is read from the right comes in reverse, digits do not."""
    shown = [(run.text, run.shaped) for run in widths(False).runs("شركة 2024")]
    assert shown == [("2024", None), (" ", "rtl"), ("شركة", "rtl")]
    mixed = [run.text.strip() for run in widths(False).runs("Client شركة النور SARL")]
    assert [text for text in mixed if text] == ["Client", "النور", "شركة", "SARL"]


def test_nested_directions_are_ordered_from_the_inside_out() -> None:
    """Unicode, rule L2: a number in a right-to-left phrase of a left-to-right line."""
    shown = [run.text.strip() for run in widths(False).runs("A שלום 12 עולם B")]
    assert [text for text in shown if text] == ["A", "עולם", "12", "שלום", "B"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_ends_at_an_edge_ends_there_in_any_script(script: str) -> None:
    """The width of a text is that of its drawn glyphs: a line broken to fit does fit."""
    text = " ".join([SCRIPTS[script]] * 8)
    lines = wrap(text, 8.5, False, 120)
    assert len(lines) > 1
    assert all(Text(0, 0, line, Style(8.5)).width <= 120.01 for line in lines)


@given(st.text(st.sampled_from("aé1( شركةשל\u200cไม่न漢서"), max_size=12))
def test_no_letter_is_lost_on_the_way_to_the_page(text: str) -> None:
    """Runs hold what the text holds, in whatever order it is read."""
    drawn = "".join(run.text for run in widths(False).runs(text))
    assert sorted(drawn.replace("\u200c", "")) == sorted(text.replace("\u200c", ""))


def test_a_document_in_every_script_is_well_placed() -> None:
    """No text of any script leaves the page."""
    sheets = invoice_layout(invoice_view(samples.in_script(*SCRIPTS.values())))
    assert all(text.x >= 0 and text.x + text.width <= 595.28 for sheet in sheets for text in sheet.texts)
