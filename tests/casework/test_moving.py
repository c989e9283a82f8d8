"""What goes along with a child that moves: visits, alerts, referrals, requests; and what the roster moves."""

from datetime import date

from casework.clocks import held
from casework.escalations import open_escalation, wake_escalation
from casework.moving import Luggage, follow, move_child
from casework.outcome import Outcome
from casework.record import replace
from casework.records import Amendment, Area, Child, Circle, Escalation, Pause, Referral, Request, Visit
from casework.register import changes
from casework.requests import ask, wake_request
from casework.roster import ChildRow, Kept, Roster
from casework.visits import plan_visit
from tests.casework.world import CHILD, CIRCLE, LI, MONDAY, POLICY, SUN, WANG, Book, person

QIAN = person("qian", "township_officer", "t2")
TANG = person("tang", "village_worker", "v3")
THERE = Circle(worker=TANG, officers=(QIAN,), county=(SUN,))
FAR = replace(CHILD, village="v3", township="t2", worker="tang")


def begun() -> Book:
    book = Book()
    book.keep(Outcome(records=(CHILD,)))
    book.keep(plan_visit(CHILD, policy=POLICY, now=MONDAY, new_id=book.new_id))
    book.keep(
        open_escalation(
            "mood", child=CHILD, circle=CIRCLE, facts={}, source="a report", by="wang", policy=POLICY,
            now=MONDAY, new_id=book.new_id, urgency="today",
        )
    )  # fmt: skip
    return book


def gone(book: Book, to: Child = FAR, after: Circle = THERE) -> Outcome:
    luggage = Luggage(
        visits=book.all(Visit), escalations=book.all(Escalation), referrals=book.all(Referral),
        requests=book.all(Request, status="waiting"),
    )  # fmt: skip
    child = book.one(Child)
    to = replace(child, village=to.village, township=to.township, worker=to.worker)
    return book.keep(
        move_child(
            child, to=to, luggage=luggage, before=CIRCLE, after=after, by=QIAN, policy=POLICY, now=MONDAY,
            new_id=book.new_id,
        )
    )  # fmt: skip


def test_in_another_township_the_new_worker_makes_a_first_visit_and_the_former_ones_hear_the_code_alone() -> (
    None
):
    book = begun()
    since = len(book.notices)
    gone(book)
    visits = [(v.purpose, v.status, v.person) for v in book.all(Visit)]
    assert visits == [("routine", "cancelled", "wang"), ("new_child", "planned", "tang")]
    assert set(book.said(since)) == {
        ("tang", "child_assigned"),
        ("wang", "child_gone"),
        ("li", "child_gone"),
    }
    assert book.one(Amendment).after["village"] == "v3"
    assert book.told_twice == []


def test_visits_that_rest_go_on_resting_with_the_new_worker() -> None:
    book = begun()
    pause = Pause(
        sort="away_with_parents", start=date(2026, 11, 20), end=date(2026, 12, 20), responsible="parents"
    )
    book.keep(Outcome(records=(replace(book.one(Visit), pause=pause, due=pause.end),)))
    gone(book)
    assert (book.one(Visit).person, book.one(Visit).pause) == ("tang", pause)


def test_a_visit_that_is_late_stays_late_with_the_new_worker() -> None:
    book = begun()
    book.keep(Outcome(records=(replace(book.one(Visit), status="missed"),)))
    gone(book)
    assert (book.one(Visit).status, book.one(Visit).person) == ("missed", "tang")


def test_an_alert_is_told_to_the_new_people_at_once_by_the_clock_and_to_the_former_no_more() -> None:
    book = begun()
    book.keep(Outcome(records=(held(book.one(Escalation), by="li", now=MONDAY),)))
    gone(book)
    e = book.one(Escalation)
    assert (e.status, e.person, e.wake_at, e.told) == ("open", None, MONDAY, ())
    told = wake_escalation(e, child=FAR, circle=THERE, policy=POLICY, now=MONDAY)
    assert {n.to for n in told.notices} == {"qian"}
    assert {n.values["repeat"] for n in told.notices} == {0}  # with all that is known, as for the first time
    book.keep(told)
    assert book.told_twice == []


def test_an_alert_that_the_county_holds_stays_with_it() -> None:
    e = held(begun().one(Escalation), by="sun", now=MONDAY)
    assert [r.person for r in follow(e, around={"sun", "qian", "tang"}, now=MONDAY).records] == ["sun"]  # type: ignore[attr-defined]
    assert not follow(replace(e, status="resolved"), around=(), now=MONDAY)


def test_within_the_township_the_officers_alert_does_not_begin_anew() -> None:
    book = begun()
    book.keep(Outcome(records=(held(book.one(Escalation), by="li", now=MONDAY),)))
    liu = person("liu", "village_worker", "v2")
    near = replace(CHILD, village="v2", worker="liu")
    gone(book, near, replace(CIRCLE, worker=liu))
    assert (book.one(Escalation).status, book.one(Escalation).person) == ("acknowledged", "li")
    assert [(v.purpose, v.person) for v in book.all(Visit)] == [("routine", "liu")]


def test_another_request_to_move_is_void_and_one_to_close_goes_along() -> None:
    book = begun()
    for id, what, area in (("m", "move", "t9"), ("c", "close", None)):
        r = Request(
            id=id, child=CHILD.id, what=what, area=area, sender="wang", reason="parents_back",
            asked_at=MONDAY, day=date(2026, 11, 23), due=date(2026, 11, 23),
        )  # type: ignore[arg-type]  # fmt: skip
        book.keep(ask(r, circle=THERE, policy=POLICY, now=MONDAY))
    gone(book)
    void, along = book.all(Request)
    assert (void.status, void.answer) == ("closed", "void")
    assert (along.status, along.wake_at) == ("waiting", MONDAY)
    told = wake_request(along, child=FAR, circle=THERE, policy=POLICY, now=MONDAY)
    assert [(n.to, n.kind) for n in told.notices] == [("qian", "request_reminded")]


def test_the_roster_moves_a_child_with_its_alerts() -> None:
    book = begun()
    areas = (
        ("c1", "county", None),
        ("t2", "township", "c1"),
        ("v3", "village", "t2"),
    )
    kept = Kept(
        areas={id: Area(id=id, name=id, level=level, parent=parent) for id, level, parent in areas},  # type: ignore[arg-type]
        people={p.id: p for p in (WANG, LI, QIAN, TANG, SUN)},
        children={CHILD.id: book.one(Child)},
        visits={CHILD.id: book.all(Visit)},
        escalations={CHILD.id: book.all(Escalation)},
    )
    row = ChildRow(
        code=CHILD.id, name=CHILD.name, sex="", birth_date=None, village="v3", risk=2, worker="tang"
    )
    made = changes(Roster(children=(row,)), kept, policy=POLICY, now=MONDAY, new_id=book.new_id)
    book.keep(made.outcome)
    assert (book.one(Child).township, book.one(Visit).person) == ("t2", "tang")
    assert (book.one(Escalation).told, book.one(Escalation).wake_at) == ((), MONDAY)
