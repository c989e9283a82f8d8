"""A file is closed for a reason, with all that is still to be done for the child, and taken up again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework.ages import birthday
from casework.calendar import local_day
from casework.categories import classified
from casework.checkins import plan_checkin, stop_checkin
from casework.child_clock import awake
from casework.child_news import happened_to, news_of
from casework.escalations import withdraw
from casework.facts import amended
from casework.ladder import OPEN
from casework.matters import Around, close_matter
from casework.outcome import NewId, Outcome
from casework.policy_life import ClosingReason
from casework.policy_models import Policy
from casework.record import replace
from casework.records import CheckIn, Child, Circle, Escalation, Matter, Person, Referral, Request, Visit
from casework.referrals import OPEN as REFERRED
from casework.referrals import close_referral
from casework.request_records import Answer
from casework.requests import answered
from casework.visit_steps import asked_of, of_visit
from casework.visits import cancel_visit, plan_visit, tell_assigned


class NotClosable(ValueError):
    """Something must be ended first, or the day or the child's age do not fit the reason."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """All of a child's that has not ended."""

    visits: Sequence[Visit] = ()
    checkins: Sequence[CheckIn] = ()
    escalations: Sequence[Escalation] = ()
    matters: Sequence[Matter] = ()
    referrals: Sequence[Referral] = ()
    requests: Sequence[Request] = ()

    def first(self, *, ends_matters: bool) -> "Work":
        """What must be ended before the file may be closed, for a reason that ``ends_matters`` or does not.

        Every open alert, unless it went up because of something that ends with the file.
        """
        going = {e.id for e in self.falling(ends_matters=ends_matters)}
        left = tuple(e for e in self.escalations if e.status in OPEN and e.id not in going)
        if ends_matters:
            return Work(escalations=left)
        return Work(
            escalations=left,
            matters=[m for m in self.matters if m.status == "open"],
            referrals=[r for r in self.referrals if r.status in REFERRED],
        )

    def falling(self, *, ends_matters: bool) -> Iterator[Escalation]:
        """The alerts that fall with what they went up for: a visit not made, a matter or referral late."""
        for visit in self.visits:
            yield from (*of_visit(visit, self.escalations), *asked_of(visit, self.escalations))
        ended = {m.id for m in self.matters} if ends_matters else set()
        ended |= {r.id for r in self.referrals} if ends_matters else set()
        for e in self.escalations:
            if e.source in ended and e.flag in LATE and e.status in OPEN:
                yield e

    def __bool__(self) -> bool:
        return bool(self.escalations or self.matters or self.referrals)


LATE = ("matter_late", "referral_late")


def reasons_for(child: Child, policy: Policy, today: date) -> dict[str, ClosingReason]:
    """The reasons that fit the child's age today; all of them where no birth date is known."""
    reasons = policy.closing.reasons
    return {key: rule for key, rule in reasons.items() if first_day(child, key, policy, today) <= today}


def first_day(child: Child, reason: str, policy: Policy, today: date) -> date:
    """The earliest day since which ``reason`` may hold: the policy's, and not before the age for it."""
    earliest = today - timedelta(days=policy.closing.back_days)
    age = policy.closing.reasons[reason].from_age
    return max(earliest, birthday(child.birth_date, age)) if age and child.birth_date else earliest


def close_file(
    child: Child, *, reason: str, day: date, words: str, by: Person, work: Work, circle: Circle,
    policy: Policy, now: datetime, new_id: NewId, asked: Request | None = None,
) -> Outcome:  # fmt: skip
    """The file is closed; visits and check-ins end, its worker is told.

    ``asked``: the request that is answered by it; all others about the child have lost their object.

    Nothing where it is closed already. Raises `NotClosable` where something must be ended first
    (`Work.first`), where ``day`` lies ahead or before `first_day`, or where ``words`` are wanted and missing.
    """
    if child.status != "active":
        return Outcome()
    rule = _fitting(child, reason, day, words, work, policy, now)
    closed = replace(
        child, status="closed", closed_on=day, closed_reason=reason, closed_words=words.strip(),
        wake_at=None, back=None,
    )  # fmt: skip
    changed = amended(child, closed, by=by.id, source="closing", now=now, new_id=new_id)
    event = happened_to(closed, "child_closed", by=by, now=now, reason=reason, day=day.isoformat())
    told = tuple(
        news_of(closed, "child_closed", who, policy=policy, now=now, by=by.id)
        for who in _others(circle, by)
        if asked is None or who.id != asked.sender
    )
    outcome = Outcome(records=(closed, *changed), events=(event,), notices=told)
    for r in work.requests:
        answer: Answer = "accepted" if asked is not None and r.id == asked.id else "void"
        outcome += answered(r, answer, by=by.id, policy=policy, now=now)
    around = Around(
        child=closed, circle=circle, policy=policy, now=now, new_id=new_id, escalations=work.escalations
    )
    return outcome + _ended(work, rule, by=by, around=around)


