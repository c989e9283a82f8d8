"""Buttons in rows that still show whole on a narrow phone."""

import unicodedata
from collections.abc import Sequence

from conversations.said import Button

_TWO_IN_A_ROW, _THREE_IN_A_ROW = 14, 6
_ROW_LAYOUTS = ("list", "likert", "columns", "quick", "quickcompact", "compact", "horizontal")


def width(text: str) -> int:
    """How wide a text is, Chinese characters counted twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def begun(label: str) -> str:
    """A label as a button begins it."""
    return label[:1].upper() + label[1:]


def arranged(buttons: Sequence[Button]) -> list[list[Button]]:
    """One button a row; two or three in one where all of them are short."""
    widest = max((width(b.label) for b in buttons), default=0)
    per_row = (
        3 if widest <= _THREE_IN_A_ROW and len(buttons) % 3 == 0 else 2 if widest <= _TWO_IN_A_ROW else 1
    )
    if len(buttons) % per_row and len(buttons) < 4:
        per_row = 1
    return in_rows(buttons, per_row)


def in_rows(buttons: Sequence[Button], per_row: int) -> list[list[Button]]:
    """So many in a row."""
    return [list(buttons[at : at + per_row]) for at in range(0, len(buttons), per_row)]


def laid_out(buttons: Sequence[Button], appearance: str) -> list[list[Button]]:
    """One button a row, unless the author asks for columns: then as many as fit, up to five."""
    wanted = {word.partition("-")[0] for word in appearance.split()}
    if not wanted & set(_ROW_LAYOUTS):
        return in_rows(buttons, 1)
    widest = max((width(b.label) for b in buttons), default=1)
    return in_rows(buttons, max(1, min(5, len(buttons), 30 // (widest + 2))))
