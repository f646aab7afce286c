"""Locks the requirements of the vendor layers: every version and the hashes of all its files, no address."""

from __future__ import annotations

import subprocess
import sys

from infra.layers.build import LayerError
from infra.layers.target import SOURCES, VENDORS

HEADER = """\
# Made from requirements.in: python -m infra.layers lock
# The hashes are those of every file of each version, thus also of the wheels for Lambda (CPython 3.13, aarch64).
"""
_OPTIONS = [
    "--quiet",
    "--no-config",
    "--generate-hashes",
    "--strip-extras",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
]


def lock() -> None:
    """Write requirements.txt beside each requirements.in; the second is constrained by the first."""
    for name in VENDORS:
        folder = SOURCES / name
        locked = folder / "requirements.txt"
        command = [
            sys.executable,
            "-m",
            "piptools",
            "compile",
            *_OPTIONS,
            "--output-file",
            locked.name,
            "requirements.in",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode:
            raise LayerError(f"{name} could not be locked:\n{done.stderr}")
        locked.write_text(HEADER + locked.read_text("utf-8"), "utf-8")
