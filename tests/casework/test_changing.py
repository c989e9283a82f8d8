"""A change of facts: what is said counts, what can no longer be so goes, the roster keeps its own word."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from casework.changing import id_says, with_facts
from casework.facts import fact_of, facts_of
from casework.records import Child
from tests.casework.world import CHILD

GRANNY = {"guardian_name": "周桂兰", "guardian_relation": "奶奶", "guardian_phone": "13900000009"}


def child(**properties: str) -> Child:
    return replace(CHILD, properties=properties, **GRANNY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "said", "gone"),
    [
        ({"father": "away", "father_phone": "1"}, {"father": "dead"}, {"father_phone"}),
        (
            {"father": "home", "father_able": "no", "father_why": "ill", "father_half_year": "yes"},
            {"father": "away"},
            {"father_able", "father_why", "father_half_year"},
        ),
        (
            {"father": "home", "father_able": "no", "father_why": "ill", "father_half_year": "yes"},
            {"father_able": "yes"},
            {"father_why", "father_half_year"},
        ),
        ({"mother": "away", "mother_phone": "1"}, {"mother": "missing"}, set()),
        ({"carer": "grandmother"}, {"carer": "grandfather"}, {"guardian_name", "guardian_phone"}),
        ({}, {"carer": "grandfather", "guardian_name": "张福"}, {"guardian_phone"}),
        ({}, {"carer": "grandmother"}, set()),
        ({}, {"carer": "nobody"}, {"guardian_name", "guardian_phone"}),
        ({}, {"guardian_relation": "外婆"}, {"guardian_name", "guardian_phone"}),
        ({"carer": "grandmother"}, {"carer": "unknown"}, {"guardian_name", "guardian_phone"}),
        ({"stage": "primary", "boarding": "yes"}, {"stage": "out"}, {"boarding"}),
    ],
)
def test_what_contradicts_what_is_said_now_goes(
    before: Mapping[str, str], said: Mapping[str, str], gone: set[str]
) -> None:
    one = child(**before)
    was, now = facts_of(one), facts_of(with_facts(one, said))
    assert {key for key in was if key not in now} == gone


def test_the_roster_keeps_its_own_word_beside_what_was_said_since() -> None:
    after = with_facts(child(), {"carer": "nobody", "school": "二小"})
    assert (after.guardian_name, after.school) == ("周桂兰", CHILD.school)
    assert (fact_of(after, "guardian_name"), fact_of(after, "school")) == ("", "二小")


def test_a_name_by_which_files_are_found_changes_the_file_itself() -> None:
    after = with_facts(child(), {"name": "张小草", "birth_date": "2016-05-14"})
    assert (after.name, str(after.birth_date), after.properties) == ("张小草", "2016-05-14", {})


def test_what_is_said_again_changes_nothing() -> None:
    one = child(father="away")
    assert with_facts(one, {"father": "away", "guardian_relation": "奶奶", "guardian_name": "周桂兰"}) is one


def test_what_an_id_number_says() -> None:
    assert id_says("330123201605140020") == {"id_birth_date": "2016-05-14", "id_sex": "female"}
    assert id_says("") == {}
