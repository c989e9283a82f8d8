"""What is kept, told and written into the trail of an escalation, in full, at every turn of the clock."""

from dataclasses import replace
from datetime import timedelta

from casework.access import CLOCK, reader_of
from casework.clocks import clock_of
from casework.escalations import (
    acknowledge,
    hand_over,
    may_act,
    resolve,
    undelivered,
)
from casework.outcome import Priority
from casework.records import Circle, Deed, Escalation, Told
from tests.casework.trail import (
    ALL_ASLEEP_UNTIL,
    DAY,
    HOUR,
    NIGHT,
    QIAN,
    happened,
    opened,
    telling,
    the,
    woken,
)
from tests.casework.world import (
    CHILD,
    CIRCLE,
    LI,
    MONDAY,
    NOBODY,
    POLICY,
    SUN,
    WANG,
    ZHAO,
    at,
)


def test_an_escalation_is_opened_with_all_that_is_known_of_it() -> None:
    e, outcome = opened()
    assert e == Escalation(
        id="e1",
        child="3001",
        flag="dropout",
        urgency="today",
        opened_at=MONDAY,
        source="s1",
        facts={"since": "2026-11-20"},
        ladder=e.ladder,
        clock=clock_of(POLICY.clocks["today"]),
        outcome_by=MONDAY + 3 * DAY,
        chase_at=MONDAY + 60 * HOUR,
        counted_from=MONDAY,
        tellings=1,
        wake_at=MONDAY + timedelta(minutes=30),
        climb_at=MONDAY + 2 * HOUR,
        author="wang",
        told=(Told(person="li", at=MONDAY, rung=0),),
        story=(Deed(at=MONDAY, name="escalation_opened", by="wang", note="s1"),),
    )
    assert e.ladder[1] == {
        "to": ["deputy"], "after": 120, "repeat": 60, "growth": 1.5, "longest": 720, "quiet": True,
        "lapse": 1440,
    }  # fmt: skip
    assert outcome.events == (happened("escalation_opened", MONDAY, "wang", urgency="today", ladder="today"),)
    assert outcome.notices == (telling("li", 0, 0),)


def test_what_the_clock_or_a_guardian_opens_has_an_author_only_if_he_may_hear_of_it() -> None:
    authors = [opened(flag, by=by)[0].author for flag, by in (
        ("missed_visit", None), ("danger", "granny"), ("help_wanted", "granny"), ("danger", "wang"),
    )]  # fmt: skip
    assert authors == [None, None, "granny", "wang"]
    e, outcome = opened("missed_visit", by=None)
    assert outcome.events[0].actor == "clock"
    assert e.story[0].by is None


def test_another_urgency_or_ladder_than_the_flags_own_is_followed_and_written_down() -> None:
    urgent, said = opened(urgency="now")
    assert urgent.urgency == "now"
    assert said.events[0].detail == {"flag": "dropout", "urgency": "now", "ladder": "now"}
    red, said = opened("missed_visit", by=None, ladder="missed_visit_red")
    assert [step["after"] for step in red.ladder] == [0, 1440]
    assert said.events[0].detail["ladder"] == "missed_visit_red"
    slow, said = opened("moved", urgency="note")
    assert said.events[0].detail == {"flag": "moved", "urgency": "note", "ladder": "days"}
    assert slow.climb_at == MONDAY + 2 * DAY


def test_where_nobody_is_it_is_kept_and_both_the_vacancy_and_the_silence_stand_in_the_trail() -> None:
    e, outcome = opened(circle=NOBODY)
    assert (e.wake_at, e.climb_at, e.told) == (MONDAY + HOUR, None, ())
    assert e.story[1:] == (Deed(at=MONDAY, name="vacancy", note="county_officer"),)
    assert outcome.events[1:] == (
        happened("post_vacant", MONDAY, role="county_officer"),
        happened("escalation_unheard", MONDAY),
    )
    later = woken(e, MONDAY + HOUR, NOBODY)
    assert later.events == (happened("escalation_unheard", MONDAY + HOUR),), "a known vacancy is no news"
    assert len(the(later).story) == 2


