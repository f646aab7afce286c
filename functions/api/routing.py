"""Routes as a table, and finding the one that a path and a method ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from comptoir.access.execute import Command, Request
from comptoir.access.merging import Merge
from comptoir.kernel.errors import NotFound

from .problems import MethodNotAllowed

_PARAMETER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Route:
    """One operation: the fields of `request` come from the path, then from the query string or the body.

    `answer` is the model of the answer, `status` the one of success, `also` what may be answered
    instead (202 while a workflow runs). `location` is the address of what was created or goes on,
    filled from the answer and the path. `fixed` gives fields that the address
    decides and the client never sends. `example` is a body that the description of the API shows.
    `name` distinguishes two routes of one request model.
    """

    method: str
    path: str
    request: type[Request]
    answer: type[BaseModel] | None
    status: int = 200
    location: str | None = None
    also: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    example: Mapping[str, Any] | None = None
    name: str | None = None

    @property
    def operation(self) -> str:
        """The operation's unique name."""
        return self.name or self.request.__name__

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path that are fields of the request."""
        return tuple(_PARAMETER.findall(self.path))

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The segments of the path."""
        return tuple(self.path.removeprefix("/").split("/"))

    @cached_property
    def answers(self) -> Mapping[int, type[BaseModel] | None]:
        """What may be answered, by status."""
        return {self.status: self.answer, **self.also}

    @property
    def has_body(self) -> bool:
        """Whether the request's fields come from a JSON body, not from the query string."""
        return self.method in {"POST", "PUT", "PATCH"}

    @property
    def changes(self) -> bool:
        """Whether it can change state."""
        return issubclass(self.request, Command)

    @property
    def needs_idempotency_key(self) -> bool:
        """Whether sending it twice by mistake could do something twice."""
        return self.method == "POST" and self.changes

    @cached_property
    def sent(self) -> tuple[str, ...]:
        """The fields that the client sends in the body or the query string."""
        return tuple(n for n in self.body.model_fields if n not in self.parameters and n not in self.fixed)

    @property
    def merges(self) -> bool:
        """Whether it changes what is sent and leaves the rest."""
        return issubclass(self.request, Merge)

    @property
    def body(self) -> type[BaseModel]:
        """The model of what is sent: of a merge, what it may change."""
        return self.request.fields if issubclass(self.request, Merge) else self.request


Methods = Mapping[str, Route]


class Router:
    """Finds routes by the segments of a path; a fixed segment wins over a parameter."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._paths: dict[tuple[str, ...], dict[str, Route]] = {}
        for route in self.routes:
            methods = self._paths.setdefault(route.segments, {})
            if route.method in methods:
                raise ValueError(f"two routes for {route.method} {route.path}")
            methods[route.method] = route
        self._by_length: dict[int, list[tuple[str, ...]]] = {}
        for template in sorted(self._paths, key=lambda segments: [s.startswith("{") for s in segments]):
            self._by_length.setdefault(len(template), []).append(template)

    def find(self, segments: Sequence[str]) -> tuple[Methods, dict[str, str]]:
        """The routes of a path by method, and the path's parameters. Errors: `NotFound`."""
        for template in self._by_length.get(len(segments), ()):
            pairs = list(zip(template, segments, strict=True))
            if all(mine == given or (mine.startswith("{") and given) for mine, given in pairs):
                return self._paths[template], {m[1:-1]: given for m, given in pairs if m.startswith("{")}
        raise NotFound()


def allowed(methods: Methods) -> str:
    """The value of the Allow header for a path."""
    return ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))


def choose(methods: Methods, method: str) -> Route:
    """The route for a method, HEAD being GET without a body. Errors: `MethodNotAllowed`."""
    route = methods.get("GET" if method == "HEAD" else method)
    if route is None:
        raise MethodNotAllowed(allowed(methods))
    return route
