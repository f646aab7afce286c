"""Starting, watching and stopping the local AWS as a process of its own."""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local import server
from infra.local.emulator import CREDENTIALS, REGION

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 4566
LOG = "server.log"
_START_SECONDS = 120.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.02


class LocalAwsError(Exception):
    """The local AWS can't do what was asked; the message is for the person at the keyboard."""


class LocalAws:
    """One running server and how to reach it. The server stops by itself when this process is gone."""

    def __init__(self, state: Path, port: int = DEFAULT_PORT) -> None:
        """`state` holds everything; port 0 chooses a free one. Raises `LocalAwsError` when it does not come up."""
        self.state = state.resolve()
        self.state.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "infra.local.server", "--attached"]
        with (self.state / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(port), "--state", str(self.state)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A Ctrl-C at the terminal is for the program in front, which then stops this one in good order.
                start_new_session=True,
            )
        try:
            self.port = self._await_address(port)
            self._await_ready()
        except BaseException:
            self.kill()
            raise

    @property
    def endpoint(self) -> str:
        """Address of every service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process of the server."""
        return self._process.pid

    def client(self, service: str) -> Any:
        """A boto3 client of the default account."""
        return client(self.endpoint, service)

    def running(self) -> bool:
        """Whether the server still runs."""
        return self._process.poll() is None

    def wait(self) -> int:
        """Stay until it ends; returns its exit code."""
        return self._process.wait()

    def stop(self) -> int:
        """Save and end; returns the exit code of the server."""
        self._process.terminate()
        try:
            return self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise LocalAwsError(f"The local AWS did not stop in {_STOP_SECONDS:.0f} s; see {self.log}") from None
        finally:
            self._close()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()
        self._close()

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self.state / LOG

    def _close(self) -> None:
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _await_address(self, port: int) -> int:
        address = self.state / server.ADDRESS
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if (code := self._process.poll()) is not None:
                raise LocalAwsError(self._reason(code, port))
            if address.exists():
                pid, _, found = address.read_text().strip().partition(" ")
                if pid == str(self._process.pid):
                    return int(found)
            time.sleep(_POLL_SECONDS)
        raise LocalAwsError(f"The local AWS did not start within {_START_SECONDS:.0f} s; see {self.log}")

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=30):  # noqa: S310
                return
            if not self.running():
                break
            time.sleep(_POLL_SECONDS)
        raise LocalAwsError(f"The local AWS started but does not answer; see {self.log}")

    def _reason(self, code: int, port: int) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        match code:
            case server.EXIT_PORT_BUSY:
                return (
                    f"Port {port} is already used by another program. "
                    f"Stop that program, or choose another port: COMPTOIR_PORT={port + 33} make run"
                )
            case server.EXIT_STATE_IN_USE:
                return _in_use(self.state)
            case server.EXIT_STATE_UNREADABLE:
                return (
                    f"{lines[-1]}. Nothing was changed. Restore {self.state} from a copy, "
                    f"or delete it to start again from nothing: rm -r {self.state}"
                )
            case server.EXIT_INCOMPATIBLE:
                start = max((n for n, line in enumerate(lines) if line.startswith("MiniStack ")), default=0)
                return "\n".join(lines[start:])
        return f"The local AWS ended at once (code {code}). Last lines of {self.log}:\n" + "\n".join(lines[-15:])


@cache
def client(endpoint: str, service: str) -> Any:
    """A boto3 client of the emulator: addresses by path, no retry that would hide a failure."""
    session = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    config = Config(
        s3={"addressing_style": "path"},
        inject_host_prefix=False,
        max_pool_connections=64,
        retries={"total_max_attempts": 1},
        read_timeout=120,
    )
    return session.client(service, endpoint_url=endpoint, config=config)


@contextmanager
def exclusive(state: Path) -> Iterator[None]:
    """Hold a state that no server uses; raises `LocalAwsError` when one does."""
    path = state / server.LOCK
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalAwsError(_in_use(state)) from None
        yield


def _in_use(state: Path) -> str:
    process = (state / server.LOCK).read_text().strip()
    return (
        f"{state} is in use by another instance (process {process}). Only one may use it: stop that one with Ctrl-C in "
        "its terminal, or by killing that process, or use another folder with --state."
    )
