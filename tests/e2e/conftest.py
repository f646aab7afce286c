"""A local AWS for each need: one shared, one that a test may kill, one with the product deployed on it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.cloud import Cloud, deploy, local_aws
from infra.local.progress import Lines
from infra.local.supervisor import LocalAws
from infra.local.tools import synthesise

Launch = Callable[[Path], LocalAws]


@pytest.fixture(scope="session")
def free_port() -> int:
    """A port that nothing uses; the same one for all restarts, as for a user, so that clients are made once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def launch(free_port: int) -> Iterator[Launch]:
    """Starts a local AWS on a state folder, one at a time; whatever still runs at the end is killed."""
    started: list[LocalAws] = []

    def start(state: Path) -> LocalAws:
        started.append(LocalAws(state, free_port))
        return started[-1]

    yield start
    for aws in started:
        if aws.running():
            aws.kill()


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS with nothing on it, shared by the session: use names of your own, and do not stop it."""
    with local_aws(tmp_path_factory.mktemp("aws"), port=0) as running:
        yield running


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The product, deployed on a local AWS of its own, shared by the session."""
    assembly = synthesise()
    with local_aws(tmp_path_factory.mktemp("cloud"), port=0) as running:
        yield deploy(running, assembly, Lines())
