"""Nothing that the local AWS acknowledged is lost, and no lock is lifted, however the process ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.supervisor import LocalAws, LocalAwsError
from tests.e2e.stores import add, addition, assert_locked, install, journal, numbers, put, queue, receive, send
from tests.e2e.waiting import eventually

Launch = Callable[[Path], LocalAws]

STOPS = {"kill": lambda aws: aws.kill(), "stop": lambda aws: aws.stop()}


@pytest.mark.parametrize("ending", list(STOPS))
def test_what_was_acknowledged_is_there_after(ending: str, launch: Launch, tmp_path: Path) -> None:
    """Items, transactions, keys, users, secrets, messages and locks, after kill -9 as after a graceful stop."""
    aws = launch(tmp_path)
    made = install(aws)
    put(aws, "kept")
    put(aws, "dropped")
    aws.client("dynamodb").delete_item(TableName="items", Key={"pk": {"S": "dropped"}})
    transaction = [
        {"Update": {"TableName": "items", **addition("kept")}},
        {"Put": {"TableName": "items", "Item": {"pk": {"S": "new"}, "n": {"N": "7"}}}},
    ]
    aws.client("dynamodb").transact_write_items(TransactItems=transaction)
    send(aws, "first", "second", "third")
    done = receive(aws, 2)[0]
    aws.client("sqs").delete_message(QueueUrl=queue(aws), ReceiptHandle=done["ReceiptHandle"])
    aws.client("cognito-idp").admin_set_user_password(
        UserPoolId=made.pool, Username="anne@example.fr", Password="Azerty-123456", Permanent=True
    )
    assert STOPS[ending](aws) in {None, 0}

    again = launch(tmp_path)
    assert numbers(again) == {"kept": 1, "new": 7}
    assert [message["Body"] for message in receive(again)] == ["second", "third"]
    assert again.client("kms").get_public_key(KeyId=made.key)["PublicKey"] == made.public
    user = again.client("cognito-idp").admin_get_user(UserPoolId=made.pool, Username="anne@example.fr")
    assert user["UserStatus"] == "CONFIRMED"
    assert again.client("secretsmanager").get_secret_value(SecretId="cursor")["SecretString"] == "s3cret"
    assert_locked(again, made.version)


def test_a_duplicate_is_still_recognised_after_a_kill(launch: Launch, tmp_path: Path) -> None:
    """The deduplication of a FIFO queue outlives the process: a re-driven message is not issued twice."""
    aws = launch(tmp_path)
    install(aws)
    send(aws, "invoice 1")
    aws.kill()
    again = launch(tmp_path)
    send(again, "invoice 1", "invoice 2")
    assert [message["Body"] for message in receive(again)] == ["invoice 1", "invoice 2"]


def test_multipart_uploads_are_locked(launch: Launch, tmp_path: Path) -> None:
    """The default retention of the bucket holds for objects uploaded in parts."""
    aws = launch(tmp_path)
    install(aws)
    s3, target = aws.client("s3"), {"Bucket": "archive", "Key": "big"}
    upload = s3.create_multipart_upload(**target)["UploadId"]
    part = s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    parts = {"Parts": [{"ETag": part, "PartNumber": 1}]}
    version = s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload=parts)["VersionId"]
    aws.kill()
    with pytest.raises(ClientError, match="AccessDenied"):
        launch(tmp_path).client("s3").delete_object(**target, VersionId=version)


def test_a_torn_last_line_is_cut_off(launch: Launch, tmp_path: Path) -> None:
    """A write torn by a power cut takes only itself with it, and what follows it is durable again."""
    aws = launch(tmp_path)
    install(aws)
    put(aws, "before")
    aws.kill()
    with journal(tmp_path).open("ab") as file:
        file.write(b'0badc0de [["item","arn:aws:dyn')
    again = launch(tmp_path)
    put(again, "after")
    again.kill()
    assert numbers(launch(tmp_path)) == {"before": 0, "after": 0}


def test_a_damaged_journal_is_told(launch: Launch, tmp_path: Path) -> None:
    """A line that others follow can't be a torn write: nothing is served rather than losing it silently."""
    aws = launch(tmp_path)
    install(aws)
    put(aws, "one")
    put(aws, "two")
    aws.kill()
    content = journal(tmp_path).read_bytes()
    journal(tmp_path).write_bytes(content.replace(b'"one"', b'"0ne"'))
    with pytest.raises(LocalAwsError, match=r"line \d of .* is damaged"):
        launch(tmp_path)
    assert journal(tmp_path).read_bytes().count(b"\n") == content.count(b"\n")


