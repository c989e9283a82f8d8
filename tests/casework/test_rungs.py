"""Who stands on the rungs of an escalation, and when each of them is told, by day and by night."""

from dataclasses import replace
from datetime import timedelta

from casework.ladder import announce, in_circle, on_rung, tell, up_to_rung
from casework.records import Circle, Told
from tests.casework.trail import ALL_ASLEEP_UNTIL, HOUR, NIGHT, QIAN, names, news, opened, telling, the, woken
from tests.casework.world import (
    CIRCLE,
    LI,
    MONDAY,
    POLICY,
    SUN,
    WANG,
    ZHAO,
    at,
)


def test_who_stands_on_a_rung_is_named_once_in_the_role_whose_quiet_hours_are_kept() -> None:
    crowd = Circle(worker=WANG, officers=(LI, QIAN), deputies=(ZHAO, LI), county=(SUN, LI))
    help_wanted, _ = opened("help_wanted", circle=crowd)
    assert names(on_rung(help_wanted, 0, crowd)) == [("wang", "village_worker"), ("li", "township_officer")]
    assert names(on_rung(help_wanted, 1, crowd)) == [
        ("qian", "township_officer"), ("zhao", "township_officer"), ("li", "township_officer"),
        ("sun", "county_officer"),
    ]  # fmt: skip
    assert names(on_rung(help_wanted, 0, replace(crowd, worker=None))) == [("li", "township_officer")]
    assert names(up_to_rung(help_wanted, crowd)) == names(on_rung(help_wanted, 0, crowd))
    both = up_to_rung(replace(help_wanted, rung=1), crowd)
    assert [who.person for who in both] == ["wang", "li", "qian", "zhao", "sun"]
    assert in_circle(crowd) == {
        "sun": "county_officer", "qian": "township_officer", "zhao": "township_officer",
        "li": "township_officer", "wang": "village_worker",
    }  # fmt: skip


def test_at_night_the_first_telling_is_silent_later_ones_wait_for_each_ones_own_morning() -> None:
    e, first = opened("help_wanted", now=NIGHT, policy=ALL_ASLEEP_UNTIL)
    assert first.notices == (telling("wang", 0, 0, silent=True), telling("li", 0, 0, silent=True))
    assert e.told[0].at == at("2026-11-24 07:00"), "when the last of them may have read it"
    assert e.wake_at == at("2026-11-24 09:00")
    again = woken(replace(e, wake_at=NIGHT), NIGHT, policy=ALL_ASLEEP_UNTIL)
    assert again.notices == (
        telling("wang", 0, 1, 1, not_before=at("2026-11-24 06:00")),
        telling("li", 0, 1, 1, not_before=at("2026-11-24 07:00")),
    )
    at_seven = woken(replace(e, wake_at=NIGHT), at("2026-11-24 07:00"), policy=ALL_ASLEEP_UNTIL)
    assert {(n.not_before, n.silent) for n in at_seven.notices} == {(None, False)}
    _, first = opened("help_wanted", now=at("2026-11-24 07:00"), policy=ALL_ASLEEP_UNTIL)
    assert [n.silent for n in first.notices] == [False, False]


def test_whom_nothing_reached_gets_a_fresh_line_and_everybody_else_keeps_his() -> None:
    e, _ = opened("danger")
    failed = replace(e.told[0], undelivered="blocked")
    mixed = replace(e, told=(failed, *e.told[1:]))
    everybody = on_rung(mixed, 0, CIRCLE)
    told = the(tell(mixed, everybody, policy=POLICY, now=MONDAY + HOUR)).told
    assert told == (*e.told[1:], Told(person="li", at=MONDAY + HOUR, rung=0))
    others = the(tell(mixed, everybody[1:], policy=POLICY, now=MONDAY + HOUR)).told
    assert others == mixed.told, "he was not told this time"


def test_news_go_to_everybody_told_to_the_holder_and_the_author_each_by_his_own_hours() -> None:
    e, _ = opened("help_wanted", by="granny", now=NIGHT - 12 * HOUR)
    around = replace(
        e, person="sun", told=(*e.told, Told(person="zhao", at=NIGHT, rung=0, undelivered="left"))
    )
    moment = at("2026-11-24 07:00")
    told = announce(
        around, "escalation_resolved", circle=CIRCLE, policy=ALL_ASLEEP_UNTIL, now=moment, but="wang", turn=3,
        by="li",
    )  # fmt: skip
    assert told == (
        news("li", "resolved", 3, by="li"),
        news("sun", "resolved", 3, silent=True, by="li"),
        news("granny", "resolved", 3, silent=True, by="li"),
    )
    half_past_nine = announce(
        around, "escalation_resolved", circle=CIRCLE, policy=ALL_ASLEEP_UNTIL, now=at("2026-11-24 09:30")
    )
    assert [(n.to, n.silent) for n in half_past_nine] == [
        ("wang", False), ("li", False), ("sun", False), ("granny", True),
    ]  # fmt: skip
    at_ten = announce(
        around, "escalation_resolved", circle=CIRCLE, policy=ALL_ASLEEP_UNTIL, now=at("2026-11-24 10:00")
    )
    assert {n.silent for n in at_ten} == {False}


def test_when_the_next_rung_is_due_before_the_next_repeat_the_clock_looks_then() -> None:
    e, _ = opened()
    for now in (MONDAY + timedelta(minutes=30), MONDAY + timedelta(minutes=75)):
        e = the(woken(e, now))
    assert e.wake_at == e.climb_at == MONDAY + 2 * HOUR
