"""The mail that a document of the base would go out with: to whom, about what, in which words (SUP-01, INV-12)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.docbase.model import EXTENSIONS, Filed
from comptoir.mailing.model import Attached, MailProposal
from comptoir.mailing.texts import MailText, filled, texts_of, use_of
from comptoir.mailing.words import ATTACHED, GREETING, GREETING_ALL, REGARDS, SUBJECTS, said_of
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
    text = texts_of(tx, ctx.company).find(use_of(filed.kind), language)
    told = {"number": filed.number or filed.title, "title": filed.title}
    sentence = filled(text.message if text else None, said_of(filed.kind, filed.version), language, **told)
    return MailProposal(
        to=addresses(contact)[:1],
        subject=f"{_subject(filed, text, language)} — {own.name}"[:_LINE],
        message=letter(sentence, ctx.operator.name, own, contact, language),
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


def _subject(filed: Filed, text: MailText | None, language: Language) -> str:
    """The company's own words, else those ready for a document of the kind, else its title."""
    told = {"number": filed.number or filed.title, "title": filed.title}
    ready = SUBJECTS.get(filed.kind) if filed.number else None
    if ready is None and not (text and text.subject):
        return str(filed.title)
    return filled(text.subject if text else None, ready or ATTACHED, language, **told)


def attached_of(filed: Filed) -> Attached:
    """A document of the base as a mail carries it, under a name that any system takes."""
    name = (filed.number or filed.title).translate(_NOT_IN_NAMES)
    told = filed.picked(("owner", "owner_id", "kind", "title", "media_type", "sha256", "size", "bucket", "key"))
    return Attached(file=filed.id, filename=f"{name[:120]}.{EXTENSIONS[filed.media_type]}", **told)


_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))
