"""One AWS session for a process, its clients made on first use: cold starts pay for what they call."""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def _session() -> Any:
    import boto3.session

    return boto3.session.Session()


@cache
def client(service: str, attempts: int = 5) -> Any:
    """The client of a service, with short time-outs and bounded retries; one attempt for what must not be done twice.

    Against an emulator (`AWS_ENDPOINT_URL`) buckets are addressed by path, since its host has no
    wildcard name.
    """
    from botocore.config import Config

    style = "path" if os.environ.get("AWS_ENDPOINT_URL") else "auto"
    config = Config(
        connect_timeout=3,
        read_timeout=25,
        retries={"mode": "standard", "total_max_attempts": attempts},
        s3={"addressing_style": style},
    )
    return _session().client(service, config=config)
