"""The figures of the issue: `python -m tests.scale` prints all, `python -m tests.scale validation` one of them.

It never fails on a figure: what misses its aim is said. `--tiny` measures next to nothing, to see that all of it runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import time

from tests.scale.report import Size

FIGURES = (
    *("validation", "bulk", "issuing", "computing", "starting", "reading"),
    *(
        "search",
        "imports",
        "offers",
        "banking",
        "books",
        "settling",
        "months",
        "renewing",
        "transferring",
        "closing",
        "reminding",
    ),
)


def main() -> None:
    """Print the figures that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="NAME", help=f"any of {', '.join(FIGURES)}; all by default")
    parser.add_argument("--tiny", action="store_true", help="sizes that say nothing, in seconds")
    options = parser.parse_args()
    if unknown := set(options.figures) - set(FIGURES):
        parser.error(f"no figure is called {', '.join(sorted(unknown))}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    started = time.monotonic()
    for name in options.figures or FIGURES:
        importlib.import_module(f"tests.scale.{name}").show(Size(options.tiny))
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
