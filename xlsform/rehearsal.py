"""A form filled in once when it is published, to find what would cost people in other forms their time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from xlsform.context import Context
from xlsform.errors import shorten
from xlsform.findings import Finding, finding
from xlsform.model import Form
from xlsform.prompts import Prompt, RepeatPrompt
from xlsform.session import Session
from xlsform.xpath.compiler import BUDGET
from xlsform.xpath.functions.patterns import usable
from xlsform.xpath.syntax import Number, Text, calls_in

MOST_STEPS = 10 * BUDGET
"""Steps that a rehearsal takes at most; a form that is so long has been tried well enough."""
MOST_STOPS = 300
INSTANCES = 3
_MORNING = datetime(2026, 2, 28, 9, 30, tzinfo=UTC)
_NUMBERS = ("100", "1", "0", "-1")
_TEXTS = ("a" * 2000, "13900000000", "a@b.cn", "a")
_SAMPLES = {
    "integer": _NUMBERS, "decimal": _NUMBERS, "range": ("1", "0", "5"), "text": _TEXTS, "barcode": _TEXTS,
    "date": ("2026-02-28", "2016-02-28"), "time": ("08:30",), "dateTime": ("2026-02-28T08:30:00.000+08:00",),
    "acknowledge": ("OK",), "geopoint": ("30 120 0 0",),
}  # fmt: skip


def heavy(form: Form, *, most_instances: int = 100) -> tuple[Finding, ...]:
    """What is too heavy in the form, or can't be used at all; () for a form in order.

    Looks for patterns that the matcher refuses, for repeats that ask for more instances than any may have,
    and for calculations that are stopped for their cost while the form is filled in with sample answers.
    """
    found = [*_patterns(form), *_repeats(form, most_instances)]
    return tuple(found) or tuple(_rehearsed(form))


def _patterns(form: Form) -> Iterator[Finding]:
    for bind in form.binds.values():
        for role in ("constraint", "relevant", "calculate", "required", "readonly"):
            expression = getattr(bind, role)
            for call in calls_in(expression.syntax) if expression is not None else ():
                pattern = call.arguments[-1] if call.name == "regex" and call.arguments else None
                if isinstance(pattern, Text) and not usable(pattern.value):
                    yield finding("error", "pattern", f"{bind.ref} {role}", pattern=shorten(pattern.value))


def _repeats(form: Form, most: int) -> Iterator[Finding]:
    for ref, group in form.repeats.items():
        counting = form.binds.get(group.count.source) if group.count is not None else None
        asked = counting.calculate.syntax if counting is not None and counting.calculate is not None else None
        if isinstance(asked, Number) and asked.value > most:
            values = {"asked": f"{asked.value:.0f}", "most": str(most)}
            yield finding("error", "too-many", f"{ref} repeat", **values)


def _rehearsed(form: Form) -> Iterator[Finding]:
    session = Session.start(form, Context(now=_MORNING))
    spent = 0
    for _ in range(MOST_STOPS):
        if session.engine.overruns or spent > MOST_STEPS:
            break
        spent += BUDGET - session.engine.env.budget
        prompt = session.prompt()
        spent += BUDGET - session.engine.env.budget
        if prompt is None or not _passed(session, prompt):
            break
    session.review()
    if not session.engine.overruns:
        session.finish()
    for place in session.engine.overruns:
        yield finding("error", "too-costly", place, steps=str(BUDGET))


def _passed(session: Session, prompt: Prompt | RepeatPrompt) -> bool:
    """Go on by one stop with the first sample that is taken."""
    if isinstance(prompt, RepeatPrompt):
        if prompt.count >= INSTANCES or not session.add_repeat():
            session.no_more()
        return True
    values = [choice.value for choice in prompt.choices[:20]]
    if prompt.kind in ("select_multiple", "rank") and session.answer(values) is None:
        return True
    samples = values or _SAMPLES.get(prompt.kind, ("x",))
    return any(session.answer(sample) is None for sample in samples) or session.skip() is None
