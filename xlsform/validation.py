"""Whether an answer may stand: type, choice, required and constraint."""

from __future__ import annotations

from xlsform.choices import choices_of
from xlsform.engine import Engine
from xlsform.model import SELECTS, Question
from xlsform.nodes import Node
from xlsform.prompts import Problem
from xlsform.values import canonical
from xlsform.xpath.moments import iso, parse_moment
from xlsform.xpath.values import text_number

MAX_ANSWER = 20_000
_MULTIPLE = ("select_multiple", "rank")
_TYPES = {
    "integer": "int", "decimal": "decimal", "date": "date", "time": "time",
    "geopoint": "geopoint", "geotrace": "geotrace", "geoshape": "geoshape",
}  # fmt: skip


def is_required(engine: Engine, question: Question, node: Node) -> bool:
    bind = engine.form.binds.get(question.ref)
    return bind is not None and engine.holds(bind.required, node, default=False)


def checked(engine: Engine, question: Question, node: Node, values: list[str]) -> str | Problem:
    """The answer as it will be stored, or why it can't be; nothing is changed."""
    text = " ".join(values) if question.kind in _MULTIPLE else "".join(values)
    if len(text) > MAX_ANSWER:
        return Problem(kind="type", ref=engine.tree.ref_of(node))
    if not text.strip():
        return missing(engine, question, node) or ""
    stored = _typed(engine, question, node, text)
    if isinstance(stored, Problem):
        return stored
    return violation(engine, question, node, stored) or stored


def missing(engine: Engine, question: Question, node: Node) -> Problem | None:
    """The problem of having no answer; None if none is required."""
    if not is_required(engine, question, node):
        return None
    message = engine.texts.words(engine.form.binds[question.ref].required_message, node)
    return Problem(kind="required", message=message, ref=engine.tree.ref_of(node))


def _typed(engine: Engine, question: Question, node: Node, text: str) -> str | Problem:
    ref = engine.tree.ref_of(node)
    if question.kind in SELECTS:
        return _chosen(engine, question, node, text)
    if question.kind == "acknowledge":
        return "OK"
    if question.kind == "range":
        return _in_range(engine, question, text) or Problem(kind="type", ref=ref)
    if question.kind == "dateTime":
        moment = parse_moment(text, engine.env.zone)
        return iso(moment.when) if moment is not None else Problem(kind="type", ref=ref)
    if question.kind.startswith("geo") and not _on_earth(text):
        return Problem(kind="type", ref=ref)
    stored = canonical(text, _TYPES.get(question.kind, "string"))
    return Problem(kind="type", ref=ref) if stored is None else stored


def _on_earth(text: str) -> bool:
    """Whether latitudes and longitudes are possible ones; "30.1,120.2" is one place."""
    for place in text.strip("; ").split(";"):
        numbers = [text_number(part) for part in place.replace(",", " ").split()]
        if len(numbers) < 2 or not (abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180):
            return False
    return True


def _chosen(engine: Engine, question: Question, node: Node, text: str) -> str | Problem:
    offered = [choice.value for choice in choices_of(engine, question, node, labels=False)]
    wanted = [text] if question.kind == "select_one" else list(dict.fromkeys(text.split()))
    if any(value not in offered for value in wanted):
        return Problem(kind="choice", ref=engine.tree.ref_of(node))
    if question.kind == "rank" and len(wanted) != len(offered):
        return Problem(kind="choice", ref=engine.tree.ref_of(node))
    return " ".join(wanted)


def _in_range(engine: Engine, question: Question, text: str) -> str | None:
    bind = engine.form.binds.get(question.ref)
    kind = bind.type if bind is not None and bind.type != "string" else "decimal"
    stored, bounds = canonical(text, kind), question.range_
    if stored is None or bounds is None:
        return stored
    low, high, step = (text_number(n) for n in (bounds.start, bounds.end, bounds.step))
    number = text_number(stored)
    if not min(low, high) <= number <= max(low, high):
        return None
    steps = (number - low) / step if step else 0.0
    return stored if abs(steps - round(steps)) < 1e-6 else None


def violation(engine: Engine, question: Question, node: Node, stored: str) -> Problem | None:
    """The problem if the constraint does not hold with this value in place."""
    bind = engine.form.binds.get(question.ref)
    if bind is None or bind.constraint is None:
        return None
    before = node.value
    node.value = stored
    try:
        if engine.holds(bind.constraint, node, default=True):
            return None
        message = engine.texts.words(bind.constraint_message, node)
        return Problem(kind="constraint", message=message, ref=engine.tree.ref_of(node))
    finally:
        node.value = before
