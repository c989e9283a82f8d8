"""The table of functions and the two ways to put one in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlsform.errors import ExpressionError
from xlsform.nodes import Node
from xlsform.xpath.syntax import Call
from xlsform.xpath.values import Value

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env

Evaluate = Callable[["Env"], Value]
Build = Callable[[Call, list[Evaluate]], Evaluate]
Eager = Callable[["Env", list[Value]], Value]


@dataclass(frozen=True, kw_only=True)
class Function:
    """`build` makes the closure of one call; `most` None means any number of arguments."""

    name: str
    least: int
    most: int | None
    build: Build

    @property
    def arity(self) -> str:
        if self.most is None:
            return f"at least {self.least} arguments"
        if self.least == self.most:
            return f"{self.least} argument{'' if self.least == 1 else 's'}"
        return f"{self.least} to {self.most} arguments"


_SHORT = 64
TABLE: dict[str, Function] = {}


def special(name: str, least: int, most: int | None) -> Callable[[Build], Build]:
    """Register a function that decides itself which of its arguments to evaluate."""

    def register(build: Build) -> Build:
        TABLE[name] = Function(name=name, least=least, most=most, build=build)
        return build

    return register


def function(name: str, least: int, most: int | None) -> Callable[[Eager], Eager]:
    """Register a function of its evaluated arguments."""

    def register(apply: Eager) -> Eager:
        def build(_call: Call, arguments: list[Evaluate]) -> Evaluate:
            return lambda env: apply(env, [weighed(env, run(env)) for run in arguments])

        TABLE[name] = Function(name=name, least=least, most=most, build=build)
        return apply

    return register


def weighed(env: Env, value: Value) -> Value:
    """An argument, after its length is paid for: 32 characters, or one node, a step."""
    if type(value) is str:
        if len(value) > _SHORT:
            env.spend(len(value) // 32)
    elif type(value) is list and value:
        env.spend(len(value) + len(value[0].value) // 32)
    return value


def nodes(value: Value, name: str) -> list[Node]:
    """The argument as a node-set. Raises ExpressionError if it is a single value."""
    if not isinstance(value, list):
        raise ExpressionError(f"{name}() needs a path, not a single value")
    return value
