"""HTTP as API Gateway gives and takes it (payload format 2.0), as two plain values."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from .problems import BodyTooLarge, Malformed

MAX_BODY = 6 * 1024 * 1024
_MAX_PARAMETERS = 50


@dataclass(frozen=True)
class Incoming:
    """A request. `base` is the stage prefix that `path` was freed of; header names are in lower case."""

    id: str
    method: str
    base: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    raw_body: str = field(default="", repr=False)
    is_base64: bool = False

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Incoming:
        """The request that an event carries."""
        context = event.get("requestContext", {})
        base, path = _without_stage(event.get("rawPath") or "/", context.get("stage", "$default"))
        authorizer = context.get("authorizer") or {}
        return cls(
            id=context.get("requestId", ""),
            method=context.get("http", {}).get("method", "GET").upper(),
            base=base,
            path=path,
            raw_query=event.get("rawQueryString") or "",
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            claims=(authorizer.get("jwt") or {}).get("claims") or {},
            raw_body=event.get("body") or "",
            is_base64=bool(event.get("isBase64Encoded")),
        )

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's segments, decoded: `/orders/7` → ("orders", "7")."""
        return tuple(unquote(segment) for segment in self.path.removeprefix("/").split("/"))

    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query string, in order. Errors: `Malformed`."""
        try:
            return parse_qsl(self.raw_query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS, errors="strict")
        except ValueError as error:
            raise Malformed("Paramètres d'adresse illisibles.", "Unreadable query string.") from error

    def body(self) -> bytes:
        """The body. Errors: `BodyTooLarge` beyond 6 MB, `Malformed`."""
        try:
            data = base64.b64decode(self.raw_body, validate=True) if self.is_base64 else self.raw_body.encode()
        except (binascii.Error, ValueError) as error:
            raise Malformed("Corps de requête illisible.", "Unreadable request body.") from error
        if len(data) > MAX_BODY:
            raise BodyTooLarge()
        return data


def _without_stage(path: str, stage: str) -> tuple[str, str]:
    prefix = f"/{stage}"
    if stage != "$default" and (path == prefix or path.startswith(prefix + "/")):
        return prefix, path[len(prefix) :] or "/"
    return "", path


@dataclass(frozen=True)
class Response:
    """An answer: text and its type. `headers` come on top of those that every answer has."""

    status: int
    body: str = ""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def event(self, incoming: Incoming) -> dict[str, Any]:
        """The answer as API Gateway takes it; to a HEAD request, without its body."""
        headers = {
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "x-request-id": incoming.id,
            **({"content-type": self.content_type} if self.body else {}),
            **self.headers,
        }
        body = "" if incoming.method == "HEAD" else self.body
        return {"statusCode": self.status, "headers": headers, "body": body, "isBase64Encoded": False}
