"""Who held which post on a day, and what follows: coverage, trainings and background queries, as counts."""

import calendar
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from casework.policy_staff import StaffRules
from casework.records import Area, Person, Post, Role, Tenure

GONE = ("left", "suspended")
STAFF: Mapping[str, Role] = {
    "village": "village_worker",
    "township": "township_officer",
    "county": "county_officer",
}


@dataclass(frozen=True, kw_only=True)
class Share:
    """``have`` of ``all``; ``unsure`` more may have it: that is not known for the day."""

    have: int
    all: int
    unsure: int = 0


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """The staff of some areas as they stood ``on`` a day; people are never compared with each other.

    ``without``: townships and villages with nobody (codes). ``by_employment`` counts workers. ``trained``
    within the calendar year up to the day. ``overdue``, ``unchecked``: whose last background query was too
    long ago; of whom none is known.
    """

    on: date
    townships: Share
    villages: Share
    without: tuple[str, ...]
    by_employment: Mapping[str, int]
    people: int
    trained: int
    overdue: int
    unchecked: int


def staffing(
    areas: Iterable[Area], people: Collection[Person], *, on: date, today: date, rules: StaffRules
) -> Staffing:
    """What is known of ``areas`` as of ``on``, which is today or has passed."""
    shares, without, staff = {}, [], {}
    for level in ("county", "township", "village"):
        of_level = [area for area in areas if area.level == level]
        holders = _holders(STAFF[level], people, on, today)
        sure = {area for area, held in holders.items() if any(is_sure for _, is_sure in held)}
        unsure = holders.keys() - sure
        codes = {area.id for area in of_level}
        shares[level] = Share(have=len(codes & sure), all=len(codes), unsure=len(codes & unsure))
        if level != "county":
            without += sorted(codes - holders.keys())
        held_here = [person for area in sorted(codes & holders.keys()) for person, _ in holders[area]]
        staff[level] = {person.id: person for person in held_here}
    everybody = staff["county"] | staff["township"] | staff["village"]
    checked = {id: last_check(person, on) for id, person in everybody.items()}
    kinds = [person.employment for person in staff["village"].values()]
    return Staffing(
        on=on,
        townships=shares["township"],
        villages=shares["village"],
        without=tuple(without),
        by_employment={kind: kinds.count(kind) for kind in ("full_time", "part_time", "")},
        people=len(everybody),
        trained=sum(any(date(on.year, 1, 1) <= t.on <= on for t in p.trainings) for p in everybody.values()),
        overdue=sum(
            day is not None and on > months_after(day, rules.check_every_months) for day in checked.values()
        ),
        unchecked=sum(day is None for day in checked.values()),
    )


def _holders(
    role: Role, people: Iterable[Person], on: date, today: date
) -> Mapping[str, Sequence[tuple[Person, bool]]]:
    """By area, who held the role there, and whether that is sure."""
    found: dict[str, list[tuple[Person, bool]]] = {}
    for person in people:
        areas = {post.area for post in person.posts if post.role == role}
        areas |= {tenure.area for tenure in person.tenures if tenure.role == role}
        for area in areas:
            held = held_on(person, Post(role=role, area=area), on=on, today=today)
            if held is not False:
                found.setdefault(area, []).append((person, held is True))
    return found


def held_on(person: Person, post: Post, *, on: date, today: date) -> bool | None:
    """Whether somebody held a post on a day; None where nobody wrote down since when, or until when."""
    holds = post in person.posts and person.status not in GONE
    if on >= today:
        return holds
    known = [t for t in person.tenures if (t.role, t.area) == (post.role, post.area)]
    if any(t.start is not None and t.start <= on and (t.end is None or on <= t.end) for t in known):
        return True
    if any(t.start is None and t.end is not None and on <= t.end for t in known):
        return None
    return None if holds and all(t.end is not None and t.end < on for t in known) else False


def since(person: Person, post: Post) -> date | None:
    """From which day somebody has held a post that he holds now; None: not collected."""
    return next(
        (t.start for t in person.tenures if t.end is None and (t.role, t.area) == (post.role, post.area)),
        None,
    )


def last_check(person: Person, on: date) -> date | None:
    """The day of the last background query up to a day; None: none is known."""
    return max((day for day in person.checks if day <= on), default=None)


def check_due(person: Person, today: date, rules: StaffRules) -> bool:
    """Whether the query that is known of has to be made again; nobody is asked for one never written down."""
    last = last_check(person, today)
    return last is not None and today >= months_after(last, rules.check_every_months)


def training_due(person: Person, today: date, rules: StaffRules) -> bool:
    """The same, of the last training."""
    last = max((t.on for t in person.trainings if t.on <= today), default=None)
    return last is not None and today >= months_after(last, rules.training_every_months)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def tenures_after(
    before: Person | None, after: Person, given: Sequence[Tenure], today: date
) -> tuple[Tenure, ...]:
    """Since when and until when each post is held, once ``before`` has become ``after``.

    ``given``: the days that a roster names, which count before what was noticed. A post that is lost ends
    today, a new one of somebody known begins today; of somebody new only what is given is known.
    """
    holding = () if after.status in GONE else after.posts
    told = {Post(role=t.role, area=t.area): t for t in given}
    posts = dict.fromkeys((*(before.posts if before else ()), *after.posts, *told))
    found = list(before.tenures) if before is not None else []
    for post in posts:
        if post.role in STAFF.values():
            was = before is not None and post in before.posts and before.status not in GONE
            _settle(
                found, post, told.get(post), was=was, held=post in holding, new=before is None, today=today
            )
    return tuple(found)


def _settle(
    found: list[Tenure], post: Post, told: Tenure | None, *, was: bool, held: bool, new: bool, today: date
) -> None:
    """One post among the tenures ``found``, of which the last of a post is the one that may run."""
    mine = [n for n, t in enumerate(found) if (t.role, t.area) == (post.role, post.area)]
    last = mine[-1] if mine else None
    running = last is not None and found[last].end is None
    start = told.start if told is not None else None
    end = told.end if told is not None else None
    if held and last is not None and running:
        found[last] = replace(found[last], start=start or found[last].start)
    elif held and not (was and start is None):
        begun = start or (None if new else today)
        if begun is not None:
            found.append(Tenure(role=post.role, area=post.area, start=begun))
    elif not held and last is not None:
        kept = found[last]
        found[last] = replace(kept, start=start or kept.start, end=end or kept.end or today)
    elif not held and (was or end is not None):
        found.append(Tenure(role=post.role, area=post.area, start=start, end=end or today))
