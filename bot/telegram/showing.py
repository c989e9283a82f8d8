"""From our messages to what Telegram is asked to show."""

from collections.abc import Mapping
from typing import Any

from conversations.said import Button, Message

LONGEST_TEXT = 4096  # UTF-16 units (MessageLimit.MAX_TEXT_LENGTH)
LONGEST_CAPTION = 1024


def units(text: str) -> int:
    """The length of ``text`` as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int = LONGEST_TEXT) -> list[str]:
    """``text`` in parts that Telegram takes, cut at line ends where there are any, else inside a line."""
    parts: list[str] = []
    while units(text) > limit:
        end = _fitting(text, limit)
        line = text.rfind("\n", 1, end + 1)
        cut = line if line > 0 else end
        parts.append(text[:cut])
        text = text[cut + 1 :] if line > 0 else text[cut:]
    return [*parts, text]


def _fitting(text: str, limit: int) -> int:
    count = 0
    for index, ch in enumerate(text):
        count += 2 if ch > "\uffff" else 1
        if count > limit:
            return index
    return len(text)


def payloads(message: Message, chat_id: int) -> list[dict[str, Any]]:
    """What Telegram is sent, in order: plain text, marked parts by offset; buttons under the last part."""
    texts = [part for part in split(message.text) if part.strip()] or ["…"]
    sent: list[dict[str, Any]] = []
    start = 0
    for text in texts:
        start = max(message.text.find(text, start), 0)
        one: dict[str, Any] = {
            "chat_id": chat_id,
            "text": text,
            "link_preview_options": {"is_disabled": True},
        }
        entities = _entities(message, text, start)
        if entities:
            one["entities"] = entities
        if message.protect:
            one["protect_content"] = True
        if message.silent:
            one["disable_notification"] = True
        sent.append(one)
        start += len(text)
    markup = _markup(message)
    if markup:
        sent[-1]["reply_markup"] = markup
    return sent


def captioned(part: Mapping[str, Any]) -> dict[str, Any] | None:
    """A text message's parameters as those of a picture's caption; None where it is too long for one."""
    if units(part["text"]) > LONGEST_CAPTION:
        return None
    names = {"text": "caption", "entities": "caption_entities"}
    return {names.get(name, name): value for name, value in part.items() if name != "link_preview_options"}


def _entities(message: Message, text: str, start: int) -> list[dict[str, Any]]:
    entities = []
    for kind, offset, length in message.marks:
        first, last = max(offset - start, 0), min(offset + length - start, len(text))
        if first < last:
            part = units(text[:first]), units(text[first:last])
            entities.append({"type": kind, "offset": part[0], "length": part[1]})
    return entities


def _markup(message: Message) -> dict[str, Any]:
    if any(button.sends for row in message.buttons for button in row):
        rows = [[_key(button) for button in row] for row in message.buttons]
        return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
    if message.buttons:
        return {"inline_keyboard": [[_button(b) for b in row] for row in message.buttons]}
    return {"remove_keyboard": True} if message.clears else {}


def _key(button: Button) -> dict[str, Any]:
    return {"text": button.label} | ({"request_location": True} if button.sends == "place" else {})


def _button(button: Button) -> dict[str, str]:
    if button.url:
        return {"text": button.label, "url": button.url}
    return {"text": button.label, "callback_data": button.token}
