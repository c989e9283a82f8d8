"""What comes in from any channel, and what goes out to any channel: plain values that know no channel."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from conversations.rich import Mark


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file or a place that a person sent.

    ``fetch`` is what the channel needs to get the file (e.g. Telegram's file_id), ``read`` gets it (`Unread`
    where that fails); None where a channel brings no files.
    """

    kind: Literal["photo", "voice", "audio", "video", "document", "location"]
    fetch: str = ""
    name: str = ""
    size: int = 0  # bytes, 0 where the channel does not say
    latitude: float | None = None
    longitude: float | None = None
    read: Callable[[], Awaitable[bytes]] | None = None


class Unread(Exception):
    """A file that was sent can't be had from the channel: too large, gone, or out of reach."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that a person said, tapped, edited or sent.

    ``address`` names the chat: "telegram:12345", "terminal:1". ``receipt`` is the inbox row that is completed
    together with what this causes (None where the channel keeps none). ``token`` is a tapped button's data.
    ``message`` is the channel's name of the message tapped on or edited. ``kind`` "left" = the person blocked
    the bot, "came" = unblocked.
    """

    address: str
    at: datetime
    kind: Literal["text", "tap", "attachment", "edited", "left", "came", "other"]
    text: str = ""
    token: str = ""
    message: str = ""
    attachment: Attachment | None = None
    receipt: int | None = None
    language: str = ""  # what the person's own program is set to, e.g. "zh-hans"; a hint for strangers
    key: str = ""  # unique for this saying; keys of what it causes are made from it


@dataclass(frozen=True, kw_only=True)
class Button:
    """``token`` comes back in `Said.token` when it is tapped; ``url`` opens instead.

    ``sends``: it says its own label, or sends where the person is, as if that had been typed or attached.
    """

    label: str
    token: str = ""
    url: str = ""
    sends: Literal["", "label", "place"] = ""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message in the reader's words. ``edits`` names the message that it replaces (None = a new one).

    ``text`` is plain; ``marks`` lists its parts in bold or italics (kind, start, length, in characters).
    ``protect`` forbids forwarding and saving where the channel can. ``media`` names a picture, sound or film
    that belongs to it, see `Desk.media_of`. ``clears``: buttons that send something are no longer offered.
    ``erases`` names a message of the person's own that is to be taken out of the chat where the channel can;
    such a message says nothing.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    edits: str | None = None
    marks: tuple[Mark, ...] = ()
    media: str = ""
    clears: bool = False
    protect: bool = False
    silent: bool = False  # comes without a sound
    erases: str | None = None

    def as_values(self) -> dict[str, Any]:
        """A JSON-able form, for the outbox."""
        return {
            "text": self.text,
            "buttons": [[[b.label, b.token, b.url, b.sends] for b in row] for row in self.buttons],
            "edits": self.edits,
            "marks": [list(mark) for mark in self.marks],
            "media": self.media,
            "clears": self.clears,
            "protect": self.protect,
            "silent": self.silent,
            "erases": self.erases,
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Message":
        """The inverse of `as_values`."""
        return cls(
            text=values["text"],
            buttons=tuple(tuple(_button(*parts) for parts in row) for row in values.get("buttons", ())),
            edits=values.get("edits"),
            marks=tuple((kind, start, length) for kind, start, length in values.get("marks", ())),
            media=values.get("media", ""),
            clears=values.get("clears", False),
            protect=values.get("protect", False),
            silent=values.get("silent", False),
            erases=values.get("erases"),
        )


@dataclass(frozen=True, kw_only=True)
class Together:
    """Several notices as one message, None where none of them is to be said.

    ``untold``: keys of those that are no longer true; ``unworded``: of those that can't be put into words.
    """

    message: Message | None
    untold: frozenset[str] = frozenset()
    unworded: frozenset[str] = frozenset()


def _button(label: str, token: str, url: str, sends: Literal["", "label", "place"] = "") -> Button:
    return Button(label=label, token=token, url=url, sends=sends)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What one saying brought about; its messages are in the outbox already, in one transaction with all.

    ``popup`` is shown once and leaves nothing in the chat; ``alarm``: as a box that has to be closed.
    ``messages`` is what the person is told, for channels without an outbox (the terminal). ``stranger``:
    nobody who has joined was speaking, and nothing of what was said is kept.
    """

    messages: tuple[Message, ...] = ()
    popup: str = ""
    alarm: bool = False
    at: datetime | None = None
    stranger: bool = False
