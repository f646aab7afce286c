"""What a file really is: its first bytes and structure, whatever its name says (DOC-03)."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from comptoir.docbase.model import MediaType, Upload
from comptoir.kernel.errors import Breach
from comptoir.kernel.text import sha256

_STARTS = {
    MediaType.PDF: b"%PDF-",
    MediaType.JPEG: b"\xff\xd8\xff",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
    MediaType.XLSX: b"PK\x03\x04",
}
_PARTS = 5_000
"""The files that a workbook may have inside."""
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def content_breaches(upload: Upload, content: bytes) -> list[Breach]:
    """What is wrong with the bytes that came, against what was announced."""
    if len(content) != upload.size or sha256(content) != upload.sha256:
        fr = "Les octets reçus ne sont pas ceux qui étaient annoncés (taille, empreinte)."
        en = "The bytes received are not those that were announced (size, hash)."
        return [_breach("other_bytes", fr, en, "/sha256")]
    if _is(upload.media_type, content):
        return []
    fr, en = "Le contenu n'est pas du type annoncé.", "The content is not of the type that was announced."
    return [_breach("other_type", fr, en, "/media_type")]


def missing() -> Breach:
    """The file was not sent."""
    return _breach("not_uploaded", "Le fichier n'a pas été reçu.", "The file was not received.", "/upload")


def not_an_image() -> Breach:
    """The image cannot be read, or is too large to print."""
    fr = "Image illisible ou trop grande : PNG ou JPEG (RVB), 4 000 × 4 000 pixels au plus."
    en = "The image cannot be read or is too large: PNG or JPEG (RGB), at most 4,000 × 4,000 pixels."
    return _breach("image_unreadable", fr, en, "/upload")


def _is(media_type: MediaType, content: bytes) -> bool:
    if media_type in _STARTS and not content.startswith(_STARTS[media_type]):
        return False
    if media_type is MediaType.XLSX:
        return _is_workbook(content)
    if media_type is MediaType.XML:
        return _is_xml(content)
    return media_type is not MediaType.CSV or not _NOT_TEXT.search(content)


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            names = parts.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return len(names) <= _PARTS and "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _is_xml(content: bytes) -> bool:
    """Text that begins with a tag and declares no document type: what an entity could do, it does not."""
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"<") and not _NOT_TEXT.search(content) and b"<!DOCTYPE" not in content


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)
