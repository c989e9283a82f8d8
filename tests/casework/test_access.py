"""Who sees what: every role against every kind of record, near and far, from one table."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.access import CLOCK, IMPORT, OPERATOR, Reader, reader_of, sees, sees_child
from casework.records import (
    KINDS,
    Activity,
    Amendment,
    Area,
    Attendance,
    CheckIn,
    Child,
    Draft,
    Entry,
    Escalation,
    File,
    FilePart,
    HandOver,
    Invite,
    Leave,
    Link,
    Matter,
    Merge,
    Person,
    Pin,
    Place,
    Record,
    Referral,
    Request,
    Submission,
    Talk,
    Vacancy,
    Visit,
)
from tests.casework.world import CHILD, MONDAY, WANG, person

FAR = replace(CHILD, id="9001", child="9001", village="v9", township="t9", county="c9", worker="far")
NEAR_CHILD = replace(CHILD, id="3002", child="3002", worker="chen")  # same village, another worker's

READERS: dict[str, Reader] = {
    "worker": reader_of(WANG),
    "officer": reader_of(person("li", "township_officer", "t1")),
    "county": reader_of(person("sun", "county_officer", "c1")),
    "contact": reader_of(person("zhou", "department_contact", "c1")),
    "guardian": reader_of(person("granny", "guardian", "v1", cares_for=("3001",))),
    "auditor": reader_of(person("wu", "auditor", "c1")),
    "covering": reader_of(person("chen", "village_worker", "v2"), covers=(WANG,)),
    "suspended": reader_of(replace(WANG, status="suspended")),
    "invited": reader_of(replace(WANG, status="invited")),
    "left": reader_of(replace(WANG, status="left")),
    "clock": CLOCK,
    "import": IMPORT,
    "operator": OPERATOR,
}
ALL = frozenset(("clock", "import", "operator"))

SEE_CHILD = {
    "mine": ALL | {"worker", "officer", "county", "covering"},  # the child of wang in t1
    "same village": ALL | {"officer", "county", "covering"},  # the child of chen in t1
    "far": ALL,
}
CHILDREN = {"mine": CHILD, "same village": NEAR_CHILD, "far": FAR}


def about(child: Child, kind: type[Record], owner: str) -> Record:
    """A record of ``kind`` about the child, of the owner."""
    common: dict[str, Any] = {"id": f"{kind.kind}-1", "child": child.id, "person": owner}
    made: dict[type[Record], dict[str, Any]] = {
        Visit: {"due": date(2026, 12, 1), "planned_on": date(2026, 11, 1)},
        Escalation: {"flag": "dropout", "urgency": "today", "opened_at": MONDAY},
        CheckIn: {"due": date(2026, 12, 1)},
        Submission: {"form": "visit", "form_version": "1", "digest": "d", "at": MONDAY},
        File: {
            "source": "d",
            "name": "a.jpg",
            "mime": "image/jpeg",
            "size": 1,
            "sha256": "s",
            "parts": 1,
            "at": MONDAY,
        },
        FilePart: {"content": "eA=="},
        Matter: {"sort": "hukou", "state": "papers", "opened_at": MONDAY, "since": date(2026, 11, 23)},
        Referral: {
            "purpose": "hukou",
            "department": "police",
            "sender": "li",
            "opened_at": MONDAY,
            "since": date(2026, 11, 23),
        },
        Draft: {"form": "visit", "digest": "d", "started_at": MONDAY, "changed_at": MONDAY},
        Talk: {},
        Pin: {},
        HandOver: {"giver": "w1", "taker": "w2", "children": (), "at": MONDAY},
        Invite: {"digest": "d", "expires_at": MONDAY},
        Link: {"address": "telegram:1"},
    }
    return kind(**common, **made[kind])


@pytest.mark.parametrize("name", sorted(READERS))
@pytest.mark.parametrize("relation", sorted(CHILDREN))
def test_a_child_is_seen_by_those_assigned_to_it(name: str, relation: str) -> None:
    child = CHILDREN[relation]
    allowed = name in SEE_CHILD[relation]
    assert sees_child(READERS[name], child) is allowed
    assert sees(READERS[name], child, child) is allowed


@pytest.mark.parametrize("kind", [Visit, Escalation, CheckIn, Submission, File, FilePart, Matter, Referral])
@pytest.mark.parametrize("relation", sorted(CHILDREN))
@pytest.mark.parametrize("name", sorted(READERS))
def test_what_is_about_a_child_is_seen_by_those_who_see_the_child(
    name: str, relation: str, kind: type[Record]
) -> None:
    child = CHILDREN[relation]
    record = about(child, kind, "somebody")
    assert sees(READERS[name], record, child) is (name in SEE_CHILD[relation])


@pytest.mark.parametrize("kind", [Draft, Talk, Invite, Link])
@pytest.mark.parametrize("name", sorted(READERS))
def test_what_is_somebodys_own_is_seen_by_nobody_else(name: str, kind: type[Record]) -> None:
    reader = READERS[name]
    assert sees(reader, about(CHILD, kind, "somebody"), CHILD) is (name in ALL)
    assert sees(reader, about(CHILD, kind, reader.person), CHILD)


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_question_to_a_guardian_is_that_guardians_to_see(name: str) -> None:
    record = about(CHILD, CheckIn, "granny")
    assert sees(READERS[name], record, CHILD) is (name in SEE_CHILD["mine"] | {"guardian"})


@pytest.mark.parametrize("name", sorted(READERS))
def test_what_is_referred_to_a_contact_is_that_contacts_to_see_and_nothing_else_of_the_child(
    name: str,
) -> None:
    record = about(CHILD, Referral, "zhou")
    assert sees(READERS[name], record, CHILD) is (name in SEE_CHILD["mine"] | {"contact"})
    assert sees(READERS[name], record, FAR) is (name in ALL | {"contact"})
    assert not sees_child(READERS["contact"], CHILD)


@pytest.mark.parametrize("name", sorted(READERS))
@pytest.mark.parametrize("status", ["waiting", "closed"])
def test_a_request_is_seen_where_the_child_is_and_while_it_waits_where_it_is_asked(
    name: str, status: str
) -> None:
    r = Request(
        id="r1", child=FAR.id, what="move", sender="far", area="t1", asked_at=MONDAY, day=date(2026, 11, 23),
        due=date(2026, 11, 26), status=status,
    )  # fmt: skip
    asked = {"officer"} if status == "waiting" else set()
    assert sees(READERS[name], r, FAR) is (name in ALL | asked)
    assert sees(READERS[name], r, CHILD) is (name in SEE_CHILD["mine"] | asked)
    assert not sees_child(READERS["officer"], FAR)


def test_who_stands_in_for_a_contact_sees_what_was_referred_and_a_former_contact_does_not() -> None:
    zhou = person("zhou", "department_contact", "c1")
    record = about(CHILD, Referral, "zhou")
    assert sees(reader_of(person("qian", "department_contact", "c1"), covers=(zhou,)), record, None)
    assert not sees(reader_of(person("qian", "department_contact", "c1")), record, None)
    assert not sees(reader_of(replace(zhou, posts=())), record, None)
    assert not sees(reader_of(replace(zhou, status="suspended")), record, None)


@pytest.mark.parametrize("kind", [Visit, Escalation, Submission, File, FilePart, Matter])
def test_a_record_whose_child_is_not_known_is_nobodys_to_see(kind: type[Record]) -> None:
    record = about(CHILD, kind, "wang")
    seen = {name for name, reader in READERS.items() if sees(reader, record, None)}
    assert seen == ALL


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_person_sees_himself_and_no_other_person(name: str) -> None:
    reader = READERS[name]
    other = Person(id="somebody", person="somebody", name="某人")
    assert sees(reader, other, None) is (name in ALL)
    assert sees(reader, Person(id=reader.person, person=reader.person, name="我"), None)


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_names_of_places_are_open(name: str) -> None:
    assert sees(READERS[name], Area(id="v9", name="九村", level="village"), None)


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_vacant_post_is_the_countys_officers_to_see(name: str) -> None:
    vacancy = Vacancy(
        id="township_officer:t1", role="township_officer", area="t1", county="c1", since=MONDAY, why="nobody"
    )
    assert sees(READERS[name], vacancy, None) is ("c1" in READERS[name].counties or name in ALL)


def test_the_table_above_leaves_out_no_kind_of_record() -> None:
    files = {Amendment, Merge, Entry, File, FilePart, Activity, Attendance, Place}
    in_table = {
        Visit,
        Escalation,
        CheckIn,
        Submission,
        Draft,
        Talk,
        Invite,
        Link,
        Child,
        Person,
        Area,
        Pin,
        HandOver,
        Matter,
        Vacancy,
        Referral,
        Request,
    }
    in_table |= files
    assert set(KINDS.values()) == in_table


def test_a_worker_of_two_posts_sees_what_both_give_and_no_more() -> None:
    both = replace(WANG, posts=(*WANG.posts, *person("x", "township_officer", "t9").posts))
    reader = reader_of(both)
    assert sees_child(reader, CHILD)
    assert sees_child(reader, FAR)
    assert not sees_child(reader, NEAR_CHILD)


def test_leave_alone_takes_no_rights_away() -> None:
    away = replace(WANG, leave=Leave(start=date(2026, 11, 1), end=date(2026, 11, 30), deputy="chen"))
    assert sees_child(reader_of(away), CHILD)


def test_only_who_sees_children_is_staff() -> None:
    staff = {name for name, reader in READERS.items() if reader.is_staff}
    assert staff == ALL | {"worker", "officer", "county", "covering"}
