"""The process of the local AWS: alone on its state and its port, gone with its starter, refused when it can't mend."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import server
from infra.local.supervisor import ROOT, LocalAws, LocalAwsError, exclusive
from tests.e2e.stores import assert_locked, install
from tests.e2e.waiting import eventually

Launch = Callable[[Path], LocalAws]


def test_a_second_server_on_the_state_is_refused(launch: Launch, tmp_path: Path) -> None:
    """Two processes on one state would each undo what the other saves."""
    aws = launch(tmp_path)
    with pytest.raises(LocalAwsError, match=rf"in use by another instance \(process {aws.pid}\)"):
        launch(tmp_path)
    assert aws.running()


def test_a_busy_port_is_told_with_the_way_out(launch: Launch, tmp_path: Path) -> None:
    """The message names the port and how to choose another."""
    aws = launch(tmp_path / "one")
    with pytest.raises(LocalAwsError, match=rf"Port {aws.port} is already used.*COMPTOIR_PORT="):
        LocalAws(tmp_path / "two", aws.port)


def test_the_server_goes_with_who_started_it(launch: Launch, tmp_path: Path) -> None:
    """A starter that dies leaves no server behind, and the data are saved."""
    program = (
        "import os\nfrom pathlib import Path\nfrom infra.local.supervisor import LocalAws\n"
        f"aws = LocalAws(Path({str(tmp_path)!r}), 0)\n"
        "aws.client('secretsmanager').create_secret(Name='left', SecretString='behind')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    eventually(lambda: _free(tmp_path))
    found = launch(tmp_path).client("secretsmanager").get_secret_value(SecretId="left")
    assert found["SecretString"] == "behind"


def _free(state: Path) -> bool:
    try:
        with exclusive(state):
            return True
    except LocalAwsError:
        return False


def test_a_missing_private_name_is_told(tmp_path: Path) -> None:
    """A release of MiniStack that changes what is mended is refused, and the name is told."""
    program = (
        "import sys, ministack.services.sqs as sqs, ministack.services.dynamodb as dynamodb\n"
        "del sqs._dlq_sweep\n"
        "dynamodb._set_item = lambda table, item: None\n"
        "from infra.local.server import main\n"
        f"main(['--port', '0', '--state', {str(tmp_path)!r}])\n"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == server.EXIT_INCOMPATIBLE
    assert "ministack.services.sqs._dlq_sweep is missing" in result.stderr
    assert "ministack.services.dynamodb._set_item takes (table, item)" in result.stderr


def test_nobody_can_wipe_it_by_a_request(launch: Launch, tmp_path: Path) -> None:
    """MiniStack's reset, which would delete locked objects, is refused."""
    aws = launch(tmp_path)
    made = install(aws)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{aws.endpoint}/_ministack/reset", data=b"")
    assert_locked(aws, made.version)
