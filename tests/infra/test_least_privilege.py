"""What each role may do, enumerated: INV-07 (nothing issued changes), FIS-01 and FIS-02 (chains, signature)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infra.conftest import FUNCTIONS, Template

_READ = {"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query"}
_WRITE = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
_TABLE_KEY = {
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
_RUNNING = _TABLE_KEY | {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
_EVERY_FUNCTION = _READ | _RUNNING
ALLOWED = {
    "api": _EVERY_FUNCTION
    | _WRITE
    | {
        "cognito-idp:AdminCreateUser",
        "cognito-idp:AdminDisableUser",
        "cognito-idp:AdminEnableUser",
        "cognito-idp:AdminGetUser",
        "cognito-idp:AdminSetUserPassword",
        "kms:GetPublicKey",
        "lambda:InvokeFunction",
        "s3:GetObject",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "states:DescribeExecution",
        "states:StartExecution",
    },
    "steps": _EVERY_FUNCTION | _WRITE,
    "issue": _EVERY_FUNCTION
    | _WRITE
    | {
        "kms:GetPublicKey",
        "kms:Sign",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "states:SendTaskFailure",
        "states:SendTaskSuccess",
    },
    "render": _EVERY_FUNCTION
    | _WRITE
    | {"kms:GetPublicKey", "s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject"},
    "bank": _EVERY_FUNCTION | _WRITE | {"s3:GetObject", "s3:PutObject"},
    "mail": _EVERY_FUNCTION | _WRITE | {"s3:GetObject", "s3:PutObject", "ses:SendEmail", "ses:SendRawEmail"},
    "schedule": _EVERY_FUNCTION
    | _WRITE
    | {"lambda:InvokeFunction", "states:DescribeExecution", "states:StartExecution"},
    "stream": _EVERY_FUNCTION
    | {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "dynamodb:PutItem",
    },
}
# AWS knows no resource for these.
_WITHOUT_RESOURCE = ("xray:", "logs:", "dynamodb:ListStreams")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _actions(statements: list[dict[str, Any]], effect: str = "Allow") -> set[str]:
    return {action for s in statements if s["Effect"] == effect for action in _listed(s["Action"])}


def _denied(statements: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    """Statements that deny an action without condition on any resource, or under the condition that they carry."""
    return [s for s in statements if s["Effect"] == "Deny" and action in _listed(s["Action"])]


def _all_roles(template: Template) -> dict[str, list[dict[str, Any]]]:
    return {role: template.statements(role) for role in template.of("AWS::IAM::Role")}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_exactly_what_is_listed(core: Template, function: str) -> None:
    assert _actions(core.statements(core.function_role(function))) == ALLOWED[function]


def test_no_role_is_allowed_a_wildcard_action_or_carries_a_managed_policy(core: Template) -> None:
    for role, statements in _all_roles(core).items():
        assert statements, role
        assert not [action for action in _actions(statements) if "*" in action], role
        assert not core.of("AWS::IAM::Role")[role]["Properties"].get("ManagedPolicyArns"), role
        assert not core.of("AWS::IAM::Role")[role]["Properties"].get("Policies"), role


def test_every_resource_is_named_unless_aws_knows_none(core: Template) -> None:
    for role, statements in _all_roles(core).items():
        for statement in statements:
            if statement["Effect"] == "Allow" and "*" in _listed(statement["Resource"]):
                assert all(a.startswith(_WITHOUT_RESOURCE) for a in _listed(statement["Action"])), (role, statement)


def test_no_role_deletes_items_and_every_function_is_denied_it(core: Template) -> None:
    """FIS-01: deleting is a tombstone, a batch or PartiQL write would escape the conditions."""
    forbidden = {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLDelete", "dynamodb:DeleteTable"}
    for role, statements in _all_roles(core).items():
        assert not _actions(statements) & (forbidden | {"dynamodb:Scan"}), role
    for function in FUNCTIONS:
        statements = core.statements(core.function_role(function))
        for action in forbidden:
            assert any(s["Resource"] == "*" and "Condition" not in s for s in _denied(statements, action)), function


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_the_writer_puts_into_chains_and_nobody_changes_them(core: Template, function: str) -> None:
    statements = core.statements(core.function_role(function))
    chains = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["*#CHAIN#*"]}}
    denied = {
        action for s in statements if s["Effect"] == "Deny" and s.get("Condition") == chains for action in s["Action"]
    }
    expected = {"dynamodb:DeleteItem", "dynamodb:UpdateItem"}
    assert denied == (expected if function == "issue" else expected | {"dynamodb:PutItem"})


def test_what_follows_the_stream_puts_what_is_derived_alone(core: Template) -> None:
    """CAT-05, TRS-11, least privilege: entries of the search and counted cash, and no other item."""
    statements = core.statements(core.function_role("stream"))
    puts = [s for s in statements if s["Effect"] == "Allow" and "dynamodb:PutItem" in _listed(s["Action"])]
    allowed = [put["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for put in puts]
    assert allowed == [["*#SEARCH#*"], ["*#CASH*"]]


def test_only_the_writer_signs(core: Template) -> None:
    """FIS-02: by the roles' policies and by the key's own, which gives the account no right to sign."""
    for role, statements in _all_roles(core).items():
        assert ("kms:Sign" in _actions(statements)) == (role == core.function_role("issue")), role
    for function in set(FUNCTIONS) - {"issue"}:
        assert _denied(core.statements(core.function_role(function)), "kms:Sign"), function
    [key] = [k for k in core.properties("AWS::KMS::Key") if k.get("KeyUsage") == "SIGN_VERIFY"]
    writer = {"AWS": {"Fn::GetAtt": [core.function_role("issue"), "Arn"]}}
    for statement in key["KeyPolicy"]["Statement"]:
        signs = {"kms:Sign", "kms:*", "*"} & set(_listed(statement["Action"]))
        assert not signs or statement["Principal"] == writer


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_destroys_a_key(core: Template, function: str) -> None:
    statements = core.statements(core.function_role(function))
    for action in ("kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"):
        assert [s["Resource"] for s in _denied(statements, action)] == ["*"]


def _archive(template: Template) -> str:
    [bucket] = [
        name for name, b in template.of("AWS::S3::Bucket").items() if b["Properties"].get("ObjectLockEnabled") is True
    ]
    return bucket


def _objects(template: Template, prefix: str) -> Any:
    """The objects under a prefix of the archive, as policies name them."""
    return {"Fn::Join": ["", [{"Fn::GetAtt": [_archive(template), "Arn"]}, f"/{prefix}"]]}


def test_only_the_renderer_and_the_bank_write_the_archive_each_under_its_prefixes(core: Template) -> None:
    """TRS-08: bank files lie under lock, written by the bank function alone."""
    prefixes = {"render": ["archives/*", "documents/*", "heads/*"], "bank": ["bank/*"]}
    expected = {core.function_role(name): [_objects(core, each) for each in under] for name, under in prefixes.items()}
    for role, statements in _all_roles(core).items():
        written = [
            resource
            for s in statements
            if s["Effect"] == "Allow" and "s3:PutObject" in _listed(s["Action"]) and _archive(core) in json.dumps(s)
            for resource in _listed(s["Resource"])
        ]
        assert written == expected.get(role, []), role


def test_only_the_mail_function_sends_from_one_address(core: Template) -> None:
    """SUP-01: as the deployer's address alone, and it writes nothing but copies of what it sent."""
    for function in FUNCTIONS:
        sends = [s for s in core.statements(core.function_role(function)) if "ses:SendEmail" in _listed(s["Action"])]
        if function != "mail":
            assert not sends
            continue
        [send] = sends
        assert send["Condition"] == {"StringEquals": {"ses:FromAddress": "documents@example.org"}}
        assert "*" not in _listed(send["Resource"])
    puts = [s for s in core.statements(core.function_role("mail")) if "s3:PutObject" in _listed(s["Action"])]
    [copies] = [json.dumps(s["Resource"]) for s in puts if s["Effect"] == "Allow"]
    assert "/mails/*" in copies
    assert _archive(core) not in copies


