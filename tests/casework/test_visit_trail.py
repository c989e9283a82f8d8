"""What the audit trail, the officer and the worker are told of a visit, in full, over its whole life."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from casework.outcome import Event, Notice, Outcome, Priority
from casework.policy_calendar import QuietHours
from casework.records import Child, Circle, Escalation, Visit
from casework.visit_steps import gone_up, of_visit
from casework.visits import (
    cancel_visit,
    complete_visit,
    excuse_visit,
    plan_visit,
    reassign,
    wake_visit,
)
from tests.casework import trail
from tests.casework.trail import ALL_ASLEEP_UNTIL
from tests.casework.world import CHILD, CIRCLE, MONDAY, NOBODY, POLICY, Book, at, person

# Hours of the workers' own, so that it shows whose hours are kept.
_EARLY = QuietHours(source="a test", start=time(19), end=time(9, 30))
EARLY_TO_BED = POLICY.model_copy(update={"quiet_hours": {**POLICY.quiet_hours, "village_worker": _EARLY}})
VACANT = replace(CIRCLE, worker=None)


def planned(book: Book, child: Child = CHILD, **more: object) -> Visit:
    plan = {"due": date(2026, 12, 1), **more}
    book.keep(plan_visit(child, policy=POLICY, now=MONDAY, new_id=book.new_id, **plan))  # type: ignore[arg-type]
    return book.all(Visit)[-1]


def wake(book: Book, visit: Visit, now: datetime, circle: Circle = CIRCLE, child: Child = CHILD) -> Visit:
    kept = book.records[("visit", visit.id)]
    assert isinstance(kept, Visit)
    going = [e for e in book.all(Escalation) if e.wake_at is not None]
    outcome = wake_visit(
        kept, child=child, circle=circle, policy=POLICY, now=now, new_id=book.new_id, open_escalations=going
    )
    book.keep(outcome)
    after = book.records[("visit", visit.id)]
    assert isinstance(after, Visit)
    return after


def happened(visit: Visit, name: str, now: datetime, actor: str = "clock", **detail: str) -> Event:
    """An event as it must stand in the trail."""
    ground = actor if actor in ("clock", "import") else "assignment"
    return Event(name=name, at=now, actor=actor, child="3001", record=visit.id, ground=ground, detail=detail)


def of_the_visit(book: Book, visit: Visit) -> list[Event]:
    return [event for event in book.events if event.record == visit.id]


def told(to: str, hour: str, **more: object) -> Notice:
    """The hour's message to the worker as it must stand in the outbox; it names no child."""
    moment = at(hour).isoformat()
    return Notice(
        key=f"duties:{moment}:{to}",
        to=to,
        kind="duties",
        priority=Priority.REMINDER,
        values={"hour": moment},
        **more,  # type: ignore[arg-type]
    )


def test_every_step_of_a_visit_that_nobody_makes_stands_in_the_trail() -> None:
    book = Book()
    visit = planned(book)
    for day in ("11-30", "12-01", "12-03", "12-06", "12-13", "12-23"):
        wake(book, visit, at(f"2026-{day} 08:00"))
    assert of_the_visit(book, visit) == [
        happened(visit, "visit_planned", MONDAY, purpose="routine", due="2026-12-01"),
        happened(visit, "visit_reminded", at("2026-11-30 08:00"), step="due_soon"),
        happened(visit, "visit_reminded", at("2026-12-01 08:00"), step="due_today"),
        happened(visit, "visit_overdue", at("2026-12-03 08:00")),
        happened(visit, "visit_missed", at("2026-12-06 08:00")),
        happened(visit, "visit_reminded", at("2026-12-13 08:00"), step="overdue:1"),
        happened(visit, "visit_reminded", at("2026-12-23 08:00"), step="overdue:2"),
    ]
    assert [notice for notice in book.notices if notice.to == "wang"] == [
        told("wang", f"2026-{day} 08:00") for day in ("11-30", "12-01", "12-03", "12-13", "12-23")
    ]


def test_the_officer_is_told_of_a_missed_visit_with_its_day_its_purpose_and_how_late_it_is() -> None:
    book = Book()
    visit = planned(book, purpose="follow_up")
    for day in ("12-03", "12-06"):
        wake(book, visit, at(f"2026-{day} 08:00"))
    e = book.one(Escalation)
    assert e.facts == {"due": "2026-12-01", "purpose": "follow_up", "days_late": "5"}
    assert (e.child, e.source, e.author, e.opened_at) == ("3001", visit.id, None, at("2026-12-06 08:00"))


