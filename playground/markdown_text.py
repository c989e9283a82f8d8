"""parse_mode MarkdownV2 and the older Markdown, with the refusals of Telegram's parsers."""

import re

from playground.styled import Styled

RESERVED = "_*[]()~`>#+-=|{}.!"
MARKS = {"bold": "*", "strikethrough": "~", "underline": "__", "spoiler": "||", "code": "`", "pre": "```"}
NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
}
QUOTES = ("blockquote", "expandable_blockquote")
LANGUAGE = re.compile(r"([^\s`]+)(?=\s)")
CUSTOM_EMOJI = re.compile(r"tg://emoji\?id=(\d+)")


def parse_markdown(source: str) -> Styled:
    """MarkdownV2: visible text and entities, or the refusal "can't parse entities"."""
    styled, at = Styled(source), 0
    while at < len(source):
        char, inner = source[at], styled.open[-1].kind if styled.open else ""
        if char == "\\" and at + 1 < len(source) and 0 < ord(source[at + 1]) < 127:
            styled.put(source[at + 1])
            at += 2
        elif char == "\n" and inner in QUOTES and not source.startswith(">", at + 1):
            styled.end()
            styled.put(char)
            at += 1
        elif char not in ("`" if inner in ("code", "pre") else RESERVED):
            styled.put(char)
            at += 1
        elif _closes(source, at, inner):
            at = _close(styled, at, inner)
        else:
            at = _begin(styled, at)
    if styled.open and styled.open[-1].kind in QUOTES:
        styled.end()
    if styled.open:
        raise styled.broken(_unfinished(styled))
    return styled.finish()


def _unfinished(styled: Styled) -> str:
    opened = styled.open[-1]
    name = "PreCode" if "language" in opened.extra else NAMES.get(opened.kind, "BlockQuote")
    return f"Can't find end of {name} entity at byte offset {styled.byte(opened.at)}"


def _closes(source: str, at: int, inner: str) -> bool:
    if inner == "italic":
        return source[at] == "_" and not source.startswith("__", at)
    if inner in ("text_link", "custom_emoji"):
        return source[at] == "]"
    if inner in QUOTES:
        rest = source[at + 2 : at + 3]
        return source.startswith("||", at) and rest in ("", "\n")
    return inner in MARKS and source.startswith(MARKS[inner], at)


def _close(styled: Styled, at: int, inner: str) -> int:
    if inner in ("text_link", "custom_emoji"):
        return _close_link(styled, at)
    if inner in QUOTES:
        styled.open[-1].kind = "expandable_blockquote"
        styled.end()
        return at + 2
    styled.end()
    return at + len(MARKS.get(inner, "_"))


def _close_link(styled: Styled, at: int) -> int:
    source, opened = styled.source, styled.open[-1]
    if not source.startswith("(", at + 1):
        if opened.kind == "custom_emoji":
            raise styled.broken("Custom emoji entity must contain a tg://emoji URL")
        styled.end(url=styled.text_from(opened.offset))
        return at + 1
    parts, end = [], at + 2
    while end < len(source) and source[end] != ")":
        if source[end] == "\\" and end + 1 < len(source):
            end += 1
        parts.append(source[end])
        end += 1
    if end >= len(source):
        kind = "a custom emoji URL" if opened.kind == "custom_emoji" else "a URL"
        raise styled.broken(f"Can't find end of {kind} at byte offset {styled.byte(at + 1)}")
    url = "".join(parts)
    emoji = CUSTOM_EMOJI.fullmatch(url)
    if opened.kind == "custom_emoji":
        if emoji is None:
            raise styled.broken("Custom emoji entity must contain a tg://emoji URL")
        styled.end(custom_emoji_id=emoji.group(1))
    else:
        styled.end(url=url)
    return end + 1


def _begin(styled: Styled, at: int) -> int:
    source = styled.source
    if source.startswith("**>", at) and _line_starts(source, at):
        styled.begin("blockquote", at)
        return at + 3
    if source.startswith("```", at):
        return _begin_block(styled, at)
    for mark, kind in (("__", "underline"), ("||", "spoiler"), ("![", "custom_emoji")):
        if source.startswith(mark, at):
            styled.begin(kind, at)
            return at + 2
    if source[at] == ">" and _line_starts(source, at):
        if not styled.open or styled.open[-1].kind not in QUOTES:
            styled.begin("blockquote", at)
        return at + 1
    kind = {"_": "italic", "*": "bold", "~": "strikethrough", "`": "code", "[": "text_link"}.get(
        source[at], ""
    )
    if not kind:
        raise styled.broken(
            f"Character '{source[at]}' is reserved and must be escaped with the preceding '\\'"
        )
    styled.begin(kind, at)
    return at + 1


def _begin_block(styled: Styled, at: int) -> int:
    language, end = LANGUAGE.match(styled.source, at + 3), at + 3
    if language is None:
        styled.begin("pre", at)
    else:
        styled.begin("pre", at, language=language.group(1))
        end = language.end()
    return end + 1 if styled.source.startswith("\n", end) else end


def _line_starts(source: str, at: int) -> bool:
    return at == 0 or source[at - 1] == "\n"


def parse_legacy_markdown(source: str) -> Styled:
    """The older Markdown: no nesting, no underline; a mark without its end is refused."""
    styled, at = Styled(source), 0
    while at < len(source):
        char = source[at]
        if char == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            styled.put(source[at + 1])
            at += 2
        elif char not in "_*`[":
            styled.put(char)
            at += 1
        else:
            at = _legacy_entity(styled, at)
    return styled.finish()


def _legacy_entity(styled: Styled, at: int) -> int:
    source = styled.source
    block = source.startswith("```", at)
    mark = "```" if block else "]" if source[at] == "[" else source[at]
    start = at + len(mark)
    end = source.find(mark, start)
    if end < 0:
        raise styled.broken(f"Can't find end of the entity starting at byte offset {styled.byte(at)}")
    kind = "pre" if block else {"_": "italic", "*": "bold", "`": "code", "]": "text_link"}[mark]
    styled.begin(kind, at)
    styled.put(source[start:end].lstrip("\n") if block else source[start:end])
    after = end + len(mark)
    if kind != "text_link":
        styled.end()
        return after
    closing = source.find(")", after) if source.startswith("(", after) else -1
    if closing < 0:
        styled.drop()
        return after
    styled.end(url=source[after + 1 : closing])
    return closing + 1
