"""The buckets as the render function reads and writes them: each key once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from comptoir.runtime.clients import client

PART = 8 * 1024 * 1024
"""Bytes held while a large object is written: S3 takes 10,000 parts of them."""
LEAST = 5 * 1024 * 1024
"""The smallest part that S3 takes, but for the last one."""

_CHUNK = 1024 * 1024


class S3Vault:
    """Write-once keys of a bucket; Object Lock is the bucket's own default, which no role can shorten."""

    def __init__(self, bucket: str, drafts: str = "") -> None:
        self._bucket, self._drafts = bucket, drafts

    def stream(self, key: str) -> Iterator[bytes]:
        """The bytes under `key`, a megabyte at a time."""
        yield from client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].iter_chunks(_CHUNK)

    def join(self, key: str, parts: Sequence[tuple[str, int]], content_type: str, filename: str) -> int:
        """Store what lies in the bucket of drafts under several keys (each with its size) as one object; its size.

        S3 copies what is large enough to be a part of its own; what is smaller goes out with what follows it.
        """
        with self.writing(key, content_type, filename) as writing:
            for source, size in parts:
                if size < LEAST or not writing.copy(self._drafts, source, size):
                    for chunk in S3Vault(self._drafts).stream(source):
                        writing.write(chunk)
        return writing.size

    def read(self, key: str, most: int) -> bytes | None:
        """The bytes under `key`, at most one more than `most` of them; None when there are none."""
        from botocore.exceptions import ClientError

        try:
            answer = client("s3").get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            # Who may not list a bucket is told 403 of a key that does not exist.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (403, 404):
                return None
            raise
        content: bytes = answer["Body"].read(most + 1)
        return content

    def names(self, prefix: str, after: str) -> Iterator[str]:
        """The keys under `prefix` that come after `after`, in order."""
        pages = client("s3").get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, StartAfter=after):
            yield from (found["Key"] for found in page.get("Contents", ()))

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        """Store `body` under a key that does not exist yet.

        A key that does is left as it is: keys are made from the content's hash or number, so a
        second try carries the same bytes.
        """
        self._put(key, body, hashlib.sha256(body).digest(), content_type, f'inline; filename="{filename}"')

    def put_file(self, key: str, file: IO[bytes], content_type: str, filename: str) -> None:
        """Store what an open file holds from its start, to be downloaded, without holding it in memory."""
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]
        file.seek(0)
        self._put(key, file, digest, content_type, f'attachment; filename="{filename}"')

    @contextmanager
    def writing(self, key: str, content_type: str, filename: str) -> Iterator[Writing]:
        """A file to write from start to end in constant memory; it is stored when the block ends well, else not at all.

        A key that exists is left as it is, as by `put`. The writer tells `size` and `sha256` afterwards.
        """
        writing = Writing(self._bucket, key, content_type, f'attachment; filename="{filename}"')
        try:
            yield writing
        except BaseException:
            writing.abandon()
            raise
        writing.finish()

    def _put(self, key: str, body: bytes | IO[bytes], digest: bytes, content_type: str, disposition: str) -> None:
        where, told = {"Bucket": self._bucket, "Key": key}, {"ContentType": content_type}
        _put(where, {**told, "ContentDisposition": disposition}, body, digest)


class Writing:
    """A large object under way: what `zipfile` and `csv` write to; parts go out as soon as they are full."""

    def __init__(self, bucket: str, key: str, content_type: str, disposition: str) -> None:
        self._where = {"Bucket": bucket, "Key": key}
        self._told = {"ContentType": content_type, "ContentDisposition": disposition}
        self._buffer = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._upload: str | None = None
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash of everything written so far, 64 hexadecimal digits."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        """Append bytes; parts that are full are sent."""
        self._digest.update(data)
        self.size += len(data)
        self._buffer += data
        while len(self._buffer) >= PART:
            self._send(bytes(self._buffer[:PART]))
            del self._buffer[:PART]
        return len(data)

    def copy(self, bucket: str, key: str, size: int) -> bool:
        """Append what lies elsewhere, copied by S3; False when bytes wait that are too few to be a part."""
        if 0 < len(self._buffer) < LEAST:
            return False
        if self._buffer:
            self._send(bytes(self._buffer))
            self._buffer.clear()
        number, upload = len(self._parts) + 1, self._begun()
        source = {"Bucket": bucket, "Key": key}
        sent = client("s3").upload_part_copy(PartNumber=number, UploadId=upload, CopySource=source, **self._where)
        told = sent["CopyPartResult"]
        self._parts.append({"PartNumber": number, "ETag": told["ETag"], **_checksum(told)})
        self.size += size
        return True

    def tell(self) -> int:
        """How many bytes were written."""
        return self.size

    def flush(self) -> None:
        """Nothing: a part goes out when it is full."""

    def close(self) -> None:
        """Nothing: the block in which it is written ends it."""

    def finish(self) -> None:
        """Store the object, unless its key is taken."""
        if self._upload is None:
            _put(self._where, self._told, bytes(self._buffer), self._digest.digest())
            return
        if self._buffer:
            self._send(bytes(self._buffer))
        upload = {**self._where, "UploadId": self._upload, "MultipartUpload": {"Parts": self._parts}}
        if not _unless_taken(lambda: client("s3").complete_multipart_upload(**upload, IfNoneMatch="*")):
            self.abandon()

    def abandon(self) -> None:
        """Give up what was sent: nothing is stored."""
        if self._upload is not None:
            client("s3").abort_multipart_upload(UploadId=self._upload, **self._where)

    def _begun(self) -> str:
        """The upload of which parts are sent."""
        if self._upload is None:
            started = client("s3").create_multipart_upload(ChecksumAlgorithm="SHA256", **self._where, **self._told)
            self._upload = str(started["UploadId"])
        return self._upload

    def _send(self, part: bytes) -> None:
        s3, upload = client("s3"), self._begun()
        number = len(self._parts) + 1
        checksum = base64.b64encode(hashlib.sha256(part).digest()).decode()
        sent = s3.upload_part(Body=part, PartNumber=number, UploadId=upload, ChecksumSHA256=checksum, **self._where)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": checksum})


def _put(where: Mapping[str, str], told: Mapping[str, str], body: bytes | IO[bytes], digest: bytes) -> None:
    checksum = base64.b64encode(digest).decode()
    _unless_taken(lambda: client("s3").put_object(Body=body, IfNoneMatch="*", ChecksumSHA256=checksum, **where, **told))


def _checksum(told: Mapping[str, Any]) -> dict[str, str]:
    """The checksum of a copied part, where S3 told one."""
    return {"ChecksumSHA256": told["ChecksumSHA256"]} if "ChecksumSHA256" in told else {}


def _unless_taken(write: Callable[[], object]) -> bool:
    """Write under a key that must not exist; False when it does, and what lies there stays."""
    from botocore.exceptions import ClientError

    try:
        write()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 412:
            raise
        return False
    return True