def test_a_rung_passed_over_is_a_vacancy_of_its_own() -> None:
    e, outcome = opened("help_wanted", circle=Circle(worker=None, county=(SUN,)))
    assert e.story[1:] == (Deed(at=MONDAY, name="vacancy", note="village_worker,township_officer"),)
    assert outcome.events[1] == happened(
        "post_vacant", MONDAY, flag="help_wanted", role="village_worker,township_officer"
    )
    assert (e.rung, [t.person for t in e.told]) == (1, ["sun"])


def test_a_rung_whose_people_cannot_be_reached_is_passed_over_and_is_no_vacancy() -> None:
    e, _ = opened()
    blocked = undelivered(e, person="li", reason="blocked", circle=CIRCLE, policy=POLICY, now=MONDAY)
    assert [deed.name for deed in the(blocked).story] == ["escalation_opened", "escalation_undelivered"]
    assert the(blocked).story[1] == Deed(at=MONDAY, name="escalation_undelivered", by="li", note="blocked")
    assert blocked.events == (happened("escalation_undelivered", MONDAY, to="li", reason="blocked"),)
    alone = Priority.ALERT  # it was reported, and has reached nobody yet
    assert blocked.notices == (telling("zhao", 1, 1, priority=alone),)
    assert [t.undelivered for t in the(blocked).told] == ["blocked", ""]


def test_the_clock_repeats_on_the_rung_and_passes_it_on_each_with_its_number() -> None:
    e, _ = opened()
    first = woken(e, MONDAY + timedelta(minutes=30))
    assert first.events == (
        happened("escalation_repeated", MONDAY + timedelta(minutes=30), rung="0", repeat="1"),
    )
    assert first.notices == (telling("li", 0, 1, 1),)
    assert the(first).wake_at == MONDAY + timedelta(minutes=75)
    assert the(first).told == e.told, "who was told stays told once"
    second = woken(the(first), MONDAY + 2 * HOUR)
    assert second.events == (happened("escalation_passed_on", MONDAY + 2 * HOUR, rung="1"),)
    assert second.notices == (telling("zhao", 1, 2),)
    up = the(second)
    assert (up.rung, up.repeats, up.tellings) == (1, 0, 3)
    assert (up.wake_at, up.climb_at) == (MONDAY + 3 * HOUR, MONDAY + 6 * HOUR)
    assert up.told[1] == Told(person="zhao", at=MONDAY + 2 * HOUR, rung=1)


def test_the_clock_does_nothing_before_the_moment_nor_after_the_end() -> None:
    e, _ = opened()
    assert e.wake_at is not None
    assert not woken(e, e.wake_at - timedelta(seconds=1))
    assert woken(e, e.wake_at)
    assert not woken(replace(e, status="resolved"), e.wake_at)
    assert not woken(replace(e, wake_at=None), e.wake_at)


def test_the_growth_of_the_gaps_ends_at_the_longest_even_after_ten_thousand_repeats() -> None:
    e, _ = opened("danger")
    tired = the(woken(replace(e, repeats=10_000), e.wake_at or MONDAY))
    assert tired.wake_at == (e.wake_at or MONDAY) + HOUR


