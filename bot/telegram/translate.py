"""From Telegram's raw updates to what was said."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from conversations.said import Attachment, Said

CHANNEL = "telegram"
NOWHERE = f"{CHANNEL}:?"  # the lane of what names no chat
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
LARGEST_UPDATE_ID = 2**31 - 1
LARGEST_CHAT_ID = 2**52  # "at most 52 significant bits" (Bot API, Chat.id)
OLDEST = timedelta(days=2)  # Telegram keeps a day; what claims to be older has a wrong date
LONGEST_POPUP = 200
FILES: tuple[Literal["voice", "audio", "video", "document"], ...] = ("voice", "audio", "video", "document")
Raw = Mapping[str, Any]


class Unreadable(ValueError):
    """An update that is not what the Bot API promises; it is put aside, alone."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What an update amounts to: something said, or nothing. ``callback``: a tap; ``leave``: a group."""

    said: Said | None = None
    callback: str = ""
    leave: int | None = None


def update_id_of(update: Any) -> int | None:
    """The update's number, None where it has none that Telegram could have given."""
    number = update.get("update_id") if isinstance(update, dict) else None
    good = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= LARGEST_UPDATE_ID
    return number if good else None


def lane_of(update: Any) -> str:
    """The address whose lane the update joins; a tap joins its chat's lane, so it never overtakes words."""
    if not isinstance(update, dict):
        return NOWHERE
    for kind in ALLOWED:
        part = update.get(kind)
        if not isinstance(part, dict):
            continue
        message = part.get("message") if kind == "callback_query" else part
        chat = message.get("chat") if isinstance(message, dict) else None
        if chat is None and kind == "callback_query":
            chat = part.get("from")
        number = chat.get("id") if isinstance(chat, dict) else None
        if _is_chat(number):
            return f"{CHANNEL}:{number}"
    return NOWHERE


def canonical(update: Any) -> bytes:
    """The update as bytes that are the same whenever Telegram delivers it again."""
    try:
        return orjson.dumps(update, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # half a character, or a number beyond 64 bits
        return json.dumps(update, sort_keys=True).encode()


def parse(raw: bytes) -> Any:
    """JSON as Telegram sends it; what orjson is too strict for (half a character) is read too. ValueError."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            return json.loads(raw.decode("utf-8", "replace"))
        except RecursionError:
            raise ValueError("nested too deeply") from None


def chat_id_of(address: str) -> int | None:
    """The chat behind an address of this channel, None for any other address."""
    channel, _, number = address.partition(":")
    try:
        return int(number) if channel == CHANNEL else None
    except ValueError:
        return None


def hear(raw: bytes, *, receipt: int, now: datetime, offset: timedelta = timedelta(0)) -> Heard:
    """What a stored update says. Raises Unreadable. ``offset``: how far our clock is ahead of Telegram's."""
    try:
        update = parse(raw)
        kind = next((k for k in ALLOWED if update.get(k) is not None), "") if update_id_of(update) else None
        if kind is None:
            raise Unreadable("no update_id")
        if not kind:
            return Heard()  # a kind that was never asked for
        return _Reading(update[kind], kind, receipt, _key(update, raw), now, offset).heard()
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, IndexError) as error:
        raise Unreadable(type(error).__name__) from None


def _key(update: Raw, raw: bytes) -> str:
    # Numbers may begin anew after a quiet week, so the content is part of the key.
    return f"tg{update['update_id']}-{hashlib.blake2b(raw, digest_size=6).hexdigest()}"


@dataclass(frozen=True)
class _Reading:
    part: dict[str, Any]
    kind: str
    receipt: int
    key: str
    now: datetime
    offset: timedelta

    def heard(self) -> Heard:
        if self.kind == "callback_query":
            return self._tap()
        chat = self.part["chat"]
        if not _is_chat(chat["id"]):
            raise Unreadable("chat")
        if chat["type"] != "private":
            left = _member_status(self.part) in ("left", "kicked") if self.kind == "my_chat_member" else False
            return Heard(leave=None if left else chat["id"])
        if self.kind == "my_chat_member":
            return self._came_or_left(chat)
        return self._message(chat)

    def _tap(self) -> Heard:
        callback = _text(self.part["id"])
        message = self.part.get("message")
        if message is not None and message["chat"]["type"] != "private":
            return Heard(callback=callback, leave=message["chat"]["id"])
        sender = self.part["from"]
        if not _is_chat(sender["id"]):
            raise Unreadable("from")
        said = self._said(
            "tap",
            sender,
            token=_text(self.part.get("data") or ""),
            message="" if message is None else str(int(message["message_id"])),
        )
        return Heard(said=said, callback=callback)

    def _came_or_left(self, chat: Raw) -> Heard:
        status = _member_status(self.part)
        return Heard(said=self._said("left" if status in ("kicked", "left") else "came", chat))

    def _message(self, chat: Raw) -> Heard:
        text = self.part.get("text")
        attachment = None if text is not None else _attachment(self.part)
        caption = self.part.get("caption")
        words = _text(text if text is not None else caption or "")
        if self.kind == "edited_message":
            what: Any = "edited"
        else:
            what = "attachment" if attachment else "text" if text is not None else "other"
        number = str(int(self.part["message_id"]))
        return Heard(said=self._said(what, chat, text=words, attachment=attachment, message=number))

    def _said(self, kind: Any, chat: Raw, **more: Any) -> Said:
        language = (self.part.get("from") or {}).get("language_code") or ""
        return Said(
            address=f"{CHANNEL}:{chat['id']}", at=self._at(), kind=kind, receipt=self.receipt,
            language=_text(language), key=self.key, **more,
        )  # fmt: skip

    def _at(self) -> datetime:
        date = self.part.get("edit_date") or self.part.get("date")
        if not isinstance(date, int) or self.kind == "callback_query":
            return self.now
        at = datetime.fromtimestamp(date, UTC) + self.offset
        return at if self.now - OLDEST <= at <= self.now else self.now


def _is_chat(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 < abs(number) < LARGEST_CHAT_ID


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable("text")
    return value.encode("utf-8", "replace").decode()  # a lone surrogate can't be kept


def _member_status(part: Raw) -> str:
    return _text(part["new_chat_member"]["status"])


def _attachment(part: Raw) -> Attachment | None:
    location = part.get("location")
    if location is not None:
        return Attachment(
            kind="location", latitude=float(location["latitude"]), longitude=float(location["longitude"])
        )
    photo = part.get("photo")
    if photo:
        largest = max(photo, key=lambda size: int(size["width"]) * int(size["height"]))
        return _file("photo", largest)
    for kind in FILES:
        if part.get(kind) is not None:
            return _file(kind, part[kind])
    return None


def _file(kind: Literal["photo", "voice", "audio", "video", "document"], card: Raw) -> Attachment:
    return Attachment(
        kind=kind,
        fetch=_text(card["file_id"]),
        name=_text(card.get("file_name") or ""),
        size=int(card.get("file_size") or 0),
    )
