"""Files that come as answers: fetched, checked, freed of metadata, kept sealed, shown on request."""

import asyncio
import base64
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from casework.access import CLOCK
from casework.records import Draft, File, FilePart, Submission
from conversations import media, pictures, pins, recordings
from conversations.masks import clean
from conversations.said import Attachment, Button, Unread
from conversations.turn import Turn
from conversations.widgets.asked import Answer, Asked, Result
from xlsform import Problem

PART = 128 * 1024  # bytes of content in one record
MOST_SHOWN = 5
_MEGABYTE = 1024 * 1024
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}")
_FITTING: Mapping[str, tuple[str, ...]] = {
    "image": ("photo", "document"),
    "audio": ("voice", "audio", "document"),
    "video": ("video", "document"),
    "file": ("photo", "voice", "audio", "video", "document"),
}
_MIMES = {"photo": "image/jpeg", "voice": "audio/ogg", "audio": "audio/mpeg", "video": "video/mp4"}


async def taken(a: Asked, sent: Attachment) -> Result:
    """A file that was sent, as an answer; None where the question asks for another kind of thing."""
    mime = _MIMES.get(sent.kind) or mimetypes.guess_type(sent.name)[0] or "application/octet-stream"
    wanted = a.prompt.kind
    if sent.kind not in _FITTING.get(wanted, ()):
        return None
    if wanted != "file" and sent.kind == "document" and not mime.startswith(f"{wanted}/"):
        return None
    most = a.turn.desk.policy.forms.largest_file_mb
    content = await _content(sent) if sent.size <= most * _MEGABYTE else b""
    if max(sent.size, len(content)) > most * _MEGABYTE:
        return _refused(a, "form.too_large", most=most)
    if not content:
        return _refused(a, "form.not_fetched")
    return await _checked(a, sent, content, mime)


async def _content(sent: Attachment) -> bytes:
    """The file from the channel; nothing where it can't be had."""
    try:
        return await sent.read() if sent.read is not None else b""
    except Unread:
        return b""


async def _checked(a: Asked, sent: Attachment, content: bytes, mime: str) -> Result:
    """Kept, if it is what it claims to be, without what camera or telephone put in beside."""
    name = _file_name(sent, mime)
    if mime.startswith("image/"):
        picture = await asyncio.to_thread(pictures.cleaned, content)
        if picture is None:
            return _refused(a, "form.bad_picture")
        content, mime, ending = picture
        name = PurePosixPath(name).stem + ending
    else:
        content = await asyncio.to_thread(recordings.cleaned, content)
    return Answer(keep(a, content, name=name, mime=mime))


def _file_name(sent: Attachment, mime: str) -> str:
    """The name that it came with, harmless wherever it is shown; a name by its kind where it had none."""
    path = PurePosixPath(sent.name)
    ending = path.suffix if _ENDING.fullmatch(path.suffix) else mimetypes.guess_extension(mime) or ""
    return (clean(path.stem, 60) or sent.kind) + ending


def _refused(a: Asked, key: str, **values: object) -> Problem:
    return Problem(kind="type", message=a.words(key, **values), ref=a.prompt.ref)


def keep(a: Asked, content: bytes, *, name: str, mime: str) -> str:
    """Adds the file to what this turn keeps, sealed with the child's key; gives its name as an answer."""
    file = stored(a.turn, content, child=a.draft.child, source=a.draft.id, name=name, mime=mime)
    a.turn.happened("file_received", child=file.child, record=file.id)
    return file.id + PurePosixPath(name).suffix


def stored(
    turn: Turn, content: bytes, *, child: str | None, source: str, name: str, mime: str,
    document: str = "",
) -> File:  # fmt: skip
    """The record of a file, kept with its content by this turn; a made ``document`` counts at once."""
    id = turn.desk.new_id()
    pieces = [content[at : at + PART] for at in range(0, len(content), PART)]
    file = File(
        id=id, child=child, person=turn.person.id, source=source, name=name, mime=mime, size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), parts=len(pieces), at=turn.now, document=document,
        status="kept" if document else "draft", held=_posts(turn) if document and child is None else (),
    )  # fmt: skip
    turn.keep(file)
    for n, piece in enumerate(pieces):
        text = base64.b64encode(piece).decode()
        turn.keep(FilePart(id=f"{id}:{n}", child=child, person=turn.person.id, content=text))
    return file


def _named(values: Mapping[str, str]) -> set[str]:
    """The ids of the files that answers name."""
    return {value.partition(".")[0] for value in values.values()}


async def settle(turn: Turn, draft: Draft, values: Mapping[str, str]) -> None:
    """The form is handed in with ``values``, or given up without any: what is no answer loses its content."""
    store, answers = turn.desk.store, _named(values)
    for file in await store.find(CLOCK, File, person=turn.person.id, status=("draft",)):
        if file.source != draft.id:
            continue
        kept = file.id in answers
        turn.keep(replace(file, status="kept" if kept else "dropped"))
        for n in range(0 if kept else file.parts):
            part = await store.get(CLOCK, FilePart, f"{file.id}:{n}")
            if part is not None:
                turn.keep(replace(part, content="", status="dropped"))


async def buttons(turn: Turn, submission: Submission) -> list[list[Button]]:
    """A button for each file of a submission that this person may see."""
    ids = sorted(_named({ref: value for ref, value in submission.values.items() if "." in value}))
    found = [await turn.desk.store.get(turn.reader, File, id) for id in ids]
    files = sorted((f for f in found if f is not None and f.status == "kept"), key=lambda f: (f.at, f.id))
    return [
        [turn.button(turn.words("file.show", name=turn.words(f"answer.{_kind(file)}")), "file", file.id)]
        for file in files[:MOST_SHOWN]
    ]


def _kind(file: File) -> str:
    kind = "signature" if file.mime == "text/plain" else file.mime.partition("/")[0]
    return kind if kind in (*media.KINDS, "signature") else "file"


async def _seen(turn: Turn, id: str) -> File | None:
    """The file, as far as the person may see it: with its child, or as its owner who holds the same posts."""
    file = await turn.desk.store.get(turn.reader, File, id)
    if file is None:
        own = await turn.desk.store.get(CLOCK, File, id)
        mine = own is not None and own.child is None and own.person == turn.person.id
        file = own if own is not None and mine and own.held and own.held == _posts(turn) else None
    return file


def _posts(turn: Turn) -> tuple[str, ...]:
    return tuple(sorted(f"{post.role}:{post.area}" for post in turn.person.posts))


async def show_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """看照片: in a message that cannot be forwarded; a document can, to be printed. Looking is an event."""
    if not await pins.gate(turn, "file", parts[0]):
        return
    file = await _seen(turn, parts[0])
    if file is None or file.status != "kept":
        turn.pop("file.gone")
        return
    show(turn, file)


def show(turn: Turn, file: File) -> None:
    """Shows a file that the person may see, as far as the caller knows. It is an event."""
    turn.child = file.child
    turn.happened("file_shown", child=file.child, record=file.id)
    key = "document.shown" if file.document else "file.shown"
    text = turn.words(key, day=turn.any_day(turn.desk.today(file.at)))
    turn.tell(text, protect=not file.document, media=media.of_file(_kind(file), file.id, file.name))
