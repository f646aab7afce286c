"""Justified exceptions to the AwsSolutions rules, each for one finding on one resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def justify(resource: IConstruct, rule: str, reason: str) -> None:
    """Accept finding `rule` (`AwsSolutions-XXX` or `AwsSolutions-XXX[finding]`) on `resource` because of `reason`."""
    Validations.of(resource).acknowledge(Acknowledgment(id=rule, reason=reason))


def justify_wildcards(role: IConstruct, resources: Iterable[str], reason: str) -> None:
    """Accept each of these resource patterns, which end with `*`, in the policy of `role`."""
    for resource in resources:
        pattern = _spell(Stack.of(role).resolve(resource))
        justify(role, f"AwsSolutions-IAM5[Resource::{pattern}]", reason)


def _spell(value: Any) -> str:
    """A resolved value the way findings spell it: references between angle brackets."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_spell(part) for part in parts)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": resource}:
            return f"<{resource}>"
        case _:
            return str(value)
