"""Buckets: issued documents under lock, and working files."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.nag import justify
from infra.settings import Settings

# Neither a function nor an administrator may do this to the archive while the bucket's policy stands.
FINAL = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", "s3:PutBucketVersioning"]


# What lies there for so many days: previews (DOC-02), what is sent until it is checked and copied (DOC-03, TRS-04),
# archives until their parts are joined (FIS-05).
PASSING = {"previews": 1, "uploads": 1, "statements": 1, "archiving": 30}


class Archive(Construct):
    """`documents` keeps issued PDFs, chain heads and bank files (Object Lock, compliance mode).

    `files` keeps quotes, the document base and images. Both are encrypted by S3 itself: the lock of the archive would
    be worth no more than a key that someone can delete.
    """

    def __init__(self, scope: Construct, id: str, settings: Settings) -> None:
        super().__init__(scope, id)
        self.documents = self._bucket(
            "Documents",
            object_lock_enabled=True,
            object_lock_default_retention=s3.ObjectLockRetention.compliance(_lock(settings.retention_years)),
        )
        self.files = self._bucket("Files", lifecycle_rules=[_passing(*each) for each in PASSING.items()])
        self.documents.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NobodyDeletes",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=FINAL,
                resources=[self.documents.bucket_arn, self.documents.arn_for_objects("*")],
            )
        )

    def let_write(self, render: iam.IRole, bank: iam.IRole) -> None:
        """Let `render` alone write the archive, but its `bank/` prefix, which `bank` alone writes.

        Both write only objects that do not exist yet (`If-None-Match: *`).
        """
        bank_files, objects = self.documents.arn_for_objects("bank/*"), self.documents.arn_for_objects("*")
        self._deny_put("OnlyBankWritesItsFiles", [bank_files], {"ArnNotEquals": {"aws:PrincipalArn": bank.role_arn}})
        self.documents.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OnlyRenderWrites",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                not_resources=[bank_files],
                conditions={"ArnNotEquals": {"aws:PrincipalArn": render.role_arn}},
            )
        )
        # The parts of a large object carry no header; the request that makes it of them does.
        once = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
        self._deny_put("WrittenOnce", [objects], once)

    def _deny_put(self, sid: str, resources: list[str], conditions: dict[str, dict[str, str]]) -> None:
        self.documents.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=resources,
                conditions=conditions,
            )
        )

    def tell_of_statements(self, function: lambda_.IFunction) -> None:
        """Have `function` called for each file that comes under `statements/` of the working files (TRS-04).

        Through the event bus, which the bucket is told to use in its own template: CDK's way is a
        custom resource, one more function with rights on every bucket.
        """
        bucket = self.files.node.default_child
        if not isinstance(bucket, s3.CfnBucket):
            raise TypeError("the bucket has no resource of its own")
        bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        events.Rule(
            self,
            "StatementsCame",
            description="Files of bank statements, sent or dropped",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [self.files.bucket_name]},
                    "object": {"key": [{"prefix": "statements/"}]},
                },
            ),
            targets=[targets.LambdaFunction(function, retry_attempts=5)],
        )

    def _bucket(
        self,
        id: str,
        object_lock_enabled: bool | None = None,
        object_lock_default_retention: s3.ObjectLockRetention | None = None,
        lifecycle_rules: list[s3.LifecycleRule] | None = None,
    ) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            id,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_lock_enabled=object_lock_enabled,
            object_lock_default_retention=object_lock_default_retention,
            lifecycle_rules=lifecycle_rules,
            removal_policy=RemovalPolicy.RETAIN,
        )
        justify(
            bucket,
            "AwsSolutions-S1",
            "CloudTrail data events (operations stack) record every read and write with its principal.",
        )
        return bucket


def _passing(name: str, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id=name,
        prefix=f"{name}/",
        expiration=Duration.days(days),
        noncurrent_version_expiration=Duration.days(1),
    )


def _lock(years: int) -> Duration:
    """`years` whole years, with any leap days, after the end of the fiscal year, which is at most one year away."""
    years += 1
    return Duration.days(years * 365 + years // 4 + 1)
