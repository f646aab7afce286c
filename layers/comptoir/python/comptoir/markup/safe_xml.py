"""XML from outside, read safely: no document type, no entity, nothing fetched, size and depth bounded, memory too."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from comptoir.kernel.errors import Breach, Refused

LARGEST = 60_000_000
"""Bytes; a statement of 20,000 entries with all their details has about 30 MB."""

_DECLARED = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ENCODINGS = frozenset("utf-8 us-ascii ascii iso-8859-1 iso-8859-15 windows-1252 latin1".split())
_HEAD = 200
_CLOSED = re.compile(rb"</[^<>]+>\s*\Z")


def guard(data: bytes, largest: int = LARGEST) -> None:
    """Refuse what is not to be parsed at all. Errors: `Refused`."""
    if len(data) > largest:
        raise refused(
            "file_too_large",
            f"Le fichier dépasse {largest // 1_000_000} Mo.",
            f"The file is larger than {largest // 1_000_000} MB.",
        )
    declared = _ENCODING.match(data[:_HEAD].removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in data[:_HEAD] or (declared and declared[1].decode().lower() not in _ENCODINGS):
        raise refused(
            "xml_encoding",
            "Encodage non admis : UTF-8 ou ISO-8859-1 est attendu.",
            "Encoding not allowed: UTF-8 or ISO-8859-1 is expected.",
        )
    if found := _DECLARED.search(data):
        line = data.count(b"\n", 0, found.start()) + 1
        raise refused(
            "xml_doctype",
            f"Ligne {line} : les déclarations DOCTYPE et ENTITY ne sont pas admises.",
            f"Line {line}: DOCTYPE and ENTITY declarations are not allowed.",
            f"/file/lines/{line}",
        )


def elements(data: bytes, tags: Sequence[str], largest: int = LARGEST) -> Iterator[tuple[str, etree._Element]]:
    """The ends, in their order, of the elements whose names are among `tags` (`{*}Ntry`).

    Whoever takes an element clears it, so that memory does not follow the file. Errors: `Refused`,
    with the line and the reason.
    """
    guard(data, largest)
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        tag=list(tags),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from events
    except etree.XMLSyntaxError as error:
        raise _malformed(error, data) from error


def tree(data: bytes, largest: int = LARGEST) -> etree._Element:
    """A whole document, for what is small. Errors: `Refused`, with the line and the reason."""
    guard(data, largest)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(error, data) from error


def _malformed(error: etree.XMLSyntaxError, data: bytes) -> Refused:
    line, text = error.lineno or 1, str(error.msg)
    if "depth" in text:
        code, fr, en = "xml_too_deep", "éléments imbriqués trop profondément", "elements nested too deeply"
    elif data and ("Premature end" in text or not _CLOSED.search(data[-_HEAD:])):
        code, fr, en = "xml_truncated", "le fichier est tronqué", "the file is truncated"
    else:
        code, fr, en = "xml_malformed", f"XML mal formé ({text})", f"malformed XML ({text})"
    return refused(code, f"Ligne {line} : {fr}.", f"Line {line}: {en}.", f"/file/lines/{line}")


def line_of(element: etree._Element) -> int:
    """The line where an element begins."""
    line: Any = element.sourceline
    return int(line or 0)


def refused(code: str, fr: str, en: str, pointer: str = "/file") -> Refused:
    """The refusal of a file for one reason."""
    return Refused([Breach(code=code, fr=fr, en=en, pointer=pointer)])
