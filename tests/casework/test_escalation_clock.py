"""An escalation cannot die quietly, whatever people, messages and the clock do to it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from casework.escalations import (
    acknowledge,
    decline,
    hand_over,
    note_step,
    open_escalation,
    resolve,
    undelivered,
    wake_escalation,
    withdraw,
)
from casework.flags import Flag, raise_one
from casework.outcome import Notice, Outcome
from casework.records import Circle, Escalation, Person, Urgency
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
    Book,
    in_circle_roles,
    in_quiet_hours,
    leaves,
)

PEOPLE = st.sampled_from([WANG, LI, ZHAO, SUN])
STAFF = st.sampled_from([LI, ZHAO, SUN])
CIRCLES = st.sampled_from(
    [
        CIRCLE,
        replace(CIRCLE, officers=()),
        replace(CIRCLE, officers=(ZHAO,), deputies=()),
        replace(CIRCLE, officers=(LI, ZHAO), deputies=(), worker=None),
        replace(CIRCLE, deputies=(), county=()),
        NOBODY,
    ]
)
FLAGS = st.sampled_from(["danger", "dropout", "hardship", "help_wanted", "missed_visit", "lost_shoes"])
OPEN = ("open", "acknowledged")


class AnEscalation(RuleBasedStateMachine):
    """One escalation from its opening to its end, with the clock moved both ways."""

    @initialize(flag=FLAGS, circle=CIRCLES)
    def begins(self, flag: str, circle: Circle) -> None:
        self.book, self.now, self.circle = Book(), MONDAY, circle
        self.ended = False
        self.keep(
            open_escalation(
                flag,
                child=CHILD,
                circle=circle,
                facts={},
                source="s1",
                by="wang",
                policy=POLICY,
                now=self.now,
                new_id=self.book.new_id,
            )
        )

    @property
    def e(self) -> Escalation:
        return self.book.one(Escalation)

    def keep(self, outcome: Outcome) -> None:
        was_open = not self.ended
        self.book.keep(outcome)
        assert was_open or not outcome.notices
        roles = in_circle_roles(self.circle)
        for notice in outcome.notices:
            assert notice.not_before is None or notice.not_before > self.now
            if self.e.ladder[self.e.rung]["quiet"] and notice.to in roles:
                assert notice.silent or not in_quiet_hours(leaves(notice, self.now), roles[notice.to])
            if not self.e.ladder[self.e.rung]["quiet"]:
                assert notice.not_before is None

    def wake(self) -> None:
        done = wake_escalation(self.e, child=CHILD, circle=self.circle, policy=POLICY, now=self.now)
        again = wake_escalation(
            self.e, child=CHILD, circle=self.circle, policy=POLICY, now=self.now + timedelta(seconds=30)
        )
        assert {n.key for n in done.notices} == {n.key for n in again.notices}
        self.keep(done)
        assert not wake_escalation(self.e, child=CHILD, circle=self.circle, policy=POLICY, now=self.now)

    @rule(minutes=st.integers(-3 * 24 * 60, 12 * 24 * 60))
    def the_clock_moves(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.wake()

    @rule()
    def the_clock_reaches_its_time(self) -> None:
        if self.e.wake_at is not None:
            self.now = max(self.now, self.e.wake_at)
            self.wake()

    @rule(circle=CIRCLES)
    def people_come_and_go(self, circle: Circle) -> None:
        self.circle = circle

    @rule(by=PEOPLE)
    def somebody_takes_it_on(self, by: Person) -> None:
        self.keep(acknowledge(self.e, by=by, circle=self.circle, policy=POLICY, now=self.now))

    @rule(by=PEOPLE, to=PEOPLE)
    def somebody_hands_it_over(self, by: Person, to: Person) -> None:
        if to.id in in_circle_roles(self.circle):
            self.keep(hand_over(self.e, by=by, to=to, circle=self.circle, policy=POLICY, now=self.now))

    @rule(by=PEOPLE)
    def somebody_declines(self, by: Person) -> None:
        self.keep(decline(self.e, by=by, circle=self.circle, policy=POLICY, now=self.now))

    @rule(by=PEOPLE)
    def somebody_notes_a_step(self, by: Person) -> None:
        self.keep(note_step(self.e, by=by, note="打过电话", now=self.now))

    @rule(person=st.sampled_from(["wang", "li", "zhao", "sun"]))
    def a_message_cannot_be_delivered(self, person: str) -> None:
        self.keep(
            undelivered(
                self.e, person=person, reason="blocked", circle=self.circle, policy=POLICY, now=self.now
            )
        )

    @rule(urgency=st.sampled_from(["now", "today", "days", "note"]))
    def it_is_flagged_again(self, urgency: Urgency) -> None:
        if self.e.status in OPEN:
            self.keep(
                raise_one(
                    Flag(kind=self.e.flag, urgency=urgency),
                    source="s2",
                    by="wang",
                    facts={},
                    child=CHILD,
                    circle=self.circle,
                    policy=POLICY,
                    now=self.now,
                    new_id=self.book.new_id,
                    already_open=[self.e],
                )
            )

    @precondition(lambda self: len(self.book.events) > 6)
    @rule(by=STAFF)
    def somebody_ends_it(self, by: Person) -> None:
        self.keep(resolve(self.e, by=by, outcome="好了", circle=self.circle, policy=POLICY, now=self.now))
        self.ended = True

    @precondition(lambda self: len(self.book.events) > 6)
    @rule()
    def it_is_taken_back(self) -> None:
        self.keep(withdraw(self.e, by="wang", reason="x", circle=self.circle, policy=POLICY, now=self.now))
        self.ended = True

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert self.book.told_twice == []

    @invariant()
    def while_it_is_open_the_clock_will_look_at_it_again(self) -> None:
        assert (self.e.wake_at is not None) is (self.e.status in OPEN)

    @invariant()
    def as_soon_as_there_are_people_again_somebody_hears_of_it_within_three_wakes(self) -> None:
        for circle in (CIRCLE, replace(CIRCLE, officers=(), deputies=()), replace(CIRCLE, county=())):
            e = self.e
            heard: list[Notice] = []
            for _ in range(3 if e.status in OPEN else 0):
                assert e.wake_at is not None
                outcome = wake_escalation(e, child=CHILD, circle=circle, policy=POLICY, now=e.wake_at)
                heard += outcome.notices
                (e,) = (r for r in outcome.records if isinstance(r, Escalation))
            assert heard or self.e.status not in OPEN

    @invariant()
    def left_alone_from_here_it_reaches_the_county(self) -> None:
        e = self.e
        heard: list[Notice] = []
        for _ in range(30 if e.status in OPEN else 0):
            assert e.wake_at is not None
            outcome = wake_escalation(e, child=CHILD, circle=CIRCLE, policy=POLICY, now=e.wake_at)
            heard += outcome.notices
            (e,) = (r for r in outcome.records if isinstance(r, Escalation))
        assert "sun" in {notice.to for notice in heard} or self.e.status not in OPEN


AnEscalation.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestAnEscalation = AnEscalation.TestCase


@given(flag=FLAGS, start=st.integers(0, 60 * 24 * 14))
def test_left_alone_it_reaches_the_county_and_goes_on_being_told(flag: str, start: int) -> None:
    book, now = Book(), MONDAY + timedelta(minutes=start)
    book.keep(
        open_escalation(
            flag,
            child=CHILD,
            circle=CIRCLE,
            facts={},
            source=None,
            by=None,
            policy=POLICY,
            now=now,
            new_id=book.new_id,
        )
    )
    for _ in range(25):
        e = book.one(Escalation)
        assert e.wake_at is not None
        assert e.wake_at > now
        now = e.wake_at
        outcome = wake_escalation(e, child=CHILD, circle=CIRCLE, policy=POLICY, now=now)
        assert outcome.notices
        book.keep(outcome)
    assert book.told_twice == []
    assert "sun" in {notice.to for notice in book.notices}
    assert e.rung == len(e.ladder) - 1
