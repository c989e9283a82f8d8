"""A form's file as the commands take it: read with the files beside it, and refused if it is a bomb."""

from pathlib import Path

from bot.commands.words import say
from bot.forms import KINDS, LARGEST_SOURCE, FormFaults, Source, media_of
from bot.guard import PACKAGE, Refused, inspect_bytes
from xlsform import FormError

LIVE = ("children", "matter", "places", "areas")  # tables that the bot gives its forms


def source_of(file: Path, language: str) -> Source:
    """A form with the files beside it. FormError where it is none, or too large; FormFaults for a bomb."""
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise FormError(f"{file.suffix or 'no ending'}: a form is {', '.join(KINDS)}")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FormError(error.strerror or "can't be read") from None
    if len(content) > LARGEST_SOURCE:
        raise FormError(f"larger than {LARGEST_SOURCE} bytes")
    try:
        if content.startswith(PACKAGE):
            inspect_bytes(content)
    except Refused as error:
        raise FormFaults([f"{file.name}: {say(language, error.key, **error.values)}"]) from None
    return Source(name=file.stem, kind=kind, file=file.name, content=content, media=media_of(file))
