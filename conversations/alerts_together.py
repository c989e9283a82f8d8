"""Alerts that come at one moment, as one message: a line and a row of buttons each, the most urgent first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from casework.access import CLOCK
from casework.outcome import Notice
from casework.records import Child, Escalation, Person, Urgency
from conversations.alert_text import brief, deeds_of, name_of, resting, spoken_for, worker_call
from conversations.alerts_told import still_told
from conversations.clocks_told import still_asked
from conversations.dates import say_day
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button, Message

_URGENCIES: tuple[Urgency, ...] = get_args(Urgency)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """One of them: what it says of which alert."""

    notice: Notice
    e: Escalation
    child: Child


async def still_true(desk: Desk, notices: Sequence[Notice], to: Person) -> list[Notice]:
    """Those that are still to be told."""
    return [told.notice for told in await _found(desk, notices, to)]


async def _found(desk: Desk, notices: Sequence[Notice], to: Person) -> list[_Told]:
    found = []
    for notice in notices:
        e = await desk.store.get(CLOCK, Escalation, notice.values["escalation"])
        child = await desk.store.get(CLOCK, Child, e.child) if e is not None and e.child else None
        if e is not None and child is not None and _is_true(notice, e, to):
            found.append(_Told(notice=notice, e=e, child=child))
    return found


def _is_true(notice: Notice, e: Escalation, to: Person) -> bool:
    return still_told(notice, e) if notice.kind == "escalation_told" else still_asked(notice, e, to)


async def alerts_together(desk: Desk, notices: Sequence[Notice], to: Person) -> Message:
    """What all of them say: the most urgent, as many as the policy names, and how many more there are.

    Where two are about one alert, the later one counts. Source: ``most_named`` in the policy file.
    """
    say, language = desk.words.say, to.language
    each = {told.e.id: told for told in await _found(desk, notices, to)}
    ordered = sorted(each.values(), key=_urgency)
    named = ordered[: desk.policy.messages.most_named]
    all_again = all(map(_is_again, ordered))
    head = say(language, "together.head_again" if all_again else "together.head", count=len(ordered))
    lines = [head]
    for told in named:
        lines += await _lines(desk, told, to, marked=not all_again)
    if unnamed := len(ordered) - len(named):
        lines.append(say(language, "together.others", shown=len(named), count=unnamed))
    lines += await _calls(desk, named, to)
    lines += [
        say(language, "together.how", number=told.e.number) for told in named if told.e.status == "open"
    ][:1]
    everything = Button(label=say(language, "alerts.all"), token=desk.token(to.id, "als"))
    rows = (*(_row(desk, told.e, to) for told in named), (everything,))
    return Message(
        text="\n".join(lines), buttons=rows, marks=(("bold", 0, len(head)),), protect=True,
        silent=all(notice.silent for notice in notices),
    )  # fmt: skip


def _urgency(told: _Told) -> tuple[int, bool, int]:
    """The most urgent first, what is new before what is told again."""
    return _URGENCIES.index(told.e.urgency), _is_again(told), told.e.number


def _is_again(told: _Told) -> bool:
    return told.notice.kind == "escalation_told" and bool(told.notice.values.get("repeat"))


async def _lines(desk: Desk, told: _Told, to: Person, *, marked: bool) -> list[str]:
    """What is said of one; ``marked``: also that it is told again."""
    line = brief(desk, told.e, to.language)
    if told.notice.kind != "escalation_told":
        line = await _asked(desk, told, line, to)
    elif marked and _is_again(told):
        line = desk.words.say(to.language, "together.again", line=line)
    smaller = [brief(desk, e, to.language) for e in await spoken_for(desk, told.e)]
    return [line, *(desk.words.say(to.language, "together.as_well", line=one) for one in smaller)]


async def _asked(desk: Desk, told: _Told, line: str, to: Person) -> str:
    """What the second clock says of it."""
    e, language = told.e, to.language
    key = told.notice.kind.removeprefix("escalation_")
    if key == "overdue" and to.id == e.person:
        key = "overdue_yours"
    return desk.words.say(
        language, f"together.{key}", line=line, note=clean(resting(e).note, 100),
        who=await name_of(desk, e.person, language),
        day=say_day(desk.today(e.outcome_by), language) if e.outcome_by is not None else "",
    )  # fmt: skip


async def _calls(desk: Desk, named: Sequence[_Told], to: Person) -> list[str]:
    """Whom to call; about which of them, where that is not the same for all."""
    about: dict[str, list[str]] = {}
    for told in named:
        call = await worker_call(desk, told.child, to)
        if call is not None:
            about.setdefault(call, []).append(str(told.e.number))
    return list(about) if len(about) == 1 else _with_numbers(desk, about, to.language)


def _with_numbers(desk: Desk, about: Mapping[str, Sequence[str]], language: str) -> list[str]:
    say = desk.words.say
    return [
        say(language, "together.call", call=call, numbers=say(language, "list.comma").join(numbers))
        for call, numbers in about.items()
    ]


def _row(desk: Desk, e: Escalation, to: Person) -> tuple[Button, ...]:
    """收到 12 · 办结 12 · 转交 12: what may be typed as well."""
    return tuple(
        Button(
            label=desk.words.say(
                to.language, "together.button", what=desk.words.say(to.language, key), number=e.number
            ),
            token=desk.token(to.id, action, e.id),
        )
        for key, action in deeds_of(e)
    )
