"""The same stack on one machine: a launcher that makes the emulator durable, and what deploys onto it."""

import sys

OLDEST_PYTHON = (3, 11)

if sys.version_info < OLDEST_PYTHON:
    sys.exit(
        "Comptoir needs Python 3.11 or newer, this is {}.{}. Install it, delete .venv, then run make again.".format(
            *sys.version_info
        )
    )
