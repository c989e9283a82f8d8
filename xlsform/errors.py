"""What can go wrong with a form, each error with the place where it went wrong."""

from __future__ import annotations


class FormError(Exception):
    """A form, or a stored state, that cannot be used.

    `message` is one English sentence for the author; `place` is a node path, a sheet and row, or "" where
    unknown.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.place = place


class ExpressionError(Exception):
    """An XPath expression that is malformed, or that could not be evaluated.

    `offset` is the character where the fault lies, or -1 when the fault appeared only at evaluation.
    """

    def __init__(self, message: str, offset: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class BudgetError(ExpressionError):
    """An evaluation that was stopped because it wanted more work than one answer may cost."""


def shorten(source: str) -> str:
    """What an author wrote, cut to a length that a message can hold."""
    return source if len(source) <= 120 else source[:117] + "..."
