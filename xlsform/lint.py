"""What is wrong or doubtful in a form, for its author: at publishing, before anybody is asked anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from xlsform.dependencies import references
from xlsform.expression_faults import broken
from xlsform.findings import Finding, finding
from xlsform.loader import load
from xlsform.model import SELECTS, Bind, Form, Question, Words
from xlsform.xpath import Expression
from xlsform.xpath.functions.patterns import usable
from xlsform.xpath.syntax import Call, Expr, Text, calls_in

_DRAWN = ("signature", "annotate", "draw")


def lint(form: Form) -> tuple[Finding, ...]:
    """Everything found, errors first, each once. Load the form with `lenient=True` to see all at one time."""
    found = [
        *(broken(place, detail) for place, detail in form.faults),
        *(one for bind in form.binds.values() for one in _bind(form, bind)),
        *(one for question in form.questions.values() for one in _question(form, question)),
        *_cycles(form),
        *_languages(form),
    ]
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda one: one.severity))


def lint_xform(xform: str) -> tuple[Finding, ...]:
    """The findings of an XForm's text. Raises FormError if it is no XForm at all."""
    return lint(load(xform, lenient=True))


def _bind(form: Form, bind: Bind) -> Iterator[Finding]:
    if bind.ref not in form.field_index:
        yield finding("error", "lost-bind", bind.ref, path=bind.ref)
    roles = ("relevant", "calculate", "constraint", "required", "readonly")
    for role in roles:
        expression = getattr(bind, role)
        if expression is not None:
            yield from _expression(form, expression, bind.ref, f"{bind.ref} {role}")


def _question(form: Form, question: Question) -> Iterator[Finding]:
    place = question.ref
    if question.ref not in form.field_index:
        yield finding("error", "lost-question", place, path=place)
        return
    bind = form.binds.get(place)
    if question.itemset is not None:
        yield from _expression(form, question.itemset.nodes, place, f"{place} choice_filter")
    elif question.kind in SELECTS and not question.items:
        yield finding("error", "no-choices", place)
    for words in (question.label, question.hint):
        for part in words.parts:
            if not isinstance(part, str):
                yield from _expression(form, part, place, f"{place} label")
    if question.label == Words() and question.kind != "note" and not _hidden(form, place):
        yield finding("warning", "no-label", place)
    if question.kind in ("geotrace", "geoshape"):
        required = bind is not None and bind.required is not None and bind.required.source != "false()"
        yield finding(
            "error" if required else "warning",
            "line-or-area",
            f"{place} {'required' if required else 'type'}",
        )
    if question.kind == "image" and any(word in question.appearance.split() for word in _DRAWN):
        yield finding("warning", "drawn", f"{place} appearance")


def _hidden(form: Form, path: str) -> bool:
    """A question with a calculation need not have a label."""
    return path in form.binds and form.binds[path].calculate is not None


def _expression(form: Form, expression: Expression, context: str, place: str) -> Iterator[Finding]:
    reads = references(expression.syntax, context, form.field_index)
    for path in sorted(reads or ()):
        if path not in form.field_index and path not in ("", "/"):
            yield _no_field(form, place, path)
    for call in calls_in(expression.syntax):
        yield from _call(form, call, place)


def _no_field(form: Form, place: str, path: str) -> Finding:
    near = get_close_matches(path.rpartition("/")[2], [f.name for f in form.fields[1:]], 1)
    hints = {"hint": f"; perhaps ${{{near[0]}}}", "hint_zh": f"；是不是 ${{{near[0]}}}？"} if near else {}
    return finding("error", "unknown-path", place, path=path, **hints)


def _call(form: Form, call: Call, place: str) -> Iterator[Finding]:
    first = _text(call.arguments[0]) if call.arguments else None
    if call.name in ("instance", "pulldata") and first is not None:
        name = first.removesuffix(".csv") if call.name == "pulldata" else first
        if name not in form.instances and name != form.id:
            yield finding("error", "unknown-instance", place, name=name)
    if call.name == "regex" and len(call.arguments) == 2:
        pattern = _text(call.arguments[1])
        if pattern is not None and not usable(pattern):
            yield finding("error", "pattern", place, pattern=pattern)


def _text(expr: Expr) -> str | None:
    return expr.value if isinstance(expr, Text) else None


def _cycles(form: Form) -> Iterator[Finding]:
    for cycle in form.cycles:
        bind = form.binds.get(cycle[0])
        role = "calculate" if bind is not None and bind.calculate is not None else "relevant"
        yield finding("error", "cycle", f"{cycle[0]} {role}", way=" → ".join((*cycle, cycle[0])))


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
            one = finding("warning", "untranslated", key, language=language, key=key)
            yield replace(one, column=f"{key.partition(':')[2] or 'label'}::{language}")


def _blank(form: Form, language: str, key: str) -> bool:
    parts = form.texts[language].get(key, {}).get("", ())
    return not parts or parts == ("-",)


def _everywhere_blank(form: Form, key: str) -> bool:
    return all(_blank(form, language, key) for language in form.languages)
