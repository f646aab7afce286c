"""Entries as rows of a CSV or XLSX file, numbered within their export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from comptoir.accounting.fec import Figures
from comptoir.accounting.model import Entry, EntryLine
from comptoir.kernel.cells import as_date, as_number, as_text
from comptoir.kernel.table import Column
from comptoir.kernel.writing import Row

COLUMNS = (
    Column("number", "Écriture", "Entry", as_text),
    Column("journal", "Journal", "Journal", as_text),
    Column("day", "Date", "Date", as_date),
    Column("account", "Compte", "Account", as_text),
    Column("account_name", "Libellé du compte", "Account name", as_text),
    Column("auxiliary", "Compte auxiliaire", "Auxiliary account", as_text),
    Column("auxiliary_name", "Libellé auxiliaire", "Auxiliary name", as_text),
    Column("piece", "Pièce", "Document", as_text),
    Column("piece_day", "Date de la pièce", "Document date", as_date),
    Column("label", "Libellé", "Label", as_text),
    Column("debit", "Débit", "Debit", as_number),
    Column("credit", "Crédit", "Credit", as_number),
    Column("foreign", "Montant en devise", "Foreign amount", as_number),
    Column("currency", "Devise", "Currency", as_text),
    Column("analytic", "Analytique", "Analytic", as_text),
    Column("validated_on", "Date de validation", "Validation date", as_date),
)


def rows(export: int, entries: Iterable[Entry], figures: Figures) -> Iterator[Row]:
    """The rows of entries, counted in `figures` as they pass."""
    for entry in entries:
        figures.take(entry)
        for line in entry.lines:
            yield _row(f"{export:06d}-{figures.entries:06d}", entry, line)


def _row(number: str, entry: Entry, line: EntryLine) -> Row:
    foreign = line.foreign
    return {
        "number": number,
        "journal": entry.journal.code,
        "day": entry.day.isoformat(),
        "account": line.account,
        "account_name": line.account_name,
        "auxiliary": line.auxiliary or None,
        "auxiliary_name": line.auxiliary_name or None,
        "piece": entry.piece,
        "piece_day": entry.piece_day.isoformat(),
        "label": line.label,
        "debit": str(line.debit) if line.debit else None,
        "credit": str(line.credit) if line.credit else None,
        "foreign": str(foreign.amount) if foreign else None,
        "currency": foreign.currency if foreign else None,
        "analytic": line.analytic or None,
        "validated_on": entry.validated_on.isoformat(),
    }
