"""The publisher's attestation on paper, in the words of BOI-LETTRE-000242: one part for each side (RULES §3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time

from comptoir.documents.canvas import INK, MUTED, WIDTH, Meta, Sheet, Style, paint
from comptoir.documents.party_blocks import address_lines
from comptoir.documents.typeset import wrap
from comptoir.ledger.attestation import Attestation
from comptoir.parties.snapshot import Language

_LEFT, _BREADTH = 56.0, WIDTH - 112.0
_HEAD, _PART, _BODY, _QUIET = Style(13, bold=True), Style(11, bold=True), Style(10), Style(8.5, colour=MUTED)
_STEP = 1.45
_PRODUCT = "Comptoir"

_TITLE = (
    "ATTESTATION INDIVIDUELLE",
    "relative à l'utilisation d'un logiciel ou d'un système de caisse satisfaisant à des conditions d'inaltérabilité, "
    "de sécurisation, de conservation et d'archivage des données en vue du contrôle de l'administration fiscale "
    "(3° bis du I de l'article 286 du code général des impôts)",
)
_REMINDER = (
    "Il est rappelé que l'établissement d'une fausse attestation est un délit pénal passible de trois ans "
    "d'emprisonnement et de 45 000 € d'amende (article 441-1 du code pénal). L'usage d'une fausse attestation est "
    "passible des mêmes peines."
)


def attestation_texts(told: Attestation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paragraphs of the publisher's part and of the company's."""
    by = told.publisher
    where = ", ".join(address_lines(told.company_address, "FR", Language.FRENCH))
    siren = f", SIREN {told.siren}" if told.siren else ""
    first = (
        f"Je soussigné(e), {by.signatory}, représentant légal de {by.name}, éditeur du logiciel « {_PRODUCT} », "
        f"version {told.version}, licence n° {told.licence}, atteste que ce logiciel, mis sur le marché à compter du "
        f"{by.market_since:%d/%m/%Y}, satisfait aux conditions d'inaltérabilité, de sécurisation, de conservation et "
        "d'archivage des données en vue du contrôle de l'administration fiscale, prévues au 3° bis du I de l'article "
        "286 du code général des impôts.",
        f"J'atteste que la dernière version majeure de ce logiciel est identifiée avec la racine suivante : "
        f"{told.root}, et que les versions mineures développées ou susceptibles d'être développées ultérieurement à "
        f"cette version majeure sont ou seront identifiées par les subdivisions suivantes de cette racine : "
        f"{told.root}.x.y. Je m'engage à ce que ces subdivisions ne soient utilisées que pour l'identification des "
        "versions mineures ultérieures, à l'exclusion de toute version majeure, au sens du BOI-TVA-DECLA-30-10-30.",
        f"Attestation établie au nom de {told.company_name}{siren}, {where}.",
        f"Fait à {by.place}, le {told.made_on:%d/%m/%Y}. Signature du représentant légal de l'éditeur :",
    )
    second = (
        f"Je soussigné(e), {told.signatory}, représentant légal de {told.company_name}{siren}, {where}, certifie avoir "
        f"acquis le {told.acquired_on:%d/%m/%Y}, auprès de {by.name}, le logiciel mentionné au volet 1.",
        "J'atteste utiliser ce logiciel pour enregistrer les règlements de mes clients depuis le "
        f"{told.used_since:%d/%m/%Y}.",
        "Fait à ……………………………, le …………………………… Signature du représentant légal de l'entreprise :",
    )
    return first, second


def render_attestation(told: Attestation) -> bytes:
    """The attestation as PDF/A-3B, a page for each part: the same content always gives the same bytes."""
    first, second = attestation_texts(told)
    sheets = [
        _page("Volet 1 : partie remplie par l'éditeur du logiciel", first),
        _page("Volet 2 : partie à remplir par l'entreprise qui acquiert le logiciel", second),
    ]
    made = datetime.combine(told.made_on, time(12), UTC)
    return paint(sheets, Meta(f"Attestation — {told.company_name}", told.publisher.name, "fr-FR", made))


def _page(part: str, paragraphs: Sequence[str]) -> Sheet:
    sheet = Sheet()
    y = _lines(sheet, 70, _TITLE[:1], _HEAD)
    y = _lines(sheet, y + 4, _TITLE[1:], _QUIET)
    y = _lines(sheet, y + 22, (part,), _PART)
    for paragraph in paragraphs:
        y = _lines(sheet, y + 12, (paragraph,), _BODY)
    y += 120
    sheet.rule(_LEFT, y, _BREADTH, INK, 0.4)
    _lines(sheet, y + 8, (_REMINDER,), _QUIET)
    return sheet


def _lines(sheet: Sheet, y: float, texts: Iterable[str], style: Style) -> float:
    for text in texts:
        for line in wrap(text, style.size, style.bold, _BREADTH):
            y += style.size * _STEP
            sheet.left(_LEFT, y, line, style)
    return y
