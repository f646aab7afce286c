"""What may differ from one installation to another, typed, documented and checked.

A value is looked up, in this order, in the environment (`COMPTOIR_INFRA_<NAME>`), in the CDK context (`cdk.json`, or
`cdk -c name=value`), then in the default below. All that is wrong is told at once.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT_PREFIX = "COMPTOIR_INFRA_"
LOG_RETENTIONS = (7, 30, 90, 180, 365, 731, 1827, 3653)

Check = Callable[[Any], str | None]


class SettingsError(ValueError):
    """The settings can't be used; the message lists every wrong one with what is expected."""


def _between(low: int, high: int) -> Check:
    return lambda value: None if low <= value <= high else f"must be between {low} and {high}"


def _one_of(*allowed: int) -> Check:
    return lambda value: None if value in allowed else f"must be one of {', '.join(map(str, allowed))}"


def _matches(pattern: str, meaning: str) -> Check:
    return lambda value: None if re.fullmatch(pattern, value) else f"must be {meaning}"


def _setting(default: Any, doc: str, check: Check | None = None) -> Any:
    return field(default=default, metadata={"doc": doc, "check": check})


_MEMORY = _between(128, 10_240)
_CONCURRENCY = _between(0, 1000)
_EMAIL = _matches(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation's choices; `0` or empty means "none" where the text says optional."""

    stage: str = _setting(
        "prod",
        "Name of the installation, part of every physical name.",
        _matches(r"[a-z][a-z0-9-]{1,15}", "2 to 16 lower-case letters, digits or hyphens, a letter first"),
    )
    region: str = _setting(
        "eu-west-3", "AWS region. Invoices are kept in the EU (LPF L102 C).", _matches(r"eu-[a-z]+-\d", "an EU region")
    )
    local: bool = _setting(False, "For the local emulator: processor and interpreter of this machine, no SnapStart.")
    version: str = _setting(
        "",
        "Version of the software, told by the API; taken from pyproject.toml when empty.",
        _matches(r"\d+\.\d+\.\d+\S*", "a version such as 1.2.0 (pyproject.toml has none?)"),
    )
    protect: bool = _setting(True, "Termination protection of the stacks; deploy with false before destroying them.")
    retention_years: int = _setting(10, "Object Lock of issued documents (C. com. L123-22).", _between(10, 100))
    log_retention_days: int = _setting(365, "Retention of every log group.", _one_of(*LOG_RETENTIONS))
    alarm_email: str = _setting("", "Where alarms are mailed; optional.", _EMAIL)
    mail_from: str = _setting(
        "",
        "Address that documents are mailed from; its domain has to be proven to Amazon SES. Optional: no mail.",
        _EMAIL,
    )
    mail_identity: bool = _setting(True, "Make the SES identity of that domain; false where the account has it.")
    monthly_budget_usd: int = _setting(0, "Monthly amount that a mail warns of; optional.", _between(0, 1_000_000))
    throttle_rate: int = _setting(50, "API: requests per second.", _between(1, 10_000))
    throttle_burst: int = _setting(100, "API: requests at once.", _between(1, 5_000))
    latency_alarm_ms: int = _setting(3_000, "API: p99 latency that raises the alarm.", _between(100, 30_000))
    snap_start: bool = _setting(True, "SnapStart on the API function (AWS only).")
    memory_api: int = _setting(1_024, "MB of the API function.", _MEMORY)
    memory_steps: int = _setting(512, "MB of the workflow tasks.", _MEMORY)
    memory_issue: int = _setting(1_024, "MB of the one writer.", _MEMORY)
    memory_render: int = _setting(1_769, "MB of the renderer; 1,769 MB is one whole processor.", _MEMORY)
    memory_bank: int = _setting(1_769, "MB of what reads and writes bank files.", _MEMORY)
    memory_mail: int = _setting(512, "MB of what sends mails.", _MEMORY)
    memory_schedule: int = _setting(512, "MB of what the clock starts.", _MEMORY)
    memory_stream: int = _setting(512, "MB of what follows the table's stream.", _MEMORY)
    reserved_api: int = _setting(0, "Reserved concurrency of the API function; optional.", _CONCURRENCY)
    reserved_render: int = _setting(0, "Reserved concurrency of the renderer; optional.", _CONCURRENCY)
    queue_batch: int = _setting(10, "Documents that the writer takes at a time.", _between(1, 10))
    queue_attempts: int = _setting(5, "Deliveries before a message goes to the dead-letter queue.", _between(1, 100))
    publisher_name: str = _setting(
        "",
        "Publisher of this version, name and address: it turns on the attestation of CGI 286 I 3° bis; optional.",
    )
    publisher_signatory: str = _setting("", "Who signs the attestation for the publisher; needed with its name.")
    publisher_place: str = _setting("", "Where the publisher signs; needed with its name.")
    publisher_market_since: str = _setting(
        "",
        "Day on which the publisher put this version on the market; needed with its name.",
        _matches(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a day such as 2026-11-21"),
    )
    token_minutes: int = _setting(30, "Life of ID and access tokens.", _between(5, 1_440))
    session_hours: int = _setting(12, "Life of refresh tokens.", _between(1, 720))

    @property
    def publisher(self) -> dict[str, str]:
        """Who attests to this version of the product; empty when nobody does."""
        names = ("name", "signatory", "place", "market_since")
        return {name: getattr(self, f"publisher_{name}") for name in names} if self.publisher_name else {}

    @property
    def prefix(self) -> str:
        """Beginning of every physical name."""
        return f"comptoir-{self.stage}"


def load(context: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this installation; `SettingsError` names every value that can't be used."""
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for item in fields(Settings):
        raw = environment.get(ENVIRONMENT_PREFIX + item.name.upper(), context.get(item.name, item.default))
        if item.name == "version" and not raw:
            raw = project_version()
        try:
            values[item.name] = value = _convert(raw, type(item.default))
        except ValueError as error:
            wrong.append(f"{item.name}: {error} (got {raw!r})")
            continue
        check: Check | None = item.metadata["check"]
        optional = item.default in ("", 0) and value == item.default and item.name != "version"
        if check and not optional and (reason := check(value)):
            wrong.append(f"{item.name}: {reason} (got {raw!r})")
    told = {name: text for name, text in values.items() if name.startswith("publisher_")}
    if any(told.values()) and not all(told.values()):
        wrong.append("publisher_…: all four are needed, or none")
    if wrong:
        raise SettingsError("These settings can't be used:\n  " + "\n  ".join(wrong))
    return Settings(**values)


def project_version(root: Path = ROOT) -> str:
    """Version written in pyproject.toml, empty when there is none."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return ""
    version: str = tomllib.loads(path.read_text("utf-8")).get("project", {}).get("version", "")
    return version


def cdk_context(root: Path = ROOT) -> dict[str, Any]:
    """Context of cdk.json, for a synthesis that the CDK command line did not start."""
    context: dict[str, Any] = json.loads((root / "cdk.json").read_text("utf-8"))["context"]
    return context


def _convert(raw: Any, kind: type) -> Any:
    if kind is bool:
        text = str(raw).lower()
        if text not in {"true", "false"}:
            raise ValueError("must be true or false")
        return text == "true"
    if kind is int:
        if isinstance(raw, bool) or not re.fullmatch(r"-?\d+", str(raw)):
            raise ValueError("must be a whole number")
        return int(raw)
    if not isinstance(raw, str):
        raise ValueError("must be a text")
    return raw
