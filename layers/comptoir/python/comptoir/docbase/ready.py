"""The five templates that every company has from the start (QUO-06)."""

from __future__ import annotations

from comptoir.docbase.template import (
    Density,
    Due,
    Head,
    Look,
    OptionalColumn,
    Rows,
    TableHead,
    Template,
)

CLASSIC = "classique"
"""The one that documents use until the company chooses another."""

_LOOKS: dict[str, tuple[str, Look]] = {
    CLASSIC: ("Classique", Look()),
    "marine": (
        "Marine",
        Look(accent="#12305C", head=Head.BAND, table_head=TableHead.FILLED, rows=Rows.STRIPED, density=Density.AIRY),
    ),
    "sobre": ("Sobre", Look(accent="#1C242B", head=Head.PLAIN, rows=Rows.OPEN, due=Due.RULED, density=Density.AIRY)),
    "compact": (
        "Compact",
        Look(
            accent="#2E6B3F",
            table_head=TableHead.TINTED,
            rows=Rows.STRIPED,
            due=Due.RULED,
            density=Density.COMPACT,
            logo_height=12,
        ),
    ),
    "export": (
        "Export",
        Look(
            accent="#8A2B2B",
            head=Head.PLAIN,
            table_head=TableHead.FILLED,
            columns=(OptionalColumn.POSITION, OptionalColumn.CODE, OptionalColumn.UNIT),
        ),
    ),
}
READY: dict[str, Template] = {code: Template(code=code, name=name, look=look) for code, (name, look) in _LOOKS.items()}
"""Code → template; a company that saves one under the same code has its own instead."""
