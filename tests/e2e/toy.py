"""A small cloud assembly with one of each thing that the product uses, to try the local AWS without the product."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

STACK = "Toy"

# Takes messages from the queue, writes one item each and answers the workflow; also called by the workflow and the API.
CODE = '''
import json, os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["COMPTOIR_TABLE"])
workflows = boto3.client("stepfunctions")


class RefusedError(Exception):
    """A domain error."""


def handler(event, context):
    if "Records" in event:
        for record in event["Records"]:
            message = json.loads(record["body"])
            table.put_item(Item={"pk": "issued", "sk": message["document"], "note": GREETING})
            workflows.send_task_success(taskToken=message["token"], output=json.dumps({"outcome": "issued"}))
        return {"batchItemFailures": []}
    if event.get("task") == "refuse":
        raise RefusedError("never")
    if event.get("task") == "send":
        boto3.client("sqs").send_message(
            QueueUrl=os.environ["COMPTOIR_ISSUE_QUEUE"], MessageBody="{}", MessageGroupId="g")
    return {"statusCode": 200, "body": json.dumps({"greeting": GREETING, "endpoint": os.environ["AWS_ENDPOINT_URL"]})}


def watch(event, context):
    """Consumer of the table's stream: leaves one object for each record."""
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["sk"]["S"]
        boto3.client("s3").put_object(Bucket=os.environ["COMPTOIR_ARCHIVE_BUCKET"], Key=f"seen/{key}", Body=b"")


def ignore(event, context):
    """Custom resource that never answers CloudFormation."""


GREETING = "@greeting@"
'''

MACHINE = {
    "StartAt": "Refuse",
    "States": {
        "Refuse": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "${Function}", "Payload": {"task": "refuse"}},
            "Catch": [{"ErrorEquals": ["RefusedError"], "Next": "Issue", "ResultPath": "$.refused"}],
            "End": True,
        },
        "Issue": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "TimeoutSeconds": 30,
            "Parameters": {
                "QueueUrl": "${Queue}",
                "MessageGroupId.$": "$.company",
                "MessageBody": {"token.$": "$$.Task.Token", "document.$": "$.document"},
            },
            "End": True,
        },
    },
}


def write_assembly(folder: Path, greeting: str = "bonjour", stuck: bool = False) -> Path:
    """A `cdk.out` folder of the toy stack; another greeting is another code asset, `stuck` never finishes."""
    code = folder / "code"
    code.mkdir(parents=True, exist_ok=True)
    (code / "app.py").write_text(CODE.replace("@greeting@", greeting))
    key = f"{hashlib.sha256((code / 'app.py').read_bytes()).hexdigest()}.zip"
    bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
    _write(folder / "Toy.template.json", _template(bucket, key, stuck))
    source = {"path": "code", "packaging": "zip"}
    _write(
        folder / "Toy.assets.json",
        {"files": {key: {"source": source, "destinations": {"here": {"bucketName": bucket, "objectKey": key}}}}},
    )
    _write(
        folder / "manifest.json",
        {
            "artifacts": {
                "Toy.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Toy.assets.json"}},
                STACK: {
                    "type": "aws:cloudformation:stack",
                    "dependencies": ["Toy.assets"],
                    "properties": {"templateFile": "Toy.template.json"},
                },
            }
        },
    )
    return folder


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))


def _resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def _arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def _template(bucket: str, key: str, stuck: bool) -> dict[str, Any]:
    def function(handler: str) -> dict[str, Any]:
        environment = {
            "COMPTOIR_TABLE": {"Ref": "Table"},
            "COMPTOIR_ISSUE_QUEUE": {"Ref": "Queue"},
            "COMPTOIR_ARCHIVE_BUCKET": {"Ref": "Archive"},
            "COMPTOIR_USER_POOL": {"Ref": "Users"},
        }
        return _resource(
            "Lambda::Function",
            {
                "Code": {"S3Bucket": {"Fn::Sub": bucket}, "S3Key": key},
                "Handler": f"app.{handler}",
                "Timeout": 10,
                "Runtime": "python3.11",
                "Role": _arn("Role"),
                "Environment": {"Variables": environment},
            },
        )

    resources = (
        STORES
        | INTERFACE
        | {
            "Role": _resource("IAM::Role", {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}),
            "Function": function("handler"),
            "Watcher": function("watch"),
            "Machine": _resource(
                "StepFunctions::StateMachine",
                {
                    "RoleArn": _arn("Role"),
                    "DefinitionString": {"Fn::Sub": json.dumps(MACHINE)},
                },
            ),
        }
    )
    if stuck:
        resources["Ignore"] = function("ignore")
        resources["Endless"] = _resource("CloudFormation::CustomResource", {"ServiceToken": _arn("Ignore")})
    outputs = {name: {"Value": {"Ref": name}} for name in ("Machine", "Function", "Dead")}
    return {"Resources": resources, "Outputs": outputs}


_KEYS = [("pk", "HASH"), ("sk", "RANGE")]
STORES = {
    "Table": _resource(
        "DynamoDB::Table",
        {
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in _KEYS],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in _KEYS],
            "BillingMode": "PAY_PER_REQUEST",
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        },
    ),
    "Archive": _resource(
        "S3::Bucket",
        {
            "ObjectLockEnabled": True,
            "VersioningConfiguration": {"Status": "Enabled"},
            "ObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 10}},
            },
        },
    ),
    "Users": _resource("Cognito::UserPool", {"UserPoolName": "toy"}),
    "Dead": _resource("SQS::Queue", {"FifoQueue": True}),
    "Queue": _resource(
        "SQS::Queue",
        {
            "FifoQueue": True,
            "ContentBasedDeduplication": True,
            "VisibilityTimeout": 30,
            "RedrivePolicy": {"deadLetterTargetArn": _arn("Dead"), "maxReceiveCount": 5},
        },
    ),
}
INTERFACE = {
    "Consumer": _resource(
        "Lambda::EventSourceMapping",
        {
            "EventSourceArn": _arn("Queue"),
            "FunctionName": {"Ref": "Function"},
            "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        },
    ),
    "Watching": _resource(
        "Lambda::EventSourceMapping",
        {
            "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
            "FunctionName": {"Ref": "Watcher"},
            "BatchSize": 10,
            "StartingPosition": "TRIM_HORIZON",
        },
    ),
    "Api": _resource(
        "ApiGatewayV2::Api",
        {
            "Name": "toy",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {"AllowOrigins": ["https://toy.example"]},
        },
    ),
    "Stage": _resource("ApiGatewayV2::Stage", {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}),
    "Integration": _resource(
        "ApiGatewayV2::Integration",
        {
            "ApiId": {"Ref": "Api"},
            "IntegrationType": "AWS_PROXY",
            "PayloadFormatVersion": "2.0",
            "IntegrationUri": _arn("Function"),
        },
    ),
    "Route": _resource(
        "ApiGatewayV2::Route",
        {
            "ApiId": {"Ref": "Api"},
            "RouteKey": "GET /greeting",
            "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]},
        },
    ),
}
