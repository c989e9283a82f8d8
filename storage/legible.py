"""Opening many rows, of which some may have been altered by hand: one that does not open stops no other."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from storage.errors import Tampered

T = TypeVar("T")


def legible(rows: Sequence[Any], open_all: Callable[[Sequence[Any]], list[T]]) -> list[T]:
    """What ``open_all`` makes of the rows, without those for which it raises `Tampered`.

    For what many wait for: the clock, the queues. The auditor tells people of those that are left out.
    """
    try:
        return open_all(rows)
    except Tampered:
        if len(rows) == 1:
            return []
    half = len(rows) // 2
    return legible(rows[:half], open_all) + legible(rows[half:], open_all)
