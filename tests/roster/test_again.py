"""The same workbook again after a week's work in the chat: nothing is undone, and a new word counts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.roster.bring_in import Imported, bring_in
from bot.roster.faults import RosterError
from casework.access import IMPORT
from casework.caseload import Load, hand_over_caseload
from casework.categories import classified
from casework.changing import with_facts
from casework.merging import Files, merge
from casework.moving import Luggage, move_child
from casework.outcome import Outcome
from casework.policy import load_policy
from casework.records import Child, Merge, Person, Visit
from storage.keys import KeyRing, new_secret_key
from storage.store import Store
from tests.roster.books import CHILDREN, id_number_of, with_cell, write_book

POLICY = load_policy()
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
IDS = count(1)
NUMBER = id_number_of(date(2016, 5, 14), male=False)  # of 3001, as it turns out


def new_id() -> str:
    return f"n{next(IDS)}"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    kept = await Store.open(f"sqlite:///{tmp_path / 'x.db'}", KeyRing([new_secret_key()]))
    await bring(kept, write_book(tmp_path / "r.xlsx"))
    yield kept
    await kept.close()


async def bring(store: Store, path: Path, **kw: Any) -> Imported:
    return await bring_in(store, path, policy=POLICY, now=NOW, new_id=new_id, **kw)


async def child_of(store: Store, code: str = "3001") -> Child:
    child = await store.get(IMPORT, Child, code)
    assert child is not None
    return child


async def person_of(store: Store, code: str) -> Person:
    person = await store.person(code)
    assert person is not None
    return person


async def said(store: Store, code: str = "3001", **words: str) -> None:
    """What a form says of the child, kept as the chat keeps it."""
    after = classified(with_facts(await child_of(store, code), words), POLICY.categories, NOW.date())
    await store.apply(Outcome(records=(after,)))


async def moved(store: Store, code: str, village: str, worker: str) -> None:
    child = await child_of(store, code)
    to = replace(child, village=village, worker=worker)
    before, after = await store.circle(child, NOW), await store.circle(to, NOW)
    luggage = Luggage(visits=await store.find(IMPORT, Visit, child=code))
    await store.apply(
        move_child(
            child, to=to, luggage=luggage, before=before, after=after, by=await person_of(store, "O1"),
            policy=POLICY, now=NOW, new_id=new_id,
        )
    )  # fmt: skip


async def handed_over(store: Store, code: str, giver: str, taker: str) -> None:
    child = await child_of(store, code)
    circle = await store.circle(replace(child, worker=taker), NOW)
    visits = await store.find(IMPORT, Visit, child=code)
    people = [await person_of(store, who) for who in (giver, taker)]
    load = Load(child=child, visits=visits, escalations=(), circle=circle)
    await store.apply(
        hand_over_caseload(
            [load], giver=people[0], taker=people[1], by="O1", id=new_id(), policy=POLICY, now=NOW
        )
    )


async def joined(store: Store, kept: str, other: str, *taken: str) -> None:
    files = [await child_of(store, code) for code in (kept, other)]
    both = [await store.find(IMPORT, Visit, child=file.id) for file in files]
    m = Merge(id=new_id(), child=kept, other=other, status="weighed", taken=taken, at=NOW)
    await store.apply(
        merge(
            m,
            Files(
                kept=files[0], other=files[1], mine=both[0], theirs=both[1],
                circles={file.id: await store.circle(file, NOW) for file in files},
            ),
            by=await person_of(store, "K1"), policy=POLICY, now=NOW, new_id=new_id,
        )
    )  # fmt: skip


async def test_the_same_workbook_undoes_nothing_that_was_said_or_decided_in_the_chat(
    store: Store, tmp_path: Path
) -> None:
    await said(store, name="张晓雨", birth_date="2016-05-14", id_number=NUMBER, school="二小")
    await moved(store, "3001", "V2", "W2")
    await handed_over(store, "3002", "W1", "W2")
    before = [await child_of(store, code) for code in ("3001", "3002")]
    again = await bring(store, tmp_path / "r.xlsx")
    assert not again.changes.outcome
    assert again.changes.children.standing == ("3001",) * 6 + ("3002",)
    assert [await child_of(store, code) for code in ("3001", "3002")] == before


async def test_a_new_word_of_the_workbook_counts_and_leaves_the_others(store: Store, tmp_path: Path) -> None:
    await said(store, name="张晓雨", birth_date="2016-05-14", id_number=NUMBER)
    await moved(store, "3001", "V2", "W2")
    await handed_over(store, "3002", "W1", "W2")
    rows = with_cell(with_cell(CHILDREN, 0, 1, "章小雨"), 1, 10, 3)
    path = write_book(tmp_path / "new.xlsx", children=rows)
    dry = await bring(store, path, dry_run=True)
    done = await bring(store, path)
    assert done.changes.children == dry.changes.children
    assert done.changes.children.replaced == ("3001",)
    first, second = await child_of(store), await child_of(store, "3002")
    assert (first.name, first.id_number, first.village, first.worker) == ("章小雨", NUMBER, "V2", "W2")
    assert (second.risk, second.worker) == (3, "W2")
    back = with_cell(rows, 0, 6, "W2")  # the village's other worker, in the village that the roster has
    await bring(store, write_book(tmp_path / "new.xlsx", children=back))
    assert ((await child_of(store)).village, (await child_of(store)).worker) == ("V1", "W2")


async def test_a_number_that_went_to_another_file_in_the_chat_is_no_fault_of_the_same_workbook(
    store: Store, tmp_path: Path
) -> None:
    number = id_number_of(date(2013, 3, 14), male=True)
    path = write_book(tmp_path / "r.xlsx", children=with_cell(CHILDREN, 1, 4, number))
    await bring(store, path)
    await said(store, "3002", id_number="")
    await said(store, "3003", id_number=number, sex="male", birth_date="2013-03-14")
    assert not (await bring(store, path)).changes.outcome
    rows = with_cell(with_cell(CHILDREN, 0, 3, date(2013, 3, 14)), 0, 2, "男")
    for second, holders in ((number, ["3003", "3001"]), (None, ["3003"])):
        taken = with_cell(with_cell(rows, 1, 4, second), 0, 4, number)
        with pytest.raises(RosterError) as caught:
            await bring(store, write_book(tmp_path / "bad.xlsx", children=taken))
        assert [line.split("“")[-1].split("”")[0] for line in caught.value.lines] == holders


async def test_a_birth_date_that_the_number_from_the_chat_contradicts_is_a_fault_with_its_place(
    store: Store, tmp_path: Path
) -> None:
    await said(store, birth_date="2016-05-14", id_number=NUMBER)
    rows = with_cell(with_cell(CHILDREN, 0, 3, date(2016, 6, 1)), 0, 2, "男")
    with pytest.raises(RosterError) as caught:
        await bring(store, write_book(tmp_path / "bad.xlsx", children=rows))
    day, sex = sorted(caught.value.lines, key=lambda line: "女" in line)
    assert ("第2行 D列" in day, "2016-05-14" in day) == (True, True)
    assert ("第2行 C列" in sex, "档案里的身份证号" in sex) == (True, True)
    own = id_number_of(date(2016, 6, 1), male=True)
    await bring(store, write_book(tmp_path / "r.xlsx", children=with_cell(rows, 0, 4, own)))
    child = await child_of(store)
    assert (child.id_number, child.birth_date, child.sex) == (own, date(2016, 6, 1), "male")


async def test_a_joined_file_keeps_what_was_taken_and_its_other_line_is_no_fault(
    store: Store, tmp_path: Path
) -> None:
    number = id_number_of(date(2013, 3, 14), male=True)
    path = write_book(tmp_path / "r.xlsx", children=with_cell(CHILDREN, 1, 4, number))
    await bring(store, path)
    await joined(store, "3001", "3002", "name", "id_number", "birth_date", "sex")
    kept = await child_of(store)
    assert (kept.name, kept.id_number, kept.risk) == ("赵晨", number, 1)
    again = await bring(store, path)
    assert not again.changes.outcome
    assert await child_of(store) == kept