def test_a_missed_visit_goes_up_silently_under_something_more_urgent_that_is_open() -> None:
    book = Book()
    visit = planned(book)
    visit = wake(book, visit, at("2026-12-03 08:00"))
    danger = trail.opened("danger", now=at("2026-12-05 08:00"))[0]
    outcome = wake_visit(
        visit,
        child=CHILD,
        circle=CIRCLE,
        policy=POLICY,
        now=at("2026-12-06 08:00"),
        new_id=book.new_id,
        open_escalations=[danger],
    )
    (missed,) = (record for record in outcome.records if isinstance(record, Escalation))
    assert (missed.flag, missed.under, outcome.notices) == ("missed_visit", danger.id, ())


def test_when_a_missed_visit_goes_up_again_both_the_visit_and_the_escalation_are_kept() -> None:
    book = Book()
    visit = planned(book)
    for day in ("12-03", "12-06"):
        wake(book, visit, at(f"2026-{day} 08:00"))
    first = book.one(Escalation)
    book.keep(Outcome(records=(replace(first, status="resolved", wake_at=None),)))
    visit = wake(book, visit, at("2026-12-13 08:00"))
    assert visit.wake_at == at("2026-12-23 08:00")
    assert visit.told[-1] == "overdue:1"
    second = book.all(Escalation)[-1]
    assert second.facts["days_late"] == "12"
    assert second.source == visit.id


def test_where_nobody_can_visit_the_day_is_in_the_trail_and_the_visit_goes_on() -> None:
    book, orphaned = Book(), replace(CHILD, worker=None)
    visit = planned(book, orphaned)
    for now in (at("2026-11-30 08:00"), at("2026-12-01 08:00")):
        visit = wake(book, visit, now, VACANT, orphaned)
    assert of_the_visit(book, visit)[1:] == [
        happened(visit, "post_vacant", at("2026-12-01 08:00"), role="village_worker")
    ]
    assert (visit.told, visit.wake_at) == (("due_soon", "due_today"), at("2026-12-03 08:00"))
    assert (book.all(Escalation), book.notices) == ([], [])


def test_a_vacant_post_whose_visit_is_overdue_still_leaves_that_in_the_trail() -> None:
    book, orphaned = Book(), replace(CHILD, worker=None)
    visit = wake(book, planned(book, orphaned), at("2026-12-03 08:00"), NOBODY, orphaned)
    assert of_the_visit(book, visit)[1:] == [happened(visit, "visit_overdue", at("2026-12-03 08:00"))]
    assert visit.status == "overdue"


def test_the_clock_leaves_alone_what_is_done_even_if_a_moment_was_left_in_it() -> None:
    book = Book()
    done = replace(planned(book), status="done")
    later = at("2026-12-06 08:00")
    assert not wake_visit(done, child=CHILD, circle=CIRCLE, policy=POLICY, now=later, new_id=book.new_id)


def test_a_visit_woken_before_its_step_under_a_slower_policy_waits_for_the_step() -> None:
    book = Book()
    early = replace(planned(book), wake_at=MONDAY)
    outcome = wake_visit(early, child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY, new_id=book.new_id)
    assert outcome == Outcome(records=(replace(early, wake_at=at("2026-11-30 08:00")),))


def test_a_closed_childs_visit_is_cancelled_by_the_clock_for_that_reason() -> None:
    book = Book()
    visit = planned(book)
    now = at("2026-11-30 08:00")
    after = wake(book, visit, now, child=replace(CHILD, status="closed"))
    assert (after.status, after.reason, after.closed_at) == ("cancelled", "child_closed", now)
    assert of_the_visit(book, visit)[1:] == [happened(visit, "visit_cancelled", now, reason="child_closed")]


def test_who_cancels_a_visit_and_why_stands_in_the_trail() -> None:
    book = Book()
    visit = planned(book)
    outcome = cancel_visit(visit, reason="moved_away", now=MONDAY, by="li")
    (after,) = outcome.records
    assert after == replace(visit, status="cancelled", reason="moved_away", closed_at=MONDAY, wake_at=None)
    assert outcome.events == (happened(visit, "visit_cancelled", MONDAY, "li", reason="moved_away"),)


