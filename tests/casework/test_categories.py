"""Categories: what the facts say, what the roster named and nothing contradicts, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.categories import classified, derived, verdicts
from casework.policy import PolicyError, load_policy
from casework.records import Child
from tests.casework.world import CHILD

RULES = load_policy().categories
TODAY = date(2026, 11, 26)
AWAY = {"father": "away", "mother": "away", "hukou_nature": "rural"}
NO_WIFE = {"mother": "dead"}


def of(properties: Mapping[str, str], *, born: date | None = date(2016, 5, 4), given: str = "") -> Child:
    named = tuple(given.split())
    child = replace(CHILD, birth_date=born, categories=named, properties=properties)
    return classified(child, RULES, TODAY)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (AWAY, {"left_behind"}),
        ({**AWAY, "hukou_nature": "urban"}, set()),
        ({**AWAY, "hukou_nature": "unknown"}, set()),
        ({"hukou_nature": "rural", "father": "home", "father_able": "yes", "mother": "away"}, set()),
        (
            {"hukou_nature": "rural", "father": "home", "father_able": "no", "mother": "away"},
            {"left_behind"},
        ),
        ({"father": "dead", "mother": "dead"}, {"orphan", "difficulty"}),
        ({"father": "missing", "father_half_year": "yes", **NO_WIFE}, {"unattended", "difficulty"}),
        ({"father": "missing", "father_half_year": "no", **NO_WIFE}, {"difficulty"}),
        ({"father": "missing", "father_half_year": "unknown", **NO_WIFE}, {"difficulty"}),
        ({"father": "confined", "father_half_year": "yes", "mother": "home", "mother_able": "yes"}, set()),
        ({"health": "disabled"}, {"difficulty", "disabled"}),
        ({"health": "chronic"}, set()),
        ({"relief": "temporary dibao"}, {"difficulty", "poor_family"}),
        ({"relief": "none"}, set()),
        ({"guardianship": "poor"}, {"difficulty", "poorly_guarded"}),
    ],
)
def test_what_the_facts_say(properties: Mapping[str, str], expected: set[str]) -> None:
    assert set(of(properties).categories) == expected


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        (AWAY, "both_away"),
        ({"father": "away", "mother": "home", "mother_able": "no"}, "one_away_other_unable"),
        ({"father": "missing", "mother": "home", "mother_able": "no"}, "both_unable"),
        ({"father": "away", "mother": "home", "mother_able": "yes"}, None),
        ({"father": "away", "mother": "unknown"}, None),
    ],
)
def test_why_the_child_is_entrusted(properties: Mapping[str, str], reason: str | None) -> None:
    assert of(properties).properties.get("entrust_reason") == reason


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ({"carer": "nobody", "guardianship": "good"}, "nobody"),
        ({"carer": "grandmother", "guardianship": "poor"}, "carer_unable"),
        ({"carer": "parent", "father": "home", "father_able": "no", "mother": "away"}, "parent_unable"),
        ({"carer": "unknown", "guardianship": "good"}, "good"),
        ({"carer": "grandmother"}, None),
    ],
)
def test_the_kind_of_guardianship(properties: Mapping[str, str], kind: str | None) -> None:
    assert of(properties).properties.get("guardianship_kind") == kind


def test_left_behind_ends_on_the_sixteenth_birthday() -> None:
    eve, day = of(AWAY, born=date(2010, 11, 27)), of(AWAY, born=date(2010, 11, 26))
    assert (eve.categories, day.categories) == (("left_behind",), ())


def test_what_the_roster_names_stays_while_facts_do_not_contradict_it() -> None:
    named = of({}, given="left_behind 五保家庭")
    assert (named.categories, named.given) == (("left_behind", "五保家庭"), None)
    able = {"father": "home", "father_able": "yes", "mother": "home", "mother_able": "yes"}
    home = classified(replace(named, properties=able), RULES, TODAY)
    assert (home.categories, home.given) == (("五保家庭",), ("left_behind", "五保家庭"))
    again = classified(replace(home, properties={"father": "unknown"}), RULES, TODAY)
    assert (again.categories, again.given) == (named.categories, None)


_VALUES = {
    "father": ["away", "home", "dead", "missing", "confined", "barred", "unknown", ""],
    "father_able": ["yes", "no", "unknown", ""],
    "father_why": ["disabled", "ill", "old", "other", ""],
    "father_half_year": ["yes", "no", "unknown", ""],
    "hukou_nature": ["rural", "urban", "other", "unknown", ""],
    "carer": ["parent", "grandmother", "nobody", "unknown", ""],
    "health": ["healthy", "ill", "disabled", "unknown", ""],
    "relief": ["dibao", "temporary medical", "none", ""],
    "guardianship": ["good", "fair", "poor", ""],
}
_VALUES |= {key.replace("father", "mother"): values for key, values in _VALUES.items()}
FACTS = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in _VALUES.items()})
GIVEN = st.sampled_from(["", "left_behind", "orphan difficulty", "五保家庭 unattended"])
BORN = st.dates(date(2007, 1, 1), TODAY) | st.none()


@given(FACTS, BORN, GIVEN, FACTS)
def test_categories_follow_from_the_facts_alone_whatever_stood_there_before(
    facts: dict[str, str], born: date | None, given: str, before: dict[str, str]
) -> None:
    straight = of(facts, born=born, given=given)
    through = classified(replace(of(before, born=born, given=given), properties=facts), RULES, TODAY)
    assert straight == through
    assert classified(straight, RULES, TODAY) is straight


@given(FACTS, BORN)
def test_father_and_mother_count_alike(facts: dict[str, str], born: date | None) -> None:
    other_one = {"father": "mother", "mother": "father"}
    swapped = {
        "_".join(other_one.get(part, part) for part in key.split("_")): value for key, value in facts.items()
    }
    child, other = (replace(CHILD, birth_date=born, properties=of_) for of_ in (facts, swapped))
    assert verdicts(child, RULES, TODAY) == verdicts(other, RULES, TODAY)
    assert derived(child, RULES) == derived(other, RULES)


@given(FACTS, st.sampled_from(sorted(_VALUES)), BORN)
def test_what_is_not_known_decides_nothing_that_knowing_it_would_undo(
    facts: dict[str, str], hidden: str, born: date | None
) -> None:
    """A verdict without a fact is the verdict with it, whatever it is, or open."""
    less = replace(CHILD, birth_date=born, properties={**facts, hidden: ""})
    full = replace(CHILD, birth_date=born, properties=facts)
    known, all_known = verdicts(less, RULES, TODAY), verdicts(full, RULES, TODAY)
    if facts[hidden]:
        assert all(known[key] in (None, all_known[key]) for key in known)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("[{ facts = { helth = ['ill'] } }]", "facts.helth: 没有这一项事实"),
        ("[{ parents = [['gone'], ['away']] }]", "when.0.parents.0.0"),
        ("[]", "when"),
    ],
)
def test_a_county_s_rule_that_could_never_hold_is_refused(tmp_path: Path, rule: str, wrong: str) -> None:
    own = tmp_path / "county.toml"
    source = "source = '县民政局2026年第7号'"
    own.write_text(f"[categories.sorts.disabled]\n{source}\nwhen = {rule}\n", encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(own)
    assert any(wrong in line for line in caught.value.faults), caught.value.faults


def test_a_county_counts_a_dead_parent_as_one_who_is_away(tmp_path: Path) -> None:
    own = tmp_path / "county.toml"
    own.write_text(
        "[categories.sorts.left_behind]\nsource = '松阳县2017年第3号'\n"
        "when = [{ facts = { hukou_nature = ['rural'] }, parents = [['away'], ['away', 'dead']] }]\n",
        encoding="utf-8",
    )
    child = replace(CHILD, birth_date=date(2016, 5, 4), properties={**AWAY, "mother": "dead"})
    assert "left_behind" in classified(child, load_policy(own).categories, TODAY).categories
    assert "left_behind" not in classified(child, RULES, TODAY).categories
