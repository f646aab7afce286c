"""The synthesised stacks: encryption, recovery, lock, retention, alarms, settings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as EMULATED

from comptoir.dunning.tasks import LONGEST
from comptoir.mailing.tasks import PATIENCE
from comptoir.runtime.adapters import SigningFailed
from comptoir.treasury.items import TREASURY
from functions.mail.app import NOT_SENT
from functions.steps.app import NOT_RENEWED
from infra.constructs.functions import TIMEOUTS
from tests.infra.conftest import FUNCTIONS, Assembly, Template

ENVIRONMENTS = {
    "api": {
        "ARCHIVE_BUCKET",
        "ARCHIVING_MACHINE",
        "RENEWAL_MACHINE",
        "BANK_FUNCTION",
        "CLOSING_MACHINE",
        "CONFIRMATION_MACHINE",
        "JOBS_MACHINE",
        "MAIL_FUNCTION",
        "CURSOR_SECRET",
        "FILES_BUCKET",
        "RENDER_FUNCTION",
        "SIGNING_KEY",
        "TABLE",
        "USER_CLIENT",
        "USER_POOL",
        "VALIDATION_MACHINE",
        "VERSION",
        "WRITER_FUNCTION",
    },
    "steps": {"TABLE", "VERSION"},
    "issue": {"SIGNING_KEY", "TABLE", "VERSION"},
    "render": {"ARCHIVE_BUCKET", "FILES_BUCKET", "RETENTION_YEARS", "SIGNING_KEY", "TABLE", "VERSION"},
    "bank": {"ARCHIVE_BUCKET", "FILES_BUCKET", "TABLE", "VERSION"},
    "mail": {"ARCHIVE_BUCKET", "FILES_BUCKET", "MAIL_CONFIGURATION", "MAIL_FROM", "TABLE", "VERSION"},
    "schedule": {
        "TABLE",
        "BANK_FUNCTION",
        "MAIL_FUNCTION",
        "RENDER_FUNCTION",
        "ARCHIVING_MACHINE",
        "RENEWAL_MACHINE",
        "CLOSING_MACHINE",
        "JOBS_MACHINE",
        "VALIDATION_MACHINE",
        "VERSION",
    },
    "stream": {"TABLE", "VERSION"},
}
FAILURES = {
    "a workflow failed": ("AWS/States", "ExecutionsFailed"),
    "a workflow timed out": ("AWS/States", "ExecutionsTimedOut"),
    "a workflow was aborted": ("AWS/States", "ExecutionsAborted"),
    "numbered but not rendered": ("Comptoir", "comptoir-{stage}-NumberedNotRendered"),
    "the key is out of reach": ("Comptoir", "comptoir-{stage}-SigningFailed"),
    "a contract was not renewed": ("Comptoir", "comptoir-{stage}-ContractsNotRenewed"),
    "a mail was not sent": ("Comptoir", "comptoir-{stage}-MailNotSent"),
    "a function failed": ("AWS/Lambda", "Errors"),
    "a function was throttled": ("AWS/Lambda", "Throttles"),
    "a message was given up": ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    "the search is late": ("AWS/Lambda", "IteratorAge"),
    "the writer is late": ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    "reads throttled": ("AWS/DynamoDB", "ReadThrottleEvents"),
    "writes throttled": ("AWS/DynamoDB", "WriteThrottleEvents"),
    "the table fails": ("AWS/DynamoDB", "SystemErrors"),
    "the API fails": ("AWS/ApiGateway", "5xx"),
    "the API is slow": ("AWS/ApiGateway", "Latency"),
}


def _functions(template: Template) -> dict[str, dict[str, Any]]:
    return {p["FunctionName"].rsplit("-", 1)[1]: p for p in template.properties("AWS::Lambda::Function")}


def test_the_core_uses_only_types_that_the_emulator_knows(core: Template) -> None:
    types = {resource["Type"] for resource in core.body["Resources"].values()} - {"AWS::CDK::Metadata"}
    assert types <= set(EMULATED)
    assert not [kind for kind in types if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"]


def test_the_core_is_the_same_app_in_both_places(assembly: Assembly) -> None:
    """Only the published version of the API function, which SnapStart needs, is for AWS alone."""

    def count(template: Template) -> dict[str, int]:
        types = [resource["Type"] for resource in template.body["Resources"].values()]
        return {kind: types.count(kind) for kind in types}

    aws = count(assembly.aws)
    assert (aws.pop("AWS::Lambda::Version"), aws.pop("AWS::Lambda::Alias")) == (1, 1)
    assert aws == count(assembly.local)


def test_the_table_is_encrypted_recoverable_and_protected(core: Template) -> None:
    [table] = core.of("AWS::DynamoDB::Table").values()
    properties = table["Properties"]
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert "KMSMasterKeyId" in properties["SSESpecification"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_indexes_have_the_names_and_keys_that_the_store_uses(core: Template) -> None:
    [table] = core.properties("AWS::DynamoDB::Table")
    for number, index in enumerate(table["GlobalSecondaryIndexes"], start=1):
        assert index["IndexName"] == f"gsi{number}"
        assert [key["AttributeName"] for key in index["KeySchema"]] == [f"g{number}pk", f"g{number}sk"]
        assert index["Projection"] == {"NonKeyAttributes": ["t", "v", "s"], "ProjectionType": "INCLUDE"}
    assert len(table["GlobalSecondaryIndexes"]) == 3


def test_the_archive_is_locked_for_ten_years_after_the_fiscal_year(core: Template) -> None:
    """C. com. L123-22: ten years from the end of the fiscal year, which is at most one year after the document."""
    [bucket] = [b for b in core.of("AWS::S3::Bucket").values() if "ObjectLockConfiguration" in b["Properties"]]
    rule = bucket["Properties"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert rule["Mode"] == "COMPLIANCE"
    assert rule["Days"] >= 11 * 365 + 3
    assert bucket["DeletionPolicy"] == "Retain"


def test_buckets_are_versioned_encrypted_private_and_kept(core: Template) -> None:
    buckets = core.of("AWS::S3::Bucket")
    assert len(buckets) == 2
    for name, bucket in buckets.items():
        properties = bucket["Properties"]
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
        assert properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["DeletionPolicy"] == "Retain"
        [policy] = [p for p in core.properties("AWS::S3::BucketPolicy") if p["Bucket"] == {"Ref": name}]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [
            s.get("Condition") for s in policy["PolicyDocument"]["Statement"]
        ]


def test_keys_are_kept_and_the_signing_key_is_p256(core: Template) -> None:
    keys = core.of("AWS::KMS::Key").values()
    assert [key["DeletionPolicy"] for key in keys] == ["Retain", "Retain"]
    assert {key["Properties"].get("KeySpec") for key in keys} == {"ECC_NIST_P256", None}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_given_exactly_its_environment(core: Template, function: str) -> None:
    variables = set(_functions(core)[function]["Environment"]["Variables"])
    assert {name.removeprefix("COMPTOIR_") for name in variables} - {"FONTS"} == ENVIRONMENTS[function]


def test_functions_run_on_arm_with_traces_on_aws(assembly: Assembly) -> None:
    for name, function in _functions(assembly.aws).items():
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"]), name
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert ("SnapStart" in function) == (name == "api")
    assert not [name for name, function in _functions(assembly.local).items() if "SnapStart" in function]


def test_the_api_calls_the_published_version_on_aws(assembly: Assembly) -> None:
    [alias] = assembly.aws.of("AWS::Lambda::Alias")
    [integration] = assembly.aws.properties("AWS::ApiGatewayV2::Integration")
    assert alias in json.dumps(integration["IntegrationUri"])


def test_every_log_is_ours_and_has_a_retention(core: Template) -> None:
    groups = core.of("AWS::Logs::LogGroup")
    assert {group["Properties"]["RetentionInDays"] for group in groups.values()} == {365}
    for function in core.properties("AWS::Lambda::Function"):
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups


def test_queues_are_fifo_encrypted_and_give_the_writer_time(core: Template) -> None:
    queues = core.properties("AWS::SQS::Queue")
    for queue in queues:
        assert queue["FifoQueue"] is True
        assert queue["SqsManagedSseEnabled"] is True
    [main] = [queue for queue in queues if "RedrivePolicy" in queue]
    assert main["QueueName"].endswith("-issue.fifo")
    assert main["ContentBasedDeduplication"] is True
    assert main["RedrivePolicy"]["maxReceiveCount"] == 5
    assert main["VisibilityTimeout"] >= 6 * _functions(core)["issue"]["Timeout"]
    [mapping] = [m for m in core.properties("AWS::Lambda::EventSourceMapping") if "FilterCriteria" not in m]
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (10, ["ReportBatchItemFailures"])


def test_only_administrators_create_users_and_tokens_are_short(core: Template) -> None:
    """ACC-01, ACC-05: the company and the operator of a token are out of the user's reach."""
    [pool] = core.properties("AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    assert {a["Name"]: a["Mutable"] for a in pool["Schema"]} == {"company": False, "operator": False}
    [client] = core.properties("AWS::Cognito::UserPoolClient")
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert {"custom:company", "custom:operator"} <= set(client["ReadAttributes"])
    assert not [name for name in client["WriteAttributes"] if name.startswith("custom:")]
    assert client["IdTokenValidity"] <= 60
    assert client["TokenValidityUnits"]["IdToken"] == "minutes"


def test_every_route_needs_a_token_but_three(core: Template) -> None:
    routes = {r["RouteKey"]: r["AuthorizationType"] for r in core.properties("AWS::ApiGatewayV2::Route")}
    assert routes == {
        "ANY /{proxy+}": "JWT",
        "GET /health": "NONE",
        "GET /openapi.json": "NONE",
        "GET /docs": "NONE",
    }
    [stage] = core.properties("AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 100, "ThrottlingRateLimit": 50}
    logged = json.loads(stage["AccessLogSettings"]["Format"])
    assert not [value for value in logged.values() if "header" in value.lower() or "query" in value.lower()]


def test_the_local_address_is_stable(assembly: Assembly) -> None:
    [local], [aws] = (t.properties("AWS::ApiGatewayV2::Api") for t in (assembly.local, assembly.aws))
    assert local["Tags"]["ms-custom-id"] == "02c7d7f0"
    assert "ms-custom-id" not in aws.get("Tags", {})


def test_workflows_are_logged_without_data_and_traced(core: Template) -> None:
    machines = core.properties("AWS::StepFunctions::StateMachine")
    assert len(machines) == 6
    for machine in machines:
        assert machine["StateMachineType"] == "STANDARD"
        assert machine["TracingConfiguration"] == {"Enabled": True}
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_the_clock_heals_every_five_minutes_closes_every_hour_and_works_at_night_in_utc(core: Template) -> None:
    schedules = core.properties("AWS::Scheduler::Schedule")
    jobs = {json.loads(one["Target"]["Input"])["job"]: one["ScheduleExpression"] for one in schedules}
    assert jobs == {
        "heal": "rate(5 minutes)",
        "close": "cron(10 * * * ? *)",
        "verify": "cron(40 2 * * ? *)",
        "renew": "cron(30 1 * * ? *)",
        "remind": "cron(20 5-7 * * ? *)",
        "report": "cron(0 5 * * ? *)",
    }
    assert {one["ScheduleExpressionTimezone"] for one in schedules} == {"UTC"}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_raises_an_alarm_that_is_mailed(core: Template, failure: str) -> None:
    namespace, metric = FAILURES[failure]
    stage = "local" if "local" in core.path.name else "prod"
    wanted = (namespace, metric.format(stage=stage))
    found = [
        a for a in core.properties("AWS::CloudWatch::Alarm") if (a.get("Namespace"), a.get("MetricName")) == wanted
    ]
    assert found
    [topic] = core.of("AWS::SNS::Topic")
    for alarm in found:
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert alarm["TreatMissingData"] == "notBreaching"
    [mail] = core.properties("AWS::SNS::Subscription")
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "alarms@example.org")


def test_every_function_and_machine_has_its_alarms(core: Template) -> None:
    watched = json.dumps(core.properties("AWS::CloudWatch::Alarm"))
    for kind in ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", "AWS::SQS::Queue"):
        for name in core.of(kind):
            assert f'"{name}"' in watched, name


def test_the_alarm_of_unrendered_documents_watches_the_state_of_the_workflow(core: Template) -> None:
    filters = {
        f["MetricTransformations"][0]["MetricName"].split("-")[-1]: f
        for f in core.properties("AWS::Logs::MetricFilter")
    }
    pattern = filters["NumberedNotRendered"]["FilterPattern"]
    assert '$.type = "FailStateEntered"' in pattern
    assert '$.details.name = "NumberedNotRendered"' in pattern
    assert filters["SigningFailed"]["FilterPattern"] == f'"{SigningFailed.code}"'
    assert filters["ContractsNotRenewed"]["FilterPattern"] == f'"{NOT_RENEWED}"'
    assert filters["MailNotSent"]["FilterPattern"] == f'"{NOT_SENT}"'


def test_what_becomes_of_each_mail_comes_back(core: Template) -> None:
    """SUP-01, INV-12: bounces included; encrypted on its way or not sent."""
    stage = "local" if "local" in core.path.name else "prod"
    [configuration] = core.properties("AWS::SES::ConfigurationSet")
    assert configuration["Name"] == f"comptoir-{stage}"
    assert configuration["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    [told] = core.properties("AWS::SES::ConfigurationSetEventDestination")
    assert {"bounce", "complaint", "delivery", "reject"} <= set(told["EventDestination"]["MatchingEventTypes"])
    [rule] = [r for r in core.properties("AWS::Events::Rule") if r["EventPattern"]["source"] == ["aws.ses"]]
    assert rule["EventPattern"]["detail"] == {"mail": {"tags": {"ses:configuration-set": [f"comptoir-{stage}"]}}}
    assert "FunctionsMail" in json.dumps(rule["Targets"])


def test_what_waits_for_a_function_outlasts_it_and_what_runs_in_one_ends_before_it() -> None:
    """SUP-01, INV-12: a mail is called uncertain once nobody hands it over; a run that writes letters is not killed."""
    assert PATIENCE.total_seconds() > 2 * TIMEOUTS["mail"]
    assert LONGEST.total_seconds() <= TIMEOUTS["schedule"] / 2


def test_without_an_address_to_send_from_there_is_no_mail(assembly: Assembly) -> None:
    """The API then answers that mail is off; nothing may send."""
    assert not [kind for kind in (r["Type"] for r in assembly.bare.body["Resources"].values()) if "SES" in kind]
    functions = _functions(assembly.bare)
    for name in ("api", "schedule"):
        assert "COMPTOIR_MAIL_FUNCTION" not in functions[name]["Environment"]["Variables"]
    assert "ses:SendEmail" not in json.dumps(assembly.bare.body)


def test_one_dashboard_shows_every_alarm(core: Template) -> None:
    [board] = core.properties("AWS::CloudWatch::Dashboard")
    shown = json.dumps(board["DashboardBody"])
    for alarm in core.of("AWS::CloudWatch::Alarm"):
        assert alarm in shown


def test_operations_watch_over_the_core_on_aws_alone(assembly: Assembly) -> None:
    operations = assembly.operations
    assert len(operations.of("AWS::CloudWatch::CompositeAlarm")) == 2
    assert len(operations.of("AWS::Budgets::Budget")) == 1
    assert len(operations.of("AWS::Backup::BackupSelection")) == 1
    [trail] = operations.properties("AWS::CloudTrail::Trail")
    assert trail["EnableLogFileValidation"] is True
    assert {s["DataResources"][0]["Type"] for s in trail["EventSelectors"]} == {"AWS::S3::Object"}
    assert not (assembly.folder / "comptoir-local-operations.template.json").exists()


def test_only_what_can_be_found_and_sheets_of_treasury_come_from_the_stream(core: Template) -> None:
    """CAT-05, TRS-11: entries, sums and history never come back to what writes them."""
    [mapping] = [m for m in core.properties("AWS::Lambda::EventSourceMapping") if "FilterCriteria" in m]
    patterns = [json.loads(each["Pattern"]) for each in mapping["FilterCriteria"]["Filters"]]
    found = {"f": {"S": [{"exists": True}]}}
    sheets = {"t": {"S": [TREASURY.name]}}
    assert patterns == [{"dynamodb": {image: found}} for image in ("NewImage", "OldImage")] + [
        {"dynamodb": {"NewImage": sheets}}
    ]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
