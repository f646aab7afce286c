"""KMS keys: the one that signs chain heads, and the one that encrypts data at rest."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.constructs.nag import justify
from infra.settings import Settings

# What an administrator may do with the signing key: everything but use it.
_ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:Verify",
]


class Keys(Construct):
    """`signing` (ECDSA P-256, FIS-02) never leaves KMS; `data` encrypts the table and the alarm topic."""

    def __init__(self, scope: Construct, id: str, settings: Settings) -> None:
        super().__init__(scope, id)
        account = iam.AccountRootPrincipal()
        self.signing = kms.Key(
            self,
            "Signing",
            description="Signs the heads of the fiscal chains",
            alias=f"alias/{settings.prefix}-signing",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=RemovalPolicy.RETAIN,
            pending_window=Duration.days(30),
            policy=iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        sid="AdministerWithoutSigning", principals=[account], actions=_ADMINISTRATION, resources=["*"]
                    ),
                ]
            ),
        )
        self.data = kms.Key(
            self,
            "Data",
            description="Encrypts data at rest",
            alias=f"alias/{settings.prefix}-data",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
            pending_window=Duration.days(30),
        )
        self.data.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsReachTheTopic",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        justify(self.signing, "AwsSolutions-KMS5", "KMS can't rotate an asymmetric key; the key verifies for ever.")

    def let_sign(self, role: iam.IRole) -> None:
        """Make `role` the only principal whom the key's own policy lets sign."""
        self.signing.add_to_resource_policy(
            iam.PolicyStatement(sid="OnlyIssueSigns", principals=[role], actions=["kms:Sign"], resources=["*"])
        )