def test_the_workers_own_quiet_hours_hold_a_reminder_back_and_not_a_minute_longer() -> None:
    book = Book()
    visit = planned(book)

    def woken(now: datetime) -> Outcome:
        return wake_visit(visit, child=CHILD, circle=CIRCLE, policy=EARLY_TO_BED, now=now, new_id=book.new_id)

    for minute, held in (("29", at("2026-11-30 09:30")), ("30", None)):
        outcome = woken(at(f"2026-11-30 09:{minute}"))
        assert outcome.notices == (told("wang", "2026-11-30 09:00", not_before=held),)
        (after,) = outcome.records
        assert isinstance(after, Visit)
        assert after.told_at == at("2026-11-30 09:00")


def test_whatever_falls_due_within_an_hour_is_in_the_same_message() -> None:
    book = Book()
    first, second = planned(book), planned(book, purpose="phone")
    for visit, moment in ((first, at("2026-11-30 08:00")), (second, at("2026-11-30 08:59:59.999999"))):
        wake(book, visit, moment)
    assert book.notices == [told("wang", "2026-11-30 08:00")] * 2


def test_a_visit_made_is_kept_with_who_when_and_how_late_and_the_next_one_follows_it() -> None:
    book = Book()
    visit = planned(book)
    now = at("2026-12-04 15:00")
    outcome = complete_visit(
        visit, child=CHILD, by="wang", submission="s1", policy=POLICY, now=now, new_id=book.new_id
    )
    done, following = outcome.records
    assert done == replace(visit, status="done", submission="s1", closed_at=now, wake_at=None)
    assert isinstance(following, Visit)
    assert outcome.events == (
        happened(visit, "visit_completed", now, "wang", days_late="3"),
        happened(following, "visit_planned", now, purpose="routine", due="2027-01-03", after=visit.id),
    )
    assert (following.planned_on, following.person, following.tries) == (date(2026, 12, 4), "wang", 0)


def test_a_visit_made_early_is_not_late() -> None:
    book = Book()
    visit = planned(book)
    outcome = complete_visit(
        visit, child=CHILD, by="wang", submission="s1", policy=POLICY, now=MONDAY, new_id=book.new_id
    )
    assert outcome.events[0].detail == {"days_late": "0"}


def test_for_a_closed_child_nothing_is_planned_any_more() -> None:
    book, closed = Book(), replace(CHILD, status="closed")
    visit = planned(book)
    made = complete_visit(
        visit, child=closed, by="wang", submission="s1", policy=POLICY, now=MONDAY, new_id=book.new_id
    )
    excused = excuse_visit(
        visit, reason="nobody_home", by="wang", child=closed, circle=CIRCLE, policy=POLICY, now=MONDAY,
        new_id=book.new_id,
    )  # fmt: skip
    assert [len(made.records), len(excused.records)] == [1, 1]


def test_a_reason_is_kept_with_who_gave_it_and_the_next_try_follows() -> None:
    book = Book()
    visit = planned(book, tries=1, purpose="follow_up")
    outcome = excuse_visit(
        visit, reason="nobody_home", by="wang", child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY,
        new_id=book.new_id, submission="s7",
    )  # fmt: skip
    closed, e, again = outcome.records
    assert closed == replace(
        visit, status="excused", reason="nobody_home", closed_at=MONDAY, submission="s7", wake_at=None
    )
    assert isinstance(e, Escalation)
    assert (e.flag, e.source, e.author) == ("not_seen", "s7", "wang")
    assert e.facts == {"reason": "nobody_home", "tries": "2", "due": "2026-12-01"}
    assert isinstance(again, Visit)
    assert (again.purpose, again.due, again.tries) == ("follow_up", date(2026, 11, 25), 2)
    assert outcome.events[0] == happened(
        visit, "visit_excused", MONDAY, "wang", reason="nobody_home", tries="2"
    )
    assert outcome.events[-1].detail["after"] == visit.id
    flagged = next(event for event in outcome.events if event.name == "flag_raised")
    assert flagged.detail == {"flag": "not_seen", "urgency": "today", "source": "s7"}


def test_a_flag_without_a_submission_names_the_visit_as_its_source() -> None:
    book = Book()
    visit = planned(book, tries=1)
    outcome = excuse_visit(
        visit, reason="nobody_home", by="wang", child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY,
        new_id=book.new_id,
    )  # fmt: skip
    assert [e.source for e in outcome.records if isinstance(e, Escalation)] == [visit.id]


