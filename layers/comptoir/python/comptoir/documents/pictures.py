"""Images made ready to print: no transparency (PDF/A), no metadata, no more pixels than a page shows."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from comptoir.docbase.checks import not_an_image
from comptoir.docbase.model import MediaType
from comptoir.docbase.tasks import Printable
from comptoir.kernel.errors import Refused

MOST_PIXELS = 4_000
"""Per side, before anything is decoded."""
_PRINTED = (800, 800)


def printable(content: bytes) -> Printable:
    """A PNG or JPEG in RGB within 800 × 800 pixels, transparent parts white. Errors: `Refused`."""
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
            if max(image.size) > MOST_PIXELS or image.mode in {"CMYK", "YCCK"}:
                raise Refused([not_an_image()])
            return _printed(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused([not_an_image()]) from error


def _printed(image: Image.Image) -> Printable:
    photo = image.format == "JPEG"
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    upright.thumbnail(_PRINTED)
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(upright, mask=upright.getchannel("A"))
    out = BytesIO()
    if photo:
        ground.save(out, "JPEG", quality=88)
    else:
        ground.save(out, "PNG", optimize=True)
    return Printable(out.getvalue(), MediaType.JPEG if photo else MediaType.PNG, *ground.size)
