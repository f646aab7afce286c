"""Buckets: issued documents under lock, and working files."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.nag import justify
from infra.settings import Settings

# Neither a function nor an administrator may do this to the archive while the bucket's policy stands.
FINAL = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", "s3:PutBucketVersioning"]


class Archive(Construct):
    """`documents` keeps issued PDFs and chain heads (Object Lock, compliance mode).

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
        self.files = self._bucket("Files", lifecycle_rules=[_passing("previews/"), _passing("uploads/")])
        self.documents.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NobodyDeletes",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=FINAL,
                resources=[self.documents.bucket_arn, self.documents.arn_for_objects("*")],
            )
        )

    def let_write(self, role: iam.IRole) -> None:
        """Let `role` alone write the archive, and only objects that do not exist yet (`If-None-Match: *`)."""
        objects = [self.documents.arn_for_objects("*")]
        self.documents.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OnlyRenderWrites",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=objects,
                conditions={"ArnNotEquals": {"aws:PrincipalArn": role.role_arn}},
            )
        )
        self.documents.add_to_resource_policy(
            iam.PolicyStatement(
                sid="WrittenOnce",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=objects,
                # The parts of a large object carry no header; the request that makes it of them does.
                conditions={
                    "Null": {"s3:if-none-match": "true"},
                    "Bool": {"s3:ObjectCreationOperation": "true"},
                },
            )
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


def _passing(prefix: str) -> s3.LifecycleRule:
    """What lies there for a day: previews (DOC-02), and what is sent until it is checked and copied (DOC-03)."""
    return s3.LifecycleRule(
        id=prefix.rstrip("/"),
        prefix=prefix,
        expiration=Duration.days(1),
        noncurrent_version_expiration=Duration.days(1),
    )


def _lock(years: int) -> Duration:
    """`years` whole years, with any leap days, after the end of the fiscal year, which is at most one year away."""
    years += 1
    return Duration.days(years * 365 + years // 4 + 1)