def test_a_visit_that_is_over_is_neither_excused_nor_made_nor_moved() -> None:
    book = Book()
    over = replace(planned(book), status="excused", wake_at=None)
    assert not excuse_visit(
        over, reason="nobody_home", by="wang", child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY,
        new_id=book.new_id,
    )  # fmt: skip
    assert not reassign(replace(CHILD, worker="chen"), visits=[over], policy=POLICY, now=MONDAY)


def test_a_visit_taken_over_stands_in_the_trail_and_the_new_worker_is_told_of_the_child() -> None:
    book = Book()
    visit = planned(book)
    chen = replace(CHILD, worker="chen", version=4)
    outcome = reassign(chen, visits=[visit], policy=POLICY, now=MONDAY)
    assert outcome.records == (replace(visit, person="chen"),)
    assert outcome.events == (
        happened(visit, "visit_moved", MONDAY, "import", worker="chen", due="2026-12-01"),
    )
    assert outcome.notices == (
        Notice(
            key="child:3001:assigned:chen:4",
            to="chen",
            kind="child_assigned",
            priority=Priority.DIGEST,
            values={"child": "3001"},
            about=("child", "3001"),
            child="3001",
        ),
    )


def test_a_child_left_without_a_worker_tells_nobody_that_it_was_given_to_her() -> None:
    book = Book()
    visit = planned(book)
    outcome = reassign(replace(CHILD, worker=None), visits=[visit], policy=POLICY, now=MONDAY, by="li")
    assert outcome.events == (happened(visit, "visit_moved", MONDAY, "li", worker="", due="2026-12-01"),)
    assert outcome.notices == ()


def test_only_the_childs_own_visits_are_taken_over_and_all_of_them() -> None:
    book = Book()
    first, second = planned(book), planned(book, purpose="phone")
    other = replace(first, id="of another child", child="3002")
    outcome = reassign(
        replace(CHILD, worker="chen"), visits=[other, first, second], policy=POLICY, now=MONDAY
    )
    assert [record.id for record in outcome.records] == [first.id, second.id]
    assert len(outcome.notices) == 1


def test_when_one_visit_moves_to_another_person_and_the_next_only_to_another_day_she_is_still_told() -> None:
    book = Book()
    hers, yours = planned(book, due=None), replace(planned(book, due=None), person="chen")
    risky = replace(CHILD, worker="chen", risk=1)
    outcome = reassign(risky, visits=[hers, yours], policy=POLICY, now=MONDAY)
    assert [record.due for record in outcome.records if isinstance(record, Visit)] == [date(2026, 11, 30)] * 2
    assert [notice.to for notice in outcome.notices] == ["chen"]


def test_a_visit_on_its_way_up_goes_on_with_the_new_worker_from_where_it_is() -> None:
    book = Book()
    visit = wake(book, planned(book), at("2026-12-03 08:00"))
    outcome = reassign(
        replace(CHILD, worker="chen", risk=1), visits=[visit], policy=POLICY, now=at("2026-12-03 09:00")
    )
    assert outcome.records == (replace(visit, person="chen"),)


def test_a_higher_risk_never_asks_for_a_day_that_has_passed_and_leaves_other_tasks_alone() -> None:
    book, now = Book(), at("2026-12-10 09:00")
    routine = planned(book, replace(CHILD, risk=4), due=None)
    phone = planned(book, purpose="phone", due=date(2027, 1, 30))
    outcome = reassign(replace(CHILD, risk=1), visits=[routine, phone], policy=POLICY, now=now)
    (moved,) = outcome.records
    assert isinstance(moved, Visit)
    assert (moved.id, moved.due, moved.told) == (routine.id, date(2026, 12, 10), ("due_soon",))
    assert moved.wake_at == at("2026-12-10 08:00")


def test_a_reminder_due_at_the_very_minute_of_the_planning_is_not_sent() -> None:
    book, now = Book(), at("2026-11-30 08:00")
    outcome = plan_visit(CHILD, policy=POLICY, now=now, new_id=book.new_id, due=date(2026, 12, 1))
    (visit,) = outcome.records
    assert isinstance(visit, Visit)
    assert (visit.told, visit.wake_at) == (("due_soon",), at("2026-12-01 08:00"))
    moved = reassign(replace(CHILD, worker="chen"), visits=[visit], policy=POLICY, now=now)
    (taken_over,) = moved.records
    assert isinstance(taken_over, Visit)
    assert taken_over.told == ("due_soon",)


def escalation(flag: str, status: str, source: str) -> Escalation:
    return Escalation(
        id=f"{flag}-{status}-{source}", child="3001", flag=flag, urgency="days", opened_at=MONDAY,
        source=source, status=status,
    )  # fmt: skip


