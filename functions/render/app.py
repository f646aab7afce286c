"""Entry of the render function: frozen content in, PDF in its bucket, reference out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from comptoir.access.context import Services
from comptoir.documents.render import render_document, render_quote
from comptoir.invoicing import tasks as invoices
from comptoir.kernel.errors import DomainError, problem
from comptoir.orders import tasks as orders
from comptoir.runtime.services import light_services
from comptoir.runtime.vault import S3Vault
from comptoir.store.settings import setting

_PDF = "application/pdf"
Task = Callable[[Services, Mapping[str, Any]], dict[str, Any]]


@cache
def _archive() -> S3Vault:
    return S3Vault(setting("ARCHIVE_BUCKET"))


@cache
def _files() -> S3Vault:
    return S3Vault(setting("FILES_BUCKET"))


def document(services: Services, event: Mapping[str, Any], vault: invoices.Vault | None = None) -> dict[str, Any]:
    """Render an issued document into the locked bucket; the same content always gives the same key and bytes."""
    rendering = invoices.to_render(services, event)
    if rendering.done:
        return rendering.done
    body = render_document(rendering.content)
    digest = hashlib.sha256(body).hexdigest()
    (vault or _archive()).put(rendering.key(digest), body, _PDF, rendering.filename)
    return {"outcome": "rendered", "key": rendering.key(digest), "sha256": digest, "size": len(body)}


def archive(services: Services, event: Mapping[str, Any], vault: invoices.Vault | None = None) -> dict[str, Any]:
    """Record the PDF with its document, and lock a copy of the chain's head."""
    return invoices.archive_document(services, vault or _archive(), event)


def quote(services: Services, event: Mapping[str, Any], vault: invoices.Vault | None = None) -> dict[str, Any]:
    """Render a version of a quote into the files bucket and mark it in its document base."""
    content = orders.quote_to_render(services, event)
    body = render_quote(content)
    digest = hashlib.sha256(body).hexdigest()
    key = f"quotes/{event['company']}/{content.order}/{content.number}/{digest}.pdf"
    (vault or _files()).put(key, body, _PDF, f"{content.number}.pdf")
    orders.quote_rendered(services, event, key, digest, len(body))
    return {"outcome": "rendered", "key": key, "sha256": digest, "size": len(body)}


TASKS: dict[str, Task] = {"render_document": document, "archive_document": archive, "render_quote": quote}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What Step Functions and the API call: `{"task": …}`; an expected refusal comes back as a problem."""
    try:
        return TASKS[event["task"]](light_services(), event)
    except DomainError as error:
        if event["task"] != "render_quote":
            raise
        return {"problem": problem(error)}
