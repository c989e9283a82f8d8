"""What a flag leads to, as it is kept, told and written into the trail, in full."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from casework.escalations import (
    acknowledge,
)
from casework.flags import Flag, correct_flags, facts_of, is_more_urgent, raise_flags, raise_one
from casework.outcome import Event, Outcome
from casework.records import Deed, Escalation, Submission
from tests.casework.trail import HOUR, happened, opened, the
from tests.casework.world import (
    CHILD,
    CIRCLE,
    LI,
    MONDAY,
    NOBODY,
    POLICY,
    Book,
)


def submission(code: str, calculated: dict[str, str], by: str = "wang") -> Submission:
    return Submission(
        id=code, child="3001", person=by, form="visit", form_version="1", digest="d", at=MONDAY,
        calculated=calculated,
    )  # fmt: skip


def raised(flag: Flag, book: Book, **more: Any) -> Outcome:
    given: dict[str, Any] = {"source": "s2", "by": "wang", "facts": {"since": "2026-11-22"}}
    given |= {"circle": CIRCLE, "now": MONDAY + HOUR, "already_open": book.all(Escalation), **more}
    return book.keep(raise_one(flag, child=CHILD, policy=POLICY, new_id=lambda: "e1", **given))


def of_the_child(name: str, actor: str, now: datetime, **detail: str) -> Event:
    """An event of the child's file, not of one escalation."""
    ground = "clock" if actor == "clock" else "assignment"
    return Event(name=name, at=now, actor=actor, child="3001", ground=ground, detail=detail)


def test_a_flag_stands_in_the_trail_with_its_urgency_its_source_and_who_raised_it() -> None:
    known = of_the_child("flag_raised", "wang", MONDAY + HOUR, flag="moved", urgency="note", source="s2")
    assert raised(Flag(kind="moved", urgency="note"), Book()) == Outcome(events=(known,))
    by_clock = raised(Flag(kind="moved", urgency="note"), Book(), by=None)
    assert (by_clock.events[0].actor, by_clock.events[0].ground) == ("clock", "clock")
    book = Book()
    opened_now = raised(Flag(kind="dropout", urgency="now"), book)
    assert the(opened_now).facts == {"since": "2026-11-22"}
    assert (the(opened_now).urgency, the(opened_now).author, the(opened_now).source) == ("now", "wang", "s2")


def test_a_note_whose_kind_has_a_ladder_of_its_own_for_notes_is_told() -> None:
    heard = raised(Flag(kind="help_wanted", urgency="note"), Book())
    assert heard.events[1].detail == {"flag": "help_wanted", "urgency": "note", "ladder": "help"}
    assert [n.to for n in heard.notices] == ["wang", "li"]


def test_the_same_flag_again_is_a_line_in_the_story_with_the_new_facts_beside_the_old() -> None:
    book = Book()
    raised(Flag(kind="dropout", urgency="days"), book, facts={"since": "2026-11-20", "where": "广东"})
    again = raised(Flag(kind="dropout", urgency="days"), book)
    assert the(again).facts == {"since": "2026-11-22", "where": "广东"}
    assert the(again).story[-1] == Deed(at=MONDAY + HOUR, name="flag_raised", by="wang", note="s2")
    assert again.notices == ()
    assert again.events == (
        of_the_child("flag_raised", "wang", MONDAY + HOUR, flag="dropout", urgency="days", source="s2"),
    )


def test_an_ended_escalation_does_not_swallow_a_new_flag_of_its_kind() -> None:
    ended = replace(opened()[0], status="resolved", wake_at=None, id="old")
    outcome = raised(Flag(kind="dropout", urgency="today"), Book(), already_open=[ended])
    assert (the(outcome).id, len(outcome.notices)) == ("e1", 1)


def test_a_more_urgent_flag_starts_anew_on_the_greater_ladder_and_says_so() -> None:
    book = Book()
    raised(Flag(kind="dropout", urgency="days"), book)
    now = MONDAY + 2 * HOUR
    held = acknowledge(book.one(Escalation), by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY + HOUR)
    book.keep(held)
    up = raised(Flag(kind="dropout", urgency="now"), book, now=now, source="s3")
    after = the(up)
    assert (after.status, after.urgency, after.rung, after.person, after.acknowledged_at) == (
        "open", "now", 0, None, None,
    )  # fmt: skip
    assert [step["to"] for step in after.ladder] == [["township_officer", "deputy", "county_officer"]]
    assert up.events[1] == happened("escalation_upgraded", now, urgency="now", ladder="now")
    assert after.story[-1] == Deed(at=now, name="flag_raised", by="wang", note="s3")
    assert [n.to for n in up.notices] == ["li", "zhao", "sun"]
    nobody = raised(Flag(kind="dropout", urgency="now"), Book(), already_open=[
        replace(after, urgency="days", version=0)
    ], circle=NOBODY)  # fmt: skip
    assert nobody.events[-1].name == "escalation_unheard"
    assert (the(nobody).urgency, the(nobody).rung) == ("now", 0)


def test_a_flag_with_a_ladder_of_its_own_goes_up_on_that_one_when_it_becomes_more_urgent() -> None:
    book = Book()
    raised(Flag(kind="help_wanted", urgency="days"), book)
    up = raised(Flag(kind="help_wanted", urgency="today"), book)
    assert up.events[1].detail == {"flag": "help_wanted", "urgency": "today", "ladder": "help"}
    assert [n.to for n in up.notices] == ["wang", "li"]


