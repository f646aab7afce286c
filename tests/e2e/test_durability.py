"""Nothing that the local AWS acknowledged is lost, and no lock is lifted, however the process ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local import server
from infra.local.supervisor import ROOT, LocalAws, LocalAwsError, exclusive
from tests.e2e.waiting import eventually

Launch = Callable[[Path], LocalAws]

STOPS = {"kill": lambda aws: aws.kill(), "stop": lambda aws: aws.stop()}


@dataclass
class Installed:
    """What the tests create, by service."""

    version: str
    key: str
    public: bytes
    pool: str


def install(aws: LocalAws) -> Installed:
    """A table, a locked bucket with one object, a key, a user, a queue, a secret."""
    dynamodb, s3 = aws.client("dynamodb"), aws.client("s3")
    dynamodb.create_table(
        TableName="items", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    s3.create_bucket(
        Bucket="archive", ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-3"},
    )
    s3.put_object_lock_configuration(Bucket="archive", ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 10}}
    })
    kms, cognito = aws.client("kms"), aws.client("cognito-idp")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    pool = cognito.create_user_pool(PoolName="operators")["UserPool"]["Id"]
    cognito.admin_create_user(UserPoolId=pool, Username="anne@example.fr", MessageAction="SUPPRESS")
    aws.client("sqs").create_queue(
        QueueName="issue.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    )
    aws.client("secretsmanager").create_secret(Name="cursor", SecretString="s3cret")
    # The last of all: no snapshot that another service asks for comes after it.
    version = s3.put_object(Bucket="archive", Key="invoices/1.pdf", Body=b"pdf")["VersionId"]
    return Installed(version, key, kms.get_public_key(KeyId=key)["PublicKey"], pool)


def put(aws: LocalAws, name: str) -> None:
    """One item."""
    aws.client("dynamodb").put_item(TableName="items", Item={"pk": {"S": name}, "n": {"N": "0"}})


def add(aws: LocalAws, name: str, **more: Any) -> None:
    """Add one to an item's number."""
    aws.client("dynamodb").update_item(TableName="items", **addition(name))


def addition(name: str) -> dict[str, Any]:
    """The update that adds one."""
    one = {":one": {"N": "1"}}
    return {"Key": {"pk": {"S": name}}, "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": one}


def numbers(aws: LocalAws) -> dict[str, int]:
    """All items: name to number."""
    items = aws.client("dynamodb").scan(TableName="items", ConsistentRead=True)["Items"]
    return {item["pk"]["S"]: int(item["n"]["N"]) for item in items}


def send(aws: LocalAws, *texts: str) -> None:
    """Messages of one group."""
    for text in texts:
        aws.client("sqs").send_message(QueueUrl=queue(aws), MessageBody=text, MessageGroupId="company")


def receive(aws: LocalAws, count: int = 10) -> list[dict[str, Any]]:
    """Messages in their order, not deleted."""
    found: list[dict[str, Any]] = aws.client("sqs").receive_message(
        QueueUrl=queue(aws), MaxNumberOfMessages=count
    ).get("Messages", [])
    return found


def queue(aws: LocalAws) -> str:
    """Address of the queue."""
    return str(aws.client("sqs").get_queue_url(QueueName="issue.fifo")["QueueUrl"])


def assert_locked(aws: LocalAws, version: str) -> None:
    """No way to delete the version or to shorten its retention (CGI, LPF: ten years)."""
    s3 = aws.client("s3")
    target = {"Bucket": "archive", "Key": "invoices/1.pdf", "VersionId": version}
    attempts: list[Callable[[], Any]] = [
        lambda: s3.delete_object(**target),
        lambda: s3.delete_object(**target, BypassGovernanceRetention=True),
        lambda: s3.put_object_retention(
            **target, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": "2027-01-01T00:00:00Z"}
        ),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt()
    assert s3.get_object(**target)["Body"].read() == b"pdf"
    assert s3.get_bucket_versioning(Bucket="archive")["Status"] == "Enabled"


@pytest.mark.parametrize("ending", list(STOPS))
def test_what_was_acknowledged_is_there_after(ending: str, launch: Launch, tmp_path: Path) -> None:
    """Items, transactions, keys, users, secrets, messages and locks, after kill -9 as after a graceful stop."""
    aws = launch(tmp_path)
    made = install(aws)
    put(aws, "kept")
    put(aws, "dropped")
    aws.client("dynamodb").delete_item(TableName="items", Key={"pk": {"S": "dropped"}})
    transaction = [{"Update": {"TableName": "items", **addition("kept")}}, {
        "Put": {"TableName": "items", "Item": {"pk": {"S": "new"}, "n": {"N": "7"}}}
    }]
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
    with pytest.raises(LocalAwsError, match=r"line 1 of .* is damaged"):
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
        {"Resource": "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
         "Parameters": {"TransactItems": [{"Update": update}]}},
    ]
    following: list[dict[str, Any]] = [{"Next": "s1"}, {"Next": "s2"}, {"Next": "s3"}, {"End": True}]
    states = {
        f"s{n}": {"Type": "Task", "ResultPath": None, **tasks[n % 2], **then} for n, then in enumerate(following)
    }
    workflows = aws.client("stepfunctions")
    machine = workflows.create_state_machine(
        name="adders", roleArn="arn:aws:iam::000000000000:role/adders",
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
        name="waiter", roleArn="arn:aws:iam::000000000000:role/waiter",
        definition=json.dumps({"StartAt": "Wait", "States": states}),
    )["stateMachineArn"]
    execution = aws.client("stepfunctions").start_execution(stateMachineArn=machine, name="issue-1-1")["executionArn"]
    aws.kill()
    again = launch(tmp_path)
    found = again.client("stepfunctions").describe_execution(executionArn=execution)
    assert (found["status"], found["error"]) == ("FAILED", "States.ServiceRestart")
    assert "issue-1-1" in again.log.read_text()


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


def journal(state: Path) -> Path:
    """The journal that the next start will replay."""
    return max((state / "state").glob("*.journal"))
