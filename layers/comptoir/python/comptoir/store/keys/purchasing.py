"""Supplier invoices and credit notes, and their money."""

from __future__ import annotations

from datetime import date

from comptoir.store.keys.invoicing import document_treasury
from comptoir.store.keys.orders import supplier_treasury
from comptoir.store.record import Key


def supplier_document(company: str, document: str) -> Key:
    """An invoice or credit note of a supplier."""
    return Key(f"{company}#SUPPLIERDOC#{document}", "HEAD")


def supplier_number(company: str, seller: str, number: str, day: date) -> Key:
    """Holds the number that a seller gave in a year, so that no document of it is recorded twice (RULES §8).

    A number typed in other letter cases is the same one.
    """
    return Key(f"{company}#SUPPLIERNUMBER#{seller}#{day.year}#{number.upper()}", "CODE")


def supplier_sheet(company: str, order: str | None, supplier: str, document: str) -> Key:
    """Where the treasury of a supplier's invoice lies: with its request, else with the invoice itself."""
    return supplier_treasury(company, order, supplier) if order else document_treasury(company, document)


def purchase(company: str, purchase: str) -> Key:
    """A purchase that no order made."""
    return Key(f"{company}#PURCHASE#{purchase}", "HEAD")
