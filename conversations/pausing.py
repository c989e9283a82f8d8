"""暂停走访: visits rest while the child is elsewhere: why, until when, who is responsible meanwhile."""

import re
from datetime import date, timedelta

from casework.access import CLOCK
from casework.pauses import latest_end, pause_visit, rests_from, resume
from casework.records import Child, Escalation, Pause, Visit
from casework.terms import term_end
from casework.visit_records import Responsible
from casework.visit_steps import ROUTINE, TO_DO
from conversations.dates import day_of_mark, mark_of_day, read_coming_day
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.choices import mark_of
from conversations.widgets.layout import arranged

_WEEKS = (1, 2, 4, 8, 13)
_PHONE = re.compile(r"\d[\d -]{5,}\d")
_BY_LETTER: dict[str, Responsible] = {"p": "parents", "s": "school", "w": "worker"}
OPEN = ("open", "acknowledged")


async def asked_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Why visits are to rest."""
    found = await _routine(turn, parts[0])
    if found is None:
        return
    pauses = turn.desk.policy.visits.pauses
    buttons = [
        turn.button(rule.label(turn.language), "pk", parts[0], mark_of(k)) for k, rule in pauses.items()
    ]
    turn.tell(turn.words("pause.why", child=turn.desk.label(found[1])), arranged(buttons))


async def sort_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Until when: the end of term, some weeks, or a day that is typed."""
    found, sort = await _routine(turn, parts[0]), _sort(turn, parts[1])
    if found is None or sort is None:
        return
    visit, child = found
    last = _last(turn, visit, child, sort)
    turn.expect("pause_end", child.id, sort)
    term = term_end(turn.today, turn.desk.policy) if turn.desk.policy.visits.pauses[sort].terms else None
    days = [turn.today + timedelta(weeks=n) for n in _WEEKS]
    labels = [(day, turn.far_day(day)) for day in days if day <= last]
    if term is not None and turn.today < term <= last:
        labels.insert(0, (term, turn.words("pause.term", day=turn.any_day(term))))
    buttons = [turn.button(label, "pe", child.id, parts[1], mark_of_day(day)) for day, label in labels]
    text = turn.words("pause.until", child=turn.desk.label(child), last=turn.far_day(last))
    turn.tell(text, [[button] for button in buttons])


async def end_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The end was typed."""
    day = read_coming_day(text, turn.today)
    if day is None:
        turn.say("move.unclear")
    else:
        await _who(turn, parts[0], parts[1], day)


async def end_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The end was chosen."""
    sort = _sort(turn, parts[1])
    if sort is not None:
        await _who(turn, parts[0], sort, day_of_mark(parts[2]))


async def _who(turn: Turn, code: str, sort: str, end: date) -> None:
    """Who is responsible meanwhile."""
    found = await _routine(turn, code)
    if found is None or not _is_within(turn, *found, sort, end):
        return
    turn.expect()
    buttons = [
        turn.button(turn.words(f"pause.by_{who}"), "pw", code, mark_of(sort), mark_of_day(end), who[0])
        for who in turn.desk.policy.visits.pauses[sort].responsible
    ]
    turn.tell(turn.words("pause.who"), [[button] for button in buttons])


async def who_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Parents or school are asked for by name and telephone; the worker calls."""
    found, sort, end = await _routine(turn, parts[0]), _sort(turn, parts[1]), day_of_mark(parts[2])
    if found is None or sort is None or not _is_within(turn, *found, sort, end):
        return
    who = _BY_LETTER.get(parts[3])
    if who is None or who not in turn.desk.policy.visits.pauses[sort].responsible:
        turn.pop("stale.unknown")
    elif who == "worker":
        await _pause(turn, *found, sort, end, who, "")
    else:
        turn.expect("pause_contact", parts[0], sort, end.isoformat(), who)
        turn.say(f"pause.contact_{who}")


async def contact_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The name and telephone of who is responsible were typed."""
    contact = clean(text, 60)
    if not _PHONE.search(contact):
        turn.say("pause.no_phone")
        return
    code, sort, end = parts[0], parts[1], date.fromisoformat(parts[2])
    found = await _routine(turn, code)
    who: Responsible = "school" if parts[3] == "school" else "parents"
    turn.expect()
    if found is not None and _is_within(turn, *found, sort, end):
        await _pause(turn, *found, sort, end, who, contact)


