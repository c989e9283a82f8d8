"""The pictures, sounds and films that messages show: a form's own, and files that were sent as answers."""

import base64

from casework.access import CLOCK
from casework.records import File, FilePart
from conversations.desk import Desk

KINDS = {"image": "photo", "audio": "audio", "video": "video"}


def of_form(kind: str, form: str, file: str) -> str:
    """How a message names a file that a label shows; ``kind`` as XLSForm calls it."""
    return f"{KINDS[kind]}:form/{form}/{file}"


def of_file(kind: str, id: str, name: str) -> str:
    """How a message names a file that was sent; sounds go as documents, for Telegram plays only some."""
    return f"{KINDS[kind] if kind in ('image', 'video') else 'document'}:file/{id}/{name}"


async def media_of(desk: Desk, name: str) -> bytes | None:
    """The content that a message names; None where it is not there any more.

    Whether its reader may see it was decided when the message was made.
    """
    place = name.partition(":")[2].split("/", 2)
    if len(place) != 3:
        return None
    if place[0] == "form":
        return desk.forms.media.get(place[1], {}).get(place[2])
    return await _kept(desk, place[1])


async def _kept(desk: Desk, id: str) -> bytes | None:
    file = await desk.store.get(CLOCK, File, id)
    if file is None or file.status == "dropped":
        return None
    parts = [await desk.store.get(CLOCK, FilePart, f"{id}:{n}") for n in range(file.parts)]
    if any(part is None for part in parts):
        return None
    return b"".join(base64.b64decode(part.content) for part in parts if part is not None)
