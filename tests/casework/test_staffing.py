"""Coverage by date: who held which post, what is not known, and what is due."""

from datetime import date

import pytest

from casework.policy import load_policy
from casework.records import Area, Person, Post, Tenure, Training
from casework.staffing import (
    Share,
    check_due,
    held_on,
    last_check,
    months_after,
    since,
    staffing,
    tenures_after,
    training_due,
)

TODAY = date(2026, 11, 26)
RULES = load_policy().staff
V1, V2 = (Post(role="village_worker", area=code) for code in ("v1", "v2"))
AREAS = (
    Area(id="c1", name="青山县", level="county"),
    Area(id="t1", name="柳河镇", level="township", parent="c1"),
    Area(id="v1", name="榆树村", level="village", parent="t1"),
    Area(id="v2", name="杨树村", level="village", parent="t1"),
)


def somebody(id: str, *posts: Post, status: str = "joined", **more: object) -> Person:
    return Person(id=id, person=id, name=id, posts=posts, status=status, **more)  # type: ignore[arg-type]


def tenure(start: date | None, end: date | None = None, area: str = "v1") -> Tenure:
    return Tenure(role="village_worker", area=area, start=start, end=end)


@pytest.mark.parametrize(
    ("tenures", "on", "held"),
    [
        ((tenure(date(2024, 3, 1)),), date(2024, 2, 29), False),
        ((tenure(date(2024, 3, 1)),), date(2024, 3, 1), True),
        ((), date(2024, 3, 1), None),
        ((tenure(None, date(2025, 1, 1)), tenure(date(2026, 1, 1))), date(2024, 3, 1), None),
        ((tenure(None, date(2025, 1, 1)), tenure(date(2026, 1, 1))), date(2025, 6, 1), False),
        ((tenure(date(2026, 12, 1)),), TODAY, True),
    ],
)
def test_a_post_was_held_as_far_as_its_days_say(
    tenures: tuple[Tenure, ...], on: date, held: bool | None
) -> None:
    assert held_on(somebody("w", V1, tenures=tenures), V1, on=on, today=TODAY) is held


def test_coverage_has_numerator_denominator_and_what_is_not_known() -> None:
    trained = Training(on=date(2026, 3, 5), topic="x")
    people = [
        somebody("w1", V1, tenures=(tenure(date(2024, 3, 1)),), employment="part_time"),
        somebody("w2", V2, checks=(date(2025, 11, 25),), trainings=(trained,)),
        somebody("o", Post(role="township_officer", area="t1"), status="left", checks=(TODAY,)),
    ]
    now = staffing(AREAS, people, on=TODAY, today=TODAY, rules=RULES)
    assert (now.townships, now.villages) == (Share(have=0, all=1), Share(have=2, all=2))
    assert now.without == ("t1",)
    assert now.by_employment == {"full_time": 0, "part_time": 1, "": 1}
    assert (now.people, now.trained, now.overdue, now.unchecked) == (2, 1, 1, 1)
    before = staffing(AREAS, people, on=date(2025, 1, 1), today=TODAY, rules=RULES)
    assert before.villages == Share(have=1, all=2, unsure=1)
    assert staffing(AREAS, people, on=date(2023, 1, 1), today=TODAY, rules=RULES).without == ("t1", "v1")


def test_a_query_or_a_training_falls_due_after_its_months_and_never_where_none_was_written_down() -> None:
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    old = somebody(
        "w", V1, checks=(date(2025, 11, 26),), trainings=(Training(on=date(2025, 11, 27), topic="x"),)
    )
    assert check_due(old, TODAY, RULES)
    assert not training_due(old, TODAY, RULES)
    assert last_check(old, date(2025, 1, 1)) is None
    assert not check_due(somebody("w", V1), TODAY, RULES)


def test_days_of_a_post_follow_what_a_roster_says_and_what_it_changes() -> None:
    new = somebody("w", V1)
    assert tenures_after(None, new, (), TODAY) == ()
    given = tenures_after(None, new, (tenure(date(2024, 3, 1)),), TODAY)
    kept = somebody("w", V1, tenures=given)
    assert since(kept, V1) == date(2024, 3, 1)
    assert tenures_after(kept, kept, (), TODAY) == given
    moved = tenures_after(kept, somebody("w", V2), (), TODAY)
    assert moved == (tenure(date(2024, 3, 1), TODAY), tenure(TODAY, area="v2"))
    gone = somebody("w", V1, status="left", tenures=given)
    ended = tenures_after(kept, gone, (tenure(None, date(2026, 6, 30)),), TODAY)
    assert ended == (tenure(date(2024, 3, 1), date(2026, 6, 30)),)
    left = somebody("w", V1, status="left", tenures=ended)
    assert tenures_after(left, left, (tenure(None, date(2026, 6, 30)),), TODAY) == ended
    assert tenures_after(left, kept, (), TODAY) == (*ended, tenure(TODAY))
