"""What people do with an escalation, as it is kept, told and written into the trail, in full."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework.escalations import (
    acknowledge,
    decline,
    hand_over,
    note_step,
    resolve,
    withdraw,
)
from casework.outcome import Priority
from casework.records import Circle, Deed
from tests.casework.trail import ALL_ASLEEP_UNTIL, HOUR, NIGHT, happened, news, opened, telling, the, woken
from tests.casework.world import (
    CIRCLE,
    GRANNY,
    LI,
    MONDAY,
    POLICY,
    SUN,
    WANG,
    at,
)


def test_taking_it_on_is_told_to_the_others_with_who_it_was_and_stands_in_the_trail() -> None:
    e, _ = opened("danger")
    taken = acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY)
    assert the(taken).story[-1] == Deed(at=MONDAY, name="escalation_acknowledged", by="li")
    slow = opened()[0]
    assert the(acknowledge(slow, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY)).climb_at is None
    assert taken.events == (happened("escalation_acknowledged", MONDAY, "li", "danger"),)
    assert taken.notices == tuple(
        news(to, "taken", 2, urgent=True, by="li") for to in ("zhao", "sun", "wang")
    )


def test_a_step_is_kept_in_the_words_in_which_it_was_told_without_the_blanks_around_them() -> None:
    e, _ = opened()
    noted = note_step(e, by=LI, note=" 去了学校 ", now=MONDAY + HOUR)
    assert the(noted) == replace(
        e, story=(*e.story, Deed(at=MONDAY + HOUR, name="escalation_noted", by="li", note="去了学校"))
    )
    assert noted.events == (happened("escalation_noted", MONDAY + HOUR, "li"),)
    waiting = replace(e, person="li")  # handed to him, and not yet taken on
    assert the(note_step(waiting, by=LI, note="x", now=MONDAY + HOUR)).wake_at == e.wake_at
    ended = replace(e, status="resolved")
    assert not note_step(ended, by=LI, note="x", now=MONDAY)


def test_the_end_is_kept_with_who_and_what_and_leaves_nothing_for_the_clock() -> None:
    e, _ = opened()
    ended = resolve(e, by=SUN, outcome=" 已返校 ", circle=CIRCLE, policy=POLICY, now=MONDAY + HOUR)
    assert the(ended) == replace(
        e,
        status="resolved",
        person="sun",
        outcome="已返校",
        wake_at=None,
        climb_at=None,
        counted_from=None,
        chase_at=None,
        story=(*e.story, Deed(at=MONDAY + HOUR, name="escalation_resolved", by="sun", note="已返校")),
    )
    assert ended.events == (happened("escalation_resolved", MONDAY + HOUR, "sun"),)
    assert ended.notices == (news("li", "resolved"), news("wang", "resolved"))


def test_what_the_clock_takes_back_stays_with_its_holder_and_everybody_hears_of_it() -> None:
    e, _ = opened()
    held = the(acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    back = withdraw(held, by=None, reason="visit_done", circle=CIRCLE, policy=POLICY, now=MONDAY)
    assert (the(back).status, the(back).person, the(back).outcome) == ("withdrawn", "li", "visit_done")
    assert the(back).story[-1] == Deed(at=MONDAY, name="escalation_withdrawn", note="visit_done")
    assert back.events == (happened("escalation_withdrawn", MONDAY),)
    assert [n.to for n in back.notices] == ["li", "wang"]


def test_a_hand_over_waits_as_long_as_the_next_rung_would_and_stands_in_story_and_trail() -> None:
    e, _ = opened()
    held = the(acknowledge(replace(e, repeats=3), by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    given = hand_over(held, by=LI, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY + HOUR)
    after = the(given)
    assert after.story[-1] == Deed(at=MONDAY + HOUR, name="escalation_handed_over", by="li", note="wang")
    assert (after.status, after.acknowledged_at, after.repeats) == ("open", None, 0)
    assert (after.climb_at, after.wake_at) == (MONDAY + 3 * HOUR, MONDAY + timedelta(minutes=90))
    assert given.events == (happened("escalation_handed_over", MONDAY + HOUR, "li", to="wang"),)
    assert given.notices == (
        replace(
            telling("wang", 0, 1, priority=Priority.ALERT),
            kind="escalation_handed",
            values={"escalation": "e1", "by": "li"},
        ),
    )


def test_a_hand_over_on_the_topmost_rung_waits_for_one_gap_of_it() -> None:
    e, _ = opened("danger")
    given = the(hand_over(e, by=LI, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert given.climb_at == MONDAY + timedelta(minutes=5)
    top = the(woken(the(woken(opened()[0], MONDAY + 2 * HOUR)), MONDAY + 6 * HOUR))
    assert top.rung == 2
    given = the(hand_over(top, by=SUN, to=WANG, circle=CIRCLE, policy=POLICY, now=MONDAY + 6 * HOUR))
    assert given.climb_at == MONDAY + 10 * HOUR


def test_a_hand_over_at_night_begins_to_count_in_the_morning_of_whom_it_is_given_to() -> None:
    e, _ = opened(now=NIGHT)
    given = hand_over(e, by=LI, to=WANG, circle=CIRCLE, policy=ALL_ASLEEP_UNTIL, now=NIGHT)
    assert the(given).climb_at == at("2026-11-24 08:00")
    assert given.notices[0].not_before == at("2026-11-24 06:00")


def test_it_is_not_handed_to_who_holds_it_nor_after_its_end_and_a_stranger_is_named() -> None:
    e, _ = opened()
    held = replace(e, person="li")
    for nothing in (held, replace(e, status="withdrawn")):
        assert not hand_over(nothing, by=LI, to=LI, circle=CIRCLE, policy=POLICY, now=MONDAY)
    with pytest.raises(ValueError, match="granny does not work in the circle of child 3001"):
        hand_over(e, by=LI, to=GRANNY, circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_who_declines_is_left_out_and_the_others_are_told_as_if_it_were_new() -> None:
    e, _ = opened("danger")
    held = the(acknowledge(e, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    back = decline(held, by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY)
    after = the(back)
    assert after.story[-1] == Deed(at=MONDAY, name="escalation_declined", by="li")
    assert (after.status, after.person, after.acknowledged_at, after.rung) == ("open", None, None, 0)
    assert back.events == (happened("escalation_declined", MONDAY, "li", "danger"),)
    alone = {"priority": Priority.ALERT}  # a danger is told by itself, however often
    assert back.notices == (telling("zhao", 0, 1, **alone), telling("sun", 0, 1, **alone))
    assert not decline(replace(held, status="resolved"), by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY)
    assert not decline(held, by=SUN, circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_when_the_last_one_declines_it_is_unheard_and_stays_open() -> None:
    alone = Circle(worker=None, officers=(LI,))
    e, _ = opened(circle=alone)
    held = replace(e, person="li", status="acknowledged")
    back = decline(held, by=LI, circle=alone, policy=POLICY, now=MONDAY)
    assert the(back).wake_at == MONDAY + HOUR
    assert [event.name for event in back.events] == [
        "escalation_declined", "post_vacant", "escalation_unheard",
    ]  # fmt: skip
