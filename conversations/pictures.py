"""Pictures without what cameras write into them: place, device, owner."""

import io

from PIL import Image, ImageOps

MOST_PIXELS = 50_000_000  # what unpacks to more is no photo of a visit
FORMATS = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}
_QUALITY = 88


def cleaned(content: bytes) -> tuple[bytes, str, str] | None:
    """The picture written anew, upright and without metadata; its kind, and a file's ending for it.

    None where it is no picture of a kind that we can write, is broken, or unpacks to too much.
    """
    try:
        with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            kind = str(image.format)
            upright = ImageOps.exif_transpose(image).convert("RGB" if kind == "JPEG" else "RGBA")
            bare = Image.new(upright.mode, upright.size)  # a new picture has nothing but its pixels
            bare.paste(upright)
            written = io.BytesIO()
            bare.save(written, kind, quality=_QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return written.getvalue(), *FORMATS[kind]
