"""Texts as a message carries them, and what it changes of them: the preview that a user reads before sending."""

from __future__ import annotations

from comptoir.banking.charset import cut, latin, reference
from comptoir.kernel.model import Model

_REPLACED = (
    "Caractères remplacés par ceux que les banques acceptent.",
    "Characters replaced by those that banks take.",
)
_LEFT_OUT = ("Laissé de côté : le message n'a pas de place pour ce texte.", "Left out: the message has no room for it.")
_SHORTENED = (
    "Écrit à la suite de l'identifiant du virement, dans la place qui reste.",
    "Written after the identifier of the transfer, in the room that is left.",
)
_NOTHING = ("Rien de ce texte ne peut s'écrire.", "Nothing of this text can be written.")


class Change(Model):
    """A text that a message carries otherwise than it was entered; `after` is empty when it is left out.

    `pointer` is where it stands in the order, `element` where in the message.
    """

    pointer: str
    element: str
    before: str
    after: str
    fr: str
    en: str


class Scribe:
    """Writes texts within their limits, and keeps what changed when it is asked to."""

    def __init__(self, keeps: bool = False) -> None:
        self.changes: list[Change] = []
        self._keeps = keeps

    def text(self, pointer: str, element: str, value: str | None, limit: int) -> str:
        """`value` in the letters of banks, cut at `limit` characters; empty for none."""
        if not value:
            return ""
        whole = latin(value)
        written = cut(whole, limit)
        if self._keeps and written != value:
            self._tell(pointer, element, value, written, whole, limit)
        return written

    def reference(self, pointer: str, element: str, value: str) -> str:
        """`value` as a reference of at most 35 characters."""
        written = reference(value)
        if self._keeps and written != value:
            self._tell(pointer, element, value, written, latin(value), 35)
        return written

    def shorten(self, pointer: str, element: str, value: str, written: str) -> None:
        """Note that of `value` no more than `written` has room beside an identifier."""
        if self._keeps:
            self._note(pointer, element, value, written, *_SHORTENED)

    def leave_out(self, pointer: str, element: str, value: str) -> None:
        """Note that the message has no room for `value`."""
        if self._keeps:
            self._note(pointer, element, value, "", *_LEFT_OUT)

    def _tell(self, pointer: str, element: str, before: str, after: str, whole: str, limit: int) -> None:
        if not after:
            self._note(pointer, element, before, after, *_NOTHING)
            return
        told = [_REPLACED] if whole != before else []
        if len(whole) > limit:
            told.append((f"Coupé à {limit} caractères.", f"Cut at {limit} characters."))
        fr, en = (" ".join(parts) for parts in zip(*(told or [_REPLACED]), strict=True))
        self._note(pointer, element, before, after, fr, en)

    def _note(self, pointer: str, element: str, before: str, after: str, fr: str, en: str) -> None:
        self.changes.append(Change(pointer=pointer, element=element, before=before, after=after, fr=fr, en=en))
