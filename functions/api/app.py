"""Entry of the HTTP API: event in, event out; every error becomes a problem in this one place."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from comptoir.access.context import Caller, Services
from comptoir.access.execute import Call, execute
from comptoir.kernel.errors import DomainError, Refused, problem
from comptoir.kernel.explain import breaches
from comptoir.runtime.log import log, place

from . import adapter, pages
from .http import Incoming, Response
from .problems import MethodNotAllowed, Unexpected
from .routes import ROUTES
from .routing import Route, Router, allowed, choose

_ROUTER = Router(ROUTES)
_RETRY_AFTER = "1"


@dataclass
class _Trace:
    """What the log tells of a request: the route's template, never the path or what was sent."""

    route: str = ""
    company: str = ""
    operator: str = ""
    error: str = ""
    place: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The fields that are known."""
        return {name: value for name, value in vars(self).items() if value}


class Api:
    """Serves requests with services that are composed when the first one needs them."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one API Gateway event; it never raises."""
        started = time.perf_counter()
        incoming, trace = Incoming.of(event), _Trace()
        try:
            response = self._answer(incoming, trace)
        except DomainError as error:
            response = _problem(error, incoming)
        except Exception as error:
            trace.error, trace.place = type(error).__name__, place(error)
            response = _problem(Unexpected(), incoming)
        level = "ERROR" if trace.error else "INFO"
        took = round((time.perf_counter() - started) * 1000)
        log(level, "request", id=incoming.id, method=incoming.method, status=response.status, ms=took, **trace.told())
        return response.event(incoming)

    def _answer(self, incoming: Incoming, trace: _Trace) -> Response:
        page = pages.PAGES.get(incoming.path)
        if page:
            trace.route = incoming.path
            return _open(page, incoming.method)
        by = adapter.caller(incoming.claims)
        trace.company, trace.operator = by.company, by.operator
        methods, path = _ROUTER.find(incoming.segments)
        if incoming.method == "OPTIONS":
            return Response(204, headers={"allow": allowed(methods)})
        route = choose(methods, incoming.method)
        trace.route = route.path
        reply = execute(_call(route, path, incoming, by), self._services())
        return adapter.respond(route, path, incoming, reply)


def _call(route: Route, path: Mapping[str, str], incoming: Incoming, by: Caller) -> Call:
    # Here alone a ValidationError is the caller's; from stored data it would be our fault.
    try:
        return adapter.call(route, path, incoming, by)
    except ValidationError as error:
        raise Refused(breaches(error)) from error


def _open(page: Callable[[], Response], method: str) -> Response:
    if method not in {"GET", "HEAD", "OPTIONS"}:
        raise MethodNotAllowed("GET, HEAD, OPTIONS")
    return Response(204, headers={"allow": "GET, HEAD, OPTIONS"}) if method == "OPTIONS" else page()


def _problem(error: DomainError, incoming: Incoming) -> Response:
    body = {**problem(error), "instance": incoming.base + incoming.path, "request": incoming.id}
    headers = {}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    elif error.status == 503:
        headers["retry-after"] = _RETRY_AFTER
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = error.allow
    text = json.dumps(body, ensure_ascii=False, default=str)
    return Response(error.status, text, "application/problem+json", headers)


def _composed() -> Services:
    from comptoir.runtime.services import api_services

    return api_services()


_API = Api(_composed)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What Lambda calls: an API Gateway HTTP API event, payload format 2.0."""
    return _API(event)
