"""The document base: documents, uploads, images and templates."""

from __future__ import annotations

from comptoir.store.record import Key

FILE = "FILE#"


def filed(company: str, owner: str, owned: str, file: str) -> Key:
    """A document of the document base, in the partition of the order, party, contract or invoice that owns it."""
    return Key(f"{company}#FILES#{owner}#{owned}", f"{FILE}{file}")


def upload(company: str, upload: str) -> Key:
    """A file that is to come, until it is checked."""
    return Key(f"{company}#UPLOAD#{upload}", "HEAD")


def image(company: str, sha256: str) -> Key:
    """An image of the company, by the hash of its bytes."""
    return Key(f"{company}#IMAGE#{sha256}", "HEAD")


def template(company: str, code: str) -> Key:
    """A template of documents."""
    return Key(f"{company}#TEMPLATE#{code}", "HEAD")


def default_template(company: str) -> Key:
    """Which template documents use that name none."""
    return Key(f"{company}#COMPANY", "TEMPLATE")
