"""Text of an expression to tokens, with XPath's rule for names that may be operators."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xlsform.errors import ExpressionError

MAX_CHARACTERS = 200_000

_NAME = r"[^\W\d][\w.\-\u00b7]*"
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<string>"[^"]*"|'[^']*')
    |(?P<axis>{_NAME}(?=\s*::))
    |(?P<name>{_NAME}(?::(?:{_NAME}|\*))?)
    |(?P<op>::|//|\.\.|<=|>=|!=|[()\[\].@,/|+\-=<>*$])""",
    re.VERBOSE,
)
_OPERATOR_NAMES = {"and", "or", "div", "mod"}
_GLUED = re.compile(r"(and|or|div|mod)\d")
# After one of these (or at the start) a `*` or a name is an operand, never an operator (XPath 1.0, 3.7).
_OPERAND_FOLLOWS = {"@", "::", "(", "[", ",", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">="}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, string, name, axis, operator (and or div mod *), op, or end."""

    kind: str
    text: str
    offset: int


def tokens(source: str) -> list[Token]:
    """The tokens, closed by one of kind "end". Raises ExpressionError."""
    if len(source) > MAX_CHARACTERS:
        raise ExpressionError(f"the expression is longer than {MAX_CHARACTERS} characters", 0)
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise ExpressionError(f"unexpected character {source[position]!r}", position)
        kind, text = str(match.lastgroup), match.group()
        before = found[-1] if found else None
        if kind == "name" and _operator_place(before) and (glued := _GLUED.match(text)):
            text = glued[1]
        if kind != "space":
            found.append(_token(kind, text, position, before))
        position += len(text)
    found.append(Token("end", "", len(source)))
    return found


def _operator_place(before: Token | None) -> bool:
    """Whether an operator may stand after this token."""
    if before is None or before.kind == "operator":
        return False
    return not (before.kind == "op" and before.text in _OPERAND_FOLLOWS)


def _token(kind: str, text: str, offset: int, before: Token | None) -> Token:
    if text == "*" or (kind == "name" and text in _OPERATOR_NAMES):
        if _operator_place(before):
            return Token("operator", text, offset)
        return Token("name", text, offset)
    return Token(kind, text, offset)
