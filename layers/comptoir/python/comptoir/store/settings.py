"""What the functions' environment tells, checked when it is first needed."""

from __future__ import annotations

import os


class MissingSetting(RuntimeError):
    """A function was deployed without an environment variable that it needs."""


def setting(name: str) -> str:
    """The value of `COMPTOIR_<name>`. Errors: `MissingSetting`, naming it."""
    value = os.environ.get(f"COMPTOIR_{name}")
    if not value:
        raise MissingSetting(f"environment variable COMPTOIR_{name} is not set")
    return value


def product_version() -> str:
    """The version of the product that runs."""
    return os.environ.get("COMPTOIR_VERSION", "dev")


def optional(name: str) -> str | None:
    """The value of `COMPTOIR_<name>`, None where the deployer gave none."""
    return os.environ.get(f"COMPTOIR_{name}") or None
