"""Tokens to syntax by precedence climbing, with a bound on nesting."""

from __future__ import annotations

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
_NODE_TYPES = {"node", "text", "comment", "processing-instruction"}
_SELF_AND_BELOW = Step(axis="descendant-or-self", test="node", name="")


@lru_cache(maxsize=8192)
def parse_expression(source: str) -> Expr:
    """The syntax tree of an expression. Raises ExpressionError with the offset of the fault."""
    parser = _Parser(tokens(source))
    expr = parser.expression(1)
    if parser.now.kind != "end":
        raise ExpressionError(f"unexpected {parser.now.text!r}", parser.now.offset)
    return expr


class _Parser:
    def __init__(self, stream: list[Token]) -> None:
        self.stream = stream
        self.at = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.stream[self.at]

    def take(self) -> Token:
        token = self.stream[self.at]
        self.at += 1
        return token

    def sees(self, *texts: str) -> bool:
        return self.now.kind == "op" and self.now.text in texts

    def expect(self, text: str) -> None:
        if not self.sees(text):
            shown = repr(self.now.text) if self.now.text else "the end"
            raise ExpressionError(f"expected {text!r} but found {shown}", self.now.offset)
        self.at += 1

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
        while self.sees("-"):
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
        while self.sees("|"):
            self.take()
            rest.append(("|", self.path()))
        return Chain(first=first, rest=tuple(rest)) if rest else first

    def path(self) -> Expr:
        if self.sees("/"):
            self.take()
            steps = tuple(self.steps()) if self.starts_step() else ()
            return Path(absolute=True, start=None, predicates=(), steps=steps)
        if self.sees("//"):
            self.take()
            return Path(absolute=True, start=None, predicates=(), steps=(_SELF_AND_BELOW, *self.steps()))
        if self.starts_step():
            return Path(absolute=False, start=None, predicates=(), steps=tuple(self.steps()))
        return self.filtered()

    def filtered(self) -> Expr:
        primary = self.primary()
        predicates = self.predicates()
        steps: list[Step] = []
        if self.sees("/", "//"):
            if self.take().text == "//":
                steps.append(_SELF_AND_BELOW)
            steps.extend(self.steps())
        if not predicates and not steps:
            return primary
        return Path(absolute=False, start=primary, predicates=predicates, steps=tuple(steps))

    def starts_step(self) -> bool:
        token = self.now
        if token.kind == "axis" or self.sees(".", "..", "@"):
            return True
        if token.kind != "name":
            return False
        after = self.stream[self.at + 1]
        return not (after.kind == "op" and after.text == "(") or token.text in _NODE_TYPES

    def steps(self) -> list[Step]:
        found = [self.step()]
        while self.sees("/", "//"):
            if self.take().text == "//":
                found.append(_SELF_AND_BELOW)
            found.append(self.step())
        return found

    def step(self) -> Step:
        if self.sees(".", ".."):
            axis: Axis = "self" if self.take().text == "." else "parent"
            return Step(axis=axis, test="node", name="", predicates=self.predicates())
        axis = "child"
        if self.sees("@"):
            self.take()
            axis = "attribute"
        elif self.now.kind == "axis":
            token = self.take()
            if token.text not in AXES:
                raise ExpressionError(f"unknown axis {token.text!r}", token.offset)
            axis = cast(Axis, token.text)
            self.expect("::")
        test, name = self.node_test()
        return Step(axis=axis, test=test, name=name, predicates=self.predicates())

    def node_test(self) -> tuple[str, str]:
        token = self.now
        if token.kind != "name":
            shown = repr(token.text) if token.text else "the end"
            raise ExpressionError(f"expected a name but found {shown}", token.offset)
        self.take()
        if token.text in _NODE_TYPES and self.sees("("):
            self.take()
            target = self.take().text[1:-1] if self.now.kind == "string" else ""
            self.expect(")")
            return token.text, target
        return "name", token.text

    def predicates(self) -> tuple[Expr, ...]:
        found: list[Expr] = []
        while self.sees("["):
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
        if token.kind == "name" and self.sees("("):
            return Call(name=token.text, arguments=self.arguments(), offset=token.offset)
        shown = repr(token.text) if token.text else "the end"
        raise ExpressionError(f"unexpected {shown}", token.offset)

    def arguments(self) -> tuple[Expr, ...]:
        self.expect("(")
        found: list[Expr] = []
        if not self.sees(")"):
            found.append(self.expression(1))
            while self.sees(","):
                self.take()
                found.append(self.expression(1))
        self.expect(")")
        return tuple(found)
