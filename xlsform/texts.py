"""Texts of a form in a language, with the values inside them."""

from __future__ import annotations

from collections.abc import Callable

from xlsform.model import Form, Parts, Words
from xlsform.nodes import Node
from xlsform.xpath import Expression, Value, to_text

LONGEST = 50_000
"""Characters after which a text with values in it is cut; the longest published one has 6,000."""

ValueOf = Callable[[Expression, Node], Value]


class Renderer:
    """Renders Words at a node. A text that is missing or "-" in the language is taken from the default
    language.
    """

    def __init__(self, form: Form, language: str, value_of: ValueOf, shown: Callable[[str], str]) -> None:
        self.form = form
        self.language = language
        self.value_of = value_of
        self.shown = shown

    def words(self, words: Words, node: Node, form: str = "") -> str:
        """The text in one of its forms: "" for plain, or image, audio, video, guidance."""
        if words.key:
            return self.key(words.key, node, form)
        if words.expression is not None:
            return to_text(self.value_of(words.expression, node)) if form == "" else ""
        return self.render(words.parts, node) if form == "" else ""

    def key(self, key: str, node: Node, form: str = "") -> str:
        for language in dict.fromkeys((self.language, self.form.default_language, *self.form.texts)):
            forms = self.form.texts.get(language, {}).get(key)
            if forms is None:
                continue
            parts = forms.get(form)
            if parts is None and form == "":
                parts = forms.get("long") or forms.get("short")
            if parts and parts != ("-",):
                return self.render(parts, node)
        return ""

    def render(self, parts: Parts, node: Node) -> str:
        said: list[str] = []
        length = 0
        for part in parts:
            said.append(part if isinstance(part, str) else self.shown(to_text(self.value_of(part, node))))
            length += len(said[-1])
            if length > LONGEST:
                return "".join(said)[:LONGEST]
        return "".join(said)