def test_a_visit_has_gone_up_by_an_open_escalation_of_the_right_kind_only() -> None:
    book = Book()
    visit = planned(book)
    mine = [escalation("missed_visit", "open", visit.id), escalation("vacancy", "acknowledged", visit.id)]
    others = [
        escalation("missed_visit", "resolved", visit.id),
        escalation("dropout", "open", visit.id),
        escalation("missed_visit", "open", "another visit"),
    ]
    assert of_visit(visit, [*others, *mine]) == tuple(mine)
    assert not gone_up(others[:2])
    assert gone_up(others)


def test_what_had_gone_up_is_taken_back_from_everybody_for_the_reason_that_it_was_done() -> None:
    book = Book()
    visit = planned(book)
    for day in ("12-03", "12-06"):
        visit = wake(book, visit, at(f"2026-{day} 08:00"))
    now = at("2026-12-06 10:00")
    going = book.all(Escalation)
    twice = [going[0], replace(going[0], id="second")]
    outcome = complete_visit(
        visit, child=CHILD, by="wang", submission="s1", policy=POLICY, now=now, new_id=book.new_id,
        circle=CIRCLE, open_escalations=twice,
    )  # fmt: skip
    ended = [e for e in outcome.records if isinstance(e, Escalation)]
    assert [(e.status, e.outcome, e.person) for e in ended] == [("withdrawn", "visit_done", "wang")] * 2
    assert [n.to for n in outcome.notices] == ["li", "li"]


def test_what_is_taken_back_makes_a_sound_by_the_hours_of_each_ones_own_role() -> None:
    book = Book()
    visit = planned(book)
    for day in ("12-03", "12-06"):
        visit = wake(book, visit, at(f"2026-{day} 08:00"))
    seven = at("2026-12-07 07:00")
    common: dict[str, Any] = {"child": CHILD, "by": "wang", "policy": ALL_ASLEEP_UNTIL, "now": seven}
    common |= {"circle": CIRCLE, "new_id": book.new_id, "open_escalations": book.all(Escalation)}
    made = complete_visit(visit, submission="s1", **common)
    excused = excuse_visit(visit, reason="nobody_home", **common)
    for outcome in (made, excused):
        ended = next(record for record in outcome.records if isinstance(record, Escalation))
        assert (ended.status, ended.person) == ("withdrawn", "wang")
        withdrawn = [n for n in outcome.notices if n.kind == "escalation_withdrawn"]
        assert [(n.to, n.silent) for n in withdrawn] == [("li", False)]


def test_all_visits_of_a_closed_child_are_cancelled_by_whom_when_and_why() -> None:
    book = Book()
    visits = [planned(book), planned(book, purpose="phone")]
    outcome = reassign(replace(CHILD, status="closed"), visits=visits, policy=POLICY, now=MONDAY, by="li")
    assert outcome.events == tuple(
        happened(visit, "visit_cancelled", MONDAY, "li", reason="child_closed") for visit in visits
    )
    assert [(v.id, v.status, v.closed_at) for v in outcome.records if isinstance(v, Visit)] == [
        (visit.id, "cancelled", MONDAY) for visit in visits
    ]


def test_without_a_circle_who_was_told_still_hears_that_it_was_taken_back() -> None:
    book = Book()
    visit = planned(book)
    for day in ("12-03", "12-06"):
        visit = wake(book, visit, at(f"2026-{day} 08:00"))
    outcome = complete_visit(
        visit, child=CHILD, by="wang", submission="s1", policy=POLICY, now=at("2026-12-06 10:00"),
        new_id=book.new_id, open_escalations=book.all(Escalation),
    )  # fmt: skip
    assert [(n.to, n.kind) for n in outcome.notices] == [("li", "escalation_withdrawn")]


def test_follow_ups_and_telephone_tasks_have_days_of_their_own() -> None:
    book = Book()
    rules = POLICY.visits
    for purpose, days in (("follow_up", rules.follow_up_days), ("phone", rules.phone_days)):
        assert planned(book, purpose=purpose, due=None).due == date(2026, 11, 23) + timedelta(days=days)
    deputy = person("chen", "village_worker", "v2")
    wake(book, planned(book), at("2026-12-03 08:00"), replace(CIRCLE, worker=deputy))
    assert book.notices[-1] == told("chen", "2026-12-03 08:00")
