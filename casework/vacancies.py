"""The alarm of a vacant post: opened when it is noticed, told to the county until somebody is in post."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from casework.calendar import at_hour, local_day, outside_quiet
from casework.circles import Around
from casework.outcome import Event, Notice, Outcome, Priority, ground_of
from casework.people_records import Person, Post, Role, Vacancy
from casework.policy_models import Policy
from casework.posts import VacantPost
from casework.records import Area

VACANT = ("open", "taken")
UNTOLD_AGAIN = timedelta(hours=1)  # nobody can be told: the clock tries again this soon


def looked(
    found: Sequence[VacantPost],
    *,
    known: Sequence[Vacancy],
    to: Mapping[str, Sequence[Person]],
    policy: Policy,
    now: datetime,
) -> Outcome:
    """What follows from a look at all posts of one county, whose kept vacancies are ``known``.

    New ones are opened, those that somebody fills are closed, and where one has to be told, all that are
    open are told in one message. ``to``: by area who is told (`told_to`); "" = of the whole county, a
    township's officers of its villages, whose visits nobody makes.
    """
    before = {v.id: v for v in known}
    outcome, vacant = Outcome(), []
    for post in found:
        opened = _seen(post, before.get(post.id), policy=policy, now=now)
        vacant.append(opened)
        if opened.status == "open" and getattr(before.get(post.id), "status", "") not in VACANT:
            outcome += Outcome(events=(_event("vacancy_opened", opened, now, why=opened.why),))
    outcome += _filled([v for v in known if v.id not in {p.id for p in found}], to=to, policy=policy, now=now)
    vacant, news = _told(vacant, to=to, policy=policy, now=now)
    changed = tuple(v for v in vacant if v != before.get(v.id))
    return outcome + Outcome(records=changed, notices=news)


def _seen(post: VacantPost, v: Vacancy | None, *, policy: Policy, now: datetime) -> Vacancy:
    """The vacancy as it is now: begun, grown from awaited into open, or with another reason."""
    awaited = post.why == "not_joined"
    join_by = timedelta(days=policy.posts.join_days)
    if v is None or v.status == "filled":
        return Vacancy(
            id=post.id,
            version=v.version if v else 0,
            role=post.role,
            area=post.area,
            township=post.township,
            county=post.county,
            since=now,
            status="awaited" if awaited else "open",
            why=post.why,
            holder=post.holder,
            children=post.children,
            tellings=v.tellings if v else 0,
            wake_at=now + join_by if awaited else now,
        )
    v = replace(v, why=post.why, holder=post.holder, children=post.children, township=post.township)
    grown = v.status == "awaited" and (not awaited or now >= v.since + join_by)
    return replace(v, status="open", wake_at=now) if grown else v


def _filled(
    gone: Iterable[Vacancy], *, to: Mapping[str, Sequence[Person]], policy: Policy, now: datetime
) -> Outcome:
    """Somebody is in post: it is closed, and whoever was told of it hears that in one message."""
    ended = [v for v in gone if v.status != "filled"]
    closed = tuple(replace(v, status="filled", filled_at=now, wake_at=None) for v in ended)
    events = tuple(_event("vacancy_filled", v, now) for v in ended if v.status in VACANT)
    told = [v for v in ended if v.told]
    news = _notices("vacancies_filled", told, to, policy=policy, now=now)
    return Outcome(records=closed, events=events, notices=news)


def _told(
    vacant: Sequence[Vacancy], *, to: Mapping[str, Sequence[Person]], policy: Policy, now: datetime
) -> tuple[list[Vacancy], tuple[Notice, ...]]:
    """Where one is due, all that are open count as told; without anybody to tell, it stays due."""
    due = [v for v in vacant if v.status in VACANT and v.wake_at and (v.wake_at <= now or not v.told)]
    if not due:
        return list(vacant), ()
    if not to.get(""):
        ids = {v.id for v in due}
        return [replace(v, wake_at=now + UNTOLD_AGAIN) if v.id in ids else v for v in vacant], ()
    lapsed = {v.id for v in due}
    told = [_told_once(v, policy, now) if v.status == "open" or v.id in lapsed else v for v in vacant]
    return told, _notices("vacancies_told", due, to, policy=policy, now=now)


def _told_once(v: Vacancy, policy: Policy, now: datetime) -> Vacancy:
    if v.status == "awaited":
        return v
    rules = policy.posts
    days = min(rules.again_days * rules.again_growth ** min(v.told, 20), rules.again_longest_days)
    again = at_hour(local_day(now, policy) + timedelta(days=int(days)), rules.look_hour, policy)
    return replace(
        v, status="open", person=None, told=v.told + 1, tellings=v.tellings + 1, told_at=now, wake_at=again
    )


def _notices(
    kind: str, about: Sequence[Vacancy], to: Mapping[str, Sequence[Person]], *, policy: Policy, now: datetime
) -> tuple[Notice, ...]:
    """One message each; which vacancies stand in it follows from the moment, and from whose villages."""
    villages = [v for v in about if v.role == "village_worker"]
    leads = {"": about[0]} if about else {}
    leads |= {v.township: v for v in reversed(villages) if v.township}
    found: dict[str, Notice] = {}
    for township, lead in leads.items():
        for person in to.get(township, ()):
            found.setdefault(person.id, _notice(kind, lead, township, person, policy, now))
    return tuple(found.values())


def _notice(kind: str, lead: Vacancy, township: str, person: Person, policy: Policy, now: datetime) -> Notice:
    role = "township_officer" if township else "county_officer"
    moment = outside_quiet(now, role, policy)
    return Notice(
        key=f"{kind}:{lead.id}:{lead.tellings}:{person.id}",
        to=person.id,
        kind=kind,
        priority=Priority.REMINDER,
        values={"county": lead.county, "township": township, "at": now.isoformat()},
        not_before=moment if moment > now else None,
    )


def taken(vacant: Sequence[Vacancy], *, by: str, policy: Policy, now: datetime) -> Outcome:
    """An officer is at it: none of these is told again before ``taken_days`` have gone by."""
    again = at_hour(
        local_day(now, policy) + timedelta(days=policy.posts.taken_days), policy.posts.look_hour, policy
    )
    mine = [v for v in vacant if v.status == "open"]
    return Outcome(
        records=tuple(replace(v, status="taken", person=by, wake_at=again) for v in mine),
        events=tuple(_event("vacancy_taken", v, now, actor=by) for v in mine),
    )


def told_to(county: str, areas: Mapping[str, Area], around: Around) -> Mapping[str, Sequence[Person]]:
    """Who is told of what (`looked`): where nobody acts for the county, its townships hear of all of it."""
    townships = {
        area.id: _acting(around, "township_officer", area.id)
        for area in areas.values()
        if area.parent == county
    }
    every = [person for people in townships.values() for person in people]
    own = _acting(around, "county_officer", county) or every
    return {"": tuple({p.id: p for p in own}.values()), **townships}


def _acting(around: Around, role: Role, area: str) -> Sequence[Person]:
    """Who acts in an office today, each once."""
    posts = Post(role=role, area=area)
    holders = sorted(p.id for p in around.known.values() if posts in p.posts)
    found = (around.acting(id) for id in holders)
    return tuple({person.id: person for person in found if person is not None}.values())


def next_look(policy: Policy, now: datetime) -> datetime:
    """When the clock looks at all posts of a county again: each day at the same hour."""
    today, hour = local_day(now, policy), policy.posts.look_hour
    morning = at_hour(today, hour, policy)
    return morning if morning > now else at_hour(today + timedelta(days=1), hour, policy)


def _event(name: str, v: Vacancy, now: datetime, *, actor: str = "clock", **detail: str) -> Event:
    facts: Mapping[str, str] = {"role": v.role, "area": v.area, **detail}
    return Event(name=name, at=now, actor=actor, record=v.id, ground=ground_of(actor), detail=facts)
