"""Mails that carry documents."""

from __future__ import annotations

from comptoir.store.record import Index, Key


def mail(company: str, mail: str) -> Key:
    """A mail."""
    return Key(f"{company}#MAIL#{mail}", "HEAD")


def mailed(company: str, owner: str, owned: str, mail: str) -> Index:
    """Index place of the mails that carry documents of an order, party, contract, invoice or purchase."""
    return (f"{company}#MAILED#{owner}#{owned}", mail)


def mail_texts(company: str) -> Key:
    """The company's own texts of mails and payment reminders."""
    return Key(f"{company}#COMPANY", "MAILTEXTS")
