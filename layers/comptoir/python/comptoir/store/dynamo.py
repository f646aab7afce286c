"""The table on DynamoDB, through the low-level client: no conversion that the codec does not do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from comptoir.kernel.errors import Contention, TooLarge
from comptoir.store import codec
from comptoir.store.backend import (
    MAX_OPERATIONS,
    MAX_TRANSACTION_BYTES,
    Add,
    Cancelled,
    Check,
    Follow,
    Operation,
    Put,
    Query,
    Reason,
    Slice,
)
from comptoir.store.record import Key, Record

_BATCH = 100
_CONTENTION = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_THROTTLED = {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"}
_FIRST_PAUSE = 0.05
_START_FIELDS = ("pk", "sk")


class DynamoBackend:
    """One table. `client` is called on first use, so that importing costs nothing; tests replace `sleep`.

    Errors of every call: `Contention` when the table is throttled beyond the client's own retries.
    """

    def __init__(self, client: Callable[[], Any], table: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._make = client
        self._made: Any = None
        self._making = threading.Lock()
        self._table = table
        self._sleep = sleep

    @property
    def _client(self) -> Any:
        with self._making:
            if self._made is None:
                self._made = self._make()
        return self._made

    def _call(self, operation: str, **arguments: Any) -> Any:
        client = self._client
        try:
            return getattr(client, operation)(**arguments)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _THROTTLED:
                raise Contention() from error
            raise

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Record] = {}
        for start in range(0, len(wanted), _BATCH):
            found |= self._batch([codec.encode_key(key) for key in wanted[start : start + _BATCH]])
        return found

    def _batch(self, keys: list[codec.Item]) -> dict[Key, Record]:
        found: dict[Key, Record] = {}
        for attempt in range(8):
            answer = self._call("batch_get_item", RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}})
            items = answer["Responses"].get(self._table, [])
            records = [codec.decode(item) for item in items if "t" in item]
            found |= {record.key: record for record in records}
            keys = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not keys:
                return found
            if not items:
                self._sleep(_FIRST_PAUSE * 2**attempt)
        raise Contention()

    def counter(self, key: Key) -> int:
        answer = self._call("get_item", TableName=self._table, Key=codec.encode_key(key), ConsistentRead=True)
        return int(answer.get("Item", {}).get("n", {}).get("N", 0))

    def query(self, query: Query) -> Slice:
        pk, sk = (f"g{query.index}pk", f"g{query.index}sk") if query.index else _START_FIELDS
        names, values = {"#pk": pk}, {":pk": {"S": query.pk}}
        condition = "#pk = :pk"
        if query.prefix:
            condition += " AND begins_with(#sk, :sk)"
            values[":sk"] = {"S": query.prefix}
        elif query.between:
            condition += " AND #sk BETWEEN :low AND :high"
            values[":low"], values[":high"] = ({"S": end} for end in query.between)
        if query.prefix or query.between:
            names["#sk"] = sk
        call: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": not query.reverse,
        }
        call |= {"IndexName": f"gsi{query.index}"} if query.index else {"ConsistentRead": query.consistent}
        if query.limit:
            call["Limit"] = query.limit
        fields = _START_FIELDS + ((pk, sk) if query.index else ())
        if query.start:
            call["ExclusiveStartKey"] = {name: {"S": part} for name, part in zip(fields, query.start, strict=True)}
        answer = self._call("query", **call)
        last = answer.get("LastEvaluatedKey")
        records = tuple(codec.decode(item) for item in answer["Items"] if "t" in item)
        return Slice(records, tuple(last[name]["S"] for name in fields) if last else None)

    def write(self, operations: Sequence[Operation]) -> None:
        actions = [self._action(operation) for operation in operations]
        bytes_written = sum(codec.size(action["Put"]["Item"]) for action in actions if "Put" in action)
        if len(actions) > MAX_OPERATIONS or bytes_written > MAX_TRANSACTION_BYTES:
            raise TooLarge(operations=len(actions))
        client = self._client
        try:
            self._call("transact_write_items", TransactItems=actions)
        except client.exceptions.TransactionCanceledException as error:
            raise Cancelled(_reasons(error.response.get("CancellationReasons", []))) from error
        except (Contention, client.exceptions.TransactionInProgressException) as error:
            raise Cancelled({0: Reason.CONTENTION}) from error

    def _action(self, operation: Operation) -> dict[str, Any]:
        if isinstance(operation, Put):
            item = codec.encode(operation.record)
            return {"Put": {"TableName": self._table, "Item": item} | _condition(operation.record.version - 1)}
        if isinstance(operation, Follow):
            item = codec.encode(operation.record)
            return {"Put": {"TableName": self._table, "Item": item} | _newer(operation.record.version)}
        where = {"TableName": self._table, "Key": codec.encode_key(operation.key)}
        if isinstance(operation, Check):
            return {"ConditionCheck": where | _condition(operation.version)}
        return {"Update": where | _addition(operation)}


def _condition(version: int) -> dict[str, Any]:
    if version == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionExpression": "v = :v", "ExpressionAttributeValues": {":v": {"N": str(version)}}}


def _newer(version: int) -> dict[str, Any]:
    return {
        "ConditionExpression": "attribute_not_exists(pk) OR v < :v",
        "ExpressionAttributeValues": {":v": {"N": str(version)}},
    }


def _addition(operation: Add) -> dict[str, Any]:
    update: dict[str, Any] = {
        "UpdateExpression": "ADD n :amount",
        "ExpressionAttributeValues": {":amount": {"N": str(operation.amount)}},
    }
    if operation.floor is not None:
        least = operation.floor - operation.amount
        update["ExpressionAttributeValues"][":least"] = {"N": str(least)}
        update["ConditionExpression"] = "n >= :least" + (" OR attribute_not_exists(n)" if least <= 0 else "")
    return update


def _reasons(reported: list[dict[str, Any]]) -> dict[int, Reason]:
    reasons: dict[int, Reason] = {}
    for index, entry in enumerate(reported):
        code = entry.get("Code", "None")
        if code == "ConditionalCheckFailed":
            reasons[index] = Reason.CONDITION
        elif code in _CONTENTION:
            reasons[index] = Reason.CONTENTION
        elif code != "None":
            raise RuntimeError(f"transaction refused: {code} {entry.get('Message', '')}")
    return reasons
