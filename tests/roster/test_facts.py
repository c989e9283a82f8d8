"""The roster's further columns: optional, with 未采集 as a value, and out and in again without a change."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook

from bot.roster.bring_in import Imported, bring_in
from bot.roster.columns import CHILDREN as SHEET
from bot.roster.export import roster_of
from bot.roster.fact_columns import CHOICES, COLUMNS, FACTS_BY_COLUMN
from bot.roster.faults import RosterError
from casework.access import IMPORT
from casework.categories import classified
from casework.changing import with_facts
from casework.facts import FACTS, facts_of
from casework.outcome import Outcome
from casework.policy import load_policy
from casework.records import Amendment, Area, Child, Person
from storage.keys import KeyRing, new_secret_key
from storage.store import Store
from tests.conversations.county import shelf
from tests.roster.books import CHILD_HEADER, CHILDREN, write_book
from xlsform.writing import write_workbook

POLICY = load_policy()
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
IDS = count(1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    kept = await Store.open(f"sqlite:///{tmp_path / 'x.db'}", KeyRing([new_secret_key()]))
    yield kept
    await kept.close()


async def bring(store: Store, path: Path) -> Imported:
    return await bring_in(store, path, policy=POLICY, now=NOW, new_id=lambda: f"n{next(IDS)}")


def with_columns(path: Path, more: Mapping[str, Sequence[Any]]) -> Path:
    """The small county with further columns, a value for each child."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("儿童")
    sheet.append((*CHILD_HEADER, *more))
    for number, row in enumerate(CHILDREN):
        sheet.append((*row, *(values[number] for values in more.values())))
    book.save(path)
    return path


async def child_of(store: Store, code: str = "3001") -> Child:
    child = await store.get(IMPORT, Child, code)
    assert child is not None
    return child


async def test_columns_that_a_file_has_are_read_and_categories_follow(store: Store, tmp_path: Path) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    more = {
        "户籍性质": ("农村居民", "城镇", None),
        "父亲状况": ("外出", "外出", "未采集"),
        "母亲状况": ("务工", "在外", "在家"),
        "mother_able": (None, None, "yes"),
        "父亲电话": ("137 0000 0007", "未采集", None),
        "救助措施": ("低保；医疗救助", "无", "未采集"),
    }
    await bring(store, with_columns(tmp_path / "more.xlsx", more))
    first, second, third = [await child_of(store, code) for code in ("3001", "3002", "3003")]
    assert first.properties == {
        "hukou_nature": "rural", "father": "away", "mother": "away", "father_phone": "13700000007",
        "relief": "dibao medical", "entrust_reason": "both_away",
    }  # fmt: skip
    assert first.categories == ("left_behind", "difficulty", "poor_family")
    assert second.categories == ("difficulty",)  # the roster names both, the facts say that he is a townsman
    assert third.properties == {"mother": "home", "mother_able": "yes"}


