"""Documents in each template: looks, words and images of a company, and groups by incoterm."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

from comptoir.catalogue.pricing import PricedLine, totals
from comptoir.docbase.ready import READY
from comptoir.docbase.template import Appearance, Picture, PrintKind, Template, Texts, frozen
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.text import sha256
from comptoir.orders.quote import Amended, QuoteSnapshot, Withdrawal
from comptoir.parties.snapshot import Language
from tests.golden import snapshots as samples

PLACES = (("FOB", "Le Havre"), ("CFR", "New York"), ("CIF", "New York"))
TERMS = {
    Language.FRENCH: "Article 1 — Objet. Les présentes conditions régissent toutes les ventes du vendeur.\n",
    Language.ENGLISH: "Article 1 — Purpose. These terms govern all sales of the seller.\n",
    Language.SPANISH: "Artículo 1 — Objeto. Estas condiciones rigen todas las ventas del vendedor.\n",
    Language.GERMAN: "Artikel 1 — Gegenstand. Diese Bedingungen gelten für alle Verkäufe des Verkäufers.\n",
}
HEADER = {
    Language.FRENCH: "Négoce maritime depuis 1987",
    Language.ENGLISH: "Maritime trade since 1987",
    Language.SPANISH: "Comercio marítimo desde 1987",
    Language.GERMAN: "Seehandel seit 1987",
}
FOOTER = {
    Language.FRENCH: "Crédit du Ponant — agence de Brest",
    Language.ENGLISH: "Crédit du Ponant — Brest branch",
    Language.SPANISH: "Crédit du Ponant — sucursal de Brest",
    Language.GERMAN: "Crédit du Ponant — Filiale Brest",
}
OWN = {
    Language.FRENCH: "Marchandise sous réserve de propriété (loi 80-335).",
    Language.ENGLISH: "Goods under retention of title (French law 80-335).",
    Language.SPANISH: "Mercancía con reserva de dominio (ley francesa 80-335).",
    Language.GERMAN: "Ware unter Eigentumsvorbehalt (französisches Gesetz 80-335).",
}


@cache
def picture(width: int, height: int) -> bytes:
    """A plain PNG."""
    out = BytesIO()
    Image.new("RGB", (width, height), (20, 90, 140)).save(out, "PNG")
    return out.getvalue()


LOGO_BYTES, FACE_BYTES = picture(480, 140), picture(200, 240)
LOGO = Picture(sha256=sha256(LOGO_BYTES), width=480, height=140)
FACE = Picture(sha256=sha256(FACE_BYTES), width=200, height=240)
IMAGES = {LOGO.sha256: LOGO_BYTES, FACE.sha256: FACE_BYTES}


def dressed(code: str, language: Language, kind: PrintKind) -> Appearance:
    """A ready-made template with the words and the logo of a company."""
    texts = Texts(
        language=language,
        header=HEADER[language],
        footer=FOOTER[language],
        general_terms=TERMS[language] * 40 if kind is PrintKind.QUOTE else None,
        mentions=(OWN[language],),
    )
    template: Template = READY[code].change(logo=LOGO, texts=(texts,))
    return frozen(template, language, kind)


def grouped(lines: Iterable[PricedLine], places: tuple[tuple[str, str], ...] = PLACES) -> tuple[PricedLine, ...]:
    """The lines on incoterms in turn, as they would be entered."""
    at = (places[number % len(places)] for number in range(10_000))
    return tuple(
        line.change(incoterm=code, incoterm_place=place) for line, (code, place) in zip(lines, at, strict=False)
    )


def quote(code: str, language: Language, count: int = 12, **changes: Any) -> QuoteSnapshot:
    """A quote by incoterm in a template, with everything that one may hold (QUO-01)."""
    lines = grouped(samples.goods(count, language))
    values: dict[str, Any] = {
        "lines": lines,
        "totals": totals(lines, "EUR"),
        "appearance": dressed(code, language, PrintKind.QUOTE),
        "portrait": FACE,
    }
    return samples.quote(count, language, **values | changes)


def invoice(code: str, language: Language, count: int = 26, **changes: Any) -> Snapshot:
    """An invoice by incoterm in a template."""
    lines = grouped(samples.goods(count, language))
    return samples.document(lines, language, **{"appearance": dressed(code, language, PrintKind.INVOICE), **changes})


def amendment(language: Language = Language.FRENCH) -> QuoteSnapshot:
    """An amendment of a signed quote, to a consumer at a distance."""
    return quote(
        "sobre",
        language,
        number="A-000042-2",
        amends=Amended(number="D-000042-1", issue_date=date(2026, 11, 3), signed_on=date(2026, 11, 9)),
        withdrawal=Withdrawal(goods=True, start=date(2026, 12, 4), until=date(2026, 12, 18)),
        buyer=samples.BUYER.change(siren=None, vat_number=None, professional=False, name="Jeanne Morvan"),
        preview=False,
    )
