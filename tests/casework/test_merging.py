"""Joining two files and taking them apart: nothing dies, and everything is as it was before."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.deeds import acknowledge, resolve
from casework.facts import fact_of
from casework.flags import Flag, raise_one
from casework.ladder import OPEN, in_circle
from casework.merging import Files, NotMergeable, merge
from casework.outcome import Outcome
from casework.planning import plan_visit
from casework.records import (
    Attendance,
    CheckIn,
    Child,
    Circle,
    Draft,
    Escalation,
    Matter,
    Merge,
    Pause,
    Person,
    Record,
    Request,
    Submission,
    Visit,
)
from casework.side_by_side import differences, joined_facts, proposed
from casework.unmerging import undo
from casework.visit_steps import ROUTINE
from casework.visits import TO_DO, complete_visit
from tests.casework.world import CHILD, GRANNY, LI, MONDAY, POLICY, SUN, ZHAO, person

TODAY = date(2026, 11, 23)
LIU = person("liu", "village_worker", "v2")
WANG = person("wang", "village_worker", "v1")
QIAN = person("qian", "township_officer", "t2")
KEPT = CHILD
OTHER = replace(
    CHILD, id="v2-001", village="v2", worker="liu", risk=1, registered_on=date(2026, 10, 1), school="一小"
)
FAR = replace(OTHER, township="t2", village="v3")
CIRCLES = {
    "3001": Circle(worker=WANG, officers=(LI,), deputies=(ZHAO,), county=(SUN,)),
    "v2-001": Circle(worker=LIU, officers=(LI,), deputies=(ZHAO,), county=(SUN,)),
}
FAR_CIRCLES = {**CIRCLES, "v2-001": Circle(worker=LIU, officers=(QIAN,), county=(SUN,))}
Kept = dict[tuple[str, str], Record]


class Book:
    """What is kept, as the store keeps it: versions go up by one, and only the kept one is changed."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.kept: Kept = {(r.kind, r.id): replace(r, version=1) for r in records}
        self._ids = count(1)

    def new_id(self) -> str:
        return f"new{next(self._ids)}"

    def apply(self, outcome: Outcome) -> Outcome:
        keys = [(r.kind, r.id) for r in outcome.records]
        assert len(keys) == len(set(keys))
        for key, record in zip(keys, outcome.records, strict=True):
            before = self.kept.get(key)
            assert record.version == (before.version if before is not None else 0), key
            self.kept[key] = replace(record, version=record.version + 1)
        return outcome

    def about(self, child: str) -> list[Record]:
        return [r for r in self.kept.values() if r.child == child and not isinstance(r, Child)]

    def file(self, code: str) -> Child:
        child = self.kept["child", code]
        assert isinstance(child, Child)
        return child

    def files(self, circles: dict[str, Circle]) -> Files:
        people = [r for r in self.kept.values() if isinstance(r, Person) and r.cares_for]
        return Files(
            kept=self.file("3001"), other=self.file("v2-001"), mine=self.about("3001"),
            theirs=self.about("v2-001"), carers=people, circles=circles,
        )  # fmt: skip

    def merge(self, circles: dict[str, Circle], taken: tuple[str, ...] = ()) -> Outcome:
        m = Merge(id="m", child="3001", other="v2-001", person="li", at=MONDAY, taken=taken)
        self.kept["merge", "m"] = replace(m, version=1)
        return self.apply(
            merge(replace(m, version=1), self.files(circles), by=LI, policy=POLICY, now=MONDAY,
                  new_id=self.new_id)
        )  # fmt: skip

    def undo(self, circles: dict[str, Circle]) -> Outcome:
        m = self.kept["merge", "m"]
        assert isinstance(m, Merge)
        return self.apply(undo(m, self.files(circles), by=LI, policy=POLICY, now=MONDAY, new_id=self.new_id))

    def of(self, kind: type[Record], child: str) -> list[Record]:
        return [r for r in self.about(child) if isinstance(r, kind)]

    def plain(self) -> dict[tuple[str, str], Record]:
        """All but how often it was written, and the story of the joining itself."""
        apart = ("merge", "amendment")
        return {key: replace(r, version=0) for key, r in self.kept.items() if key[0] not in apart}


def raised(child: Child, source: str, circle: Circle, n: int) -> Escalation:
    outcome = raise_one(
        Flag(kind="danger" if n % 2 else "dropout", urgency="now" if n % 2 else "today"), source=source,
        by="wang", facts={}, child=child, circle=circle, policy=POLICY, now=MONDAY,
        new_id=lambda: f"e{child.id}{n}", already_open=(),
    )  # fmt: skip
    (e,) = (r for r in outcome.records if isinstance(r, Escalation))
    return e


