"""The pictures, sounds and films that messages show: a form's own, by name."""

from conversations.desk import Desk

KINDS = {"image": "photo", "audio": "audio", "video": "video"}


def of_form(kind: str, form: str, file: str) -> str:
    """How a message names a file that a label shows; ``kind`` as XLSForm calls it."""
    return f"{KINDS[kind]}:form/{form}/{file}"


async def media_of(desk: Desk, name: str) -> bytes | None:
    """The content that a message names; None where it is not there any more."""
    place = name.partition(":")[2].split("/", 2)
    if len(place) == 3 and place[0] == "form":
        return desk.forms.media.get(place[1], {}).get(place[2])
    return None
