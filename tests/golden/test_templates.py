"""Documents in every template: where things stand, groups by incoterm, images, annexes, previews (QUO-06, OFF-07)."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from comptoir.catalogue.incoterms import RULES as INCOTERMS
from comptoir.catalogue.pricing import totals
from comptoir.docbase.ready import READY
from comptoir.docbase.template import Look, PrintKind
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.layouts import quote_layout
from comptoir.documents.pictures import printable
from comptoir.documents.quote_view import quote_view
from comptoir.documents.render import images_of, preview_document, render_document, render_quote
from comptoir.documents.texts import FRENCH, TEXTS
from comptoir.documents.theme import theme
from comptoir.kernel.errors import Refused
from comptoir.parties.snapshot import Language
from tests.golden import cases, templates
from tests.golden import snapshots as samples
from tests.golden.test_layout import assert_well_placed, pages, said


@pytest.mark.parametrize("code", READY)
@pytest.mark.parametrize("count", [1, 2, 5, 17, 18, 19, 20, 21, 40, 130])
def test_every_template_places_its_documents_well(code: str, count: int) -> None:
    """QUO-06, OFF-07: with logo, portrait, groups, own words and general terms, in every language."""
    for language in Language:
        assert_well_placed(pages(templates.invoice(code, language, count)))
        assert_well_placed(quote_layout(quote_view(templates.quote(code, language, count))))


@pytest.mark.parametrize("code", READY)
@pytest.mark.parametrize("name", cases.CASES | cases.UNREADABLE)
def test_every_case_is_well_placed_in_every_template_and_language(code: str, name: str) -> None:
    """INV-03, INV-06: one document of each kind, type and VAT case; its number is on every page."""
    for language in Language:
        kind = PrintKind.INVOICE
        appearance = templates.dressed(code, language, kind)
        snapshot = (cases.CASES | cases.UNREADABLE)[name](language).change(appearance=appearance)
        sheets = pages(snapshot)
        assert_well_placed(sheets)
        if not snapshot.test:
            assert all(any(snapshot.number in words for words in said(sheet)) for sheet in sheets)
        assert all((sheet.watermark == "TEST") == snapshot.test for sheet in sheets)


@pytest.mark.parametrize("code", READY)
def test_the_longest_texts_are_well_placed_in_every_template(code: str) -> None:
    look = READY[code].look
    long = "Mot très long " * 14
    appearance = templates.dressed(code, samples.FRENCH, PrintKind.QUOTE).change(header=long, footer=long, look=look)
    assert_well_placed(pages(samples.hostile().change(appearance=appearance)))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(list(READY)),
    st.lists(
        st.tuples(st.sampled_from(list(INCOTERMS)), st.sampled_from(["Brest", "x" * 200, "quai " * 40])), max_size=9
    ),
    st.lists(st.integers(1, 90), min_size=1, max_size=25),
)
def test_groups_of_any_size_are_well_placed(code: str, places: list[tuple[str, str]], heights: list[int]) -> None:
    """OFF-07: headings stay with a line of theirs, totals with the last one, whatever the heights and breaks."""
    lines = tuple(
        samples.line(position, ("X", "\n".join(["mot"] * height), "1", "u", "1", "0", "20"))
        for position, height in enumerate(heights, start=1)
    )
    lines = templates.grouped(lines, tuple((place, name.strip()) for place, name in places)) if places else lines
    snapshot = templates.invoice(code, samples.FRENCH, 1).change(lines=lines, totals=totals(lines, "EUR"))
    sheets = pages(snapshot)
    assert_well_placed(sheets)
    view = invoice_view(snapshot)
    told = [text.text for sheet in sheets for text in sheet.texts]
    assert told.count("mot") == sum(heights)
    assert len(view.groups) == len({line.incoterm and (line.incoterm, line.incoterm_place) for line in lines} - {None})
    for group in view.groups:
        assert group.total in told
    if view.groups:
        assert view.groups[-1].total == FRENCH.amount_of(snapshot.totals.net.amount)


def test_lines_are_printed_by_ascending_incoterm_down_to_the_final_one() -> None:
    """OFF-07, OFF-03: groups by level, lines as entered in each, and the last total is that of the sale."""
    lines = templates.grouped(samples.goods(9), (("CIF", "New York"), ("FOB", "Le Havre"), ("CFR", "New York")))
    view = invoice_view(samples.document(lines))
    assert [(group.first, group.heading, group.label) for group in view.groups] == [
        (0, "FOB Le Havre (Incoterms® 2020)", "Total FOB Le Havre"),
        (3, "CFR New York (Incoterms® 2020)", "Total CFR New York"),
        (6, "CIF New York (Incoterms® 2020)", "Total CIF New York"),
    ]
    shown = [row.cells[1] for row in view.rows]
    assert shown == [lines[number].designation for number in (1, 4, 7, 2, 5, 8, 0, 3, 6)]
    nets = [lines[number].net.amount for number in (1, 4, 7, 2, 5, 8, 0, 3, 6)]
    running = [FRENCH.amount_of(sum(nets[:end], Decimal(0))) for end in (3, 6, 9)]
    assert [group.total for group in view.groups] == running
    assert invoice_view(samples.document(samples.goods(9))).groups == ()


def test_lines_outside_the_incoterms_come_last_with_a_total_of_their_own() -> None:
    """OFF-07: they change no price at an incoterm."""
    loose, *others = samples.goods(4)
    lines = (loose, *templates.grouped(others, (("FOB", "Le Havre"),)))
    view = invoice_view(samples.document(lines))
    assert [(group.first, group.label) for group in view.groups] == [
        (0, "Total FOB Le Havre"),
        (3, "Total Hors incoterm"),
    ]
    assert view.groups[1].total == FRENCH.amount_of(loose.net.amount)


def test_forty_pages_carry_their_groups_and_totals() -> None:
    """Every page that goes on with a group says so, under the amount brought forward."""
    snapshot = templates.invoice("classique", samples.FRENCH, 1500)
    sheets = pages(snapshot)
    assert len(sheets) >= 40
    assert_well_placed(sheets)
    continued = [words for words in map(said, sheets) if any("(suite)" in word for word in words)]
    assert len(continued) >= 36
    assert all(FRENCH.brought in words for words in continued)


@pytest.mark.parametrize("code", READY)
def test_no_template_leaves_out_what_the_law_wants(code: str) -> None:
    """QUO-06: whatever is chosen, mentions, identity and VAT table stand; only columns that nobody asks for may go."""
    bare = templates.invoice(code, samples.FRENCH).appearance
    assert bare is not None
    snapshot = templates.invoice(
        code, samples.FRENCH, appearance=bare.change(look=bare.look.change(columns=()), mentions=())
    )
    words = "\n".join(word for sheet in pages(snapshot) for word in said(sheet))
    wanted = [mention.text for mention in snapshot.mentions]
    wanted += ["FACTURE", "2026-000123", FRENCH.vat_rate, FRENCH.vat, FRENCH.unit_price, FRENCH.quantity, "RCS Brest"]
    for mention in wanted:
        assert mention in words
    keys = [column.key for column in invoice_view(snapshot).columns]
    assert keys == ["designation", "quantity", "price", "discount", "vat", "net"]


@pytest.mark.parametrize("accent", ["#FFFF00", "#FFFFFF", "#7FB2D9", "#000000", "#0F4C5C"])
def test_any_accent_can_be_read(accent: str) -> None:
    """A pale accent is darkened for texts, and what stands on it takes the colour that reads."""
    look = theme(Look(accent=accent))
    assert sum(look.ink) < 440
    assert (look.over == (255, 255, 255)) == (sum(look.accent) < 450)


def test_images_are_embedded_without_transparency() -> None:
    """QUO-06, QUO-01: logo and portrait by their hash; PDF/A-3 allows no soft mask that readers could drop."""
    quote = templates.quote("classique", samples.FRENCH, 3)
    assert images_of(quote) == (templates.LOGO.sha256, templates.FACE.sha256)
    pdf = render_quote(quote, templates.IMAGES)
    assert b"/SMask" not in pdf
    assert len(PdfReader(BytesIO(pdf)).pages[0].images) == 2
    with pytest.raises(KeyError):
        render_quote(quote, {})


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", templates.LOGO_BYTES[:-30], b"GIF89a", templates.LOGO_BYTES[:60]]
)
def test_what_is_no_image_is_refused(content: bytes) -> None:
    """QUO-06: it would otherwise keep every later invoice from being rendered."""
    with pytest.raises(Refused):
        printable(content)


def test_an_image_is_made_ready_to_print() -> None:
    """Within 800 pixels, in RGB, transparent parts white, no metadata; the same bytes each time."""
    from PIL import Image

    source, out = Image.new("RGBA", (1600, 400), (255, 0, 0, 0)), BytesIO()
    source.save(out, "PNG")
    made = printable(out.getvalue())
    assert (made.width, made.height, made) == (800, 200, printable(out.getvalue()))
    with Image.open(BytesIO(made.content)) as image:
        assert (image.mode, image.getpixel((5, 5))) == ("RGB", (255, 255, 255))


def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    from PIL import Image

    out = BytesIO()
    Image.new("1", (4001, 10)).save(out, "PNG")
    with pytest.raises(Refused):
        printable(out.getvalue())


def test_a_quote_holds_everything_that_sells_and_binds() -> None:
    """QUO-01: message and picture of the sales person, terms attached, two copies, « Bon pour accord »."""
    sheets = quote_layout(quote_view(templates.quote("classique", samples.FRENCH)))
    words = "\n".join(word for sheet in sheets for word in said(sheet))
    for mention in (
        "DEVIS", "Valable jusqu’au", "Yann Kermarrec", "Merci de votre visite", "gratuit", "Conditions de règlement",
        "IBAN", "deux exemplaires", "Bon pour accord", "Les conditions générales de vente jointes",
        "Conditions générales de vente", "Article 1", "Négoce maritime", "réserve de propriété", "FOB Le Havre",
    ):  # fmt: skip
        assert mention in words, mention
    assert sheets[0].images


def test_an_amendment_to_a_consumer_names_its_quote_and_the_right_of_withdrawal() -> None:
    """QUO-04, QUO-05: the signed quote, the computed date, and the standard form (C. conso. ann. art. R221-1)."""
    sheets = quote_layout(quote_view(templates.amendment()))
    words = " ".join(word for sheet in sheets for word in said(sheet))
    for mention in (
        "AVENANT", "Avenant au devis n° D-000042-1 du 03/11/2026, signé le 09/11/2026", "18/12/2026", "L221-18",
        "Formulaire de rétractation", "À l’attention de Comptoir du Ponant, 12 quai de la Douane",
        "(*) Rayez la mention inutile.",
    ):  # fmt: skip
        assert mention in words, mention


def test_a_preview_has_no_number_no_xml_and_says_so_on_each_page() -> None:
    """DOC-02."""
    for language, texts in TEXTS.items():
        pdf = preview_document(templates.invoice("marine", language, 60), templates.IMAGES)
        reader = PdfReader(BytesIO(pdf))
        assert len(reader.pages) > 1
        for page in reader.pages:
            assert texts.preview in page.extract_text()
            assert "2026-000123" not in page.extract_text()
        assert not reader.attachments
    assert "2026-000123" in PdfReader(BytesIO(render_document(samples.single()))).pages[0].extract_text()
