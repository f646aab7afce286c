"""What the durability tests put into a local AWS, and how they look for it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.supervisor import LocalAws


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
        TableName="items",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    s3.create_bucket(
        Bucket="archive",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-3"},
    )
    s3.put_object_lock_configuration(
        Bucket="archive",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 10}},
        },
    )
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
    found: list[dict[str, Any]] = (
        aws.client("sqs").receive_message(QueueUrl=queue(aws), MaxNumberOfMessages=count).get("Messages", [])
    )
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


def journal(state: Path) -> Path:
    """The journal that the next start will replay."""
    return max((state / "state").glob("*.journal"))
