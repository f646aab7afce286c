"""The three open addresses: health, the description of the API, and the same for human eyes (ACC-01)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from comptoir.store.settings import product_version

from .http import Response

DOCUMENT = Path(__file__).with_name("openapi.json")
_CACHE = {"cache-control": "public, max-age=300"}


def health() -> Response:
    """That the function runs, and which version; it asks nothing of any service."""
    return Response(200, json.dumps({"status": "ok", "version": product_version()}))


@cache
def description() -> Response:
    """The OpenAPI document, as committed."""
    return Response(200, DOCUMENT.read_text("utf-8"), headers=_CACHE)


@cache
def docs() -> Response:
    """The OpenAPI document as one HTML page that loads nothing."""
    from .docs import STYLE_POLICY, render

    page = render(json.loads(DOCUMENT.read_text("utf-8")))
    headers = {**_CACHE, "content-security-policy": STYLE_POLICY, "referrer-policy": "no-referrer"}
    return Response(200, page, "text/html; charset=utf-8", headers)


PAGES: Mapping[str, Callable[[], Response]] = {"/health": health, "/openapi.json": description, "/docs": docs}
