"""What the clock starts; all times are UTC and the code decides by the Paris date."""

from __future__ import annotations

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.settings import Settings


class Schedules(Construct):
    """`heal` every five minutes: what is numbered but not archived is driven again (INV-02)."""

    def __init__(self, scope: Construct, id: str, settings: Settings, function: lambda_.IFunction) -> None:
        super().__init__(scope, id)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        role.add_to_principal_policy(
            iam.PolicyStatement(sid="Start", actions=["lambda:InvokeFunction"], resources=[function.function_arn])
        )
        schedule = scheduler.CfnSchedule(
            self,
            "Heal",
            name=f"{settings.prefix}-heal",
            description="Drives again what is numbered but not archived",
            schedule_expression="rate(5 minutes)",
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=function.function_arn,
                role_arn=role.role_arn,
                input=json.dumps({"job": "heal"}),
                # The next run does the same work: a missed one is not worth more than its own interval.
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=300, maximum_retry_attempts=2
                ),
            ),
        )
        schedule.node.add_dependency(role)
