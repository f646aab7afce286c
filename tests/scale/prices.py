"""List prices and what cannot be measured here, in one place.

The prices are in US dollars for eu-west-3 (Paris), entered by hand on 2026-11-21, without free tier, discount or VAT.
They MUST BE CHECKED against https://aws.amazon.com/pricing/ before anybody relies on an amount; the counts beside them
are exact. What is assumed is named so.
"""

from __future__ import annotations

AS_OF = "2026-11-21"
REGION = "eu-west-3"

USD = {
    "DynamoDB read units": 0.1485 / 1e6,
    "DynamoDB write units": 0.7423 / 1e6,
    "Step Functions transitions": 0.0297 / 1e3,
    "Lambda requests": 0.20 / 1e6,
    "Lambda GB-seconds (arm64)": 0.0000133334,
    "KMS asymmetric requests": 0.15 / 1e4,
    "SQS FIFO requests": 0.50 / 1e6,
    "S3 PUT requests": 0.0053 / 1e3,
    "API requests": 1.17 / 1e6,
    "CloudWatch Logs GB": 0.5985,
}
"""Dollars for one."""

MEMORY_OF_ONE_PROCESSOR = 1769
"""MB at which a Lambda function has one whole processor; below, its CPU time takes proportionally longer."""

LATENCY_MS = {
    "dynamodb.BatchGetItem": 6,
    "dynamodb.Query": 6,
    "dynamodb.TransactWriteItems": 18,
    "kms.Sign": 15,
    "s3.PutObject": 45,
    "states.StartExecution": 25,
    "states.SendTaskSuccess": 15,
}
"""Assumed: what a warm function waits for each answer, within the region."""

WORKFLOW_SECONDS = 1.2
"""Assumed: from the start of a warm validation to its archived document, for what the API waits."""

LOG_BYTES_PER_INVOCATION = 350
"""Assumed: the platform's START, END and REPORT lines."""

LOG_BYTES_PER_STATE = 1200
"""Assumed: two to three history events of a state at level ALL, without data."""
