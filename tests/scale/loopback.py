"""AWS answered within this process: the real boto3 clients sign, send and parse, and every call is counted.

The table is the product's own twin of DynamoDB in memory. What a responder does not know is a `NotImplementedError`,
so that no call is ever left out of a count.
"""

from __future__ import annotations

import base64
import io
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from botocore.awsrequest import AWSResponse

from comptoir.documents.facturx import facturx_xml
from comptoir.purchasing.formats.electronic import read_invoice
from comptoir.runtime import clients
from comptoir.store import codec
from comptoir.store.backend import Backend, Cancelled, Check, Follow, Operation, Put, Query
from comptoir.store.record import Key
from tests.golden import snapshots
from tests.scale import meter
from tests.signing import LocalSigner

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "counted",
    "AWS_SECRET_ACCESS_KEY": "counted",
    "AWS_REGION": "eu-west-3",
    "AWS_DEFAULT_REGION": "eu-west-3",
    "COMPTOIR_TABLE": "comptoir-scale",
    "COMPTOIR_ARCHIVE_BUCKET": "comptoir-scale-archive",
    "COMPTOIR_FILES_BUCKET": "comptoir-scale-files",
    "COMPTOIR_SIGNING_KEY": "arn:aws:kms:eu-west-3:000000000000:key/scale",
    "COMPTOIR_VALIDATION_MACHINE": "arn:aws:states:eu-west-3:000000000000:stateMachine:validation",
    "COMPTOIR_JOBS_MACHINE": "arn:aws:states:eu-west-3:000000000000:stateMachine:jobs",
    "COMPTOIR_CLOSING_MACHINE": "arn:aws:states:eu-west-3:000000000000:stateMachine:closing",
    "COMPTOIR_ARCHIVING_MACHINE": "arn:aws:states:eu-west-3:000000000000:stateMachine:archiving",
    "COMPTOIR_RENEWAL_MACHINE": "arn:aws:states:eu-west-3:000000000000:stateMachine:renewal",
    "COMPTOIR_CONFIRMATION_MACHINE": "arn:aws:states:eu-west-3:000000000000:stateMachine:confirmation",
    "COMPTOIR_WRITER_FUNCTION": "comptoir-scale-issue",
    "COMPTOIR_RENDER_FUNCTION": "comptoir-scale-render",
    "COMPTOIR_BANK_FUNCTION": "comptoir-scale-bank",
    "COMPTOIR_MAIL_FUNCTION": "comptoir-scale-mail",
    "COMPTOIR_USER_POOL": "eu-west-3_scale",
    "COMPTOIR_USER_CLIENT": "scale",
    "COMPTOIR_CURSOR_SECRET": "arn:aws:secretsmanager:eu-west-3:000000000000:secret:scale",
    "COMPTOIR_RETENTION_YEARS": "10",
    "COMPTOIR_VERSION": "0",
}
"""The environment of all functions together; none of these addresses is ever asked."""

Body = dict[str, Any]


class Refused(Exception):
    """An answer that is an error: its code, and what else stands in the body."""

    def __init__(self, code: str, **body: Any) -> None:
        super().__init__(code)
        self.body = {"__type": code, "message": code, **body}


