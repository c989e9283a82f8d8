"""Files that may be of one child: what agrees, which is surest, and what people have said about it."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from casework.duplicates import duplicates, told_apart
from casework.records import Child
from tests.casework.world import CHILD

ID = "330123201708061237"
BARE = replace(CHILD, id_number="", guardian_phone="", guardian_name="", properties={})


def a_file(code: str, **more: object) -> Child:
    return replace(BARE, id=code, **more)  # type: ignore[arg-type]


def sound(name: str) -> str:
    return name.replace("晓", "小")


def found(*children: Child) -> list[tuple[str, str, Sequence[str]]]:
    return [(pair.older.id, pair.newer.id, pair.why) for pair in duplicates(children, sound)]


def test_the_surest_come_first_and_all_that_agrees_is_named() -> None:
    born, other = date(2017, 8, 6), date(2016, 1, 2)
    assert found(
        a_file("1", name="张小明", birth_date=born, guardian_phone="138 0000 0001"),
        a_file("2", name="张晓明", birth_date=born, guardian_phone="13800000001"),
        a_file("3", name="李雨", birth_date=other, id_number=ID),
        a_file("4", name="李语", birth_date=None, id_number=ID),
        a_file("5", name="王芳", birth_date=other, guardian_phone="13900000002"),
        a_file("6", name="王芳", birth_date=born, guardian_phone="13900000002"),
    ) == [
        ("3", "4", ("id_number",)),
        ("1", "2", ("birth", "phone")),
        ("5", "6", ("phone",)),
    ]


@pytest.mark.parametrize(
    "other",
    [
        a_file("2", name="张小红", birth_date=date(2017, 8, 6)),  # another name: a twin
        a_file("2", name="张小明", birth_date=date(2017, 8, 7)),
        a_file("2", name="张小明", birth_date=None),
        a_file("2", name="张小明", birth_date=date(2017, 8, 6), merged_into="9"),
    ],
)
def test_what_agrees_in_less_is_no_duplicate(other: Child) -> None:
    assert found(a_file("1", name="张小明", birth_date=date(2017, 8, 6)), other) == []


def test_a_closed_file_counts_beside_an_open_one_and_two_closed_ones_do_not() -> None:
    one, other = a_file("1", id_number=ID), a_file("2", id_number=ID, status="closed")
    assert found(one, other) == [("1", "2", ("id_number",))]
    assert found(replace(one, status="closed"), other) == []


def test_what_was_said_to_be_two_children_is_not_listed_and_others_still_are() -> None:
    one, other = told_apart(a_file("1", id_number=ID), a_file("2", id_number=ID))
    assert found(one, other) == []
    assert found(one, other, a_file("3", id_number=ID)) == [("1", "3", ("id_number",))]


def test_ten_thousand_children_are_compared_in_a_moment() -> None:
    chance = Random(1)
    children = [
        a_file(
            str(n), name=chance.choice("王李张刘陈") + chance.choice("明华伟芳") + chance.choice("雨桂兰小"),
            birth_date=date(2010, 1, 1) + timedelta(days=chance.randrange(5800)),
            guardian_phone=f"139{chance.randrange(10**8):08}",
        )
        for n in range(10_000)
    ]  # fmt: skip
    began = time.process_time()
    duplicates([*children, replace(children[0], id="again")], sound)
    assert time.process_time() - began < 2
    assert ("0", "again", ("birth", "phone")) in found(*children[:50], replace(children[0], id="again"))
