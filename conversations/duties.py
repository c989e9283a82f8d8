"""What somebody has to do: the visits, the most urgent first; and how they are listed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from casework.access import Reader
from casework.households import households
from casework.records import Child, Visit
from casework.visit_steps import days_late
from casework.visits import TO_DO
from conversations.dates import say_day
from conversations.desk import Desk

_MOST = 400  # of a whole county's overdue visits so many are looked at


@dataclass(frozen=True, kw_only=True)
class Due:
    """A visit to be made, with its child. ``same_home``: it follows one to the same household."""

    visit: Visit
    child: Child
    same_home: bool = False


async def own_duties(desk: Desk, reader: Reader, today: date) -> list[Due]:
    """What a worker has to do, and what those have to do whom he stands in for."""
    visits: list[Visit] = []
    for worker in sorted(reader.workers):
        visits += await desk.store.find(reader, Visit, status=TO_DO, person=worker)
    children: dict[str, Child] = {}
    if visits:
        children = {c.id: c for c in await desk.store.find(reader, Child, status=("active",), limit=_MOST)}
    return await _ordered(desk, reader, visits, children, today)


async def all_duties(desk: Desk, reader: Reader, today: date) -> list[Due]:
    """The same, and for an officer the late ones of the township or county."""
    own = await own_duties(desk, reader, today)
    if not reader.townships and not reader.counties:
        return own
    known = {due.visit.id: due.child for due in own}
    late = await desk.store.find(reader, Visit, status=("overdue", "missed"), limit=_MOST)
    visits = [due.visit for due in own] + [v for v in late if v.id not in known]
    return await _ordered(desk, reader, visits, {c.id: c for c in known.values()}, today)


async def _ordered(
    desk: Desk, reader: Reader, visits: Iterable[Visit], children: dict[str, Child], today: date
) -> list[Due]:
    found = []
    for visit in visits:
        child = children.get(visit.child or "") or await desk.store.get(reader, Child, visit.child or "")
        if child is not None and child.status == "active" and not _rests(visit):
            found.append(Due(visit=visit, child=child))
    return sorted(found, key=lambda due: _urgency(due, today))


def _rests(visit: Visit) -> bool:
    """Nobody has to make it at present; shortly before the end it is asked whether the child is back."""
    return visit.pause is not None and not visit.pause.asked


def _urgency(due: Due, today: date) -> tuple[int, date, int, str]:
    """Late red ones, then late, then by day and risk."""
    late = due.visit.due < today
    first = 0 if late and due.child.risk == 1 else 1 if late else 2
    return first, due.visit.due, due.child.risk, due.child.id


def by_home(dues: Sequence[Due]) -> list[Due]:
    """The same for showing: a household's visits follow its most urgent one, for they are one way to go."""
    living = enumerate(households(due.child for due in dues))
    number = {child.id: n for n, home in living for child in home}
    homes: dict[str | int, list[Due]] = {}
    for due in dues:
        home = due.visit.id if due.visit.purpose == "phone" else number[due.child.id]
        homes.setdefault(home, []).append(due)
    return [
        due if n == 0 else Due(visit=due.visit, child=due.child, same_home=True)
        for together in homes.values()
        for n, due in enumerate(together)
    ]


def due_label(desk: Desk, due: Due, language: str, today: date) -> str:
    """张* · 3001 · 今天到期"""
    say, days, day = desk.words.say, days_late(due.visit, today), say_day(due.visit.due, language)
    if due.visit.pause is not None:
        when = say(language, "due.paused", day=day)
    elif due.visit.unknown:
        when = say(language, "due.unknown", day=day)
    elif days:
        when = say(language, "due.late_1" if days == 1 else "due.late", days=days)
    else:
        when = say(language, "due.today") if due.visit.due == today else say(language, "due.on", day=day)
    phone = "☎️ " if due.visit.purpose == "phone" else ""
    red = "❗ " if due.child.risk == 1 and days > 0 else ""
    home = say(language, "due.same_home") if due.same_home else ""
    return f"{red}{phone}{desk.label(due.child)} · {when}{home}"
