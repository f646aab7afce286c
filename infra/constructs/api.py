"""The HTTP API: one function behind one authorizer."""

from __future__ import annotations

import hashlib
import json
from typing import cast

from aws_cdk import RemovalPolicy, Tags
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.constructs.functions import RETENTIONS
from infra.constructs.identity import Identity
from infra.constructs.nag import justify
from infra.settings import Settings

OPEN_ROUTES = ("/health", "/openapi.json", "/docs")
# Who asked what, when, and what came back; never a body, a token or a query string.
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "subject": "$context.authorizer.claims.sub",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "length": "$context.responseLength",
    "latencyMs": "$context.responseLatency",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
}


class Api(Construct):
    """Every route needs an ID token of the pool, but for the health check and the description of the API (ACC-01)."""

    def __init__(
        self, scope: Construct, id: str, settings: Settings, identity: Identity, handler: lambda_.IFunction
    ) -> None:
        super().__init__(scope, id)
        self.api = gateway.HttpApi(
            self,
            "Http",
            api_name=settings.prefix,
            create_default_stage=False,
            description="Comptoir",
        )
        if settings.local:
            # The emulator takes the identifier, thus the address, from this tag: 8 hexadecimal digits.
            Tags.of(self.api).add("ms-custom-id", local_id(settings))
        self.stage = gateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=gateway.ThrottleSettings(rate_limit=settings.throttle_rate, burst_limit=settings.throttle_burst),
        )
        self._log_access(settings)
        authorizer = HttpJwtAuthorizer("Operators", identity.issuer, jwt_audience=[identity.client.user_pool_client_id])
        integration = HttpLambdaIntegration("Function", handler)
        self.api.add_routes(
            path="/{proxy+}", methods=[gateway.HttpMethod.ANY], integration=integration, authorizer=authorizer
        )
        for path in OPEN_ROUTES:
            for route in self.api.add_routes(path=path, methods=[gateway.HttpMethod.GET], integration=integration):
                justify(route, "AwsSolutions-APIG4", "Health check and description of the API: no data of anyone.")

    def _log_access(self, settings: Settings) -> None:
        group = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/aws/vendedlogs/api/{settings.prefix}",
            retention=RETENTIONS[settings.log_retention_days],
            removal_policy=RemovalPolicy.RETAIN,
        )
        stage = cast(gateway.CfnStage, self.stage.node.default_child)
        stage.access_log_settings = gateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )


def local_id(settings: Settings) -> str:
    """Identifier of the API in the emulator, the same at each deployment of a stage."""
    return hashlib.sha256(settings.prefix.encode()).hexdigest()[:8]
