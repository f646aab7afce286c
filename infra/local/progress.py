"""One line for each step, with its duration."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_WIDTH = 52


class Lines:
    """Progress as plain lines: what begins is shown at once where a terminal allows it, what ends with its duration."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._depth = 0
        self.durations: dict[str, float] = {}

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show a step while it runs, and its duration in seconds once it is done; a failed one says so."""
        margin = "  " * self._depth
        if self._stream.isatty():
            self._stream.write(f"{margin}… {title}\r")
            self._stream.flush()
        started, mark = time.perf_counter(), "✗"
        self._depth += 1
        try:
            yield
            mark = "✓"
        finally:
            self._depth -= 1
            self.durations[title] = time.perf_counter() - started
            text = f"{margin}{mark} {title}"
            self._write(f"{text:<{_WIDTH}} {self.durations[title]:7.1f} s")

    def tell(self, text: str) -> None:
        """Show one line of detail."""
        self._write(f"{'  ' * self._depth}  {text}")

    def _write(self, line: str) -> None:
        clear = "\x1b[2K" if self._stream.isatty() else ""
        self._stream.write(f"{clear}{line}\n")
        self._stream.flush()
