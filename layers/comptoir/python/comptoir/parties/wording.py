"""Sentences in every language of documents."""

from __future__ import annotations

from dataclasses import dataclass

from comptoir.parties.snapshot import Language


@dataclass(frozen=True, slots=True)
class Wording:
    """The same in each language; fields in braces are filled alike."""

    fr: str
    en: str
    es: str
    de: str

    def said(self, language: Language) -> str:
        """The sentence in a language."""
        return {Language.FRENCH: self.fr, Language.ENGLISH: self.en, Language.SPANISH: self.es}.get(language, self.de)


def labelled(label: str, text: str, language: Language) -> str:
    """A text after its label; French puts a space before the colon."""
    return f"{label}{' : ' if language is Language.FRENCH else ': '}{text}"
