"""What Telegram lets pass: texts, captions and keyboards, checked in its order and refused in its words."""

import re
from typing import Any

from playground.entities import Entity, styled_text, units
from playground.refusal import (
    BUTTON_DATA_INVALID,
    CAPTION_TOO_LONG,
    CHAT_ID_EMPTY,
    CHAT_NOT_FOUND,
    MARKUP_TOO_LONG,
    MESSAGE_TEXT_EMPTY,
    MESSAGE_TOO_LONG,
    REPLY_NOT_FOUND,
    TEXT_BLANK,
    bad,
)
from playground.wire import Args, mapping
from playground.world import Chat, World

TEXT_LIMIT = 4096  # UTF-16 units, after parsing
CAPTION_LIMIT = 1024
DATA_LIMIT = 64  # bytes of UTF-8
BUTTONS_LIMIT = 100
ROW_LIMIT = 8
GOOD_URL = re.compile(r"(https?://)?[^\s/?#]+\.[^\s]+|tg://\S+|https?://\S+|mailto:\S+|tel:\S+")
INLINE_ACTIONS = (
    "callback_data",
    "url",
    "login_url",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def chat_of(world: World, args: Args) -> Chat:
    """The chat that a call writes to."""
    value = args.fields.get("chat_id")
    if value is None or value == "":
        raise bad(CHAT_ID_EMPTY)
    try:
        return world.writable(int(value))
    except (TypeError, ValueError):
        raise bad(CHAT_NOT_FOUND) from None


def text_of(args: Args, too_long: str = MESSAGE_TOO_LONG) -> tuple[str, list[Entity]]:
    """The text of a message and its entities."""
    raw = args.text("text")
    if not raw:
        raise bad(MESSAGE_TEXT_EMPTY)
    text, entities = styled_text(raw, args.text("parse_mode"), args.json("entities", "message entities"))
    if not text:
        raise bad(TEXT_BLANK)
    if len(text) * 2 > TEXT_LIMIT and units(text) > TEXT_LIMIT:
        raise bad(too_long)
    return text, entities


def caption_of(args: Args) -> dict[str, Any]:
    """The caption of a file as fields of its message; none when there is no caption."""
    raw = args.text("caption")
    if not raw:
        return {}
    given = args.json("caption_entities", "caption entities")
    text, entities = styled_text(raw, args.text("parse_mode"), given)
    if units(text) > CAPTION_LIMIT:
        raise bad(CAPTION_TOO_LONG)
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def markup_of(args: Args) -> dict[str, Any] | None:
    """The keyboard of a call: inline, reply, removal or forced reply; None when there is no button in it."""
    if "reply_markup" not in args.fields:
        return None
    markup = args.json("reply_markup", "reply keyboard markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise bad("Bad Request: object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], "inline keyboard")
        for row in rows:
            for button in row:
                _check_inline(button)
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        rows = _rows(markup["keyboard"], "keyboard")
        return {**markup, "keyboard": rows} if rows else None
    return markup


def _rows(value: Any, what: str) -> list[list[dict[str, Any]]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad(f'Bad Request: field "{what.replace(" ", "_")}" must be of type Array of Arrays')
    rows = [[{"text": cell} if isinstance(cell, str) else cell for cell in row] for row in value if row]
    if sum(map(len, rows)) > BUTTONS_LIMIT or any(len(row) > ROW_LIMIT for row in rows):
        raise bad(MARKUP_TOO_LONG)
    for row in rows:
        for button in row:
            if not isinstance(button, dict) or "text" not in button:
                raise bad(f"Bad Request: can't parse {what} button: Can't find field \"text\"")
            if not str(button["text"]).strip():
                raise bad(f"Bad Request: {what} button text must be non-empty")
    return rows


def _check_inline(button: dict[str, Any]) -> None:
    data = button.get("callback_data")
    if data is not None:
        if not 1 <= len(str(data).encode()) <= DATA_LIMIT:
            raise bad(BUTTON_DATA_INVALID)
    elif "url" in button:
        if not GOOD_URL.fullmatch(str(button["url"])):
            raise bad(f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    elif not any(action in button for action in INLINE_ACTIONS):
        raise bad(
            "Bad Request: can't parse inline keyboard button: "
            "Text buttons are unallowed in the inline keyboard"
        )


def reply_of(chat: Chat, args: Args) -> dict[str, Any]:
    """The message that is replied to, as fields of the reply; none when there is none."""
    parameters = Args(mapping(args.json("reply_parameters", "reply parameters"), "reply parameters"))
    wanted = parameters.integer("message_id") or args.integer("reply_to_message_id")
    if not wanted:
        return {}
    record = chat.records.get(wanted)
    if record is None:
        if parameters.flag("allow_sending_without_reply") or args.flag("allow_sending_without_reply"):
            return {}
        raise bad(REPLY_NOT_FOUND)
    quoted = {key: value for key, value in record.body.items() if key != "reply_to_message"}
    return {"reply_to_message": quoted}


def pieces(text: str) -> list[str]:
    """A typed text cut into messages of at most 4096 UTF-16 units."""
    if units(text) <= TEXT_LIMIT:
        return [text]
    step = TEXT_LIMIT // 2  # characters, of which each may take two units
    cut = [text[at : at + step].strip() for at in range(0, len(text), step)]
    return [piece for piece in cut if piece]
