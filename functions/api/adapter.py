"""The one way between HTTP and the library: a request becomes a `Call`, a `Reply` a response."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from comptoir.access.context import Caller
from comptoir.access.execute import Call, Reply, Request
from comptoir.kernel.errors import Breach, NotFound, Unauthenticated, refuse_if
from comptoir.kernel.explain import pointer
from comptoir.kernel.ids import Id
from comptoir.kernel.sentences import SENTENCES

from .http import Incoming, Response
from .problems import IdempotencyKeyRequired, Malformed, UnsupportedMediaType
from .routing import Route

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,15})"')
_VISIBLE = re.compile(r"[\x21-\x7e]{1,80}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_JSON = {"application/json", "application/merge-patch+json"}
_COLLECTIONS = (tuple, list, set, frozenset)
_ID = TypeAdapter(Id)


def caller(claims: Mapping[str, Any]) -> Caller:
    """Company and operator of a verified ID token (ACC-01). Errors: `Unauthenticated`."""
    if claims.get("token_use") != "id":
        raise Unauthenticated()
    try:
        company = _ID.validate_python(claims.get("custom:company"))
        return Caller(company=company, operator=_ID.validate_python(claims.get("custom:operator")))
    except ValidationError:
        raise Unauthenticated() from None


def call(route: Route, path: Mapping[str, str], incoming: Incoming, by: Caller) -> Call:
    """What the library shall execute. Errors: `Malformed`, `Refused` with every breach, `NotFound`
    for a path that no identifier can have, and what the headers lack."""
    if_match = _if_match(incoming) if route.changes else None
    key = _idempotency_key(incoming) if route.changes else None
    if key is None and route.needs_idempotency_key:
        raise IdempotencyKeyRequired()
    return Call(by, _request(route, path, incoming), if_match, key)


def respond(route: Route, path: Mapping[str, str], incoming: Incoming, reply: Reply) -> Response:
    """The answer: the reply's JSON, its version as ETag, and where what was created lies."""
    headers = {}
    if reply.version is not None:
        headers["etag"] = f'"{reply.version}"'
    if route.location and reply.status in {201, 202}:
        headers["location"] = incoming.base + route.location.format_map({**path, **json.loads(reply.body)})
    return Response(reply.status, reply.body, headers=headers)


def _if_match(incoming: Incoming) -> int | None:
    value = incoming.headers.get("if-match")
    if value is None:
        return None
    matched = _ETAG.fullmatch(value.strip())
    if not matched:
        raise Malformed(
            'If-Match attend l\'ETag de la ressource, par exemple "7".',
            'If-Match takes the ETag of the resource, for example "7".',
        )
    return int(matched[1])


def _idempotency_key(incoming: Incoming) -> str | None:
    value = incoming.headers.get("idempotency-key")
    if value is not None and not _VISIBLE.fullmatch(value):
        raise Malformed(
            "Idempotency-Key attend 1 à 80 caractères ASCII visibles.",
            "Idempotency-Key takes 1 to 80 visible ASCII characters.",
        )
    return value


def _request(route: Route, path: Mapping[str, str], incoming: Incoming) -> Request:
    if route.has_body:
        _refuse_unexpected(name for name, _ in incoming.query())
        sent = _json_object(incoming)
    else:
        if incoming.raw_body:
            raise Malformed("Cette requête n'a pas de corps.", "This request takes no body.")
        sent = _query_fields(route, incoming)
    _refuse_unexpected(name for name in sent if name in path or name in route.fixed or not _known(route, name))
    try:
        return route.request.model_validate({**sent, **path, **route.fixed})
    except ValidationError as error:
        if any(found["loc"] and found["loc"][0] in path for found in error.errors(include_input=False)):
            raise NotFound() from None
        raise


def _known(route: Route, name: str) -> bool:
    """Whether the request has this field; what does not merge says so itself, with everything else that is wrong."""
    return name in route.sent or not route.merges


def _refuse_unexpected(names: Iterable[str]) -> None:
    fr, en = SENTENCES["extra_forbidden"]
    refuse_if([Breach(code="extra_forbidden", fr=fr, en=en, pointer=pointer([name])) for name in names])


def _query_fields(route: Route, incoming: Incoming) -> dict[str, Any]:
    values: dict[str, list[str]] = {}
    for name, value in incoming.query():
        values.setdefault(name, []).append(value)
    fields = route.request.model_fields
    return {
        name: given if len(given) > 1 or (name in fields and _is_collection(fields[name].annotation)) else given[0]
        for name, given in values.items()
    }


def _is_collection(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return any(_is_collection(part) for part in get_args(annotation))
    return get_origin(annotation) in _COLLECTIONS


def _json_object(incoming: Incoming) -> dict[str, Any]:
    raw = incoming.body()
    if not raw.strip():
        return {}
    media_type = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _JSON:
        raise UnsupportedMediaType()
    try:
        value = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_constant)
        if _SURROGATE.search(raw):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed("Le corps n'est pas du JSON valable.", "The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise Malformed("Le corps doit être un objet JSON.", "The body must be a JSON object.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
