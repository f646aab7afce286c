"""Sending a file: announced, put where the ticket says, then checked and taken (DOC-03)."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Mapping
from typing import Any

from infra.local.demo.client import Client, Unexpected
from infra.local.demo.stage import until


def sent(client: Client, base: str, data: bytes, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The upload of these bytes below `base`, once they are taken; `told` is what is said of them."""
    about = {**told, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    ticket: Mapping[str, Any] = client.post(f"{base}/uploads", about, (201,)).body
    request = urllib.request.Request(ticket["url"], data, ticket["headers"], method="PUT")  # noqa: S310
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except OSError as error:
        raise Unexpected(f"PUT {ticket['url']}: the file was not taken ({error})") from error
    path = f"{base}/uploads/{ticket['upload']['id']}/completion"
    taken = until(lambda: client.post(path, {}, (201, 202)), lambda came: came.status == 201, path)
    upload: Mapping[str, Any] = taken.body
    return upload
