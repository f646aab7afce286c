"""The local AWS runs what a cloud assembly describes, and a deployment cut in its middle leaves nothing half-made."""

from __future__ import annotations

import io
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local import tools
from infra.local.cloud import DEPLOYED, Cloud, deploy, local_aws
from infra.local.progress import Lines
from infra.local.supervisor import LocalAws, LocalAwsError
from tests.e2e.toy import write_assembly
from tests.e2e.waiting import eventually

Launch = Callable[[Path], LocalAws]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The toy stack, deployed."""
    assembly = write_assembly(tmp_path_factory.mktemp("assembly"))
    with local_aws(tmp_path_factory.mktemp("toy"), port=0) as aws:
        yield deploy(aws, assembly, Lines())


def start(toy: Cloud, document: str, company: str = "c1") -> str:
    """Issue a document through the workflow."""
    execution: str = toy.client("stepfunctions").start_execution(
        stateMachineArn=toy.outputs["Machine"],
        name=document,
        input=json.dumps({"company": company, "document": document}),
    )["executionArn"]
    return execution


def ended(toy: Cloud, execution: str) -> dict[str, Any]:
    """The execution, once it is over."""
    found: dict[str, Any] = {}

    def over() -> bool:
        found.update(toy.client("stepfunctions").describe_execution(executionArn=execution))
        return bool(found["status"] != "RUNNING")

    eventually(over)
    return found


def greeting(toy: Cloud) -> dict[str, str]:
    """What the API answers."""
    with urllib.request.urlopen(f"{toy.api_url}/greeting") as answer:
        told: dict[str, str] = json.load(answer)
    return told


def test_a_workflow_waits_for_the_queue_and_catches_the_domain_error(toy: Cloud) -> None:
    """Check (refused by an exception of its own class) then issue through the FIFO queue with a task token."""
    found = ended(toy, start(toy, "document-1"))
    assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"outcome": "issued"})


def test_no_message_is_lost_between_workflows_and_the_consumer(toy: Cloud) -> None:
    """Thirty workflows send while the consumer deletes: every one is answered."""
    with ThreadPoolExecutor(6) as pool:
        executions = list(pool.map(lambda n: start(toy, f"many-{n}", f"c{n % 7}"), range(30)))
    assert {ended(toy, execution)["status"] for execution in executions} == {"SUCCEEDED"}


def test_functions_reach_this_server_and_api_answers(toy: Cloud) -> None:
    """AWS_ENDPOINT_URL of a function is the port of the day; CORS and expiry declared in the template hold."""
    assert greeting(toy) == {"greeting": "bonjour", "endpoint": toy.endpoint}
    expiry = toy.client("dynamodb").describe_time_to_live(TableName=toy.table)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    headers = {"Origin": "https://toy.example", "Access-Control-Request-Method": "GET"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{toy.api_url}/greeting", method="OPTIONS", headers=headers)
    ) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "https://toy.example"


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_a_restart_on_another_port_changes_nothing(ending: str, tmp_path: Path) -> None:
    """Queue, consumer, stream and API go on after a restart; the second deployment has nothing to do."""
    assembly, state = write_assembly(tmp_path / "assembly"), tmp_path / "state"
    with local_aws(state, port=0) as aws:
        before = deploy(aws, assembly, Lines())
        assert ended(before, start(before, "one"))["status"] == "SUCCEEDED"
        eventually(lambda: seen(before, "one"))
        getattr(aws, ending)()
    with local_aws(state, port=0) as aws:
        told = io.StringIO()
        after = deploy(aws, assembly, Lines(told))
        assert told.getvalue().strip() == "Toy is up to date"
        assert after.endpoint != before.endpoint
        assert greeting(after)["endpoint"] == after.endpoint
        assert ended(after, start(after, "two"))["status"] == "SUCCEEDED"
        eventually(lambda: seen(after, "two"))
        changed = deploy(aws, write_assembly(tmp_path / "assembly", "salut"), Lines())
        assert greeting(changed)["greeting"] == "salut"
        assert set(documents(changed)) == {"one", "two"}


def test_an_update_that_is_cut_is_undone(launch: Launch, tmp_path: Path) -> None:
    """A stuck custom resource does not keep the server from stopping; what was written meanwhile is kept."""
    good, state = write_assembly(tmp_path / "good"), tmp_path / "state"
    aws = launch(state)
    deploy(aws, good, Lines())
    stuck = write_assembly(tmp_path / "stuck", "coincé", stuck=True)
    updating = threading.Thread(target=_deploy_in_vain, args=(aws, stuck), daemon=True)
    updating.start()
    formation = aws.client("cloudformation")
    eventually(lambda: formation.describe_stacks(StackName="Toy")["Stacks"][0]["StackStatus"] == "UPDATE_IN_PROGRESS")
    table = formation.describe_stack_resource(StackName="Toy", LogicalResourceId="Table")
    name = table["StackResourceDetail"]["PhysicalResourceId"]
    aws.client("dynamodb").put_item(TableName=name, Item={"pk": {"S": "issued"}, "sk": {"S": "meanwhile"}})
    assert aws.stop() == 0
    updating.join()
    again = launch(state)
    cloud = deploy(again, good, Lines())
    assert greeting(cloud)["greeting"] == "bonjour"
    assert documents(cloud) == ["meanwhile"]


def _deploy_in_vain(aws: LocalAws, assembly: Path) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011
        deploy(aws, assembly, Lines())


def test_a_first_deployment_that_was_cut_begins_again(tmp_path: Path) -> None:
    """A state without a complete deployment holds nothing that anybody was told of."""
    assembly, state = write_assembly(tmp_path / "assembly"), tmp_path / "state"
    with local_aws(state, port=0) as aws:
        deploy(aws, assembly, Lines())
    (state / DEPLOYED).unlink()
    with local_aws(state, port=0) as aws:
        assert documents(deploy(aws, assembly, Lines())) == []


def test_a_stack_that_was_removed_by_hand_is_told(tmp_path: Path) -> None:
    """The message says what to delete."""
    (tmp_path / DEPLOYED).write_text('{"Toy": "0"}')
    with local_aws(tmp_path, port=0) as aws, pytest.raises(LocalAwsError, match=f"rm -r {tmp_path}"):
        deploy(aws, write_assembly(tmp_path / "assembly"), Lines())


def test_a_refused_template_is_told_with_the_reason(tmp_path: Path) -> None:
    """The message names the stack and what CloudFormation said."""
    assembly = write_assembly(tmp_path / "assembly")
    template = assembly / "Toy.template.json"
    template.write_text(template.read_text().replace("AWS::Cognito::UserPool", "AWS::Cognito::UserPoo"))
    refused = pytest.raises(LocalAwsError, match=r"Toy was refused: .*UserPoo")
    with local_aws(tmp_path / "state", port=0) as aws, refused:
        deploy(aws, assembly, Lines())


@pytest.mark.parametrize(("told", "expected"), [("v18.2.0", "v18.2.0 is too old"), ("", "unknown version is too old")])
def test_an_old_node_is_told(told: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CDK needs Node 20; the message says what to install."""
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {told}\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(LocalAwsError, match=f"{expected}.*Install Node 20"):
        tools.check_node()


def test_no_node_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalAwsError, match=r"Node is not installed.*Install Node 20"):
        tools.check_node()


def seen(toy: Cloud, document: str) -> bool:
    """Whether the consumer of the stream saw the item."""
    found = toy.client("s3").list_objects_v2(Bucket=toy.archive_bucket, Prefix=f"seen/{document}")
    return bool(found["KeyCount"])


def documents(toy: Cloud) -> list[str]:
    """What was issued."""
    items = toy.client("dynamodb").scan(TableName=toy.table)["Items"]
    return [item["sk"]["S"] for item in items]
