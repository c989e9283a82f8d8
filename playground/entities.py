"""Text and its entities: parse modes, entities given by offset, and those that Telegram finds by itself."""

import re
from collections.abc import Callable
from typing import Any

from playground.html_text import parse_html
from playground.markdown_text import parse_legacy_markdown, parse_markdown
from playground.refusal import bad
from playground.styled import Styled

Entity = dict[str, Any]

FOUND_BY_ITSELF = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?!\w))"
    r"|(?P<url>https?://[^\s<>\"'，。；、）】]+)"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[A-Za-z]{2,})"
    r"|(?P<mention>(?<!\w)@[A-Za-z][A-Za-z0-9_]{2,31})"
    r"|(?P<hashtag>(?<!\w)#\w+)"
)
PARSERS: dict[str, Callable[[str], Styled]] = {
    "html": parse_html,
    "markdownv2": parse_markdown,
    "markdown": parse_legacy_markdown,
}


def units(text: str) -> int:
    """Length in UTF-16 code units, in which Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def found_entities(text: str) -> list[Entity]:
    """Commands, links, addresses, mentions and hashtags of plain text, with offsets in UTF-16 units."""
    return [
        {
            "type": match.lastgroup,
            "offset": units(text[: match.start()]),
            "length": units(match.group()),
        }
        for match in FOUND_BY_ITSELF.finditer(text)
    ]


def styled_text(text: str, parse_mode: str, given: Any) -> tuple[str, list[Entity]]:
    """The visible text and its entities. A parse mode wins over entities given by offset, as at Telegram;
    white space around the text falls away; links and commands are found by themselves where no entity
    covers them."""
    if parse_mode:
        parser = PARSERS.get(parse_mode.lower())
        if parser is None:
            raise bad("Bad Request: unsupported parse_mode")
        styled = parser(text)
        visible, entities = trimmed(styled.text, styled.entities)
    else:
        visible, entities = trimmed(text, _checked(given, text) if given else [])
    return visible, _joined(entities, found_entities(visible))


def _checked(given: Any, text: str) -> list[Entity]:
    if not isinstance(given, list) or not all(isinstance(entity, dict) for entity in given):
        raise bad("Bad Request: can't parse message entities JSON object")
    length = units(text)
    kept = []
    for entity in given:
        try:
            start, size = int(entity["offset"]), int(entity["length"])
        except (KeyError, TypeError, ValueError):
            raise bad("Bad Request: can't parse MessageEntity: Can't find field \"offset\"") from None
        if start < 0 or size < 0 or start + size > length:
            raise bad(
                f"Bad Request: entity beginning at UTF-16 offset {start} ends after the end of the text"
            )
        if size:
            kept.append(entity)
    return sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Text without white space at its ends, and its entities moved and cut to fit."""
    visible = text.strip()
    if visible == text or not entities:
        return visible, entities
    shift, length = units(text[: len(text) - len(text.lstrip())]), units(visible)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] + entity["length"] - shift, length)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return visible, moved


def _joined(entities: list[Entity], found: list[Entity]) -> list[Entity]:
    if not entities or not found:
        return entities or found
    free = [
        one
        for one in found
        if not any(
            one["offset"] < other["offset"] + other["length"]
            and other["offset"] < one["offset"] + one["length"]
            for other in entities
            if other["type"] in ("code", "pre", "text_link", "text_mention", one["type"])
        )
    ]
    return sorted(entities + free, key=lambda entity: (entity["offset"], -entity["length"]))
