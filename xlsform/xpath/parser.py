"""Tokens to syntax by precedence climbing, with a bound on nesting."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import cast

from xlsform.errors import ExpressionError
from xlsform.xpath.lexer import Token, tokens
from xlsform.xpath.syntax import AXES, Axis, Call, Chain, Expr, Negate, Number, Path, Step, Text

MAX_NESTING = 80
_LEVELS: dict[str, int] = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6,
    "mod": 6,
}  # fmt: skip
_SLASHES = frozenset({"/", "//"})
_SHORT_STEPS = frozenset({".", "..", "@"})
_NODE_TYPES = {"node", "text", "comment", "processing-instruction"}
_ABBREVIATED: dict[str, Axis] = {".": "self", "..": "parent"}
_SELF_AND_BELOW = Step(axis="descendant-or-self", test="node", name="")


@lru_cache(maxsize=8192)
def parse_expression(source: str) -> Expr:
    """The syntax tree of an expression. Raises ExpressionError with the offset of the fault."""
    parser = _Parser(tokens(source))
    expr = parser.expression(1)
    if parser.now.kind != "end":
        raise ExpressionError(f"unexpected {_shown(parser.now)}", parser.now.offset)
    return expr


class _Parser:
    def __init__(self, stream: list[Token]) -> None:
        self.stream = [*stream, stream[-1]]  # the end may be taken once, to be complained of
        self.at = 0
        self.now = stream[0]
        self.depth = 0

    def take(self) -> Token:
        token = self.now
        self.at += 1
        self.now = self.stream[self.at]
        return token

    def expect(self, text: str) -> None:
        if self.now.text != text:
            raise ExpressionError(f"expected {text!r} but found {_shown(self.now)}", self.now.offset)
        self.take()

    def expression(self, level: int) -> Expr:
        """An expression whose operators bind at least as tightly as `level`."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ExpressionError(f"nested more than {MAX_NESTING} levels deep", self.now.offset)
        left = self.unary()
        while (found := self.level_of(self.now)) >= level:
            left = self.chain(left, found)
        self.depth -= 1
        return left

    def chain(self, first: Expr, level: int) -> Expr:
        rest: list[tuple[str, Expr]] = []
        while self.level_of(self.now) == level:
            operator = self.take().text
            rest.append((operator, self.tighter(level)))
        return Chain(first=first, rest=tuple(rest))

    def tighter(self, level: int) -> Expr:
        """One operand of a chain of this level: everything that binds more tightly."""
        operand = self.unary()
        while (found := self.level_of(self.now)) > level:
            operand = self.chain(operand, found)
        return operand

    @staticmethod
    def level_of(token: Token) -> int:
        return _LEVELS.get(token.text, 0) if token.kind in ("operator", "op") else 0

    def unary(self) -> Expr:
        minus = 0
        while self.now.text == "-":
            self.take()
            minus += 1
        expr = self.union()
        if minus:
            expr = Negate(operand=expr)
            return expr if minus % 2 else Negate(operand=expr)
        return expr

    def union(self) -> Expr:
        first = self.path()
        rest: list[tuple[str, Expr]] = []
        while self.now.text == "|":
            self.take()
            rest.append(("|", self.path()))
        return Chain(first=first, rest=tuple(rest)) if rest else first

    def path(self) -> Expr:
        if self.now.kind == "path":
            found: list[Step] = []
            self.further(found)
            return Path(absolute=True, start=None, predicates=(), steps=tuple(found))
        if self.now.text == "/":
            self.take()
            steps = tuple(self.steps()) if self.starts_step() else ()
            return Path(absolute=True, start=None, predicates=(), steps=steps)
        if self.now.text == "//":
            self.take()
            return Path(absolute=True, start=None, predicates=(), steps=(_SELF_AND_BELOW, *self.steps()))
        if self.starts_step():
            return Path(absolute=False, start=None, predicates=(), steps=tuple(self.steps()))
        return self.filtered()

    def filtered(self) -> Expr:
        primary = self.primary()
        predicates = self.predicates()
        steps: list[Step] = []
        self.further(steps)
        if not predicates and not steps:
            return primary
        return Path(absolute=False, start=primary, predicates=predicates, steps=tuple(steps))

    def starts_step(self) -> bool:
        token = self.now
        if token.kind == "axis" or token.text in _SHORT_STEPS:
            return True
        if token.kind != "name":
            return False
        after = self.stream[self.at + 1]
        return not (after.kind == "op" and after.text == "(") or token.text in _NODE_TYPES

    def steps(self) -> list[Step]:
        found = [self.step()]
        self.further(found)
        return found

    def further(self, found: list[Step]) -> None:
        """Append the steps that follow after slashes."""
        while True:
            if self.now.kind == "path":
                found.extend(_plain_steps(self.take().text))
                if self.now.text == "[":
                    found[-1] = replace(found[-1], predicates=self.predicates())
            elif self.now.text in _SLASHES:
                if self.take().text == "//":
                    found.append(_SELF_AND_BELOW)
                found.append(self.step())
            else:
                return

    def step(self) -> Step:
        if self.now.text in _ABBREVIATED:
            return _step(_ABBREVIATED[self.take().text], "node", "", self.predicates())
        axis: Axis = "child"
        if self.now.text == "@":
            self.take()
            axis = "attribute"
        elif self.now.kind == "axis":
            token = self.take()
            if token.text not in AXES:
                raise ExpressionError(f"unknown axis {token.text!r}", token.offset)
            axis = cast(Axis, token.text)
            self.expect("::")
        test, name = self.node_test()
        return _step(axis, test, name, self.predicates())

    def node_test(self) -> tuple[str, str]:
        token = self.now
        if token.kind != "name":
            raise ExpressionError(f"expected a name but found {_shown(token)}", token.offset)
        self.take()
        if token.text in _NODE_TYPES and self.now.text == "(":
            self.take()
            target = self.take().text[1:-1] if self.now.kind == "string" else ""
            self.expect(")")
            return token.text, target
        return "name", token.text

    def predicates(self) -> tuple[Expr, ...]:
        if self.now.text != "[":
            return ()
        found: list[Expr] = []
        while self.now.text == "[":
            self.take()
            found.append(self.expression(1))
            self.expect("]")
        return tuple(found)

    def primary(self) -> Expr:
        token = self.take()
        if token.kind == "number":
            return Number(value=float(token.text))
        if token.kind == "string":
            return Text(value=token.text[1:-1])
        if token.kind == "op" and token.text == "(":
            inner = self.expression(1)
            self.expect(")")
            return inner
        if token.kind == "name" and self.now.text == "(":
            return Call(name=token.text, arguments=self.arguments(), offset=token.offset)
        raise ExpressionError(f"unexpected {_shown(token)}", token.offset)

    def arguments(self) -> tuple[Expr, ...]:
        self.expect("(")
        found: list[Expr] = []
        if self.now.text != ")":
            found.append(self.expression(1))
            while self.now.text == ",":
                self.take()
                found.append(self.expression(1))
        self.expect(")")
        return tuple(found)


def _shown(token: Token) -> str:
    """A token in the words of an error; of a path its first slash, which stands in the wrong place."""
    return repr(token.text[:1] if token.kind == "path" else token.text) if token.text else "the end"


@lru_cache(maxsize=8192)
def _plain_steps(path: str) -> tuple[Step, ...]:
    """The steps of an absolute path of names only."""
    return tuple(_plain_step("child", "name", name) for name in path[1:].split("/"))


def _step(axis: Axis, test: str, name: str, predicates: tuple[Expr, ...]) -> Step:
    """One step; those without predicates, which a form repeats thousands of times, are made once."""
    if predicates:
        return Step(axis=axis, test=test, name=name, predicates=predicates)
    return _plain_step(axis, test, name)


@lru_cache(maxsize=8192)
def _plain_step(axis: Axis, test: str, name: str) -> Step:
    return Step(axis=axis, test=test, name=name)
