"""The queue before the one writer."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings

_RETENTION = Duration.days(14)


class IssueQueue(Construct):
    """FIFO, one message group per company, so that one writer at a time numbers a company's documents."""

    def __init__(self, scope: Construct, id: str, settings: Settings, writer_timeout: Duration) -> None:
        super().__init__(scope, id)
        self.dead = sqs.Queue(
            self,
            "Dead",
            queue_name=f"{settings.prefix}-issue-dead.fifo",
            fifo=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_RETENTION,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=f"{settings.prefix}-issue.fifo",
            fifo=True,
            content_based_deduplication=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_RETENTION,
            # Lambda asks for six times the function's timeout, so that a throttled batch is not delivered twice.
            visibility_timeout=Duration.seconds(6 * int(writer_timeout.to_seconds())),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=settings.queue_attempts),
        )
