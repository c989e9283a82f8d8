"""A child referred to a department: what goes out, who hears of it, what the clock does until its end."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.contacts import Contact, contact_for, contacts_around
from casework.matters import Around, NotPossible
from casework.outcome import Outcome
from casework.records import Child, Circle, Escalation, Matter, Person, Referral, Taken
from casework.referral_fields import snapshot
from casework.referrals import (
    OPEN,
    WITH_CONTACT,
    Sending,
    acknowledge_referral,
    answer_referral,
    close_referral,
    return_referral,
    send_referral,
    step_of,
    wake_referral,
)
from tests.casework.world import CHILD, CIRCLE, LI, MONDAY, POLICY, SUN, WANG, Book, at, person

CHEN = person("chen", "department_contact", "t1", department="police")
QIAN = person("qian", "department_contact", "c1", department="police")
CONTACTS = tuple(Contact(holder=who, acting=who) for who in (CHEN, QIAN))
RULE = POLICY.referrals["hukou"]
FIELDS = {"name": "张小雨", "sex": "female"}


def around(book: Book, now: datetime = MONDAY, *, child: Child = CHILD, circle: Circle = CIRCLE) -> Around:
    open_ones = [e for e in book.all(Escalation) if e.status in ("open", "acknowledged")]
    return Around(
        child=child, circle=circle, policy=POLICY, now=now, new_id=book.new_id, escalations=open_ones
    )


def sent(
    book: Book, contacts: tuple[Contact, ...] = CONTACTS, now: datetime = MONDAY, by: Person = LI
) -> Referral:
    what = Sending(purpose="hukou", fields=FIELDS, matter="m1", words="请上门", contacts=contacts)
    book.keep(send_referral(what, by=by, around=around(book, now)))
    return book.one(Referral)


def kept(book: Book, outcome: Outcome) -> Referral:
    book.keep(outcome)
    return book.one(Referral)


def woken(book: Book, r: Referral, contacts: tuple[Contact, ...] = CONTACTS, **more: object) -> Referral:
    assert r.wake_at is not None
    return kept(
        book,
        wake_referral(r, contacts=contacts, around=around(book, r.wake_at, **more)),  # type: ignore[arg-type]
    )


def test_it_goes_to_the_nearest_contact_with_its_fields_its_day_and_a_wake() -> None:
    book = Book()
    r = sent(book)
    assert (r.person, r.status, r.sender, r.matter) == ("chen", "sent", "li", "m1")
    assert r.fields == FIELDS
    assert r.due == date(2026, 11, 25)  # two working days
    assert r.wake_at == at("2026-11-24 08:00")
    assert book.said() == [("chen", "referral_sent")]


def test_the_trail_says_who_got_which_fields_on_what_basis_and_no_value() -> None:
    book = Book()
    sent(book)
    (event,) = book.events
    assert (event.name, event.actor, event.child, event.ground) == (
        "referral_sent", "li", "3001", "assignment",
    )  # fmt: skip
    assert event.detail == {
        "purpose": "hukou", "department": "police", "to": "chen", "fields": "name,sex", "basis": RULE.basis,
    }  # fmt: skip
    assert "张小雨" not in str(event)


def test_only_the_fields_of_the_purpose_go_out_as_far_as_they_are_kept() -> None:
    child = replace(CHILD, sex="female", properties={"mother_name": "周梅", "secret": "x"}, id_number="33x")
    matter = Matter(
        id="m1", child="3001", sort="hukou", state="papers", opened_at=MONDAY, since=date(2026, 11, 23),
        facts={"papers": "birth"},
        story=(Taken(at=MONDAY, step="start", state="papers", said={"papers": "出生医学证明"}),),
    )  # fmt: skip
    worker = replace(WANG, phone="13800000001")
    found = snapshot(
        RULE, child=child, place="柳河镇榆树村", worker=worker, sender=LI, matter=matter, policy=POLICY
    )
    assert found == {
        "name": "张小雨", "sex": "female", "mother": "周梅", "place": "柳河镇榆树村",
        "papers": "出生医学证明", "worker": "wang", "worker_phone": "13800000001",
    }  # fmt: skip


def test_at_night_the_contact_is_told_in_the_morning() -> None:
    book = Book()
    sent(book, now=at("2026-11-23 22:30"))
    assert [n.not_before for n in book.notices] == [at("2026-11-24 07:00")]


def test_without_a_contact_the_county_hears_once_a_week_and_the_first_one_gets_it() -> None:
    book = Book()
    r = sent(book, contacts=())
    assert (r.person, r.status, r.due) == (None, "sent", date(2026, 12, 14))
    assert book.said() == [("sun", "referral_vacant")]
    assert [event.name for event in book.events] == ["referral_sent", "post_vacant"]
    assert book.events[0].detail["to"] == "nobody"
    again = Book()
    sent(again, contacts=())
    assert again.notices[0].key == book.notices[0].key
    r = woken(book, r)
    assert (r.person, r.status) == ("chen", "sent")
    assert book.said()[-1] == ("chen", "referral_sent")
    assert book.events[-1].detail["to"] == "chen"


def test_receipt_and_answer_reach_the_sender_and_the_workers_side() -> None:
    book = Book()
    r = kept(book, acknowledge_referral(sent(book), by="chen", around=around(book)))
    assert (r.status, r.due) == ("acknowledged", date(2026, 12, 14))  # 15 working days from the sending
    r = kept(book, answer_referral(r, "registered", "已办", by="chen", around=around(book)))
    assert (r.status, r.answer, r.story[-1].words) == ("answered", "registered", "已办")
    assert book.said(1) == [
        ("li", "referral_acknowledged"), ("wang", "referral_acknowledged"),
        ("li", "referral_answered"), ("wang", "referral_answered"),
    ]  # fmt: skip
    assert step_of(r, around(book)) == "registered"
    assert r.due == date(2026, 11, 30)  # to be closed


def test_given_back_it_takes_the_step_that_the_policy_has_for_that() -> None:
    book = Book()
    r = kept(book, return_referral(sent(book), "材料不全", by="chen", around=around(book)))
    assert (r.status, step_of(r, around(book))) == ("returned", "returned")
    assert step_of(sent(Book()), around(book)) == ""


def test_what_was_done_already_is_not_possible_again() -> None:
    book = Book()
    r = kept(book, answer_referral(sent(book), "papers", by="chen", around=around(book)))
    for again in (
        lambda: acknowledge_referral(r, by="chen", around=around(book)),
        lambda: answer_referral(r, "registered", by="chen", around=around(book)),
        lambda: return_referral(r, "x", by="chen", around=around(book)),
        lambda: answer_referral(replace(r, status="sent"), "no such answer", by="chen", around=around(book)),
    ):
        with pytest.raises(NotPossible):
            again()


def test_closed_before_an_answer_the_contact_hears_that_it_is_not_needed() -> None:
    book = Book()
    r = kept(book, close_referral(sent(book), by="li", reason="taken_back", around=around(book)))
    assert (r.status, r.wake_at, r.due) == ("closed", None, None)
    assert book.said(1) == [("chen", "referral_closed")]
    assert close_referral(r, by="li", reason="done", around=around(book)) == Outcome()


def test_late_it_goes_up_once_and_the_answer_takes_that_back() -> None:
    book = Book()
    r = sent(book)
    while not book.all(Escalation):
        r = woken(book, r)
    (e,) = book.all(Escalation)
    assert (e.flag, e.source, e.facts["department"]) == ("referral_late", r.id, "police")
    assert r.told_at == at("2026-11-26 08:00")
    for _ in range(4):
        r = woken(book, r)
    assert len(book.all(Escalation)) == 1
    told = [n.to for n in book.notices if n.kind == "referrals"]
    assert set(told) == {"chen"}
    book.keep(acknowledge_referral(r, by="chen", around=around(book, at("2026-12-20 10:00"))))
    assert book.one(Escalation).status == "withdrawn"


def test_once_answered_its_sender_is_reminded_to_close_it_and_nothing_goes_up() -> None:
    book = Book()
    r = kept(book, answer_referral(sent(book), "papers", by="chen", around=around(book)))
    for _ in range(6):
        r = woken(book, r)
    assert {n.to for n in book.notices if n.kind == "referrals"} == {"li"}
    assert book.all(Escalation) == []


def test_a_contact_who_is_gone_is_followed_by_the_next_one() -> None:
    book = Book()
    r = woken(book, sent(book), contacts=CONTACTS[1:])
    assert (r.person, r.status) == ("qian", "sent")
    r = woken(book, r, contacts=())
    assert (r.person, r.status) == (None, "sent")
    assert {n.to for n in book.notices if n.kind == "referrals"} == {"li"}


def test_when_the_childs_file_is_closed_it_ends() -> None:
    book = Book()
    r = woken(book, sent(book), child=replace(CHILD, status="closed"))
    assert (r.status, r.story[-1].answer) == ("closed", "child_closed")


def test_the_nearest_contact_comes_first_and_a_schools_is_there_for_its_own_children_only() -> None:
    school = person("a", "department_contact", "t1", department="school", school="柳河小学")
    other = person("b", "department_contact", "t1", department="school", school="榆树小学")
    every = person("c", "department_contact", "v1", department="school")
    away = person("d", "department_contact", "t1", department="police", status="unreachable")
    known = {p.id: p for p in (school, other, every, away, CHEN, QIAN)}
    child = replace(CHILD, school="柳河小学")
    found = contacts_around(child, ["qian", "a", "b", "c", "chen", "d"], known, date(2026, 11, 23))
    assert [one.holder.id for one in found] == ["a", "c", "chen", "qian"]
    assert contact_for("health", found) is None
    assert contact_for("school", found) == found[0]


DEEDS = ("ack", "answer", "return", "wake", "close")


def done(deed: str, r: Referral, contacts: tuple[Contact, ...], here: Around) -> Outcome:
    if deed == "ack":
        return acknowledge_referral(r, by="chen", around=here)
    if deed == "answer":
        return answer_referral(r, "papers", by="chen", around=here)
    if deed == "return":
        return return_referral(r, "x", by="chen", around=here)
    if deed == "close":
        return close_referral(r, by="li", reason="done", around=here)
    return wake_referral(r, contacts=contacts, around=here)


@given(
    st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 2)), max_size=12),
    st.integers(0, 60 * 24 * 30),
)
def test_an_open_referral_always_has_a_day_and_a_moment_at_which_the_clock_looks_again(
    deeds: list[tuple[str, int]], minutes: int
) -> None:
    book = Book()
    now = MONDAY.replace(minute=minutes % 60, hour=minutes % 24)
    r = sent(book, contacts=CONTACTS[minutes % 3 :], now=now)
    for deed, first in deeds:
        contacts = CONTACTS[first:]
        now = max(now, r.wake_at or now)
        try:
            outcome = done(deed, r, contacts, around(book, now))
        except NotPossible:
            continue
        if outcome:
            r = kept(book, outcome)
        assert (r.status in OPEN) == (r.wake_at is not None) == (r.due is not None)
        if r.wake_at is not None:
            assert r.wake_at > now
        if r.status in WITH_CONTACT and deed == "wake" and contacts:
            assert r.person in {one.holder.id for one in contacts}
    assert book.told_twice == [] or all(key.startswith("vacant:") for key in book.told_twice)


def test_the_sender_who_has_gone_is_followed_by_the_townships_officer() -> None:
    book = Book()
    gone = person("former", "township_officer", "t1")
    r = kept(book, answer_referral(sent(book, by=gone), "papers", by="chen", around=around(book)))
    r = woken(book, r)
    assert {n.to for n in book.notices if n.kind == "referrals"} == {"li"}
    assert SUN.id not in {n.to for n in book.notices}
    assert r.status == "answered"
