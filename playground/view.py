"""What a person sees of a chat: messages, buttons, files and pop-ups, as values."""

import re
from dataclasses import dataclass, field
from typing import Any

from playground.world import Record

FILE_FIELDS = ("photo", "voice", "document", "audio", "video")
OTHER_FIELDS = ("location", "contact")
AROUND_LABEL = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """A button under a message: it sends data or opens an address."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Popup:
    """What answerCallbackQuery showed; an empty text only ends the little clock on the button."""

    text: str
    alert: bool
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """The file of a message."""

    file_id: str
    size: int
    name: str = ""
    mime: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatMessage:
    """One message on the screen. `text` is the caption when there is a file; `date` is seconds since 1970."""

    id: int
    from_bot: bool
    sender: str
    kind: str  # text, photo, voice, document, audio, video, location, contact
    text: str
    date: int
    edited: bool
    silent: bool
    protected: bool
    reaction: str
    reply_to: int | None
    entities: list[dict[str, Any]] = field(default_factory=list)
    buttons: list[list[Button]] = field(default_factory=list)
    keyboard: list[list[str]] = field(default_factory=list)  # the reply keyboard that came with it
    file: SentFile | None = None
    place: tuple[float, float] | None = None

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons, row by row."""
        return [button.text for row in self.buttons for button in row]


def view(record: Record) -> ChatMessage:
    """The message as a person sees it now."""
    body = record.body
    kind = next((name for name in (*FILE_FIELDS, *OTHER_FIELDS) if name in body), "text")
    place = body.get("location")
    return ChatMessage(
        id=body["message_id"],
        from_bot=record.from_bot,
        sender=body["from"]["first_name"],
        kind=kind,
        text=body.get("text", body.get("caption", "")),
        date=body["date"],
        edited="edit_date" in body,
        silent=record.silent,
        protected=body.get("has_protected_content", False),
        reaction=record.reaction,
        reply_to=body["reply_to_message"]["message_id"] if "reply_to_message" in body else None,
        entities=body.get("entities", body.get("caption_entities", [])),
        buttons=buttons_of(record),
        keyboard=_labels(record.reply_keyboard),
        file=_file(body[kind]) if kind in FILE_FIELDS else None,
        place=(place["latitude"], place["longitude"]) if place else None,
    )


def buttons_of(record: Record) -> list[list[Button]]:
    """The inline buttons below a message."""
    markup = record.body.get("reply_markup")
    rows = (markup or {}).get("inline_keyboard", [])
    return [
        [Button(text=one["text"], data=one.get("callback_data"), url=one.get("url")) for one in row]
        for row in rows
    ]


def _labels(markup: dict[str, Any] | None) -> list[list[str]]:
    return [[str(button["text"]) for button in row] for row in (markup or {}).get("keyboard", [])]


def _file(card: Any) -> SentFile:
    largest = card[-1] if isinstance(card, list) else card
    return SentFile(
        file_id=largest["file_id"],
        size=largest["file_size"],
        name=largest.get("file_name", ""),
        mime=largest.get("mime_type", ""),
    )


def label_fits(wanted: str, label: str) -> bool:
    """Whether a label is the wanted one, signs and emoji around it left aside."""
    return wanted == label or (bare(wanted) == bare(label) != "")


def bare(label: str) -> str:
    """A label without signs, emoji and spaces around its words."""
    return AROUND_LABEL.sub("", label)
