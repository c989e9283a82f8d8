"""What is due: each waiting record is looked at, decided, and kept; one that can't be stops no other."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from casework.access import CLOCK
from casework.child_clock import awake
from casework.clocks import telling_key
from casework.outcome import Outcome
from casework.records import (
    Area,
    CheckIn,
    Child,
    Escalation,
    Matter,
    Person,
    Record,
    Referral,
    Request,
    Talk,
    Vacancy,
    Visit,
)  # fmt: skip
from casework.requests import answering
from casework.strangers import forgotten
from casework.visits import TO_DO
from casework.waking import put_off, wake_record
from conversations.absences import settle
from conversations.desk import Desk
from conversations.posts import look
from storage.errors import Conflict, Unavailable

LOG = logging.getLogger("conversations.wake")
AT_ONCE = 32  # children looked at side by side; their outcomes are written together
OPEN = ("open", "acknowledged")


async def wake(desk: Desk, now: datetime, limit: int = 500, at_once: int = AT_ONCE) -> int:
    """Deals with up to ``limit`` records that are due at ``now``: how many those were.

    Records of one child are taken one after the other, ``at_once`` children side by side. Where a person was
    quicker, the record is left to the next time. Raises what the store raises when it can't be reached.
    """
    with desk.working():
        due = await desk.store.due(now, limit)
        by_child: dict[str, list[Record]] = {}
        for record in due:
            by_child.setdefault(_together(record), []).append(record)
        gate = asyncio.Semaphore(at_once)
        await asyncio.gather(*(_of_one_child(desk, records, now, gate) for records in by_child.values()))
        return len(due)


def _together(record: Record) -> str:
    """What is taken one after the other: all of a child's, and all about a county's posts."""
    return record.county if isinstance(record, Vacancy) else record.child or record.id


async def _of_one_child(
    desk: Desk, records: Sequence[Record], now: datetime, gate: asyncio.Semaphore
) -> None:
    async with gate:
        for n, record in enumerate(records):
            fresh = await desk.store.get(CLOCK, type(record), record.id) if n else record
            if fresh is not None and fresh.wake_at is not None and fresh.wake_at <= now:
                await _one(desk, fresh, now)


async def _one(desk: Desk, record: Record, now: datetime) -> None:
    try:
        outcome = await decide(desk, record, now)
        await desk.store.apply(outcome or _asleep(record))
    except Conflict:
        return
    except Unavailable:
        raise
    except Exception as error:
        LOG.error("a %s could not be dealt with: %s", record.kind, type(error).__name__, exc_info=error)
        await _later(desk, record, now)


async def decide(desk: Desk, record: Record, now: datetime) -> Outcome:
    """The casework's decision about one record that is due; empty where there is nothing to do any more."""
    if isinstance(record, Talk):
        return forgotten(record)
    if isinstance(record, Person):
        return await settle(desk, record, now)
    if isinstance(record, Area | Vacancy):
        return await look(desk, record.county if isinstance(record, Vacancy) else record.id, now)
    child = record if isinstance(record, Child) else None
    if child is None and record.child:
        child = await desk.store.get(CLOCK, Child, record.child)
    if child is None:
        return Outcome()
    visits, escalations = await _beside(desk, record, child)
    around = answering(record, child) if isinstance(record, Request) else child
    outcome = wake_record(
        record,
        child=child,
        circle=await desk.store.circle(around, now),
        policy=desk.policy,
        now=now,
        new_id=desk.new_id,
        visits=visits,
        escalations=escalations,
        contacts=await desk.store.contacts(child, now) if isinstance(record, Referral) else (),
        on_its_way=await _on_its_way(desk, record),
    )
    return outcome + _birthday(desk, child, now) if outcome and record is not child else outcome


def _birthday(desk: Desk, child: Child, now: datetime) -> Outcome:
    """The child's next birthday, where it is not noted: kept before birthdays were, or a corrected date."""
    noted = awake(child, desk.policy, now)
    return Outcome() if noted is child else Outcome(records=(noted,))


async def _on_its_way(desk: Desk, record: Record) -> bool:
    """Whether what an escalation told last is still in the outbox."""
    if not isinstance(record, Escalation) or record.status != "open" or record.counted_from is None:
        return False
    return await desk.store.on_its_way([telling_key(record, told.person) for told in record.told])


async def _beside(desk: Desk, record: Record, child: Child) -> tuple[Sequence[Visit], Sequence[Escalation]]:
    """What else of the child's the decision looks at."""
    if isinstance(record, Visit | Matter | Referral):
        resting = isinstance(record, Visit) and record.pause is not None
        visits = await desk.store.find(CLOCK, Visit, child=child.id, status=TO_DO) if resting else ()
        return visits, await desk.store.find(CLOCK, Escalation, child=child.id, status=OPEN)
    if isinstance(record, Escalation) and record.under:
        lead = await desk.store.get(CLOCK, Escalation, record.under)
        return (), () if lead is None else (lead,)
    if isinstance(record, CheckIn) or (isinstance(record, Child) and record.back is not None):
        return await desk.store.find(CLOCK, Visit, child=child.id, status=TO_DO), ()
    return (), ()


def _asleep(record: Record) -> Outcome:
    """Nothing is to be done about it, now or later: it must not come up every second."""
    return Outcome(records=(replace(record, wake_at=None),))


async def _later(desk: Desk, record: Record, now: datetime) -> None:
    try:
        await desk.store.apply(put_off(record, now))
    except Conflict:
        return
