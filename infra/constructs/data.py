"""The one table."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.settings import Settings

# DynamoDB wants three characters in the name of an index; its key attributes are called g1pk, g1sk and so on.
INDEXES = {"gsi1": "g1", "gsi2": "g2", "gsi3": "g3"}
# Lists read the index alone: type, version and summary come with it.
PROJECTED = ["t", "v", "s"]


class Data(Construct):
    """Table `pk`/`sk` with three sparse indexes, on demand, recoverable to any second of the last 35 days."""

    def __init__(self, scope: Construct, id: str, settings: Settings, key: kms.IKey) -> None:
        super().__init__(scope, id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            time_to_live_attribute="expires",
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        for name, attributes in INDEXES.items():
            self.table.add_global_secondary_index(
                index_name=name,
                partition_key=_text(f"{attributes}pk"),
                sort_key=_text(f"{attributes}sk"),
                projection_type=dynamodb.ProjectionType.INCLUDE,
                non_key_attributes=PROJECTED,
            )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