def about(child: Child, circle: Circle, chance: st.DataObject) -> list[Record]:
    """A child's file with what may hang on it."""
    draw = chance.draw
    due = TODAY + timedelta(days=draw(st.integers(-9, 30)))
    (routine,) = plan_visit(
        child, policy=POLICY, now=MONDAY, new_id=lambda: f"v{child.id}", due=due,
        purpose=draw(st.sampled_from(ROUTINE)),
    ).records  # fmt: skip
    assert isinstance(routine, Visit)
    if draw(st.booleans()):
        pause = Pause(sort="boarding", start=TODAY, end=due + timedelta(days=9), responsible="school")
        routine = replace(routine, pause=pause)
    elif due < TODAY:
        routine = replace(routine, status=draw(st.sampled_from(["overdue", "missed"])))
    records: list[Record] = [child, routine]
    for n in range(draw(st.integers(0, 2))):
        source = draw(st.sampled_from([routine.id, f"s{child.id}", "x"]))
        e = raised(child, source, circle, n)
        if draw(st.booleans()):
            by = draw(st.sampled_from([circle.worker, circle.officers[0]]))
            (after,) = acknowledge(e, by=by, circle=circle, policy=POLICY, now=MONDAY).records
            assert isinstance(after, Escalation)
            e = after
        records.append(e)
    records += [
        Submission(id=f"s{child.id}", child=child.id, person="wang", form="visit", form_version="1",
                   digest="d", at=MONDAY, visit=routine.id),
        Draft(id=f"d{child.id}", child=child.id, person="wang", form="visit", digest="d", started_at=MONDAY,
              changed_at=MONDAY, visit=routine.id),
        Attendance(id=f"a{child.id}", child=child.id, activity=draw(st.sampled_from(["a1", "a2"])),
                   day=TODAY, sort="x"),
        Matter(id=f"m{child.id}", child=child.id, sort="hukou", state="x", opened_at=MONDAY, since=TODAY),
        *plan_visit(child, policy=POLICY, now=MONDAY, new_id=lambda: f"p{child.id}", purpose="phone").records,
    ]  # fmt: skip
    if draw(st.booleans()):
        records.append(CheckIn(id=f"c{child.id}", child=child.id, person="granny", due=TODAY, wake_at=MONDAY))
    return records


def county(chance: st.DataObject, *, far: bool) -> Book:
    other, circles = (FAR, FAR_CIRCLES) if far else (OTHER, CIRCLES)
    cares = chance.draw(st.sampled_from([("3001",), ("v2-001",), ("3001", "v2-001"), ("v2-001", "9")]))
    records = [*about(KEPT, circles["3001"], chance), *about(other, circles["v2-001"], chance)]
    return Book([*records, replace(GRANNY, cares_for=cares)])


def alerts(book: Book) -> dict[str, Escalation]:
    return {r.id: r for r in book.kept.values() if isinstance(r, Escalation) and r.status in OPEN}


def one_routine(book: Book, code: str) -> bool:
    todo = [
        v for v in book.about(code) if isinstance(v, Visit) and v.status in TO_DO and v.purpose in ROUTINE
    ]
    return len(todo) == (1 if book.file(code).status == "active" else 0)


@given(st.data(), st.booleans())
def test_joining_and_taking_apart_changes_nothing(chance: st.DataObject, far: bool) -> None:
    circles = FAR_CIRCLES if far else CIRCLES
    book = county(chance, far=far)
    before = book.plain()
    keys = [d.key for d in differences(book.file("3001"), book.file("v2-001"))]
    book.merge(circles, tuple(chance.draw(st.sets(st.sampled_from(keys)))))
    book.undo(circles)
    assert book.plain() == before


@given(st.data(), st.booleans())
def test_no_alert_is_lost_by_joining_and_everybody_who_holds_one_is_around_the_child(
    chance: st.DataObject, far: bool
) -> None:
    circles = FAR_CIRCLES if far else CIRCLES
    book = county(chance, far=far)
    before = alerts(book)
    book.merge(circles)
    after = alerts(book)
    around = in_circle(circles["3001"])
    assert after.keys() == before.keys()
    for e in after.values():
        assert e.child == "3001"
        assert e.wake_at is not None
        assert e.person is None or e.person in around
        assert any(told.person in around for told in e.told) or e.wake_at <= MONDAY
    assert one_routine(book, "3001")
    assert one_routine(book, "v2-001")
    left = {r.kind for r in book.about("v2-001")} - {"visit", "attendance"}
    assert left == set()


