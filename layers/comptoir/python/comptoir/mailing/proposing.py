"""The mail that a document of the base would go out with: to whom, about what, in which words (SUP-01, INV-12)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.docbase.model import EXTENSIONS, Filed
from comptoir.mailing.model import Attached, MailProposal
from comptoir.mailing.words import GREETING, GREETING_ALL, REGARDS, SUBJECTS, said_of
from comptoir.parties.items import PARTY
from comptoir.parties.model import Contact, Party
from comptoir.parties.sides import seller
from comptoir.parties.snapshot import Language, Seller
from comptoir.store import keys
from comptoir.store.transaction import Transaction


def propose(tx: Transaction, ctx: Context, filed: Filed) -> MailProposal:
    """The mail of a document: to its contact, else to the first one there who has an address."""
    party = tx.get(PARTY, keys.party(ctx.company, filed.party)) if filed.party else None
    company = tx.require(COMPANY, keys.company(ctx.company))
    language = filed.language or (party.language if party else Language.FRENCH)
    own = seller(company, language)
    contact = addressee(party, filed.contact) if party else None
    return MailProposal(
        to=addresses(contact)[:1],
        subject=f"{_subject(filed, language)} — {own.name}"[:_LINE],
        message=letter(_sentence(filed, language), ctx.operator.name, own, contact, language),
        footer=own.legal_line,
        language=language,
        reply_to=ctx.operator.email,
    )


_LINE = 200


def addressee(party: Party, name: str | None) -> Contact | None:
    """The contact of this name, if it can be written to, else the first one who can."""
    mailed = [contact for contact in party.contacts if addresses(contact)]
    return next((contact for contact in mailed if contact.name == name), next(iter(mailed), None))


def addresses(contact: Contact | None) -> Sequence[str]:
    """Where a contact can be written to, the address to be used first."""
    if contact is None:
        return ()
    return (*((contact.email,) if contact.email else ()), *contact.other_emails)


def letter(body: str, author: str, own: Seller, contact: Contact | None, language: Language) -> str:
    """A body between greeting and signature: who writes, and the company with its number."""
    greeting = GREETING.said(language).format(contact=contact.name) if contact else GREETING_ALL.said(language)
    signed = "\n".join(filter(None, (author, own.name, own.phone)))
    return f"{greeting}\n\n{body}\n\n{REGARDS.said(language)}\n{signed}"


def _subject(filed: Filed, language: Language) -> str:
    named = SUBJECTS.get(filed.kind)
    return named.said(language).format(number=filed.number) if named and filed.number else filed.title


def _sentence(filed: Filed, language: Language) -> str:
    words = said_of(filed.kind, filed.version).said(language)
    return words.format(number=filed.number or filed.title, title=filed.title)


def attached_of(filed: Filed) -> Attached:
    """A document of the base as a mail carries it, under a name that any system takes."""
    name = (filed.number or filed.title).translate(_NOT_IN_NAMES)
    told = filed.picked(("owner", "owner_id", "kind", "title", "media_type", "sha256", "size", "bucket", "key"))
    return Attached(file=filed.id, filename=f"{name[:120]}.{EXTENSIONS[filed.media_type]}", **told)


_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))
