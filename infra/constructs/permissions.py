"""What functions may do, and what none may ever do: denied explicitly, so that no later grant undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from infra.constructs.data import INDEXES

READ = ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query"]
WRITE = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
# A batch write or a PartiQL statement could delete or overwrite without the condition that a transaction carries.
_NEVER_ON_THE_TABLE = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteTable",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
]
_NEVER_ON_THE_ARCHIVE = [
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject*",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
]
_NEVER_ON_KEYS = ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
CHAINS = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["*#CHAIN#*"]}}
CASH = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*#CASH*"]}}
SEARCH = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*#SEARCH#*"]}}

Conditions = dict[str, Any]


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None
) -> iam.PolicyStatement:
    """One named statement that allows."""
    return iam.PolicyStatement(sid=sid, actions=list(actions), resources=list(resources), conditions=conditions)


def deny(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None
) -> iam.PolicyStatement:
    """One named statement that denies."""
    return iam.PolicyStatement(
        sid=sid, effect=iam.Effect.DENY, actions=list(actions), resources=list(resources), conditions=conditions
    )


def read_table(table: dynamodb.ITable) -> iam.PolicyStatement:
    """Read items and the three indexes; no scan."""
    indexes = [f"{table.table_arn}/index/{name}" for name in INDEXES]
    return allow("ReadTable", READ, [table.table_arn, *indexes])


def write_table(table: dynamodb.ITable) -> iam.PolicyStatement:
    """Put and update items; the conditions are the program's, the limits are the denials below."""
    return allow("WriteTable", WRITE, [table.table_arn])


def write_search(table: dynamodb.ITable) -> iam.PolicyStatement:
    """Put entries of the search, and nothing else."""
    return allow("WriteSearch", ["dynamodb:PutItem"], [table.table_arn], SEARCH)


def count_cash(table: dynamodb.ITable) -> iam.PolicyStatement:
    """Put what was counted of the cash to come, and nothing else."""
    return allow("CountCash", ["dynamodb:PutItem"], [table.table_arn], CASH)


def follow_stream(table: dynamodb.Table) -> list[iam.PolicyStatement]:
    """Read the table's stream; listing streams knows no resource."""
    actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
    return [
        allow("ReadStream", actions, [str(table.table_stream_arn)]),
        allow("FindStream", ["dynamodb:ListStreams"], ["*"]),
    ]


def use_data_key(key: kms.IKey, stack: Stack) -> iam.PolicyStatement:
    """Let DynamoDB, and nothing else, use the data key for the caller."""
    actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ]
    service = f"dynamodb.{stack.region}.amazonaws.com"
    return allow("TableKey", actions, [key.key_arn], {"StringEquals": {"kms:ViaService": service}})


def never(archive: s3.IBucket, *, signs: bool, chains: bool) -> list[iam.PolicyStatement]:
    """Denials of every runtime role (INV-07, FIS-01): `signs` and `chains` are true for the one writer alone."""
    statements = [
        deny("NeverDeleteItems", _NEVER_ON_THE_TABLE, ["*"]),
        deny("NeverTouchTheArchive", _NEVER_ON_THE_ARCHIVE, [archive.bucket_arn, archive.arn_for_objects("*")]),
        deny("NeverTouchKeys", _NEVER_ON_KEYS, ["*"]),
    ]
    if chains:
        # The writer only puts, each put conditioned on what was read.
        statements.append(deny("ChainsAreAppended", ["dynamodb:DeleteItem", "dynamodb:UpdateItem"], ["*"], CHAINS))
    else:
        statements.append(deny("ChainsAreTheWriters", ["dynamodb:DeleteItem", *WRITE], ["*"], CHAINS))
    if not signs:
        statements.append(deny("NeverSign", ["kms:Sign"], ["*"]))
    return statements
