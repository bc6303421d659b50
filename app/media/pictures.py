"""Reference pictures: opened, turned upright, made smaller, and kept without whatever else the file carried."""

from __future__ import annotations

import asyncio
import hashlib
import io

from PIL import Image, ImageOps, UnidentifiedImageError
from starlette.datastructures import UploadFile

from app.core.errors import Invalid, PayloadTooLarge
from app.core.i18n import _
from app.media.keys import original_key
from app.media.storage import Storage

LARGEST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2048


async def keep_picture(given: UploadFile | None, storage: Storage) -> tuple[str, str]:
    """Keep an uploaded picture as a JPEG of at most 2,048 pixels a side; return its key and content type.

    Raises ``Invalid`` when nothing was sent or it is no picture, ``PayloadTooLarge`` beyond 20 MiB or 60 megapixels.
    """
    if given is None:
        raise Invalid("media.no_picture", _("Choose a picture first: JPEG, PNG or WebP."))
    data = await given.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise PayloadTooLarge("media.picture_too_large", _("The picture is larger than 20 MiB. Make it smaller."))
    made = await asyncio.to_thread(_plain, data)
    key = original_key(hashlib.sha256(made).hexdigest())
    await storage.put_bytes(made, key)
    return key, "image/jpeg"


def _plain(data: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PayloadTooLarge("media.picture_too_large", _("The picture has too many pixels. Make it smaller."))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Invalid("media.not_a_picture", _("That is not a picture. Choose a JPEG, PNG or WebP file.")) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    target = io.BytesIO()
    upright.save(target, "JPEG", quality=90)
    return target.getvalue()
