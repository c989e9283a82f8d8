"""A comparison as a picture: how many messages each role gets, and how many there are on each day."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from bot.charts import drawing, write_png
from bot.commands.words import say
from bot.comparing.layout import label_of
from bot.comparing.lines import COURSES, SIDES, Line, Side, Tallies
from casework.forecast import Course
from casework.policy import Policy

_COLOURS: dict[Side, str] = {"today": "#8a9bb0", "new": "#d9683c"}
_BAR = 0.38
_THOUSANDS = StrMethodFormatter("{x:,.0f}")


def write_picture(
    path: Path, lines: Sequence[Line], tallies: Tallies, policy: Policy, *, days: Sequence[date],
    title: str, language: str,
) -> None:  # fmt: skip
    """Writes a PNG. Raises `NoChineseFont` where it would be unreadable."""
    roles = [line for line in lines if line.level == "role"]
    with drawing(language, width=12, height=3 + len(roles) * 1.1) as figure:
        figure.suptitle(title, fontsize=13)
        axes = figure.subplots(len(COURSES), 2, squeeze=False)
        for (left, right), course in zip(axes, COURSES, strict=True):
            _by_role(left, roles, course, policy, language)
            _by_day(right, tallies, course, days, language)
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(SIDES), frameon=False)
        write_png(figure, path)


def _by_role(axes: Axes, roles: Sequence[Line], course: Course, policy: Policy, language: str) -> None:
    """Two bars for each role, today's above the new one."""
    course_said = say(language, f"compare.course.{course}")
    axes.set_title(say(language, "compare.picture.roles", course=course_said), fontsize=11)
    for place, side in zip((_BAR / 2, -_BAR / 2), SIDES, strict=True):
        values = [line.figures[course, side, "messages"] for line in roles]
        heights = [len(roles) - n + place for n in range(len(roles))]
        bars = axes.barh(heights, values, _BAR, color=_COLOURS[side], label=say(language, f"compare.{side}"))
        axes.bar_label(bars, [f"{value:,.1f}" for value in values], padding=3, fontsize=9)
    labels = [label_of(line, policy, language) for line in roles]
    axes.set_yticks([len(roles) - n for n in range(len(roles))], labels)
    axes.margins(x=0.15)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(_THOUSANDS)


def _by_day(axes: Axes, tallies: Tallies, course: Course, days: Sequence[date], language: str) -> None:
    """A line for each policy: all messages of a day."""
    course_said = say(language, f"compare.course.{course}")
    axes.set_title(say(language, "compare.picture.days", course=course_said), fontsize=11)
    for side in SIDES:
        a_day: Counter[date] = Counter()
        for of_person in tallies[course, side].by_day.values():
            a_day.update(of_person)
        values = [a_day[day] for day in days]
        width = 4.0 if side == "today" else 1.5  # where both are the same, both are seen
        axes.plot(range(len(days)), values, color=_COLOURS[side], linewidth=width)
    shown = range(0, len(days), max(1, len(days) // 6))
    axes.set_xticks(shown, [f"{days[n]:%m-%d}" for n in shown])
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(_THOUSANDS)
