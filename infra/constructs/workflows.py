"""The state machines, from their own files."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.functions import RETENTIONS, Functions
from infra.constructs.nag import justify, justify_wildcards
from infra.settings import ROOT, Settings

DEFINITIONS = ROOT / "statemachines"


class Workflow(Construct):
    """One Standard state machine with its role, its log and X-Ray.

    The log holds names of states and errors, not their data: a task token in a log could answer for the writer.
    """

    def __init__(
        self, scope: Construct, id: str, settings: Settings, definition: Path, substitutions: dict[str, str]
    ) -> None:
        super().__init__(scope, id)
        self._name = name = f"{settings.prefix}-{definition.name.removesuffix('.asl.json').replace('_', '-')}"
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            # With this prefix the account's one resource policy for log delivery stays within its size limit.
            log_group_name=f"/aws/vendedlogs/states/{name}",
            retention=RETENTIONS[settings.log_retention_days],
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(definition.read_text("utf-8")),
            definition_substitutions=substitutions,
            role=self.role,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=self.log_group, level=sfn.LogLevel.ALL, include_execution_data=False),
            # A running or ended workflow can't be lost with a change of the stack.
            removal_policy=RemovalPolicy.RETAIN,
        )
        justify(
            self.role,
            "AwsSolutions-IAM5[Resource::*]",
            "Delivery of workflow logs and X-Ray have no resource-level permissions (added by CDK, documented by AWS).",
        )

    def executions(self, stack: Stack) -> str:
        """ARN pattern of this machine's executions."""
        return self._arn(stack, "execution", f"{self.machine.state_machine_name}:*")

    def let_map_itself(self, stack: Stack) -> None:
        """Let the items of its distributed Map be executions of its own.

        By its name and not by its ARN: the machine waits for the role's policies.
        """
        own, items = self._arn(stack, "stateMachine", self._name), self._arn(stack, "execution", f"{self._name}/*:*")
        statements = {"StartItems": (["states:StartExecution"], own)}
        statements["FollowItems"] = (["states:DescribeExecution", "states:StopExecution"], items)
        for sid, (actions, resource) in statements.items():
            self.role.add_to_principal_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=[resource]))
        justify_wildcards(self.role, [items], "The runs of a Map's items end with names that AWS gives.")

    @staticmethod
    def _arn(stack: Stack, resource: str, name: str) -> str:
        form = ArnFormat.COLON_RESOURCE_NAME
        return stack.format_arn(service="states", resource=resource, resource_name=name, arn_format=form)


class Workflows(Construct):
    """`validation` of documents (INV-02), `confirmation` of orders (CNF-07), `jobs`: imports and exports (PTY-05).

    `closing` of periods (FIS-03), `archiving` of what is closed (FIS-05), `renewal` of contracts (CTR-04).
    """

    def __init__(self, scope: Construct, id: str, settings: Settings, functions: Functions, queue: sqs.IQueue) -> None:
        super().__init__(scope, id)
        steps, render, issue = (each.function for each in (functions.steps, functions.render, functions.issue))
        self.validation = Workflow(
            self,
            "Validation",
            settings,
            DEFINITIONS / "document_validation.asl.json",
            {
                "StepsFunctionArn": steps.function_arn,
                "RenderFunctionArn": render.function_arn,
                "IssueQueueUrl": queue.queue_url,
            },
        )
        self.confirmation = Workflow(
            self,
            "Confirmation",
            settings,
            DEFINITIONS / "order_confirmation.asl.json",
            {"StepsFunctionArn": steps.function_arn},
        )
        self.jobs = Workflow(
            self,
            "Jobs",
            settings,
            DEFINITIONS / "background_job.asl.json",
            {
                "StepsFunctionArn": steps.function_arn,
                "RenderFunctionArn": render.function_arn,
                "IssueFunctionArn": issue.function_arn,
            },
        )
        self.closing = Workflow(
            self,
            "Closing",
            settings,
            DEFINITIONS / "period_closing.asl.json",
            {"IssueFunctionArn": issue.function_arn, "RenderFunctionArn": render.function_arn},
        )
        self.archiving = Workflow(
            self,
            "Archiving",
            settings,
            DEFINITIONS / "period_archive.asl.json",
            {"IssueFunctionArn": issue.function_arn, "RenderFunctionArn": render.function_arn},
        )
        self.renewal = Workflow(
            self,
            "Renewal",
            settings,
            DEFINITIONS / "contract_renewal.asl.json",
            {"StepsFunctionArn": steps.function_arn},
        )
        _invoke(self.renewal.role, steps.function_arn)
        self.renewal.let_map_itself(Stack.of(self))
        _invoke(self.closing.role, issue.function_arn, render.function_arn)
        _invoke(self.archiving.role, issue.function_arn, render.function_arn)
        _invoke(self.jobs.role, steps.function_arn, render.function_arn, issue.function_arn)
        _invoke(self.validation.role, steps.function_arn, render.function_arn)
        _invoke(self.confirmation.role, steps.function_arn)
        self.validation.role.add_to_principal_policy(
            iam.PolicyStatement(sid="HandOverToTheWriter", actions=["sqs:SendMessage"], resources=[queue.queue_arn])
        )


def _invoke(role: iam.Role, *functions: str) -> None:
    role.add_to_principal_policy(
        iam.PolicyStatement(sid="RunTasks", actions=["lambda:InvokeFunction"], resources=list(functions))
    )
