"""The joint conference's view: what each department has in hand, and what is stuck."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from casework.policy_models import Policy
from casework.records import Matter, Referral
from casework.referrals import OPEN, WITH_CONTACT


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a department stands: referrals not closed, those that wait for it, the late among them.

    ``oldest``: when the first of those that wait for it was sent.
    """

    department: str
    open: int = 0
    waiting: int = 0
    late: int = 0
    oldest: date | None = None


def standings(referrals: Iterable[Referral], *, policy: Policy, today: date) -> tuple[Standing, ...]:
    """One for each department that has any, in the order of the policy file: nobody is ranked."""
    by_department: dict[str, list[Referral]] = {key: [] for key in policy.departments}
    for r in referrals:
        if r.status in OPEN:
            by_department.setdefault(r.department, []).append(r)
    return tuple(
        Standing(
            department=department,
            open=len(found),
            waiting=sum(r.status in WITH_CONTACT for r in found),
            late=sum(is_stuck(r, today) for r in found),
            oldest=min(
                (r.opened_at.astimezone(policy.zone).date() for r in found if r.status in WITH_CONTACT),
                default=None,
            ),
        )
        for department, found in by_department.items()
        if found
    )


def is_stuck(one: Referral | Matter, today: date) -> bool:
    """Whether it is for the agenda: its day has passed, or the department gave it back."""
    if isinstance(one, Referral) and one.status == "returned":
        return True
    waits = one.status in WITH_CONTACT if isinstance(one, Referral) else one.status == "open"
    return waits and one.due is not None and one.due < today


def agenda(
    referrals: Iterable[Referral], matters: Iterable[Matter], *, today: date
) -> Sequence[Referral | Matter]:
    """What is stuck, the longest first. A matter that waits for a department is there by its referral."""
    stuck: list[Referral | Matter] = [r for r in referrals if is_stuck(r, today)]
    named = {r.matter for r in stuck if isinstance(r, Referral)}
    stuck += [m for m in matters if is_stuck(m, today) and m.id not in named]
    return sorted(stuck, key=lambda one: (one.due or today, one.kind, one.number))


def at_least(number: int, small: int) -> int | None:
    """A figure as others may see it: None where it is small enough to point at a child."""
    return None if 0 < number < small else number