def test_a_crash_between_snapshot_and_removal_replays_nothing_twice(launch: Launch, tmp_path: Path) -> None:
    """The predecessor of a snapshot, left behind with its journal, is ignored; so is an unfinished successor."""
    aws = launch(tmp_path)
    install(aws)
    put(aws, "count")
    send(aws, "consumed")
    aws.kill()
    old = journal(tmp_path)
    saved = tmp_path / "saved"
    shutil.copytree(old.parent, saved)
    again = launch(tmp_path)
    add(again, "count")
    message = receive(again)[0]
    again.client("sqs").delete_message(QueueUrl=queue(again), ReceiptHandle=message["ReceiptHandle"])
    assert again.stop() == 0
    assert journal(tmp_path) > old
    shutil.copytree(saved, old.parent, dirs_exist_ok=True)
    (old.parent / "999999.tmp").mkdir()
    last = launch(tmp_path)
    assert numbers(last) == {"count": 1}
    assert receive(last) == []
    assert [path.name for path in old.parent.glob("*.journal")] == [journal(tmp_path).name]


def test_writers_of_all_kinds_count_exactly(launch: Launch, tmp_path: Path) -> None:
    """HTTP clients and workflows that add to the same item lose no addition, nor does a kill -9 after them."""
    aws = launch(tmp_path)
    install(aws)
    put(aws, "count")
    update = {"TableName": "items", **addition("count")}
    tasks = [
        {"Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": update},
        {
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
            "Parameters": {"TransactItems": [{"Update": update}]},
        },
    ]
    following: list[dict[str, Any]] = [{"Next": "s1"}, {"Next": "s2"}, {"Next": "s3"}, {"End": True}]
    states = {f"s{n}": {"Type": "Task", "ResultPath": None, **tasks[n % 2], **then} for n, then in enumerate(following)}
    workflows = aws.client("stepfunctions")
    machine = workflows.create_state_machine(
        name="adders",
        roleArn="arn:aws:iam::000000000000:role/adders",
        definition=json.dumps({"StartAt": "s0", "States": states}),
    )["stateMachineArn"]

    def job(number: int) -> None:
        if number % 3:
            for _ in range(4):
                add(aws, "count")
        else:
            workflows.start_execution(stateMachineArn=machine, name=f"job-{number}", input="{}")

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(job, range(90)))
    running = {"stateMachineArn": machine, "statusFilter": "RUNNING"}
    eventually(lambda: not workflows.list_executions(**running)["executions"])
    assert numbers(aws) == {"count": 360}
    aws.kill()
    again = launch(tmp_path)
    assert numbers(again) == {"count": 360}
    ended = again.client("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")
    assert len(ended["executions"]) == 30


def test_an_interrupted_execution_is_told_as_failed(launch: Launch, tmp_path: Path) -> None:
    """A workflow that was running when the process died is known by name, with the reason."""
    aws = launch(tmp_path)
    states = {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}
    machine = aws.client("stepfunctions").create_state_machine(
        name="waiter",
        roleArn="arn:aws:iam::000000000000:role/waiter",
        definition=json.dumps({"StartAt": "Wait", "States": states}),
    )["stateMachineArn"]
    execution = aws.client("stepfunctions").start_execution(stateMachineArn=machine, name="issue-1-1")["executionArn"]
    aws.kill()
    again = launch(tmp_path)
    found = again.client("stepfunctions").describe_execution(executionArn=execution)
    assert (found["status"], found["error"]) == ("FAILED", "States.ServiceRestart")
    assert "issue-1-1" in again.log.read_text()
