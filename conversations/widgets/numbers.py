"""Numbers: typed; of a range with few steps a button each."""

from decimal import Decimal, InvalidOperation

from conversations.said import Button
from conversations.widgets.asked import Answer, Asked, Result, Widget, how, no_rows, no_tap, read_typed
from conversations.widgets.layout import in_rows
from xlsform import Problem, Range

MOST_STEPS = 12  # as buttons; finer ranges are typed
_PER_ROW = 6


def steps(bounds: Range) -> list[str]:
    """The values of a range, as few as can be buttons; [] where there are more."""
    try:
        start, end, step = (Decimal(text) for text in (bounds.start, bounds.end, bounds.step))
        size = abs(step) if end >= start else -abs(step)
        count = int((end - start) / size)
    except (InvalidOperation, ZeroDivisionError, OverflowError, ValueError):
        return []
    if not 0 < count < MOST_STEPS:
        return []
    return [f"{start + size * n:f}" for n in range(count + 1)]


def _range_rows(a: Asked) -> list[list[Button]]:
    values = steps(a.prompt.range_) if a.prompt.range_ is not None else []
    return in_rows([a.press(value, f"v{n}") for n, value in enumerate(values)], _PER_ROW)


def _range_lines(a: Asked) -> list[str]:
    bounds = a.prompt.range_
    if bounds is None:
        return how(a)
    if steps(bounds):
        return [a.words("form.range_tap", start=bounds.start, end=bounds.end)]
    return [_bounds(a, bounds)]


def _bounds(a: Asked, bounds: Range) -> str:
    key = "form.range" if bounds.step in ("1", "") else "form.range_step"
    return a.words(key, start=bounds.start, end=bounds.end, step=bounds.step)


def _range_tapped(a: Asked, kind: str, rest: str) -> Result:
    values = steps(a.prompt.range_) if a.prompt.range_ is not None else []
    at = int(rest) if kind == "v" and rest.isdecimal() else len(values)
    return Answer(values[at]) if at < len(values) else None


def range_problem(a: Asked, problem: Problem) -> Problem:
    """A number outside a range is answered by its bounds."""
    if a.prompt.range_ is None or problem.kind != "type" or problem.message:
        return problem
    return Problem(kind="type", message=_bounds(a, a.prompt.range_), ref=problem.ref)


NUMBER = Widget(lines=how, rows=no_rows, tapped=no_tap, read=read_typed)
RANGE = Widget(lines=_range_lines, rows=_range_rows, tapped=_range_tapped, read=read_typed)
