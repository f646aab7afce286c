"""Sentences in every language of documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


_ENGLISH_MONTHS = "January February March April May June July August September October November December".split()


def written_day(value: date, language: Language) -> str:
    """A date as a language writes it: `21/11/2026`, `21.11.2026`, `21 November 2026`."""
    if language is Language.ENGLISH:
        return f"{value.day} {_ENGLISH_MONTHS[value.month - 1]} {value.year}"
    return f"{value:%d.%m.%Y}" if language is Language.GERMAN else f"{value:%d/%m/%Y}"
