"""Functions on selections, choices and translated texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsform.errors import ExpressionError
from xlsform.xpath.functions.registry import Evaluate, function, special
from xlsform.xpath.syntax import Call
from xlsform.xpath.values import Value, to_text

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env


@function("is-selected", 2, 2)  # its older name
@function("selected", 2, 2)
def selected(_env: Env, a: list[Value]) -> Value:
    wanted = to_text(a[1]).strip()
    return wanted in to_text(a[0]).split() or (not wanted and not to_text(a[0]).split())


@function("selected-at", 2, 2)
def selected_at(env: Env, a: list[Value]) -> Value:
    chosen, index = to_text(a[0]).split(), env.number(a[1])
    return chosen[int(index)] if 0 <= index < len(chosen) else ""


@function("count-selected", 1, 1)
def count_selected(_env: Env, a: list[Value]) -> Value:
    return float(len(to_text(a[0]).split()))


@function("checklist", 2, None)
def checklist(env: Env, a: list[Value]) -> Value:
    """Whether at least min and at most max of the rest are true; -1 is no limit."""
    checks: list[tuple[Value, float]] = []
    for value in a[2:]:
        checks.extend([(node.text(), 1.0) for node in value] if isinstance(value, list) else [(value, 1.0)])
    return _between(env, a[0], a[1], checks)


@function("weighted-checklist", 2, None)
def weighted_checklist(env: Env, a: list[Value]) -> Value:
    if len(a) % 2:
        raise ExpressionError("weighted-checklist() needs a weight after each condition")
    checks: list[tuple[Value, float]] = []
    for i in range(2, len(a), 2):
        value, weight = a[i], a[i + 1]
        if isinstance(value, list) and isinstance(weight, list):
            weights = [env.number(node.text()) for node in weight]
            checks.extend((node.text(), w) for node, w in zip(value, weights, strict=False))
        elif isinstance(value, list):
            checks.extend((node.text(), env.number(weight)) for node in value)
        else:
            checks.append((value, env.number(weight)))
    return _between(env, a[0], a[1], checks)


def _between(env: Env, least: Value, most: Value, checks: list[tuple[Value, float]]) -> bool:
    total = sum(weight for value, weight in checks if env.truth(value))
    low, high = env.number(least), env.number(most)
    return (low < 0 or total >= low) and (high < 0 or total <= high)


@special("jr:choice-name", 2, 2)
def choice_name(_call: Call, arguments: list[Evaluate]) -> Evaluate:
    """The label of a choice; its second argument is the question's path as a text."""

    def run(env: Env) -> Value:
        if env.host is None:
            raise ExpressionError("jr:choice-name() works only in a form")
        value, path = to_text(arguments[0](env)), to_text(arguments[1](env))
        return env.host.choice_label(value, path.strip(), env.current or env.node)

    return run


@function("jr:itext", 1, 1)
def itext(env: Env, a: list[Value]) -> Value:
    if env.host is None:
        raise ExpressionError("jr:itext() works only in a form")
    return env.host.translated(to_text(a[0]))
