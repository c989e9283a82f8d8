"""Reads what is kept, changing nothing, and lets both policies run ahead over it, side by side."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context

from bot.comparing.lines import COURSES, SIDES, Side, Tallies
from casework.access import OPERATOR
from casework.checkins import WAITING
from casework.forecast import Books, Course, forecast
from casework.forecast_tally import Tally
from casework.ladder import OPEN
from casework.policy import Policy
from casework.records import Area, CheckIn, Child, Escalation, Matter, Person, Referral, Vacancy, Visit
from casework.referrals import OPEN as REFERRED
from casework.visits import TO_DO
from storage.store import Store

_FEW = 500  # children; so few are played sooner than processes start


async def books_of(store: Store, *, all_joined: bool) -> Books:
    """What is kept. ``all_joined``: whoever was only invited so far counts as joined."""
    people = await store.find(OPERATOR, Person)
    if all_joined:
        people = [replace(p, status="joined") if p.status == "invited" else p for p in people]
    return Books(
        people=people,
        children=await store.find(OPERATOR, Child),
        visits=await store.find(OPERATOR, Visit, status=TO_DO),
        escalations=await store.find(OPERATOR, Escalation, status=OPEN),
        checkins=await store.find(OPERATOR, CheckIn, status=WAITING),
        matters=await store.find(OPERATOR, Matter, status=("open",)),
        referrals=await store.find(OPERATOR, Referral, status=REFERRED),
        areas=await store.find(OPERATOR, Area),
        vacancies=await store.find(OPERATOR, Vacancy),
    )


def forecasts(
    books: Books, policies: dict[Side, Policy], *, now: datetime, days: int, done: Callable[[], None]
) -> Tallies:
    """Each course under each policy. ``done`` is called after each."""
    jobs = [(course, side) for course in COURSES for side in SIDES]
    if len(books.children) <= _FEW:
        found = {}
        for course, side in jobs:
            found[course, side] = _one(books, policies[side], now, days, course)
            done()
        return found
    with ProcessPoolExecutor(min(len(jobs), os.cpu_count() or 1), get_context("spawn")) as pool:
        waiting = {pool.submit(_one, books, policies[side], now, days, course): (course, side)
                   for course, side in reversed(jobs)}  # fmt: skip
        for _ in as_completed(waiting):
            done()
        return {job: one.result() for one, job in waiting.items()}


def _one(books: Books, policy: Policy, now: datetime, days: int, course: Course) -> Tally:
    return forecast(books, policy=policy, now=now, days=days, course=course)
