"""Documents and payments as tables that any spreadsheet opens: what an archive shows to people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from comptoir.kernel.sheets import Value
from comptoir.kernel.writing import csv_cell
from comptoir.ledger.model import ChainName, Entry
from comptoir.ledger.offline.totals import SIGNS

_KINDS = {"invoice": "Facture", "credit_note": "Avoir", "cancellation": "Annulation"}
_SETTLED = {
    "payment": "Règlement",
    "refund": "Remboursement",
    "deduction": "Avoir déduit",
    "counter_entry": "Extourne",
}
_SIDES = {"customer": "client", "supplier": "fournisseur"}
_HEADINGS = {
    ChainName.DOCUMENTS: "Maillon;Date;Numéro;Nature;Client;SIREN client;Devise;HT;TVA;TTC;Fichier".split(";"),
    ChainName.PAYMENTS: "Maillon;Date;Nature;Tiers;Moyen;Devise;Montant;Documents".split(";"),
}


def table(chain: ChainName, entries: Iterable[Entry], start: date, end: date) -> bytes | None:
    """The entries of a period as CSV (UTF-8 with its mark, semicolons, decimal commas); None for other chains."""
    if chain not in _HEADINGS:
        return None
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADINGS[chain])
    row = _document if chain is ChainName.DOCUMENTS else _payment
    for entry in entries:
        told = json.loads(entry.payload)
        day = told["issue_date"] if chain is ChainName.DOCUMENTS else told["date"]
        if start.isoformat() <= day <= end.isoformat():
            writer.writerow(map(csv_cell, row(entry.sequence, told)))
    return text.getvalue().encode("utf-8-sig")


def pdf_path(number: str) -> str:
    """Where the PDF of a document lies in an archive."""
    return f"documents/{number}.pdf"


def _document(sequence: int, told: Mapping[str, Any]) -> list[Value]:
    sign, totals, buyer = SIGNS[told["kind"]], told["totals"], told["buyer"]
    return [
        Decimal(sequence),
        date.fromisoformat(told["issue_date"]),
        told["number"],
        _KINDS[told["kind"]],
        buyer["name"],
        buyer.get("siren"),
        told["currency"],
        *(sign * Decimal(totals[name]["amount"]) for name in ("net", "vat", "gross")),
        pdf_path(told["number"]),
    ]


def _payment(sequence: int, told: Mapping[str, Any]) -> list[Value]:
    return [
        Decimal(sequence),
        date.fromisoformat(told["date"]),
        f"{_SETTLED[told['kind']]} {_SIDES[told.get('side', 'customer')]}",
        told.get("party_name"),
        told.get("means"),
        told["amount"]["currency"],
        Decimal(told["amount"]["amount"]),
        " ".join(one["number"] for one in told.get("allocations", ())),
    ]
