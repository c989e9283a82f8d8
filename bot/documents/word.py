"""Fills a Word template: values go in as text, whatever they hold; a template may only name and repeat."""

import io
from datetime import date
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import ChainableUndefined, DictLoader, StrictUndefined, TemplateError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.documents.kinds import Kind, Value
from conversations.masks import one_line
from conversations.press import Picture, Unprintable, Values

LINE = "______"  # room to write by hand
_PARAGRAPH = "\a"  # docxtpl begins a new paragraph there, of the same style
_FILTERS = ("default", "d", "e", "escape", "first", "join", "last", "length", "trim")


class Blank(str):
    """An empty value: nothing in a condition, in print a line to write on; so are parts of an empty day."""

    __slots__ = ()

    @property
    def year(self) -> "Blank":
        """A line, too."""
        return self

    month = day = year


class Plain(ImmutableSandboxedEnvironment):
    """Jinja2 without calls, functions and anything that makes long texts of short ones.

    ``sources`` are the parts of the template that were read: body, headers, footers, footnotes, properties.
    """

    intercepted_binops = frozenset(("*", "**", "%"))

    def __init__(self, undefined: type[Undefined]) -> None:
        super().__init__(autoescape=True, undefined=undefined, finalize=printed, loader=DictLoader({}))
        self.globals = {}
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.sources: list[str] = []

    def from_string(self, source: Any, *args: Any, **named: Any) -> Any:
        """Keeps what is read beside reading it."""
        self.sources.append(source)
        return super().from_string(source, *args, **named)

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing is called."""
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers may be multiplied, which docxtpl does for merged cells."""
        if operator == "*" and isinstance(left, int) and isinstance(right, int):
            return left * right
        raise SecurityError(f"{operator} is not for templates")


def printed(value: Any) -> Any:
    """A value as it stands on paper: days in full, and for nothing a line to write on."""
    if isinstance(value, Undefined):
        return value
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return LINE if isinstance(value, Blank) else value


def filled(content: bytes, name: str, kind: Kind, values: Values) -> bytes:
    """The template ``content`` with ``values``, as a file. Unprintable with the template's name and why."""
    try:
        return _rendered(content, Plain(StrictUndefined), _plain_values(kind, values))
    except TemplateError as error:
        raise Unprintable([f"{name}.docx: {error}"]) from None


def tried(content: bytes, kind: Kind) -> tuple[Plain, bytes]:
    """The template filled with sample values, and what was read of it. TemplateError where it can't be."""
    environment = Plain(ChainableUndefined)
    return environment, _rendered(content, environment, _plain_values(kind, kind.samples()))


def _rendered(content: bytes, environment: Plain, values: dict[str, Any]) -> bytes:
    template = DocxTemplate(io.BytesIO(content))
    template.render(_placed(values, template), environment, autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def _placed(value: Any, template: DocxTemplate) -> Any:
    """The values, each picture in them as one of this document's."""
    if isinstance(value, dict):
        return {name: _placed(each, template) for name, each in value.items()}
    if isinstance(value, list):
        return [_placed(each, template) for each in value]
    if isinstance(value, Picture):
        return InlineImage(template, io.BytesIO(value.content), width=Mm(value.width))
    return value


def _plain_values(kind: Kind, values: Values) -> dict[str, Any]:
    """The values without anything hidden in them, each on its line unless it is long."""
    ready: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, str) or not isinstance(value, list | tuple):
            ready[name] = _plain(value, kind.values[name])
        else:
            known = kind.rows[name].values
            ready[name] = [{key: _plain(cell, known[key]) for key, cell in row.items()} for row in value]
    return ready


def _plain(value: Any, known: Value) -> Any:
    if value is None or value == "":
        return Blank()
    if not isinstance(value, str):
        return value
    if not known.long:
        return one_line(value).rstrip("。；;") or Blank()  # the template sets its own
    return _PARAGRAPH.join(line for line in map(one_line, value.splitlines()) if line) or Blank()
