"""The functions of ODK XForms and XPath 1.0, found by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xlsform.errors import ExpressionError
from xlsform.xpath.functions import dates, geo, nodesets, numbers, selects, strings
from xlsform.xpath.functions.registry import TABLE, Evaluate, Function
from xlsform.xpath.syntax import Call, Expr
from xlsform.xpath.values import Value

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env

__all__ = ["TABLE", "check", "find"]
_MODULES = (dates, geo, nodesets, numbers, selects, strings)


def find(call: Call, compiled: Callable[[Expr], Evaluate]) -> Evaluate:
    """The closure of a call; for one that is wrong, a closure that raises.

    So an author's mistake in a branch that is never taken does no harm, as in the other engines.
    """
    try:
        return check(call).build(call, [compiled(argument) for argument in call.arguments])
    except ExpressionError as error:
        return _failing(error)


def _failing(error: ExpressionError) -> Evaluate:
    def run(_env: Env) -> Value:
        raise error

    return run


def check(call: Call) -> Function:
    """The function of a call. Raises ExpressionError for an unknown name or a wrong number of arguments."""
    function = TABLE.get(call.name)
    if function is None:
        raise ExpressionError(f"unknown function {call.name}()", call.offset)
    count = len(call.arguments)
    if count < function.least or (function.most is not None and count > function.most):
        raise ExpressionError(f"{call.name}() takes {function.arity}, not {count}", call.offset)
    return function
