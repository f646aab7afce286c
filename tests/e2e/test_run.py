"""`make run` stays up until Ctrl-C and finds its data again; `make demo` begins from nothing and ends by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.supervisor import ROOT
from tests.e2e.toy import write_assembly

# Stands for the scenario of the product: one more item each time it is played.
PROGRAM = """
import sys, types, uuid
from pathlib import Path
from infra.local import run

def play(cloud, out_dir, progress):
    with progress.step("Play"):
        item = {"pk": {"S": "played"}, "sk": {"S": uuid.uuid4().hex}}
        cloud.client("dynamodb").put_item(TableName=cloud.table, Item=item)
    (out_dir / "summary.json").write_text("{}")
    return {"Played": str(cloud.client("dynamodb").scan(TableName=cloud.table)["Count"])}

sys.modules["infra.local.demo"] = types.SimpleNamespace(play=play)
run.up_to_date = lambda: True
run.synthesise = lambda: Path(sys.argv[1])
sys.exit(run.main(sys.argv[2:]))
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The program, with folders of its own."""
    folders = ["--state", str(tmp_path / "state"), "--out", str(tmp_path / "out"), "--port", "0"]
    return [sys.executable, "-c", PROGRAM, str(write_assembly(tmp_path / "assembly")), *folders]


def up_then(command: list[str], number: signal.Signals) -> tuple[str, str, int]:
    """Start, wait until it is up, send the signal: what it showed, what it complained of, its exit code."""
    process = subprocess.Popen([*command, "up"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    shown = ""
    for line in process.stdout:
        shown += line
        if line.startswith("Up."):
            os.kill(process.pid, number)
    complaint = process.communicate()[1]
    return shown, complaint, process.returncode


def test_up_stays_until_told_and_finds_its_data_again(command: list[str]) -> None:
    """Ctrl-C and a polite kill both save; the next start goes on with what was there."""
    first, _, code = up_then(command, signal.SIGINT)
    assert (code, "Played     1" in first, "✓ Save and stop" in first) == (0, True, True), first
    second, _, code = up_then(command, signal.SIGTERM)
    assert (code, "Played     2" in second) == (0, True), second


def test_demo_begins_from_nothing_and_ends(command: list[str], tmp_path: Path) -> None:
    """Played twice, it shows the same; its documents are left."""
    for _ in range(2):
        result = subprocess.run([*command, "demo"], cwd=ROOT, capture_output=True, text=True, check=True)
        assert "Played     1" in result.stdout
    assert (tmp_path / "out" / "summary.json").exists()


def test_a_wrong_port_is_told(command: list[str]) -> None:
    """One line, no trace."""
    result = subprocess.run(
        [*command, "demo"],
        cwd=ROOT,
        env={**os.environ, "COMPTOIR_PORT": "web"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (1, "COMPTOIR_PORT must be a port number, not 'web'\n")
