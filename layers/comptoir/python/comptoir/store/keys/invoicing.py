"""Invoices and credit notes."""

from __future__ import annotations

from comptoir.store.record import Key


def document(company: str, document: str) -> Key:
    """An invoice or credit note: draft, then the head of the issued one."""
    return Key(f"{company}#DOC#{document}", "HEAD")


def document_balance(company: str, document: str) -> Key:
    """What credit notes, drafts included, have taken of an issued invoice (CRN-01)."""
    return Key(f"{company}#DOC#{document}", "BALANCE")


def document_treasury(company: str, document: str) -> Key:
    """The treasury lines of a document that no order made."""
    return Key(f"{company}#DOC#{document}", "TREASURY")


def document_refusal(company: str, document: str) -> Key:
    """Why the last validation of a draft was refused."""
    return Key(f"{company}#DOC#{document}", "REFUSAL")


def document_test(company: str, document: str) -> Key:
    """The frozen content of a TEST document, which stands in no chain."""
    return Key(f"{company}#DOC#{document}", "TEST")


def bulk_validation(company: str, bulk: str) -> Key:
    """Drafts whose validation was asked together."""
    return Key(f"{company}#VALIDATIONS#{bulk}", "HEAD")


def month_totals(company: str, month: str) -> Key:
    """What the documents issued in a month add up to."""
    return Key(f"{company}#MONTH#{month}", "TOTALS")
