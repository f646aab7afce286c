"""The buckets as the render function reads and writes them: each key once."""

from __future__ import annotations

import base64
import hashlib
from typing import IO

from comptoir.runtime.clients import client


class S3Vault:
    """Write-once keys of a bucket; Object Lock is the bucket's own default, which no role can shorten."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

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

    def _put(self, key: str, body: bytes | IO[bytes], digest: bytes, content_type: str, disposition: str) -> None:
        from botocore.exceptions import ClientError

        try:
            client("s3").put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                IfNoneMatch="*",
                ContentType=content_type,
                ContentDisposition=disposition,
                ChecksumSHA256=base64.b64encode(digest).decode(),
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 412:
                raise
