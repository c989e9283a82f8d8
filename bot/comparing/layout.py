"""A comparison as text for a terminal, in columns; Chinese characters take two places."""

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import east_asian_width

from bot.commands.words import say
from bot.comparing.lines import COURSES, FIGURES, MOST, Line
from casework.forecast import Course
from casework.policy import Policy
from casework.policy_changes import Change

MOST_PEOPLE = 15  # of those for whom most changes, in the terminal; all stand in the table
_FIRST, _CELL = 30, 9


def shown(change: float, figure: str) -> str:
    """A difference: with its sign, "" for none."""
    return f"{change:+.{_places(figure)}f}" if round(change, 1) else ""


def number(value: float, figure: str) -> str:
    """A figure: a day's in whole messages, a week's to one place."""
    return f"{value:.{_places(figure)}f}"


def _places(figure: str) -> int:
    return 0 if figure == MOST else 1


def label_of(line: Line, policy: Policy, language: str) -> str:
    """How a line is called: role, place, or code and role; never a person's name."""
    role = next((words.label(language) for name, words in policy.roles.items() if name == line.role), "")
    if line.level == "township":
        return f"{line.name or line.code}（{line.code}）" if line.name else line.code
    if line.level == "role":
        return say(language, "compare.role", role=role or say(language, "compare.nobody"), count=line.people)
    return f"{line.code} {role}" if line.code else say(language, "compare.nobody")


def changes_as_text(changes: Sequence[Change], language: str) -> Iterator[str]:
    """Two lines for each key that differs: the values, and where they come from."""
    if not changes:
        yield say(language, "compare.no_changes")
        return
    yield say(language, "compare.changes", count=len(changes))
    none = say(language, "compare.absent")
    for one in changes:
        before, after = (none if value is None else value for value in (one.before, one.after))
        yield f"  {one.key}: {before} → {after}"
        if one.source_before != one.source_after:
            sources = (source or none for source in (one.source_before, one.source_after))
            yield say(language, "compare.sources", before=next(sources), after=next(sources))
        elif one.source_before:
            yield say(language, "compare.source", source=one.source_before)


def table_as_text(lines: Sequence[Line], policy: Policy, language: str) -> Iterator[str]:
    """Roles whole; of townships and people what differs."""
    yield from _head(say(language, "compare.by_role"), language)
    for line in (line for line in lines if line.level == "role"):
        yield label_of(line, policy, language)
        yield from _rows(line, language, (f for f in FIGURES if any(_values(line, f))))
    for level, key in (("township", "compare.by_township"), ("person", "compare.by_person")):
        found = [line for line in lines if line.level == level]
        differing = sorted((line for line in found if any(map(line.differs, FIGURES))), key=_by_change)
        yield ""
        yield from _head(say(language, key, count=len(found), differing=len(differing)), language)
        for line in differing[:MOST_PEOPLE]:
            yield label_of(line, policy, language)
            yield from _rows(line, language, filter(line.differs, FIGURES))
        if len(differing) > MOST_PEOPLE:
            yield say(language, "compare.more", count=len(differing) - MOST_PEOPLE)


def _by_change(line: Line) -> tuple[float, str]:
    return -max(abs(line.change(course, "messages")) for course in COURSES), line.code


def _values(line: Line, figure: str) -> list[float]:
    return [value for (_, _, name), value in line.figures.items() if name == figure]


def _head(title: str, language: str) -> Iterator[str]:
    yield title
    courses = (_centred(say(language, f"compare.course.{course}"), 3 * _CELL) for course in COURSES)
    yield (" " * _FIRST + "".join(courses)).rstrip()
    columns = [say(language, f"compare.{name}") for name in ("today", "new", "change")] * len(COURSES)
    yield " " * _FIRST + "".join(_right(column, _CELL) for column in columns)


def _rows(line: Line, language: str, figures: Iterable[str]) -> Iterator[str]:
    for figure in figures:
        cells = "".join(_cells(line, course, figure) for course in COURSES)
        yield (_left(f"  {say(language, f'compare.figure.{figure}')}", _FIRST) + cells).rstrip()


def _cells(line: Line, course: Course, figure: str) -> str:
    today, new = (line.figures[course, side, figure] for side in ("today", "new"))
    texts = number(today, figure), number(new, figure), shown(new - today, figure)
    return "".join(_right(text, _CELL) for text in texts)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _left(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text


def _centred(text: str, width: int) -> str:
    rest = width - _width(text)
    return " " * (rest - rest // 2) + text + " " * (rest // 2)
