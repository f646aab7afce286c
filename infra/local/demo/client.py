"""A small HTTP client of the API: what any program of the user's would be. Standard library only."""

from __future__ import annotations

import json
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.supervisor import LocalAwsError

_TIMEOUT = 60
_BUSY_TRIES = 5


class Unexpected(LocalAwsError):
    """The API answered something else than what the job needs: what was asked, and what came."""


@dataclass(frozen=True)
class Answer:
    """What came: status, JSON body, and the version that the ETag tells."""

    status: int
    body: Any
    version: int | None = None

    @property
    def codes(self) -> list[str]:
        """The codes of what is wrong: of each error, else of the problem itself."""
        found = self.body if isinstance(self.body, dict) else {}
        return [error["code"] for error in found.get("errors", ())] or [found.get("code", "")]

    @property
    def sentences(self) -> list[str]:
        """Everything that is wrong: place, French sentence, English sentence."""
        found = self.body if isinstance(self.body, dict) else {}
        errors = found.get("errors") or [{**found.get("detail", {}), "pointer": found.get("code", "")}]
        return [f"{_place(error)}{error.get('fr', '')} / {error.get('en', '')}" for error in errors]


def _place(error: Mapping[str, Any]) -> str:
    place = " ".join(error[name] for name in ("link", "pointer") if error.get(name))
    return f"{place}: " if place else ""


class Client:
    """One operator, signed in: JSON requests with Idempotency-Key and If-Match."""

    def __init__(self, api_url: str, token: str, email: str) -> None:
        self._base, self._token, self.email = api_url, token, email

    def get(self, path: str, expect: Collection[int] = (200,), **query: Any) -> Answer:
        """Read."""
        asked = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        return self._send("GET", f"{path}?{asked}" if asked else path, None, expect)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        expect: Collection[int] = (200, 201),
        *,
        version: int | None = None,
        key: str | None = None,
    ) -> Answer:
        """Create or advance; `key` names the intention, so that the same one sent again does nothing twice."""
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        return self._send("POST", path, body or {}, expect, headers | _if_match(version))

    def put(
        self, path: str, body: Mapping[str, Any], expect: Collection[int] = (200,), *, version: int | None = None
    ) -> Answer:
        """Replace what was read in this version."""
        return self._send("PUT", path, body, expect, _if_match(version))

    def patch(
        self, path: str, body: Mapping[str, Any], expect: Collection[int] = (200,), *, version: int | None = None
    ) -> Answer:
        """Change what is sent of what was read in this version."""
        return self._send("PATCH", path, body, expect, _if_match(version))

    def delete(self, path: str, expect: Collection[int] = (200,), *, version: int | None = None) -> Answer:
        """Delete what was read in this version."""
        return self._send("DELETE", path, None, expect, _if_match(version))

    def every(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, limit=100, **query).body
            yield from page["items"]
            cursor = page.get("cursor")
            if not cursor:
                return

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        expect: Collection[int],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **(headers or {})}
        for attempt in range(_BUSY_TRIES):
            answer = _exchange(urllib.request.Request(self._base + path, data, sent, method=method))  # noqa: S310
            if answer.status not in {429, 503} or answer.status in expect:
                break
            time.sleep(0.2 * 2**attempt)
        if answer.status in expect:
            return answer
        wanted = " or ".join(map(str, expect))
        asked = f"{method} {path} as {self.email}"
        raise Unexpected(f"{asked}: {wanted} was expected, {answer.status} came\n{_told(answer)}")


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _told(answer: Answer) -> str:
    if isinstance(answer.body, dict) and "detail" in answer.body:
        return "\n".join(f"  {sentence}" for sentence in answer.sentences)
    return f"  {answer.body}"


def _exchange(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as came:  # noqa: S310
            return _answer(came.status, came.headers, came.read())
    except urllib.error.HTTPError as error:
        return _answer(error.code, error.headers, error.read())
    except OSError as error:
        raise Unexpected(f"{request.get_method()} {request.full_url}: no answer ({error})") from error


def _answer(status: int, headers: Any, raw: bytes) -> Answer:
    tag = re.fullmatch(r'(?:W/)?"([0-9]+)"', headers.get("ETag") or "")
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = raw.decode(errors="replace")[:500]
    return Answer(status, body, int(tag[1]) if tag else None)


def download(url: str) -> bytes:
    """The bytes behind a short-lived link, which needs no sign-in."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as came:  # noqa: S310
            content: bytes = came.read()
            return content
    except OSError as error:
        raise Unexpected(f"GET {url}: the link does not work ({error})") from error


def sign_in(identity_url: str, user_client: str, email: str, password: str) -> str:
    """The ID token that Cognito gives for a password (USER_PASSWORD_AUTH), as any client without AWS rights asks it."""
    asked = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": user_client,
        "AuthParameters": {"USERNAME": email, "PASSWORD": password},
    }
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    }
    answer = _exchange(urllib.request.Request(identity_url, json.dumps(asked).encode(), headers, method="POST"))  # noqa: S310
    if answer.status != 200 or "AuthenticationResult" not in answer.body:
        raise Unexpected(f"{email} can't sign in: {answer.body}")
    token: str = answer.body["AuthenticationResult"]["IdToken"]
    return token