def test_the_bank_reads_only_what_is_sent_for_it(core: Template) -> None:
    """TRS-04, least privilege: of the working files, statements; of the archive, its own."""
    read = {
        json.dumps(resource)
        for s in core.statements(core.function_role("bank"))
        if s["Effect"] == "Allow" and "s3:GetObject" in _listed(s["Action"])
        for resource in _listed(s["Resource"])
    }
    assert len(read) == 2
    assert json.dumps(_objects(core, "bank/*")) in read
    assert all("/bank/*" in each or "/statements/*" in each for each in read)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_deletes_from_the_archive_or_shortens_its_lock(core: Template, function: str) -> None:
    statements = core.statements(core.function_role(function))
    bucket = {"Fn::GetAtt": [_archive(core), "Arn"]}
    for action in (
        "s3:DeleteObject*",
        "s3:BypassGovernanceRetention",
        "s3:PutObjectRetention",
        "s3:PutObjectLegalHold",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketVersioning",
        "s3:PutLifecycleConfiguration",
        "s3:PutBucketPolicy",
    ):
        [statement] = _denied(statements, action)
        assert statement["Resource"] == [bucket, {"Fn::Join": ["", [bucket, "/*"]]}]
        assert "Condition" not in statement


def test_the_archive_itself_refuses_other_writers_overwriting_and_deleting(core: Template) -> None:
    [policy] = [p for p in core.properties("AWS::S3::BucketPolicy") if p["Bucket"] == {"Ref": _archive(core)}]
    rules = {s["Sid"]: s for s in policy["PolicyDocument"]["Statement"] if "Sid" in s}
    for name, sid in (("render", "OnlyRenderWrites"), ("bank", "OnlyBankWritesItsFiles")):
        role = {"Fn::GetAtt": [core.function_role(name), "Arn"]}
        assert rules[sid]["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": role}}
    assert rules["OnlyRenderWrites"]["NotResource"] == _objects(core, "bank/*")
    assert rules["OnlyBankWritesItsFiles"]["Resource"] == _objects(core, "bank/*")
    once = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
    assert rules["WrittenOnce"]["Condition"] == once
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion"} <= set(rules["NobodyDeletes"]["Action"])
    for name in ("OnlyRenderWrites", "OnlyBankWritesItsFiles", "WrittenOnce", "NobodyDeletes"):
        assert rules[name]["Effect"] == "Deny"
        assert rules[name]["Principal"] == {"AWS": "*"}


def test_workflows_and_the_clock_start_only_their_own_functions(core: Template) -> None:
    steps, render, schedule, issue = (
        next({"Fn::GetAtt": [name, "Arn"]} for name in core.of("AWS::Lambda::Function") if f"Functions{f}" in name)
        for f in ("Steps", "Render", "Schedule", "Issue")
    )
    targets = {
        "WorkflowsValidation": [steps, render],
        "WorkflowsConfirmation": [steps],
        "WorkflowsJobs": [steps, render, issue],
        "WorkflowsClosing": [issue, render],
        "WorkflowsArchiving": [issue, render],
        "Schedules": [schedule],
    }
    for name, expected in targets.items():
        [role] = [role for role in core.of("AWS::IAM::Role") if role.startswith(f"{name}Role")]
        called = [s["Resource"] for s in core.statements(role) if "lambda:InvokeFunction" in _listed(s["Action"])]
        assert [sorted(map(str, _listed(resource))) for resource in called] == [sorted(map(str, expected))]
        sends = "sqs:SendMessage" in _actions(core.statements(role))
        assert sends == (name == "WorkflowsValidation")
