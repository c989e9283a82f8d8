"""What an officer of a full county asks for: figures, summary, national sheet; and how long others wait."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from bot.documents.press import open_press
from casework.policy import load_policy
from casework.records import (
    Activity,
    Area,
    Attendance,
    Child,
    Escalation,
    Link,
    Matter,
    Person,
    Post,
    Record,
    Referral,
    Taken,
    Visit,
)
from conversations.desk import Desk
from conversations.door import respond
from conversations.said import Said
from conversations.shelf import FormShelf
from conversations.words import load_words
from storage.keys import KeyRing
from storage.store import Store
from tests.bench import county

NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
TODAY = NOW.date()
TOWNSHIPS, VILLAGES, WORKERS = 18, 352, 350
CHILDREN, VISITS_EACH, ALERTS, ACTIVITIES, CAME = 10_000, 12, 1_500, 62, 80
_LOOK = 0.001  # seconds between two looks at the loop
_STAGES = ("none", "nursery", "primary", "primary", "middle", "unknown")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One request, in seconds: until its answer, of processor in all threads, and the loop's longest go.

    The loop's own processor time says how long it keeps the others waiting, however busy the machine is.
    """

    what: str
    seconds: float
    cpu: float
    go: float

    def line(self) -> str:
        """As a table's cell says it."""
        return (
            f"{self.seconds:.1f} s, {self.cpu:.1f} s of processor in a thread; "
            f"the event loop is held {1000 * self.go:.0f} ms at a time at most"
        )


def full_county(children: int = CHILDREN) -> Iterator[Record]:
    """As the city's summary tells of it, with a year of monthly visits behind it."""
    dice = random.Random(20261126)
    yield Area(id="c", name="青山县", level="county")
    yield from _posts()
    for n in range(children):
        yield from _child(n, dice)
    for n in range(ALERTS):
        yield Escalation(
            id=f"e{n}", child=f"k{n}", flag=dice.choice(("dropout", "missed_visit", "ill")), urgency="days",
            status="open" if n % 50 == 0 else "resolved", opened_at=NOW - timedelta(days=dice.randrange(365)),
            source=f"v{n}-0",
        )  # fmt: skip
    for n in range(ACTIVITIES):
        day = TODAY - timedelta(days=5 * n)
        yield Activity(
            id=f"a{n}", day=day, sort="safety", host="women", present=CAME, others=3, noted_at=NOW, county="c"
        )
        yield from (
            Attendance(
                id=f"x{n}-{m}", child=f"k{(97 * n + m) % children}", activity=f"a{n}", day=day, sort="safety"
            )
            for m in range(CAME)
        )


def _posts() -> Iterator[Record]:
    yield _person("sun", Post(role="county_officer", area="c"))
    for n in range(TOWNSHIPS):
        yield Area(id=f"t{n}", name=f"{n}镇", level="township", parent="c")
        yield _person(f"o{n}", Post(role="township_officer", area=f"t{n}"))
    for n in range(VILLAGES):
        yield Area(id=f"v{n}", name=f"{n}村", level="village", parent=f"t{n % TOWNSHIPS}")
    for n in range(WORKERS):
        yield _person(f"w{n}", Post(role="village_worker", area=f"v{n}"))


def _person(id: str, post: Post) -> Person:
    return Person(id=id, person=id, name=f"人{id}", posts=(post,), status="joined")


def _child(n: int, dice: random.Random) -> Iterator[Record]:
    village = n % VILLAGES
    worker = f"w{village % WORKERS}"
    id = f"k{n}"
    yield Child(
        id=id, child=id, name=f"孩子{n}", sex="female" if n % 2 else "male", village=f"v{village}",
        birth_date=TODAY - timedelta(days=dice.randrange(365 * 16)), township=f"t{village % TOWNSHIPS}",
        county="c", worker=worker, guardian_name="照护人", guardian_relation="奶奶",
        guardian_phone="13900000009", risk=3, school="中心小学", categories=("left_behind",),
        registered_on=date(2026, 1, 5),
        properties={
            "stage": dice.choice(_STAGES), "health": "healthy", "hukou": "yes", "father": "away",
            "mother": "away", "carer": "grandmother", "boarding": dice.choice(("yes", "no", "unknown")),
        },
    )  # fmt: skip
    for m in range(VISITS_EACH):
        at = NOW - timedelta(days=30 * m + n % 30)
        yield Visit(
            id=f"v{n}-{m}", child=id, person=worker, status="done", due=at.date(), planned_on=at.date(),
            closed_at=at, submission=f"s{n}-{m}", told=("due",), told_at=at,
        )  # fmt: skip
    due = TODAY + timedelta(days=n % 30)
    yield Visit(
        id=f"v{n}",
        child=id,
        person=worker,
        due=due,
        planned_on=TODAY,
        wake_at=datetime(due.year, due.month, due.day, tzinfo=UTC),
    )
    story = (Taken(at=NOW, step="signed", state="in_force", by=worker),)
    yield Matter(
        id=f"m{n}", child=id, sort="agreement", state="in_force" if n % 50 else "unnamed", opened_at=NOW,
        since=TODAY, story=story, facts={"carer_name": "照护人", "valid_to": "2027-11-26"},
    )  # fmt: skip
    if n % 25 == 0:
        yield Referral(
            id=f"r{n}", child=id, purpose="hukou", department="police", sender="o1", status="answered",
            opened_at=NOW, since=TODAY,
        )  # fmt: skip


async def asked(url: str, children: int = CHILDREN) -> list[Answered]:
    """Each of the three, asked of a desk in this process by the county's officer."""
    store = await Store.open(url, KeyRing([county.KEY]))
    try:
        await county.keep(store, full_county(children))
        address = "telegram:1"
        await county.keep(store, [Link(id=store.link_id(address), person="sun", address=address)])
        ids = count()
        desk = Desk(
            store=store, forms=FormShelf(forms={}, media={}), policy=load_policy(), words=load_words(),
            press=open_press(), clock=lambda: NOW, new_id=lambda: f"n{next(ids)}", bot_name="bot",
            new_code=lambda length: "A" * length,
        )  # fmt: skip

        def said(text: str = "", *button: str) -> Callable[[], Awaitable[object]]:
            one = Said(
                address=address, at=NOW, kind="tap" if button else "text", text=text, message="m",
                token=desk.token("sun", *button) if button else "", key=f"k{next(ids)}",
            )  # fmt: skip
            return lambda: respond(desk, one)

        await said("/help")()
        return [
            await _timed("`/stats`", said("/stats")),
            await _timed("the work summary of a year", said("", "ws", "y", "i")),
            await _timed("the national sheet, nothing ticked off yet", said("", "nx")),
        ]
    finally:
        await store.close()


async def _timed(what: str, ask: Callable[[], Awaitable[object]]) -> Answered:
    over = asyncio.Event()
    watching = asyncio.create_task(_longest_go(over))
    await asyncio.sleep(0)
    begun, cpu = time.perf_counter(), time.process_time()
    await ask()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    over.set()
    return Answered(what=what, seconds=seconds, cpu=cpu, go=await watching)


async def _longest_go(over: asyncio.Event) -> float:
    """The most processor time that this thread took between two looks."""
    longest, last = 0.0, time.thread_time()
    while not over.is_set():
        await asyncio.sleep(_LOOK)
        now = time.thread_time()
        longest, last = max(longest, now - last), now
    return longest
