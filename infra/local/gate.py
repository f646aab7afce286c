"""What stands between the port and the emulator: an answer leaves once what it tells is on disk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from enum import Enum
from types import SimpleNamespace
from typing import Any

from infra.local.durability import Store

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[..., Awaitable[Any]]

# Wiping everything, locked archives included, must not be one unsigned request away.
_REFUSED = ("/_ministack/reset", "/_ministack/config", "/_localstack/config")
# Sign-in pages answer outside of the service API.
_SIGN_IN = ("/oauth2/", "/login", "/logout", "/signup", "/confirm", "/forgotpassword")

_READS = (
    "Get",
    "List",
    "Describe",
    "BatchGet",
    "Query",
    "Scan",
    "Search",
    "Lookup",
    "Filter",
    "Validate",
    "Test",
    "Estimate",
    "Simulate",
    "AdminGet",
    "AdminList",
    "TransactGet",
    "Head",
    "Assume",
)
# Actions whose changes are journalled, or change nothing that must last.
_LIGHT = {
    "dynamodb": ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
    "states": ("StartExecution", "StartSyncExecution", "StopExecution", "SendTask"),
    "kms": ("Sign", "Verify", "Encrypt", "Decrypt", "ReEncrypt", "Generate"),
    "events": ("PutEvents",),
    "logs": ("",),
    "monitoring": ("",),
    "sts": ("",),
}
# Services whose hot part is journalled: what else changes in them goes with a snapshot of everything.
_JOURNALLED = {"dynamodb", "sqs", "states", "cloudformation"}


class Effect(Enum):
    """What a request that succeeded asks of the store."""

    NOTHING = 0
    SAVE = 1
    CHECKPOINT = 2


def effect(service: str, method: str, path: str, action: str) -> Effect:
    """How the change made by a request becomes durable; no `action` where the method and the path tell it."""
    if service == "s3":
        bucket, _, key = path.strip("/").partition("/")
        return Effect.CHECKPOINT if bucket and not key and method in {"PUT", "DELETE"} else Effect.NOTHING
    if service == "lambda" and path.rstrip("/").endswith(("/invocations", "/invoke-async")):
        return Effect.NOTHING
    reads = action.startswith((*_READS, *_LIGHT.get(service, ()))) if action else method in {"GET", "HEAD", "OPTIONS"}
    if reads or service in {"logs", "monitoring", "sts"}:
        return Effect.NOTHING
    return Effect.CHECKPOINT if service in _JOURNALLED else Effect.SAVE


class Gate:
    """The ASGI application that is served."""

    def __init__(self, emulator: SimpleNamespace, store: Store) -> None:
        self._emulator = emulator
        self._store = store
        self._running = 0
        self.closed = False
        for service, config in emulator.app.SERVICE_REGISTRY.items():
            keys = {config.get("state_key", config["module"]), *config.get("sub_modules", ())}
            if service != "s3":
                handler = emulator.app.SERVICE_HANDLERS[service]
                emulator.app.SERVICE_HANDLERS[service] = self._noticed(service, keys, handler)
        emulator.s3.handle_request = self._noticed("s3", {"s3"}, emulator.s3.handle_request)

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._emulator.app.app(scope, receive, send)
        elif self.closed:
            await _answer(send, 503, "ServiceUnavailable", "The local AWS is stopping")
        elif scope["path"].startswith(_REFUSED):
            await _answer(send, 403, "AccessDenied", "Comptoir's local AWS keeps its data: delete its folder instead")
        else:
            await self._serve(scope, receive, send)

    async def drain(self, seconds: float) -> None:
        """Take no new request and wait for those under way, at most so long."""
        self.closed = True
        deadline = asyncio.get_running_loop().time() + seconds
        while self._running and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)

    async def _serve(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        async def send_durable(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope["method"] == "POST" and scope["path"].startswith(_SIGN_IN):
                    self._store.touch({"cognito"})
                await self._store.commit()
            await send(message)

        self._running += 1
        try:
            await self._emulator.app.app(scope, receive, send_durable)
        finally:
            self._running -= 1

    def _noticed(self, service: str, keys: set[str], handler: Handler) -> Handler:
        async def noticed(
            method: str,
            path: str,
            headers: Mapping[str, str],
            body: bytes,
            query_params: Mapping[str, Any],
            *arguments: Any,
            **options: Any,
        ) -> Any:
            response = await handler(method, path, headers, body, query_params, *arguments, **options)
            if response[0] < 400:
                action = self._action(method, path, headers, body, query_params)
                match effect(service, method, path, action):
                    case Effect.SAVE:
                        self._store.touch(keys)
                    case Effect.CHECKPOINT:
                        self._store.demand_checkpoint()
            return response

        return noticed

    def _action(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> str:
        target = headers.get("x-amz-target", "")
        if target:
            return target.rpartition(".")[2]
        values = self._emulator.app._routing_params(method, path, headers, body, query_params).get("Action", "")
        return str(values[0] if isinstance(values, list) else values)


async def _answer(send: Send, status: int, code: str, text: str) -> None:
    body = json.dumps({"__type": code, "message": text}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
