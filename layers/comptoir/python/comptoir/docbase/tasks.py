"""The check of an upload, run by the function that may read and write the bucket (DOC-03)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from comptoir.access.context import Services
from comptoir.docbase.checks import content_breaches, missing
from comptoir.docbase.commands import place
from comptoir.docbase.items import IMAGE, UPLOAD, file, image_key
from comptoir.docbase.model import EXTENSIONS, MOST_BYTES, FileKind, Image, MediaType, Owner, Upload
from comptoir.docbase.template import Picture
from comptoir.kernel.errors import Refused, refuse_if
from comptoir.kernel.text import sha256
from comptoir.store import keys
from comptoir.store.transaction import Transaction

Event = Mapping[str, Any]


class Bucket(Protocol):
    """The working files: read as far as a limit, written once."""

    def read(self, key: str, most: int) -> bytes | None: ...

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None: ...


class Printable(NamedTuple):
    """An image as documents embed it."""

    content: bytes
    media_type: MediaType
    width: int
    height: int


class Studio(Protocol):
    """Makes an image ready to print. Errors: `ValueError` when it cannot."""

    def __call__(self, content: bytes) -> Printable: ...


def check_upload(services: Services, event: Event, bucket: Bucket, studio: Studio) -> dict[str, Any]:
    """Check the bytes that came and take them; done again, the first result stays.

    They are copied to a key that no link can write. Errors: `Refused` with what is wrong, `NotFound`.
    """
    company, place_of = event["company"], keys.upload(event["company"], event["upload"])
    upload = services.store.require(UPLOAD, place_of).value
    if upload.done:
        return {"outcome": "taken"}
    content = bucket.read(place(company, upload), MOST_BYTES)
    if content is None:
        raise Refused([missing()])
    refuse_if(content_breaches(upload, content))
    if upload.owner is None:
        image = _image(company, upload, studio(content), bucket)
        services.store.transact(lambda tx: _keep_image(tx, company, upload, image), [place_of])
    else:
        key = f"base/{company}/{upload.sha256}/{upload.id}.{EXTENSIONS[upload.media_type]}"
        bucket.put(key, content, upload.media_type, filename(upload))
        services.store.transact(lambda tx: _file(tx, company, upload, key), [place_of])
    return {"outcome": "taken"}


def filename(upload: Upload) -> str:
    """A name that any header can carry, with the extension of what the file is."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", upload.filename.rpartition(".")[0] or upload.filename).strip("-")
    return f"{stem[:80] or 'document'}.{EXTENSIONS[upload.media_type]}"


def images(bucket: Bucket, company: str, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """The bytes of images by their hash. Errors: `LookupError` when one is gone or is no longer itself."""
    found = {}
    for digest in wanted:
        content = bucket.read(image_key(company, digest), MOST_BYTES)
        if content is None or sha256(content) != digest:
            raise LookupError(f"image {digest} is not as it was")
        found[digest] = content
    return found


def _image(company: str, upload: Upload, printable: Printable, bucket: Bucket) -> Image:
    digest = sha256(printable.content)
    bucket.put(image_key(company, digest), printable.content, printable.media_type, filename(upload))
    return Image(
        sha256=digest,
        width=printable.width,
        height=printable.height,
        title=upload.title,
        media_type=printable.media_type,
        size=len(printable.content),
        created_at=upload.created_at,
    )


def _keep_image(tx: Transaction, company: str, upload: Upload, image: Image) -> None:
    key, own = keys.image(company, image.sha256), keys.upload(company, upload.id)
    if not tx.require(UPLOAD, own).done:
        if tx.get(IMAGE, key) is None:
            tx.create(IMAGE, key, image)
        picture = Picture(sha256=image.sha256, width=image.width, height=image.height)
        tx.put(UPLOAD, own, upload.change(image=picture))


def _file(tx: Transaction, company: str, upload: Upload, key: str) -> None:
    own = keys.upload(company, upload.id)
    if upload.owner is None or upload.owner_id is None or tx.require(UPLOAD, own).done:
        return
    file(
        tx,
        company,
        upload.id,
        upload.owner,
        upload.owner_id,
        FileKind(upload.kind.value),
        title=upload.title,
        comment=upload.comment,
        language=upload.language,
        author=upload.author,
        created_at=upload.created_at,
        media_type=upload.media_type,
        sha256=upload.sha256,
        size=upload.size,
        key=key,
        party=upload.owner_id if upload.owner is Owner.PARTY else None,
    )
    tx.put(UPLOAD, own, upload.change(file=upload.id))
