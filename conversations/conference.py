"""/conference: what the departments have in hand and what is stuck, for the office of the joint conference.

Departments see the figures alone, and no small ones.
"""

from casework.access import CLOCK
from casework.conference import Standing, agenda, at_least, standings
from casework.records import Child, Matter, Referral
from casework.referrals import OPEN
from conversations.desk import Desk
from conversations.matter_text import listed as matter_listed
from conversations.referral_text import department_label, listed
from conversations.turn import Turn


def may_see(turn: Turn) -> bool:
    """Whether the view is for this person, with its agenda or without."""
    return has_agenda(turn) or sees_figures(turn)


def has_agenda(turn: Turn) -> bool:
    """Whether the view shows single cases to this person."""
    return bool(turn.roles & set(turn.desk.policy.conference.roles))


def sees_figures(turn: Turn) -> bool:
    """Whether this person's department may see the figures."""
    rule = turn.desk.policy.departments.get(turn.person.department)
    return rule is not None and rule.conference and bool(turn.reader.contacts)


async def asked(turn: Turn, rest: str) -> None:
    """/conference"""
    if has_agenda(turn):
        await _whole(turn)
    else:
        await _figures(turn)


async def _whole(turn: Turn) -> None:
    store, desk = turn.desk.store, turn.desk
    referrals = await store.find(turn.reader, Referral, status=OPEN)
    matters = await store.find(turn.reader, Matter, status=("open",))
    lines = [turn.words("conference.head", day=turn.any_day(turn.today))]
    found = standings(referrals, policy=desk.policy, today=turn.today)
    lines += [_standing(turn, one) for one in found] or [turn.words("conference.nothing")]
    stuck = agenda(referrals, matters, today=turn.today)
    lines.append("")
    lines.append(turn.words("conference.agenda" if stuck else "conference.no_agenda", count=len(stuck)))
    most = desk.policy.conference.agenda
    for one in stuck[:most]:
        lines.append(await _item(desk, one, turn))
    if len(stuck) > most:
        lines.append(turn.words("conference.more", count=len(stuck) - most))
    turn.tell("\n".join(lines), bold=(lines[0],), protect=True)


def _standing(turn: Turn, one: Standing) -> str:
    department = department_label(turn.desk, one.department, turn.language)
    line = turn.words("conference.line", department=department, open=one.open, late=one.late)
    if one.oldest is None:
        return line
    return turn.words("conference.oldest", line=line, day=turn.any_day(one.oldest))


async def _item(desk: Desk, one: Referral | Matter, turn: Turn) -> str:
    if isinstance(one, Referral):
        line = await listed(desk, one, turn.language, turn.today)
        department = department_label(desk, one.department, turn.language)
        return turn.words("conference.referral", number=one.number, department=department, line=line)
    child = await desk.store.get(turn.reader, Child, one.child or "")
    line = matter_listed(desk, one, child, turn.language, turn.today) if child is not None else ""
    return turn.words("conference.matter", number=one.number, line=line)


async def _figures(turn: Turn) -> None:
    """Of the area in which the contact has the post; nothing about a single child."""
    areas = [post.area for post in turn.person.posts if post.role == "department_contact"]
    small = turn.desk.policy.conference.small_number
    lines = [turn.words("conference.head", day=turn.any_day(turn.today))]
    found = {
        r.id: r for area in areas for r in await turn.desk.store.find(CLOCK, Referral, status=OPEN, area=area)
    }
    for one in standings(found.values(), policy=turn.desk.policy, today=turn.today):
        lines.append(
            turn.words(
                "conference.line",
                department=department_label(turn.desk, one.department, turn.language),
                open=_said(turn, at_least(one.open, small), small),
                late=_said(turn, at_least(one.late, small), small),
            )
        )
    if len(lines) == 1:
        lines.append(turn.words("conference.nothing"))
    lines += ["", turn.words("conference.figures_only", small=small)]
    turn.tell("\n".join(lines), bold=(lines[0],))


def _said(turn: Turn, number: int | None, small: int) -> str:
    return str(number) if number is not None else turn.words("conference.few", small=small)
