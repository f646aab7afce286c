"""Structured logs: one JSON line per event on standard output, where the runtime collects them."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

from aws_lambda_powertools import Logger

_DEPTH = 12


class _StandardOutput(logging.StreamHandler[Any]):
    """Writes to what standard output is when the event happens."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)


_LOGGER = Logger(
    service="comptoir", level="INFO", utc=True, use_rfc3339=True, logger_handler=_StandardOutput(sys.stdout)
)
_WRITE = {"INFO": _LOGGER.info, "WARNING": _LOGGER.warning, "ERROR": _LOGGER.error}


def log(level: str, message: str, **fields: Any) -> None:
    """Write one line. Fields are identifiers, codes and figures: never a body, a name, an address."""
    _WRITE[level](message, extra=fields, stacklevel=3)


def place(error: BaseException) -> list[str]:
    """Where an exception came from, innermost first: `file:line function`, without values or messages."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEPTH:]
    return [f"{'/'.join(f.filename.rsplit('/', 3)[1:])}:{f.lineno} {f.name}" for f in reversed(frames)]