def test_an_acknowledgement_that_lapses_asks_its_holder_and_says_so_in_story_and_trail() -> None:
    e, _ = opened()
    held = the(acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    now = MONDAY + DAY
    lapse = woken(held, now)
    after = the(lapse)
    assert after.story[-1] == Deed(at=now, name="escalation_lapsed", by="li")
    assert lapse.events == (happened("escalation_lapsed", now, holder="li"),)
    assert lapse.notices == (telling("li", 0, 1),)
    assert (after.status, after.person, after.acknowledged_at, after.repeats) == ("open", "li", None, 0)
    assert after.climb_at == after.wake_at == now + timedelta(minutes=30)


def test_the_repeats_are_counted_anew_after_a_lapse() -> None:
    e, _ = opened()
    held = the(acknowledge(replace(e, repeats=3), by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    lapse = woken(held, MONDAY + DAY)
    assert lapse.notices == (telling("li", 0, 1, 0),)


def test_danger_that_lapses_at_night_does_not_wait_for_the_morning() -> None:
    e, _ = opened("danger", now=NIGHT - DAY)
    held = the(acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=NIGHT - DAY))
    assert the(woken(held, NIGHT, policy=ALL_ASLEEP_UNTIL)).climb_at == NIGHT + timedelta(minutes=5)


def test_a_lapse_at_night_gives_the_holder_the_first_gap_after_his_morning() -> None:
    e, _ = opened(now=NIGHT - DAY)
    held = the(acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=NIGHT - DAY))
    lapse = the(woken(held, NIGHT, policy=ALL_ASLEEP_UNTIL))
    assert lapse.climb_at == at("2026-11-24 07:30")


def test_when_the_holder_works_here_no_more_a_lapse_goes_up_at_once() -> None:
    e, _ = opened()
    held = the(acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    gone = replace(CIRCLE, officers=(QIAN,))
    lapse = woken(held, MONDAY + DAY, gone)
    assert [event.name for event in lapse.events] == ["escalation_lapsed", "escalation_passed_on"]
    assert lapse.notices == (telling("zhao", 1, 1),)
    nobody = replace(held, person=None)
    lapse = woken(nobody, MONDAY + DAY)
    assert lapse.events[0] == happened("escalation_lapsed", MONDAY + DAY, holder="")
    assert lapse.notices == (telling("zhao", 1, 1),)


def test_it_waits_for_one_person_until_its_time_is_over_and_then_for_nobody() -> None:
    e, _ = opened("danger")
    given = the(hand_over(e, by=LI, to=SUN, circle=CIRCLE, policy=POLICY, now=MONDAY))
    repeat = woken(replace(given, climb_at=MONDAY + HOUR), MONDAY + timedelta(minutes=5))
    assert [n.to for n in repeat.notices] == ["sun"]
    assert the(repeat).person == "sun"
    over = woken(given, given.climb_at or MONDAY)
    assert [n.to for n in over.notices] == ["li", "zhao", "sun"]
    assert (the(over).person, the(over).climb_at) == (None, None)
    left = woken(
        replace(given, climb_at=MONDAY + HOUR), MONDAY + timedelta(minutes=5), replace(CIRCLE, county=())
    )
    assert [n.to for n in left.notices] == ["li", "zhao"]


def test_when_everybody_up_to_the_present_rung_has_left_it_is_told_to_whoever_is_above() -> None:
    e, _ = opened()
    found = woken(replace(e, person="li"), e.wake_at or MONDAY, Circle(worker=None, county=(SUN,)))
    assert (the(found).rung, the(found).person) == (2, None)
    assert [n.to for n in found.notices] == ["sun"]


def test_when_he_for_whom_it_waits_has_left_and_nobody_else_is_there_it_waits_for_nobody() -> None:
    e, _ = opened()
    waiting = replace(e, person="li", climb_at=MONDAY + 2 * HOUR)
    unheard = the(woken(waiting, e.wake_at or MONDAY, NOBODY))
    assert (unheard.person, unheard.climb_at, unheard.status) == (None, None, "open")


def test_where_nobody_is_left_below_even_who_was_blocked_above_is_tried_again() -> None:
    e, _ = opened()
    blocked = replace(e, told=(*e.told, Told(person="sun", at=MONDAY, rung=2, undelivered="blocked")))
    found = woken(blocked, e.wake_at or MONDAY, Circle(worker=None, county=(SUN,)))
    assert [n.to for n in found.notices] == ["sun"]
    assert [event.detail["role"] for event in found.events] == ["township_officer", "deputy"]


def test_it_is_passed_on_beyond_who_is_blocked_while_somebody_above_can_be_reached() -> None:
    e, _ = opened()
    blocked = replace(e, told=(*e.told, Told(person="zhao", at=MONDAY, rung=1, undelivered="blocked")))
    passed = woken(blocked, MONDAY + 2 * HOUR)
    assert [n.to for n in passed.notices] == ["sun"]


def test_a_post_below_that_has_become_vacant_is_no_news_when_it_is_passed_on() -> None:
    e, _ = opened()
    passed = woken(e, MONDAY + 2 * HOUR, replace(CIRCLE, officers=()))
    assert [event.name for event in passed.events] == ["escalation_passed_on"]


def test_on_the_topmost_rung_of_a_ladder_that_keeps_quiet_hours_everybody_is_told_in_his_morning() -> None:
    e, _ = opened(now=NIGHT - DAY)
    given = replace(e, rung=2, person="sun", climb_at=NIGHT, wake_at=NIGHT)
    over = woken(given, NIGHT, policy=ALL_ASLEEP_UNTIL)
    assert [(n.to, n.not_before) for n in over.notices] == [
        ("li", at("2026-11-24 07:00")),
        ("zhao", at("2026-11-24 07:00")),
        ("sun", at("2026-11-24 08:00")),
    ]
    waiting = replace(given, climb_at=NIGHT + DAY)
    (asked,) = woken(waiting, NIGHT, policy=ALL_ASLEEP_UNTIL).notices
    assert (asked.to, asked.not_before) == ("sun", at("2026-11-24 08:00"))


def test_only_who_is_blocked_everywhere_is_tried_again_when_it_is_passed_on() -> None:
    e, _ = opened(circle=replace(CIRCLE, deputies=(), county=(ZHAO,)))
    circle = replace(CIRCLE, deputies=(), county=(ZHAO,))
    blocked = replace(e, told=(*e.told, Told(person="zhao", at=MONDAY, rung=2, undelivered="blocked")))
    passed = woken(blocked, MONDAY + 2 * HOUR, circle)
    assert [n.to for n in passed.notices] == ["zhao"]
    assert the(passed).told[-1] == Told(person="zhao", at=MONDAY + 2 * HOUR, rung=2)
    assert the(passed).rung == 2


def test_a_failure_that_is_known_or_concerns_nobody_told_changes_nothing() -> None:
    e, _ = opened()
    for who in ("zhao", "wang"):
        assert not undelivered(e, person=who, reason="blocked", circle=CIRCLE, policy=POLICY, now=MONDAY)
    once = the(undelivered(e, person="li", reason="blocked", circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert not undelivered(once, person="li", reason="left", circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_a_failure_after_the_end_is_written_down_and_wakes_nobody() -> None:
    e, _ = opened()
    ended = the(resolve(e, by=LI, outcome="好了", circle=CIRCLE, policy=POLICY, now=MONDAY))
    late = undelivered(
        replace(ended, person=None), person="li", reason="blocked", circle=CIRCLE, policy=POLICY, now=MONDAY
    )
    assert the(late).status == "resolved"
    assert (len(late.events), late.notices) == (1, ())


def test_a_holder_who_cannot_be_reached_loses_it_and_the_others_of_the_rung_are_told() -> None:
    e, _ = opened("danger")
    held = the(acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    lost = undelivered(held, person="li", reason="blocked", circle=CIRCLE, policy=POLICY, now=MONDAY)
    after = the(lost)
    assert (after.status, after.person, after.acknowledged_at, after.rung) == ("open", None, None, 0)
    assert [n.to for n in lost.notices] == ["zhao", "sun"]


def test_two_people_of_one_rung_blocked_one_after_the_other_pass_it_on_at_the_second() -> None:
    both = replace(CIRCLE, officers=(LI,), worker=WANG)
    e, _ = opened("help_wanted", circle=both)
    first = undelivered(e, person="wang", reason="blocked", circle=both, policy=POLICY, now=MONDAY)
    assert first.notices == ()
    second = undelivered(the(first), person="li", reason="blocked", circle=both, policy=POLICY, now=MONDAY)
    assert [n.to for n in second.notices] == ["zhao", "sun"]
    assert the(second).rung == 1


def test_somebody_new_on_the_rung_who_was_never_told_is_told_when_the_others_fail() -> None:
    e, _ = opened()
    joined = replace(CIRCLE, officers=(QIAN,), deputies=(LI,))
    failed = undelivered(e, person="li", reason="blocked", circle=joined, policy=POLICY, now=MONDAY)
    assert [n.to for n in failed.notices] == ["qian"]
    assert the(failed).rung == 0


def test_our_own_doings_may_act_on_every_escalation_and_who_was_told_may_too() -> None:
    e, _ = opened("help_wanted")
    assert may_act(e, reader=CLOCK, child=CHILD)
    assert may_act(e, reader=reader_of(WANG), child=CHILD), "she was told"
    held = replace(opened()[0], person="wang")
    assert may_act(held, reader=reader_of(WANG), child=CHILD), "she holds it"
    elsewhere = replace(CHILD, worker="chen", township="t9")
    assert may_act(held, reader=reader_of(SUN), child=elsewhere), "the county's officer"
    assert not may_act(held, reader=reader_of(WANG), child=elsewhere), "no longer her child"
