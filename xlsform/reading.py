"""What the readers of a form's parts share: attributes, expressions, texts and actions."""

from __future__ import annotations

import re
from functools import lru_cache

from xlsform.errors import ExpressionError, FormError, shorten
from xlsform.model import Action, Parts, Words
from xlsform.nodes import Node
from xlsform.xpath import Expression, compile_expression
from xlsform.xpath.functions import check
from xlsform.xpath.syntax import Text, calls_in

_ITEXT = re.compile(r"""jr:itext\(\s*(?:'([^']*)'|"([^"]*)")\s*\)""")

_NOTHING = Words()


def attribute(node: Node, name: str) -> str:
    """An attribute by its exact name, or by its local name if the prefix was chosen differently."""
    for own in node.attributes:
        if own.name == name:
            return own.value
    if ":" in name:
        local = name.partition(":")[2]
        return next((a.value for a in node.attributes if ":" in a.name and a.local == local), "")
    return ""


class Reader:
    """Compiles the expressions of one form and keeps its faults (place, message)."""

    def __init__(self, *, lenient: bool) -> None:
        self.lenient = lenient
        self.faults: list[tuple[str, str]] = []
        self.ids: dict[str, str] = {}

    def expression(self, source: str, ref: str, role: str) -> Expression | None:
        """None for an empty source. Raises FormError for a broken one, unless lenient."""
        source = source.strip()
        if not source:
            return None
        try:
            return _checked(source)
        except ExpressionError as error:
            where = f"{ref} {role}"
            message = f"{error.message} in {shorten(source)}"
            if error.offset >= 0:
                message = f"{error.message} at character {error.offset + 1} of {shorten(source)}"
            if not self.lenient:
                raise FormError(message, where) from error
            self.faults.append((where, message))
            return Expression(source=source, syntax=Text(value=""), fault=error.message)

    def words(self, source: str, ref: str) -> Words:
        """A text that an attribute gives: a call of jr:itext() or the text itself."""
        if not source:
            return _NOTHING
        match = _ITEXT.fullmatch(source.strip())
        if match:
            return Words(key=match[1] or match[2] or "")
        if source.strip().startswith("jr:itext("):
            return Words(expression=self.expression(source, ref, "label"))
        return Words(parts=(source,))

    def label(self, node: Node | None, ref: str) -> Words:
        """A `<label>` or `<hint>` from the mixed tree."""
        if node is None:
            return _NOTHING
        source = attribute(node, "ref")
        if not source:
            return Words(parts=self.parts(node, ref))
        match = _ITEXT.fullmatch(source.strip())
        if match:
            return Words(key=match[1] or match[2] or "")
        return Words(expression=self.expression(source, ref, "label"))

    def parts(self, node: Node, ref: str) -> Parts:
        """The text of an element with `<output>` inside, which may be wrapped in other markup."""
        if len(node.children) == 1 and node.children[0].kind == "text":
            text = node.children[0].value.strip()
            return (text,) if text else ()
        found: list[str | Expression] = []
        for child in node.children:
            if child.kind == "text":
                found.append(child.value)
            elif child.kind == "element" and child.local == "output":
                source = attribute(child, "value") or attribute(child, "ref")
                expression = self.expression(source, ref, "output")
                if expression is not None:
                    found.append(expression)
            elif child.kind == "element":
                found.extend(self.parts(child, ref))
        return _trimmed(found)

    def action(self, node: Node, source: str) -> Action:
        ref = (attribute(node, "ref") or self.ids.get(attribute(node, "bind"), "")).strip()
        events = frozenset(attribute(node, "event").split() or attribute(node, "ev:event").split())
        value = self.expression(attribute(node, "value"), ref, "setvalue")
        return Action(events=events, ref=ref, value=value, text=node.text(), source=source)


@lru_cache(maxsize=8192)
def _checked(source: str) -> Expression:
    """A compiled expression whose functions all exist; a form says the same ones many times."""
    expression = compile_expression(source)
    for call in calls_in(expression.syntax):
        check(call)
    return expression


def _trimmed(parts: list[str | Expression]) -> Parts:
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return tuple(p for p in parts if p != "")
