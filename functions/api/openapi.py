"""The OpenAPI 3.1 document, made of the table of routes and the models.

`python -m functions.api.openapi` writes it beside this file; a test compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from comptoir.kernel.errors import DomainError, Refused, problem
from comptoir.kernel.text import unbroken

from .pages import DOCUMENT
from .routes import ROUTES
from .routing import Route
from .schemas import Components, Schemas

_ABOUT = """\
Back office of a French trading company: parties, catalogue, orders, invoices, signed chains.

- Sign in with the user pool and send its **ID token**: `Authorization: Bearer …`.
- Amounts are text (`"1234.50"`), never floating point; dates are `YYYY-MM-DD`, instants UTC.
- Unknown fields are refused. Lists give at most 100 elements and a `cursor` for the next page.
- `PATCH` changes what it sends and leaves the rest as it is, within objects too; null empties a field, a list replaces
  the whole list (RFC 7396). `PUT` replaces the whole of something: a list, a table, a definition.
- `ETag` is the version of what was read. A change sends it back in `If-Match`.
- A `POST` that creates or advances carries an `Idempotency-Key`: sent again within a day, it answers the same.
- Every error is `application/problem+json` with a stable code, French and English, and JSON pointers.
- What belongs to another company answers as if it did not exist.
"""
_PROBLEM = {
    "type": "object",
    "description": "What is wrong (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "instance", "request"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:comptoir:problem:rules_broken"]},
        "title": {"type": "string", "description": "The error in English."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable name of the error."},
        "detail": {
            "type": "object",
            "required": ["fr", "en"],
            "properties": {"fr": {"type": "string"}, "en": {"type": "string"}},
        },
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Breach"}},
        "context": {"type": "object", "description": "What the error tells besides, such as the current version."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request": {"type": "string", "description": "Identifier of the request, for the support."},
    },
}
_BREACH = {
    "type": "object",
    "description": "One thing that is wrong, and where to mend it.",
    "required": ["code", "fr", "en"],
    "properties": {
        "code": {"type": "string"},
        "fr": {"type": "string"},
        "en": {"type": "string"},
        "pointer": {"type": "string", "description": "JSON pointer into the request."},
        "link": {"type": "string", "description": "Address of the resource to mend, when it is another one."},
    },
}
_HEADERS = {
    "ETag": {"description": "Version of the resource.", "schema": {"type": "string", "examples": ['"7"']}},
    "Location": {
        "description": "Path of what was created or goes on, under the address of the API.",
        "schema": {"type": "string"},
    },
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "ETag of the version that the change is meant for.",
    "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,15}"$', "examples": ['"7"']},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Names this very request: sent again within a day, it answers the same and does nothing twice.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,80}$", "examples": ["2026-11-21-order-118"]},
}
_STATUS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    428: "Precondition Required",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_ALWAYS = (400, 401, 403, 404, 422, 500, 503)


def document(routes: Iterable[Route] = ROUTES) -> Schemas:
    """The description of the API, whole."""
    table = sorted(routes, key=lambda route: (route.path, route.method))
    components = Components(table)
    paths: dict[str, Schemas] = {}
    for route in table:
        methods = paths.setdefault(route.path, {})
        methods[route.method.lower()] = _operation(route, components)
    components.schemas |= {"Problem": _PROBLEM, "Breach": _BREACH}
    errors = _errors()
    return {
        "openapi": "3.1.0",
        "info": {"title": "Comptoir", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"operator": []}],
        "paths": _open_paths() | paths,
        "components": {
            "securitySchemes": {"operator": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "headers": _HEADERS,
            "responses": {_name(status): _problem_response(status, found) for status, found in errors.items()},
            "schemas": dict(sorted(components.schemas.items())),
        },
    }


def _operation(route: Route, components: Components) -> Schemas:
    first, _, rest = (route.request.__doc__ or "").strip().partition("\n")
    operation: Schemas = {
        "operationId": route.operation,
        "summary": first.rstrip("."),
        "tags": [route.segments[0]],
        "x-permission": route.request.permission.value,
        "responses": _responses(route, components),
    }
    if rest.strip():
        operation["description"] = unbroken(rest)
    parameters = _parameters(route, components)
    if parameters:
        operation["parameters"] = parameters
    body = components.body(route) if route.has_body else None
    if body:
        content: Schemas = {"schema": body} | ({"example": dict(route.example)} if route.example else {})
        kinds = ["application/merge-patch+json"] if route.merges else []
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(["application/json", *kinds], content)}
    return operation


def _parameters(route: Route, components: Components) -> list[Schemas]:
    whole = components.fields(route)
    properties, required = whole.get("properties", {}), whole.get("required", [])
    found: list[Schemas] = [
        {"name": name, "in": "path", "required": True, "schema": _given(properties[name])} for name in route.parameters
    ]
    if not route.has_body:
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": properties[name]}
            for name in route.sent
        ]
    if route.needs_idempotency_key:
        found.append(_IDEMPOTENCY_KEY)
    if route.changes:
        found.append(_IF_MATCH | {"required": bool(getattr(route.request, "guarded", False))})
    return found


def _responses(route: Route, components: Components) -> Schemas:
    done = {str(status): _answer(route, status, components) for status in sorted(route.answers)}
    refusals = set(_ALWAYS)
    if route.changes:
        refusals |= {409, 412, 413, 428}
    if route.has_body:
        refusals |= {413, 415}
    refs = {str(s): {"$ref": f"#/components/responses/{_name(s)}"} for s in sorted(refusals)}
    return done | refs


def _answer(route: Route, status: int, components: Components) -> Schemas:
    answer: Schemas = {"description": _STATUS[status], "headers": {"ETag": _header("ETag")}}
    if route.location and status in {201, 202}:
        answer["headers"]["Location"] = _header("Location")
    model = route.answers[status]
    if model:
        answer["content"] = {"application/json": {"schema": components.answer(model)}}
    return answer


def _given(schema: Schemas) -> Schemas:
    """The schema of an optional field where it is always there."""
    return next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)


def _header(name: str) -> Schemas:
    return {"$ref": f"#/components/headers/{name}"}


def _name(status: int) -> str:
    return _STATUS[status].replace(" ", "")


def _errors() -> dict[int, list[type[DomainError]]]:
    """Every error that the product knows, by status."""
    found: dict[int, list[type[DomainError]]] = {}
    waiting: list[type[DomainError]] = DomainError.__subclasses__()
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__name__ != "Reported":
            found.setdefault(error.status, []).append(error)
    return {status: sorted(set(found[status]), key=lambda error: error.code) for status in sorted(found)}


def _problem_response(status: int, errors: list[type[DomainError]]) -> Schemas:
    examples = {
        error.code: {"value": _example(error) | {"instance": "/orders", "request": "JKJaXmPLvHcESHA="}}
        for error in errors
    }
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return {"description": _STATUS[status], "content": {"application/problem+json": content}}


def _example(error: type[DomainError]) -> dict[str, Any]:
    shown = DomainError(error.fr, error.en)
    shown.status, shown.code = error.status, error.code
    body = problem(shown)
    if error is Refused:
        breach = {"code": "missing", "fr": "Champ obligatoire.", "en": "This field is required.", "pointer": "/name"}
        body["errors"] = [breach]
    return body


def _open_paths() -> Schemas:
    def get(summary: str, name: str, media: str, schema: Schemas) -> Schemas:
        answer = {"description": "OK", "content": {media: {"schema": schema}}}
        operation = {"operationId": name, "summary": summary, "tags": ["open"], "security": []}
        return {"get": operation | {"responses": {"200": answer}}}

    text, any_object = {"type": "string"}, {"type": "object"}
    state = {"type": "object", "required": ["status", "version"], "properties": {"status": text, "version": text}}
    return {
        "/health": get("Whether the API runs", "Health", "application/json", state),
        "/openapi.json": get("This description", "Description", "application/json", any_object),
        "/docs": get("This description, to read", "Docs", "text/html", text),
    }


def written() -> str:
    """The document as the file holds it."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), "utf-8")
