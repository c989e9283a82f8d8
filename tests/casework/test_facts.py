"""Changes to a file: what stood there before is never lost, whatever is changed and however often."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from casework.facts import FACTS, amended, facts_of
from casework.records import Amendment, Child
from tests.casework.world import CHILD, MONDAY

_GIVEN = st.dictionaries(
    st.sampled_from([key for key, fact in FACTS.items() if not fact.own]), st.sampled_from(["", "a", "b"])
)
_OWN = st.fixed_dictionaries({"school": st.sampled_from(["", "一小", "二小"]), "name": st.just("张小花")})


def _steps(changes: Sequence[tuple[dict[str, str], dict[str, str]]]) -> tuple[Child, list[Amendment]]:
    child, made, ids = CHILD, list[Amendment](), count()
    for properties, own in changes:
        after = replace(child, properties={**child.properties, **properties}, **own)  # type: ignore[arg-type]
        made += amended(child, after, by="wang", source="s", now=MONDAY, new_id=lambda: f"a{next(ids)}")
        child = after
    return child, made


@given(st.lists(st.tuples(_GIVEN, _OWN), max_size=5))
def test_taking_all_changes_back_one_by_one_leads_to_what_was_registered(
    changes: list[tuple[dict[str, str], dict[str, str]]],
) -> None:
    child, made = _steps(changes)
    known = facts_of(child)
    for one in reversed(made):
        assert {key: known.get(key, "") for key in one.after} == one.after
        known |= one.before
    assert {key: value for key, value in known.items() if value} == facts_of(CHILD)


def test_what_repeats_itself_is_no_change() -> None:
    again = replace(CHILD, properties=dict(CHILD.properties))
    assert amended(CHILD, again, by=None, source="roster", now=MONDAY, new_id=lambda: "a") == ()
