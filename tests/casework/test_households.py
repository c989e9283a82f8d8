"""Who lives together: one way to tell it, by hand before all else; and carers of very many children."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from casework.households import households, joined, of_same_carer, parted, reached_by, siblings, with_many
from casework.records import Child
from tests.casework.world import CHILD

BARE = replace(CHILD, guardian_phone="", guardian_name="", properties={})


def a_child(code: str, **more: object) -> Child:
    return replace(BARE, id=code, **more)  # type: ignore[arg-type]


def codes(children: list[Child]) -> list[list[str]]:
    return [[child.id for child in home] for home in households(children)]


def test_a_telephone_a_carer_of_the_village_or_both_parents_make_a_household() -> None:
    parents = {"father_name": "张强", "mother_name": "李梅"}
    assert codes(
        [
            a_child("1", guardian_phone="138 0000 0001"),
            a_child("2", guardian_phone="13800000001", village="v9", properties=parents),
            a_child("3", guardian_name="周桂兰"),
            a_child("4", guardian_name="周桂兰"),
            a_child("5", guardian_name="周桂兰", village="v9"),
            a_child("6", village="v9", properties=parents),
            a_child("7", properties={"father_name": "张强"}),
        ]
    ) == [["1", "2", "6"], ["3", "4"], ["5"], ["7"]]


def test_what_forms_said_of_the_telephone_counts_before_the_roster() -> None:
    moved = a_child("2", guardian_phone="13800000001", properties={"guardian_phone": "13900000009"})
    assert codes([a_child("1", guardian_phone="13800000001"), moved]) == [["1"], ["2"]]


def test_by_hand_a_child_leaves_a_household_and_another_joins_it() -> None:
    one, two = (a_child(code, guardian_phone="13800000001") for code in "12")
    three = a_child("3")
    assert codes([one, parted(two, "x")]) == [["1"], ["2"]]
    assert codes([*joined((one, two, three), "y")]) == [["1", "2", "3"]]
    both = joined((one, three), "y")
    assert siblings(parted(both[0], "z"), [*both, two]) == ()


def test_a_new_telephone_is_the_one_that_is_read() -> None:
    said = a_child("1", properties={"guardian_phone": "13800000001"})
    for child in (said, a_child("2", guardian_phone="13800000001")):
        assert codes([reached_by(child, "13900000009"), a_child("9", guardian_phone="13900000009")]) == [
            [child.id, "9"]
        ]


def test_carers_of_more_than_the_policy_wants_are_found_once_with_all_their_open_files() -> None:
    many = [a_child(str(n), guardian_phone="13800000001") for n in range(5)]
    closed = a_child("9", guardian_phone="13800000001", status="closed")
    few = [a_child(f"a{n}", guardian_name="吴一") for n in range(4)]
    assert [[c.id for c in theirs] for theirs in with_many([*few, *many, closed], 4)] == [list("01234")]
    assert of_same_carer(many[0], [*many, closed]) == 5
    assert of_same_carer(BARE, many) == 0


_CHILD = st.builds(
    a_child,
    st.sampled_from("12345678"),
    guardian_phone=st.sampled_from(["", "1", "2"]),
    guardian_name=st.sampled_from(["", "周", "吴"]),
    village=st.sampled_from(["v1", "v2"]),
    home=st.sampled_from(["", "", "x"]),
)


@given(st.lists(_CHILD, unique_by=lambda c: c.id), st.randoms())
def test_households_do_not_depend_on_the_order_and_hold_each_child_once(
    children: list[Child], chance: object
) -> None:
    shuffled = list(children)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (
        {frozenset(c.id for c in home) for home in households(some)} for some in (children, shuffled)
    )
    assert first == second
    assert sum(map(len, first)) == len(children)
