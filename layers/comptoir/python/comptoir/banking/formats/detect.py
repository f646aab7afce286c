"""Which statement a file is, told from its content: names of files say nothing."""

from __future__ import annotations

import codecs
import re

from comptoir.banking.formats.camt import read_camt
from comptoir.banking.formats.cfonb import read_cfonb
from comptoir.banking.formats.mt940 import read_mt940
from comptoir.banking.formats.tables import read_table
from comptoir.banking.statement import Statement, StatementFormat
from comptoir.markup.safe_xml import LARGEST, refused

_HEAD = 4000
_CFONB = re.compile(rb"0[1457][0-9 ]{5}.{9}[A-Z ]{3}[0-9 ]")
_MT940 = re.compile(rb"(^|[\r\n}])\s*:20:|^\s*\{1:")


def detect(data: bytes) -> StatementFormat:
    """The format of a file: XML, records of 120 characters, SWIFT fields, or else a table."""
    head = data[:_HEAD].removeprefix(codecs.BOM_UTF8).lstrip()
    if head.startswith(b"<") or b"<\0?" in head[:6] or b"\0<" in head[:6]:
        return StatementFormat.CAMT_053
    if _CFONB.match(head):
        return StatementFormat.CFONB_120
    if _MT940.search(head):
        return StatementFormat.MT940
    return StatementFormat.TABLE


def read_statements(data: bytes, currency: str = "EUR") -> tuple[Statement, ...]:
    """The statements of a file, all right or none: opening balance and entries give the closing one.

    `currency` is that of a table which tells none. Errors: `Refused` with every fault, its line and
    its reason.
    """
    if len(data) > LARGEST:
        size = LARGEST // 1_000_000
        raise refused("file_too_large", f"Le fichier dépasse {size} Mo.", f"The file is larger than {size} MB.")
    if not data.strip():
        raise refused("file_empty", "Le fichier est vide.", "The file is empty.")
    match detect(data):
        case StatementFormat.CAMT_053:
            return read_camt(data)
        case StatementFormat.CFONB_120:
            return read_cfonb(data)
        case StatementFormat.MT940:
            return read_mt940(data)
        case _:
            return read_table(data, currency)
