"""Deploying a synthesised cloud assembly (`cdk synth`) on the local AWS, with what the CDK command line would do."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local.emulator import REGION
from infra.local.supervisor import LocalAws, LocalAwsError

ACCOUNT = "000000000000"
_PLACEHOLDERS = {"${AWS::AccountId}": ACCOUNT, "${AWS::Region}": REGION, "${AWS::Partition}": "aws"}
_BOOTSTRAP_VERSION = "30"
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_STACK_SECONDS = 300.0
_POLL_SECONDS = 0.05
# A fixed time in the archive: the same files make the same bytes.
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Asset:
    """One file or folder that the stack refers to by bucket and key; the key contains the hash of the content."""

    source: Path
    zipped: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """What is uploaded."""
        return _zip(self.source) if self.zipped and self.source.is_dir() else self.source.read_bytes()


@dataclass(frozen=True)
class Stack:
    """One stack of the assembly."""

    name: str
    template: Path
    assets: tuple[Asset, ...]

    @property
    def fingerprint(self) -> str:
        """Changes when the template or anything that it refers to does."""
        return hashlib.sha256(self.template.read_bytes()).hexdigest()


def read_assembly(folder: Path) -> list[Stack]:
    """Stacks of a `cdk.out` folder, those that others need first."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise LocalAwsError(f"{folder} is no cloud assembly: it has no manifest.json")
    artifacts: dict[str, Any] = json.loads(path.read_text("utf-8"))["artifacts"]
    return [_stack(folder, artifacts, name) for name in _in_order(artifacts)]


def _in_order(artifacts: dict[str, Any]) -> list[str]:
    ordered: list[str] = []

    def visit(name: str) -> None:
        for needed in artifacts[name].get("dependencies", ()):
            visit(needed)
        if artifacts[name]["type"] == "aws:cloudformation:stack" and name not in ordered:
            ordered.append(name)

    for name in artifacts:
        visit(name)
    return ordered


def _stack(folder: Path, artifacts: dict[str, Any], name: str) -> Stack:
    properties = artifacts[name]["properties"]
    assets = [
        asset
        for needed in artifacts[name].get("dependencies", ())
        if artifacts[needed]["type"] == "cdk:asset-manifest"
        for asset in _assets(folder, artifacts[needed]["properties"]["file"])
    ]
    return Stack(properties.get("stackName", name), folder / properties["templateFile"], tuple(assets))


def _assets(folder: Path, manifest: str) -> Iterator[Asset]:
    for entry in json.loads((folder / manifest).read_text("utf-8")).get("files", {}).values():
        for destination in entry["destinations"].values():
            yield Asset(
                folder / entry["source"]["path"],
                entry["source"].get("packaging") == "zip",
                _filled(destination["bucketName"]),
                _filled(destination["objectKey"]),
            )


def _filled(text: str) -> str:
    for placeholder, value in _PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    return text


def deploy_stack(aws: LocalAws, stack: Stack, tell: Callable[[str], None]) -> None:
    """Create the stack or bring it to the template. Raises `LocalAwsError` with the reasons when it fails."""
    uploaded = [asset for asset in stack.assets if _upload(aws, asset)]
    tell(f"{len(uploaded)} of {len(stack.assets)} assets uploaded")
    _mark_bootstrapped(aws)
    template = _template_address(aws, stack)
    formation = aws.client("cloudformation")
    request = {"StackName": stack.name, "TemplateURL": template, "Capabilities": _CAPABILITIES}
    try:
        if describe(aws, stack.name) is None:
            formation.create_stack(**request, OnFailure="DO_NOTHING")
        else:
            formation.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return
        raise LocalAwsError(f"Stack {stack.name} was refused: {error.response['Error']['Message']}") from None
    _await(aws, stack.name)


def describe(aws: LocalAws, name: str) -> dict[str, Any] | None:
    """What CloudFormation tells of a stack, `None` when there is none."""
    try:
        found: dict[str, Any] = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return found


def resources(aws: LocalAws, name: str) -> dict[str, dict[str, Any]]:
    """Resources of a stack by logical name."""
    found = aws.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    return {resource["LogicalResourceId"]: resource for resource in found}


def failures(aws: LocalAws, name: str) -> list[str]:
    """Why the last operation on a stack failed, oldest first."""
    events = aws.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [
        f"{event['LogicalResourceId']} ({event.get('ResourceType', '')}): {event.get('ResourceStatusReason', '')}"
        for event in reversed(events)
        if event.get("ResourceStatus", "").endswith("FAILED") and event.get("ResourceStatusReason")
    ]


def _await(aws: LocalAws, name: str) -> None:
    deadline = time.monotonic() + _STACK_SECONDS
    while True:
        found = describe(aws, name)
        status = found["StackStatus"] if found else "DELETE_COMPLETE"
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        if not status.endswith("IN_PROGRESS"):
            reasons = failures(aws, name) or [(found or {}).get("StackStatusReason", "no reason was given")]
            raise LocalAwsError(f"Stack {name} is in state {status}:\n  " + "\n  ".join(reasons))
        if time.monotonic() > deadline:
            waiting = [key for key, value in resources(aws, name).items() if "PROGRESS" in value["ResourceStatus"]]
            raise LocalAwsError(f"Stack {name} is still {status} after {_STACK_SECONDS:.0f} s, waiting for {waiting}")
        time.sleep(_POLL_SECONDS)


def _upload(aws: LocalAws, asset: Asset) -> bool:
    s3 = aws.client("s3")
    try:
        s3.head_object(Bucket=asset.bucket, Key=asset.key)
    except ClientError:
        pass
    else:
        return False
    try:
        s3.head_bucket(Bucket=asset.bucket)
    except ClientError:
        s3.create_bucket(Bucket=asset.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.content())
    return True


def _mark_bootstrapped(aws: LocalAws) -> None:
    """Stacks made by CDK ask for the version of its bootstrap stack, which is not needed here."""
    parameter = "/cdk-bootstrap/hnb659fds/version"
    ssm = aws.client("ssm")
    if not ssm.get_parameters(Names=[parameter])["Parameters"]:
        ssm.put_parameter(Name=parameter, Value=_BOOTSTRAP_VERSION, Type="String")


def _template_address(aws: LocalAws, stack: Stack) -> str:
    for asset in stack.assets:
        if asset.source == stack.template:
            return f"{aws.endpoint}/{asset.bucket}/{asset.key}"
    bucket = f"cdk-templates-{ACCOUNT}-{REGION}"
    asset = Asset(stack.template, zipped=False, bucket=bucket, key=f"{stack.fingerprint}.json")
    _upload(aws, asset)
    return f"{aws.endpoint}/{bucket}/{asset.key}"


def _zip(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _ZIP_TIME)
                entry.external_attr = stat.S_IMODE(path.stat().st_mode) << 16
                archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
