"""Requests about a child: answered once, reminded of, up to the county, void when they lose their object."""

from datetime import date

import pytest

from casework.outcome import Outcome
from casework.record import replace
from casework.records import Child, Circle, Request
from casework.requests import answered, ask, wake_request
from tests.casework.world import CHILD, CIRCLE, DAY, LI, MONDAY, POLICY, SUN, Book, at

TO_T2 = Request(
    id="r1", child="3001", what="move", sender="wang", area="t2", asked_at=MONDAY, day=date(2026, 11, 23),
    due=date(2026, 11, 23),
)  # fmt: skip
THERE = Circle(worker=None, officers=(replace(LI, id="qian", person="qian"),), county=(SUN,))


def waking(book: Book, when: str, child: Child = CHILD, circle: Circle = THERE) -> Outcome:
    return book.keep(wake_request(book.one(Request), child=child, circle=circle, policy=POLICY, now=at(when)))


def asked() -> Book:
    book = Book()
    book.keep(ask(TO_T2, circle=THERE, policy=POLICY, now=MONDAY))
    return book


def test_the_receivers_officer_hears_of_it_and_has_the_days_of_the_policy() -> None:
    book = asked()
    assert book.said() == [("qian", "request_asked")]
    assert book.one(Request).due == date(2026, 11, 26)
    assert book.one(Request).wake_at == at("2026-11-25 08:00")


def test_the_officer_of_the_senders_township_knows_what_a_worker_asks_elsewhere() -> None:
    outcome = ask(TO_T2, circle=THERE, policy=POLICY, now=MONDAY, own=CIRCLE)
    assert [(n.to, n.kind) for n in outcome.notices] == [("qian", "request_asked"), ("li", "request_known")]
    by_officer = ask(replace(TO_T2, sender="li"), circle=THERE, policy=POLICY, now=MONDAY, own=CIRCLE)
    assert [n.to for n in by_officer.notices] == ["qian"]


def test_asked_at_night_it_is_told_in_the_morning() -> None:
    outcome = ask(TO_T2, circle=THERE, policy=POLICY, now=at("2026-11-23 23:00"))
    assert [n.not_before for n in outcome.notices] == [at("2026-11-24 07:00")]


def test_late_it_reaches_the_county_once_as_news_and_is_asked_again_at_growing_gaps() -> None:
    book = asked()
    waking(book, "2026-11-25 08:00")
    waking(book, "2026-11-26 08:00")
    assert not book.one(Request).gone_up
    waking(book, "2026-11-27 08:00")
    assert book.said()[-3:] == [("qian", "request_late"), ("sun", "request_late"), ("wang", "request_waits")]
    gaps = []
    for _ in range(4):
        r = book.one(Request)
        assert r.wake_at is not None
        book.keep(wake_request(r, child=CHILD, circle=THERE, policy=POLICY, now=r.wake_at))
        gaps.append((book.one(Request).wake_at or r.wake_at) - r.wake_at)
    assert gaps == sorted(gaps)
    assert gaps[-1] <= 14 * DAY
    assert book.said().count(("wang", "request_waits")) == 1
    assert book.happenings().count("request_late") == 1


def test_with_no_officer_there_the_county_is_asked_at_once() -> None:
    outcome = ask(TO_T2, circle=Circle(worker=None, county=(SUN,)), policy=POLICY, now=MONDAY)
    assert [(n.to, n.kind) for n in outcome.notices] == [("sun", "request_asked")]


@pytest.mark.parametrize(
    "child", [replace(CHILD, status="closed"), replace(CHILD, township="t2", village="v9")]
)
def test_a_file_that_was_closed_or_is_there_already_needs_no_answer(child: Child) -> None:
    book = asked()
    waking(book, "2026-11-25 08:00", child)
    assert (book.one(Request).status, book.one(Request).answer) == ("closed", "void")
    assert book.said()[-1] == ("wang", "request_answered")


def test_it_is_answered_once_and_refused_only_with_words() -> None:
    book = asked()
    with pytest.raises(ValueError, match="reason"):
        answered(TO_T2, "refused", "  ", by="qian", policy=POLICY, now=MONDAY)
    book.keep(answered(book.one(Request), "refused", "不住这里", by="qian", policy=POLICY, now=MONDAY))
    assert book.one(Request).wake_at is None
    assert not answered(book.one(Request), "accepted", by="qian", policy=POLICY, now=MONDAY)
    assert book.said()[-1] == ("wang", "request_answered")


def test_in_the_circle_of_the_child_itself_a_request_to_close_goes_to_its_officer() -> None:
    r = replace(TO_T2, what="close", area=None, reason="turned_18")
    assert ask(r, circle=CIRCLE, policy=POLICY, now=MONDAY).notices[0].to == "li"
