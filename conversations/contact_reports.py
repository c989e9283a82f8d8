"""A department's contact reports a child, e.g. a school one that does not come, without seeing any file."""

import re

from casework.access import CLOCK
from casework.calendar import outside_quiet
from casework.flags import Flag, raise_one
from casework.matters import Report, begin_by_flag
from casework.outcome import Notice, Outcome, Priority
from casework.records import Area, Child, Matter, Person
from conversations.masks import clean, fact
from conversations.matters import around_of
from conversations.turn import Turn

_SPLIT = re.compile(r"[\s,，、;；。:：]+")
_LONGEST = 500


def may_report(turn: Turn) -> bool:
    """Whether the person's department reports children."""
    rule = turn.desk.policy.departments.get(turn.person.department)
    return rule is not None and bool(rule.reports)


async def asked(turn: Turn, rest: str) -> None:
    """/report of a contact: one message says it all."""
    if rest:
        await said(turn, (), rest)
        return
    turn.expect("contact_report")
    turn.say("contact_report.ask")


async def said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """Which child, since when: a matter begins, or the officers are asked to see who it is.

    The answer is the same in both cases, so that it tells nobody who has a file.
    """
    turn.expect()
    words = clean(text, _LONGEST)
    if not words:
        await asked(turn, "")
        return
    found = await _meant(turn, words)
    if len(found) == 1:
        turn.decide(await _reported(turn, found[0], words))
    else:
        turn.decide(await _unclear(turn, words))
    turn.happened("contact_reported", department=turn.person.department, known=str(len(found) == 1))
    turn.say("contact_report.thanks")


async def _meant(turn: Turn, words: str) -> list[Child]:
    """The children of the contact's area and school whose name or code stands in the words."""
    areas = {post.area for post in turn.person.posts}
    found: dict[str, Child] = {}
    for part in _SPLIT.split(words)[:20]:
        known = await turn.desk.store.find_child(CLOCK, name=part) if part else []
        by_code = await turn.desk.store.get(CLOCK, Child, part) if part else None
        for child in [*known, *([by_code] if by_code is not None else [])]:
            at_home = {child.village, child.township, child.county} & areas
            if child.status == "active" and at_home and _at_school(turn.person, child):
                found[child.id] = child
    return list(found.values())


def _at_school(person: Person, child: Child) -> bool:
    return not person.school or fact(child, "school") in ("", person.school)


async def _reported(turn: Turn, child: Child, words: str) -> Outcome:
    """The flag goes up, and begins what it begins, with the contact's words."""
    flag = turn.desk.policy.departments[turn.person.department].reports
    around, by = await around_of(turn, child), turn.person.id
    open_ones = await turn.desk.store.find(CLOCK, Matter, child=child.id, status=("open",))
    begun = begin_by_flag(flag, Report(words=words), by=by, among=open_ones, around=around)
    m = next((r for r in begun.records if isinstance(r, Matter)), None)
    urgency = around.policy.flag(flag).urgency
    facts = {"matter": m.sort, "state": m.state} if m is not None else {}
    return begun + raise_one(
        Flag(kind=flag, urgency=urgency), source=m.id if m is not None else child.id, by=by, facts=facts,
        child=child, circle=around.circle, policy=around.policy, now=around.now, new_id=around.new_id,
        already_open=around.escalations,
    )  # fmt: skip


async def _unclear(turn: Turn, words: str) -> Outcome:
    """Nobody, or several: the officers of the area see who it is."""
    people = [p for post in turn.person.posts for p in await _officers(turn, post.area)]
    moment = outside_quiet(turn.now, "township_officer", turn.desk.policy)
    return Outcome(
        notices=tuple(
            Notice(
                key=f"contact_report:{turn.said.key}:{to.id}", to=to.id, kind="contact_report",
                priority=Priority.ALERT, values={"by": turn.person.id, "words": words},
                silent=moment > turn.now,
            )
            for to in {p.id: p for p in people}.values()
        )
    )  # fmt: skip


async def _officers(turn: Turn, area: str) -> list[Person]:
    """Those of the area, or of the nearest around it that has any."""
    at: str | None = area
    while at:
        for role in ("township_officer", "county_officer"):
            found = await turn.desk.store.acting(role, turn.now, area=at)
            if found:
                return found
        known = await turn.desk.store.get(CLOCK, Area, at)
        at = known.parent if known is not None else None
    return []
