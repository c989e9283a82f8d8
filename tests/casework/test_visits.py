"""Visits: planned by risk, reminded of, asked about, sent up, made, excused, and taken over."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.outcome import Outcome
from casework.records import Child, Circle, Escalation, Visit
from casework.visits import (
    TO_DO,
    cancel_visit,
    complete_visit,
    excuse_visit,
    plan_visit,
    reassign,
    wake_visit,
)
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
    in_quiet_hours,
    leaves,
    person,
)


def planned(book: Book, child: Child = CHILD, *, now: datetime = MONDAY, **more: object) -> Visit:
    outcome = plan_visit(child, policy=POLICY, now=now, new_id=book.new_id, **more)  # type: ignore[arg-type]
    book.keep(outcome)
    return visit_of(book, outcome)


def visit_of(book: Book, outcome: Outcome) -> Visit:
    (visit,) = (r for r in outcome.records if isinstance(r, Visit))
    return kept(book, visit)


def kept(book: Book, visit: Visit) -> Visit:
    found = book.records[("visit", visit.id)]
    assert isinstance(found, Visit)
    return found


def wake(book: Book, visit: Visit, now: datetime, *, child: Child = CHILD, circle: Circle = CIRCLE) -> Visit:
    still_open = [e for e in book.all(Escalation) if e.wake_at is not None]
    book.keep(
        wake_visit(
            kept(book, visit),
            child=child,
            circle=circle,
            policy=POLICY,
            now=now,
            new_id=book.new_id,
            open_escalations=still_open,
        )
    )
    return kept(book, visit)


@pytest.mark.parametrize(("risk", "days"), [(1, 7), (2, 30), (3, 60)])
def test_a_visit_is_due_by_the_childs_risk(risk: int, days: int) -> None:
    visit = planned(Book(), replace(CHILD, risk=risk))
    assert visit.due == date(2026, 11, 23) + timedelta(days=days)
    assert (visit.person, visit.child, visit.status) == ("wang", "3001", "planned")


def test_a_new_child_is_visited_within_five_working_days() -> None:
    assert planned(Book(), purpose="new_child", now=at("2026-09-29 09:00")).due == date(2026, 10, 12)
    assert planned(Book(), purpose="new_child").due == date(2026, 11, 30)


def test_a_day_given_by_hand_counts() -> None:
    assert planned(Book(), due=date(2026, 12, 5)).due == date(2026, 12, 5)


def test_the_worker_is_reminded_the_day_before_and_on_the_day_at_eight() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 12, 5))
    assert visit.wake_at == at("2026-12-04 08:00")
    visit = wake(book, visit, at("2026-12-04 08:00"))
    assert visit.wake_at == at("2026-12-05 08:00")
    visit = wake(book, visit, at("2026-12-05 08:00"))
    assert book.said() == [("wang", "duties"), ("wang", "duties")]
    assert book.notices[-1].key == "duties:2026-12-05T00:00:00+00:00:wang"
    assert visit.told_at == at("2026-12-05 08:00")


def test_all_that_falls_due_in_one_hour_is_one_message() -> None:
    book = Book()
    for code in ("3001", "3002", "3003"):
        child = replace(CHILD, id=code, child=code)
        wake(book, planned(book, child, due=date(2026, 12, 5)), at("2026-12-05 08:00"), child=child)
    assert len({notice.key for notice in book.notices}) == 1
    assert {visit.told_at for visit in book.all(Visit)} == {at("2026-12-05 08:00")}


def test_what_falls_due_later_that_day_is_a_message_of_its_own() -> None:
    book, late = Book(), replace(CHILD, id="3002", child="3002")
    wake(book, planned(book, due=date(2026, 12, 5)), at("2026-12-05 08:00"))
    wake(book, planned(book, late, due=date(2026, 12, 5)), at("2026-12-05 10:40"), child=late)
    assert [notice.values["hour"][11:13] for notice in book.notices] == ["00", "02"]


def test_without_an_answer_the_gaps_grow_up_to_the_longest() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 12, 1))
    gaps = []
    for _ in range(11):
        assert visit.wake_at is not None
        before = visit.wake_at
        visit = wake(book, visit, before)
        assert visit.wake_at is not None
        gaps.append((visit.wake_at - before).days)
    assert gaps[3:] == [7, 10, 15, 23, 30, 30, 30, 30]


def test_a_visit_planned_for_tomorrow_is_not_reminded_of_at_once() -> None:
    book = Book()
    assert planned(book, due=date(2026, 11, 24)).wake_at == at("2026-11-24 08:00")


def test_a_visit_planned_for_today_is_reminded_of_at_once() -> None:
    book = Book()
    wake(book, planned(book, due=date(2026, 11, 23)), MONDAY)
    assert book.said() == [("wang", "duties")]


def test_nothing_happens_before_its_time() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 12, 5))
    assert not wake_visit(
        visit, child=CHILD, circle=CIRCLE, policy=POLICY, now=at("2026-12-04 07:59"), new_id=book.new_id
    )


def test_an_overdue_visit_is_asked_about_first_then_goes_up_to_the_officer() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 12, 1))
    for day in ("11-30", "12-01", "12-03"):
        visit = wake(book, visit, at(f"2026-{day} 08:00"))
    assert visit.status == "overdue"
    assert visit.wake_at == at("2026-12-06 08:00")
    visit = wake(book, visit, at("2026-12-06 08:00"))
    assert visit.status == "missed"
    assert book.said()[2:] == [("wang", "duties"), ("li", "escalation_told")]
    e = book.one(Escalation)
    assert (e.flag, e.source, e.facts["days_late"]) == ("missed_visit", visit.id, "5")
    assert "visit_missed" in book.happenings()


def test_a_red_child_goes_up_on_the_second_day() -> None:
    book, red = Book(), replace(CHILD, risk=1)
    visit = planned(book, red, due=date(2026, 12, 1))
    for day in ("11-30", "12-01", "12-02", "12-03"):
        visit = wake(book, visit, at(f"2026-{day} 08:00"), child=red)
    assert visit.status == "missed"
    assert [step["after"] for step in book.one(Escalation).ladder] == [0, 24 * 60]


def test_after_weeks_of_outage_the_reason_is_asked_and_waited_for_before_it_goes_up() -> None:
    book = Book()
    visit = wake(book, planned(book, due=date(2026, 12, 1)), at("2027-01-05 08:00"))
    assert book.said() == [("wang", "duties")]
    assert visit.wake_at == at("2027-01-08 08:00")
    assert wake(book, visit, at("2027-01-08 08:00")).status == "missed"


def test_a_reminder_woken_at_night_waits_for_the_morning() -> None:
    book = Book()
    wake(book, planned(book, due=date(2026, 12, 1)), at("2026-12-01 23:30"))
    assert book.notices[0].not_before == at("2026-12-02 07:00")


def test_a_missed_visit_is_asked_for_again_and_again_until_it_is_made() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 12, 1))
    for _ in range(6):
        assert visit.wake_at is not None
        visit = wake(book, visit, visit.wake_at)
    before = len(book.notices)
    for _ in range(3):
        assert visit.wake_at is not None
        visit = wake(book, visit, visit.wake_at)
    assert book.said(before) == [("wang", "duties")] * 3
    assert book.told_twice == []
    assert len(book.all(Escalation)) == 1


def test_a_missed_visit_whose_escalation_ended_without_it_goes_up_again() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 12, 1))
    for day in ("11-30", "12-01", "12-03", "12-06"):
        visit = wake(book, visit, at(f"2026-{day} 08:00"))
    first = book.one(Escalation)
    book.keep(Outcome(records=(replace(first, status="resolved", wake_at=None),)))
    wake(book, visit, at("2026-12-13 08:00"))
    assert len(book.all(Escalation)) == 2


def test_on_leave_the_deputy_is_reminded() -> None:
    book = Book()
    deputy = person("chen", "village_worker", "v2")
    wake(book, planned(book, due=date(2026, 11, 23)), MONDAY, circle=replace(CIRCLE, worker=deputy))
    assert book.said() == [("chen", "duties")]


def test_where_nobody_can_visit_the_list_of_posts_is_enough_until_the_visit_goes_up() -> None:
    book, orphaned = Book(), replace(CHILD, worker=None)
    vacant = replace(CIRCLE, worker=None)
    visit = planned(book, orphaned, due=date(2026, 12, 1))
    while visit.status != "missed":
        assert book.notices == []
        assert visit.wake_at is not None
        visit = wake(book, visit, visit.wake_at, child=orphaned, circle=vacant)
    assert book.said() == [("li", "escalation_told")]
    assert book.one(Escalation).flag == "missed_visit"
    assert visit.wake_at is not None


def test_a_closed_childs_visit_is_cancelled() -> None:
    book = Book()
    visit = wake(book, planned(book, due=date(2026, 11, 23)), MONDAY, child=replace(CHILD, status="closed"))
    assert (visit.status, visit.wake_at, book.notices) == ("cancelled", None, [])


def complete(book: Book, visit: Visit, now: datetime, *, child: Child = CHILD) -> Outcome:
    return book.keep(
        complete_visit(
            visit,
            child=child,
            by="wang",
            submission="s1",
            policy=POLICY,
            now=now,
            new_id=book.new_id,
            circle=CIRCLE,
            open_escalations=book.all(Escalation),
        )
    )


def test_a_visit_made_plans_the_next_by_risk() -> None:
    book = Book()
    visit = planned(book, purpose="new_child")
    complete(book, visit, at("2026-11-25 15:00"))
    done = kept(book, visit)
    assert (done.status, done.submission, done.wake_at) == ("done", "s1", None)
    following = book.one(Visit, status="planned")
    assert (following.purpose, following.due) == ("routine", date(2026, 12, 25))


def test_a_telephone_task_made_plans_nothing_for_the_routine_goes_on() -> None:
    book = Book()
    complete(book, planned(book, purpose="phone"), MONDAY)
    assert book.all(Visit, status="planned") == []


def test_a_visit_reported_twice_counts_once() -> None:
    book = Book()
    visit = planned(book)
    complete(book, visit, MONDAY)
    assert not complete(book, kept(book, visit), MONDAY)


def gone_up(book: Book, *, due: str = "2026-12-01") -> Visit:
    visit = planned(book, due=date.fromisoformat(due))
    for day in ("11-30", "12-01", "12-03", "12-06"):
        visit = wake(book, visit, at(f"2026-{day} 08:00"))
    return visit


def test_a_visit_made_after_it_went_up_takes_that_back_and_tells_who_was_told() -> None:
    book = Book()
    visit = gone_up(book)
    before = len(book.notices)
    complete(book, visit, at("2026-12-06 10:00"))
    assert book.one(Escalation).status == "withdrawn"
    assert book.said(before) == [("li", "escalation_withdrawn")]


def excuse(book: Book, visit: Visit, reason: str, now: datetime, *, child: Child = CHILD) -> Outcome:
    return book.keep(
        excuse_visit(
            visit,
            reason=reason,
            by="wang",
            child=child,
            circle=CIRCLE,
            policy=POLICY,
            now=now,
            new_id=book.new_id,
            open_escalations=book.all(Escalation),
        )
    )


def test_nobody_home_is_tried_again_in_two_days_and_goes_up_the_second_time() -> None:
    book = Book()
    first = planned(book, due=date(2026, 11, 23))
    excuse(book, first, "nobody_home", MONDAY)
    assert kept(book, first).status == "excused"
    again = book.one(Visit, status="planned")
    assert (again.due, again.tries) == (date(2026, 11, 25), 1)
    assert book.all(Escalation) == []
    excuse(book, again, "nobody_home", at("2026-11-25 17:00"))
    e = book.one(Escalation)
    assert (e.flag, e.urgency, e.facts["tries"], e.author) == ("not_seen", "today", "2", "wang")
    assert book.said() == [("li", "escalation_told")]


def test_a_third_try_in_vain_is_written_into_the_same_escalation() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 11, 23))
    for _ in range(3):
        excuse(book, visit, "nobody_home", MONDAY)
        visit = book.one(Visit, status="planned")
    e = book.one(Escalation)
    assert [deed.name for deed in e.story] == ["escalation_opened", "flag_raised"]
    assert e.facts["tries"] == "3"


def test_a_visit_that_happened_ends_the_count_of_tries() -> None:
    book = Book()
    visit = planned(book, due=date(2026, 11, 23))
    excuse(book, visit, "nobody_home", MONDAY)
    complete(book, book.one(Visit, status="planned"), MONDAY)
    assert book.one(Visit, status="planned").tries == 0


def test_a_red_child_is_never_put_off_beyond_its_own_interval() -> None:
    book, red = Book(), replace(CHILD, risk=1)
    excuse(book, planned(book, red), "away_with_parents", MONDAY, child=red)
    assert book.one(Visit, status="planned").due == date(2026, 11, 30)


def test_a_reason_given_late_takes_back_what_had_gone_up() -> None:
    book = Book()
    visit = gone_up(book)
    excuse(book, visit, "worker_ill", at("2026-12-06 12:00"))
    assert book.one(Escalation).status == "withdrawn"
    assert book.one(Escalation).outcome == "reason_worker_ill"


@pytest.mark.parametrize("reason", sorted(POLICY.visits.reasons))
def test_every_reason_leaves_the_child_with_exactly_one_visit_to_make(reason: str) -> None:
    book = Book()
    excuse(book, planned(book), reason, MONDAY)
    assert len([v for v in book.all(Visit) if v.status in TO_DO]) == 1


def test_a_reason_that_the_policy_does_not_know_is_refused() -> None:
    book = Book()
    with pytest.raises(KeyError):
        excuse(book, planned(book), "dog_ate_it", MONDAY)


def move(book: Book, child: Child, now: datetime = MONDAY) -> Outcome:
    return book.keep(reassign(child, visits=book.all(Visit), policy=POLICY, now=now))


def test_a_new_worker_takes_over_what_is_to_be_made_and_is_told_once() -> None:
    book = Book()
    done = planned(book)
    complete(book, done, MONDAY)
    move(book, replace(CHILD, worker="chen"))
    assert [(v.status, v.person) for v in book.all(Visit)] == [("done", "wang"), ("planned", "chen")]
    assert book.said() == [("chen", "child_assigned")]
    assert not move(book, replace(CHILD, worker="chen"))


def test_the_new_worker_is_reminded_of_what_the_old_one_had_been_reminded_of() -> None:
    book = Book()
    visit = wake(book, planned(book, due=date(2026, 11, 23)), MONDAY)
    moved = replace(CHILD, worker="chen")
    move(book, moved)
    chen = replace(CIRCLE, worker=person("chen", "village_worker", "v1"))
    wake(book, visit, MONDAY, child=moved, circle=chen)
    assert ("chen", "duties") in book.said()
    assert book.told_twice == []


def test_a_higher_risk_brings_the_visit_forward_and_a_lower_one_leaves_it() -> None:
    book = Book()
    planned(book, replace(CHILD, risk=3))
    move(book, replace(CHILD, risk=1))
    assert book.one(Visit).due == date(2026, 11, 30)
    assert book.one(Visit).wake_at == at("2026-11-29 08:00")
    assert not move(book, replace(CHILD, risk=4))


def test_the_visits_of_a_closed_child_are_cancelled_by_the_import() -> None:
    book = Book()
    planned(book)
    move(book, replace(CHILD, status="closed"))
    assert book.one(Visit).status == "cancelled"
    assert book.events[-1].actor == "import"
    assert book.events[-1].ground == "import"


def test_a_cancelled_visit_cannot_be_cancelled_again() -> None:
    book = Book()
    visit = planned(book)
    book.keep(cancel_visit(visit, reason="twice", now=MONDAY))
    assert not cancel_visit(kept(book, visit), reason="twice", now=MONDAY)


CIRCLES = [CIRCLE, replace(CIRCLE, worker=None), replace(CIRCLE, officers=()), NOBODY]
CIRCLES.append(Circle(worker=WANG, officers=(LI, ZHAO), county=(SUN,), guardians=(GRANNY,)))


@given(
    risk=st.integers(1, 4),
    due_in=st.integers(0, 40),
    jumps=st.lists(st.tuples(st.integers(-36, 24 * 20), st.sampled_from(CIRCLES)), min_size=1, max_size=25),
)
def test_whatever_the_clock_does_no_step_is_told_twice_and_no_visit_is_forgotten(
    risk: int, due_in: int, jumps: list[tuple[int, Circle]]
) -> None:
    book, child, now = Book(), replace(CHILD, risk=risk), MONDAY
    visit = planned(book, child, due=date(2026, 11, 23) + timedelta(days=due_in))
    for hours, circle in jumps:
        now += timedelta(hours=hours)
        before = len(book.notices)
        visit = wake(book, visit, now, child=child, circle=circle)
        assert visit.status in TO_DO
        assert visit.wake_at is not None
        assert visit.wake_at > now
        for notice in book.notices[before:]:
            assert notice.silent or not in_quiet_hours(leaves(notice, now), "village_worker")
        twice = wake_visit(visit, child=child, circle=circle, policy=POLICY, now=now, new_id=book.new_id)
        assert not twice
    assert book.told_twice == []


@given(risk=st.integers(1, 4), late=st.integers(0, 24 * 60))
def test_waking_one_and_the_same_record_at_different_times_tells_the_same_step_once(
    risk: int, late: int
) -> None:
    """What a crash between deciding and writing does: the record that was read is decided on again."""
    book, child = Book(), replace(CHILD, risk=risk)
    visit = planned(book, child, due=date(2026, 12, 1))
    assert visit.wake_at is not None
    now = visit.wake_at + timedelta(hours=late)

    def decided(moment: datetime) -> set[str]:
        outcome = wake_visit(visit, child=child, circle=CIRCLE, policy=POLICY, now=moment, new_id=book.new_id)
        return {notice.key for notice in outcome.notices}

    assert decided(now) == decided(now + timedelta(minutes=5))


def test_a_worker_who_has_not_joined_yet_is_no_vacancy_and_the_officer_hears_of_the_missed_visit() -> None:
    book = Book()
    awaited = replace(CIRCLE, worker=None, vacant=("village_worker",), awaited=("village_worker",))
    visit = planned(book, due=date(2026, 11, 24))
    visit = wake(book, visit, at("2026-11-24 08:00"), circle=awaited)
    assert book.all(Escalation) == []
    visit = wake(book, visit, at("2026-11-26 08:00"), circle=awaited)
    wake(book, visit, at("2026-11-29 08:00"), circle=awaited)
    assert [e.flag for e in book.all(Escalation)] == ["missed_visit"]


def test_a_second_visit_missed_by_the_same_child_tells_the_officer_nothing_new() -> None:
    book = Book()
    first = planned(book, due=date(2026, 11, 24))
    second = planned(book, due=date(2026, 11, 24), purpose="phone")
    for day in ("2026-11-24 08:00", "2026-11-26 08:00", "2026-11-29 08:00"):
        first, second = wake(book, first, at(day)), wake(book, second, at(day))
    assert (first.status, second.status) == ("missed", "missed")
    assert len(book.all(Escalation)) == 1
