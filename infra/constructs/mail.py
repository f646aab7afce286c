"""Mail: the domain that it is sent from, and what Amazon SES tells of each message."""

from __future__ import annotations

from aws_cdk import ArnFormat, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.settings import Settings

# What tells of a message's way; opening and clicking are not watched.
_EVENTS = ("send", "reject", "bounce", "complaint", "delivery", "deliveryDelay")


class Mail(Construct):
    """The identity of the sender's domain, unless the account has it, and a configuration set for what is sent.

    Nothing of it where no `mail_from` is set: mail is off then.
    """

    def __init__(self, scope: Construct, id: str, settings: Settings) -> None:
        super().__init__(scope, id)
        self.sender, self.configuration = settings.mail_from, settings.prefix
        if not self.sender:
            return
        self._domain = self.sender.rpartition("@")[2]
        if settings.mail_identity:
            self._identity()
        self._set = ses.CfnConfigurationSet(
            self,
            "Set",
            name=self.configuration,
            delivery_options=ses.CfnConfigurationSet.DeliveryOptionsProperty(tls_policy="REQUIRE"),
            reputation_options=ses.CfnConfigurationSet.ReputationOptionsProperty(reputation_metrics_enabled=True),
        )

    def _identity(self) -> None:
        """The domain, to be proven by three DNS records that the stack tells; kept when the stack goes."""
        identity = ses.CfnEmailIdentity(
            self,
            "Domain",
            email_identity=self._domain,
            dkim_attributes=ses.CfnEmailIdentity.DkimAttributesProperty(signing_enabled=True),
        )
        identity.apply_removal_policy(RemovalPolicy.RETAIN)
        CfnOutput(
            self,
            "Domain to prove",
            value=self._domain,
            description="Amazon SES shows the three CNAME records that prove it; mail leaves once they are there",
        )

    def arns(self) -> list[str]:
        """What it takes to send: identities and the configuration set; the policy's condition fixes the sender.

        While the account is in the sandbox, SES asks for the right on the identities of the recipients too.
        """
        stack, slash = Stack.of(self), ArnFormat.SLASH_RESOURCE_NAME
        named = (("identity", "*"), ("configuration-set", self.configuration))
        return [
            stack.format_arn(service="ses", resource=kind, resource_name=name, arn_format=slash) for kind, name in named
        ]

    def tell(self, function: lambda_.IFunction) -> None:
        """Have `function` told what becomes of each message, through the account's event bus."""
        stack = Stack.of(self)
        bus = stack.format_arn(service="events", resource="event-bus", resource_name="default")
        ses.CfnConfigurationSetEventDestination(
            self,
            "Events",
            configuration_set_name=self._set.ref,
            event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
                name="bus",
                enabled=True,
                matching_event_types=list(_EVENTS),
                event_bridge_destination=ses.CfnConfigurationSetEventDestination.EventBridgeDestinationProperty(
                    event_bus_arn=bus
                ),
            ),
        )
        events.Rule(
            self,
            "MailsOnTheirWay",
            description="What becomes of each mail",
            event_pattern=events.EventPattern(
                source=["aws.ses"],
                detail={"mail": {"tags": {"ses:configuration-set": [self.configuration]}}},
            ),
            targets=[targets.LambdaFunction(function, retry_attempts=5)],
        )
