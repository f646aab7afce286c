"""The mail that a document of the base would go out with: to whom, about what, in which words (SUP-01, INV-12)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.docbase.model import Filed
from comptoir.mailing.model import MailProposal
from comptoir.mailing.words import GREETING, GREETING_ALL, REGARDS, SUBJECTS, said_of
from comptoir.parties.items import PARTY
from comptoir.parties.model import Contact, Party
from comptoir.parties.sides import seller
from comptoir.parties.snapshot import Language, Seller
from comptoir.parties.wording import Wording
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
        to=_addresses(contact)[:1],
        subject=f"{_subject(filed, language)} — {own.name}"[:_LINE],
        message=_message(ctx, filed, own, contact, language),
        footer=own.legal_line,
        language=language,
        reply_to=ctx.operator.email,
    )


_LINE = 200


def addressee(party: Party, name: str | None) -> Contact | None:
    """The contact of this name, if it can be written to, else the first one who can."""
    mailed = [contact for contact in party.contacts if _addresses(contact)]
    return next((contact for contact in mailed if contact.name == name), next(iter(mailed), None))


def _addresses(contact: Contact | None) -> Sequence[str]:
    if contact is None:
        return ()
    return (*((contact.email,) if contact.email else ()), *contact.other_emails)


def _subject(filed: Filed, language: Language) -> str:
    named = SUBJECTS.get(filed.kind)
    return named.said(language).format(number=filed.number) if named and filed.number else filed.title


def _message(ctx: Context, filed: Filed, own: Seller, contact: Contact | None, language: Language) -> str:
    """Greeting, what is attached, and who writes, with the company's number."""
    words = said_of(filed.kind, filed.version).said(language)
    body = words.format(number=filed.number or filed.title, title=filed.title)
    signed = "\n".join(filter(None, (ctx.operator.name, own.name, own.phone)))
    return f"{_greeting(contact).said(language)}\n\n{body}\n\n{REGARDS.said(language)}\n{signed}"


def _greeting(contact: Contact | None) -> Wording:
    if contact is None:
        return GREETING_ALL
    name = contact.name.replace("{", "").replace("}", "")
    return Wording(*(each.format(contact=name) for each in (GREETING.fr, GREETING.en, GREETING.es, GREETING.de)))
