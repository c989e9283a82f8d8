"""What the coming days would bring under a policy: the clock's rules, run ahead on a copy of what is kept."""

from collections import defaultdict
from datetime import datetime

from casework.forecast_child import OneChild
from casework.forecast_posts import Posts
from casework.forecast_run import Books, Course, Run
from casework.forecast_tally import Tally
from casework.policy_models import Policy
from casework.records import Record

__all__ = ["Books", "Course", "forecast"]


def forecast(books: Books, *, policy: Policy, now: datetime, days: int, course: Course) -> Tally:
    """What everybody would get from ``now`` for so many days, today the first, if no new report comes.

    ``silent``: nobody answers anything. ``done``: a visit is made on its day (a late one at once) where
    somebody is there to make it, prompts are answered, an alert is taken on and ended when it is told, a
    matter or a referral dealt with when it is reminded of. Open escalations go on by the ladder that they
    began with, and what is planned keeps its day, as in the bot. Leaves hand over and give back, and the
    posts are looked at where there are ``areas``.
    """
    run = Run(books, policy, now, days, course)
    waiting: dict[str, list[Record]] = defaultdict(list)
    for record in (
        *books.visits, *books.escalations, *books.checkins, *books.matters, *books.referrals,
    ):  # fmt: skip
        waiting[record.child or ""].append(record)
    for child in books.children:
        if child.wake_at is not None and child.wake_at < run.end:
            waiting[child.id].append(child)
    players = [OneChild(run, child, waiting[child.id]) for child in books.children if child.id in waiting]
    Posts(run, players, books).play()
    return run.tally
