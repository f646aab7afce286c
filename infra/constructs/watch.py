"""What can go wrong raises an alarm; one dashboard shows how things are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.constructs.api import Api
from infra.constructs.data import Data
from infra.constructs.functions import Functions
from infra.constructs.queue import IssueQueue
from infra.constructs.signing import Keys
from infra.constructs.workflows import Workflow, Workflows
from infra.settings import Settings

_MINUTE = Duration.minutes(1)
_PERIOD = Duration.minutes(5)
NAMESPACE = "Comptoir"
# State of document_validation.asl.json; the workflow log names the state even without execution data.
NUMBERED_NOT_RENDERED = "NumberedNotRendered"
# Code of the error that the writer logs when kms:Sign fails (comptoir.runtime.adapters.SigningFailed).
SIGNING_FAILED = "signing_failed"
NOT_RENEWED = "contracts_not_renewed"
MAIL_NOT_SENT = "mail_not_sent"
_TABLE_OPERATIONS = ("GetItem", "Query", "TransactWriteItems")


class _Watched(Protocol):
    """The parts of the stack that raise alarms."""

    functions: Functions
    workflows: Workflows
    queue: IssueQueue
    data: Data
    api: Api
    keys: Keys


@dataclass(frozen=True)
class _Limit:
    """When a metric is too high: `threshold` is the first value that alarms, `periods` how many in a row."""

    threshold: float = 1
    periods: int = 1


class Watch(Construct):
    """Alarms, the topic that they go to, and the dashboard."""

    def __init__(self, scope: Construct, id: str, settings: Settings, watched: _Watched) -> None:
        super().__init__(scope, id)
        self._prefix = settings.prefix
        self.alarms: dict[str, cloudwatch.Alarm] = {}
        self.topic = self._topic(settings, watched.keys)
        self._watch_workflows(watched.workflows)
        self._watch_functions(watched.functions)
        self._watch_signing(watched.functions.issue.log_group)
        self._watch_renewals(watched.functions.steps.log_group)
        self._watch_mail(watched.functions.mail.log_group)
        self._watch_queue(watched.queue)
        self._watch_table(watched.data.table)
        self._watch_api(watched.api, settings)
        self._draw(watched)

    def _topic(self, settings: Settings, keys: Keys) -> sns.Topic:
        topic = sns.Topic(self, "Topic", topic_name=f"{self._prefix}-alarms", master_key=keys.data, enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsPublish",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        if settings.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        return topic

    def alarm(self, name: str, metric: cloudwatch.IMetric, meaning: str, limit: _Limit = _Limit()) -> None:
        """Raise alarm `name` to the topic when `metric` reaches the limit; silence is no news."""
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._prefix}-{name}",
            alarm_description=meaning,
            metric=metric,
            threshold=limit.threshold,
            evaluation_periods=limit.periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        self.alarms[name] = alarm

    def _watch_workflows(self, workflows: Workflows) -> None:
        named: dict[str, Workflow] = {
            "Validation": workflows.validation,
            "Confirmation": workflows.confirmation,
            "Jobs": workflows.jobs,
            "Closing": workflows.closing,
            "Archiving": workflows.archiving,
            "Renewal": workflows.renewal,
        }
        for name, workflow in named.items():
            machine = workflow.machine
            self.alarm(f"{name}Failed", machine.metric_failed(period=_PERIOD), "A workflow ended in failure")
            self.alarm(f"{name}TimedOut", machine.metric_timed_out(period=_PERIOD), "A workflow did not end in time")
            self.alarm(f"{name}Aborted", machine.metric_aborted(period=_PERIOD), "A workflow was stopped by hand")
        self._count(
            NUMBERED_NOT_RENDERED,
            workflows.validation.log_group,
            logs.FilterPattern.all(
                logs.FilterPattern.string_value("$.type", "=", "FailStateEntered"),
                logs.FilterPattern.string_value("$.details.name", "=", NUMBERED_NOT_RENDERED),
            ),
            "A document has its number but not its PDF in the archive; the schedule heals it within minutes (INV-02)",
        )

    def _watch_functions(self, functions: Functions) -> None:
        for function in functions.all:
            name, code = function.node.id, function.function
            self.alarm(f"{name}Errors", code.metric_errors(period=_PERIOD), f"Function {name} raised an error")
            self.alarm(f"{name}Throttles", code.metric_throttles(period=_PERIOD), f"Function {name} was throttled")

        behind = functions.stream.function.metric("IteratorAge", statistic="Maximum", period=_PERIOD)
        self.alarm("SearchBehind", behind, "The search is a minute behind the table (CAT-05)", _Limit(60_000, 3))

    def _watch_signing(self, log_group: logs.ILogGroup) -> None:
        self._count(
            "SigningFailed",
            log_group,
            logs.FilterPattern.all_terms(SIGNING_FAILED),
            "The signing key is out of reach: nothing can be issued (FIS-02)",
        )

    def _watch_renewals(self, log_group: logs.ILogGroup) -> None:
        self._count(
            "ContractsNotRenewed",
            log_group,
            logs.FilterPattern.all_terms(NOT_RENEWED),
            "A contract could not be renewed: each tells why in the list of failed ones (CTR-04)",
        )

    def _watch_mail(self, log_group: logs.ILogGroup) -> None:
        self._count(
            "MailNotSent",
            log_group,
            logs.FilterPattern.all_terms(MAIL_NOT_SENT),
            "The mail service did not take a mail: GET /mails?failed=true tells which and why",
        )

    def _count(self, name: str, group: logs.ILogGroup, pattern: logs.IFilterPattern, meaning: str) -> None:
        """Alarm on the lines of a log group that match a pattern."""
        count = logs.MetricFilter(
            self,
            f"{name}Filter",
            log_group=group,
            filter_pattern=pattern,
            metric_namespace=NAMESPACE,
            metric_name=f"{self._prefix}-{name}",
            metric_value="1",
        )
        self.alarm(name, count.metric(statistic="Sum", period=_MINUTE), meaning)

    def _watch_queue(self, queue: IssueQueue) -> None:
        dead = queue.dead.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum")
        self.alarm("DeadLetters", dead, "The writer gave up on a message")
        age = queue.queue.metric_approximate_age_of_oldest_message(period=_MINUTE)
        self.alarm("QueueTooOld", age, "A document has waited two minutes for the writer", _Limit(120, 3))

    def _watch_table(self, table: dynamodb.Table) -> None:
        # One metric an alarm: the local emulator knows no metric mathematics.
        for kind in ("Read", "Write"):
            throttles = table.metric(f"{kind}ThrottleEvents", statistic="Sum", period=_MINUTE)
            self.alarm(f"Table{kind}Throttles", throttles, "DynamoDB refuses requests for a while", _Limit(1, 3))
        for operation in _TABLE_OPERATIONS:
            where = {"TableName": table.table_name, "Operation": operation}
            errors = table.metric("SystemErrors", dimensions_map=where, statistic="Sum", period=_PERIOD)
            self.alarm(f"TableErrors{operation}", errors, "DynamoDB answers with internal errors")

    def _watch_api(self, api: Api, settings: Settings) -> None:
        self.alarm("ApiServerErrors", api.api.metric_server_error(period=_PERIOD), "The API answered 5xx")
        latency = api.api.metric_latency(period=_PERIOD, statistic="p99")
        self.alarm("ApiLatency", latency, "One request in a hundred is too slow", _Limit(settings.latency_alarm_ms, 3))

    def _draw(self, watched: _Watched) -> None:
        validation, confirmation = watched.workflows.validation.machine, watched.workflows.confirmation.machine
        http, table, queue = watched.api.api, watched.data.table, watched.queue
        codes = [function.function for function in watched.functions.all]
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=self._prefix)
        board.add_widgets(cloudwatch.AlarmStatusWidget(alarms=list(self.alarms.values()), width=24, height=4))
        board.add_widgets(
            _graph("Requests", http.metric_count(), http.metric_client_error(), http.metric_server_error()),
            _graph("Latency", http.metric_latency(statistic="p50"), http.metric_latency(statistic="p99")),
            _graph(
                "Workflows", *[m for w in (validation, confirmation) for m in (w.metric_started(), w.metric_failed())]
            ),
        )
        board.add_widgets(
            _graph(
                "Time to a document", validation.metric_time(statistic="p50"), validation.metric_time(statistic="p99")
            ),
            _graph(
                "Queue of the writer",
                queue.queue.metric_approximate_number_of_messages_visible(),
                queue.queue.metric_approximate_age_of_oldest_message(),
                queue.dead.metric_approximate_number_of_messages_visible(),
            ),
            _graph("Table", table.metric_consumed_read_capacity_units(), table.metric_consumed_write_capacity_units()),
        )
        board.add_widgets(
            _graph("Durations", *[code.metric_duration(statistic="p95") for code in codes]),
            _graph("Errors", *[code.metric_errors() for code in codes]),
            _graph("Throttles", *[code.metric_throttles() for code in codes]),
        )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, height=6)
