"""Incoterms® 2020: their levels, who carries and insures, and what groups and totals follow (RULES §10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from comptoir.kernel.explain import shaped


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

Incoterm = Annotated[
    str,
    shaped(
        r"^(EXW|FCA|FAS|FOB|CFR|CPT|CIF|CIP|DAP|DPU|DDP)$",
        "Incoterm 2020 attendu : EXW, FCA, FAS, FOB, CFR, CPT, CIF, CIP, DAP, DPU ou DDP.",
        "An Incoterms 2020 rule is expected: EXW, FCA, FAS, FOB, CFR, CPT, CIF, CIP, DAP, DPU or DDP.",
    ),
]


def level(incoterm: str | None) -> int:
    """Where an incoterm stands among the groups of a document; 0 without one."""
    return RULES[incoterm].level if incoterm else 0


def final(incoterms: Iterable[str | None]) -> str | None:
    """The final incoterm of a sale: the highest among its lines (OFF-07)."""
    return max((code for code in incoterms if code), key=level, default=None)
