"""Bringing a roster in: whole or not at all; the same file changes nothing, another what differs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.roster.bring_in import Imported, bring_in
from bot.roster.faults import RosterError
from casework.access import IMPORT
from casework.outcome import Outcome
from casework.policy import load_policy
from casework.records import Amendment, Area, Child, Person, Tenure, Visit
from playground.county import write_county
from storage.keys import KeyRing, new_secret_key
from storage.store import Store
from tests.roster.books import AREAS, CHILDREN, PEOPLE, PERSON_HEADER, with_cell, write_book

POLICY = load_policy()
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # ten in the morning in the county, a Tuesday
IDS = count(1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    kept = await Store.open(f"sqlite:///{tmp_path / 'x.db'}", KeyRing([new_secret_key()]))
    yield kept
    await kept.close()


async def bring(store: Store, path: Path, *, now: datetime = NOW, **kw: Any) -> Imported:
    return await bring_in(store, path, policy=POLICY, now=now, new_id=lambda: f"n{next(IDS)}", **kw)


def digest(done: Imported) -> list[tuple[int, int, int]]:
    made = done.changes
    return [(t.new, t.changed, t.unchanged) for t in (made.areas, made.people, made.children)]


async def visits(store: Store, child: str) -> list[Visit]:
    return [v for v in await store.find(IMPORT, Visit, child=child) if v.status == "planned"]


async def test_everything_in_the_file_is_kept(store: Store, tmp_path: Path) -> None:
    done = await bring(store, write_book(tmp_path / "r.xlsx"))
    assert digest(done) == [(4, 0, 0), (4, 0, 0), (3, 0, 0)]
    child = await store.get(IMPORT, Child, "3002")
    assert child is not None
    assert (child.name, child.village, child.township, child.county) == ("赵晨", "V1", "T1", "C1")
    assert child.guardian_name == "赵德福"
    officer = await store.person("O1")
    assert officer is not None
    assert (officer.language, officer.status) == ("en", "invited")
    assert {area.id for area in await store.find(IMPORT, Area)} == {"C1", "T1", "V1", "V2"}


async def test_a_new_child_is_visited_within_five_working_days_or_on_the_day_given(
    store: Store, tmp_path: Path
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    (first,) = await visits(store, "3001")
    assert (first.purpose, first.due, first.person) == ("new_child", date(2026, 12, 1), "W1")
    (second,) = await visits(store, "3002")
    assert (second.purpose, second.due) == ("routine", date(2026, 12, 1))


async def test_the_same_file_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = write_book(tmp_path / "r.xlsx")
    await bring(store, path)
    for later in (NOW, NOW + timedelta(days=3), NOW + timedelta(days=30)):
        again = await bring(store, path, now=later)
        assert not again.changes.outcome
        assert digest(again) == [(0, 0, 4), (0, 0, 4), (0, 0, 3)]


async def test_a_changed_file_changes_only_what_differs(store: Store, tmp_path: Path) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    path = write_book(tmp_path / "r.xlsx", children=with_cell(CHILDREN, 0, 12, "清溪中学"))
    done = await bring(store, path)
    assert digest(done) == [(0, 0, 4), (0, 0, 4), (0, 1, 2)]
    child, kept = done.changes.outcome.records
    assert (child.kind, child.id) == ("child", "3001")
    assert isinstance(kept, Amendment)
    assert (kept.child, kept.before, kept.after) == (
        "3001",
        {"school": "清溪小学"},
        {"school": "清溪中学"},
    )
    (event,) = done.changes.outcome.events
    assert (event.name, event.detail) == ("child_changed", {"fields": "school"})
    assert not (await bring(store, path)).changes.outcome


async def test_another_worker_takes_the_visit_over_and_the_same_file_leaves_it(
    store: Store, tmp_path: Path
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    rows = with_cell(with_cell(CHILDREN, 0, 6, "W2"), 1, 6, "W2")
    path = write_book(tmp_path / "r.xlsx", children=rows)
    await bring(store, path)
    for child in ("3001", "3002"):
        (visit,) = await visits(store, child)
        assert (visit.person, visit.due) == ("W2", date(2026, 12, 1))
    assert not (await bring(store, path)).changes.outcome


async def test_a_worker_who_has_joined_is_told_of_a_child_that_came_over(
    store: Store, tmp_path: Path
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    worker = await store.person("W2")
    assert worker is not None
    await store.apply(Outcome(records=(replace(worker, status="joined"),)))
    done = await bring(store, write_book(tmp_path / "r.xlsx", children=with_cell(CHILDREN, 0, 6, "W2")))
    told = [(notice.kind, notice.to, notice.child) for notice in done.changes.outcome.notices]
    assert told == [("child_assigned", "W2", "3001")]


async def test_another_next_visit_moves_the_visit_once(store: Store, tmp_path: Path) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    path = write_book(tmp_path / "r.xlsx", children=with_cell(CHILDREN, 1, 13, date(2026, 12, 9)))
    await bring(store, path)
    (visit,) = await visits(store, "3002")
    assert visit.due == date(2026, 12, 9)
    assert not (await bring(store, path)).changes.outcome


async def test_a_visit_made_early_is_not_planned_again_by_the_same_file(store: Store, tmp_path: Path) -> None:
    path = write_book(tmp_path / "r.xlsx")
    await bring(store, path)
    (visit,) = await visits(store, "3002")
    following = replace(visit, id="following", version=0, due=date(2026, 12, 25))
    await store.apply(Outcome(records=(replace(visit, status="done", wake_at=None), following)))
    assert not (await bring(store, path)).changes.outcome


async def test_a_risk_that_rises_brings_the_visit_forward_unless_the_file_gives_the_day(
    store: Store, tmp_path: Path
) -> None:
    rows = with_cell(with_cell(CHILDREN, 0, 10, 4), 0, 13, date(2026, 12, 31))
    await bring(store, write_book(tmp_path / "r.xlsx", children=rows))
    path = write_book(tmp_path / "r.xlsx", children=with_cell(rows, 0, 10, 1))
    await bring(store, path)
    (visit,) = await visits(store, "3001")
    assert visit.due == date(2026, 12, 31)
    assert not (await bring(store, path)).changes.outcome
    path = write_book(tmp_path / "r.xlsx", children=with_cell(with_cell(rows, 0, 10, 2), 0, 13, None))
    await bring(store, path)
    again = write_book(tmp_path / "r.xlsx", children=with_cell(with_cell(rows, 0, 10, 1), 0, 13, None))
    await bring(store, again)
    (visit,) = await visits(store, "3001")
    assert visit.due == date(2026, 12, 1)


async def test_who_is_not_in_a_later_file_stays_and_is_named(store: Store, tmp_path: Path) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    done = await bring(store, write_book(tmp_path / "r.xlsx", people=PEOPLE[:3], children=CHILDREN[:2]))
    assert done.changes.people.missing == ("K1",)
    assert done.changes.children.missing == ("3003",)
    assert await store.get(IMPORT, Child, "3003") is not None


async def test_a_language_that_somebody_chose_stays(store: Store, tmp_path: Path) -> None:
    path = write_book(tmp_path / "r.xlsx")
    await bring(store, path)
    worker = await store.person("W1")
    assert worker is not None
    await store.apply(Outcome(records=(replace(worker, status="joined", language="en"),)))
    assert not (await bring(store, path)).changes.outcome


async def test_a_village_that_changes_its_township_takes_its_children_along(
    store: Store, tmp_path: Path
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    areas = with_cell([*AREAS, ("T2", "白石乡", "乡", "C1")], 3, 3, "T2")
    await bring(store, write_book(tmp_path / "r.xlsx", areas=areas, people=None, children=None))
    child = await store.get(IMPORT, Child, "3003")
    assert child is not None
    assert (child.village, child.township) == ("V2", "T2")


async def test_one_fault_and_nothing_is_kept(store: Store, tmp_path: Path) -> None:
    path = write_book(tmp_path / "r.xlsx", children=with_cell(CHILDREN, 2, 5, "V9"))
    with pytest.raises(RosterError) as refused:
        await bring(store, path, language="en")
    assert refused.value.lines == (
        "r.xlsx sheet “儿童” row 4 column F (所在村): there is no area with code “V9”; "
        "add it to the areas or correct the code",
    )
    assert await store.find(IMPORT, Area) == []
    assert await store.find(IMPORT, Person) == []


async def test_a_dry_run_says_what_would_be_and_keeps_nothing(store: Store, tmp_path: Path) -> None:
    done = await bring(store, write_book(tmp_path / "r.xlsx"), dry_run=True)
    assert digest(done) == [(4, 0, 0), (4, 0, 0), (3, 0, 0)]
    assert await store.find(IMPORT, Child) == []


async def test_the_playgrounds_county_is_a_good_roster(store: Store, tmp_path: Path) -> None:
    write_county(tmp_path / "c.xlsx", date(2026, 11, 24))
    done = await bring(store, tmp_path / "c.xlsx")
    assert done.changes.children.new == len(await store.find(IMPORT, Child))


async def test_a_column_of_its_own_says_who_has_left_and_who_is_here_again(
    store: Store, tmp_path: Path
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    w1 = await store.person("W1")
    assert w1 is not None
    await store.apply(Outcome(records=(replace(w1, status="joined"),)))
    header = (*PERSON_HEADER, "在岗情况")
    for word, status in (("离任", "left"), ("在岗", "invited"), ("停用", "suspended"), (None, "suspended")):
        people = [(*row, word if row[0] == "W1" else None) for row in PEOPLE]
        await bring(store, write_book(tmp_path / "s.xlsx", people=people, person_header=header))
        kept = await store.person("W1")
        assert kept is not None
        assert kept.status == status
    county = await store.get(IMPORT, Area, "C1")
    assert county is not None
    assert county.wake_at == NOW + timedelta(minutes=POLICY.posts.gather_minutes)


async def test_whoever_came_after_a_worker_who_left_keeps_the_children(store: Store, tmp_path: Path) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    child, w1 = await store.get(IMPORT, Child, "3001"), await store.person("W1")
    assert child is not None
    assert w1 is not None
    await store.apply(Outcome(records=(replace(child, worker="W2"), replace(w1, status="left"))))
    await bring(store, write_book(tmp_path / "r.xlsx"))
    kept = await store.get(IMPORT, Child, "3001")
    assert kept is not None
    assert kept.worker == "W2"


async def test_columns_of_the_job_are_kept_and_add_to_what_officers_wrote_down(
    store: Store, tmp_path: Path
) -> None:
    header = (*PERSON_HEADER, "专兼职", "上任日期", "培训", "背景查询日期")
    job = ("兼职", date(2024, 3, 1), "2026-03-05 儿童保护；2026年9月1日：走访", "2026-01-10")
    people = [(*row, *(job if row[0] == "W1" else (None,) * 4)) for row in PEOPLE]
    path = write_book(tmp_path / "r.xlsx", people=people, person_header=header)
    await bring(store, path)
    w1 = await store.person("W1")
    assert w1 is not None
    assert (w1.employment, w1.checks) == ("part_time", (date(2026, 1, 10),))
    assert w1.tenures == (Tenure(role="village_worker", area="V1", start=date(2024, 3, 1)),)
    assert [(t.on, t.topic) for t in w1.trainings] == [
        (date(2026, 3, 5), "儿童保护"),
        (date(2026, 9, 1), "走访"),
    ]
    await store.apply(Outcome(records=(replace(w1, checks=(*w1.checks, date(2026, 11, 1))),)))
    assert not (await bring(store, path)).changes.outcome
    kept = await store.person("W1")
    assert kept is not None
    assert kept.checks == (date(2026, 1, 10), date(2026, 11, 1))


async def test_whoever_loses_a_post_keeps_its_days(store: Store, tmp_path: Path) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    header = (*PERSON_HEADER, "在岗情况", "离任日期")
    people = [(*row, *(("离任", "2026-11-20") if row[0] == "W1" else (None, None))) for row in PEOPLE]
    await bring(store, write_book(tmp_path / "s.xlsx", people=people, person_header=header))
    gone = await store.person("W1")
    assert gone is not None
    assert gone.tenures == (Tenure(role="village_worker", area="V1", end=date(2026, 11, 20)),)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("培训", "儿童保护", "看不懂"),
        ("培训", "2026-12-01 儿童保护", "日期还没到"),
        ("背景查询日期", "2026-11-25", "日期还没到"),
        ("上任日期", "2026-11-25", "日期还没到"),
        ("离任日期", "2026-11-20", "就要写离任"),
    ],
)
async def test_days_of_the_job_that_cannot_be_are_refused(
    store: Store, tmp_path: Path, column: str, value: str, said: str
) -> None:
    people = [(*row, value if row[0] == "W1" else None) for row in PEOPLE]
    path = write_book(tmp_path / "r.xlsx", people=people, person_header=(*PERSON_HEADER, column))
    with pytest.raises(RosterError) as refused:
        await bring(store, path)
    (line,) = refused.value.lines
    assert said in line
