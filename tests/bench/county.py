"""A county to measure on: people who have joined, their children, and a form of five questions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from casework.outcome import Event, Outcome
from casework.records import Area, Child, Link, Person, Post, Record, Visit
from storage.keys import KeyRing
from storage.store import Store

TOKEN = "123456:bench-token"
KEY = "b" * 43
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
FIRST_USER, FIRST_OFFICER = 7001, 6001
TOWNSHIPS = 10
QUESTIONS = ("Q1 name", "Q2 village", "Q3 school", "Q4 carer", "Q5 note")
ALARM = "danger"  # as the last answer it raises the most urgent flag
_STEP = 1000
_FORM = """| survey | | | | | |
| | type | name | label | required | calculation |
{rows}
| | calculate | flag_danger | | | if(${{q4}} = '{alarm}', 'now', '') |

| settings | | | |
| | form_title | form_id | version |
| | Bench | report | 1 |
"""


def write_forms(folder: Path) -> Path:
    """A folder for FORMS_DIR, in which `/report` asks five questions in words."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = "\n".join(f"| | text | q{n} | {question} | yes | |" for n, question in enumerate(QUESTIONS))
    (folder / "report.md").write_text(_FORM.format(rows=rows, alarm=ALARM))
    return folder


def people(workers: int, children: int) -> list[Record]:
    """A county with ten townships and their officers, workers, and ``children`` for each worker."""
    found: list[Record] = [Area(id="k", name="县", level="county")]
    for t in range(TOWNSHIPS):
        found.append(Area(id=f"t{t}", name=f"乡{t}", level="township", parent="k"))
        found.append(Area(id=f"v{t}", name=f"村{t}", level="village", parent=f"t{t}"))
        found.append(_person(f"o{t}", "township_officer", f"t{t}"))
    for n in range(workers):
        found.append(_person(f"w{n}", "village_worker", f"v{n % TOWNSHIPS}"))
        found += [child(f"c{n}-{m}", worker=n) for m in range(children)]
    return found


def _person(id: str, role: str, area: str) -> Person:
    post = Post(role=role, area=area)  # type: ignore[arg-type]
    return Person(id=id, name=f"人{id}", posts=(post,), status="joined", language="en")


def child(code: str, *, worker: int) -> Child:
    """One child of a worker's."""
    town = worker % TOWNSHIPS
    return Child(
        id=code, name=f"孩子{code}", village=f"v{town}", township=f"t{town}", county="k", worker=f"w{worker}",
        registered_on=date(2026, 1, 5), birth_date=date(2015, 6, 1), risk=2,
    )  # fmt: skip


def links(store: Store, workers: int) -> list[Record]:
    """The chats of the officers and of the workers."""
    chats = [(f"o{t}", FIRST_OFFICER + t) for t in range(TOWNSHIPS)]
    chats += [(f"w{n}", FIRST_USER + n) for n in range(workers)]
    return [
        Link(id=store.link_id(f"telegram:{user}"), person=person, address=f"telegram:{user}")
        for person, user in chats
    ]


async def found_county(url: str, *, workers: int, children: int = 1) -> None:
    """Write it into an empty database."""
    store = await Store.open(url, KeyRing([KEY]))
    try:
        await keep(store, [*people(workers, children), *links(store, workers)])
    finally:
        await store.close()


def books(count: int) -> Iterator[Record]:
    """``count`` children, each with a visit that waits for its day."""
    for n in range(count):
        one = child(f"b{n}", worker=n % 50)
        yield one
        due = NOW + timedelta(days=30 + n % 60)
        yield Visit(
            id=f"bv{n}", child=one.id, person=one.worker, due=due.date(), planned_on=NOW.date(), wake_at=due
        )


async def keep(store: Store, records: Iterable[Record]) -> None:
    """Write many records, in steps."""
    rest = iter(records)
    while step := tuple(islice(rest, _STEP)):
        await store.apply(Outcome(records=step))


async def trail(store: Store, count: int) -> None:
    """An audit trail of ``count`` events."""
    for at in range(0, count, 10 * _STEP):
        await store.apply(Outcome(events=tuple(_events(range(at, min(at + 10 * _STEP, count))))))


def _events(numbers: Sequence[int]) -> Iterator[Event]:
    for n in numbers:
        yield Event(
            name="visit_planned", at=NOW, actor="clock", child=f"b{n}", record=f"bv{n}", ground="clock"
        )