async def _pause(
    turn: Turn, visit: Visit, child: Child, sort: str, end: date, who: Responsible, contact: str
) -> None:
    store, policy = turn.desk.store, turn.desk.policy
    pause = Pause(sort=sort, start=turn.today, end=end, responsible=who, contact=contact)
    circle = await store.circle(child, turn.now)
    escalations = await store.find(CLOCK, Escalation, child=child.id, status=OPEN)
    turn.decide(
        pause_visit(
            visit, pause, by=turn.person.id, child=child, circle=circle, policy=policy, now=turn.now,
            open_escalations=escalations,
        )
    )  # fmt: skip
    rule = policy.visits.pauses[sort]
    turn.say(
        "pause.done", child=turn.desk.label(child), why=rule.label(turn.language), end=turn.far_day(end),
        who=turn.words(f"pause.is_{who}"), ask=rule.ask_days_before,
    )  # fmt: skip


async def resume_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """恢复走访: the child is back."""
    found = await _routine(turn, parts[0])
    if found is None:
        return
    visit, child = found
    outcome = resume(visit, by=turn.person.id, child=child, policy=turn.desk.policy, now=turn.now)
    again = next((r for r in outcome.records if isinstance(r, Visit)), None)
    if again is None:
        turn.pop("pause.not_paused")
        return
    turn.decide(outcome)
    turn.say("pause.over", child=turn.desk.label(child), day=turn.day(again.due))


def question(turn: Turn, visit: Visit, child: Child) -> None:
    """A visit that rests was tapped on: is the child back?"""
    assert visit.pause is not None
    rows = [
        [turn.button(turn.words("pause.back"), "px", child.id)],
        [turn.button(turn.words("pause.longer"), "ps", child.id)],
    ]
    turn.child = child.id
    turn.tell(turn.words("pause.ask", child=turn.desk.label(child), end=turn.day(visit.pause.end)), rows)


def is_offered(turn: Turn, reason: str) -> bool:
    """Whether visits may rest for this reason of a missed one."""
    return reason in turn.desk.policy.visits.pauses


def button(turn: Turn, child: Child, reason: str) -> Button:
    """The way from a reason to a pause."""
    label = turn.words("pause.button")
    return turn.button(label, "pk", child.id, mark_of(reason))


def line(turn: Turn, pause: Pause) -> str:
    """For the child's page: why, until when, who is responsible."""
    rule = turn.desk.policy.visits.pauses.get(pause.sort)
    why = rule.label(turn.language) if rule is not None else turn.words("pause.elsewhere")
    who = turn.words(f"pause.is_{pause.responsible}")
    return turn.words("pause.line", why=why, end=turn.far_day(pause.end), who=who)


async def _routine(turn: Turn, code: str) -> tuple[Visit, Child] | None:
    """The child's routine visit; else it is said that there is no such child."""
    child = await turn.child_of(code)
    found = await turn.desk.store.find(turn.reader, Visit, child=code, status=TO_DO) if child else []
    visit = next((v for v in found if v.purpose in ROUTINE), None)
    if child is None or visit is None or child.status != "active":
        turn.pop("child.not_found")
        return None
    turn.child = child.id
    return visit, child


def _sort(turn: Turn, mark: str) -> str | None:
    return next((key for key in turn.desk.policy.visits.pauses if mark_of(key) == mark), None)


def _last(turn: Turn, visit: Visit, child: Child, sort: str) -> date:
    return latest_end(child, sort, turn.desk.policy, rests_from(visit, sort, turn.today))


def _is_within(turn: Turn, visit: Visit, child: Child, sort: str, end: date) -> bool:
    """Whether they may rest until then; else it is said how long."""
    last = _last(turn, visit, child, sort) if sort in turn.desk.policy.visits.pauses else turn.today
    if turn.today < end <= last:
        return True
    turn.pop("pause.too_long", last=turn.far_day(last))
    return False
