"""Verifies an exported chain or a whole archive, offline.

`verify documents.jsonl --keys keys.json --heads heads.jsonl` verifies a chain: it needs the exported entries, the
public keys and, to see a cut tail, the heads of the locked bucket. `verify archive.zip` verifies an archive, or the
folder that it was unpacked into; with `--keys` by public keys from elsewhere. Exit status 0 when all is whole, 1 when
it is not, 2 on wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from .chain import verify
from .keyring import KeyRing
from .package import verify_package

_MOST = 20


def main(arguments: list[str] | None = None, program: str = "python -m comptoir.ledger") -> int:
    """Run the command; prints what was verified, and what was found, the first broken link first."""
    parser = argparse.ArgumentParser(prog=program, description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="verify an exported chain or an archive")
    check.add_argument("export", type=Path, help="entries in order, one JSON object per line; or an archive")
    check.add_argument("--keys", type=Path, help="JSON object: key id -> public key (PEM)")
    check.add_argument("--heads", type=Path, help="heads from the locked bucket, one JSON object per line")
    options = parser.parse_args(arguments)
    try:
        pems = json.loads(options.keys.read_text("utf-8")) if options.keys else None
        if options.export.is_dir() or zipfile.is_zipfile(options.export):
            return _package(options.export, pems)
        if pems is None:
            parser.error("a chain is verified with --keys")
        return _chain(options.export, KeyRing(pems), options.heads)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        print(f"cannot verify: {error}", file=sys.stderr)
        return 2


def _chain(export: Path, ring: KeyRing, path: Path | None) -> int:
    heads: list[dict[str, Any]] = []
    if path:
        heads = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    with export.open(encoding="utf-8") as lines:
        verdict = verify((line for line in lines if line.strip()), ring, heads)
    if verdict.fault is None:
        print(f"intact: {verdict.entries} entries, every one covered by a valid signature")
        return 0
    print(f"BROKEN: entry {verdict.sequence} is {verdict.fault} ({verdict.detail})")
    return 1


def _package(path: Path, pems: dict[str, str] | None) -> int:
    report = verify_package(path, pems)
    if pems is None:
        print("Clé publique de l'archive même : comparez son empreinte avec celle que tient la société.")
        print("Public key of the archive itself: compare its fingerprint with the one that the company holds.")
        for key, fingerprint in report.fingerprints.items():
            print(f"  {key}: SHA-256 {fingerprint}")
    counts = ", ".join(f"{count} {chain}" for chain, count in report.entries.items())
    if report.intact:
        print(f"intact: {counts}, {report.files} files, every one covered by a valid signature")
        return 0
    for finding in report.findings[:_MOST]:
        print(f"BROKEN: {finding}")
    if len(report.findings) > _MOST:
        print(f"… and {len(report.findings) - _MOST} more")
    return 1