async def test_a_cell_that_is_empty_leaves_what_is_kept_and_not_collected_takes_it_away(
    store: Store, tmp_path: Path
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    child = await child_of(store)
    known = {"health": "disabled", "boarding": "yes", "father_name": "张大山"}
    await store.apply(Outcome(records=(replace(child, properties=known),)))
    more = {"健康状况": (None,) * 3, "是否学校寄宿": ("未采集",) * 3, "父亲姓名": ("not collected",) * 3}
    path = with_columns(tmp_path / "more.xlsx", more)
    await bring(store, path)
    assert (await child_of(store)).properties == {"health": "disabled", "boarding": "unknown"}
    (kept,) = await store.find(IMPORT, Amendment, child="3001")
    assert {"boarding": "yes", "father_name": "张大山"}.items() <= kept.before.items()
    assert not (await bring(store, path)).changes.outcome


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"父亲状况": "死亡", "父亲电话": "13700000007"}, "已经去世的人不填电话"),
        ({"父亲状况": "外出", "母亲状况": "死亡", "实际照料人": "父母"}, "父母都不在家"),
        ({"父亲姓名": "刘桂芳", "实际照料人": "奶奶"}, "照护人和父亲或母亲同名"),
        ({"救助措施": "无；低保"}, "“无”不能和别的一起填"),
        ({"就学情况": "大学"}, "不认识“大学”"),
        ({"母亲电话": "abc"}, "母亲电话"),
    ],
)
async def test_what_cannot_be_so_is_said_with_its_cell(
    store: Store, tmp_path: Path, more: Mapping[str, str], wrong: str
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    path = with_columns(tmp_path / "more.xlsx", {head: (cell, None, None) for head, cell in more.items()})
    with pytest.raises(RosterError) as caught:
        await bring(store, path)
    assert any(wrong in line and "第2行" in line for line in caught.value.lines)


def _made_up(chance: Random, number: int, base: Child) -> Child:
    """A child of whom this and that is known, and some of it said in the chat."""
    said: dict[str, str] = {}
    for key, fact in FACTS_BY_COLUMN.items():
        if chance.random() < 0.6:
            values = ["unknown", *CHOICES.get(fact.choices, ())]
            said[key] = chance.choice(values) if fact.choices else f"1380000{number:04}"
            if fact.kind == "text":
                said[key] = f"张{number}"
            if fact.kind == "several":
                said[key] = " ".join(chance.sample(["dibao", "medical", "orphan"], chance.randint(1, 3)))
    if said.get("carer") == "parent":
        said["father"] = "home"
    if chance.random() < 0.5:
        said |= {"guardian_relation": "外婆", "school": "新的小学", "guardian_name": f"吴{number}"}
    born = date(2010 + number % 15, 1 + number % 12, 1)
    child = replace(base, id=f"c{number:03}", child=f"c{number:03}", birth_date=born, sex="male")
    return classified(with_facts(child, said), POLICY.categories, TODAY)


@pytest.mark.parametrize("english", [False, True])
async def test_what_is_written_out_and_brought_in_again_changes_nothing(
    store: Store, tmp_path: Path, english: bool
) -> None:
    await bring(store, write_book(tmp_path / "r.xlsx"))
    base, chance = await child_of(store), Random(7)
    made_up = [replace(_made_up(chance, number, base), version=0) for number in range(60)]
    await store.apply(Outcome(records=tuple(made_up)))
    kept = [await store.find(IMPORT, kind) for kind in (Area, Person, Child)]
    book = roster_of(*kept, policy=POLICY, english=english)  # type: ignore[arg-type]
    path = tmp_path / "out.xlsx"
    path.write_bytes(write_workbook(book, "xlsx"))
    again = await bring(store, path)
    made = again.changes
    assert [(t.new, t.changed) for t in (made.areas, made.people, made.children)] == [(0, 0)] * 3
    other = await Store.open(f"sqlite:///{tmp_path / 'other.db'}", KeyRing([new_secret_key()]))
    await bring(other, path)
    there = {child.id: child for child in await other.find(IMPORT, Child)}
    for child in kept[2]:
        assert isinstance(child, Child)
        known = {key: value for key, value in facts_of(child).items() if value != "unknown"}
        assert {k: v for k, v in facts_of(there[child.id]).items() if v != "unknown"} == known, child.id
    await other.close()


def test_the_workbook_has_a_word_for_each_choice_of_the_forms() -> None:
    for name in ("register", "child_change"):
        form = shelf().get(name)
        assert form is not None
        for question in form.questions.values():
            key = question.ref.rpartition("/")[2]
            if key in FACTS_BY_COLUMN and question.items:
                offered = {item.value for item in question.items} - {"unknown"}
                assert offered == set(CHOICES[FACTS[key].choices]), key


def test_no_two_columns_share_a_heading() -> None:
    headings = [word for column in SHEET.columns for word in (column.key, column.zh, *column.also)]
    assert len(headings) == len(set(headings))
    assert all(column.extra and not column.needed for column in COLUMNS)
