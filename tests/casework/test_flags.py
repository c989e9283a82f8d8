"""Flags: read from a submission, raised once per child and kind, made more urgent, corrected."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.escalations import acknowledge, resolve, undelivered
from casework.flags import Flag, correct_flags, flag_faults, flags_of, raise_flags
from casework.outcome import Outcome
from casework.records import Circle, Escalation, Submission
from tests.casework.world import CHILD, CIRCLE, LI, MONDAY, POLICY, Book


def submission(code: str, calculated: Mapping[str, str], *, person: str = "wang") -> Submission:
    return Submission(
        id=code,
        child="3001",
        person=person,
        form="visit",
        form_version="1",
        digest="d",
        at=MONDAY,
        calculated=calculated,
    )


def submit(book: Book, sent: Submission, circle: Circle = CIRCLE) -> Outcome:
    return book.keep(
        raise_flags(
            flags_of(sent.calculated),
            submission=sent,
            child=CHILD,
            circle=circle,
            policy=POLICY,
            now=MONDAY,
            new_id=book.new_id,
            already_open=book.all(Escalation),
        )
    )


def correct(book: Book, old: Submission, new: Submission) -> Outcome:
    return book.keep(
        correct_flags(
            old,
            new,
            child=CHILD,
            circle=CIRCLE,
            policy=POLICY,
            now=MONDAY,
            new_id=book.new_id,
            already_open=book.all(Escalation),
        )
    )


def test_flags_are_read_the_most_urgent_first_and_empty_ones_raise_nothing() -> None:
    calculated = {
        "flag_moved": "note",
        "flag_dropout": "today",
        "flag_danger": "now",
        "flag_health": " ",
        "age": "9",
    }
    assert flags_of(calculated) == (
        Flag(kind="danger", urgency="now"),
        Flag(kind="dropout", urgency="today"),
        Flag(kind="moved", urgency="note"),
    )


@pytest.mark.parametrize("value", ["true", "1", "yes", "是", "NOW!"])
def test_a_value_that_is_no_urgency_still_raises_the_flag_and_is_a_fault_of_the_form(value: str) -> None:
    assert flags_of({"flag_cold": value}) == (Flag(kind="cold", urgency="days"),)
    (fault,) = flag_faults({"flag_cold": value})
    assert fault.startswith(f"flag_cold: {value!r} ")


@given(
    st.dictionaries(
        st.sampled_from(["flag_a", "flag_b_c", "flag_", "fact_x", "xflag_a", "age"]),
        st.sampled_from(["now", " Today ", "days", "note", "", "x"]),
    )
)
def test_no_flag_with_a_value_is_ever_swallowed(calculated: dict[str, str]) -> None:
    flags = {name: value for name, value in calculated.items() if name.startswith("flag_")}
    raised = {name for name, value in flags.items() if name != "flag_" and value}
    assert {f"flag_{flag.kind}" for flag in flags_of(calculated)} == raised
    assert len(flag_faults(calculated)) == sum(calculated[name] == "x" for name in raised)


def test_two_flags_of_one_visit_are_two_escalations() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_dropout": "today", "flag_hardship": "days"}))
    assert {(e.flag, e.urgency, e.source, e.author) for e in book.all(Escalation)} == {
        ("dropout", "today", "s1", "wang"),
        ("hardship", "days", "s1", "wang"),
    }
    assert book.happenings().count("flag_raised") == 2


def test_a_note_is_written_down_and_tells_nobody() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_phone_changed": "note"}))
    assert (book.records, book.notices, book.happenings()) == ({}, [], ["flag_raised"])


def test_a_flag_from_another_countys_form_follows_the_default() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_lost_shoes": "today"}))
    assert book.said() == [("li", "escalation_told")]


def test_the_escalation_says_what_the_form_calculated_for_it() -> None:
    book = Book()
    calculated = {
        "flag_dropout": "today",
        "flag_health": "days",
        "fact_dropout_since": "2026-11-20",
        "fact_done": "打过电话",
        "fact_health_what": "发烧",
        "fact_empty": "",
    }
    submit(book, submission("s1", calculated))
    facts = {e.flag: dict(e.facts) for e in book.all(Escalation)}
    always = {"form": "visit", "at": MONDAY.isoformat(), "done": "打过电话"}
    assert facts == {
        "dropout": {**always, "since": "2026-11-20"},
        "health": {**always, "what": "发烧"},
    }


def test_a_second_flag_of_the_kind_is_written_into_the_open_escalation_and_tells_nobody_anew() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_dropout": "today"}))
    submit(book, submission("s2", {"flag_dropout": "today"}))
    e = book.one(Escalation)
    assert [(d.name, d.note) for d in e.story] == [("escalation_opened", "s1"), ("flag_raised", "s2")]
    assert len(book.notices) == 1


def test_a_more_urgent_second_flag_tells_anew_even_who_had_taken_it_on() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_dropout": "days"}))
    book.keep(acknowledge(book.one(Escalation), by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    before = len(book.notices)
    submit(book, submission("s2", {"flag_dropout": "now"}))
    e = book.one(Escalation)
    assert (e.urgency, e.status, e.person) == ("now", "open", None)
    assert {to for to, _ in book.said(before)} == {"li", "zhao", "sun"}
    assert book.told_twice == []


def test_a_more_urgent_second_flag_is_tried_with_whom_nothing_reached_before() -> None:
    book = Book()
    only_county = replace(CIRCLE, officers=(), deputies=())
    submit(book, submission("s1", {"flag_dropout": "days"}), only_county)
    e = book.one(Escalation)
    book.keep(undelivered(e, person="sun", reason="blocked", circle=only_county, policy=POLICY, now=MONDAY))
    before = len(book.notices)
    submit(book, submission("s2", {"flag_dropout": "today"}), only_county)
    assert book.said(before) == [("sun", "escalation_told")]


def test_a_less_urgent_second_flag_does_not_calm_the_first() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_dropout": "today"}))
    submit(book, submission("s2", {"flag_dropout": "days"}))
    assert book.one(Escalation).urgency == "today"


def test_after_the_end_the_same_flag_begins_a_new_escalation() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_dropout": "today"}))
    e = book.one(Escalation)
    book.keep(resolve(e, by=LI, outcome="已返校", circle=CIRCLE, policy=POLICY, now=MONDAY))
    submit(book, submission("s2", {"flag_dropout": "today"}))
    assert [e.status for e in book.all(Escalation)] == ["resolved", "open"]


def test_a_correction_takes_back_what_fell_away_and_raises_what_is_new() -> None:
    book = Book()
    old = submission("s1", {"flag_dropout": "today"})
    submit(book, old)
    correct(book, old, submission("s2", {"flag_health": "today"}))
    assert {(e.flag, e.status) for e in book.all(Escalation)} == {
        ("dropout", "withdrawn"),
        ("health", "open"),
    }
    assert book.said()[1:] == [("li", "escalation_withdrawn"), ("li", "escalation_told")]
    assert "flag_withdrawn" in book.happenings()


def test_a_correction_that_leaves_a_flag_keeps_its_escalation_with_the_new_facts() -> None:
    book = Book()
    old = submission("s1", {"flag_dropout": "today", "fact_since": "2026-11-20"})
    submit(book, old)
    correct(book, old, submission("s2", {"flag_dropout": "today", "fact_since": "2026-11-18"}))
    e = book.one(Escalation)
    assert (e.status, e.source, e.facts["since"]) == ("open", "s2", "2026-11-18")
    assert len(book.notices) == 1


def test_a_correction_to_now_goes_up_at_once() -> None:
    book = Book()
    old = submission("s1", {"flag_health": "days"})
    submit(book, old)
    correct(book, old, submission("s2", {"flag_health": "now"}))
    assert {to for to, _ in book.said(1)} == {"li", "zhao", "sun"}


def test_a_correction_that_changes_nothing_does_not_reopen_what_has_ended() -> None:
    book = Book()
    old = submission("s1", {"flag_dropout": "today"})
    submit(book, old)
    e = book.one(Escalation)
    book.keep(resolve(e, by=LI, outcome="已返校", circle=CIRCLE, policy=POLICY, now=MONDAY))
    correct(book, old, submission("s2", {"flag_dropout": "today"}))
    assert book.one(Escalation).status == "resolved"


def test_a_correction_leaves_open_what_an_earlier_submission_began() -> None:
    book = Book()
    submit(book, submission("s1", {"flag_dropout": "today"}))
    second = submission("s2", {"flag_dropout": "today"})
    submit(book, second)
    correct(book, second, submission("s3", {}))
    e = book.one(Escalation)
    assert (e.status, e.story[-1].name) == ("open", "flag_withdrawn")


def test_a_correction_twice_over_finds_the_escalation_of_the_first() -> None:
    book = Book()
    first = submission("s1", {"flag_dropout": "today"})
    submit(book, first)
    second = replace(first, id="s2", corrects="s1")
    correct(book, first, second)
    correct(book, second, submission("s3", {}))
    assert book.one(Escalation).status == "withdrawn"


def test_a_danger_that_somebody_has_taken_on_is_not_ended_by_its_reporters_correction() -> None:
    book = Book()
    first = submission("s1", {"flag_danger": "now", "flag_dropout": "today"})
    submit(book, first)
    danger, dropout = book.all(Escalation)
    book.keep(acknowledge(danger, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    before = len(book.notices)
    correct(book, first, submission("s2", {}))
    danger, dropout = book.all(Escalation)
    assert (danger.status, danger.story[-1].name) == ("acknowledged", "flag_withdrawn")
    assert dropout.status == "withdrawn"
    assert {to for to, kind in book.said(before) if kind == "escalation_doubted"} == {"li", "zhao", "sun"}


def test_a_danger_that_nobody_has_taken_on_yet_is_taken_back_by_a_correction() -> None:
    book = Book()
    first = submission("s1", {"flag_danger": "now"})
    submit(book, first)
    correct(book, first, submission("s2", {}))
    assert book.one(Escalation).status == "withdrawn"
