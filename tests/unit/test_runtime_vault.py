"""Large objects written in parts: constant memory, each key once, nothing stored of what failed."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from moto import mock_aws

from comptoir.runtime import vault
from comptoir.runtime.vault import S3Vault


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket, with parts of the smallest size that S3 takes."""
    with mock_aws():
        client: Any = boto3.client("s3", region_name="eu-west-3", aws_access_key_id="id", aws_secret_access_key="key")
        client.create_bucket(Bucket="shelf", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
        monkeypatch.setattr(vault, "client", lambda service: client)
        monkeypatch.setattr(vault, "PART", 5 * 1024 * 1024)
        yield client


def _body(s3: Any, key: str) -> bytes:
    content: bytes = s3.get_object(Bucket="shelf", Key=key)["Body"].read()
    return content


@pytest.mark.parametrize("size", [0, 10, 5 * 1024 * 1024, 12 * 1024 * 1024 + 7])
def test_what_is_written_in_parts_is_read_whole(s3: Any, size: int) -> None:
    content = (b"0123456789" * (size // 10 + 1))[:size]
    with S3Vault("shelf").writing("a/b.bin", "application/octet-stream", "b.bin") as file:
        for start in range(0, size, 1_000_000):
            file.write(content[start : start + 1_000_000])
    assert _body(s3, "a/b.bin") == content
    assert (file.size, file.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert s3.list_multipart_uploads(Bucket="shelf").get("Uploads") is None


def test_nothing_is_stored_of_what_failed(s3: Any) -> None:
    def fail() -> None:
        with S3Vault("shelf").writing("a", "text/plain", "a.txt") as file:
            file.write(b"x" * (6 * 1024 * 1024))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert s3.list_objects_v2(Bucket="shelf")["KeyCount"] == 0
    assert s3.list_multipart_uploads(Bucket="shelf").get("Uploads") is None


def test_a_key_that_is_taken_stays_as_it_is(s3: Any) -> None:
    shelf = S3Vault("shelf")
    shelf.put("a", b"first", "text/plain", "a.txt")
    with shelf.writing("a", "text/plain", "a.txt") as file:
        file.write(b"second")
    assert _body(s3, "a") == b"first"


def test_a_zip_is_written_as_it_comes(s3: Any) -> None:
    """`zipfile` needs neither to read back nor to seek."""
    shelf = S3Vault("shelf")
    with shelf.writing("a.zip", "application/zip", "a.zip") as file, zipfile.ZipFile(file, "w") as pack:
        pack.writestr("one.txt", "un")
    assert zipfile.ZipFile(BytesIO(_body(s3, "a.zip"))).read("one.txt") == b"un"


@pytest.mark.parametrize(
    "sizes", [[10, 20], [6_000_000, 7], [6_000_000, 5_500_000, 900_000, 300], [900_000, 6_000_000]]
)
def test_parts_that_lie_elsewhere_are_joined(s3: Any, sizes: list[int]) -> None:
    """FIS-05: what is large is copied by S3, what is small goes out with what follows."""
    s3.create_bucket(Bucket="locked", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    parts = {f"part-{n}": bytes([65 + n]) * size for n, size in enumerate(sizes)}
    for key, content in parts.items():
        S3Vault("shelf").put(key, content, "application/zip", "a.zip")
    told = [(key, len(content)) for key, content in parts.items()]
    locked = S3Vault("locked", "shelf")
    for _ in range(2):
        assert locked.join("archives/a.zip", told, "application/zip", "a.zip") == sum(sizes)
    stored = s3.get_object(Bucket="locked", Key="archives/a.zip")
    assert stored["Body"].read() == b"".join(parts.values())
    assert stored["ContentDisposition"] == 'attachment; filename="a.zip"'
    assert b"".join(S3Vault("shelf").stream("part-0")) == parts["part-0"]
