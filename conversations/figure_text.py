"""A figure in words: what it is called, its value with its whole, and the word that its share earns."""

from casework.figure_words import word_of
from casework.figures import Figure
from conversations.turn import Turn

# Shares of something undone: all of them overdue is nothing that a summary boasts of.
_PLAIN = frozenset({"overdue"})
_ALWAYS = frozenset({"children", "visited", "visits", "overdue", "alerts_open"})


def is_worth_a_line(figure: Figure) -> bool:
    """Whether the short text has it: what nothing was counted for only takes room on a small screen."""
    return figure.key in _ALWAYS or bool(figure.whole if figure.whole is not None else figure.count)


def is_done(figure: Figure) -> bool:
    """Whether it tells how much of something was done."""
    return bool(figure.whole) and figure.key not in _PLAIN


def label_of(turn: Turn, figure: Figure) -> str:
    """What is counted: 委托照护确认书已签"""
    return turn.words(f"figure.{figure.key}", part=part_of(turn, figure))


def line_of(turn: Turn, figure: Figure) -> str:
    """委托照护确认书：96/100（基本）"""
    label, word = label_of(turn, figure), word_of(figure, turn.desk.policy.summary)
    if figure.whole is None:
        return turn.words("stats.line", label=label, count=figure.count)
    if not word or not is_done(figure):
        return turn.words("stats.share", label=label, count=figure.count, whole=figure.whole)
    said = turn.words(f"stats.word.{word}")
    return turn.words("stats.worded", label=label, count=figure.count, whole=figure.whole, word=said)


def part_of(turn: Turn, figure: Figure) -> str:
    """The kind of alert or the sort of matter in words."""
    if figure.key == "alerts_of":
        return turn.desk.policy.flag(figure.part).label(turn.language)
    rule = turn.desk.policy.matter(figure.part)
    return rule.label(turn.language) if rule is not None else figure.part
