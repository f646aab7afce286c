"""The mail service: Amazon SES."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comptoir.mailing.model import Mail
from comptoir.mailing.rules import mailable
from comptoir.mailing.tasks import PostBusy, PostRefused
from comptoir.runtime.adapters import Clients
from comptoir.runtime.clients import client

_NEVER = frozenset(
    {
        "AccountSuspendedException",
        "BadRequestException",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
        "SendingPausedException",
    }
)
"""Answers after which the same mail would be refused again, until somebody mends something."""


def _once(service: str) -> Any:
    """A client that asks once: a mail whose answer is lost must not be sent again by itself."""
    return client(service, attempts=1)


def _taken(addresses: Sequence[str]) -> list[str]:
    return [mailable(address) or address for address in addresses]


class SesPost:
    """Hands messages to SES, which tells what becomes of them through the events of a configuration set."""

    def __init__(self, sender: str, configuration: str, clients: Clients = _once) -> None:
        self.sender = sender
        self._configuration, self._clients = configuration, clients

    def send(self, mail: Mail, company: str, message: bytes) -> str:
        """The identifier that SES gave. Errors: `PostRefused`, `PostBusy`; others when nobody knows whether it left."""
        from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

        tags = {"company": company, "mail": mail.id, "attempt": str(mail.attempts)}
        try:
            answer = self._clients("sesv2").send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": _taken(mail.to), "CcAddresses": _taken(mail.cc)},
                Content={"Raw": {"Data": message}},
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
                ConfigurationSetName=self._configuration,
            )
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            raise PostBusy(type(error).__name__) from error
        except ClientError as error:
            told, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            if told["Code"] in _NEVER:
                raise PostRefused(told.get("Message") or told["Code"]) from error
            if status < 500:
                raise PostBusy(told["Code"]) from error
            raise
        identifier: str = answer["MessageId"]
        return identifier
