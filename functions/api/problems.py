"""What can be wrong with a request before any rule is asked: the errors that only HTTP knows."""

from __future__ import annotations

from comptoir.kernel.errors import DomainError


class Malformed(DomainError):
    """The request cannot be read: a header, the query string, or a body that is not JSON."""

    status = 400
    code = "malformed_request"
    fr = "La requête est illisible."
    en = "The request cannot be read."


class MethodNotAllowed(DomainError):
    """The path exists, but not with this method; `allow` lists those that it has."""

    status = 405
    code = "method_not_allowed"
    fr = "Cette méthode n'existe pas pour cette adresse."
    en = "This address does not have this method."

    def __init__(self, allow: str) -> None:
        super().__init__(allow=allow)
        self.allow = allow


class BodyTooLarge(DomainError):
    """The body is larger than what a function can take; large files go through a link."""

    status = 413
    code = "body_too_large"
    fr = "Le corps de la requête dépasse 6 Mo."
    en = "The request body exceeds 6 MB."


class UnsupportedMediaType(DomainError):
    """Bodies are JSON."""

    status = 415
    code = "unsupported_media_type"
    fr = "Le corps de la requête doit être en application/json."
    en = "The request body must be application/json."


class IdempotencyKeyRequired(DomainError):
    """A POST that creates or advances something could be sent twice: it must say which one it is."""

    status = 428
    code = "idempotency_key_required"
    fr = "L'en-tête Idempotency-Key est requis."
    en = "The Idempotency-Key header is required."


class Unexpected(DomainError):
    """Our fault. The answer says nothing of what happened; the log does, under the request's identifier."""

    status = 500
    code = "unexpected"
    fr = "Erreur inattendue. Communiquez l'identifiant de la requête au support."
    en = "Unexpected error. Give the request's identifier to the support."
