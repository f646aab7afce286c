"""The buckets as the render function writes them: each key once."""

from __future__ import annotations

import base64
import hashlib

from comptoir.runtime.clients import client


class S3Vault:
    """Write-once keys of a bucket; Object Lock is the bucket's own default, which no role can shorten."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        """Store `body` under a key that does not exist yet.

        A key that does is left as it is: keys are made from the content's hash or number, so a
        second try carries the same bytes.
        """
        from botocore.exceptions import ClientError

        try:
            client("s3").put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                IfNoneMatch="*",
                ContentType=content_type,
                ContentDisposition=f'inline; filename="{filename}"',
                ChecksumSHA256=base64.b64encode(hashlib.sha256(body).digest()).decode(),
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 412:
                raise
