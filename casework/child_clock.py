"""When the clock looks at a child itself: on birthdays, and when parents who came home are asked after."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from casework.ages import birthday_told, next_birthday
from casework.calendar import at_hour, local_day
from casework.outcome import NewId, Outcome
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Circle, Visit
from casework.visit_steps import TO_DO, duties_notice


def next_look(child: Child, policy: Policy, now: datetime) -> datetime | None:
    """The next birthday's morning, or that of the day on which it is asked after parents; None = never."""
    birthday = next_birthday(child, policy, now)
    check = child.back.check if child.back is not None and child.status == "active" else None
    if check is None:
        return birthday
    at = max(at_hour(check, policy.visits.remind_hour, policy), now)
    return at if birthday is None else min(at, birthday)


def awake(child: Child, policy: Policy, now: datetime) -> Child:
    """The child with the moment to wake for, where none or a wrong one is noted. One that is due stays so."""
    if child.wake_at is not None and child.wake_at <= now and child.status == "active":
        return child
    at = next_look(child, policy, now)
    return child if at == child.wake_at else replace(child, wake_at=at)


def wake_child(
    child: Child,
    *,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    visits: Sequence[Visit] = (),
) -> Outcome:
    """What the clock does with a child that is due: each thing is told once. ``visits``: those to be made."""
    if child.wake_at is None or now < child.wake_at:
        return Outcome()
    outcome = birthday_told(child, circle=circle, policy=policy, now=now, new_id=new_id)
    later = next((r for r in outcome.records if isinstance(r, Child)), child)
    if later.back is not None and later.back.check is not None and later.status == "active":
        outcome += _asked_after(later, circle=circle, policy=policy, now=now, visits=visits)
        later = next(r for r in outcome.records if isinstance(r, Child))
    return outcome + Outcome(records=(replace(later, wake_at=next_look(later, policy, now)),))


def _asked_after(
    child: Child, *, circle: Circle, policy: Policy, now: datetime, visits: Sequence[Visit]
) -> Outcome:
    """Are the parents still at home? Not before the visit after their return was made, and only a worker."""
    back, today = child.back, local_day(now, policy)
    assert back is not None
    assert back.check is not None
    if back.check > today:
        return Outcome(records=(child,))
    unmade = back.stay == "stays" and any(v.purpose == "follow_up" and v.status in TO_DO for v in visits)
    if unmade or circle.worker is None:
        later = replace(back, check=today + timedelta(days=policy.parents_back.again_days))
        return Outcome(records=(replace(child, back=later),))
    notice = duties_notice(circle.worker, policy=policy, now=now)
    asked = replace(back, check=None, told_at=datetime.fromisoformat(notice.values["hour"]))
    return Outcome(records=(replace(child, back=asked),), notices=(notice,))