def test_a_more_urgent_flag_begins_at_the_lowest_rung_wherever_the_old_one_had_got_to() -> None:
    climbed = replace(opened(urgency="days")[0], rung=2)
    up = raised(Flag(kind="dropout", urgency="today"), Book(), already_open=[climbed], circle=NOBODY)
    assert the(up).rung == 0


def test_only_a_greater_urgency_is_more_urgent() -> None:
    assert is_more_urgent("now", "today")
    assert not is_more_urgent("today", "today")
    assert not is_more_urgent("note", "days")


def test_facts_go_to_the_flag_whose_name_is_the_longest_that_fits() -> None:
    sent = submission("s1", {
        "flag_health": "days", "flag_health_eyes": "days", "fact_health_eyes_since": "三月",
        "fact_health_what": "发烧", "fact_weather": "雨",
        "fact_dropout_since": "周一", "fact_blank": "  ", "health_note": "x",
    })  # fmt: skip
    always = {"form": "visit", "at": MONDAY.isoformat(), "weather": "雨", "dropout_since": "周一"}
    assert facts_of("health_eyes", sent) == {**always, "since": "三月"}
    assert facts_of("health", sent) == {**always, "what": "发烧"}
    assert facts_of("dropout", sent) == always


def corrected(old: Submission, new: Submission, already_open: list[Escalation], ids: str = "e9") -> Outcome:
    return correct_flags(
        old, new, child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY + HOUR, new_id=lambda: ids,
        already_open=already_open,
    )  # fmt: skip


def test_a_flag_that_falls_away_is_withdrawn_by_whom_and_for_what_the_trail_says() -> None:
    e, _ = opened()
    old, new = submission("s1", {"flag_dropout": "today"}), submission("s2", {}, by="chen")
    gone = corrected(old, new, [e])
    assert gone.events[0] == of_the_child(
        "flag_withdrawn", "chen", MONDAY + HOUR, flag="dropout", source="s2"
    )
    assert (the(gone).status, the(gone).outcome, the(gone).person) == ("withdrawn", "corrected", "chen")
    assert [n.to for n in gone.notices] == ["li", "wang"]


def test_several_flags_that_fall_away_at_a_time_are_all_withdrawn() -> None:
    e, _ = opened()
    other = replace(e, id="e2", flag="health")
    old = submission("s1", {"flag_dropout": "today", "flag_health": "today"})
    gone = corrected(old, submission("s2", {}), [e, other])
    assert [(r.id, r.status) for r in gone.records] == [("e1", "withdrawn"), ("e2", "withdrawn")]


def test_what_an_earlier_submission_began_stays_open_with_a_line_in_its_story() -> None:
    e, _ = opened()
    earlier, ended = replace(e, source="s0"), replace(e, id="ended", status="resolved")
    other = replace(e, id="other", flag="health")
    old, new = submission("s1", {"flag_dropout": "today"}), submission("s2", {}, by="chen")
    gone = corrected(old, new, [ended, other, earlier])
    assert gone.records == (
        replace(
            earlier,
            story=(*e.story, Deed(at=MONDAY + HOUR, name="flag_withdrawn", by="chen", note="s2")),
        ),
    )
    assert len(gone.events) == 1


def test_a_flag_that_stays_keeps_its_escalation_under_the_new_submission() -> None:
    e, _ = opened()
    old = submission("s1", {"flag_dropout": "today", "fact_since": "周一"})
    new = submission("s2", {"flag_dropout": "today", "fact_since": "周三"})
    kept = the(corrected(old, new, [e]))
    assert (kept.id, kept.source, kept.facts["since"]) == ("e1", "s2", "周三")
    assert kept.story[-1] == Deed(at=MONDAY + HOUR, name="flag_raised", by="wang", note="s2")
    of_another = replace(e, source="s0")
    assert the(corrected(old, new, [of_another])).source == "s0"


def test_an_ended_flag_is_raised_anew_by_a_correction_only_if_it_became_more_urgent() -> None:
    ended = replace(opened()[0], status="resolved")
    old = submission("s1", {"flag_dropout": "today"})
    assert not corrected(old, submission("s2", {"flag_dropout": "today"}), [ended])
    worse = corrected(old, submission("s2", {"flag_dropout": "now"}), [ended])
    assert (the(worse).id, the(worse).urgency) == ("e9", "now")
    added = corrected(old, submission("s2", {"flag_dropout": "today", "flag_health": "days"}), [ended])
    assert (the(added).flag, the(added).source) == ("health", "s2")


def test_several_flags_of_one_submission_are_all_followed() -> None:
    sent = submission("s1", {"flag_dropout": "today", "flag_health": "days"})
    ids = iter(("a", "b"))
    outcome = raise_flags(
        (Flag(kind="dropout", urgency="today"), Flag(kind="health", urgency="days")), submission=sent,
        child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY, new_id=lambda: next(ids), already_open=(),
    )  # fmt: skip
    assert [(r.id, r.flag) for r in outcome.records if isinstance(r, Escalation)] == [
        ("a", "dropout"), ("b", "health"),
    ]  # fmt: skip
    assert [event.detail["source"] for event in outcome.events if event.name == "flag_raised"] == ["s1"] * 2
