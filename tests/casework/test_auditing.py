"""What the auditor takes for a fault, when people hear of it, and when they hear that it is over."""

from dataclasses import replace
from datetime import timedelta

from casework.auditing import (
    KINDS,
    Alarm,
    Finding,
    Kind,
    Picture,
    Places,
    findings,
    is_over,
    is_to_be_told,
    looked,
    silent_loops,
    told,
    told_well,
    waiting_since,
)
from casework.outcome import Event, Notice, Priority
from casework.policy import load_policy
from casework.records import Person, Post
from tests.casework.world import at

POLICY = load_policy()
RULES = POLICY.audit
NOON = at("2026-11-24 12:00")
SUN = Person(id="sun", name="孙", posts=(Post(role="county_officer", area="k1"),), status="joined")
GONE = Finding(kind="removed", count=2, places=("outbox 1", "outbox 2"))


def waiting(**places: Places) -> Picture:
    return Picture(waiting=places)  # type: ignore[arg-type]


def test_what_must_not_be_is_found_at_first_sight_and_what_waits_is_not() -> None:
    picture = Picture(wrong={"removed": ("outbox 1",), "asleep": ()}, waiting={"late": ("visit v 1",)})
    since = waiting_since({}, picture, 100)
    found = findings(picture, since, 100, RULES)
    assert found == (Finding(kind="removed", count=1, places=("outbox 1",)),)


def test_each_kind_waits_for_as_long_as_the_policy_allows_and_then_is_found() -> None:
    limits: dict[Kind, int] = {
        "late": RULES.late_minutes, "inbox": RULES.inbox_minutes, "alerts": RULES.alert_minutes,
        "messages": RULES.message_minutes,
    }  # fmt: skip
    for kind, minutes in limits.items():
        picture = waiting(**{kind: ("a 1",)})
        since = waiting_since({}, picture, 0)
        assert findings(picture, since, 60 * minutes, RULES) == ()
        assert [f.kind for f in findings(picture, since, 60 * minutes + 1, RULES)] == [kind]


def test_time_in_which_it_was_not_there_does_not_count() -> None:
    first = waiting_since({}, waiting(late=("a 1", "b 1")), 0)
    second = waiting_since(first, waiting(late=("b 1",)), 100)
    assert second == {("late", "b 1"): 0}
    assert waiting_since(second, waiting(late=("a 1", "b 1")), 200) == {
        ("late", "a 1"): 200,
        ("late", "b 1"): 0,
    }


def test_a_finding_counts_all_and_names_some() -> None:
    picture = Picture(wrong={"removed": tuple(f"inbox {n}" for n in range(50))})
    (finding,) = findings(picture, {}, 0, RULES)
    assert (finding.count, len(finding.places)) == (50, 20)


def test_a_loop_is_silent_that_beats_no_more_or_is_not_there() -> None:
    ages = {"clock": 31.0, "lanes": 29.0, "other": 99.0}
    assert silent_loops(ages, ("outbox", "lanes", "clock"), RULES) == ("clock", "outbox")


def test_people_hear_of_it_when_it_was_seen_twice() -> None:
    once = looked(Alarm(), (GONE,), NOON)
    assert (once.since, is_to_be_told(once, RULES, NOON)) == (NOON, False)
    twice = looked(once, (GONE,), NOON + timedelta(seconds=30))
    assert (twice.since, is_to_be_told(twice, RULES, NOON)) == (NOON, True)


def test_what_came_and_went_between_two_looks_is_told_to_nobody() -> None:
    alarm = Alarm()
    for _ in range(10):
        alarm = looked(looked(alarm, (GONE,), NOON), (), NOON)
        assert not is_to_be_told(alarm, RULES, NOON)
    assert not is_over(alarm, RULES)
    assert told_well(alarm, [SUN], policy=POLICY, now=NOON)[1].notices == ()


def _certain() -> Alarm:
    return looked(looked(Alarm(), (GONE,), NOON), (GONE,), NOON)


def test_who_is_told_what() -> None:
    alarm, outcome = told(_certain(), (GONE,), [SUN], policy=POLICY, now=NOON)
    values = {"since": NOON.isoformat(), "found": [["removed", 2]], "again": False}
    assert outcome.notices == (
        Notice(
            to="sun", key=f"audit_found:{NOON.isoformat()}:0:sun", kind="audit_found",
            priority=Priority.ALERT, values=values,
        ),
    )  # fmt: skip
    event = Event(name="audit_found", at=NOON, actor="clock", ground="clock", detail={"removed": "2"})
    assert outcome.events == (event,)
    assert (alarm.kinds, alarm.times, alarm.told_at) == (("removed",), 1, NOON)


def test_it_is_told_again_with_growing_gaps_up_to_the_longest() -> None:
    alarm, now, gaps = _certain(), NOON, []
    alarm, _ = told(alarm, (GONE,), [SUN], policy=POLICY, now=now)
    for _ in range(8):
        before = now
        while not is_to_be_told(alarm, RULES, now):
            now += timedelta(minutes=30)
        gaps.append((now - before) / timedelta(hours=1))
        alarm, outcome = told(alarm, (GONE,), [SUN], policy=POLICY, now=now)
        assert outcome.notices[0].values["again"] is True
    assert gaps == [1, 2, 4, 8, 16, 24, 24, 24]


def test_a_new_kind_of_fault_is_told_at_once() -> None:
    alarm, _ = told(_certain(), (GONE,), [SUN], policy=POLICY, now=NOON)
    late = Finding(kind="late", count=1, places=("visit v",))
    alarm = looked(alarm, (GONE, late), NOON)
    assert not is_to_be_told(alarm, RULES, NOON)
    assert is_to_be_told(looked(alarm, (GONE, late), NOON), RULES, NOON)


def test_that_all_is_well_is_told_once_after_a_while_and_the_next_fault_begins_anew() -> None:
    alarm, _ = told(_certain(), (GONE,), [SUN], policy=POLICY, now=NOON)
    for _ in range(RULES.well_after - 1):
        alarm = looked(alarm, (), NOON)
        assert not is_over(alarm, RULES)
    relapse = looked(alarm, (GONE,), NOON)
    assert (relapse.calm, relapse.since) == (0, NOON)
    alarm = looked(alarm, (), NOON)
    assert is_over(alarm, RULES)
    alarm, outcome = told_well(alarm, [SUN], policy=POLICY, now=NOON)
    assert [(n.kind, n.to) for n in outcome.notices] == [("audit_well", "sun")]
    assert alarm == Alarm()
    assert looked(alarm, (), NOON) == Alarm()


def test_at_night_it_makes_no_sound() -> None:
    _, outcome = told(
        _certain(), (GONE,), [SUN, replace(SUN, id="li")], policy=POLICY, now=at("2026-11-24 23:00")
    )
    assert [(n.to, n.silent, n.not_before) for n in outcome.notices] == [
        ("sun", True, None), ("li", True, None),
    ]  # fmt: skip


def test_how_long_messages_may_wait_leaves_time_to_say_that_all_is_well() -> None:
    """After a restart what waits is found anew only after its time; before that it must not count as well."""
    assert RULES.well_after * 30 > 60 * max(RULES.late_minutes, RULES.inbox_minutes, RULES.alert_minutes)
    assert len(KINDS) == 15
