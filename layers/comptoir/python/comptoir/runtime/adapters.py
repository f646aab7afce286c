"""The ports on AWS services."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from comptoir.access.execute import Call, Reply
from comptoir.access.model import Operator
from comptoir.kernel.errors import Conflict, DomainError, Reported
from comptoir.runtime.clients import client
from comptoir.runtime.log import log
from comptoir.store.settings import setting

_ATTEMPTS = 51
Clients = Callable[[str], Any]
"""The AWS client of a service, by its name."""


class SigningFailed(DomainError):
    """The signing key is out of reach: nothing is issued without it (RULES §3.4 rule 3)."""

    status = 503
    code = "signing_failed"
    fr = "La clé de signature est injoignable : rien n'a été enregistré."
    en = "The signing key is out of reach: nothing was recorded."


class KmsSigner:
    """Signs with the asymmetric key that never leaves KMS."""

    def __init__(self, key: str) -> None:
        self._key = key

    @property
    def key_id(self) -> str:
        return self._key.rpartition("/")[2]

    def sign(self, digest: bytes) -> bytes:
        """DER signature over a SHA-256 digest. Errors: `SigningFailed`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = client("kms").sign(
                KeyId=self._key, Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
            )
        except (BotoCoreError, ClientError) as error:
            # The alarm on the key counts these lines.
            log("ERROR", SigningFailed.code, error=_reported(error))
            raise SigningFailed() from error
        signature: bytes = answer["Signature"]
        return signature


def _reported(error: Exception) -> str:
    """The code that AWS gave, or the kind of error when it did not answer."""
    answer: Mapping[str, Any] = getattr(error, "response", {})
    code: str = answer.get("Error", {}).get("Code", type(error).__name__)
    return code


class KmsKeys:
    """Public halves of the signing key, as PEM, for whoever verifies."""

    def __init__(self, key: str) -> None:
        self._key = key

    def pems(self) -> dict[str, str]:
        """Key id → public key (PEM)."""
        der = client("kms").get_public_key(KeyId=self._key)["PublicKey"]
        body = base64.encodebytes(der).decode()
        pem = f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"
        return {self._key.rpartition("/")[2]: pem}


class S3Files:
    """Short-lived links into the buckets."""

    def __init__(self, buckets: Mapping[str, str]) -> None:
        self._buckets = buckets

    def link(self, bucket: str, key: str, seconds: int = 300) -> str:
        """A link to one object that works for `seconds`. `bucket`: "archive" or "files"."""
        where = {"Bucket": self._buckets[bucket], "Key": key}
        url: str = client("s3").generate_presigned_url("get_object", Params=where, ExpiresIn=seconds)
        return url

    def accept(self, key: str, media_type: str, size: int, sha256: str, seconds: int) -> tuple[str, dict[str, str]]:
        """A link that takes a PUT of exactly these bytes under `key` of the files bucket, and the headers to send."""
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        told = {"ContentType": media_type, "ContentLength": size, "ChecksumSHA256": checksum}
        where = {"Bucket": self._buckets["files"], "Key": key}
        url: str = client("s3").generate_presigned_url("put_object", Params=where | told, ExpiresIn=seconds)
        return url, {"content-type": media_type, "x-amz-checksum-sha256": checksum}


class StepFunctions:
    """Starts Standard executions under natural names.

    A name whose run still goes on is that run. One whose run ended without what was wanted is
    tried under the next number, because a name cannot be used again for 90 days.
    """

    def __init__(self, machines: Mapping[str, str]) -> None:
        self._machines = machines

    def start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        """Start `machine` ("validation" or "confirmation"). Errors: `Conflict` after 50 ended runs."""
        states, arn = client("stepfunctions"), self._machines[machine]
        execution = arn.replace(":stateMachine:", ":execution:")
        for attempt in range(1, _ATTEMPTS):
            tried = name if attempt == 1 else f"{name}-{attempt}"
            try:
                states.start_execution(stateMachineArn=arn, name=tried, input=json.dumps(dict(payload)))
                return
            except states.exceptions.ExecutionAlreadyExists:
                if states.describe_execution(executionArn=f"{execution}:{tried}")["status"] == "RUNNING":
                    return
        raise Conflict()


def invoke(function: str, payload: Mapping[str, Any], clients: Clients = client) -> Any:
    """Call another function and wait. Errors: what it reports as a problem; `RuntimeError` if it broke."""
    answer = clients("lambda").invoke(FunctionName=function, Payload=json.dumps(dict(payload)).encode())
    result = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise RuntimeError(f"{function} failed: {result}")
    if isinstance(result, dict) and "problem" in result:
        raise Reported(result["problem"])
    return result


class LambdaRenderer:
    """Has the render function do a task, and waits."""

    def __init__(self, function: str) -> None:
        self._function = function

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        result: dict[str, Any] = invoke(self._function, task)
        return result


class LambdaWriter:
    """Runs chained commands in the one function that may sign."""

    def __init__(self, function: str) -> None:
        self._function = function

    def run(self, call: Call) -> Reply:
        """The reply of the command, run in the writer."""
        result = invoke(
            self._function,
            {
                "command": type(call.request).__name__,
                "company": call.caller.company,
                "operator": call.caller.operator,
                "request": call.request.model_dump(mode="json"),
                "if_match": call.if_match,
                "idempotency_key": call.idempotency_key,
            },
        )
        return Reply(result["body"], result["version"], result["status"])


class CognitoDirectory:
    """Operators in the user pool: invited by mail, tied for ever to their company and operator."""

    def __init__(self, pool: str, clients: Clients = client) -> None:
        self._pool, self._clients = pool, clients

    def invite(self, company: str, operator: Operator) -> None:
        """Create the sign-in; done again it changes nothing. Errors: `Conflict` on another's address."""
        users = self._clients("cognito-idp")
        attributes = {
            "email": operator.email,
            "email_verified": "true",
            "name": operator.name,
            "custom:company": company,
            "custom:operator": operator.id,
        }
        try:
            users.admin_create_user(
                UserPoolId=self._pool,
                Username=operator.email,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
                DesiredDeliveryMediums=["EMAIL"],
            )
        except users.exceptions.UsernameExistsException as error:
            known = users.admin_get_user(UserPoolId=self._pool, Username=operator.email)
            if {"Name": "custom:operator", "Value": operator.id} not in known["UserAttributes"]:
                raise Conflict(
                    fr="Cette adresse sert déjà à un autre opérateur.",
                    en="This address already belongs to another operator.",
                ) from error

    def set_active(self, operator: Operator) -> None:
        """Let the operator sign in, or no longer."""
        users = self._clients("cognito-idp")
        change = users.admin_enable_user if operator.active else users.admin_disable_user
        change(UserPoolId=self._pool, Username=operator.email)


def cursor_secret() -> bytes:
    """The secret that signs page cursors."""
    value: str = client("secretsmanager").get_secret_value(SecretId=setting("CURSOR_SECRET"))["SecretString"]
    return value.encode()
