"""What explains an archive to whoever opens it in ten years: notice, description of the data, verifier (RULES §3.5)."""

from __future__ import annotations

import json
from importlib import resources

from comptoir.archives.model import Archive
from comptoir.closings.model import Closing, PeriodKind
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.model import Model
from comptoir.ledger import offline
from comptoir.ledger.events import TechnicalEvent
from comptoir.ledger.model import Entry, Head

SCHEMAS: dict[str, type[Model]] = {
    "entry": Entry,
    "head": Head,
    "documents": Snapshot,
    "closings": Closing,
    "events": TechnicalEvent,
}
"""What lines and payloads are made of, by the file that describes it."""

_MAIN = '''"""python verificateur archive.zip : il faut Python 3.11, et rien d'autre."""

import sys

from offline.command import main

sys.exit(main(["verify", *(sys.argv[1:] or ["."])], "python verificateur"))
'''

_NOTICE = """ARCHIVE FISCALE
===============

Société      : {company} (SIREN {siren})
Période      : {period}, du {start:%d/%m/%Y} au {end:%d/%m/%Y}
Clôture      : n° {closing} de la chaîne des clôtures
Logiciel     : Comptoir, version {version}
Demandée par : {operator}, le {asked}

Cette archive se lit sans le logiciel qui l'a faite. Elle est figée et signée (art. 286, I, 3° bis du code général
des impôts) ; elle se conserve au moins six ans, et dix ans au titre du code de commerce (art. L. 123-22).


CONTENU
-------

documents/              les factures, avoirs et annulations de la période, en PDF (PDF/A-3 avec Factur-X)
chains/documents-*.jsonl  le contenu complet de chaque document, dans l'ordre de la numérotation
chains/payments-*.jsonl   les règlements et leurs extournes
chains/closings-*.jsonl   les clôtures journalières, mensuelles et annuelles, avec leurs totaux
chains/events-*.jsonl     le journal des événements techniques
lists/                  les mêmes documents et règlements en tableaux (CSV, point-virgule, virgule décimale)
heads.jsonl             les têtes des chaînes, telles que la clôture les a scellées
keys.json               les clés publiques qui vérifient les signatures
schema/                 la description des données (JSON Schema)
verificateur/           le programme de vérification, en Python
manifest.json           la liste des fichiers et leurs empreintes SHA-256
signature.json          l'événement signé qui scelle le manifeste
{others}
Chaque ligne d'un fichier .jsonl est un maillon (JSON, UTF-8) : « payload » est le contenu figé, « payload_hash » son
empreinte, « previous_hash » l'empreinte du maillon précédent, « hash » celle du maillon, « signature » la signature
ECDSA P-256 de « hash » par la clé « key_id » : elle couvre ce maillon et tous ceux qui le précèdent. Les montants sont
des textes décimaux ; ceux d'un avoir ou d'une annulation sont positifs et viennent en déduction.
Le dernier fichier d'une chaîne peut aller au-delà de la période, jusqu'au premier maillon signé.


VÉRIFICATION
------------

Sans connexion, avec Python 3.11 ou plus récent (le module « cryptography », s'il est installé, va dix fois plus vite) :

    python verificateur archive.zip

ou, depuis le dossier où l'archive est décompressée :

    python verificateur .

Le programme compare chaque fichier à son empreinte, suit les chaînes maillon par maillon, vérifie les signatures,
recalcule les totaux des clôtures et nomme le premier maillon altéré, manquant, inséré ou déplacé. Comparez
l'empreinte de la clé publique qu'il affiche avec celle que la société tient à votre disposition.
"""

_PERIODS = {PeriodKind.MONTHLY: "mois", PeriodKind.ANNUAL: "exercice", PeriodKind.DAILY: "jour"}


def texts(archive: Archive, closing: Closing, others: tuple[str, ...]) -> dict[str, bytes]:
    """Path → content of the files that explain the archive."""
    notice = _NOTICE.format(
        company=closing.company_name,
        siren=closing.siren or "en cours d'attribution",
        period=f"{_PERIODS[archive.kind]} {archive.name}",
        start=archive.start,
        end=archive.end,
        closing=archive.closing,
        version=closing.version,
        operator=archive.operator_name,
        asked=f"{archive.started_at[8:10]}/{archive.started_at[5:7]}/{archive.started_at[:4]} (UTC)",
        others="".join(f"{path}\n" for path in others),
    )
    described = {
        f"schema/{name}.json": json.dumps(model.model_json_schema(), ensure_ascii=False, indent=1).encode()
        for name, model in SCHEMAS.items()
    }
    keys = json.dumps(archive.public_keys, indent=1, sort_keys=True).encode()
    # Notepad of Windows reads the notice with its accents and its lines thus.
    first = {"LISEZ-MOI.txt": notice.replace("\n", "\r\n").encode("utf-8-sig"), "keys.json": keys}
    return first | described | verifier()


def verifier() -> dict[str, bytes]:
    """Path → source of the program that verifies the archive: the very one that the product runs."""
    sources = {file.name: file for file in resources.files(offline).iterdir() if file.name.endswith(".py")}
    carried = {f"verificateur/offline/{name}": sources[name].read_bytes() for name in sorted(sources)}
    return {"verificateur/__main__.py": _MAIN.encode(), **carried}
