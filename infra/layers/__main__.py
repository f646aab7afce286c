"""Command line of the layers."""

from __future__ import annotations

import argparse
import sys
import time

from infra.layers import check
from infra.layers.build import LayerError, build
from infra.layers.lock import lock
from infra.layers.target import LOCAL, TARGETS, USED, Target
from infra.settings import ROOT

_MEGABYTE = 1024 * 1024


def verify(target: Target) -> None:
    """Raise `LayerError` unless every function finds all that it needs in its layers, within Lambda's limit."""
    for function, names in USED.items():
        code = ROOT / "functions" / function
        layers = [target.folder / name for name in names]
        libraries = [layer / "python" for layer in layers]
        total = check.size([code, *layers])
        print(f"  {function:10} {total / _MEGABYTE:6.1f} MB of 250 MB")
        if total > check.LAMBDA_LIMIT:
            raise LayerError(f"{function} and its layers exceed what Lambda accepts: {total} bytes")
        if lacking := check.missing(libraries, target):
            raise LayerError(f"The layers of {function} are not complete:\n  " + "\n  ".join(lacking))
        if foreign := check.foreign(libraries, target):
            raise LayerError(
                f"The layers of {function} are not for {target.machine}:\n  " + "\n  ".join(map(str, foreign))
            )
        if target is LOCAL and (failure := check.import_failure(code, libraries)):
            raise LayerError(f"{function} can't be imported with its layers alone:\n{failure}")


def main() -> None:
    """Run one command; a failure ends with a sentence."""
    parser = argparse.ArgumentParser(prog="python -m infra.layers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("build", "build the layers"), ("check", "check that the built layers are complete")):
        commands.add_parser(name, help=text).add_argument("target", choices=sorted(TARGETS))
    commands.add_parser("lock", help="lock the requirements of the layers")
    arguments = parser.parse_args()
    start = time.monotonic()
    try:
        if arguments.command == "lock":
            lock()
        elif arguments.command == "build":
            for name, folder in build(TARGETS[arguments.target]).items():
                print(f"  {name:18} {check.size([folder]) / _MEGABYTE:6.1f} MB")
        else:
            verify(TARGETS[arguments.target])
    except LayerError as error:
        sys.exit(str(error))
    print(f"  {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
