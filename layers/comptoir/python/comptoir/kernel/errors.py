"""The errors of the product: typed once here, mapped once to HTTP by the API.

Every error carries a stable code, a sentence in French and in English, and the places (JSON
pointers or links) that the user has to mend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict


class Breach(BaseModel):
    """One thing that is wrong: a stable code, both languages, and where to mend it.

    `pointer` is a JSON pointer into the request (or the resource), `link` the address of the
    resource to mend when it is another one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    fr: str
    en: str
    pointer: str | None = None
    link: str | None = None


class DomainError(Exception):
    """Base of every expected refusal; `status` is its HTTP meaning."""

    status = 422
    code = "domain_error"
    fr = "Opération refusée."
    en = "Operation refused."

    def __init__(self, fr: str | None = None, en: str | None = None, **extra: Any) -> None:
        self.fr = fr or type(self).fr
        self.en = en or type(self).en
        self.extra = extra
        super().__init__(f"{self.code}: {self.en}")


class Refused(DomainError):
    """Rules were broken; `breaches` holds every one of them, never only the first."""

    code = "rules_broken"
    fr = "La demande enfreint une ou plusieurs règles."
    en = "The request breaks one or more rules."

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__()
        self.breaches = tuple(breaches)
        self.args = (", ".join(f"{b.code} {b.pointer or ''}".strip() for b in self.breaches),)


class NotFound(DomainError):
    """Unknown identifier, or another company's: the answer is the same (ACC-05)."""

    status = 404
    code = "not_found"
    fr = "Ressource inconnue."
    en = "Unknown resource."


class Unauthenticated(DomainError):
    """No valid operator stands behind the token (ACC-01)."""

    status = 401
    code = "unauthenticated"
    fr = "Connexion requise."
    en = "Sign-in required."


class Forbidden(DomainError):
    """The operator's profile lacks the permission (ACC-02)."""

    status = 403
    code = "forbidden"
    fr = "Votre profil n'a pas cette habilitation."
    en = "Your profile lacks this permission."


class Conflict(DomainError):
    """The resource's state does not allow the request."""

    status = 409
    code = "conflict"
    fr = "L'état de la ressource ne le permet pas."
    en = "The state of the resource does not allow it."


class AlreadyExists(Conflict):
    """Something with this key exists already."""

    code = "already_exists"
    fr = "Cet élément existe déjà."
    en = "This element already exists."


class VersionMismatch(DomainError):
    """Somebody changed the resource since it was read (If-Match)."""

    status = 412
    code = "version_mismatch"
    fr = "La ressource a changé depuis sa lecture."
    en = "The resource has changed since it was read."


class PreconditionRequired(DomainError):
    """A change was asked without saying which version it is meant for."""

    status = 428
    code = "precondition_required"
    fr = "L'en-tête If-Match est requis."
    en = "The If-Match header is required."


class Contention(DomainError):
    """Too many writers at once: nothing was written, the caller may try again."""

    status = 503
    code = "contention"
    fr = "Trop d'écritures simultanées, veuillez réessayer."
    en = "Too many writes at once, please try again."


class TooLarge(DomainError):
    """The data exceed what one transaction or item can hold; nothing was written."""

    status = 413
    code = "too_large"
    fr = "Les données dépassent la taille permise."
    en = "The data exceed the allowed size."


def refuse_if(breaches: Sequence[Breach]) -> None:
    """Raise `Refused` with all breaches when there is any."""
    if breaches:
        raise Refused(breaches)


def problem(error: DomainError) -> dict[str, Any]:
    """The error as an RFC 9457 problem: code, both languages, and every breach with its pointer."""
    body: dict[str, Any] = {
        "type": f"urn:comptoir:problem:{error.code}",
        "title": error.en,
        "status": error.status,
        "code": error.code,
        "detail": {"fr": error.fr, "en": error.en},
    }
    if isinstance(error, Refused) and error.breaches:
        body["errors"] = [breach.model_dump(exclude_none=True) for breach in error.breaches]
    if error.extra:
        body["context"] = error.extra
    return body


class Reported(Refused):
    """An error that another function reported as a problem, raised again as it was."""

    def __init__(self, reported: dict[str, Any]) -> None:
        super().__init__([Breach(**breach) for breach in reported.get("errors", [])])
        self.status, self.code = reported["status"], reported["code"]
        self.fr, self.en = reported["detail"]["fr"], reported["detail"]["en"]
        self.extra = reported.get("context", {})
