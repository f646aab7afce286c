"""Incoterms® 2020: their levels, who carries and insures, and what groups and totals follow (RULES §10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comptoir.kernel.errors import Breach
from comptoir.parties.terms import Incoterm as Incoterm


@dataclass(frozen=True)
class Rule:
    """One of the eleven rules: its level in a sale, its mode, and what the seller pays for."""

    level: int
    sea: bool
    carriage: bool
    insurance: bool


RULES: dict[str, Rule] = {
    "EXW": Rule(10, sea=False, carriage=False, insurance=False),
    "FCA": Rule(20, sea=False, carriage=False, insurance=False),
    "FAS": Rule(30, sea=True, carriage=False, insurance=False),
    "FOB": Rule(40, sea=True, carriage=False, insurance=False),
    "CFR": Rule(50, sea=True, carriage=True, insurance=False),
    "CPT": Rule(55, sea=False, carriage=True, insurance=False),
    "CIF": Rule(60, sea=True, carriage=True, insurance=True),
    "CIP": Rule(65, sea=False, carriage=True, insurance=True),
    "DAP": Rule(70, sea=False, carriage=True, insurance=False),
    "DPU": Rule(80, sea=False, carriage=True, insurance=False),
    "DDP": Rule(90, sea=False, carriage=True, insurance=False),
}


def level(incoterm: str | None) -> int:
    """Where an incoterm stands among the groups of a document; 0 without one."""
    return RULES[incoterm].level if incoterm else 0


def final(incoterms: Iterable[str | None]) -> str | None:
    """The final incoterm of a sale: the highest among its lines (OFF-07)."""
    return max((code for code in incoterms if code), key=level, default=None)


_INSURED = {"CFR": "CIF", "CPT": "CIP"}


def insured(incoterm: str) -> str:
    """What a sale becomes once the seller insures it too: CFR → CIF, CPT → CIP (RULES §10)."""
    return _INSURED.get(incoterm, incoterm)


_STAGES = (frozenset({"FCA", "FAS", "FOB"}), frozenset({"CFR", "CPT", "CIF", "CIP"}))


def mixed(incoterms: Iterable[str | None]) -> tuple[str, ...]:
    """The incoterms that mix sea-only and any-mode rules at one stage, in ascending level (RULES §10)."""
    codes = {code for code in incoterms if code}
    at_odds = [codes & stage for stage in _STAGES if len({RULES[code].sea for code in codes & stage}) > 1]
    return tuple(sorted((code for stage in at_odds for code in stage), key=level))


def place_missing(pointer: str, link: str | None = None) -> Breach:
    """The breach of an incoterm without the place that it names."""
    fr, en = "Un incoterm a un lieu convenu.", "An incoterm has a named place."
    return Breach(code="incoterm_place_missing", fr=fr, en=en, pointer=pointer, link=link)


def place_breaches(incoterm: str | None, place: str | None, at: str) -> list[Breach]:
    """An incoterm has its named place, and a place its incoterm; `at` is what comes before their names (RULES §10)."""
    if incoterm and not place:
        return [place_missing(f"{at}incoterm_place")]
    if place and not incoterm:
        fr, en = "Un lieu sans incoterm.", "A place without incoterm."
        return [Breach(code="incoterm_missing", fr=fr, en=en, pointer=f"{at}incoterm")]
    return []
