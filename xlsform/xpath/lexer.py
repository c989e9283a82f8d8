"""Text of an expression to tokens, with XPath's rule for names that may be operators."""

from __future__ import annotations

import re
from typing import NamedTuple

from xlsform.errors import ExpressionError

MAX_CHARACTERS = 200_000

_NAME = r"[^\W\d][\w.\-\u00b7]*"
_PATH = rf"(?:/{_NAME}(?::{_NAME})?)+(?!\s*\(|\s*::|[\w.\-\u00b7:])"
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<path>{_PATH})
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<string>"[^"]*"|'[^']*')
    |(?P<name>{_NAME}(?::(?:{_NAME}|\*))?)(?P<axis>(?=\s*::))?
    |(?P<op>::|//|\.\.|<=|>=|!=|[()\[\].@,/|+\-=<>*$]))""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_OPERATOR_NAMES = {"and", "or", "div", "mod"}
_GLUED = re.compile(r"(and|or|div|mod)\d")
# After one of these (or at the start) a `*` or a name is an operand, never an operator (XPath 1.0, 3.7).
_OPERAND_FOLLOWS = {"@", "::", "(", "[", ",", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">="}


class Token(NamedTuple):
    """`kind` is number, string, name, path (`/data/child/age`, names only), axis, operator (and or div mod
    *), op, or end.
    """

    kind: str
    text: str
    offset: int


def tokens(source: str) -> list[Token]:
    """The tokens, closed by one of kind "end". Raises ExpressionError."""
    if len(source) > MAX_CHARACTERS:
        raise ExpressionError(f"the expression is longer than {MAX_CHARACTERS} characters", 0)
    found: list[Token] = []
    position, operand_follows = 0, True
    while match := _TOKEN.match(source, position):
        kind, position = str(match.lastgroup), match.end()
        text = match[kind] or match["name"]
        offset = position - len(text)
        if kind == "axis" and ":" in text:
            kind = "name"
        if kind == "name" and not operand_follows:
            kind, text = _after_operand(text)
            position = offset + len(text)
        elif text == "*":
            kind = "name" if operand_follows else "operator"
        found.append(Token(kind, text, offset))
        operand_follows = kind == "operator" or (kind == "op" and text in _OPERAND_FOLLOWS)
    rest = _SPACE.match(source, position)
    if rest is not None and rest.end() < len(source):
        raise ExpressionError(f"unexpected character {source[rest.end()]!r}", rest.end())
    found.append(Token("end", "", len(source)))
    return found


def _after_operand(name: str) -> tuple[str, str]:
    """Kind and text of a name where an operator may stand; in `5 mod2` the operator ends before the digit."""
    if glued := _GLUED.match(name):
        return "operator", glued[1]
    return ("operator" if name in _OPERATOR_NAMES else "name"), name
