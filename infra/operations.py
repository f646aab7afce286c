"""The second stack, for AWS alone: what watches over the core and the local emulator does not know."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.nag import justify
from infra.settings import Settings
from infra.stack import CoreStack

# Alarms that mean that documents are not being issued or archived as they should.
_FISCAL = (
    "NumberedNotRendered",
    "SigningFailed",
    "DeadLetters",
    "ValidationFailed",
    "ValidationTimedOut",
    "QueueTooOld",
)


class OperationsStack(Stack):
    """Composite alarms, the trail of the archive, backups of the table, and a budget when a setting gives one."""

    def __init__(self, scope: Construct, id: str, settings: Settings, core: CoreStack, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        self._sum_up(settings, core)
        self._trail(settings, core)
        self._back_up(settings, core)
        if settings.monthly_budget_usd and settings.alarm_email:
            self._budget(settings)

    def _sum_up(self, settings: Settings, core: CoreStack) -> None:
        """Two questions: are documents issued, and does the rest answer."""
        alarms = core.watch.alarms
        for name, chosen in {
            "DocumentsAtRisk": [alarms[name] for name in _FISCAL],
            "ServiceImpaired": [alarm for name, alarm in alarms.items() if name not in _FISCAL],
        }.items():
            composite = cloudwatch.CompositeAlarm(
                self,
                name,
                composite_alarm_name=f"{settings.prefix}-{name}",
                alarm_rule=cloudwatch.AlarmRule.any_of(
                    *[cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM) for alarm in chosen]
                ),
            )
            composite.add_alarm_action(actions.SnsAction(core.watch.topic))

    def _trail(self, settings: Settings, core: CoreStack) -> None:
        """Who read or wrote which object of the archive, kept as long as the documents are."""
        bucket = s3.Bucket(
            self,
            "TrailBucket",
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(settings.retention_years * 366))],
            removal_policy=RemovalPolicy.RETAIN,
        )
        justify(bucket, "AwsSolutions-S1", "This is the log bucket; logging it would only write about writing.")
        trail = cloudtrail.Trail(
            self,
            "Trail",
            trail_name=settings.prefix,
            bucket=bucket,
            enable_file_validation=True,
            include_global_service_events=False,
            is_multi_region_trail=False,
            management_events=cloudtrail.ReadWriteType.NONE,
        )
        for watched in (core.archive.documents, core.archive.files):
            trail.add_s3_event_selector([cloudtrail.S3EventSelector(bucket=watched)], include_management_events=False)

    def _back_up(self, settings: Settings, core: CoreStack) -> None:
        """Point-in-time recovery covers 35 days; a monthly copy of the table is kept as long as the documents are."""
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=settings.prefix,
            block_recovery_point_deletion=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        plan = backup.BackupPlan(self, "Plan", backup_plan_name=settings.prefix, backup_vault=vault)
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="daily",
                schedule_expression=events.Schedule.cron(hour="2", minute="0"),
                delete_after=Duration.days(35),
            )
        )
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="monthly",
                schedule_expression=events.Schedule.cron(day="1", hour="3", minute="0"),
                delete_after=Duration.days(settings.retention_years * 366),
            )
        )
        selection = plan.add_selection("Table", resources=[backup.BackupResource.from_dynamo_db_table(core.data.table)])
        justify(
            selection,
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
            "AWS maintains the policy of its own backup service; only backup.amazonaws.com can take the role.",
        )

    def _budget(self, settings: Settings) -> None:
        """Mail at 80 % of the month's amount spent and at 100 % forecast."""
        subscriber = budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=settings.alarm_email)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=settings.prefix,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=settings.monthly_budget_usd, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind, comparison_operator="GREATER_THAN", threshold=threshold
                    ),
                    subscribers=[subscriber],
                )
                for kind, threshold in (("ACTUAL", 80), ("FORECASTED", 100))
            ],
        )
