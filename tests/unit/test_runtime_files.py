"""Links into the buckets: what a file may be sent as is signed into its address (DOC-03)."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from comptoir.runtime import adapters


@pytest.fixture(autouse=True)
def s3(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that only signs."""
    import boto3

    client: Any = boto3.client("s3", region_name="eu-west-3", aws_access_key_id="id", aws_secret_access_key="secret")
    monkeypatch.setattr(adapters, "client", lambda service: client)


def test_a_link_takes_exactly_the_bytes_that_were_announced() -> None:
    """Type, size and hash are signed: S3 refuses any other, and any other key."""
    files = adapters.S3Files({"files": "working", "archive": "locked"})
    url, headers = files.accept("uploads/c/hash/id", "application/pdf", 42, "ab" * 32, 900)
    query = parse_qs(urlsplit(url).query)
    signed = set(query["X-Amz-SignedHeaders"][0].split(";"))
    assert {"content-length", "content-type", "x-amz-checksum-sha256"} <= signed
    assert query["X-Amz-Expires"] == ["900"]
    assert "/uploads/c/hash/id?" in url
    assert headers == {
        "content-type": "application/pdf",
        "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex("ab" * 32)).decode(),
    }
