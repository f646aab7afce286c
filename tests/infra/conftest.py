"""The app synthesised once per session, in its two variants, with the AwsSolutions rules applied."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import build
from infra.constructs.functions import Sources
from infra.layers.target import LIBRARY, VENDORS
from infra.settings import ROOT, Settings, cdk_context

FUNCTIONS = ("api", "steps", "issue", "render", "bank", "mail", "schedule", "stream")


@dataclass(frozen=True)
class Template:
    """A synthesised template and what tests ask of it."""

    path: Path
    body: dict[str, Any]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Resources of a CloudFormation type, by logical identifier."""
        return {name: r for name, r in self.body["Resources"].items() if r["Type"] == kind}

    def properties(self, kind: str) -> list[dict[str, Any]]:
        """Properties of every resource of a type."""
        return [resource.get("Properties", {}) for resource in self.of(kind).values()]

    def role_of(self, principal: str, name: str) -> str:
        """Logical identifier of the role whose path in the app contains `name`, taken by `principal`."""
        [found] = [
            role
            for role, resource in self.of("AWS::IAM::Role").items()
            if name in role and principal in json.dumps(resource["Properties"]["AssumeRolePolicyDocument"])
        ]
        return found

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Every statement of the policies of a role."""
        found: list[dict[str, Any]] = []
        for policy in self.properties("AWS::IAM::Policy"):
            if {"Ref": role} in policy["Roles"]:
                found += policy["PolicyDocument"]["Statement"]
        return found

    def function_role(self, function: str) -> str:
        """Logical identifier of a function's role."""
        return self.role_of("lambda.amazonaws.com", f"Functions{function.capitalize()}Role")


@dataclass(frozen=True)
class Assembly:
    """The cloud assembly: the core for AWS and for the emulator, the operations, and a core without what is optional.

    `violations` is what validation found.
    """

    folder: Path
    aws: Template
    local: Template
    operations: Template
    bare: Template
    violations: list[dict[str, Any]]


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    folder = tmp_path_factory.mktemp("assembly")
    layers = tmp_path_factory.mktemp("layers")
    for name in (LIBRARY, *VENDORS):
        (layers / name / "python").mkdir(parents=True)
        (layers / name / "python" / f"of_{name.replace('-', '_')}.py").touch()
    app = App(context=cdk_context(), outdir=str(folder))
    sources = Sources(ROOT / "functions", layers)
    common: dict[str, Any] = {
        "version": "1.2.3",
        "alarm_email": "alarms@example.org",
        "mail_from": "documents@example.org",
    }
    build(app, Settings(stage="local", local=True, **common), sources)
    build(app, Settings(stage="prod", monthly_budget_usd=50, **common), sources)
    build(app, Settings(stage="bare", version="1.2.3"), sources)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    violations: list[dict[str, Any]] = []
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
        report = json.loads((folder / "validation-report.json").read_text("utf-8"))
        violations = [found for plugin in report["pluginReports"] for found in plugin["violations"]]

    def read(stack: str) -> Template:
        path = folder / f"{stack}.template.json"
        return Template(path, json.loads(path.read_text("utf-8")))

    aws, local, operations, bare = (read(f"comptoir-{stack}") for stack in ("prod", "local", "prod-operations", "bare"))
    return Assembly(folder, aws, local, operations, bare, violations)


@pytest.fixture(params=["aws", "local"])
def core(request: pytest.FixtureRequest, assembly: Assembly) -> Template:
    """The core stack, once as deployed on AWS and once as deployed on the emulator."""
    template: Template = getattr(assembly, request.param)
    return template
