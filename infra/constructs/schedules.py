"""What the clock starts; all times are UTC and the code decides by the Paris date."""

from __future__ import annotations

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.settings import Settings


class Schedules(Construct):
    """`heal` every five minutes: what is numbered but not archived is driven again (INV-02).

    `close` every hour: midnight in Paris is at 22:00 or 23:00 UTC, and a night missed is made up for (FIS-03).
    `verify` every night: the chains are read from end to end, and the verdict is chained (FIS-02, FIS-08).
    `renew` every night: what was due on days without a run is due still (CTR-04).
    `remind` thrice each morning: payment reminders that go out by themselves; a run goes on where one ended (INV-12).
    `report` each morning: what the night renewed, and what it could not, told each company by mail (CTR-04).
    """

    def __init__(self, scope: Construct, id: str, settings: Settings, function: lambda_.IFunction) -> None:
        super().__init__(scope, id)
        self._prefix, self._function = settings.prefix, function
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        self._role.add_to_principal_policy(
            iam.PolicyStatement(sid="Start", actions=["lambda:InvokeFunction"], resources=[function.function_arn])
        )
        self._schedule("heal", "rate(5 minutes)", "Drives again what is numbered but not archived")
        self._schedule("close", "cron(10 * * * ? *)", "Closes the days, months and fiscal years that are over")
        self._schedule("verify", "cron(40 2 * * ? *)", "Verifies the chains of every company")
        self._schedule("renew", "cron(30 1 * * ? *)", "Renews the contracts on which something is due")
        self._schedule("report", "cron(0 5 * * ? *)", "Tells by mail what the night's renewals came to")
        self._schedule("remind", "cron(20 5-7 * * ? *)", "Writes the payment reminders that go out by themselves")

    def _schedule(self, job: str, expression: str, description: str) -> None:
        schedule = scheduler.CfnSchedule(
            self,
            job.capitalize(),
            name=f"{self._prefix}-{job}",
            description=description,
            schedule_expression=expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self._function.function_arn,
                role_arn=self._role.role_arn,
                input=json.dumps({"job": job}),
                # The next run does the same work: a missed one is not worth more than its own interval.
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=300, maximum_retry_attempts=2
                ),
            ),
        )
        schedule.node.add_dependency(self._role)
