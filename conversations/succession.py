"""A worker has left for good: the children go to whoever holds the village's post now, with one message."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from casework.access import CLOCK
from casework.calendar import outside_quiet
from casework.circles import is_away
from casework.outcome import Event, Notice, Outcome, Priority
from casework.posts import Unattended
from casework.records import Child, Person, Post, Visit
from casework.visits import TO_DO, reassign
from conversations.desk import Desk


async def succeeded(
    desk: Desk, unattended: Sequence[Unattended], people: Mapping[str, Person], now: datetime
) -> tuple[Outcome, list[Unattended]]:
    """The children of those who have left, where exactly one worker of their village is there; and the rest.

    What is left over waits for the county's word.
    """
    outcome, rest = Outcome(), []
    for some in unattended:
        gone, heir = people.get(some.worker or ""), _heir(desk, people, some.village, now)
        if gone is None or gone.status != "left" or heir is None:
            rest.append(some)
            continue
        outcome += await _taken_over(desk, some, heir, now)
        outcome += Outcome(notices=(_notice(desk, gone, heir, some, now),))
    return outcome, rest


def _heir(desk: Desk, people: Mapping[str, Person], village: str, now: datetime) -> Person | None:
    post, today = Post(role="village_worker", area=village), desk.today(now)
    able = [p for p in people.values() if post in p.posts and p.status == "joined" and not p.unreached]
    here = [p for p in able if not is_away(p, today)]
    return here[0] if len(here) == 1 else None


async def _taken_over(desk: Desk, some: Unattended, heir: Person, now: datetime) -> Outcome:
    outcome = Outcome()
    for child in await desk.store.find(
        CLOCK, Child, person=some.worker, area=some.village, status=("active",)
    ):
        visits = await desk.store.find(CLOCK, Visit, child=child.id, status=TO_DO)
        theirs = replace(child, worker=heir.id)
        moved = reassign(theirs, visits=visits, policy=desk.policy, now=now, by="clock")
        event = Event(
            name="child_changed", at=now, actor="clock", child=child.id, record=child.id, ground="clock",
            detail={"fields": "worker", "worker": heir.id},
        )  # fmt: skip
        outcome += Outcome(records=(theirs, *moved.records), events=(event, *moved.events))
    return outcome


def _notice(desk: Desk, gone: Person, heir: Person, some: Unattended, now: datetime) -> Notice:
    moment = outside_quiet(now, "village_worker", desk.policy)
    return Notice(
        key=f"succeeded:{gone.id}:{gone.version}:{some.village}:{heir.id}",
        to=heir.id,
        kind="succeeded",
        priority=Priority.REMINDER,
        values={"person": gone.id, "count": some.count},
        about=("person", gone.id),
        not_before=moment if moment > now else None,
    )
