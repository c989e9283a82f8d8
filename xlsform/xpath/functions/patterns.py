"""Regular expressions by an engine of linear time, with a bound on what compiling one may cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import re2

from xlsform.errors import ExpressionError, shorten

_SMALL, _LARGE = 128 << 10, 2 << 20
"""Bytes that a compiled pattern may take: at first, and at most. Measured: under 1 ms, and up to 15 ms."""
_TRY, _TRY_AGAIN = 200, 30_000
"""Steps of the budget that a try to compile costs; a pattern that is used, half of its size as well."""
_MOST = 512
_KNOWN: dict[str, Any] = {}


def usable(source: str) -> bool:
    """Whether the matcher takes the pattern."""
    try:
        known(source, lambda _steps: None)
    except ExpressionError:
        return False
    return True


def known(source: str, spend: Callable[[int], None]) -> Any:
    """A compiled pattern; `spend` is told the steps of compiling, which is done once for each.

    Raises ExpressionError for one that is broken, or that looks ahead or back.
    """
    found = _KNOWN.get(source)
    if found is None:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        spend(_TRY)
        found = _compiled(source, _SMALL)
        if isinstance(found, ExpressionError) and "too large" in found.message:
            spend(_TRY_AGAIN)
            found = _compiled(source, _LARGE)
        _KNOWN[source] = found
        spend(1_000 if isinstance(found, ExpressionError) else found.programsize // 2)
    if isinstance(found, ExpressionError):
        raise found
    return found


def _compiled(source: str, memory: int) -> Any:
    """The pattern, or the error that says why it is none."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    try:
        return re2.compile(source, options)
    except re2.error as error:
        detail = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else error
        return ExpressionError(f"the pattern {shorten(source)!r} can't be used: {detail}")
