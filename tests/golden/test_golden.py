"""Documents against their golden forms: placed texts, XML, and a digest of the PDF's content.

After a wanted change look at the pictures (`pdftoppm -r 70 -png`), then write the new forms with
`COMPTOIR_UPDATE_GOLDEN=1 pytest tests/golden/test_golden.py` and read their diff.
The digest is taken over inflated streams, so that another zlib does not change it.
"""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from comptoir.docbase.ready import READY
from comptoir.documents.canvas import Sheet
from comptoir.documents.facturx import facturx_xml
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.layouts import invoice_layout, quote_layout
from comptoir.documents.quote_view import quote_view
from comptoir.documents.render import render_document, render_quote
from comptoir.invoicing.snapshot import Snapshot
from comptoir.orders.quote import QuoteSnapshot
from comptoir.parties.snapshot import Language
from tests.golden import cases, templates
from tests.golden import snapshots as samples

EXPECTED = Path(__file__).parent / "expected"
UPDATE = bool(os.environ.get("COMPTOIR_UPDATE_GOLDEN"))
SAMPLES: dict[str, Callable[[], Snapshot | QuoteSnapshot]] = {
    "invoice-1-fr": samples.single,
    "invoice-1-en": lambda: samples.single(samples.ENGLISH),
    "invoice-20-fr": lambda: samples.document(samples.goods(20)),
    "invoice-20-en": lambda: samples.document(samples.goods(20), samples.ENGLISH),
    "invoice-1000-fr": lambda: samples.document(samples.goods(1000)),
    "invoice-intra-community-en": samples.intra_community,
    "invoice-hostile-fr": samples.hostile,
    "invoice-scripts-fr": lambda: samples.in_script(*samples.NAMES.values()),
    "credit-note-fr": samples.credit_note,
    "credit-note-en": lambda: samples.credit_note(samples.ENGLISH),
    "quote-fr": samples.quote,
    "quote-en": lambda: samples.quote(30, samples.ENGLISH),
    "proforma-fr": lambda: samples.quote(3, proforma=True),
    "amendment-fr": templates.amendment,
    "credit-note-es": lambda: samples.credit_note(samples.SPANISH),
    "credit-note-de": lambda: samples.credit_note(samples.GERMAN),
    "amendment-es": lambda: templates.amendment(samples.SPANISH),
    "amendment-de": lambda: templates.amendment(samples.GERMAN),
    "preview-en": lambda: templates.quote("marine", samples.ENGLISH, 2, preview=True),
}
SAMPLES |= {f"case-{name}": partial(make, samples.FRENCH) for name, make in (cases.CASES | cases.UNREADABLE).items()}
for _code in READY:
    for _language in Language if _code == "classique" else (samples.FRENCH, samples.ENGLISH):
        for _kind, _proforma in (("quote", False), ("proforma", True)):
            SAMPLES[f"{_code}-{_kind}-{_language}"] = partial(templates.quote, _code, _language, proforma=_proforma)
        SAMPLES[f"{_code}-invoice-{_language}"] = partial(templates.invoice, _code, _language)


def matches(name: str, actual: str) -> None:
    """Compare with the golden file, or write it when asked to."""
    path = EXPECTED / name
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    assert actual == path.read_text(encoding="utf-8")


def layout(sample: Snapshot | QuoteSnapshot) -> list[Sheet]:
    if isinstance(sample, Snapshot):
        return invoice_layout(invoice_view(sample))
    return quote_layout(quote_view(sample))


def placed(sheets: list[Sheet]) -> str:
    """The texts of the first two pages and of the last, each at its place in whole points."""
    kept = sorted({0, 1, len(sheets) - 1} & set(range(len(sheets))))
    texts = ((page + 1, text, text.style) for page in kept for text in sheets[page].texts)
    return "".join(
        f"{page:2} {text.x:4.0f} {text.y:4.0f} {style.size:4.1f}{'b' if style.bold else ' '} {text.text}\n"
        for page, text, style in texts
    )


def content_digest(pdf: bytes) -> str:
    """SHA-256 over the PDF with its streams inflated, without lengths, offsets and identifier."""

    def inflate(match: re.Match[bytes]) -> bytes:
        try:
            return zlib.decompress(match[1])
        except zlib.error:
            return match[1]

    body = re.sub(rb"(?s)stream\n(.*?)\nendstream", inflate, pdf[: pdf.rindex(b"\nxref\n")])
    return hashlib.sha256(re.sub(rb"/Length \d+", b"", body)).hexdigest()


@pytest.mark.parametrize("name", SAMPLES)
def test_texts_stand_where_they_stood(name: str) -> None:
    matches(f"{name}.txt", placed(layout(SAMPLES[name]())))


@pytest.mark.parametrize("name", SAMPLES)
def test_pdf_holds_what_it_held(name: str) -> None:
    sample = SAMPLES[name]()
    render = render_document if isinstance(sample, Snapshot) else render_quote
    pdf = render(sample, templates.IMAGES)  # type: ignore[arg-type]
    matches(f"{name}.sha256", content_digest(pdf) + "\n")


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in SAMPLES
        if name.startswith(("invoice", "credit", "case"))
        and "1000" not in name
        and name.removeprefix("case-") not in cases.UNREADABLE
    ],
)
def test_xml_says_what_it_said(name: str) -> None:
    sample = SAMPLES[name]()
    assert isinstance(sample, Snapshot)
    matches(f"{name}.xml", facturx_xml(sample).decode())
