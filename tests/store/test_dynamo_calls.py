"""What emulators never answer: conflicts, throttling, keys left unread. The real client, with answers of ours."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from comptoir.kernel.errors import Contention
from comptoir.store import codec
from comptoir.store.backend import Cancelled, Check, Put, Query, Reason
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.store import Store
from tests.store.conftest import store_on
from tests.store.things import THING, Thing, at

CHECK = [Check(at("A"), 1), Check(at("B"), 1)]


@pytest.fixture
def calls() -> Any:
    """The answers that the client shall give, in order."""
    client = boto3.client("dynamodb", "eu-west-3", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield stubber


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def backend(calls: Stubber, pauses: list[float]) -> DynamoBackend:
    return DynamoBackend(lambda: calls.client, "table", sleep=pauses.append)


def cancel(calls: Stubber, *codes: str) -> None:
    reasons = [{"Code": code} for code in codes]
    calls.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields={"CancellationReasons": reasons}
    )


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_conflict_with_another_transaction_is_contention(calls: Stubber, backend: DynamoBackend, code: str) -> None:
    cancel(calls, "None", code)
    with pytest.raises(Cancelled) as cancelled:
        backend.write(CHECK)
    assert cancelled.value.reasons == {1: Reason.CONTENTION}


def test_contention_counts_more_than_a_failed_condition(calls: Stubber, backend: DynamoBackend) -> None:
    """A taken key beside a conflict may be half of somebody's transaction: look again before naming it."""
    calls.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {}}, ANY_BATCH)
    cancel(calls, "ConditionalCheckFailed", "TransactionConflict")
    calls.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {}}, ANY_BATCH)
    calls.add_response("transact_write_items", {}, {"TransactItems": ANY})

    def work(tx: Any) -> None:
        tx.prefetch([at("A"), at("B")])
        tx.create(THING, at("A"), Thing())
        tx.create(THING, at("B"), Thing())

    store_on(backend).transact(work)
    calls.assert_no_pending_responses()


ANY_BATCH = {"RequestItems": ANY}


@pytest.mark.parametrize(
    "code",
    [
        "TransactionInProgressException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    ],
)
def test_a_throttled_write_is_tried_again(calls: Stubber, backend: DynamoBackend, code: str) -> None:
    calls.add_client_error("transact_write_items", code)
    with pytest.raises(Cancelled) as cancelled:
        backend.write(CHECK)
    assert cancelled.value.reasons == {0: Reason.CONTENTION}


def test_a_throttled_read_is_contention_not_a_fault(calls: Stubber, backend: DynamoBackend) -> None:
    for operation in ("batch_get_item", "query", "get_item"):
        calls.add_client_error(operation, "ProvisionedThroughputExceededException")
    with pytest.raises(Contention):
        backend.get([at("A")])
    with pytest.raises(Contention):
        backend.query(Query(pk="A"))
    with pytest.raises(Contention):
        backend.counter(at("A"))


def test_other_refusals_are_faults_and_are_not_hidden(calls: Stubber, backend: DynamoBackend) -> None:
    cancel(calls, "None", "ValidationError")
    with pytest.raises(RuntimeError, match="ValidationError"):
        backend.write(CHECK)
    calls.add_client_error("query", "AccessDeniedException")
    with pytest.raises(ClientError):
        backend.query(Query(pk="A"))


def batch(found: list[Any], left: list[Any]) -> dict[str, Any]:
    keys = [codec.encode_key(key) for key in left]
    return {"Responses": {"table": found}, "UnprocessedKeys": {"table": {"Keys": keys}} if left else {}}


def test_keys_left_unread_are_asked_again(calls: Stubber, backend: DynamoBackend, pauses: list[float]) -> None:
    keys = [at("A"), at("B"), at("C")]
    items = [codec.encode(THING.record(key, Thing(name=key.pk), 0)) for key in keys]
    asked = [keys, keys[1:], keys[1:]]
    answers = [batch(items[:1], keys[1:]), batch([], keys[1:]), batch(items[1:], [])]
    for wanted, answer in zip(asked, answers, strict=True):
        request = {"Keys": [codec.encode_key(key) for key in wanted], "ConsistentRead": True}
        calls.add_response("batch_get_item", answer, {"RequestItems": {"table": request}})
    assert set(backend.get(keys)) == set(keys)
    assert len(pauses) == 1


def test_keys_that_stay_unread_are_contention(calls: Stubber, backend: DynamoBackend, pauses: list[float]) -> None:
    for _ in range(8):
        calls.add_response("batch_get_item", batch([], [at("A")]), ANY_BATCH)
    with pytest.raises(Contention):
        backend.get([at("A")])
    assert pauses == sorted(pauses)


def test_a_write_whose_answer_was_lost_is_sent_again_under_the_same_token() -> None:
    """DynamoDB then answers without doing it twice."""
    session = botocore.session.get_session()
    session.set_credentials("test", "test")
    client = session.create_client("dynamodb", "eu-west-3", endpoint_url="http://table.invalid")
    sent: list[dict[str, Any]] = []

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        sent.append(json.loads(request.body))
        raw = SimpleNamespace(stream=lambda: iter([b"{}"]), read=lambda: b"{}")
        return AWSResponse(request.url, 500 if len(sent) == 1 else 200, {}, raw)

    client.meta.events.register("before-send.dynamodb.TransactWriteItems", answer)
    DynamoBackend(lambda: client, "table").write([Put(THING.record(at("A"), Thing(), 0))])
    assert len(sent) == 2
    assert sent[0]["ClientRequestToken"] == sent[1]["ClientRequestToken"]


def test_the_client_is_made_on_first_use() -> None:
    def fail() -> Any:
        raise AssertionError("made too early")

    Store(DynamoBackend(fail, "table"), cursors=None)  # type: ignore[arg-type]
