"""Closing a file: what ends with it, what must end before, and taking it up again."""

from datetime import date, timedelta

import pytest

from casework.checkins import plan_checkin
from casework.escalations import open_escalation
from casework.file_closing import NotClosable, Work, close_file, first_day, reasons_for, reopen_file
from casework.matters import Around, begin_matter
from casework.outcome import Outcome
from casework.record import replace
from casework.records import Amendment, CheckIn, Child, Escalation, Matter, Request, Visit
from casework.requests import ask
from casework.visits import plan_visit
from tests.casework.world import CHILD, CIRCLE, DAY, LI, MONDAY, POLICY, WANG, Book

TODAY = date(2026, 11, 23)
OLD = replace(CHILD, birth_date=date(2008, 11, 20))


def begun(child: Child = OLD) -> Book:
    """A child with a visit and a check-in to come."""
    book = Book()
    book.keep(Outcome(records=(child,)))
    book.keep(plan_visit(child, policy=POLICY, now=MONDAY, new_id=book.new_id))
    book.keep(plan_checkin(child, "granny", policy=POLICY, now=MONDAY, new_id=book.new_id))
    return book


def alert(book: Book, flag: str, source: str) -> None:
    book.keep(
        open_escalation(
            flag, child=OLD, circle=CIRCLE, facts={}, source=source, by="wang", policy=POLICY, now=MONDAY,
            new_id=book.new_id, urgency="days",
        )
    )  # fmt: skip


def work(book: Book) -> Work:
    return Work(
        visits=book.all(Visit), checkins=book.all(CheckIn), escalations=book.all(Escalation),
        matters=book.all(Matter, status="open"), requests=book.all(Request, status="waiting"),
    )  # fmt: skip


def closed(book: Book, reason: str = "turned_18", **more: object) -> Outcome:
    known: dict[str, object] = {"day": date(2026, 11, 20), "words": "", **more}
    return close_file(
        book.one(Child), reason=reason, by=LI, work=work(book), circle=CIRCLE, policy=POLICY, now=MONDAY,
        new_id=book.new_id, **known,  # type: ignore[arg-type]
    )  # fmt: skip


def test_visits_and_check_ins_end_with_the_file_and_its_day_and_reason_stay_on_it() -> None:
    book = begun()
    book.keep(closed(book))
    child = book.one(Child)
    assert (child.status, child.closed_on, child.closed_reason) == ("closed", date(2026, 11, 20), "turned_18")
    assert (book.one(Visit).status, book.one(Visit).reason) == ("cancelled", "child_closed")
    assert book.one(CheckIn).status == "stopped"
    assert child.wake_at is None
    assert book.one(Amendment).after["closed_reason"] == "turned_18"
    assert book.said() == [("wang", "child_closed")]


def test_an_open_alert_stands_in_the_way_whatever_the_reason() -> None:
    for reason in ("turned_18", "died"):
        book = begun()
        alert(book, "mood", "a report")
        with pytest.raises(NotClosable):
            closed(book, reason)


def test_an_alert_about_the_visit_that_was_missed_ends_with_the_visit() -> None:
    book = begun()
    alert(book, "missed_visit", book.one(Visit).id)
    book.keep(closed(book))
    assert book.one(Escalation).status == "withdrawn"


def test_matters_are_to_be_ended_first_but_end_with_a_child_who_has_died() -> None:
    book = begun()
    around = Around(child=OLD, circle=CIRCLE, policy=POLICY, now=MONDAY, new_id=book.new_id, escalations=())
    book.keep(begin_matter("hukou", "start", by="wang", around=around))
    with pytest.raises(NotClosable):
        closed(book)
    book.keep(closed(book, "died"))
    assert book.one(Matter).status == "closed"


@pytest.mark.parametrize(
    ("reason", "day", "words"),
    [
        ("turned_18", date(2026, 11, 19), ""),  # not yet eighteen
        ("parents_back", date(2026, 11, 24), ""),  # lies ahead
        ("parents_back", TODAY - timedelta(days=367), ""),  # too long ago
        ("other", TODAY, " "),  # says nothing
    ],
)
def test_a_day_or_words_that_do_not_fit_close_nothing(reason: str, day: date, words: str) -> None:
    with pytest.raises(NotClosable):
        closed(begun(), reason, day=day, words=words)


def test_only_reasons_that_fit_the_age_are_offered() -> None:
    ten = replace(CHILD, birth_date=date(2016, 5, 4))
    assert {"turned_16", "turned_18"}.isdisjoint(reasons_for(ten, POLICY, TODAY))
    assert {"turned_16", "turned_18"} <= set(reasons_for(OLD, POLICY, TODAY))
    assert {"turned_16", "turned_18"} <= set(reasons_for(CHILD, POLICY, TODAY))  # no birth date is known
    assert first_day(OLD, "turned_18", POLICY, TODAY) == date(2026, 11, 20)


def test_the_request_is_accepted_by_the_closing_and_others_lose_their_object() -> None:
    book = begun()
    for what in ("close", "move"):
        r = Request(
            id=what, child=OLD.id, what=what, sender="wang", area="t2" if what == "move" else None,
            asked_at=MONDAY, day=TODAY, due=TODAY, reason="turned_18",
        )  # type: ignore[arg-type]  # fmt: skip
        book.keep(ask(r, circle=CIRCLE, policy=POLICY, now=MONDAY))
    book.keep(closed(book, asked=book.all(Request)[0]))
    assert [r.answer for r in book.all(Request)] == ["accepted", "void"]
    assert ("wang", "child_closed") not in book.said()  # he hears that his request was accepted


def test_a_file_taken_up_again_is_visited_first_as_a_new_child_is() -> None:
    book = begun()
    book.keep(closed(book))
    at = MONDAY + 30 * DAY
    outcome = reopen_file(
        book.one(Child),
        reason="away_again",
        by=WANG,
        circle=CIRCLE,
        policy=POLICY,
        now=at,
        new_id=book.new_id,
    )
    book.keep(outcome)
    child = book.one(Child)
    assert (child.status, child.closed_on, child.closed_reason) == ("active", None, "")
    assert [(v.purpose, v.status) for v in book.all(Visit)] == [
        ("routine", "cancelled"),
        ("new_child", "planned"),
    ]
    assert [c.status for c in book.all(CheckIn)] == ["stopped", "planned"]
    assert [(n.to, n.kind) for n in outcome.notices] == [("li", "child_reopened")]
    assert not reopen_file(
        child, reason="away_again", by=WANG, circle=CIRCLE, policy=POLICY, now=at, new_id=book.new_id
    )
