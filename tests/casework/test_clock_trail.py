"""What the clocks beside the ladder keep, tell and write into the trail, in full."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from casework.clocks import above_of, arrives_by, held, may_rest, next_look, rest, seen, started
from casework.deeds import acknowledge, hand_over
from casework.outcome import Notice, Outcome, Priority
from casework.people_records import QuietTime
from casework.records import Deed, Escalation, Person, Told
from tests.casework.trail import (
    ALL_ASLEEP_UNTIL,
    DAY,
    HOUR,
    NIGHT,
    QIAN,
    happened,
    names,
    news,
    opened,
    the,
    woken,
)
from tests.casework.world import CIRCLE, LI, MINUTE, MONDAY, NOBODY, POLICY, SUN, WANG, ZHAO, at

DUE, OVER = MONDAY + 60 * HOUR, MONDAY + 3 * DAY  # the line before the outcome's day, and that day
FRIDAY = at("2026-11-27 08:00")
LI_GONE = replace(CIRCLE, officers=())


def taken(flag: str = "dropout", by: Person = LI) -> Escalation:
    """Taken on by somebody who has so long for it that only the outcome's day wakes it."""
    e = the(acknowledge(opened(flag)[0], by=by, circle=CIRCLE, policy=POLICY, now=MONDAY))
    return replace(e, lapse_at=MONDAY + 9 * DAY, wake_at=e.chase_at)


def due(e: Escalation) -> Escalation:
    """The day of its outcome has come."""
    return replace(e, chase_at=OVER, wake_at=OVER)


def line(to: str, what: str, number: str, **more: Any) -> Notice:
    """A line of the second clock as it must stand in the outbox; ``number`` is deeds:times late."""
    return Notice(
        key=f"escalation:e1:{what}:{number}:{to}",
        to=to,
        kind=f"escalation_{what}",
        values={"escalation": "e1"},
        about=("escalation", "e1"),
        child="3001",
        **{"priority": Priority.GATHERED, **more},
    )


def put_to_rest(e: Escalation, reason: str = "等学校回复", until: date = date(2026, 11, 27)) -> Outcome:
    return rest(e, by=LI, until=until, reason=reason, circle=CIRCLE, policy=POLICY, now=MONDAY)


# The day of the outcome


def test_the_line_before_the_day_moves_the_clock_to_the_day_and_writes_nothing_into_the_trail() -> None:
    e = taken()
    assert woken(e, DUE) == Outcome(
        records=(replace(e, chase_at=OVER, wake_at=OVER),),
        notices=(line("li", "due", "2:0", not_before=at("2026-11-26 07:00")),),
    )
    danger = taken("danger")
    before = MONDAY + 20 * HOUR
    assert woken(danger, before).notices == (line("li", "due", "2:0", priority=Priority.REMINDER),)


def test_an_outcome_that_is_late_stands_in_story_and_trail_and_whoever_hears_of_it_among_the_told() -> None:
    e = due(taken())
    assert woken(e, OVER) == Outcome(
        records=(
            replace(
                e,
                told=(*e.told, Told(person="zhao", at=OVER, rung=0)),
                chases=1,
                chase_at=OVER + DAY,
                wake_at=OVER + DAY,
                story=(*e.story, Deed(at=OVER, name="escalation_overdue", by="li")),
            ),
        ),
        events=(happened("escalation_overdue", OVER, holder="li", times="1"),),
        notices=(line("zhao", "overdue", "2:0"), line("li", "overdue", "2:0")),
    )


def test_a_holder_who_has_gone_gets_no_line_and_the_next_up_hear_all_the_same() -> None:
    assert woken(taken(), DUE, LI_GONE).notices == ()
    assert woken(due(taken()), OVER, LI_GONE).notices == (line("zhao", "overdue", "2:0"),)
    unheld = woken(replace(due(taken()), person=None), OVER)
    assert unheld.events == (happened("escalation_overdue", OVER, holder="", times="1"),)


