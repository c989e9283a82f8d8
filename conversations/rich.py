"""Text with bold and italic parts; what form authors write in labels (Markdown, spans) becomes such text."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

Mark = tuple[str, int, int]  # bold or italic; first character, how many


@dataclass(frozen=True)
class Rich:
    """Plain ``text`` and its ``marks``, counted in characters."""

    text: str = ""
    marks: tuple[Mark, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def __add__(self, other: "Rich | str") -> "Rich":
        if isinstance(other, str):
            return Rich(self.text + other, self.marks)
        at = len(self.text)
        moved = tuple((kind, start + at, length) for kind, start, length in other.marks)
        return Rich(self.text + other.text, self.marks + moved)

    def all_in(self, kind: str) -> "Rich":
        """The same, wholly in bold or italics; parts that were so already are not marked twice."""
        others = tuple(mark for mark in self.marks if mark[0] != kind)
        return Rich(self.text, (*others, (kind, 0, len(self.text)))) if self.text else self


def rich(text: "Rich | str") -> Rich:
    """Plain text counts as well."""
    return text if isinstance(text, Rich) else Rich(text)


def joined(separator: str, parts: "Iterable[Rich | str]") -> Rich:
    """The parts that are not empty, one after another."""
    texts: list[str] = []
    marks: list[Mark] = []
    at = 0
    for one in (rich(part) for part in parts if part):
        marks += [(kind, at + start, length) for kind, start, length in one.marks]
        texts.append(one.text)
        at += len(one.text) + len(separator)
    return Rich(separator.join(texts), tuple(marks))


def from_label(source: str) -> Rich:
    """A label as its author meant it: headings and ** bold, * and _ italic; colours, tags and escapes go.

    A lone star stands: masked names have one.
    """
    source = source.strip()
    if not _SPECIAL.search(source):
        return Rich(source)
    return joined("\n", [_line(line) or " " for line in _BREAK.sub("\n", source).split("\n")])


def plain(source: str) -> str:
    """A label without its marks, for buttons and lists."""
    return from_label(source).text


_SPECIAL = re.compile(r"[*_#<\\\[]")
_BREAK = re.compile(r"\s*<\s*(?:br\s*/?|/p)\s*>", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*")
_INLINE = re.compile(
    r"\\(?P<escaped>[\\*_#<>\[\]`])"
    r"|</?(?:span|p|div|b|i|u|em|strong|font)\b[^<>]*>"
    r"|\[(?P<words>[^\[\]]+)\]\((?P<link>https?://[^\s()]+)\)"
    r"|(?P<bold>\*\*|__)(?=\S)(?P<strong>.+?)(?<=\S)(?P=bold)"
    r"|(?P<italic>[*_])(?=[^\s*_])(?P<soft>[^*_]+?)(?<=\S)(?P=italic)",
    re.IGNORECASE,
)


def _line(line: str) -> Rich:
    heading = _HEADING.fullmatch(line.strip())
    return _inline(heading[1]).all_in("bold") if heading else _inline(line)


def _inline(text: str) -> Rich:
    found, at = Rich(), 0
    for match in _INLINE.finditer(text):
        if match["italic"] and not _flanking(text, match):
            continue
        found += text[at : match.start()]
        found += _meant(match)
        at = match.end()
    return found + text[at:]


def _meant(match: "re.Match[str]") -> Rich:
    if match["strong"]:
        return _inline(match["strong"]).all_in("bold")
    if match["soft"]:
        return _inline(match["soft"]).all_in("italic")
    if match["words"]:
        return Rich(f"{match['words']} {match['link']}")
    return Rich(match["escaped"] or "")


def _flanking(text: str, match: "re.Match[str]") -> bool:
    """CommonMark's rule, so that 张*、李* keeps its stars and a_b_c its lines."""
    before = text[match.start() - 1] if match.start() else " "
    after = text[match.end()] if match.end() < len(text) else " "
    soft = match["soft"]
    opens = not _mark(soft[0]) or before.isspace() or _mark(before)
    closes = not _mark(soft[-1]) or after.isspace() or _mark(after)
    if match["italic"] == "_" and (before.isalnum() or after.isalnum()):
        return False
    return opens and closes


def _mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"
