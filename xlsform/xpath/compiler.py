"""Syntax to closures: what an expression needs at run time, and how it is evaluated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property, lru_cache
from typing import Protocol

from xlsform.errors import BudgetError, ExpressionError
from xlsform.nodes import Node, in_document_order
from xlsform.xpath import paths
from xlsform.xpath.functions import find
from xlsform.xpath.moments import Clock
from xlsform.xpath.parser import parse_expression
from xlsform.xpath.syntax import Call, Chain, Expr, Negate, Number, Text, weight
from xlsform.xpath.values import Value, equal, ordered, to_boolean, to_number

BUDGET = 60_000
"""Steps that the evaluations between two answers may take: parts of expressions, nodes visited, 32 characters
of a text. About 30 ms; the largest published forms take 15,000.
"""


class Host(Protocol):
    """What a form lends to its expressions."""

    def instance(self, name: str) -> Node | None:
        """The root element of a secondary instance, None if there is none of that name."""

    def choice_label(self, value: str, path: str, context: Node) -> str:
        """The label, in the current language, of a choice of the question at `path`."""

    def type_of(self, node: Node) -> str:
        """The type that the form gives the node, "" if none."""

    def property(self, name: str) -> str:
        """What is known of the person and the device under this name (`username`, …), "" if nothing."""

    def translated(self, key: str) -> str:
        """The text of this itext id in the current language."""


@dataclass(slots=True, kw_only=True)
class Env:
    """Where an expression is evaluated; predicates change `node`, `position` and `size` as they go.

    `forms` turns on what holds in forms only: empty node-sets compare as '', nodes that are not relevant are
    left out, and absolute paths stay inside the repeat instance of the context. `root` is what `/` means, and
    `seed` orders what is shuffled without a seed of its own. `live` is set by whatever looks beyond the form
    and its answers: at the time, the reader, tables of others; whoever wants to know clears it before.
    """

    node: Node
    root: Node
    now: datetime
    clock: Clock = field(default_factory=Clock)
    current: Node | None = None
    position: int = 1
    size: int = 1
    host: Host | None = None
    forms: bool = False
    namespaces: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    budget: int = BUDGET
    live: bool = False

    @property
    def zone(self) -> tzinfo:
        return self.clock.zone

    def moment(self) -> datetime:
        """The present one."""
        self.live = True
        return self.now

    def spend(self, amount: int) -> None:
        self.budget -= amount
        if self.budget < 0:
            raise BudgetError("the calculation is too long")

    def truth(self, value: Value) -> bool:
        """XPath's truth; but in forms a path is as true as its value: no answer, or a 0, is false."""
        if not self.forms or not isinstance(value, list) or not value:
            return to_boolean(value)
        node = value[0]
        if node.children or not node.value:
            return False
        kind = self.host.type_of(node) if self.host is not None else ""
        return kind not in _NUMERIC or to_number(node.value, self.clock) != 0

    def number(self, value: Value) -> float:
        return to_number(value, self.clock)


_NUMERIC = frozenset({"int", "integer", "long", "decimal", "double", "float"})
Evaluate = Callable[[Env], Value]


@dataclass(frozen=True, kw_only=True)
class Expression:
    """An expression whose syntax is right; `evaluate` raises ExpressionError and nothing else.

    It becomes closures when it is first evaluated: a session meets a few of the hundreds that a form has. One
    with a `fault` can't be evaluated.
    """

    source: str
    syntax: Expr
    fault: str = ""

    @cached_property
    def weight(self) -> int:
        return weight(self.syntax)

    @cached_property
    def run(self) -> Evaluate:
        return compiled(self.syntax)

    def evaluate(self, env: Env) -> Value:
        if self.fault:
            raise ExpressionError(self.fault)
        try:
            env.spend(self.weight)
            return self.run(env)
        except RecursionError as error:
            raise ExpressionError("the expression is nested too deeply") from error
        except (ArithmeticError, ValueError) as error:
            raise ExpressionError(f"could not be calculated: {error}") from error


@lru_cache(maxsize=8192)
def compile_expression(source: str) -> Expression:
    """Parse, cached by text. Raises ExpressionError with the offset of the fault."""
    try:
        return Expression(source=source, syntax=parse_expression(source))
    except RecursionError as error:
        raise ExpressionError("nested too deeply") from error


def compiled(expr: Expr) -> Evaluate:
    if isinstance(expr, Text | Number):
        constant = expr.value
        return lambda _env: constant
    if isinstance(expr, Negate):
        operand = compiled(expr.operand)
        return lambda env: -to_number(operand(env), env.clock)
    if isinstance(expr, Chain):
        return _chain(expr)
    if isinstance(expr, Call):
        return find(expr, compiled)
    return paths.compile_path(expr, compiled)


def _chain(expr: Chain) -> Evaluate:
    first = compiled(expr.first)
    operators = {operator for operator, _ in expr.rest}
    operands = [compiled(operand) for _, operand in expr.rest]
    if operators == {"or"}:
        return lambda env: env.truth(first(env)) or any(env.truth(run(env)) for run in operands)
    if operators == {"and"}:
        return lambda env: env.truth(first(env)) and all(env.truth(run(env)) for run in operands)
    if operators == {"|"}:
        return lambda env: _union(env, [first(env), *(run(env) for run in operands)])
    steps = [(_BINARY[operator], run) for (operator, _), run in zip(expr.rest, operands, strict=True)]
    if len(steps) == 1:
        apply, second = steps[0]
        return lambda env: apply(first(env), second(env), env)

    def run_all(env: Env) -> Value:
        value = first(env)
        for apply, run in steps:
            value = apply(value, run(env), env)
        return value

    return run_all


def _union(env: Env, values: Sequence[Value]) -> list[Node]:
    nodes: list[Node] = []
    for value in values:
        if not isinstance(value, list):
            raise ExpressionError("| joins only paths")
        nodes.extend(value)
    env.spend(4 * len(nodes))
    return in_document_order(nodes)


def _comparable(value: Value, env: Env) -> Value:
    """In forms a path that reaches nothing, or nothing relevant, compares as the empty text."""
    if type(value) is list and len(value) > 1:
        env.spend(sum(node.size() for node in value))
    return "" if env.forms and isinstance(value, list) and not value else value


def _compare(operator: str) -> Callable[[Value, Value, Env], Value]:
    if operator in ("=", "!="):
        negated = operator == "!="
        return lambda a, b, env: equal(_comparable(a, env), _comparable(b, env), env.clock, negated=negated)
    return lambda a, b, env: ordered(_comparable(a, env), _comparable(b, env), operator, env.clock)


def _arithmetic(apply: Callable[[float, float], float]) -> Callable[[Value, Value, Env], Value]:
    return lambda a, b, env: apply(to_number(a, env.clock), to_number(b, env.clock))


def divide(a: float, b: float) -> float:
    """Division as IEEE 754 has it."""
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def remainder(a: float, b: float) -> float:
    """The remainder with the sign of the dividend."""
    if b == 0 or math.isinf(a) or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.fmod(a, b)


_BINARY: dict[str, Callable[[Value, Value, Env], Value]] = {
    **{operator: _compare(operator) for operator in ("=", "!=", "<", "<=", ">", ">=")},
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "div": _arithmetic(divide),
    "mod": _arithmetic(remainder),
}