def test_where_nobody_is_to_hear_that_it_is_late_the_clock_goes_on() -> None:
    e = due(taken())
    late = woken(e, OVER, NOBODY)
    assert (the(late).told, the(late).chase_at, late.notices) == (e.told, OVER + DAY, ())


def test_the_holder_hears_it_in_the_hours_of_his_role_and_his_own() -> None:
    late = replace(due(taken()), chase_at=NIGHT, wake_at=NIGHT, outcome_by=NIGHT)
    ill_timed = replace(LI, quiet=QuietTime(start=time(6), end=time(9), until=date(2026, 12, 1)))
    for li, hour in ((LI, "07:00"), (ill_timed, "09:00")):
        told = woken(late, NIGHT, replace(CIRCLE, officers=(li,)), ALL_ASLEEP_UNTIL)
        assert [(n.to, n.not_before) for n in told.notices] == [
            ("zhao", at("2026-11-24 07:00")),
            ("li", at(f"2026-11-24 {hour}")),
        ]
        assert the(told).chase_at == at("2026-11-25 07:00"), "hours of one's own hold up nothing"
        assert the(told).told[-1].at == at("2026-11-24 07:00")


def test_over_hours_of_a_role_the_waits_of_what_has_rested_begin_in_its_holders_morning() -> None:
    resting = replace(taken(), rests_until=NIGHT, wake_at=NIGHT)
    awake = the(woken(resting, NIGHT, policy=ALL_ASLEEP_UNTIL))
    assert awake.lapse_at == at("2026-11-25 07:00")


def test_where_nobody_further_up_can_hear_it_the_nearest_below_does() -> None:
    e = replace(taken(by=SUN), chases=1)
    blocked = replace(e, told=(*e.told, Told(person="zhao", at=MONDAY, rung=1, undelivered="blocked")))
    officer = "township_officer"
    assert names(above_of(e, CIRCLE)) == [("zhao", officer)]
    assert names(above_of(blocked, CIRCLE)) == [("li", officer)]
    assert names(above_of(e, replace(CIRCLE, deputies=()))) == [("li", officer)]


def test_a_day_without_a_reminder_before_it_is_the_next_moment_of_the_clock() -> None:
    rule = POLICY.clocks["today"].model_copy(update={"remind_hours": 0})
    policy = POLICY.model_copy(update={"clocks": {**POLICY.clocks, "today": rule}})
    e = opened()[0]
    assert started(e, urgency="today", policy=policy, now=MONDAY).chase_at == OVER
    past = started(replace(e, outcome_by=MONDAY), urgency="today", policy=policy, now=MONDAY + DAY)
    assert (past.outcome_by, past.chase_at) == (MONDAY, MONDAY + DAY), "it was due before: now"


# Who holds it, and what has arrived


def test_whoever_takes_on_what_was_handed_over_or_rested_has_it_without_any_of_that() -> None:
    given = the(hand_over(taken(), by=LI, to=ZHAO, circle=CIRCLE, policy=POLICY, now=MONDAY))
    now = MONDAY + HOUR
    before = replace(given, rests_until=FRIDAY, counted_from=MONDAY)
    assert before.given_by == "li"
    assert held(before, by="zhao", now=now) == replace(
        before,
        status="acknowledged",
        person="zhao",
        acknowledged_at=now,
        climb_at=None,
        given_by=None,
        counted_from=None,
        lapse_at=now + DAY,
        rests_until=None,
        wake_at=now + DAY,
    )


def test_where_no_clock_runs_none_looks() -> None:
    assert next_look(replace(taken(), lapse_at=None, chase_at=None)) is None


def test_only_what_is_open_and_on_its_way_is_waited_for() -> None:
    e, _ = opened()
    assert arrives_by(e) == MONDAY + HOUR
    assert arrives_by(replace(e, counted_from=None)) is None
    assert arrives_by(replace(e, status="acknowledged")) is None
    assert arrives_by(replace(e, clock={})) is None


