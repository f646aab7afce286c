"""The core stack: what Comptoir needs, on AWS and on the local emulator alike."""

from __future__ import annotations

import json
from typing import Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.constructs import permissions as may
from infra.constructs.api import Api
from infra.constructs.archive import Archive
from infra.constructs.data import Data
from infra.constructs.functions import TIMEOUTS, Functions, Sources
from infra.constructs.identity import Identity
from infra.constructs.mail import Mail
from infra.constructs.nag import justify, justify_wildcards
from infra.constructs.queue import IssueQueue
from infra.constructs.schedules import Schedules
from infra.constructs.signing import Keys
from infra.constructs.watch import Watch
from infra.constructs.workflows import Workflows
from infra.settings import Settings


class CoreStack(Stack):
    """Composes the constructs and says which function may do what."""

    def __init__(self, scope: Construct, id: str, settings: Settings, sources: Sources, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        self.keys = Keys(self, "Keys", settings)
        self.data = Data(self, "Data", settings, self.keys.data)
        self.archive = Archive(self, "Archive", settings)
        self.identity = Identity(self, "Identity", settings)
        self.cursors = secrets.Secret(
            self,
            "Cursors",
            description="Signs the cursors of lists",
            generate_secret_string=secrets.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=RemovalPolicy.DESTROY,
        )
        justify(self.cursors, "AwsSolutions-SMG4", "Guards no data; a new one only makes lists start again.")
        self.queue = IssueQueue(self, "Issue", settings, Duration.seconds(TIMEOUTS["issue"]))
        self.functions = Functions(self, "Functions", settings, sources)
        self.mail = Mail(self, "Mail", settings)
        self.workflows = Workflows(self, "Workflows", settings, self.functions, self.queue.queue)
        self.api = Api(self, "Api", settings, self.identity, self._published(settings))
        Schedules(self, "Schedules", settings, self.functions.schedule.function)
        self._grant_everyone()
        self._grant_api()
        self._grant_render(settings, sources)
        self._grant_bank()
        self._grant_mail()
        self._grant_writer(settings)
        self._grant_schedule()
        self._grant_stream()
        self.watch = Watch(self, "Watch", settings, self)
        self._tell()

    def _published(self, settings: Settings) -> lambda_.IFunction:
        """The API function, or with SnapStart its last published version behind an alias."""
        function = self.functions.api.function
        if settings.local or not settings.snap_start:
            return function
        return lambda_.Alias(self, "ApiLive", alias_name="live", version=function.current_version)

    def _grant_everyone(self) -> None:
        for function in self.functions.all:
            writer = function is self.functions.issue
            function.know(TABLE=self.data.table.table_name)
            function.allow(
                may.use_data_key(self.keys.data, self),
                *may.never(self.archive.documents, signs=writer, chains=writer),
            )
            if function is not self.functions.stream:
                function.allow(may.read_table(self.data.table), may.write_table(self.data.table))

    def _grant_api(self) -> None:
        functions, workflows, archive = self.functions, self.workflows, self.archive
        validation, confirmation, jobs = workflows.validation, workflows.confirmation, workflows.jobs
        started = (validation, confirmation, jobs, workflows.closing, workflows.archiving, workflows.renewal)
        api = functions.api
        api.know(
            FILES_BUCKET=archive.files.bucket_name,
            ARCHIVE_BUCKET=archive.documents.bucket_name,
            VALIDATION_MACHINE=validation.machine.state_machine_arn,
            CONFIRMATION_MACHINE=confirmation.machine.state_machine_arn,
            JOBS_MACHINE=jobs.machine.state_machine_arn,
            CLOSING_MACHINE=workflows.closing.machine.state_machine_arn,
            ARCHIVING_MACHINE=workflows.archiving.machine.state_machine_arn,
            RENEWAL_MACHINE=workflows.renewal.machine.state_machine_arn,
            WRITER_FUNCTION=functions.issue.function.function_name,
            RENDER_FUNCTION=functions.render.function.function_name,
            BANK_FUNCTION=functions.bank.function.function_name,
            USER_POOL=self.identity.pool.user_pool_id,
            USER_CLIENT=self.identity.client.user_pool_client_id,
            CURSOR_SECRET=self.cursors.secret_arn,
            SIGNING_KEY=self.keys.signing.key_arn,
        )
        machines = [workflow.machine.state_machine_arn for workflow in started]
        accounts = ["AdminCreateUser", "AdminDisableUser", "AdminEnableUser", "AdminGetUser", "AdminSetUserPassword"]
        called = [f.function.function_arn for f in (functions.issue, functions.render, functions.bank)]
        readable = [archive.documents.arn_for_objects("*"), archive.files.arn_for_objects("*")]
        uploads = [archive.files.arn_for_objects(f"{prefix}/*") for prefix in ("uploads", "statements")]
        executions = [workflow.executions(self) for workflow in started]
        api.allow(
            may.allow("StartWorkflows", ["states:StartExecution"], machines),
            may.allow("FollowWorkflows", ["states:DescribeExecution"], executions),
            may.allow("CallOtherFunctions", ["lambda:InvokeFunction"], called),
            may.allow("ManageOperators", [f"cognito-idp:{a}" for a in accounts], [self.identity.pool.user_pool_arn]),
            may.allow("SignCursors", ["secretsmanager:GetSecretValue"], [self.cursors.secret_arn]),
            may.allow("ShowPublicKey", ["kms:GetPublicKey"], [self.keys.signing.key_arn]),
            may.allow("LinkToDocuments", ["s3:GetObject"], readable),
            may.allow("TakeUploads", ["s3:PutObject"], uploads),
        )
        justify_wildcards(api.role, executions, "An execution's ARN ends with its name; the machine is fixed.")
        justify_wildcards(api.role, [*readable, *uploads], "Objects of one bucket, to sign short-lived links to them.")

    def _grant_render(self, settings: Settings, sources: Sources) -> None:
        render, archive = self.functions.render, self.archive
        render.know(
            ARCHIVE_BUCKET=archive.documents.bucket_name,
            FILES_BUCKET=archive.files.bucket_name,
            RETENTION_YEARS=str(settings.retention_years),
            SIGNING_KEY=self.keys.signing.key_arn,
        )
        kept = [archive.documents.arn_for_objects(f"{prefix}/*") for prefix in ("documents", "heads", "archives")]
        if settings.local:
            # The emulator unpacks layers anywhere but in /opt.
            render.know(FONTS=str(sources.layer("vendor-documents") / "fonts"))
        working = [archive.files.arn_for_objects("*")]
        render.allow(
            may.allow("WriteArchive", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], kept),
            may.allow(
                "ListHeads", ["s3:ListBucket"], [archive.documents.bucket_arn], {"StringLike": {"s3:prefix": "heads/*"}}
            ),
            may.allow("ShowPublicKey", ["kms:GetPublicKey"], [self.keys.signing.key_arn]),
            may.allow("WriteFiles", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], working),
        )
        justify_wildcards(render.role, [*kept, *working], "Objects of one bucket, under fixed prefixes.")
        archive.let_write(render.role, self.functions.bank.role)

    def _grant_bank(self) -> None:
        """Bank files: read where they are sent, kept under their own prefix of the locked bucket."""
        bank, archive = self.functions.bank, self.archive
        bank.know(ARCHIVE_BUCKET=archive.documents.bucket_name, FILES_BUCKET=archive.files.bucket_name)
        kept, sent = [archive.documents.arn_for_objects("bank/*")], [archive.files.arn_for_objects("statements/*")]
        bank.allow(
            may.allow("KeepBankFiles", ["s3:GetObject", "s3:PutObject"], kept),
            may.allow("ReadStatements", ["s3:GetObject"], sent),
        )
        justify_wildcards(bank.role, [*kept, *sent], "Objects of one bucket, under fixed prefixes.")
        archive.tell_of_statements(bank.function)

    def _grant_mail(self) -> None:
        """Only this function may send; the API and the clock call it, where there is an address to send from."""
        mail, archive, functions = self.functions.mail, self.archive, self.functions
        mail.know(ARCHIVE_BUCKET=archive.documents.bucket_name, FILES_BUCKET=archive.files.bucket_name)
        carried = [archive.documents.arn_for_objects("documents/*"), archive.files.arn_for_objects("*")]
        kept = [archive.files.arn_for_objects("mails/*")]
        mail.allow(
            may.allow("ReadDocuments", ["s3:GetObject"], carried),
            may.allow("KeepCopies", ["s3:PutObject"], kept),
        )
        justify_wildcards(mail.role, [*carried, *kept], "Objects of one bucket, under fixed prefixes.")
        if not self.mail.sender:
            return
        mail.know(MAIL_FROM=self.mail.sender, MAIL_CONFIGURATION=self.mail.configuration)
        mail.allow(
            may.allow(
                "Send",
                # A message with attachments is a raw one, whichever version of the API takes it.
                ["ses:SendEmail", "ses:SendRawEmail"],
                self.mail.arns(),
                {"StringEquals": {"ses:FromAddress": self.mail.sender}},
            )
        )
        justify_wildcards(mail.role, self.mail.arns(), "Identities that receive; the condition fixes who sends.")
        self.mail.tell(mail.function)
        for caller in (functions.api, functions.schedule):
            caller.know(MAIL_FUNCTION=mail.function.function_name)
            caller.allow(may.allow("SendMails", ["lambda:InvokeFunction"], [mail.function.function_arn]))

    def _grant_writer(self, settings: Settings) -> None:
        issue, queue = self.functions.issue, self.queue.queue
        issue.know(SIGNING_KEY=self.keys.signing.key_arn)
        if settings.publisher:
            issue.know(PUBLISHER=json.dumps(settings.publisher, ensure_ascii=False))
        issue.allow(
            may.allow("SignHeads", ["kms:GetPublicKey", "kms:Sign"], [self.keys.signing.key_arn]),
            may.allow(
                "TakeMessages",
                ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
                [queue.queue_arn],
            ),
            may.allow(
                "AnswerWorkflow",
                ["states:SendTaskFailure", "states:SendTaskSuccess"],
                [self.workflows.validation.machine.state_machine_arn],
            ),
        )
        self.keys.let_sign(issue.role)
        lambda_.EventSourceMapping(
            self,
            "Messages",
            target=issue.function,
            event_source_arn=queue.queue_arn,
            batch_size=settings.queue_batch,
            report_batch_item_failures=True,
        )

    def _grant_schedule(self) -> None:
        schedule, workflows = self.functions.schedule, self.workflows
        driven = {"VALIDATION": workflows.validation, "JOBS": workflows.jobs, "CLOSING": workflows.closing}
        driven |= {"ARCHIVING": workflows.archiving, "RENEWAL": workflows.renewal}
        machines = {f"{name}_MACHINE": workflow.machine.state_machine_arn for name, workflow in driven.items()}
        bank, render = self.functions.bank.function, self.functions.render.function
        schedule.know(BANK_FUNCTION=bank.function_name, RENDER_FUNCTION=render.function_name, **machines)
        executions = [workflow.executions(self) for workflow in driven.values()]
        schedule.allow(
            may.allow("DriveAgain", ["states:StartExecution"], list(machines.values())),
            may.allow("FollowWorkflows", ["states:DescribeExecution"], executions),
            may.allow("WriteFiles", ["lambda:InvokeFunction"], [bank.function_arn, render.function_arn]),
        )
        justify_wildcards(schedule.role, executions, "An execution's ARN ends with its name; the machines are fixed.")

    def _grant_stream(self) -> None:
        """The search and the cash to come follow the table: what reads the stream may put these alone."""
        stream, table = self.functions.stream, self.data.table
        stream.allow(*may.follow_stream(table), may.read_table(table), may.write_search(table), may.count_cash(table))
        found = lambda_.FilterRule.exists()
        lambda_.EventSourceMapping(
            self,
            "Changes",
            target=stream.function,
            event_source_arn=table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=100,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            max_record_age=Duration.hours(24),
            # What can be found, or could until now, and sheets of treasury: nothing else comes here.
            filters=[
                lambda_.FilterCriteria.filter({"dynamodb": {"NewImage": {"f": {"S": found}}}}),
                lambda_.FilterCriteria.filter({"dynamodb": {"OldImage": {"f": {"S": found}}}}),
                lambda_.FilterCriteria.filter({"dynamodb": {"NewImage": {"t": {"S": ["treasury"]}}}}),
            ],
        )

    def _tell(self) -> None:
        """Outputs that the local runner, the tests and the operator read."""
        outputs = {
            "ApiId": self.api.api.api_id,
            "ApiEndpoint": self.api.api.api_endpoint,
            "UserPoolId": self.identity.pool.user_pool_id,
            "UserClientId": self.identity.client.user_pool_client_id,
            "TableName": self.data.table.table_name,
            "ArchiveBucket": self.archive.documents.bucket_name,
            "FilesBucket": self.archive.files.bucket_name,
            "SigningKeyArn": self.keys.signing.key_arn,
            "IssueQueueUrl": self.queue.queue.queue_url,
            "DeadQueueUrl": self.queue.dead.queue_url,
            "ValidationMachineArn": self.workflows.validation.machine.state_machine_arn,
            "ConfirmationMachineArn": self.workflows.confirmation.machine.state_machine_arn,
            "JobsMachineArn": self.workflows.jobs.machine.state_machine_arn,
            "ClosingMachineArn": self.workflows.closing.machine.state_machine_arn,
            "RenewalMachineArn": self.workflows.renewal.machine.state_machine_arn,
            "WriterFunction": self.functions.issue.function.function_name,
            "RenderFunction": self.functions.render.function.function_name,
            "BankFunction": self.functions.bank.function.function_name,
            "MailFunction": self.functions.mail.function.function_name,
            "ScheduleFunction": self.functions.schedule.function.function_name,
            "CursorSecretArn": self.cursors.secret_arn,
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
