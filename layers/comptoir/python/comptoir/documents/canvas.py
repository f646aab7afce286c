"""Sheets of placed things, and their painting as PDF/A-3B.

A layout fills sheets with texts, rules and fills at computed places, so that a test can measure
every box without reading a PDF; only this module knows fpdf2. Unit: point, origin at the top left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple

from fpdf import FPDF
from fpdf.fonts import TTFFont

from comptoir.documents.fonts import FAMILIES, Run, font_file, run_width, width, widths
from comptoir.documents.xmp import xmp_packet

WIDTH, HEIGHT = 595.28, 841.89
PRODUCER = "Comptoir"

Colour = tuple[int, int, int]
INK: Colour = (28, 36, 43)
MUTED: Colour = (92, 104, 113)
HAIR: Colour = (209, 216, 221)
PAPER: Colour = (255, 255, 255)
GHOST: Colour = (226, 230, 233)


class Style(NamedTuple):
    """How a text looks; `size` in points."""

    size: float
    bold: bool = False
    colour: Colour = INK


class Text(NamedTuple):
    """One line of text, its baseline starting at (x, y)."""

    x: float
    y: float
    text: str
    style: Style

    @property
    def width(self) -> float:
        """How far it reaches to the right."""
        return width(self.text, self.style.size, self.style.bold)


class Fill(NamedTuple):
    """A filled rectangle; a rule is a thin one."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


class Image(NamedTuple):
    """A picture in a rectangle of its own proportions; `sha256` names its bytes."""

    x: float
    y: float
    width: float
    height: float
    sha256: str


Images = Mapping[str, bytes]
"""The bytes of PNG (without transparency) and JPEG images, by their SHA-256."""


class Sheet:
    """One page; `watermark` is written across it, under everything else."""

    __slots__ = ("fills", "images", "texts", "watermark")

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.fills: list[Fill] = []
        self.images: list[Image] = []
        self.watermark = ""

    def left(self, x: float, y: float, text: str, style: Style) -> None:
        """Place a text that starts at `x`."""
        if text:
            self.texts.append(Text(x, y, text, style))

    def right(self, x: float, y: float, text: str, style: Style) -> None:
        """Place a text that ends at `x`."""
        if text:
            self.texts.append(Text(x - width(text, style.size, style.bold), y, text, style))

    def fill(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.fills.append(Fill(x, y, across, down, colour))

    def rule(self, x: float, y: float, across: float, colour: Colour = HAIR, thickness: float = 0.6) -> None:
        """Draw a horizontal line from (x, y)."""
        self.fills.append(Fill(x, y - thickness / 2, across, thickness, colour))


class Attachment(NamedTuple):
    """A file inside the document."""

    name: str
    mime: str
    content: bytes
    description: str


class Meta(NamedTuple):
    """What a document says of itself."""

    title: str
    author: str
    tag: str
    created: datetime


def paint(
    sheets: Sequence[Sheet], meta: Meta, attachment: Attachment | None = None, images: Images | None = None
) -> bytes:
    """The sheets as PDF/A-3B, with the Factur-X marks when there is an attachment.

    The same input gives the same bytes on any day: the only date is `meta.created`, and the file
    identifier is a digest of the content. Errors: `KeyError` when an image's bytes are not given.
    """
    created = meta.created.astimezone(UTC).replace(microsecond=0)
    pdf = FPDF(unit="pt", format="A4", enforce_compliance="PDF/A-3B")
    pdf.set_auto_page_break(False)
    _describe(pdf, meta, created, attachment)
    _load(pdf, (text for sheet in sheets for text in sheet.texts), "".join({sheet.watermark for sheet in sheets}))
    for sheet in sheets:
        pdf.add_page()
        if sheet.watermark:
            _paint_watermark(pdf, sheet.watermark)
        _paint_sheet(pdf, sheet)
        for x, y, across, down, digest in sheet.images:
            pdf.image(BytesIO((images or {})[digest]), x, y, across, down)
    return bytes(pdf.output())


def _describe(pdf: FPDF, meta: Meta, created: datetime, attachment: Attachment | None) -> None:
    pdf.set_title(meta.title)
    pdf.set_subject(meta.title)
    pdf.set_author(meta.author)
    pdf.set_creator(PRODUCER)
    pdf.set_producer(PRODUCER)
    pdf.set_lang(meta.tag)
    pdf.set_creation_date(created)
    pdf.set_xmp_metadata(xmp_packet(meta.title, meta.author, PRODUCER, created, factur_x=attachment is not None))
    if attachment:
        # No checksum: fpdf2 takes it over the compressed bytes, where the standard wants the file's.
        pdf.embed_file(
            bytes=attachment.content,
            basename=attachment.name,
            mime_type=attachment.mime,
            associated_file_relationship="Alternative",
            modification_date=created,
            desc=attachment.description,
            compress=True,
        )


def _load(pdf: FPDF, texts: Iterable[Text], watermark: str) -> None:
    """Declare the faces that occur, and no other: fpdf2 embeds whatever is declared."""
    shown: dict[bool, set[str]] = {False: set(), True: set()}
    for text in texts:
        shown[text.style.bold].update(text.text)
    shown[True].update(watermark)
    for bold, characters in shown.items():
        used = widths(bold).families(characters)
        for family in FAMILIES:
            if family in used:
                pdf.add_font(family, "B" if bold else "", font_file(family, bold))
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            # The boxes of the letters are right in the file: measuring each again costs a quarter of a short document.
            font.ttfont.recalcBBoxes = False


def _paint_sheet(pdf: FPDF, sheet: Sheet) -> None:
    colour: Colour | None = None
    for x, y, across, down, wanted in sheet.fills:
        if wanted != colour:
            pdf.set_fill_color(*wanted)
            colour = wanted
        pdf.rect(x, y, across, down, style="F")
    font: tuple[str, bool, float] | None = None
    for x, y, text, (size, bold, wanted) in sheet.texts:
        if wanted != colour:
            # With both colours alike fpdf2 needs no save and restore around each text.
            pdf.set_fill_color(*wanted)
            pdf.set_text_color(*wanted)
            colour = wanted
        for run in widths(bold).runs(text):
            if (run.family, bold, size) != font:
                font = (run.family, bold, size)
                pdf.set_font(run.family, "B" if bold else "", size)
            if run.shaped:
                _paint_shaped(pdf, x, y, run)
            else:
                pdf.text(x, y, run.text)
            if run.text is not text:
                x += run_width(run, size, bold)


def _paint_shaped(pdf: FPDF, x: float, y: float, run: Run) -> None:
    """A run whose letters join; fpdf2 shapes cells only, and puts their baseline 0.3 of the size below their middle."""
    pdf.set_xy(x, y - 0.3 * pdf.font_size)
    pdf.c_margin = 0
    pdf.set_text_shaping(True, direction=run.shaped)
    pdf.cell(h=0, text=run.text)
    pdf.set_text_shaping(False)


def _paint_watermark(pdf: FPDF, text: str) -> None:
    """Across the page from the lower left, as large as it fits."""
    size = min(96.0, 0.82 * math.hypot(WIDTH, HEIGHT) / width(text, 1, True))
    pdf.set_font(FAMILIES[0], "B", size)
    pdf.set_text_color(*GHOST)
    with pdf.rotation(math.degrees(math.atan2(HEIGHT, WIDTH)), WIDTH / 2, HEIGHT / 2):
        pdf.text((WIDTH - width(text, size, True)) / 2, HEIGHT / 2 + size / 3, text)