def test_who_taps_on_what_is_in_somebodys_hands_has_seen_it_and_can_be_reached() -> None:
    e = taken()
    lost = replace(e, told=(replace(e.told[0], undelivered="blocked"),))
    now = MONDAY + HOUR
    assert seen(lost, person="li", now=now) == replace(
        e, told=(Told(person="li", at=MONDAY, rung=0, delivered_at=now, seen_at=now),)
    )


def test_what_arrives_after_a_whole_minute_moves_the_clocks_to_whichever_comes_first() -> None:
    e = replace(opened()[0], climb_at=MONDAY + 10 * MINUTE)
    late = seen(e, person="li", now=MONDAY + MINUTE)
    assert (late.climb_at, late.wake_at) == (MONDAY + 11 * MINUTE,) * 2


# Rest


def test_rest_stands_in_story_and_trail_and_all_who_know_of_it_hear_by_whom() -> None:
    e = taken(by=ZHAO)
    assert put_to_rest(e, " 等学校回复 ") == Outcome(
        records=(
            replace(
                e,
                rests_until=FRIDAY,
                rests=1,
                outcome_by=FRIDAY,
                wake_at=FRIDAY,
                story=(
                    *e.story,
                    Deed(at=MONDAY, name="escalation_rested", by="li", note="等学校回复", until=FRIDAY),
                ),
            ),
        ),
        events=(happened("escalation_rested", MONDAY, "li", until="2026-11-27"),),
        notices=(news("zhao", "rested", 3, by="li"), news("wang", "rested", 3, by="li")),
    )


def test_the_end_of_a_rest_stands_in_story_and_trail_and_its_holder_alone_hears_it() -> None:
    resting = the(put_to_rest(taken(by=ZHAO)))
    assert woken(resting, FRIDAY) == Outcome(
        records=(
            replace(
                resting,
                rests_until=None,
                lapse_at=FRIDAY + DAY,
                chase_at=FRIDAY + DAY,
                wake_at=FRIDAY + DAY,
                story=(*resting.story, Deed(at=FRIDAY, name="escalation_woken")),
            ),
        ),
        events=(happened("escalation_woken", FRIDAY, holder="zhao"),),
        notices=(line("zhao", "woken", "4:0"),),
    )


def test_what_has_no_day_gets_none_by_resting() -> None:
    resting = the(put_to_rest(replace(taken(), outcome_by=None, chase_at=None)))
    awake = the(woken(resting, FRIDAY))
    assert (resting.outcome_by, awake.chase_at, awake.wake_at) == (None, None, FRIDAY + DAY)


def test_an_officer_from_elsewhere_puts_nothing_to_rest_nor_does_anybody_a_danger_or_for_no_day() -> None:
    e = taken()
    assert may_rest(replace(e, clock={**e.clock, "rest_days": 1}), by=LI, circle=CIRCLE)
    assert not may_rest(replace(e, clock={**e.clock, "rest_days": 0}), by=LI, circle=CIRCLE)
    assert not may_rest(replace(e, urgency="now"), by=LI, circle=CIRCLE)
    assert not may_rest(e, by=QIAN, circle=CIRCLE)
    assert not may_rest(e, by=WANG, circle=CIRCLE)


def test_what_may_not_rest_stays_as_it_is_even_from_before_there_were_days() -> None:
    old = replace(taken(), clock={}, outcome_by=None, chase_at=None)
    assert put_to_rest(old) == Outcome()


def test_it_is_said_what_is_wrong_with_a_rest() -> None:
    for reason, until, wrong in (
        (" ", date(2026, 11, 27), "rest needs a reason"),
        ("等", date(2027, 1, 1), "rest ends after today, and not later than the policy allows"),
    ):
        with pytest.raises(ValueError, match=f"^{wrong}$"):
            put_to_rest(taken(), reason, until)
