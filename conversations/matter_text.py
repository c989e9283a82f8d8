"""A matter in words: what it is, where it stands, whose turn it is, what was done; and how it is listed."""

from datetime import date

from casework.access import CLOCK
from casework.matters import holders
from casework.outcome import Outcome
from casework.policy_matters import MatterRule, MatterState
from casework.records import Child, Matter, Submission, Taken
from conversations.alert_text import answer, name_of
from conversations.dates import say_day, say_moment
from conversations.desk import Desk
from conversations.masks import clean
from conversations.referral_text import sent_lines

_DEEDS, _ANSWERS = 8, 8
_OFFICERS = ("township_officer", "county_officer")


def sort_label(desk: Desk, sort: str, language: str) -> str:
    """What people call a sort of matter; its key where the county's file has none (any more)."""
    rule = desk.policy.matter(sort)
    return rule.label(language) if rule is not None else sort


def _day(desk: Desk, day: date, language: str) -> str:
    """The day, with its year where that is not this one."""
    said = say_day(day, language)
    if day.year == desk.today(desk.clock()).year:
        return said
    return desk.words.say(language, "answer.day", year=day.year, day=said)


def state_of(desk: Desk, m: Matter) -> MatterState | None:
    """The rules of the state in which it is; None where the file has lost it."""
    rule = desk.policy.matter(m.sort)
    return rule.states.get(m.state) if rule is not None else None


def state_label(desk: Desk, m: Matter, language: str) -> str:
    """Where it stands."""
    state = state_of(desk, m)
    return state.label(language) if state is not None else m.state


def brief(desk: Desk, m: Matter, language: str) -> str:
    """📌 事项 12：上户口（3001）"""
    what = sort_label(desk, m.sort, language)
    return desk.words.say(language, "matter.head", number=m.number, what=what, child=m.child or "")


def listed(desk: Desk, m: Matter, child: Child, language: str, today: date) -> str:
    """As a button in a list: which child, what, where it stands, by when."""
    say = desk.words.say
    what, state = sort_label(desk, m.sort, language), state_label(desk, m, language)
    line = say(language, "matter.line", child=desk.label(child), what=what, state=state)
    if m.due is None:
        return line
    key = "matter.line_late" if m.due < today else "matter.line_due"
    return say(language, key, line=line, day=_day(desk, m.due, language))


async def matter_text(
    desk: Desk, m: Matter, child: Child, language: str, *, short: bool = False
) -> tuple[str, str]:
    """Its page, and the line of it that is set in bold. ``short``: nothing of what was answered."""
    say, head = desk.words.say, brief(desk, m, language)
    lines = [head, say(language, "alert.child", child=desk.label(child))]
    lines.append(say(language, "matter.state", state=state_label(desk, m, language)))
    lines += await _turn_lines(desk, m, child, language)
    if short:
        return "\n".join(lines), head
    answers = await _answers(desk, m, language)
    story = [await _deed(desk, m, taken, language) for taken in m.story[-_DEEDS:]]
    for key, found in (("matter.last", answers), ("matter.story", story)):
        lines += [say(language, key), *found] if found else []
    return "\n".join(lines), head


async def _turn_lines(desk: Desk, m: Matter, child: Child, language: str) -> list[str]:
    state = state_of(desk, m)
    if m.status != "open" or state is None:
        return []
    circle, say = await desk.store.circle(child, desk.clock()), desk.words.say
    names = [clean(who.name, 30) for who in holders(state, circle)] or [say(language, "somebody")]
    lines = [say(language, "matter.turn", who=say(language, "list.comma").join(names))]
    if m.due is not None:
        late = (desk.today(desk.clock()) - m.due).days
        key = "matter.late" if late > 0 else "matter.due"
        lines.append(say(language, key, day=_day(desk, m.due, language), days=late))
    return lines


async def _answers(desk: Desk, m: Matter, language: str) -> list[str]:
    """What the last report said."""
    made = next((taken.submission for taken in reversed(m.story) if taken.submission), None)
    report = await desk.store.get(CLOCK, Submission, made) if made else None
    if report is None:
        return []
    return [f"· {answer(desk, language, label, text)}" for label, text in report.lines[:_ANSWERS]]


async def _deed(desk: Desk, m: Matter, taken: Taken, language: str) -> str:
    say = desk.words.say
    rule = desk.policy.matter(m.sort)
    what = _step_label(desk, rule, taken, language)
    at = say_moment(taken.at, language, desk.policy)
    who = await _doer(desk, rule, taken, language)
    line = say(language, "matter.deed", at=at, who=who, what=what)
    return (
        say(language, "matter.deed_words", line=line, words=clean(taken.words, 200)) if taken.words else line
    )


async def _doer(desk: Desk, rule: MatterRule | None, taken: Taken, language: str) -> str:
    step = rule.steps.get(taken.step) if rule is not None else None
    if step is not None and step.secret and not await _is_officer(desk, taken.by):
        return desk.words.say(language, "reporter")
    return (
        await name_of(desk, taken.by, language) if taken.by else desk.words.say(language, "matter.by_itself")
    )


async def _is_officer(desk: Desk, person: str | None) -> bool:
    known = await desk.store.person(person) if person else None
    return known is not None and any(post.role in _OFFICERS for post in known.posts)


def _step_label(desk: Desk, rule: MatterRule | None, taken: Taken, language: str) -> str:
    step = rule.steps.get(taken.step) if rule is not None else None
    if step is not None:
        return step.label(language)
    kind = taken.step.removeprefix("flag_")
    if kind != taken.step:
        return desk.policy.flag(kind).label(language)
    key = f"matter.ended_{taken.step}"
    return desk.words.say(language, key) if desk.words.has(key) else taken.step


def said_lines(desk: Desk, outcome: Outcome, child: Child, language: str) -> list[str]:
    """A line for each matter that was begun or moved: where it stands, and by when the next step is due."""
    lines = []
    for m in outcome.records:
        if not isinstance(m, Matter):
            continue
        what, state = sort_label(desk, m.sort, language), state_label(desk, m, language)
        key = "matters.closed" if m.due is None else "matters.moved_due"
        day = _day(desk, m.due, language) if m.due is not None else ""
        lines.append(desk.words.say(language, key, child=desk.label(child), what=what, state=state, day=day))
    return [*lines, *sent_lines(desk, outcome, child, language)]
