"""What must be on the machine, and the synthesis of the stack, done only when something changed."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.local.supervisor import ROOT, LocalAwsError

OLDEST_NODE = 20
ASSEMBLY = ROOT / "build" / "local"
# All that the synthesised stack is made of; the local tools are no part of it.
_INPUTS = ("infra", "functions", "layers", "statemachines")
_INPUT_FILES = ("cdk.json", "package-lock.json", "pyproject.toml")
_IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache"}


def check_node() -> None:
    """CDK runs on Node; raises `LocalAwsError` when it is missing or too old."""
    remedy = f"Install Node {OLDEST_NODE} or newer (https://nodejs.org) and run the command again."
    node = shutil.which("node")
    if node is None:
        raise LocalAwsError(f"Node is not installed; CDK needs it to synthesise the stack. {remedy}")
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"v(\d+)", told)
    if not found or int(found[1]) < OLDEST_NODE:
        raise LocalAwsError(f"Node {told or 'of unknown version'} is too old. {remedy}")


def up_to_date(assembly: Path = ASSEMBLY) -> bool:
    """Whether the assembly was made from the present sources."""
    mark = _mark(assembly)
    return (assembly / "manifest.json").exists() and mark.exists() and mark.read_text() == _fingerprint()


def synthesise(assembly: Path = ASSEMBLY) -> Path:
    """The cloud assembly of the local stack, made again only when a source changed. Raises `LocalAwsError`."""
    if up_to_date(assembly):
        return assembly
    check_node()
    cdk = ROOT / "node_modules" / ".bin" / "cdk"
    if not cdk.exists():
        raise LocalAwsError("The CDK command line is not installed: run make install (or npm ci)")
    fingerprint = _fingerprint()
    _mark(assembly).unlink(missing_ok=True)
    _run([sys.executable, "-m", "infra.layers", "build", "local"], "The layers can't be built")
    _run([str(cdk), "synth", "--quiet", "--no-notices", "--output", str(assembly)], "The stack can't be synthesised")
    _mark(assembly).write_text(fingerprint)
    return assembly


def _run(command: list[str], failure: str) -> None:
    result = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    if result.returncode:
        raise LocalAwsError(f"{failure}:\n{(result.stderr or result.stdout).strip()}")


def _environment() -> dict[str, str]:
    # Without credentials CDK looks up no account, and the template is the same for everybody.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "COMPTOIR_INFRA_LOCAL": "true",
        "COMPTOIR_INFRA_STAGE": "local",
        "COMPTOIR_INFRA_MAIL_FROM": "documents@comptoir.example",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


def _mark(assembly: Path) -> Path:
    return assembly.with_suffix(".sha256")


def _fingerprint() -> str:
    digest = hashlib.sha256(f"{platform.platform()} {platform.python_version()}".encode())
    for name, value in sorted(os.environ.items()):
        if name.startswith("COMPTOIR_INFRA_"):
            digest.update(f"{name}={value}\n".encode())
    for path in sorted(_sources()):
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (ROOT / name for name in _INPUT_FILES if (ROOT / name).exists())
    yield from ROOT.glob("requirements*.txt")
    for top in _INPUTS:
        for folder, folders, files in os.walk(ROOT / top):
            folders[:] = [name for name in folders if name not in _IGNORED]
            if Path(folder) == ROOT / "infra":
                folders.remove("local")
            yield from (Path(folder, name) for name in files if not name.endswith(".pyc"))
