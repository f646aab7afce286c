"""The *fichier des écritures comptables*: entries as the tax administration reads them (LPF A47 A-1, RULES §4).

UTF-8 without mark, tab, CRLF, one line a posting, 18 fields and the analytic one after them. Entries
are numbered over the whole file in the order of their validation; written as they come, in constant memory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from comptoir.accounting.model import Entry, EntryLine, sums
from comptoir.kernel.money import plain

FIELDS = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
    "CodeAnalytique",
)
_BREAKS = re.compile(r"[\t\r\n|\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_END = "\r\n"


class Sink(Protocol):
    """What the file is written to."""

    def write(self, data: bytes, /) -> object: ...


@dataclass
class Figures:
    """What a file holds: its entries and lines, both sums, and those of each journal."""

    entries: int = 0
    lines: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    journals: dict[str, Decimal] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Count an entry."""
        self.entries += 1
        self.lines += len(entry.lines)
        debit, credit = sums(entry.lines)
        self.debit += debit
        self.credit += credit
        self.journals[entry.journal.code] = self.journals.get(entry.journal.code, Decimal(0)) + debit


def write_fec(entries: Iterable[Entry], sink: Sink) -> Figures:
    """Write entries, in the order of their validation, and tell what was written."""
    figures = Figures()
    sink.write((("\t".join(FIELDS)) + _END).encode())
    for entry in entries:
        figures.take(entry)
        number = str(figures.entries)
        sink.write("".join(_row(entry, line, number) for line in entry.lines).encode())
    return figures


def _row(entry: Entry, line: EntryLine, number: str) -> str:
    foreign = line.foreign
    return (
        "\t".join(
            (
                clean(entry.journal.code),
                clean(entry.journal.name),
                number,
                _day(entry.day),
                line.account,
                clean(line.account_name),
                clean(line.auxiliary),
                clean(line.auxiliary_name),
                clean(entry.piece),
                _day(entry.piece_day),
                clean(line.label),
                _amount(line.debit),
                _amount(line.credit),
                "",
                "",
                _day(entry.validated_on),
                _amount(foreign.amount) if foreign else "",
                foreign.currency if foreign else "",
                clean(line.analytic),
            )
        )
        + _END
    )


@lru_cache(4096)
def clean(text: str) -> str:
    """A text without what would cut the line or the field: breaks, tabs and bars become one space."""
    if text.isascii() and text.isprintable() and "|" not in text:
        return text.strip()
    return _BREAKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _amount(value: Decimal) -> str:
    return plain(value).replace(".", ",")


def filename(siren: str, closing: date, *, whole: bool = True) -> str:
    """The legal name of a whole fiscal year that is closed on a day; a partial export is called what it is."""
    if whole:
        return f"{siren}FEC{closing:%Y%m%d}.txt"
    return f"export-comptable-au-format-FEC-{siren}-{closing:%Y%m%d}.txt"


def description(name: str, siren: str, start: date, end: date, figures: Figures, *, whole: bool = True) -> bytes:
    """The description that goes with the file (LPF A47 A-1 XI): fields, codes, character set, structure."""
    journals = "".join(f"  {code} : {_amount(amount)} EUR au débit{_END}" for code, amount in figures.journals.items())
    kind = _WHOLE if whole else _PARTIAL
    lines = (
        f"Description du fichier {name}",
        "",
        kind,
        f"SIREN : {siren}",
        f"Période : du {start:%d/%m/%Y} au {end:%d/%m/%Y}",
        f"Écritures : {figures.entries} ; lignes : {figures.lines}",
        f"Total débit : {_amount(figures.debit)} EUR ; total crédit : {_amount(figures.credit)} EUR",
        "",
        "Structure : fichier à plat, une ligne d'en-tête avec le nom des champs, un enregistrement par ligne",
        "d'écriture, champs séparés par une tabulation, enregistrements terminés par CR LF (A47 A-1 VII et XII).",
        "Jeu de caractères : UTF-8, sans marque d'ordre des octets. Dates : AAAAMMJJ. Montants : virgule décimale,",
        "sans séparateur de milliers.",
        "Numérotation : EcritureNum est continue sur tout le fichier, dans l'ordre de validation des écritures.",
        "Lettrage : non renseigné (EcritureLet et DateLet vides).",
        "",
        "Champs :",
        *(f"  {number}. {name} : {_MEANINGS[name]}" for number, name in enumerate(FIELDS, 1)),
        "",
        "Journaux :",
    )
    return (_END.join(lines) + _END + journals).encode()


_WHOLE = "Fichier des écritures comptables de l'exercice, article L47 A I du livre des procédures fiscales."
_PARTIAL = (
    "Export comptable au format FEC : extrait, qui n'est pas le fichier des écritures comptables de l'exercice "
    "prévu à l'article L47 A I du livre des procédures fiscales."
)
_MEANINGS = {
    "JournalCode": "code du journal",
    "JournalLib": "libellé du journal",
    "EcritureNum": "numéro de l'écriture, séquence continue",
    "EcritureDate": "date de comptabilisation",
    "CompteNum": "numéro de compte du plan comptable général",
    "CompteLib": "libellé du compte",
    "CompAuxNum": "numéro de compte auxiliaire : le code du tiers",
    "CompAuxLib": "nom du tiers",
    "PieceRef": "référence de la pièce : numéro de facture, d'avoir ou de règlement",
    "PieceDate": "date de la pièce",
    "EcritureLib": "libellé de l'écriture",
    "Debit": "montant au débit, en euros",
    "Credit": "montant au crédit, en euros",
    "EcritureLet": "lettrage (vide)",
    "DateLet": "date de lettrage (vide)",
    "ValidDate": "date de validation : celle à laquelle la pièce a été validée et chaînée",
    "Montantdevise": "montant signé dans la devise de la pièce",
    "Idevise": "code ISO 4217 de cette devise",
    "CodeAnalytique": "numéro de la commande",
}
