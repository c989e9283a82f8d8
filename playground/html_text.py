"""parse_mode HTML, with the tags, the attributes and the refusals of Telegram's parser."""

import re

from playground.styled import Styled

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));?")
PIECE = re.compile(r"[^<&]+")
NAME_END = re.compile(r"[\s>]")
ATTRIBUTE = re.compile(r"\s*([^\s=>]*)\s*(=?)\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9.\-]+)?")


def parse_html(source: str) -> Styled:
    """Visible text and entities, or the refusal "can't parse entities"."""
    styled, at = Styled(source), 0
    names: list[str] = []
    while at < len(source):
        char = source[at]
        if char == "<":
            at = _end_tag(styled, names, at) if source.startswith("</", at) else _start_tag(styled, names, at)
        elif char == "&":
            at = _reference(styled, at)
        else:
            piece = PIECE.match(source, at)
            assert piece is not None
            styled.put(piece.group())
            at = piece.end()
    if names:
        raise styled.broken(f'Can\'t find end tag corresponding to start tag "{names[-1]}"')
    _merge_code_blocks(styled)
    return styled.finish()


def _reference(styled: Styled, at: int) -> int:
    char, end = _referenced(styled.source, at)
    styled.put(char)
    return end


def _referenced(source: str, at: int) -> tuple[str, int]:
    match = REFERENCE.match(source, at)
    if match is not None:
        hexadecimal, decimal, name = match.groups()
        code = int(hexadecimal, 16) if hexadecimal else int(decimal) if decimal else 0
        if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
            return chr(code), match.end()
        if name in NAMED:
            return NAMED[name], match.end()
    return "&", at + 1


def _unescaped(value: str) -> str:
    parts, at = [], 0
    while at < len(value):
        char, at = _referenced(value, at) if value[at] == "&" else (value[at], at + 1)
        parts.append(char)
    return "".join(parts)


def _start_tag(styled: Styled, names: list[str], at: int) -> int:
    source, where = styled.source, styled.byte(at)
    name_end = NAME_END.search(source, at + 1)
    if name_end is None:
        raise styled.broken(f"Unclosed start tag at byte offset {where}")
    name = source[at + 1 : name_end.start()].lower()
    if name not in TAGS:
        raise styled.broken(f'Unsupported start tag "{name}" at byte offset {where}')
    attributes, end = _attributes(styled, name, name_end.start(), where)
    names.append(name)
    extra = {}
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise styled.broken(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
    if name == "a":
        extra["url"] = attributes.get("href", "")
    elif name == "tg-emoji":
        extra["custom_emoji_id"] = attributes.get("emoji-id", "")
    elif name == "code" and attributes.get("class", "").startswith("language-"):
        extra["language"] = attributes["class"].removeprefix("language-")
    kind = "expandable_blockquote" if name == "blockquote" and "expandable" in attributes else TAGS[name]
    styled.begin(kind, at, **extra)
    return end


def _attributes(styled: Styled, tag: str, at: int, where: int) -> tuple[dict[str, str], int]:
    source = styled.source
    found: dict[str, str] = {}
    while True:
        while at < len(source) and source[at].isspace():
            at += 1
        if at >= len(source):
            raise styled.broken(f"Unclosed start tag at byte offset {where}")
        if source[at] == ">":
            return found, at + 1
        match = ATTRIBUTE.match(source, at)
        assert match is not None
        name, equals, value = match.groups()
        if not name:
            raise styled.broken(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
        if not equals:
            if name != "expandable":
                words = f'Expected equal sign in declaration of an attribute of the tag "{tag}"'
                raise styled.broken(f"{words} at byte offset {where}")
            found[name], at = "", match.end(1)
            continue
        if value is None:
            raise styled.broken(f"Unclosed start tag at byte offset {where}")
        found[name.lower()] = _unescaped(value.strip("\"'"))
        at = match.end()


def _end_tag(styled: Styled, names: list[str], at: int) -> int:
    source, where = styled.source, styled.byte(at)
    end = source.find(">", at)
    if end < 0:
        raise styled.broken(f"Unclosed end tag at byte offset {where}")
    name = source[at + 2 : end].strip().lower()
    if not names:
        raise styled.broken(f"Unexpected end tag at byte offset {where}")
    if name and name != names[-1]:
        raise styled.broken(
            f'Unmatched end tag at byte offset {where}, expected "</{names[-1]}>", found "</{name}>"'
        )
    if names.pop() == "a" and not styled.open[-1].extra["url"]:
        url = styled.text_from(styled.open[-1].offset)
        if "." not in url:
            styled.drop()
            return end + 1
        styled.end(url=url)
    else:
        styled.end()
    return end + 1


def _merge_code_blocks(styled: Styled) -> None:
    """`<pre><code class="language-x">` is one block of code in the language x."""
    blocks = {(one["offset"], one["length"]): one for one in styled.entities if one["type"] == "pre"}
    kept = []
    for entity in styled.entities:
        language = entity.pop("language", None) if entity["type"] == "code" else None
        block = blocks.get((entity["offset"], entity["length"]))
        if entity["type"] == "code" and block is not None:
            if language:
                block["language"] = language
            continue
        kept.append(entity)
    styled.entities = kept
