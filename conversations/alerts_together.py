"""Alerts that come at one moment, as one message: a line and a row of buttons each, the most urgent first."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from conversations.said import Button, Message, Together
from storage.errors import Unavailable

LOG = logging.getLogger("conversations.alerts")
_URGENCIES: tuple[Urgency, ...] = get_args(Urgency)
_STILL: Mapping[str, Callable[[Notice, Escalation, Person], bool]] = {
    "escalation_told": lambda notice, e, _: still_told(notice, e),
    "escalation_due": still_asked,
    "escalation_overdue": still_asked,
    "escalation_woken": still_asked,
}


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What is said of one alert, and of whom to call about it (None = nobody)."""

    notice: Notice
    e: Escalation
    child: Child
    lines: tuple[str, ...] = ()
    call: str | None = None


@dataclass
class _Sorted:
    """The notices by what becomes of them: by alert, no longer true, or not to be put into words."""

    told: dict[str, _Told] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)  # of the notices about each of these alerts
    untold: set[str] = field(default_factory=set)
    unworded: set[str] = field(default_factory=set)

    def lose(self, told: _Told) -> None:
        """This one can't be put into words: the others go on without it."""
        del self.told[told.e.id]
        self.unworded |= self.keys.pop(told.e.id)


async def alerts_together(
    desk: Desk, notices: Sequence[Notice], to: Person, alone: Callable[[Notice], Awaitable[Message | None]]
) -> Together:
    """What ``notices`` say as one message; one alert that is left by itself is said as ``alone`` has it.

    What can't be put into words takes nothing with it. Raises `Unavailable`.
    """
    found = await _sorted(desk, notices, to)
    named = await _worded(desk, found, to)
    message = _message(desk, found, named, notices, to) if len(found.told) > 1 else None
    for told in (*found.told.values(),) if len(found.told) == 1 else ():
        try:
            message = await alone(told.notice)
        except Unavailable:
            raise
        except Exception as error:
            _log(told.notice, error)
            found.lose(told)
    return Together(message=message, untold=frozenset(found.untold), unworded=frozenset(found.unworded))


async def _sorted(desk: Desk, notices: Sequence[Notice], to: Person) -> _Sorted:
    found = _Sorted()
    for notice in notices:
        try:
            told = await _still(desk, notice, to)
        except Unavailable:
            raise
        except Exception as error:
            _log(notice, error)
            found.unworded.add(notice.key)
            continue
        if told is None:
            found.untold.add(notice.key)
            continue
        found.keys.setdefault(told.e.id, set()).add(notice.key)
        before = found.told.get(told.e.id)
        if before is None or not _is_again(told):  # that it is told again is no news to who has not heard it
            found.told[told.e.id] = told
    return found


async def _still(desk: Desk, notice: Notice, to: Person) -> _Told | None:
    """What the notice tells; None where that is no longer true."""
    e = await desk.store.get(CLOCK, Escalation, notice.values["escalation"])
    child = await desk.store.get(CLOCK, Child, e.child) if e is not None and e.child else None
    still = _STILL[notice.kind]
    if e is None or child is None or not still(notice, e, to):
        return None
    return _Told(notice=notice, e=e, child=child)


async def _worded(desk: Desk, found: _Sorted, to: Person) -> list[_Told]:
    """The most urgent, as many as the policy names, in words. Source: ``most_named`` in the policy file."""
    named: list[_Told] = []
    marked = not all(map(_is_again, found.told.values()))
    for told in sorted(found.told.values(), key=_urgency):
        if len(named) == desk.policy.messages.most_named:
            break
        try:
            lines = await _lines(desk, told, to, marked=marked)
            named.append(replace(told, lines=lines, call=await worker_call(desk, told.child, to)))
        except Unavailable:
            raise
        except Exception as error:
            _log(told.notice, error)
            found.lose(told)
    return named


def _log(notice: Notice, error: Exception) -> None:
    LOG.error("an alert can't be worded (%s): %s", notice.kind, type(error).__name__, exc_info=error)


def _message(
    desk: Desk, found: _Sorted, named: Sequence[_Told], notices: Sequence[Notice], to: Person
) -> Message:
    say, language, count = desk.words.say, to.language, len(found.told)
    all_again = all(map(_is_again, found.told.values()))
    head = say(language, "together.head_again" if all_again else "together.head", count=count)
    lines = [head, *(line for told in named for line in told.lines)]
    if unnamed := count - len(named):
        lines.append(say(language, "together.others", shown=len(named), count=unnamed))
    lines += _calls(desk, named, language)
    free = [told.e.number for told in named if told.e.status == "open"]
    lines += [say(language, "together.how", number=number) for number in free[:1]]
    everything = Button(label=say(language, "alerts.all"), token=desk.token(to.id, "als"))
    return Message(
        text="\n".join(lines), buttons=(*(_row(desk, told.e, to) for told in named), (everything,)),
        marks=(("bold", 0, len(head)),), protect=True, silent=all(notice.silent for notice in notices),
    )  # fmt: skip


def _urgency(told: _Told) -> tuple[int, bool, int]:
    """The most urgent first, what is new before what is told again."""
    return _URGENCIES.index(told.e.urgency), _is_again(told), told.e.number


def _is_again(told: _Told) -> bool:
    return told.notice.kind == "escalation_told" and bool(told.notice.values.get("repeat"))


async def _lines(desk: Desk, told: _Told, to: Person, *, marked: bool) -> tuple[str, ...]:
    """What is said of one; ``marked``: also that it is told again."""
    e, language = told.e, to.language
    line = brief(desk, e, language, child=desk.label(told.child))
    if told.notice.kind != "escalation_told":
        line = await _asked(desk, told, line, to)
    elif e.status == "acknowledged":
        who = await name_of(desk, e.person, language)
        line = desk.words.say(language, "together.taken", line=line, who=who)
    elif marked and _is_again(told):
        line = desk.words.say(language, "together.again", line=line)
    smaller = [brief(desk, other, language) for other in await spoken_for(desk, e)]
    return (line, *(desk.words.say(language, "together.as_well", line=one) for one in smaller))


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


def _calls(desk: Desk, named: Sequence[_Told], language: str) -> list[str]:
    """Whom to call; about which of them, where that is not the same for all."""
    about: dict[str, list[str]] = {}
    for told in named:
        if told.call is not None:
            about.setdefault(told.call, []).append(str(told.e.number))
    if len(about) == 1:
        return list(about)
    say = desk.words.say
    return [
        say(language, "together.call", call=call, numbers=say(language, "list.comma").join(numbers))
        for call, numbers in about.items()
    ]


def _row(desk: Desk, e: Escalation, to: Person) -> tuple[Button, ...]:
    """收到 12 · 办结 12 · 转交 12: what may be typed as well."""
    say, language = desk.words.say, to.language
    return tuple(
        Button(
            label=say(language, "together.button", what=say(language, key), number=e.number),
            token=desk.token(to.id, action, e.id),
        )
        for key, action in deeds_of(e, to)
    )
