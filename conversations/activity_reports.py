"""What a submission about no child brings about: an activity with those who came, or a place for children."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from casework.access import CLOCK
from casework.activities import note_activity
from casework.outcome import Event, Outcome
from casework.records import Activity, Area, Child, Place, Submission
from conversations import drafts
from conversations.masks import clean
from conversations.turn import Turn

_LEVELS = 3


async def follow_activity(turn: Turn, submission: Submission, said: Mapping[str, str]) -> Outcome:
    """An activity or a place that a form's calculations name; nothing where they name neither.

    ``activity_kind``, ``_day``, ``_host``, ``_place`` or ``_where``, ``_children`` (codes), ``_others``;
    ``place_title``, ``_sort``, ``_area``, ``_where``, ``_hours``, ``_keeper``. ``said``: answers in words.
    """
    given = submission.calculated
    if given.get("activity_kind"):
        return await _activity(turn, submission, given, said)
    if given.get("place_title"):
        return _place(turn, given)
    return Outcome()


async def _activity(
    turn: Turn, submission: Submission, given: Mapping[str, str], said: Mapping[str, str]
) -> Outcome:
    codes = given.get("activity_children", "").split()
    known = await turn.desk.store.find(turn.reader, Child, status=("active",), limit=drafts.MOST_LISTED)
    others, places = given.get("activity_others", ""), await _lies_in(turn)
    activity = Activity(
        id=submission.id,
        person=turn.person.id,
        day=_day(given.get("activity_day", ""), turn.today),
        sort=given["activity_kind"],
        host=given.get("activity_host", ""),
        said={ref.rpartition("/")[2]: text for ref, text in said.items() if ref.endswith(("/kind", "/host"))},
        place=given.get("activity_place") or None,
        where=given.get("activity_where", "")[:200],
        others=int(others) if others.isdecimal() else 0,
        noted_at=turn.now,
        area=places.get("", ""),
        township=places.get("township", ""),
        county=places.get("county", ""),
    )
    came = [child for child in known if child.id in codes]
    noted = note_activity(activity, came, by=turn.person, now=turn.now)
    return noted + Outcome(records=(_without_children(submission, codes),))


def _without_children(submission: Submission, codes: list[str]) -> Submission:
    """The report without who came: that stands with each child, and goes with it."""
    return replace(
        submission,
        lines=tuple(line for line in submission.lines if not any(code in line[1] for code in codes)),
        values={
            ref: value for ref, value in submission.values.items() if not set(value.split()) & set(codes)
        },
        calculated={k: v for k, v in submission.calculated.items() if k != "activity_children"},
        xml="",
    )


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return today


async def _lies_in(turn: Turn) -> dict[str, str]:
    """Where the person works, by level: the area itself (""), and what it lies in."""
    found: dict[str, str] = {}
    at: str | None = turn.person.posts[0].area if turn.person.posts else None
    while at and len(found) <= _LEVELS:
        area = await turn.desk.store.get(CLOCK, Area, at)
        found.setdefault("", at)
        at = area.parent if area is not None else None
        found |= {area.level: area.id} if area is not None else {}
    return found


def _place(turn: Turn, given: Mapping[str, str]) -> Outcome:
    place = Place(
        id=turn.desk.new_id(),
        person=turn.person.id,
        title=given["place_title"][:60],
        sort=given.get("place_sort", ""),
        area=given.get("place_area", ""),
        where=given.get("place_where", "")[:200],
        hours=given.get("place_hours", "")[:100],
        keeper=given.get("place_keeper", "")[:100],
    )
    event = Event(
        name="place_noted", at=turn.now, actor=turn.person.id, record=place.id, ground="assignment",
        detail={"sort": place.sort, "area": place.area},
    )  # fmt: skip
    return Outcome(records=(place,), events=(event,))


def said_lines(turn: Turn, followed: Outcome) -> list[str]:
    """What was noted, in the thanks."""
    lines = []
    for record in followed.records:
        if isinstance(record, Activity):
            lines.append(turn.words("activity.noted", present=record.present, others=record.others))
        elif isinstance(record, Place):
            lines.append(turn.words("activity.place_noted", title=clean(record.title, 60)))
    return lines
