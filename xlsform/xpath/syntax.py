"""The abstract syntax of an expression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Axis = Literal[
    "child", "descendant", "parent", "ancestor", "following-sibling", "preceding-sibling", "following",
    "preceding", "attribute", "namespace", "self", "descendant-or-self", "ancestor-or-self",
]  # fmt: skip
AXES: frozenset[str] = frozenset(Axis.__args__)  # type: ignore[attr-defined]
REVERSE: frozenset[str] = frozenset(
    {"parent", "ancestor", "ancestor-or-self", "preceding", "preceding-sibling"}
)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A quoted string."""

    value: str


@dataclass(frozen=True, kw_only=True)
class Number:
    value: float


@dataclass(frozen=True, kw_only=True)
class Negate:
    operand: Expr


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Operands joined by operators of one precedence, applied from left to right."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, kw_only=True)
class Call:
    name: str
    arguments: tuple[Expr, ...]
    offset: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a path. `test` is "name" (with the name, or "*" or "prefix:*"), "node", "text", "comment",
    or "processing-instruction" (with the target or "")."""

    axis: Axis
    test: str
    name: str
    predicates: tuple[Expr, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Path:
    """Steps from the root if `absolute`, from the value of `start` if there is one, else from the context
    node.
    """

    absolute: bool
    start: Expr | None
    predicates: tuple[Expr, ...]
    steps: tuple[Step, ...]


Expr = Text | Number | Negate | Chain | Call | Path


def children_of(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside, predicates included."""
    if isinstance(expr, Negate):
        return (expr.operand,)
    if isinstance(expr, Chain):
        return (expr.first, *(operand for _, operand in expr.rest))
    if isinstance(expr, Call):
        return expr.arguments
    if isinstance(expr, Path):
        inner = [*expr.predicates, *(p for step in expr.steps for p in step.predicates)]
        return ((expr.start,) if expr.start is not None else ()) + tuple(inner)
    return ()


def weight(expr: Expr) -> int:
    """How many parts the expression has: what one evaluation of it may cost, apart from its predicates."""
    total, stack = 0, [expr]
    while stack:
        inner = stack.pop()
        total += len(inner.steps) + 1 if isinstance(inner, Path) else 2 if isinstance(inner, Call) else 1
        stack.extend(children_of(inner))
    return total


def calls_in(expr: Expr) -> Iterator[Call]:
    """Every function call in the expression."""
    stack = [expr]
    while stack:
        inner = stack.pop()
        if isinstance(inner, Call):
            yield inner
        stack.extend(children_of(inner))
