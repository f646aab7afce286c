"""Postal addresses in messages since 15 November 2026: structured or hybrid, never in free lines alone (RULES §5.3)."""

from __future__ import annotations

import re

from comptoir.banking.charset import latin
from comptoir.banking.message import Node, node
from comptoir.banking.model import AddressStyle
from comptoir.banking.scribe import Scribe
from comptoir.kernel.identity import Address

_NUMBER_FIRST = re.compile(r"(\d{1,5} ?(?:bis|ter|quater|[A-Za-z])?(?:[-/]\d{1,5})?),? +(\D.*)", re.IGNORECASE)
_NUMBER_LAST = re.compile(r"(\D.*?),? +(\d{1,5} ?[A-Za-z]?)")


def postal(scribe: Scribe, pointer: str, element: str, address: Address | None, style: AddressStyle) -> Node | None:
    """`PstlAdr` of an address; none without a town, since one without town or in free lines is refused."""
    if address is None or not address.city:
        return None
    lines = _lines(address)
    town = scribe.text(f"{pointer}/city", f"{element}/TwnNm", address.city, 35)
    if style is AddressStyle.HYBRID:
        first: list[Node | None] = []
        # Cut or joined, a line may say the town after all: then it says nothing more.
        last = [line for line in _free(scribe, pointer, element, lines) if not _says(line, town)]
    else:
        first, last = _street(scribe, pointer, element, lines), []
    return node(
        "PstlAdr",
        *first,
        node("PstCd", scribe.text(f"{pointer}/postcode", f"{element}/PstCd", address.postcode, 16)),
        node("TwnNm", town),
        node("Ctry", address.country),
        *last,
    )


def _says(line: Node | None, town: str) -> bool:
    return line is not None and str(line.content).casefold() == town.casefold()


def _lines(address: Address) -> list[tuple[int, str]]:
    """The lines that say something else than postcode and town, with their places."""
    town = latin(address.city or "").casefold()
    known = {town, f"{latin(address.postcode or '')} {town}".strip().casefold()}
    return [(number, line) for number, line in enumerate(address.lines) if latin(line).casefold() not in known]


def _street(scribe: Scribe, pointer: str, element: str, lines: list[tuple[int, str]]) -> list[Node | None]:
    """Street and number, from the first line that has a number, or else the first line."""
    numbered = next((line for line in lines if _split(line[1])[1]), lines[0] if lines else None)
    nodes: list[Node | None] = []
    for place, line in lines:
        where = f"{pointer}/lines/{place}"
        if (place, line) != numbered:
            scribe.leave_out(where, element, line)
            continue
        street, number = _split(line)
        nodes = [
            node("StrtNm", scribe.text(where, f"{element}/StrtNm", street, 70)),
            node("BldgNb", scribe.text(where, f"{element}/BldgNb", number, 16)),
        ]
    return nodes


def _split(line: str) -> tuple[str, str]:
    """Street and number of a line such as « 12 bis, rue du Port » or « Speicherstraße 2 »; no number when unsure."""
    if found := _NUMBER_FIRST.fullmatch(line):
        return found[2], found[1]
    if found := _NUMBER_LAST.fullmatch(line):
        return found[1], found[2]
    return line, ""


def _free(scribe: Scribe, pointer: str, element: str, lines: list[tuple[int, str]]) -> list[Node | None]:
    """At most two lines; what comes after the first stands together in the second."""
    if not lines:
        return []
    (place, line), rest = lines[0], lines[1:]
    nodes = [node("AdrLine", scribe.text(f"{pointer}/lines/{place}", f"{element}/AdrLine", line, 70))]
    if rest:
        where = f"{pointer}/lines/{rest[0][0]}"
        nodes.append(node("AdrLine", scribe.text(where, f"{element}/AdrLine", ", ".join(more for _, more in rest), 70)))
    return nodes
