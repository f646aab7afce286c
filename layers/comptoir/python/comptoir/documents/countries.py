"""Names of countries for the last line of a foreign address; an unlisted one shows its ISO code."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.parties.snapshot import Language

_FRENCH = """
AE Émirats arabes unis|AL Albanie|AR Argentine|AT Autriche|AU Australie|BA Bosnie-Herzégovine|BE Belgique|BG Bulgarie
BR Brésil|CA Canada|CH Suisse|CI Côte d’Ivoire|CL Chili|CM Cameroun|CN Chine|CO Colombie|CY Chypre|CZ République tchèque
DE Allemagne|DK Danemark|DZ Algérie|EE Estonie|EG Égypte|ES Espagne|FI Finlande|FR France|GB Royaume-Uni|GR Grèce
HK Hong Kong|HR Croatie|HU Hongrie|ID Indonésie|IE Irlande|IL Israël|IN Inde|IS Islande|IT Italie|JP Japon
KR Corée du Sud|LB Liban|LI Liechtenstein|LT Lituanie|LU Luxembourg|LV Lettonie|MA Maroc|MC Monaco|MD Moldavie
ME Monténégro|MK Macédoine du Nord|MT Malte|MU Maurice|MX Mexique|MY Malaisie|NL Pays-Bas|NO Norvège
NZ Nouvelle-Zélande|PH Philippines|PL Pologne|PT Portugal|RO Roumanie|RS Serbie|SA Arabie saoudite|SE Suède
SG Singapour|SI Slovénie|SK Slovaquie|SN Sénégal|TH Thaïlande|TN Tunisie|TR Turquie|TW Taïwan|UA Ukraine
US États-Unis|VN Viêt Nam|ZA Afrique du Sud
"""
_ENGLISH = """
AE United Arab Emirates|AL Albania|AR Argentina|AT Austria|AU Australia|BA Bosnia and Herzegovina|BE Belgium|BG Bulgaria
BR Brazil|CA Canada|CH Switzerland|CI Côte d’Ivoire|CL Chile|CM Cameroon|CN China|CO Colombia|CY Cyprus|CZ Czechia
DE Germany|DK Denmark|DZ Algeria|EE Estonia|EG Egypt|ES Spain|FI Finland|FR France|GB United Kingdom|GR Greece
HK Hong Kong|HR Croatia|HU Hungary|ID Indonesia|IE Ireland|IL Israel|IN India|IS Iceland|IT Italy|JP Japan
KR South Korea|LB Lebanon|LI Liechtenstein|LT Lithuania|LU Luxembourg|LV Latvia|MA Morocco|MC Monaco|MD Moldova
ME Montenegro|MK North Macedonia|MT Malta|MU Mauritius|MX Mexico|MY Malaysia|NL Netherlands|NO Norway
NZ New Zealand|PH Philippines|PL Poland|PT Portugal|RO Romania|RS Serbia|SA Saudi Arabia|SE Sweden
SG Singapore|SI Slovenia|SK Slovakia|SN Senegal|TH Thailand|TN Tunisia|TR Türkiye|TW Taiwan|UA Ukraine
US United States|VN Vietnam|ZA South Africa
"""


def _table(names: str) -> Mapping[str, str]:
    entries = (entry for line in names.strip().splitlines() for entry in line.split("|"))
    return {entry[:2]: entry[3:] for entry in entries}


_NAMES: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: _table(_FRENCH),
    Language.ENGLISH: _table(_ENGLISH),
}


def country_name(code: str, language: Language) -> str:
    """The name of an ISO 3166 country as the post reads it, in capitals."""
    return _NAMES.get(language, _NAMES[Language.ENGLISH]).get(code, code).upper()
