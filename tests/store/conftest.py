"""The same contract on three backends: memory, moto and the local AWS; a fresh table for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from comptoir.store.backend import Backend
from comptoir.store.cursor import CursorSigner
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.memory import MemoryBackend
from comptoir.store.store import Store
from infra.local.cloud import local_aws
from infra.local.supervisor import LocalAws

REGION = "eu-west-3"
_numbers = itertools.count(1)

MakeBackend = Callable[[], Backend]


def make_table(client: Any) -> str:
    """A new table of the product's shape; its name."""
    name = f"contract-{next(_numbers)}"
    attributes = ["pk", "sk", *(f"g{n}{part}" for n in (1, 2, 3) for part in ("pk", "sk"))]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in attributes],
        KeySchema=_schema("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": f"gsi{n}",
                "KeySchema": _schema(f"g{n}pk", f"g{n}sk"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["t", "v", "s"]},
            }
            for n in (1, 2, 3)
        ],
    )
    return name


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS for the session."""
    with local_aws(tmp_path_factory.mktemp("store"), port=0) as running:
        yield running


@pytest.fixture
def on_memory() -> MakeBackend:
    """Tables in memory."""
    return MemoryBackend


@pytest.fixture
def on_moto() -> Iterator[MakeBackend]:
    """Tables in moto, which answers within this process."""
    with mock_aws():
        client = boto3.client("dynamodb", REGION, aws_access_key_id="test", aws_secret_access_key="test")
        yield lambda: DynamoBackend(lambda: client, make_table(client))


@pytest.fixture
def on_ministack(local: LocalAws) -> MakeBackend:
    """Tables in the local AWS, over HTTP; an account of its own for each test."""
    client = boto3.client(
        "dynamodb",
        REGION,
        endpoint_url=local.endpoint,
        aws_access_key_id=f"{next(_numbers):012d}",
        aws_secret_access_key="test",
        config=Config(max_pool_connections=40),
    )
    return lambda: DynamoBackend(lambda: client, make_table(client))


@pytest.fixture(params=["on_memory", "on_moto", "on_ministack"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """An empty table, on each backend in turn."""
    made: Backend = request.getfixturevalue(request.param)()
    return made


@pytest.fixture(params=["on_memory", "on_ministack"])
def atomic(request: pytest.FixtureRequest) -> Backend:
    """An empty table, on the backends that are atomic between threads."""
    made: Backend = request.getfixturevalue(request.param)()
    return made


def store_on(backend: Backend, sleep: Callable[[float], None] = lambda _: None) -> Store:
    """A store that does not wait between two tries."""
    return Store(backend, CursorSigner(lambda: b"a secret"), sleep=sleep, jitter=lambda: 0.5)


@pytest.fixture
def store(backend: Backend) -> Store:
    """An empty store, on each backend in turn."""
    return store_on(backend)