@dataclass
class Loopback:
    """Answers every client made after `install`. `started` and `answered` are Step Functions' side of the house."""

    backend: Backend
    signer: LocalSigner
    tally: meter.Tally
    started: Callable[[Body], None] = lambda _: None
    answered: Callable[[str, str], None] = lambda token, output: None
    stored: int = 0
    _queries: threading.Lock = field(default_factory=threading.Lock)

    def install(self) -> None:
        """Take over the product's session; the process must have made no client before."""
        os.environ.update(ENVIRONMENT)
        os.environ.pop("AWS_ENDPOINT_URL", None)
        clients._session().events.register("before-send.*.*", self._send)

    def _send(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        # Queries alone come from several threads, and lead to no other call.
        alone = self._queries if operation == "Query" else nullcontext()
        with alone, self.tally.apart("emulator"):
            status, body, headers = self._answer(service, operation, request)
        return AWSResponse(request.url, status, headers, _Raw(body))

    def _answer(self, service: str, operation: str, request: Any) -> tuple[int, bytes, dict[str, str]]:
        if (service, operation) == ("s3", "PutObject"):
            self.tally.note("s3.PutObject")
            self.stored += len(request.body if isinstance(request.body, bytes) else request.body.read())
            return 200, b"", {"ETag": '"counted"'}
        responder = getattr(self, f"_{service.replace('-', '_')}_{operation.lower()}", None)
        if responder is None:
            raise NotImplementedError(f"{service} {operation}")
        status, answer = 200, {}
        try:
            answer = responder(json.loads(request.body))
        except Refused as refused:
            status, answer = 400, refused.body
        return status, json.dumps(answer).encode(), {"content-type": "application/x-amz-json-1.0"}

    def _lambda_invoke(self, asked: Body) -> Body:
        """The render function, asked for a preview or to read a file: its own cost is told by other figures."""
        self.tally.note("lambda.Invoke")
        if asked.get("task") == "read_supplier_invoice":
            return _supplier_invoice()
        return {"outcome": "rendered", "key": "previews/one.pdf"}

    # DynamoDB

    def _dynamodb_batchgetitem(self, asked: Body) -> Body:
        [(table, wanted)] = asked["RequestItems"].items()
        keys = [codec.decode_key(key) for key in wanted["Keys"]]
        found = {key: codec.encode(record) for key, record in self.backend.get(keys).items()}
        sizes = [codec.size(found[key]) if key in found else 0 for key in keys]
        self.tally.note("dynamodb.BatchGetItem", len(found), meter.read_units(sizes))
        return {"Responses": {table: [_wire(item) for item in found.values()]}, "UnprocessedKeys": {}}

    def _dynamodb_query(self, asked: Body) -> Body:
        values = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
        index = int(asked.get("IndexName", "gsi0")[-1])
        fields = ("pk", "sk", f"g{index}pk", f"g{index}sk") if index else ("pk", "sk")
        start = asked.get("ExclusiveStartKey")
        part = self.backend.query(
            Query(
                pk=values[":pk"],
                index=index,
                prefix=values.get(":sk"),
                between=(values[":low"], values[":high"]) if ":low" in values else None,
                reverse=not asked["ScanIndexForward"],
                limit=asked.get("Limit"),
                start=tuple(start[name]["S"] for name in fields) if start else None,
            )
        )
        items = [codec.encode(record) for record in part.records]
        items = [entry for item in items if (entry := meter.projected(item, index) if index else item)]
        eventual = bool(index) or not asked["ConsistentRead"]
        self.tally.note("dynamodb.Query", len(items), meter.query_units([*map(codec.size, items)], eventual))
        answer: Body = {"Items": [_wire(item) for item in items], "Count": len(items)}
        if part.next:
            last = zip(fields, part.next, strict=True)
            answer["LastEvaluatedKey"] = {name: {"S": text} for name, text in last}
        return answer

    def _dynamodb_transactwriteitems(self, asked: Body) -> Body:
        operations = [_operation(action) for action in asked["TransactItems"]]
        before = self.backend.get([operation.key for operation in operations])
        units = 0.0
        for operation in operations:
            old = codec.encode(before[operation.key]) if operation.key in before else None
            new = codec.encode(operation.record) if isinstance(operation, Put | Follow) else None
            units += meter.write_units(old, new)
        self.tally.note("dynamodb.TransactWriteItems", len(operations), written=units)
        try:
            self.backend.write(operations)
        except Cancelled as cancelled:
            codes = [
                {"Code": "ConditionalCheckFailed" if n in cancelled.reasons else "None"} for n in range(len(operations))
            ]
            raise Refused("TransactionCanceledException", CancellationReasons=codes) from None
        return {}

    # Everything else

    def _kms_sign(self, asked: Body) -> Body:
        self.tally.note("kms.Sign")
        signature = self.signer.sign(base64.b64decode(asked["Message"]))
        return {"KeyId": asked["KeyId"], "Signature": base64.b64encode(signature).decode()}

    def _kms_getpublickey(self, asked: Body) -> Body:
        self.tally.note("kms.GetPublicKey")
        body = "".join(self.signer.pem().strip().splitlines()[1:-1])
        return {"KeyId": asked["KeyId"], "PublicKey": body}

    def _sfn_startexecution(self, asked: Body) -> Body:
        self.tally.note("states.StartExecution")
        self.started(asked)
        arn = asked["stateMachineArn"].replace(":stateMachine:", ":execution:")
        return {"executionArn": f"{arn}:{asked['name']}", "startDate": 0}

    def _sfn_sendtasksuccess(self, asked: Body) -> Body:
        self.tally.note("states.SendTaskSuccess")
        self.answered(asked["taskToken"], asked["output"])
        return {}

    def _secrets_manager_getsecretvalue(self, asked: Body) -> Body:
        self.tally.note("secretsmanager.GetSecretValue")
        return {"SecretString": "secret of the figures"}


@cache
def _supplier_invoice() -> Body:
    """What the render function reads in an electronic invoice of one line."""
    content = facturx_xml(snapshots.document(snapshots.goods(1)))
    return {"received": read_invoice(content).model_dump(mode="json")}


def _operation(action: Mapping[str, Any]) -> Operation:
    [(name, body)] = action.items()
    version = int(body.get("ExpressionAttributeValues", {}).get(":v", {}).get("N", 0))
    if name == "ConditionCheck":
        return Check(codec.decode_key(body["Key"]), version)
    if name != "Put":
        raise NotImplementedError(name)
    item = dict(body["Item"])
    if "z" in item:
        item["z"] = {"B": base64.b64decode(item["z"]["B"])}
    record = codec.decode(item)
    if " OR v < :v" in body["ConditionExpression"]:
        return Follow(record)
    if record.version != version + 1:
        raise ValueError(f"{record.key} is put as version {record.version} on the condition of version {version}")
    return Put(record)


def _wire(item: meter.Item) -> meter.Item:
    if "z" not in item:
        return item
    return item | {"z": {"B": base64.b64encode(item["z"]["B"]).decode()}}


class _Raw(io.BytesIO):
    """The body of an answer as urllib3 gives it."""

    def stream(self, amount: int = 65536, **_: Any) -> Iterator[bytes]:
        """The content, a part at a time."""
        while part := self.read(amount):
            yield part


def stored_bytes(backend: Backend, keys: list[Key]) -> int:
    """What these items weigh in the table, their index entries included."""
    total = 0
    for record in backend.get(keys).values():
        item = codec.encode(replace(record))
        entries = [entry for index in (1, 2, 3) if (entry := meter.projected(item, index))]
        total += sum(map(codec.size, [item, *entries]))
    return total
