"""Recorded runs of ODK Web Forms' scenarios: operations, and the state of every node after each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.conformance.tally import Tally
from xlsform import Context, FormError, Session, load
from xlsform.context import choose_language
from xlsform.engine import Engine
from xlsform.model import Bind
from xlsform.nodes import Node
from xlsform.validation import violation
from xlsform.values import stored

NOW = datetime(2026, 11, 23, 9, 28, 0, tzinfo=ZoneInfo("America/Phoenix"))
State = dict[str, dict[str, Any]]


def score(lines: Iterable[dict[str, Any]], tally: Tally) -> None:
    for trace in lines:
        if "jr://" in trace["form"] or trace["steps"][0]["error"] or trace.get("opts"):
            tally.left_out += 1
            continue
        wrong = _replay(trace, tally)
        group = f"scenarios/{trace['file'].removeprefix('test/').removesuffix('.test.ts')}"
        tally.case(group, not wrong, f"{trace['test']}: {wrong[:4]}")


def _replay(trace: dict[str, Any], tally: Tally) -> list[str]:
    try:
        session = Session.start(load(trace["form"]), Context(now=NOW))
    except FormError as error:
        return [f"does not load: {error}"]
    expected: State = {}
    wrong: list[str] = []
    for number, step in enumerate(trace["steps"]):
        if step["error"]:
            continue
        problem = _operate(session.engine, step)
        if problem:
            wrong.append(f"step {number}: {problem}")
            break
        for ref in step["removed"]:
            expected.pop(ref, None)
        expected.update(step["changed"])
        for ref, facts in expected.items():
            wrong.extend(f"step {number} {w}" for w in _compare(session.engine, ref, facts, tally))
    return wrong


def _operate(engine: Engine, step: dict[str, Any]) -> str:
    engine.refill()
    args = step["args"] or []
    if step["op"] == "answer":
        node = engine.tree.at(step["ref"])
        if node is None:
            return f"no node {step['ref']}"
        values = (
            args[1:]
            if args and isinstance(args[0], str) and args[0].startswith("/") and len(args) > 1
            else args
        )
        if values == [{}]:  # a file, whose name the recording has only in the result
            values = [step["changed"].get(step["ref"], {}).get("value", "")]
        text = _text(values[0]) if len(values) == 1 else " ".join(_text(v) for v in values)
        bind = engine.form.binds.get(engine.tree.path_of(node))
        engine.set_value(node, stored(text, bind.type if bind else "string", engine.env))
    elif step["op"] == "createNewRepeat":
        ref = args[0] if isinstance(args[0], str) else args[0]["assertCurrentReference"]
        head, _, name = ref.rpartition("/")
        parent = engine.tree.at(head)
        if parent is None:
            return f"no node {head}"
        path = f"{engine.tree.path_of(parent)}/{name}"
        engine.new_instance(parent, path)
        engine.propagate([path, *engine.form.below.get(path, ())])
    elif step["op"] == "removeRepeat":
        node = engine.tree.at(args[0])
        if node is None:
            return f"no node {args[0]}"
        path = engine.tree.path_of(node)
        engine.tree.remove(node)
        engine.propagate([path, *engine.form.below.get(path, ())])
    elif step["op"] == "setLanguage":
        engine.set_language(choose_language(engine.form.languages, engine.form.default_language, args[0]))
    return ""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dict):
        keys = ("latitude", "longitude", "altitude", "accuracy")
        last = max(keys.index(k) for k in value if k in keys)
        return " ".join(_text(value.get(k) or 0) for k in keys[: last + 1])
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value)


def _compare(engine: Engine, ref: str, facts: dict[str, Any], tally: Tally) -> list[str]:
    node = engine.tree.at(ref)
    if node is None:
        tally.fact("node", False)
        return [f"{ref} is missing"]
    tally.fact("node", True)
    got = _facts(engine, node, facts)
    return [
        f"{ref} {kind}: wanted {facts[kind]!r} got {value!r}"
        for kind, value in got.items()
        if not tally.fact(kind, value == facts[kind] or _both_uuid(value, facts[kind]))
    ]


def _both_uuid(a: object, b: object) -> bool:
    return str(a).startswith("uuid:") and str(b).startswith("uuid:")


def _by_chance(bind: Bind | None) -> bool:
    return bind is not None and bind.calculate is not None and "random()" in bind.calculate.source


def _facts(engine: Engine, node: Node, wanted: dict[str, Any]) -> dict[str, Any]:
    path = engine.tree.path_of(node)
    bind, question = engine.form.binds.get(path), engine.form.questions.get(path)
    got: dict[str, Any] = {"rel": node.relevant}
    if "value" in wanted and not _by_chance(bind):
        got["value"] = node.value if node.relevant else ""
    if "required" in wanted:
        got["required"] = bind is not None and engine.holds(bind.required, node, default=False)
    if "readonly" in wanted:
        got["readonly"] = bind is not None and engine.holds(bind.readonly, node, default=False)
    if "constraint_ok" in wanted and question is not None and node.relevant:
        got["constraint_ok"] = not node.value or violation(engine, question, node, node.value) is None
    if "choices" in wanted and question is not None:
        got["choices"] = [[c.value, c.label] for c in engine.choices(path, node)]
    if "label" in wanted and question is not None:
        got["label"] = engine.texts.words(question.label, node)
    if "hint" in wanted and question is not None:
        got["hint"] = engine.texts.words(question.hint, node)
    return got
