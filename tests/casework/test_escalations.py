"""Escalations: who is told when, who takes it on, what lapses, and who hears the end."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from casework.access import reader_of
from casework.escalations import (
    acknowledge,
    decline,
    hand_over,
    may_act,
    note_step,
    open_escalation,
    resolve,
    undelivered,
    wake_escalation,
    withdraw,
)
from casework.outcome import Outcome, Priority
from casework.records import Circle, Escalation, Person, Urgency
from tests.casework.world import (
    CHILD,
    CIRCLE,
    GRANNY,
    LI,
    MONDAY,
    NOBODY,
    POLICY,
    SUN,
    WANG,
    ZHAO,
    Book,
    at,
    person,
)


def opened(
    book: Book,
    flag: str = "dropout",
    *,
    now: datetime = MONDAY,
    circle: Circle = CIRCLE,
    by: str | None = "wang",
    urgency: Urgency | None = None,
) -> Escalation:
    book.keep(
        open_escalation(
            flag,
            child=CHILD,
            circle=circle,
            facts={"since": "2026-11-20"},
            source="s1",
            by=by,
            policy=POLICY,
            now=now,
            new_id=book.new_id,
            urgency=urgency,
        )
    )
    return book.one(Escalation)


def wake(book: Book, now: datetime | None = None, circle: Circle = CIRCLE) -> Escalation:
    """Wakes the one escalation at ``now``, or when it wants to be woken."""
    e = book.one(Escalation)
    moment = now or e.wake_at
    assert moment is not None
    book.keep(wake_escalation(e, child=CHILD, circle=circle, policy=POLICY, now=moment))
    return book.one(Escalation)


def take(book: Book, by: Person, now: datetime = MONDAY) -> Escalation:
    book.keep(acknowledge(book.one(Escalation), by=by, circle=CIRCLE, policy=POLICY, now=now))
    return book.one(Escalation)


def unreached(book: Book, who: Person, now: datetime = MONDAY, circle: Circle = CIRCLE) -> Escalation:
    book.keep(
        undelivered(
            book.one(Escalation), person=who.id, reason="blocked", circle=circle, policy=POLICY, now=now
        )
    )
    return book.one(Escalation)


def end(book: Book, by: Person = LI, outcome: str = "已返校") -> Outcome:
    e = book.one(Escalation)
    return book.keep(resolve(e, by=by, outcome=outcome, circle=CIRCLE, policy=POLICY, now=MONDAY))


def test_a_dropout_reaches_the_officer_at_once_in_the_daytime() -> None:
    book = Book()
    e = opened(book)
    (notice,) = book.notices
    assert (notice.to, notice.kind, notice.priority) == ("li", "escalation_told", Priority.ALERT)
    assert notice.not_before is None
    assert notice.key == f"escalation:{e.id}:r0:n0:li"
    assert notice.values == {"escalation": e.id, "rung": 0, "repeat": 0}
    assert (e.urgency, e.status, e.author) == ("today", "open", "wang")


def test_a_dropout_at_ten_to_nine_in_the_evening_still_reaches_the_officer() -> None:
    book = Book()
    opened(book, now=at("2026-11-23 20:50"))
    assert book.notices[0].not_before is None


def test_a_dropout_at_night_comes_at_once_without_a_sound_and_its_clock_runs_from_the_morning() -> None:
    book = Book()
    e = opened(book, now=at("2026-11-23 23:00"))
    assert (book.notices[0].not_before, book.notices[0].silent) == (None, True)
    assert e.wake_at == at("2026-11-24 07:30")
    assert e.climb_at == at("2026-11-24 09:00")


def test_danger_tells_officer_deputy_and_county_together_at_any_hour() -> None:
    book = Book()
    opened(book, "danger", now=at("2026-11-24 02:13"))
    assert [(n.to, n.not_before) for n in book.notices] == [("li", None), ("zhao", None), ("sun", None)]


def test_it_repeats_with_growing_gaps_that_stay_bounded_and_never_end() -> None:
    book = Book()
    opened(book, "danger")
    times = [MONDAY]
    for _ in range(200):
        e = wake(book)
        times.append(e.wake_at)  # type: ignore[arg-type]
    gaps = [(b - a) / timedelta(minutes=1) for a, b in pairwise(times[1:])]
    assert gaps[:4] == [11.25, 16.875, 25.3125, 37.96875]
    assert gaps == sorted(gaps)
    assert gaps[-1] == 60
    assert book.told_twice == []


def test_after_two_hours_the_deputy_then_the_county_is_told_and_the_lower_ones_stay_told() -> None:
    book = Book()
    e = opened(book)
    assert e.climb_at == MONDAY + timedelta(hours=2)
    e = wake(book, MONDAY + timedelta(hours=2))
    assert (e.rung, book.said()[-1]) == (1, ("zhao", "escalation_told"))
    e = wake(book, MONDAY + timedelta(hours=6))
    assert (e.rung, book.said()[-1]) == (2, ("sun", "escalation_told"))
    assert e.climb_at is None
    before = len(book.notices)
    wake(book)
    assert {to for to, _ in book.said(before)} == {"li", "zhao", "sun"}
    assert [t.person for t in e.told] == ["li", "zhao", "sun"]
    assert book.happenings().count("escalation_passed_on") == 2


def test_a_rung_that_nobody_holds_is_passed_over_at_once_and_leaves_a_vacancy() -> None:
    book = Book()
    e = opened(book, circle=replace(CIRCLE, officers=(), deputies=()))
    assert (e.rung, book.said()) == (2, [("sun", "escalation_told")])
    vacant = ["township_officer", "deputy"]
    assert [d.note for d in e.story if d.name == "vacancy"] == vacant
    assert book.happenings().count("post_vacant") == 2


def test_where_there_is_nobody_at_all_it_stays_open_and_is_looked_at_every_hour() -> None:
    book = Book()
    e = opened(book, circle=NOBODY)
    assert (e.status, e.wake_at, book.notices) == ("open", MONDAY + timedelta(hours=1), [])
    e = wake(book, circle=NOBODY)
    assert e.wake_at == MONDAY + timedelta(hours=2)
    assert book.happenings().count("escalation_unheard") == 2
    e = wake(book, circle=CIRCLE)
    assert book.said() == [("li", "escalation_told")]
    assert e.climb_at is not None


def test_who_is_both_deputy_and_county_officer_is_told_once() -> None:
    book = Book()
    opened(book, "danger", circle=replace(CIRCLE, deputies=(SUN,)))
    assert book.said() == [("li", "escalation_told"), ("sun", "escalation_told")]


def test_taking_it_on_stops_the_repeats_and_tells_the_others_and_the_author() -> None:
    book = Book()
    opened(book, "danger")
    before = len(book.notices)
    e = take(book, LI)
    assert (e.status, e.person, e.acknowledged_at) == ("acknowledged", "li", MONDAY)
    assert e.wake_at == MONDAY + timedelta(hours=4)
    assert book.said(before) == [
        ("zhao", "escalation_taken"),
        ("sun", "escalation_taken"),
        ("wang", "escalation_taken"),
    ]
    assert book.notices[-1].values["by"] == "li"


def test_only_the_quicker_of_two_takes_it_on() -> None:
    book = Book()
    opened(book, "danger")
    e = take(book, LI)
    assert not acknowledge(e, by=SUN, circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_an_acknowledgement_lapses_to_its_holder_first_and_then_goes_up() -> None:
    book = Book()
    opened(book)
    take(book, LI)
    before = len(book.notices)
    e = wake(book)
    assert (e.status, e.person, book.said(before)) == ("open", "li", [("li", "escalation_told")])
    assert "escalation_lapsed" in book.happenings()
    e = wake(book)
    assert (e.rung, e.person, book.said()[-1]) == (1, None, ("zhao", "escalation_told"))


def test_a_lapse_on_the_topmost_rung_comes_back_to_everybody() -> None:
    book = Book()
    opened(book, "danger")
    take(book, SUN)
    wake(book)
    before = len(book.notices)
    e = wake(book)
    assert {to for to, _ in book.said(before)} == {"li", "zhao", "sun"}
    assert e.person is None
    assert e.wake_at is not None


def test_a_step_noted_by_the_holder_keeps_the_acknowledgement() -> None:
    book = Book()
    opened(book)
    e = take(book, LI)
    later = MONDAY + timedelta(hours=20)
    book.keep(note_step(e, by=LI, note="去了学校", now=later))
    e = book.one(Escalation)
    assert e.wake_at == later + timedelta(hours=24)
    assert e.story[-1].note == "去了学校"


def test_a_step_noted_by_somebody_else_does_not() -> None:
    book = Book()
    opened(book)
    e = take(book, LI)
    book.keep(note_step(e, by=SUN, note="问过了", now=MONDAY + timedelta(hours=20)))
    assert book.one(Escalation).wake_at == e.wake_at


def test_the_end_is_told_to_everybody_told_and_to_the_author() -> None:
    book = Book()
    opened(book)
    wake(book, MONDAY + timedelta(hours=2))
    before = len(book.notices)
    end(book)
    e = book.one(Escalation)
    assert (e.status, e.outcome, e.wake_at, e.person) == ("resolved", "已返校", None, "li")
    assert book.said(before) == [("zhao", "escalation_resolved"), ("wang", "escalation_resolved")]
    assert not end(book)


def test_an_end_without_an_outcome_is_refused() -> None:
    book = Book()
    opened(book)
    with pytest.raises(ValueError, match=r"^an escalation is resolved with its outcome"):
        end(book, outcome="  ")


def test_news_of_the_end_make_no_sound_at_night_unless_it_was_danger() -> None:
    night = at("2026-11-24 01:00")
    for flag, silent in (("dropout", True), ("danger", False)):
        book = Book()
        e = opened(book, flag)
        outcome = resolve(e, by=LI, outcome="好了", circle=CIRCLE, policy=POLICY, now=night)
        assert {(n.not_before, n.silent) for n in outcome.notices} == {(None, silent)}


def test_a_guardian_hears_the_end_of_a_call_for_help_but_of_nothing_else() -> None:
    for flag, told in (("help_wanted", True), ("danger", False)):
        book = Book()
        opened(book, flag, by="granny")
        end(book)
        assert (("granny", "escalation_resolved") in book.said()) is told


def test_a_call_for_help_reaches_worker_and_officer() -> None:
    book = Book()
    opened(book, "help_wanted", by="granny")
    assert book.said() == [("wang", "escalation_told"), ("li", "escalation_told")]


def test_what_is_withdrawn_is_told_to_who_was_told() -> None:
    book = Book()
    e = opened(book)
    book.keep(withdraw(e, by="wang", reason="corrected", circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert book.said()[1:] == [("li", "escalation_withdrawn")]
    assert book.one(Escalation).wake_at is None


def test_who_it_is_handed_to_must_take_it_on_or_it_comes_back_and_then_goes_up() -> None:
    book = Book()
    opened(book)
    e = take(book, LI)
    book.keep(hand_over(e, by=LI, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY))
    e = book.one(Escalation)
    assert (e.status, e.person) == ("open", "wang")
    assert book.notices[-1].kind == "escalation_handed"
    assert book.notices[-1].values == {"escalation": e.id, "by": "li"}
    before = len(book.notices)
    wake(book)
    assert book.said(before) == [("wang", "escalation_told")]
    e = wake(book, e.climb_at)
    assert (e.person, e.rung, book.said()[-1]) == ("li", 0, ("li", "escalation_returned"))
    assert book.notices[-1].values == {"escalation": e.id, "by": "wang"}
    assert e.climb_at == MONDAY + timedelta(hours=4), "its giver has the same time again"
    e = wake(book, e.climb_at)
    assert (e.person, e.rung, book.said()[-1]) == (None, 1, ("zhao", "escalation_told"))


def test_it_is_not_handed_to_somebody_who_may_not_know_of_the_child() -> None:
    book = Book()
    e = opened(book)
    stranger = person("qian", "township_officer", "t9")
    with pytest.raises(ValueError, match="qian"):
        hand_over(e, by=LI, to=stranger, circle=CIRCLE, policy=POLICY, now=MONDAY)
    with pytest.raises(ValueError, match="granny"):
        hand_over(e, by=LI, to=GRANNY, circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_who_declines_gives_it_back_to_whoever_gave_it_at_once() -> None:
    book = Book()
    opened(book)
    e = take(book, LI)
    book.keep(hand_over(e, by=LI, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY))
    before = len(book.notices)
    book.keep(decline(book.one(Escalation), by=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY))
    e = book.one(Escalation)
    assert (e.status, e.person, book.said(before)) == ("open", "li", [("li", "escalation_returned")])
    assert not decline(e, by=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_the_only_one_who_knows_declines_and_the_next_rung_is_told() -> None:
    book = Book()
    opened(book)
    e = take(book, LI)
    book.keep(decline(e, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert book.said()[-1] == ("zhao", "escalation_told")


def test_a_blocked_bot_moves_the_alert_to_the_next_person_at_once() -> None:
    book = Book()
    opened(book)
    e = unreached(book, LI)
    assert (e.rung, book.said()[-1]) == (1, ("zhao", "escalation_told"))
    assert [(t.person, t.undelivered) for t in e.told] == [("li", "blocked"), ("zhao", "")]
    assert not undelivered(e, person="li", reason="blocked", circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_who_is_known_to_be_blocked_is_not_waited_for_on_a_higher_rung_either() -> None:
    book = Book()
    twice = replace(CIRCLE, deputies=(LI,))  # the officer is named as deputy as well
    opened(book, circle=twice)
    e = unreached(book, LI, circle=twice)
    assert (e.rung, book.said()[-1]) == (2, ("sun", "escalation_told"))


def test_where_others_of_the_rung_were_reached_a_blocked_bot_is_only_written_down() -> None:
    book = Book()
    opened(book, "danger")
    before = len(book.notices)
    e = unreached(book, LI)
    assert book.said(before) == []
    assert e.story[-1].name == "escalation_undelivered"


def test_where_everybody_is_blocked_there_is_a_vacancy_and_it_is_tried_again_within_the_hour() -> None:
    book = Book()
    opened(book, "danger")
    for who in (LI, ZHAO, SUN):
        e = unreached(book, who)
    assert "escalation_unheard" in book.happenings()
    assert any(deed.name == "vacancy" for deed in e.story)
    assert e.wake_at == MONDAY + timedelta(hours=1)
    before = len(book.notices)
    wake(book)
    assert {to for to, _ in book.said(before)} == {"li", "zhao", "sun"}


def test_a_holder_who_cannot_be_reached_any_more_loses_it() -> None:
    book = Book()
    opened(book)
    take(book, LI)
    e = unreached(book, LI)
    assert (e.status, e.person, e.rung) == ("open", None, 1)
    assert book.said()[-1] == ("zhao", "escalation_told")


def test_somebody_elses_blocked_bot_does_not_take_it_from_its_holder() -> None:
    book = Book()
    opened(book, "danger")
    take(book, LI)
    e = unreached(book, SUN)
    assert (e.status, e.person) == ("acknowledged", "li")


def test_who_had_left_and_came_back_is_told_again() -> None:
    book = Book()
    opened(book)
    unreached(book, LI, circle=replace(CIRCLE, officers=(LI,)))
    before = len(book.notices)
    e = wake(book)
    assert "li" in {to for to, _ in book.said(before)}
    assert all(t.undelivered == "" for t in e.told)


def test_a_running_escalation_keeps_the_ladder_that_it_began_with() -> None:
    book = Book()
    e = opened(book)
    tables = POLICY.model_dump(exclude_none=True)
    tables["ladders"]["today"]["steps"] = tables["ladders"]["now"]["steps"]
    changed = type(POLICY).model_validate(tables)
    outcome = wake_escalation(e, child=CHILD, circle=CIRCLE, policy=changed, now=MONDAY + timedelta(hours=2))
    assert [n.to for n in outcome.notices] == ["zhao"]


def test_a_note_that_somebody_wants_escalated_goes_the_slow_way() -> None:
    book = Book()
    e = opened(book, "moved", urgency="note")
    assert e.wake_at == MONDAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (LI, True),
        (ZHAO, True),
        (SUN, True),
        (WANG, False),  # the child's worker, but it was not given to her
        (GRANNY, False),
        (person("qian", "township_officer", "t9"), False),
        (person("zhou", "auditor", "c1"), False),
    ],
)
def test_the_childs_officers_may_act_and_others_only_if_it_was_given_to_them(
    who: Person, allowed: bool
) -> None:
    assert may_act(opened(Book()), reader=reader_of(who), child=CHILD) is allowed


def test_the_worker_may_act_once_it_was_handed_to_her() -> None:
    book = Book()
    e = opened(book)
    book.keep(hand_over(e, by=LI, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert may_act(book.one(Escalation), reader=reader_of(WANG), child=CHILD)
