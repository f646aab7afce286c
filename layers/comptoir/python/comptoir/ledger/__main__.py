"""`python -m comptoir.ledger verify documents.jsonl --keys keys.json --heads heads.jsonl`.

Works offline: it needs the exported entries, the public keys and, to see a cut tail, the heads of
the locked bucket. Exit status 0 when the chain is whole, 1 when it is not, 2 on wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from comptoir.ledger.model import Head
from comptoir.ledger.verify import KeyRing, verify


def main(arguments: list[str] | None = None) -> int:
    """Run the command; prints one line that says what was verified and the first fault."""
    parser = argparse.ArgumentParser(prog="python -m comptoir.ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="verify an exported chain")
    check.add_argument("export", type=Path, help="entries in order, one JSON object per line")
    check.add_argument("--keys", type=Path, required=True, help="JSON object: key id -> public key (PEM)")
    check.add_argument("--heads", type=Path, help="heads from the locked bucket, one JSON object per line")
    options = parser.parse_args(arguments)
    try:
        ring = KeyRing(json.loads(options.keys.read_text()))
        heads = [Head.model_validate_json(line) for line in _lines(options.heads)] if options.heads else []
        with options.export.open(encoding="utf-8") as export:
            verdict = verify((line for line in export if line.strip()), ring, heads)
    except (OSError, ValueError) as error:
        print(f"cannot verify: {error}", file=sys.stderr)
        return 2
    if verdict.fault is None:
        print(f"intact: {verdict.entries} entries, every one covered by a valid signature")
        return 0
    print(f"BROKEN: entry {verdict.sequence} is {verdict.fault} ({verdict.detail})")
    return 1


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
