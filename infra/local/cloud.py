"""Comptoir deployed on this machine: what a scenario or a test needs to use it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from infra.local.assembly import Stack, deploy_stack, describe, failures, read_assembly, resources
from infra.local.snapshots import write_durably
from infra.local.supervisor import LocalAws, LocalAwsError, exclusive

# Written when the first deployment is complete. A state without it holds nothing that anybody was told of.
DEPLOYED = "deployed.json"
_SETTLED = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


class Progress(Protocol):
    """Where the person at the keyboard sees what goes on."""

    def step(self, title: str) -> AbstractContextManager[None]:
        """Show a step while it runs, and its duration once it is done."""

    def tell(self, text: str) -> None:
        """Show one line of detail."""


@dataclass(frozen=True)
class Cloud:
    """One installation, running. `settings` are the `COMPTOIR_…` variables of its functions, taken together."""

    endpoint: str
    api_url: str
    settings: Mapping[str, str]
    outputs: Mapping[str, str]
    aws: LocalAws

    def client(self, service: str) -> Any:
        """A boto3 client of the installation's account."""
        return self.aws.client(service)

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.settings["COMPTOIR_TABLE"]

    @property
    def user_pool(self) -> str:
        """Identifier of the Cognito user pool."""
        return self.settings["COMPTOIR_USER_POOL"]

    @property
    def user_client(self) -> str:
        """Identifier of the user pool client that signs in with a password."""
        return self.settings["COMPTOIR_USER_CLIENT"]

    @property
    def archive_bucket(self) -> str:
        """Bucket of the locked documents."""
        return self.settings["COMPTOIR_ARCHIVE_BUCKET"]

    @property
    def signing_key(self) -> str:
        """ARN of the key that signs the chains."""
        return self.settings["COMPTOIR_SIGNING_KEY"]


class Scenario(Protocol):
    """What is played once the stack is up: `infra.local.demo.play`."""

    def __call__(self, cloud: Cloud, out_dir: Path, progress: Progress) -> Mapping[str, str]:
        """Do the job, leave its files in `out_dir`; returns what to show at the end: label to text."""


@contextmanager
def local_aws(state: Path, port: int) -> Iterator[LocalAws]:
    """A running server on a state; a first deployment that was cut is begun again from nothing."""
    if state.is_dir() and not (state / DEPLOYED).exists():
        with exclusive(state):
            _empty(state)
    aws = LocalAws(state, port)
    try:
        yield aws
    finally:
        if aws.running():
            aws.stop()


def deploy(aws: LocalAws, assembly: Path, progress: Progress) -> Cloud:
    """Bring the installation to the assembly, doing only what is left to do. Raises `LocalAwsError`."""
    stacks = read_assembly(assembly)
    done = _deployed(aws.state)
    for stack in stacks:
        _check_usable(aws, stack, done)
        if done.get(stack.name) == stack.fingerprint:
            progress.tell(f"{stack.name} is up to date")
            continue
        deploy_stack(aws, stack, progress.tell)
        _mend(aws, stack)
        done[stack.name] = stack.fingerprint
    write_durably(aws.state / DEPLOYED, json.dumps(done, indent=1).encode())
    return connect(aws, [stack.name for stack in stacks])


def connect(aws: LocalAws, stacks: list[str]) -> Cloud:
    """What is deployed under these names."""
    outputs: dict[str, str] = {}
    settings: dict[str, str] = {}
    interfaces: list[str] = []
    for name in stacks:
        outputs |= {item["OutputKey"]: item["OutputValue"] for item in (describe(aws, name) or {}).get("Outputs", ())}
        for resource in resources(aws, name).values():
            match resource["ResourceType"]:
                case "AWS::Lambda::Function":
                    settings |= _settings(aws, resource["PhysicalResourceId"])
                case "AWS::ApiGatewayV2::Api":
                    interfaces.append(resource["PhysicalResourceId"])
    api_url = f"{aws.endpoint}/_aws/execute-api/{interfaces[0]}" if interfaces else ""
    return Cloud(aws.endpoint, api_url, settings, outputs, aws)


def _settings(aws: LocalAws, function: str) -> dict[str, str]:
    configuration = aws.client("lambda").get_function_configuration(FunctionName=function)
    variables: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return {name: value for name, value in variables.items() if name.startswith("COMPTOIR_")}


def _deployed(state: Path) -> dict[str, str]:
    path = state / DEPLOYED
    done: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return done


def _check_usable(aws: LocalAws, stack: Stack, done: Mapping[str, str]) -> None:
    found = describe(aws, stack.name)
    if found is None:
        if stack.name in done:
            raise LocalAwsError(
                f"{aws.state} says that {stack.name} was deployed, but it is not there: files were removed from it. "
                f"Restore it from a copy, or delete it to start again from nothing: rm -r {aws.state}"
            )
    elif found["StackStatus"] not in _SETTLED:
        reasons = "\n  ".join(failures(aws, stack.name))
        raise LocalAwsError(
            f"Stack {stack.name} is in state {found['StackStatus']} and can't be updated:\n  {reasons}\n"
            f"Its data are in {aws.state}; to start again from nothing: rm -r {aws.state}"
        )


def _mend(aws: LocalAws, stack: Stack) -> None:
    """Set what the emulator's CloudFormation accepts and forgets: expiry of items, object locks, CORS."""
    declared = json.loads(stack.template.read_text("utf-8"))["Resources"]
    for logical, resource in resources(aws, stack.name).items():
        properties = declared.get(logical, {}).get("Properties", {})
        physical = resource["PhysicalResourceId"]
        match resource["ResourceType"]:
            case "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable":
                _mend_expiry(aws, physical, properties.get("TimeToLiveSpecification"))
            case "AWS::S3::Bucket" if lock := properties.get("ObjectLockConfiguration"):
                aws.client("s3").put_object_lock_configuration(Bucket=physical, ObjectLockConfiguration=lock)
            case "AWS::ApiGatewayV2::Api" if cors := properties.get("CorsConfiguration"):
                aws.client("apigatewayv2").update_api(ApiId=physical, CorsConfiguration=cors)


def _mend_expiry(aws: LocalAws, table: str, specification: Mapping[str, Any] | None) -> None:
    dynamodb = aws.client("dynamodb")
    current = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"]
    if specification and specification.get("Enabled") and current not in {"ENABLED", "ENABLING"}:
        dynamodb.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"AttributeName": specification["AttributeName"], "Enabled": True},
        )


def _empty(state: Path) -> None:
    for entry in state.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != "lock":
            entry.unlink()