@given(st.data(), st.booleans())
def test_what_goes_on_between_the_two_is_not_lost_either(chance: st.DataObject, far: bool) -> None:
    circles = FAR_CIRCLES if far else CIRCLES
    book = county(chance, far=far)
    book.merge(circles)
    for _ in range(chance.draw(st.integers(1, 4))):
        deed = chance.draw(st.sampled_from(["visit", "alert", "end"]))
        mine = [v for v in book.about("3001") if isinstance(v, Visit) and v.status in TO_DO]
        open_ones = [e for e in alerts(book).values() if e.child == "3001"]
        if deed == "visit" and mine:
            visit = chance.draw(st.sampled_from(sorted(mine, key=lambda v: v.id)))
            book.apply(
                complete_visit(
                    visit, child=book.file("3001"), by="wang", submission="later", policy=POLICY, now=MONDAY,
                    new_id=book.new_id, circle=circles["3001"], open_escalations=open_ones,
                )
            )  # fmt: skip
        elif deed == "alert":
            e = raised(book.file("3001"), "later", circles["3001"], 7)
            if ("escalation", e.id) not in book.kept:
                book.apply(Outcome(records=(e,)))
        elif open_ones:
            e = chance.draw(st.sampled_from(sorted(open_ones, key=lambda e: e.id)))
            book.apply(resolve(e, by=LI, outcome="好了", circle=circles["3001"], policy=POLICY, now=MONDAY))
    open_before = alerts(book).keys()
    book.undo(circles)
    after = alerts(book)
    assert after.keys() == open_before
    assert all(e.wake_at is not None for e in after.values())
    for code in ("3001", "v2-001"):
        assert one_routine(book, code)
        around = in_circle(circles[code])
        assert all(e.person is None or e.person in around for e in after.values() if e.child == code)


def test_the_newer_file_is_believed_where_it_says_something_and_the_graver_risk_stays() -> None:
    kept = replace(KEPT, school="中心小学", properties={"hukou": "yes", "father": "away"})
    other = replace(OTHER, school="", properties={"hukou": "no", "health": "ill"})
    assert proposed(kept, other, other_is_newer=True) == ("hukou", "health")
    assert proposed(kept, other, other_is_newer=False) == ("health",)
    after = joined_facts(kept, other, ("hukou", "health"), POLICY, TODAY)
    assert (after.school, after.risk, after.properties["hukou"]) == ("中心小学", 1, "no")


def test_also_that_something_is_not_known_can_be_chosen() -> None:
    kept = replace(KEPT, birth_date=date(2016, 5, 4), school="中心小学", sex="male")
    after = joined_facts(
        kept, replace(OTHER, birth_date=None, school=""), ("birth_date", "school", "sex"), POLICY, TODAY
    )
    assert (after.birth_date, after.sex, fact_of(after, "school")) == (None, "", "")


def test_a_fact_that_was_changed_after_joining_keeps_the_change_when_they_are_taken_apart() -> None:
    book = Book([replace(KEPT, school="中心小学"), OTHER])
    book.merge(CIRCLES, ("school",))
    assert fact_of(book.file("3001"), "school") == "一小"
    now = book.file("3001")
    changed = replace(now, guardian_phone="13911112222", properties={**now.properties, "hukou": "no"})
    book.apply(Outcome(records=(changed,)))
    book.undo(CIRCLES)
    kept = book.file("3001")
    assert (kept.school, kept.guardian_phone, kept.properties) == ("中心小学", "13911112222", {"hukou": "no"})
    assert book.file("v2-001").school == "一小"


@pytest.mark.parametrize(
    ("kept", "other", "more"),
    [
        ({"status": "closed"}, {}, ()),
        ({}, {"merged_into": "9"}, ()),
        ({}, {}, (Request(id="r", child="3001", what="move", sender="wang", asked_at=MONDAY, day=TODAY,
                          due=TODAY),)),
    ],
)  # fmt: skip
def test_what_can_not_be_joined_is_refused(
    kept: dict[str, str], other: dict[str, str], more: tuple[Record, ...]
) -> None:
    book = Book([replace(KEPT, **kept), replace(OTHER, **other), *more])  # type: ignore[arg-type]
    with pytest.raises(NotMergeable):
        book.merge(CIRCLES)


def test_both_trails_say_it_and_the_workers_of_both_hear_of_it() -> None:
    book = Book([KEPT, OTHER])
    done = book.merge(CIRCLES)
    assert [(e.name, e.child, e.record, dict(e.detail)) for e in done.events if e.record == "m"] == [
        ("files_joined", "3001", "m", {"kept": "3001", "other": "v2-001"}),
        ("files_joined", "v2-001", "m", {"kept": "3001", "other": "v2-001"}),
    ]
    assert sorted((n.kind, n.to) for n in done.notices) == [("file_joined", "liu"), ("file_joined", "wang")]
    undone = book.undo(CIRCLES)
    assert sorted((n.kind, n.to) for n in undone.notices) == [("file_parted", "liu"), ("file_parted", "wang")]
