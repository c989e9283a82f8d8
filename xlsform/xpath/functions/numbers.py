"""Functions on numbers."""

from __future__ import annotations

import math
import random as randomness
from collections.abc import Callable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from xlsform.xpath.functions.registry import function, nodes
from xlsform.xpath.values import Value, text_number

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env


@function("number", 0, 1)
def number(env: Env, a: list[Value]) -> Value:
    return env.number(a[0] if a else [env.node])


@function("int", 1, 1)
def whole(env: Env, a: list[Value]) -> Value:
    value = env.number(a[0])
    return float(math.trunc(value)) if math.isfinite(value) else value


@function("round", 1, 2)
def rounded(env: Env, a: list[Value]) -> Value:
    """A half goes up (-1.5 to -1), as in JavaRosa; away from zero where days count in UTC."""
    value = env.number(a[0])
    places = env.number(a[1]) if len(a) > 1 else 0.0
    if not math.isfinite(value) or math.isnan(places):
        return value if len(a) < 2 or not math.isnan(places) else math.nan
    unit = Decimal(1).scaleb(-int(max(-300, min(300, places))))
    exact = Decimal(repr(value))
    if places > 30 or not exact:
        return value
    if -exact.adjusted() > 60:
        return 0.0
    scaled = (exact / unit).quantize(
        Decimal(1), ROUND_HALF_UP if exact > 0 or env.clock.utc else ROUND_HALF_DOWN
    )
    return float(scaled * unit) + 0.0


def _unary(name: str, apply: Callable[[float], float]) -> None:
    def run(env: Env, a: list[Value]) -> Value:
        value = env.number(a[0])
        try:
            return float(apply(value))
        except (ValueError, OverflowError):
            return _edge(name, value)

    function(name, 1, 1)(run)


def _edge(name: str, value: float) -> float:
    """Results at the borders, where Python raises and IEEE 754 has an answer."""
    if name in ("log", "log10") and value == 0:
        return -math.inf
    if name in ("floor", "ceiling") or (name in ("exp", "exp10") and value > 0):
        return value if name in ("floor", "ceiling") else math.inf
    return math.nan


_ONE_NUMBER: dict[str, Callable[[float], float]] = {
    "floor": math.floor, "ceiling": math.ceil, "abs": abs, "sqrt": math.sqrt, "log": math.log,
    "log10": math.log10, "exp": math.exp, "exp10": lambda x: math.pow(10.0, x), "sin": math.sin,
    "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan,
}  # fmt: skip
for _name, _apply in _ONE_NUMBER.items():
    _unary(_name, _apply)


@function("atan2", 2, 2)
def atan2(env: Env, a: list[Value]) -> Value:
    return math.atan2(env.number(a[0]), env.number(a[1]))


@function("pow", 2, 2)
def power(env: Env, a: list[Value]) -> Value:
    try:
        return math.pow(env.number(a[0]), env.number(a[1]))
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


@function("pi", 0, 0)
def pi(_env: Env, _a: list[Value]) -> Value:
    return math.pi


@function("random", 0, 0)
def random(_env: Env, _a: list[Value]) -> Value:
    return randomness.random()  # noqa: S311 - a form's coin, not a secret


@function("sum", 1, 1)
def total(env: Env, a: list[Value]) -> Value:
    values = [_addend(env, node.text()) for node in nodes(a[0], "sum")]
    return math.fsum(values) if all(map(math.isfinite, values)) else sum(values, 0.0)


def _addend(env: Env, text: str) -> float:
    """In forms an unanswered question adds nothing, as in JavaRosa."""
    return 0.0 if env.forms and not text else text_number(text) if env.forms else env.number(text)


@function("max", 0, None)
def largest(env: Env, a: list[Value]) -> Value:
    return _extreme(env, a, max)


@function("min", 0, None)
def smallest(env: Env, a: list[Value]) -> Value:
    return _extreme(env, a, min)


def _extreme(env: Env, a: list[Value], pick: Callable[[list[float]], float]) -> float:
    """In forms what is no number is passed over, as in JavaRosa; elsewhere it makes the result NaN."""
    values: list[float] = []
    for value in a:
        values.extend(
            [env.number(n.text()) for n in value] if isinstance(value, list) else [env.number(value)]
        )
    if env.forms:
        values = [v for v in values if not math.isnan(v)]
    if not values or any(math.isnan(v) for v in values):
        return math.nan
    return pick(values)
