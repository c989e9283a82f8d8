"""The clocks beside the ladder: what has arrived, the day of the outcome, rest with a reason and an end."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from casework.clocks import arrived, may_rest, rest, seen
from casework.deeds import acknowledge, decline, hand_over, note_step
from casework.escalations import undelivered, wake_escalation
from casework.flags import Flag, raise_one
from casework.ladder import reached
from casework.outages import escalation_after_outage
from casework.outcome import Outcome, Priority
from casework.records import Circle, Escalation, Person
from tests.casework.trail import DAY, HOUR, NIGHT, happened, opened, telling, the, woken
from tests.casework.world import CHILD, CIRCLE, LI, MONDAY, POLICY, SUN, WANG, ZHAO, at

MINUTE = timedelta(minutes=1)


def taken(flag: str = "dropout", by: Person = LI, now: datetime = MONDAY) -> Escalation:
    e, _ = opened(flag)
    return the(acknowledge(e, by=by, circle=CIRCLE, policy=POLICY, now=now))


def come(e: Escalation, now: datetime, person: str = "li") -> Escalation:
    key = telling(person, e.rung, e.tellings - 1).key
    return the(arrived(e, person=person, key=key, now=now))


def on_its_way(e: Escalation, now: datetime) -> Outcome:
    return wake_escalation(e, child=CHILD, circle=CIRCLE, policy=POLICY, now=now, on_its_way=True)


def said(outcome: Outcome) -> list[tuple[str | None, str]]:
    return [(n.to, n.kind.removeprefix("escalation_")) for n in outcome.notices]


# What has arrived


def test_the_waits_for_an_answer_begin_when_the_message_arrives() -> None:
    e, _ = opened()
    late = come(e, MONDAY + HOUR)
    assert late.told[0].delivered_at == MONDAY + HOUR
    assert (late.wake_at, late.climb_at) == (MONDAY + 90 * MINUTE, MONDAY + 3 * HOUR)
    assert late.counted_from is None
    assert not arrived(late, person="li", key=telling("li", 0, 0).key, now=MONDAY + 2 * HOUR)


def test_what_arrives_within_a_minute_or_for_somebody_asleep_moves_no_clock() -> None:
    e, _ = opened()
    prompt = come(e, MONDAY + timedelta(seconds=59))
    assert (prompt.wake_at, prompt.climb_at, prompt.counted_from) == (e.wake_at, e.climb_at, None)
    asleep, _ = opened(now=NIGHT)
    assert (come(asleep, NIGHT + HOUR).climb_at, asleep.climb_at) == (asleep.climb_at, at("2026-11-24 09:00"))


def test_while_a_message_is_on_its_way_nobody_is_late_but_not_for_ever() -> None:
    e, _ = opened()
    waits = the(on_its_way(e, MONDAY + 30 * MINUTE))
    assert (waits.wake_at, waits.tellings) == (MONDAY + HOUR, 1)
    next_one = on_its_way(waits, MONDAY + HOUR)
    assert said(next_one) == [("zhao", "told")]
    assert said(woken(waits, MONDAY + HOUR)) == [("li", "told")], "it has left: the waits are as they were"


def test_what_is_on_its_way_on_the_topmost_rung_is_told_again_at_growing_gaps() -> None:
    e, _ = opened("danger")
    gaps = []
    for _ in range(6):
        now = e.wake_at or MONDAY
        e = the(on_its_way(e, now))
        gaps.append(((e.wake_at or now) - now) / MINUTE)
    assert gaps == [5.0, 7.5, 2.5, 11.25, 16.875, 25.3125]


def test_who_taps_on_it_has_seen_it_and_somebody_else_has_not() -> None:
    e, _ = opened("danger")
    known = seen(e, person="zhao", now=MONDAY + 2 * MINUTE)
    lines = {t.person: (t.delivered_at, t.seen_at) for t in known.told}
    assert lines == {"li": (None, None), "zhao": (MONDAY + 2 * MINUTE,) * 2, "sun": (None, None)}
    assert known.wake_at == MONDAY + 7 * MINUTE
    assert seen(known, person="zhao", now=MONDAY + HOUR) is known
    assert seen(e, person="wang", now=MONDAY) is e
    first = come(e, MONDAY, "sun")
    assert {t.person: t.delivered_at for t in seen(first, person="sun", now=MONDAY + HOUR).told}[
        "sun"
    ] == MONDAY


def test_who_had_seen_it_and_then_could_not_be_reached_can_be_again_once_he_taps_on_it() -> None:
    e = seen(opened()[0], person="li", now=MONDAY)
    lost = the(
        undelivered(e, person="li", reason="blocked", circle=CIRCLE, policy=POLICY, now=MONDAY + MINUTE)
    )
    assert not reached(lost, "li")
    back = seen(lost, person="li", now=MONDAY + HOUR)
    assert reached(back, "li")
    assert back.told[0].seen_at == MONDAY, "when he first saw it stays"


def test_an_older_message_that_arrives_late_moves_no_clock_of_a_newer_one() -> None:
    e, _ = opened()
    again = the(woken(e, MONDAY + 30 * MINUTE))
    late = the(arrived(again, person="li", key=telling("li", 0, 0).key, now=MONDAY + 40 * MINUTE))
    assert (late.told[0].delivered_at, late.counted_from) == (MONDAY + 40 * MINUTE, MONDAY + 30 * MINUTE)
    assert late.wake_at == again.wake_at


def test_our_own_outage_is_not_counted_as_time_on_the_way() -> None:
    e, _ = opened()
    back = escalation_after_outage(e, start=MONDAY + MINUTE, end=MONDAY + 9 * HOUR)
    assert (back.wake_at, back.counted_from) == (MONDAY + MINUTE, MONDAY + 9 * HOUR)
    assert said(on_its_way(back, MONDAY + 9 * HOUR)) == []


# The day of the outcome


def test_before_its_day_only_the_holder_gets_a_line_and_afterwards_the_next_up_hear_of_it() -> None:
    e = taken()
    for hours in (20, 40, 58):  # steps keep the acknowledgement, never the second clock
        e = the(note_step(e, by=LI, note="打过电话", now=MONDAY + hours * HOUR))
    assert e.wake_at == e.chase_at == MONDAY + 60 * HOUR
    night = woken(e, MONDAY + 60 * HOUR)  # 21:00
    assert said(night) == [("li", "due")]
    assert night.notices[0].not_before == at("2026-11-26 07:00")
    e = the(note_step(the(night), by=LI, note="x", now=MONDAY + 71 * HOUR))
    late = woken(e, MONDAY + 72 * HOUR)
    assert said(late) == [("zhao", "overdue"), ("li", "overdue")]
    assert late.events == (happened("escalation_overdue", MONDAY + 72 * HOUR, holder="li", times="1"),)
    after = the(late)
    assert (after.status, after.person, after.chase_at) == ("acknowledged", "li", MONDAY + 96 * HOUR)
    assert [t.person for t in after.told] == ["li", "zhao"]


def test_what_the_second_clock_says_is_gathered_unless_it_can_not_wait() -> None:
    for flag, due, overdue in (
        ("dropout", Priority.GATHERED, Priority.GATHERED),
        ("danger", Priority.REMINDER, Priority.ALERT),
    ):
        e = replace(taken(flag), lapse_at=MONDAY + 400 * DAY)
        for kind, expected in (("due", due), ("overdue", overdue)):
            e = replace(e, wake_at=e.chase_at)
            told = woken(e, e.chase_at or MONDAY)
            assert {n.priority for n in told.notices if n.kind == f"escalation_{kind}"} == {expected}, flag
            e = the(told)
    over = woken(the(put_to_rest(taken())), at("2026-11-27 08:00"))
    assert [n.priority for n in over.notices] == [Priority.GATHERED]


def test_it_goes_on_at_growing_gaps_one_rung_further_each_time_until_there_is_an_outcome() -> None:
    e = replace(taken(), lapse_at=MONDAY + 400 * DAY, chase_at=MONDAY + 72 * HOUR)
    e = replace(e, wake_at=e.chase_at)
    heard, gaps = [], []
    for _ in range(6):
        now = e.wake_at or MONDAY
        told = woken(e, now)
        heard.append(told.notices[0].to)
        e = the(told)
        gaps.append(((e.chase_at or now) - now) / HOUR)
    assert heard == ["zhao", "sun", "sun", "sun", "sun", "sun"]
    assert gaps == [24, 36, 10 + 54, 72, 72, 72], "the third falls into a night"


def test_it_is_never_told_to_the_village_worker_and_where_nobody_else_is_to_its_holder() -> None:
    alone = Circle(worker=WANG, officers=(LI,))
    e, _ = opened("help_wanted", circle=alone)
    held = the(acknowledge(e, by=LI, circle=alone, policy=POLICY, now=MONDAY))
    late = replace(held, lapse_at=MONDAY + 9 * DAY, chase_at=MONDAY + 3 * DAY, wake_at=MONDAY + 3 * DAY)
    assert said(woken(late, MONDAY + 3 * DAY, alone)) == [("li", "overdue")]


def test_where_the_one_above_cannot_be_reached_the_next_is_told_at_once() -> None:
    e = replace(taken(), lapse_at=MONDAY + 9 * DAY, chase_at=MONDAY + 3 * DAY, wake_at=MONDAY + 3 * DAY)
    now = MONDAY + 3 * DAY
    late = the(woken(e, now))
    missed = the(undelivered(late, person="zhao", reason="blocked", circle=CIRCLE, policy=POLICY, now=now))
    assert missed.wake_at == now
    assert said(woken(missed, now)) == [("sun", "overdue"), ("li", "overdue")]


def test_a_lapse_comes_before_the_second_clock_and_whoever_takes_it_on_first_has_time_for_it() -> None:
    e = taken()
    both = replace(e, lapse_at=MONDAY + HOUR, chase_at=MONDAY + HOUR, wake_at=MONDAY + HOUR)
    assert the(woken(both, MONDAY + HOUR)).status == "open"
    late = taken(now=MONDAY + 80 * HOUR)
    assert late.chase_at == MONDAY + 104 * HOUR
    again = the(
        acknowledge(
            replace(late, status="open"), by=SUN, circle=CIRCLE, policy=POLICY, now=MONDAY + 200 * HOUR
        )
    )
    assert again.chase_at == MONDAY + 104 * HOUR, "only the first"


def test_days_are_working_days_and_a_more_urgent_report_brings_the_day_forward() -> None:
    e, _ = opened("hardship", now=at("2026-11-26 10:20"))
    assert e.outcome_by == at("2026-12-03 10:20")
    flagged = raise_one(
        Flag(kind="hardship", urgency="now"), source="s2", by="wang", facts={}, child=CHILD, circle=CIRCLE,
        policy=POLICY, now=at("2026-11-26 12:00"), new_id=lambda: "e2", already_open=[e],
    )  # fmt: skip
    risen = the(flagged)
    assert (risen.outcome_by, risen.clock["rests"]) == (at("2026-11-27 12:00"), 0)


def test_an_escalation_from_before_there_were_days_goes_on_as_it_did() -> None:
    e, _ = opened()
    old = replace(e, clock={}, outcome_by=None, chase_at=None, counted_from=None)
    held = the(acknowledge(old, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert held.wake_at == MONDAY + DAY
    assert the(woken(replace(held, lapse_at=None), MONDAY + DAY)).status == "open"
    assert not may_rest(held, by=LI, circle=CIRCLE)


# Hand over and back


def test_what_is_refused_comes_back_to_its_giver_at_once_with_a_time_of_his_own() -> None:
    given = the(hand_over(taken(), by=LI, to=ZHAO, circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert (given.given_by, given.lapse_at) == ("li", None)
    back = decline(given, by=ZHAO, circle=CIRCLE, policy=POLICY, now=MONDAY + HOUR)
    assert said(back) == [("li", "returned")]
    e = the(back)
    assert (e.person, e.given_by, e.climb_at) == ("li", None, MONDAY + 3 * HOUR)
    assert [deed.name for deed in e.story[-2:]] == ["escalation_declined", "escalation_returned"]
    assert said(woken(e, MONDAY + 3 * HOUR)) == [("zhao", "told")], "now it goes up"


def test_what_cannot_wait_does_not_go_back_to_one_alone_and_its_giver_hears_it_too() -> None:
    given = the(hand_over(taken("danger"), by=LI, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY))
    back = decline(given, by=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY)
    assert said(back) == [("li", "told"), ("zhao", "told"), ("sun", "told")]
    assert said(woken(given, MONDAY + 5 * MINUTE)) == [("li", "told"), ("zhao", "told"), ("sun", "told")]


def test_where_the_giver_has_gone_it_goes_up_instead() -> None:
    given = the(hand_over(taken(), by=LI, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY))
    gone = replace(CIRCLE, officers=())
    assert said(woken(given, given.climb_at or MONDAY, gone)) == [("zhao", "told")]


# Rest


def put_to_rest(e: Escalation, until: date = date(2026, 11, 27), by: Person = LI) -> Outcome:
    return rest(e, by=by, until=until, reason=" 等学校回复 ", circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_rest_has_a_reason_and_an_end_and_then_its_holder_goes_on() -> None:
    resting = put_to_rest(taken(by=ZHAO))
    assert said(resting) == [("zhao", "rested"), ("wang", "rested")]
    e, morning = the(resting), at("2026-11-27 08:00")
    assert (e.wake_at, e.rests_until, e.outcome_by, e.rests) == (morning, morning, morning, 1)
    assert (e.story[-1].note, e.story[-1].until) == ("等学校回复", morning)
    assert the(note_step(e, by=ZHAO, note="问过了", now=MONDAY + DAY)).wake_at == morning
    over = woken(e, morning)
    assert said(over) == [("zhao", "woken")]
    awake = the(over)
    assert (awake.rests_until, awake.lapse_at, awake.chase_at) == (None, morning + DAY, morning + DAY)
    assert awake.wake_at == morning + DAY


def test_who_rests_and_has_gone_when_it_is_over_lets_it_go_up() -> None:
    e = the(put_to_rest(taken()))
    over = woken(e, at("2026-11-27 08:00"), replace(CIRCLE, officers=()))
    assert [event.name for event in over.events] == ["escalation_lapsed", "escalation_passed_on"]


def test_a_danger_never_rests_nor_what_nobody_holds_nor_what_has_rested_too_often() -> None:
    assert not may_rest(taken("danger"), by=LI, circle=CIRCLE)
    assert not may_rest(opened()[0], by=LI, circle=CIRCLE)
    assert not may_rest(taken(), by=WANG, circle=CIRCLE)
    assert may_rest(replace(taken(), rests=2), by=SUN, circle=CIRCLE)
    assert not put_to_rest(replace(taken(), rests=3))


@pytest.mark.parametrize("until", [date(2026, 11, 23), date(2026, 12, 8)])
def test_rest_ends_after_today_and_within_the_days_of_the_policy(until: date) -> None:
    with pytest.raises(ValueError, match="rest ends after today"):
        put_to_rest(taken(), until)
    assert put_to_rest(taken(), date(2026, 12, 7))
    with pytest.raises(ValueError, match="needs a reason"):
        rest(taken(), by=LI, until=until, reason=" ", circle=CIRCLE, policy=POLICY, now=MONDAY)