def _fitting(
    child: Child, reason: str, day: date, words: str, work: Work, policy: Policy, now: datetime
) -> ClosingReason:
    """The rule of the reason, where all of it fits; else `NotClosable`."""
    rule, today = policy.closing.reasons[reason], local_day(now, policy)
    if work.first(ends_matters=rule.ends_matters):
        raise NotClosable("something must be ended first")
    if not first_day(child, reason, policy, today) <= day <= today:
        raise NotClosable(f"{day} does not fit {reason}")
    if rule.words and not words.strip():
        raise NotClosable(f"{reason} is to be said in words")
    return rule


def _ended(work: Work, rule: ClosingReason, *, by: Person, around: Around) -> Outcome:
    """What ends with the file."""
    now, policy = around.now, around.policy
    outcome = Outcome()
    for e in work.falling(ends_matters=rule.ends_matters):
        outcome += withdraw(e, by=by.id, reason="child_closed", circle=around.circle, policy=policy, now=now)
    for visit in work.visits:
        outcome += cancel_visit(visit, reason="child_closed", now=now, by=by.id)
    for checkin in work.checkins:
        outcome += stop_checkin(checkin, reason="child_closed", by=by.id, now=now)
    for m in work.matters if rule.ends_matters else ():
        outcome += close_matter(m, reason="child_closed", now=now, by=by.id)
    alone = replace(around, escalations=())  # what went up for a referral has fallen above
    for r in work.referrals if rule.ends_matters else ():
        outcome += close_referral(r, by=by.id, reason="child_closed", around=alone)
    return outcome


def reopen_file(
    child: Child, *, reason: str, by: Person, circle: Circle, policy: Policy, now: datetime, new_id: NewId
) -> Outcome:
    """The file is active again, as that of a new child: a first visit, check-ins to the family as before.

    ``child`` has the worker that it is to have, ``circle`` is around it. Nothing where it is active.
    """
    if child.status == "active":
        return Outcome()
    fresh = replace(child, status="active", closed_on=None, closed_reason="", closed_words="")
    fresh = awake(classified(fresh, policy.categories, local_day(now, policy)), policy, now)
    detail = {"reason": reason, "closed": child.closed_reason}
    event = happened_to(fresh, "child_reopened", by=by, now=now, **detail)
    told = tuple(
        news_of(fresh, "child_reopened", who, policy=policy, now=now, by=by.id)
        for who in _others(circle, by, but_worker=True)
    )
    changed = amended(child, fresh, by=by.id, source="reopening", now=now, new_id=new_id)
    outcome = Outcome(records=(fresh, *changed), events=(event,), notices=told)
    outcome += plan_visit(fresh, policy=policy, now=now, new_id=new_id, purpose="new_child")
    if fresh.worker not in (None, by.id):
        outcome += tell_assigned(fresh)
    for guardian in circle.guardians:
        outcome += plan_checkin(fresh, guardian, policy=policy, now=now, new_id=new_id)
    return outcome


def _others(circle: Circle, by: Person, *, but_worker: bool = False) -> list[Person]:
    """The worker and the officer who answers, except who did it."""
    worker = () if circle.worker is None or but_worker else (circle.worker,)
    officers = (circle.officers or circle.deputies or circle.county)[:1]
    answers = any(post.role == "township_officer" for post in by.posts)
    return [who for who in (*worker, *(() if answers else officers)) if who.id != by.id]
