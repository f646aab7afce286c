"""The templates under the rules of others: AwsSolutions (cdk-nag) and cfn-lint."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.infra.conftest import Assembly

# CDK makes a function wait for its role and for the role's policy; naming the role twice does no harm.
_NOT_OURS = ["W3005"]


def _acknowledged(assembly: Assembly) -> list[tuple[str, str, str]]:
    found = []
    for path in assembly.folder.glob("*.metadata.json"):
        for construct, entries in json.loads(path.read_text("utf-8")).items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    found += [(construct, rule, reason) for rule, reason in entry["data"].items()]
    return found


def test_no_rule_of_awssolutions_is_broken(assembly: Assembly) -> None:
    assert [(found["ruleName"], found["description"]) for found in assembly.violations] == []


def test_every_exception_is_one_finding_with_a_reason(assembly: Assembly) -> None:
    acknowledged = _acknowledged(assembly)
    assert acknowledged
    for construct, rule, reason in acknowledged:
        assert len(reason.split()) >= 6, (construct, rule)
        assert construct.count("/") >= 2, f"{rule} is accepted for a whole stack"
        assert "IAM" not in rule or "[" in rule, f"{rule} is accepted for any finding"


def test_cfn_lint_finds_nothing(assembly: Assembly) -> None:
    templates = [str(template.path) for template in (assembly.aws, assembly.local, assembly.operations)]
    command = [
        sys.executable,
        "-c",
        "import cfnlint.runner.cli as c; c.main()",
        "--ignore-checks",
        *_NOT_OURS,
        "--",
        *templates,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
