"""Which words a figure earns, and which of its numbers may leave the circle that answers for the children."""

from collections.abc import Sequence
from typing import Literal

from casework.figures import Figure
from casework.policy_summary import SummaryRules

Word = Literal["all", "basically", ""]


def word_of(figure: Figure, rules: SummaryRules) -> Word:
    """The word that a share earns. Nothing of nothing is never all."""
    if not figure.whole:
        return ""
    share = figure.count / figure.whole
    return "all" if share >= rules.all else "basically" if share >= rules.basically else ""


def told_outside(found: Sequence[Figure], small: int) -> dict[tuple[str, str], int | None]:
    """Each count as it may leave the responsible circle, by key and part; None = fewer than ``small``.

    Where one part alone is hidden it could be had by subtraction, so the next smallest is hidden with it.
    """
    shown = {(f.key, f.part): None if 0 < f.count < small else f.count for f in found}
    for key in {f.key for f in found if f.part}:
        parts = [f for f in found if f.key == key]
        hidden = [f for f in parts if shown[key, f.part] is None]
        others = sorted((f for f in parts if shown[key, f.part]), key=lambda f: (f.count, f.part))
        if len(hidden) == 1 and others and others[0].part:
            shown[key, others[0].part] = None
    return shown


def about(count: int) -> tuple[int, bool]:
    """A number as officials round it, and whether it was more: 5123 is 5000 and more, 812 is 812."""
    unit = 1000 if count >= 1000 else 1
    return count // unit * unit, count % unit > 0
