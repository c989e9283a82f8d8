"""A small county for storms: everybody has joined by a telephone of the stand-in, and has work to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from casework.outcome import Outcome
from casework.policy import load_policy
from casework.records import Area, Child, Link, Person, Post, Record, Role
from casework.visits import plan_visit
from conversations.desk import random_id
from storage.store import Store

WORKERS, CHILDREN = 8, 3  # so many of the first, and so many children each
COUNTY_OFFICER, SECOND_OFFICER = 300, 301  # the second is the one who agrees to the end of a danger


@dataclass(frozen=True, kw_only=True)
class Folk:
    """Who is there: telephone number (the chat's id) by person; a worker's children; a worker's officer."""

    workers: Mapping[str, int] = field(default_factory=dict)
    officers: Mapping[str, int] = field(default_factory=dict)
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    officer_of: Mapping[str, str] = field(default_factory=dict)  # by child


def folk() -> Folk:
    """The people of the county: two townships, half of the workers in each."""
    workers = {f"W{n}": 100 + n for n in range(1, WORKERS + 1)}
    children = {
        name: tuple(f"{number}{k}" for k in range(1, CHILDREN + 1)) for name, number in workers.items()
    }
    officer_of = {child: f"T{1 + at % 2}" for at, own in enumerate(children.values()) for child in own}
    return Folk(workers=workers, officers={"T1": 201, "T2": 202}, children=children, officer_of=officer_of)


async def settle(store: Store, who: Folk, now: datetime) -> None:
    """Put the county into an empty store, with a visit due for each child."""
    policy, today = load_policy(None), now.astimezone(UTC).date()
    records: list[Record] = [Area(id="C1", name="安和县", level="county")]
    for n in (1, 2):
        records.append(Area(id=f"T{n}", name=f"{n}镇", level="township", parent="C1"))
        records.append(Area(id=f"V{n}", name=f"{n}村", level="village", parent=f"T{n}"))
        records += _somebody(store, f"T{n}", who.officers[f"T{n}"], "township_officer", f"T{n}")
    records += _somebody(store, "K1", COUNTY_OFFICER, "county_officer", "C1")
    records += _somebody(store, "K2", SECOND_OFFICER, "county_officer", "C1")
    children: list[Child] = []
    for name, number in who.workers.items():
        township = who.officer_of[who.children[name][0]]
        records += _somebody(store, name, number, "village_worker", f"V{township[1]}")
        children += [_child(code, name, township, today) for code in who.children[name]]
    outcome = Outcome(records=(*records, *children))
    for child in children:
        outcome += plan_visit(child, policy=policy, now=now, new_id=random_id, due=today)
    await store.apply(outcome)


def _somebody(store: Store, id: str, number: int, role: Role, area: str) -> list[Record]:
    address = f"telegram:{number}"
    post = Post(role=role, area=area)
    person = Person(id=id, person=id, name=f"人{id}", posts=(post,), phone="13900000000", status="joined")
    return [person, Link(id=store.link_id(address), person=id, address=address)]


def _child(code: str, worker: str, township: str, today: date) -> Child:
    return Child(
        id=code, child=code, name="张小雨", sex="female", birth_date=date(today.year - 9, 3, 14),
        village=f"V{township[1]}", township=township, county="C1", worker=worker, guardian_name="刘桂芳",
        guardian_relation="奶奶", guardian_phone="13900001001", risk=2, registered_on=today,
    )  # fmt: skip
