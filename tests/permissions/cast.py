"""Everybody of the permission matrix: one person for each row, and those whom the row needs beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from casework.records import Area, Leave, Person, Post
from tests.conversations.county import START, ZONE

TODAY = START.astimezone(ZONE).date()
AREAS = tuple(
    Area(id=id, name=id, level=level, parent=parent)  # type: ignore[arg-type]
    for id, level, parent in (
        ("c1", "county", None), ("c2", "county", None), ("t1", "township", "c1"), ("t2", "township", "c1"),
        ("t9", "township", "c2"), ("v1", "village", "t1"), ("v2", "village", "t1"), ("v3", "village", "t2"),
    )
)  # fmt: skip


def person(id: str, role: str, area: str, **more: object) -> Person:
    """Somebody who has joined and holds one post."""
    post = Post(role=role, area=area)  # type: ignore[arg-type]
    return replace(
        Person(id=id, person=id, name=f"人{id}", posts=(post,), status="joined", heard_on=TODAY), **more
    )  # type: ignore[arg-type]


WANG = person("wang", "village_worker", "v1")
OTHERS = (WANG, person("li", "township_officer", "t1"), person("sun", "county_officer", "c1"))


@dataclass(frozen=True, kw_only=True)
class Who:
    """One row: ``me`` acts (None: a stranger), on a child of ``worker``'s.

    ``beside`` are the people whom the row needs; ``told``: was told of the child's alerts; ``asked``: the
    check-ins about the child were asked of him; ``cares``: he is down as the child's carer; ``holds`` and
    ``wrote``: the child's alerts were handed to him, were reported by him. ``referred``: to whom the child
    was referred.
    """

    me: Person | None
    worker: str = "wang"
    beside: tuple[Person, ...] = ()
    told: bool = False
    asked: bool = False
    cares: bool = False
    holds: bool = False
    wrote: bool = False
    referred: str = "police"


def _worker(area: str = "v1", **more: object) -> Person:
    return person("me", "village_worker", area, **more)


def _away(role: str, area: str, days: int, **more: object) -> Person:
    """A colleague whose deputy is ``me``; the leave begins ``days`` ago and lasts three days."""
    start = TODAY - timedelta(days=days)
    leave = Leave(start=start, end=start + timedelta(days=2), deputy="me")
    return person("away", role, area, deputy="me", leave=leave, **more)


def _deputy(days: int, *, status: str = "joined", theirs: str = "joined") -> Who:
    away = _away("village_worker", "v1", days, status=theirs)
    return Who(me=_worker("v2", status=status), worker="away", beside=(away,))


def _carer(**more: object) -> Person:
    return person("me", "guardian", "v1", **more)


_ON_LEAVE = Leave(start=TODAY, end=date(2026, 12, 1), deputy="wang")
_OFFICER = person("me", "township_officer", "t1")
_CONTACT = person("me", "department_contact", "c1", department="police")
CAST: Mapping[str, Who] = {
    "worker": Who(me=_worker(), worker="me"),
    "worker_told": Who(me=_worker(), worker="me", told=True),
    "worker_holder": Who(me=_worker(), worker="me", holds=True),
    "worker_author": Who(me=_worker(), worker="me", wrote=True),
    "worker_on_leave": Who(me=_worker(leave=_ON_LEAVE), worker="me"),
    "worker_unreachable": Who(me=_worker(status="unreachable"), worker="me"),
    "worker_beside": Who(me=_worker()),
    "worker_other_village": Who(me=_worker("v2")),
    "worker_other_township": Who(me=_worker("v3")),
    "worker_former": Who(me=_worker("v2"), told=True),
    "deputy": _deputy(1),
    "deputy_before": _deputy(-1),
    "deputy_after": _deputy(3),
    "deputy_away": replace(_deputy(1), me=_worker("v2", leave=Leave(start=TODAY, end=TODAY, alone=True))),
    "deputy_of_alone": Who(
        me=_worker("v2"),
        worker="away",
        beside=(replace(_away("village_worker", "v1", 1), leave=Leave(start=TODAY, end=TODAY, alone=True)),),
    ),
    "officer": Who(me=_OFFICER),
    "officer_other": Who(me=person("me", "township_officer", "t2")),
    "officer_former": Who(me=replace(_OFFICER, posts=()), told=True),
    "officer_deputy": Who(
        me=person("me", "township_officer", "t2"), beside=(_away("township_officer", "t1", 1),)
    ),
    "officer_deputy_after": Who(
        me=person("me", "township_officer", "t2"), beside=(_away("township_officer", "t1", 3),)
    ),
    "county": Who(me=person("me", "county_officer", "c1")),
    "county_other": Who(me=person("me", "county_officer", "c2")),
    "contact": Who(me=_CONTACT),
    "contact_asked": Who(me=_CONTACT, referred="me"),
    "contact_deputy": Who(me=_CONTACT, beside=(_away("department_contact", "c1", 1),), referred="away"),
    "contact_deputy_after": Who(me=_CONTACT, beside=(_away("department_contact", "c1", 3),), referred="away"),
    "contact_former": Who(me=replace(_CONTACT, posts=()), referred="me"),
    "auditor": Who(me=person("me", "auditor", "c1")),
    "guardian": Who(me=_carer(), asked=True, cares=True),
    "guardian_other": Who(me=_carer(cares_for=("4000",))),
    "guardian_former": Who(me=_carer(cares_for=("4000",)), asked=True),
    "guardian_left": Who(me=_carer(status="left", posts=()), asked=True),
    "worker_suspended": Who(me=_worker(status="suspended"), worker="me", told=True),
    "officer_suspended": Who(me=replace(_OFFICER, status="suspended"), told=True),
    "deputy_suspended": _deputy(1, status="suspended"),
    "deputy_of_suspended": _deputy(1, theirs="suspended"),
    "worker_left": Who(me=_worker(status="left"), worker="me", told=True),
    "worker_invited": Who(me=_worker(status="invited"), worker="me"),
    "stranger": Who(me=None),
}
OUTSIDE = ("guardian_left", "worker_suspended", "officer_suspended", "deputy_suspended", "worker_left",
           "worker_invited", "stranger")  # fmt: skip
