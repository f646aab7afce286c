"""The languages of documents: another one is one more table beside these."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.documents.english import ENGLISH as ENGLISH
from comptoir.documents.french import FRENCH as FRENCH
from comptoir.documents.german import GERMAN as GERMAN
from comptoir.documents.language import NARROW as NARROW
from comptoir.documents.language import Texts as Texts
from comptoir.documents.spanish import SPANISH as SPANISH
from comptoir.parties.snapshot import Language

TEXTS: Mapping[Language, Texts] = {
    Language.FRENCH: FRENCH,
    Language.ENGLISH: ENGLISH,
    Language.SPANISH: SPANISH,
    Language.GERMAN: GERMAN,
}
