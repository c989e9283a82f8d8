"""What is wrong or doubtful in a form, for its author: at publishing, before anybody is asked anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from xlsform.dependencies import references
from xlsform.errors import ExpressionError
from xlsform.findings import MESSAGES
from xlsform.loader import load
from xlsform.model import SELECTS, Bind, Form, Question, Words
from xlsform.xpath import Expression
from xlsform.xpath.functions.strings import pattern_of
from xlsform.xpath.syntax import Call, Expr, Text, calls_in

Severity = Literal["error", "warning"]
_DRAWN = ("signature", "annotate", "draw")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`place` is a path in the form with the column meant; the message is given in English and Chinese."""

    severity: Severity
    code: str
    place: str
    message: str
    message_zh: str


def lint(form: Form) -> tuple[Finding, ...]:
    """Everything found, errors first, each once. Load the form with `lenient=True` to see all at one time."""
    found = [
        *(_finding("error", "syntax", place, detail=detail) for place, detail in form.faults),
        *(finding for bind in form.binds.values() for finding in _bind(form, bind)),
        *(finding for question in form.questions.values() for finding in _question(form, question)),
        *_cycles(form),
        *_languages(form),
    ]
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda finding: finding.severity))


def lint_xform(xform: str) -> tuple[Finding, ...]:
    """The findings of an XForm's text. Raises FormError if it is no XForm at all."""
    return lint(load(xform, lenient=True))


def _finding(severity: Severity, code: str, place: str, **values: str) -> Finding:
    english, chinese = MESSAGES[code]
    return Finding(
        severity=severity,
        code=code,
        place=place,
        message=english.format(**values),
        message_zh=chinese.format(**values),
    )


def _bind(form: Form, bind: Bind) -> Iterator[Finding]:
    if bind.ref not in form.field_index:
        yield _finding("error", "lost-bind", bind.ref, path=bind.ref)
    roles = ("relevant", "calculate", "constraint", "required", "readonly")
    for role in roles:
        expression = getattr(bind, role)
        if expression is not None:
            yield from _expression(form, expression, bind.ref, f"{bind.ref} {role}")


def _question(form: Form, question: Question) -> Iterator[Finding]:
    place = question.ref
    if question.ref not in form.field_index:
        yield _finding("error", "lost-question", place, path=place)
        return
    bind = form.binds.get(place)
    if question.itemset is not None:
        yield from _expression(form, question.itemset.nodes, place, f"{place} choice_filter")
    elif question.kind in SELECTS and not question.items:
        yield _finding("error", "no-choices", place)
    for words in (question.label, question.hint):
        for part in words.parts:
            if not isinstance(part, str):
                yield from _expression(form, part, place, f"{place} label")
    if question.label == Words() and question.kind != "note" and not _hidden(form, place):
        yield _finding("warning", "no-label", place)
    if question.kind in ("geotrace", "geoshape"):
        required = bind is not None and bind.required is not None and bind.required.source != "false()"
        yield _finding("error" if required else "warning", "line-or-area", place)
    if question.kind == "image" and any(word in question.appearance.split() for word in _DRAWN):
        yield _finding("warning", "drawn", place)


def _hidden(form: Form, path: str) -> bool:
    """A question with a calculation need not have a label."""
    return path in form.binds and form.binds[path].calculate is not None


def _expression(form: Form, expression: Expression, context: str, place: str) -> Iterator[Finding]:
    reads = references(expression.syntax, context, form.field_index)
    for path in sorted(reads or ()):
        if path not in form.field_index and path not in ("", "/"):
            yield _finding("error", "unknown-path", place, path=path)
    for call in calls_in(expression.syntax):
        yield from _call(form, call, place)


def _call(form: Form, call: Call, place: str) -> Iterator[Finding]:
    first = _text(call.arguments[0]) if call.arguments else None
    if call.name in ("instance", "pulldata") and first is not None:
        name = first.removesuffix(".csv") if call.name == "pulldata" else first
        if name not in form.instances and name != form.id:
            yield _finding("error", "unknown-instance", place, name=name)
    if call.name == "regex" and len(call.arguments) == 2:
        pattern = _text(call.arguments[1])
        if pattern is not None and not _usable(pattern):
            yield _finding("error", "pattern", place, pattern=pattern)


def _text(expr: Expr) -> str | None:
    return expr.value if isinstance(expr, Text) else None


def _usable(pattern: str) -> bool:
    try:
        pattern_of(pattern)
    except ExpressionError:
        return False
    return True


def _cycles(form: Form) -> Iterator[Finding]:
    for cycle in form.cycles:
        yield _finding("error", "cycle", cycle[0], way=" → ".join((*cycle, cycle[0])))


def _languages(form: Form) -> Iterator[Finding]:
    """Texts that lack one of the form's languages."""
    if len(form.languages) < 2:
        return
    keys = {key for texts in form.texts.values() for key in texts}
    for language in form.languages:
        lacking = sorted(
            key for key in keys if _blank(form, language, key) and not _everywhere_blank(form, key)
        )
        for key in lacking[:20]:
            yield _finding("warning", "untranslated", key.partition(":")[0], language=language, key=key)


def _blank(form: Form, language: str, key: str) -> bool:
    parts = form.texts[language].get(key, {}).get("", ())
    return not parts or parts == ("-",)


def _everywhere_blank(form: Form, key: str) -> bool:
    return all(_blank(form, language, key) for language in form.languages)
