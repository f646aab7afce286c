"""References, groupings and the prices of references."""

from __future__ import annotations

from comptoir.store.record import Index, Key

PRICES = "PRICES#"


def reference(company: str, reference: str) -> Key:
    """A catalogue reference."""
    return Key(f"{company}#REFERENCE#{reference}", "HEAD")


def reference_code(company: str, code: str) -> Key:
    """Holds a reference's code."""
    return Key(f"{company}#REFERENCECODE#{code}", "CODE")


def grouping(company: str, grouping: str) -> Key:
    """A grouping of references."""
    return Key(f"{company}#GROUPING#{grouping}", "HEAD")


def special_prices(company: str, reference: str, owner: str) -> Key:
    """The prices of a reference for one customer or one price list."""
    return Key(f"{company}#REFERENCE#{reference}", f"{PRICES}{owner}")


def by_owner(company: str, owner: str, order: str) -> Index:
    """Index place of the special prices of a customer or of a price list, by reference."""
    return (f"{company}#PRICES#{owner}", order)
