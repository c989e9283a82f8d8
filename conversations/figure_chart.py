"""What the picture of the figures shows: shares of a whole, and counts that have none."""

from collections.abc import Sequence

from casework.figures import Figure, Span
from conversations.figure_text import is_done, is_worth_a_line, label_of
from conversations.press import Bar, Chart
from conversations.turn import Turn

_NO_BAR = frozenset({"person_times", "children"})  # so large that nothing else could be seen beside it


def chart_of(turn: Turn, found: Sequence[Figure], span: Span) -> Chart:
    """The chart of one period."""
    shown = [f for f in found if is_worth_a_line(f)]
    shares, counts = [f for f in shown if is_done(f)], [f for f in shown if not is_done(f)]
    return Chart(
        title=turn.words("stats.picture"),
        as_of=turn.words(
            "stats.from_to", first=turn.any_day(span.first), last=turn.any_day(min(span.last, span.today))
        ),
        shares=tuple(Bar(label=label_of(turn, f), count=f.count, whole=f.whole) for f in shares),
        counts=tuple(Bar(label=label_of(turn, f), count=f.count) for f in counts if f.key not in _NO_BAR),
        share_head=turn.words("stats.shares"),
        count_head=turn.words("stats.counts"),
        language=turn.language,
    )
