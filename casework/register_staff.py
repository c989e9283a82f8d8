"""Compares the people of an imported roster: what they hold, who is here, who has left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from casework.absence import stirred
from casework.policy_models import Policy
from casework.records import Area, Person
from casework.roster import PersonRow
from casework.staffing import GONE, tenures_after


def person_of(row: PersonRow, before: Person | None, now: datetime, today: date) -> Person:
    """The person as the row says. Where posts, deputy or being here change, the clock looks at him."""
    if before is None:
        new = Person(
            id=row.code, name=row.name, posts=row.posts, phone=row.phone,
            language=row.language or "zh_Hans", deputy=row.deputy, status=_status(row, "invited"),
            department=row.department or "", school=row.school or "",
        )  # fmt: skip
        return _job(row, None, new, today)
    chosen = before.status != "invited" or row.language is None
    joined_as = tuple(p for p in before.posts if p.role == "guardian" and p not in row.posts)
    posts = row.posts + joined_as
    after = replace(
        before,
        name=row.name,
        posts=before.posts if set(posts) == set(before.posts) else posts,
        phone=row.phone,
        language=before.language if chosen else row.language or before.language,
        deputy=row.deputy,
        status=_status(row, before.status),
        department=before.department if row.department is None else row.department,
        school=before.school if row.school is None else row.school,
    )
    after = _job(row, before, after, today)
    moved = (after.posts, after.deputy, after.status) != (before.posts, before.deputy, before.status)
    return stirred(after, now) if moved else after


def _job(row: PersonRow, before: Person | None, after: Person, today: date) -> Person:
    """What is known of the job: a file adds to what officers wrote down, and takes nothing away."""
    checks = {*after.checks, *((row.checked_on,) if row.checked_on else ())}
    trainings = dict.fromkeys((*after.trainings, *row.trainings))
    return replace(
        after,
        employment=row.employment or after.employment,
        tenures=tenures_after(before, after, row.tenures, today),
        trainings=tuple(sorted(trainings, key=lambda training: (training.on, training.topic))),
        checks=tuple(sorted(checks)),
    )


def _status(row: PersonRow, before: str) -> str:
    """Who is here again after he had left joins anew: his telephone may be somebody else's by now."""
    if row.status in GONE:
        return row.status
    return "invited" if row.status == "here" and before in GONE else before


def left(rows: Sequence[PersonRow], kept: Mapping[str, Person]) -> frozenset[str]:
    """The codes of those who have left, once the rows are brought in."""
    before = {code: person.status for code, person in kept.items()}
    after = before | {row.code: _status(row, before.get(row.code, "invited")) for row in rows}
    return frozenset(code for code, status in after.items() if status == "left")


def looked_at_soon(area: Area, policy: Policy, now: datetime) -> Area:
    """A county whose posts the clock looks at once what happens beside this has been gathered."""
    at = now + timedelta(minutes=policy.posts.gather_minutes)
    return area if area.wake_at is not None and area.wake_at <= at else replace(area, wake_at=at)
