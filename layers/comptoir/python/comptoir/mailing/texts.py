"""The company's own words for mails and payment reminders, in the place of the ready ones (QUO-06, SUP-01, INV-12)."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.docbase.model import FileKind
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.model import Model
from comptoir.kernel.text import Line, Paragraph
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording
from comptoir.store import keys
from comptoir.store.record import Key, Kind
from comptoir.store.transaction import Transaction


class TextUse(StrEnum):
    """What a text is for: the mail with a document of a kind, a payment reminder in a tone, the news of a contract."""

    QUOTE = "quote"
    PROFORMA = "proforma"
    AMENDMENT = "amendment"
    PURCHASE_ORDER = "purchase_order"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    CANCELLATION = "cancellation"
    REMINDER_COURTEOUS = "reminder_courteous"
    REMINDER_FIRM = "reminder_firm"
    REMINDER_FORMAL_NOTICE = "reminder_formal_notice"
    CONTRACT = "contract"


_DOCUMENT, _REMINDER, _CONTRACT = ("number", "title"), ("day",), ("number", "name", "day")
FIELDS: Mapping[TextUse, tuple[str, ...]] = {
    use: _CONTRACT if use is TextUse.CONTRACT else _REMINDER if use.startswith("reminder") else _DOCUMENT
    for use in TextUse
}
"""What braces may stand for in a text: of a reminder, the day by which it asks to be paid."""


class MailText(Model):
    """What a mail says in a language: its subject, its body between greeting and signature, or both."""

    use: TextUse
    language: Language
    subject: Line | None = None
    message: Annotated[Paragraph, Field(max_length=2000)] | None = None


class MailTexts(Model):
    """The texts of a company; what it has none for is said in the ready words."""

    texts: Annotated[tuple[MailText, ...], Field(max_length=len(TextUse) * len(Language))] = ()

    def find(self, use: TextUse | None, language: Language) -> MailText | None:
        """The text for a use in a language."""
        return next((each for each in self.texts if (each.use, each.language) == (use, language)), None)


TEXTS = Kind("mail_texts", MailTexts)


def texts_of(tx: Transaction, company: str) -> MailTexts:
    """The texts of a company."""
    return tx.get(TEXTS, keys.mail_texts(company)) or MailTexts()


def use_of(kind: FileKind) -> TextUse | None:
    """What the text of the mail with a document of a kind is called; None where there is none."""
    return TextUse(kind.value) if kind.value in set(TextUse) else None


_LONGEST = 200
"""Characters of what braces stand for, at most: a line."""
_ROOM = 3000
"""Characters of a text with such lines in it: greeting, signature and what the law says come on top of it."""


def filled(own: str | None, ready: Wording, language: Language, **values: str) -> str:
    """A company's own text, else the ready one, with the values in the place of the braces."""
    return (own or ready.said(language)).format(**values)


class SaveMailTexts(Administration, MailTexts):
    """Replace the company's own texts; letters and mails that were written stay as they are."""

    guarded: ClassVar[bool] = True

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.mail_texts(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.mail_texts(ctx.company)
        ctx.expect(tx, key)
        refuse_if(text_breaches(self.texts))
        after = MailTexts(texts=self.texts)
        if tx.get(TEXTS, key) != after:
            save(tx, ctx, TEXTS, key, after, "mail_texts_saved")
            chain(tx, ctx, "mail_texts_saved", after)
        return Reply.of(after, tx.next_version(key))


def text_breaches(texts: Sequence[MailText]) -> list[Breach]:
    """Texts that say nothing, that another has already, that could not be filled, or would be too long once filled."""
    found, seen = [], set[tuple[TextUse, Language]]()
    for number, each in enumerate(texts):
        at = f"/texts/{number}"
        if (each.use, each.language) in seen:
            fr, en = "Ce texte figure deux fois.", "This text is there twice."
            found.append(Breach(code="duplicate_text", fr=fr, en=en, pointer=at))
        seen.add((each.use, each.language))
        if each.subject is None and each.message is None:
            fr, en = "Un objet ou un message est attendu.", "A subject or a message is expected."
            found.append(Breach(code="text_missing", fr=fr, en=en, pointer=f"{at}/message"))
        for name in ("subject", "message"):
            if (text := getattr(each, name)) and not _fillable(text, FIELDS[each.use]):
                known = ", ".join(f"{{{field}}}" for field in FIELDS[each.use])
                fr, en = f"Champs possibles : {known}.", f"Possible fields: {known}."
                found.append(Breach(code="unknown_field", fr=fr, en=en, pointer=f"{at}/{name}"))
            elif text and len(text.format(**dict.fromkeys(FIELDS[each.use], "x" * _LONGEST))) > _ROOM:
                fr = f"Le texte pourrait dépasser {_ROOM} caractères une fois rempli."
                en = f"The text could be longer than {_ROOM} characters once it is filled."
                found.append(Breach(code="text_too_long", fr=fr, en=en, pointer=f"{at}/{name}"))
    return found


def _fillable(text: str, known: Sequence[str]) -> bool:
    """Whether its braces are whole and hold plain names that are known: nothing is looked up in what they stand for."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(name is None or (name in known and not spec and not way) for _, name, spec, way in parts)


class ReadMailTexts(Query):
    """The company's own texts; version 0 as long as there are none."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(TEXTS, keys.mail_texts(ctx.company))
        return Reply.of(stored.value if stored else MailTexts(), stored.version if stored else 0)
