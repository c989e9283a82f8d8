"""An urgent danger is ended by two people; the call to the police is written down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework.closing import police_called, propose, refuse, seconders, wants_police, wants_receipt
from casework.escalations import open_escalation, resolve, wake_escalation
from casework.records import Circle, Escalation
from tests.casework.world import CHILD, CIRCLE, HOUR, LI, MONDAY, POLICY, SUN, WANG, ZHAO, Book, at


def danger(book: Book, *, flag: str = "danger", urgency: str = "now", **facts: str) -> Escalation:
    book.keep(
        open_escalation(
            flag, child=CHILD, circle=CIRCLE, facts=facts, source="s1", by="wang", policy=POLICY, now=MONDAY,
            new_id=book.new_id, urgency=urgency,  # type: ignore[arg-type]
        )
    )  # fmt: skip
    return book.one(Escalation)


def asked(e: Escalation, by: str, circle: Circle = CIRCLE) -> tuple[str, ...]:
    return seconders(e, by=by, circle=circle, policy=POLICY)


def proposed(book: Book, now: object = MONDAY) -> Escalation:
    e = danger(book)
    book.keep(propose(e, by=LI, outcome="在姑姑家", circle=CIRCLE, policy=POLICY, now=MONDAY + HOUR))
    return book.one(Escalation)


def test_any_officer_or_the_county_may_agree_but_not_the_worker_nor_the_proposer() -> None:
    e = danger(Book())
    assert set(asked(e, "li")) == {"zhao", "sun"}
    assert set(asked(e, "sun")) == {"li", "zhao"}


def test_what_is_not_urgent_or_no_danger_one_person_ends_alone() -> None:
    assert asked(danger(Book(), urgency="today"), "li") == ()
    assert asked(danger(Book(), flag="unsafe_home"), "li") == ()


def test_where_nobody_else_is_there_nobody_is_waited_for() -> None:
    alone = Circle(worker=WANG, officers=(LI,))
    assert asked(danger(Book()), "li", alone) == ()


def test_the_seconders_are_asked_and_the_proposer_holds_it() -> None:
    book = Book()
    before = len(danger(book).told)
    book = Book()
    e = proposed(book)
    assert (e.status, e.person, e.proposed_by, e.outcome) == ("acknowledged", "li", "li", "在姑姑家")
    assert book.said(before) == [("sun", "escalation_proposed"), ("zhao", "escalation_proposed")]
    assert e.wake_at == MONDAY + HOUR + timedelta(minutes=POLICY.ladders["now"].lapse_minutes)


def test_the_second_person_ends_it() -> None:
    book = Book()
    e = proposed(book)
    assert asked(e, "zhao") == ()
    book.keep(resolve(e, by=ZHAO, outcome=e.outcome, circle=CIRCLE, policy=POLICY, now=MONDAY + HOUR))
    assert (book.one(Escalation).status, book.one(Escalation).person) == ("resolved", "zhao")


def test_who_proposed_it_can_not_agree() -> None:
    book = Book()
    assert set(asked(proposed(book), "li")) == {"zhao", "sun"}
    assert not refuse(book.one(Escalation), by=LI, now=MONDAY)


def test_refused_it_goes_on_in_the_proposers_hands() -> None:
    book = Book()
    before = len(book.notices)
    e = proposed(book)
    before = len(book.notices)
    book.keep(refuse(e, by=SUN, now=MONDAY + 2 * HOUR))
    e = book.one(Escalation)
    assert (e.status, e.person, e.proposed_by, e.outcome) == ("acknowledged", "li", None, "")
    assert book.said(before) == [("li", "escalation_refused")]


def test_a_proposal_that_nobody_answers_lapses_and_is_told_again() -> None:
    book = Book()
    e = proposed(book)
    assert e.wake_at is not None
    before = len(book.notices)
    book.keep(wake_escalation(e, child=CHILD, circle=CIRCLE, policy=POLICY, now=e.wake_at))
    assert (book.one(Escalation).status, book.said(before)) == ("open", [("li", "escalation_told")])


def test_an_end_is_not_proposed_without_an_outcome_nor_after_the_end() -> None:
    e = danger(Book())
    with pytest.raises(ValueError, match="outcome"):
        propose(e, by=LI, outcome=" ", circle=CIRCLE, policy=POLICY, now=MONDAY)
    ended = replace(e, status="resolved")
    assert not propose(ended, by=LI, outcome="好", circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_the_seconders_are_asked_without_a_sound_at_night() -> None:
    night = at("2026-11-24 23:00")
    outcome = propose(danger(Book()), by=LI, outcome="好", circle=CIRCLE, policy=POLICY, now=night)
    assert {notice.silent for notice in outcome.notices} == {True}


def test_the_call_to_the_police_is_written_down_and_everybody_told_hears_of_it() -> None:
    book = Book()
    e = danger(book)
    assert wants_police(e, POLICY)
    before = len(book.notices)
    book.keep(police_called(e, by=WANG, note=" 22:35 单号 7 ", circle=CIRCLE, policy=POLICY, now=MONDAY))
    e = book.one(Escalation)
    assert (e.story[-1].name, e.story[-1].note) == ("police_called", "22:35 单号 7")
    assert {to for to, _ in book.said(before)} == {"li", "zhao", "sun"}
    assert not wants_police(e, POLICY)
    assert not wants_receipt(e, POLICY)


def test_a_report_that_says_so_itself_needs_only_the_receipt() -> None:
    e = danger(Book(), police="yes")
    assert not wants_police(e, POLICY)
    assert wants_receipt(e, POLICY)


def test_the_police_are_not_asked_for_where_nobody_is_in_danger() -> None:
    assert not wants_receipt(danger(Book(), flag="dropout"), POLICY)
    assert not wants_receipt(danger(Book(), urgency="days"), POLICY)
