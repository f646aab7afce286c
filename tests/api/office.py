"""Two companies behind the API, and a client that sends API Gateway events to its handler."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from comptoir.access.model import Operator
from comptoir.store.memory import MemoryBackend
from functions.api.app import Api
from tests.world import another_company, open_world

UNKNOWN = "7" * 26
OPERATOR = {"email": "lea@example.com", "name": "Léa", "profile": "sales"}
_keys = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of the problem."""
        code: str = self.json["code"]
        return code

    def without_request(self) -> Any:
        """The body without what differs from one request to the next: path and identifier."""
        return {name: value for name, value in self.json.items() if name not in {"instance", "request"}}


@dataclass
class Invitations:
    """A directory that remembers what it was asked."""

    invited: list[str] = field(default_factory=list)
    active: dict[str, bool] = field(default_factory=dict)

    def invite(self, company: str, operator: Operator) -> None:
        self.invited.append(operator.email)

    def set_active(self, operator: Operator) -> None:
        self.active[operator.email] = operator.active


class Links:
    """Links that show what they were made of."""

    def link(self, bucket: str, key: str, seconds: int = 300) -> str:
        return f"https://files.example/{bucket}/{key}?seconds={seconds}"

    def accept(self, key: str, media_type: str, size: int, sha256: str, seconds: int) -> tuple[str, dict[str, str]]:
        return f"https://files.example/files/{key}?seconds={seconds}", {"content-type": media_type}


@dataclass
class Started:
    """Workflows that are only remembered."""

    runs: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        self.runs.append((machine, name, payload))


@dataclass
class Mails:
    """Mails that are only remembered: they wait."""

    tasks: list[Mapping[str, Any]] = field(default_factory=list)

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        self.tasks.append(task)
        return {"outcome": "queued"}


class PublicKeys:
    """The one key of the tests' signer."""

    def pems(self) -> dict[str, str]:
        return {"local-key": "-----BEGIN PUBLIC KEY-----"}


def _copied(table: MemoryBackend | Mapping[str, Any]) -> dict[str, Any]:
    """The items, counters and order of a table; items are never changed in place."""
    told = vars(table) if isinstance(table, MemoryBackend) else table
    ordered = {place: list(keys) for place, keys in told["_sorted"].items()}
    return {"_items": dict(told["_items"]), "_counters": dict(told["_counters"]), "_sorted": ordered}


class Office:
    """The API on a table with two companies, each with an operator of every ready-made profile."""

    def __init__(self) -> None:
        first = open_world()
        worlds = [first, another_company(first)]
        self.companies = [world.company for world in worlds]
        self.operators = {world.company: world.operators for world in worlds}
        self.directory, self.workflows = Invitations(), Started()
        self.services = replace(
            first.services,
            files=Links(),
            workflows=self.workflows,
            directory=self.directory,
            mailer=Mails(),
            public_keys=PublicKeys(),
        )
        self.api = Api(lambda: self.services)

    def keep(self) -> Callable[[], None]:
        """Note everything as it is now; what is given back puts it there again."""
        kept, runs, directory = _copied(self.backend), list(self.workflows.runs), replace(self.directory)

        def put_back() -> None:
            self.backend.__dict__.update(_copied(kept))
            self.workflows.runs[:] = runs
            self.directory.invited, self.directory.active = list(directory.invited), dict(directory.active)

        return put_back

    @property
    def backend(self) -> MemoryBackend:
        """The table, to look into."""
        backend = self.services.store.backend
        assert isinstance(backend, MemoryBackend)
        return backend

    def client(self, profile: str = "administrator", company: int = 0) -> Client:
        """Somebody of a company who is signed in."""
        name = self.companies[company]
        return Client(self.api, claims(name, self.operators[name][profile]))

    def stranger(self) -> Client:
        """Somebody without token."""
        return Client(self.api, None)


def claims(company: str, operator: str, **others: Any) -> dict[str, Any]:
    """The claims of an ID token, as API Gateway passes them on."""
    return {"token_use": "id", "sub": "s", "custom:company": company, "custom:operator": operator, **others}


@dataclass(frozen=True)
class Client:
    """Sends API Gateway events (payload format 2.0) to the handler."""

    api: Api
    claims: Mapping[str, Any] | None
    stage: str = "$default"

    def event(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | str = "",
        headers: Mapping[str, str] | None = None,
        **others: Any,
    ) -> dict[str, Any]:
        """The event of a request; a body that is not text is sent as JSON."""
        sent = {"Content-Type": "application/json"} if body is not None else {}
        context: dict[str, Any] = {"http": {"method": method, "path": path}, "requestId": "r-1", "stage": self.stage}
        if self.claims is not None:
            context["authorizer"] = {"jwt": {"claims": dict(self.claims), "scopes": None}}
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query if isinstance(query, str) else urlencode(query, doseq=True),
            "headers": sent | dict(headers or {}),
            "requestContext": context,
            "isBase64Encoded": False,
        }
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        return event | others

    def send(self, method: str, path: str, body: Any = None, **others: Any) -> Answer:
        """Send exactly this request."""
        answer = self.api(self.event(method, path, body, **others))
        return Answer(answer["statusCode"], answer["headers"], answer["body"])

    def get(self, path: str, **others: Any) -> Answer:
        """Read."""
        return self.send("GET", path, **others)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Create or advance, under a fresh Idempotency-Key unless one is given."""
        return self.send("POST", path, body, headers={"Idempotency-Key": f"key-{next(_keys)}", **headers})

    def put(self, path: str, body: Any, version: int | None = None, **headers: str) -> Answer:
        """Replace the version that was read."""
        return self._guarded("PUT", path, body, version, headers)

    def patch(self, path: str, body: Any, version: int | None = None, **headers: str) -> Answer:
        """Change what is sent of the version that was read."""
        return self._guarded("PATCH", path, body, version, headers)

    def _guarded(self, method: str, path: str, body: Any, version: int | None, headers: Mapping[str, str]) -> Answer:
        guard = {} if version is None else {"If-Match": f'"{version}"'}
        return self.send(method, path, body, headers={**guard, **headers})


def check_problem(answer: Answer, status: int, code: str) -> None:
    """The answer is this problem, whole and without internals."""
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json
    assert body["type"] == f"urn:comptoir:problem:{code}"
    assert body["status"] == status
    assert body["detail"]["fr"] != body["detail"]["en"]
    assert body["request"] == answer.headers["x-request-id"] == "r-1"
    assert "Traceback" not in answer.text
