"""Parties and price lists."""

from __future__ import annotations

from comptoir.store.record import Key


def party(company: str, party: str) -> Key:
    """A party: customer, prospect, supplier."""
    return Key(f"{company}#PARTY#{party}", "HEAD")


def party_code(company: str, code: str) -> Key:
    """Holds a party's code, so that two parties never share one."""
    return Key(f"{company}#PARTYCODE#{code}", "CODE")


def price_list(company: str, price_list: str) -> Key:
    """A price list."""
    return Key(f"{company}#PRICELIST#{price_list}", "HEAD")


def ordered(company: str, supplier: str, year: int) -> Key:
    """What confirmed orders of a year have ordered from a supplier (PTY-03)."""
    return Key(f"{company}#PARTY#{supplier}", f"ORDERED#{year}")
