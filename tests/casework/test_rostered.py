"""A roster brought in again: what it says anew counts, what it repeats leaves the chat's word alone."""

from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from casework.categories import classified
from casework.changing import with_facts
from casework.child_clock import awake
from casework.facts import fact_of, facts_of
from casework.records import Area, Child
from casework.register import Changes, changes
from casework.roster import ChildRow, Kept, Roster
from tests.casework.world import MONDAY, POLICY

AREAS = {
    id: Area(id=id, name=id, level=level, parent=parent)  # type: ignore[arg-type]
    for id, level, parent in (
        ("c1", "county", None), ("t1", "township", "c1"), ("t2", "township", "c1"),
        ("v1", "village", "t1"), ("v2", "village", "t1"), ("v3", "village", "t2"),
    )
}  # fmt: skip
TODAY = date(2026, 11, 23)
LINE = ChildRow(
    code="3001", name="张小雨", sex="female", birth_date=date(2016, 5, 1), village="v1", worker="wang",
    risk=2, guardian_name="刘桂芳", guardian_relation="奶奶", guardian_phone="13900001001", school="一小",
)  # fmt: skip
FACTS = ("father_name", "health", "hukou")


def brought(row: ChildRow, child: Child | None) -> tuple[Child, Changes]:
    """The file after an import of the line, and what the import did."""
    kept = Kept(areas=AREAS, children={} if child is None else {child.id: child})
    ids = count()
    made = changes(Roster(children=(row,)), kept, policy=POLICY, now=MONDAY, new_id=lambda: f"n{next(ids)}")
    after = next((r for r in made.outcome.records if isinstance(r, Child)), child)
    assert after is not None
    return after, made


def known(child: Child, key: str) -> object:
    """What the file says, with what is not collected as nothing."""
    if key == "categories":
        return child.categories if child.given is None else child.given
    if key in ("birth_date", "worker", "village", "risk"):
        return getattr(child, key)
    return {"unknown": ""}.get(value := fact_of(child, key), value)


@dataclass
class Expected:
    """What should be known, by a book of its own: of each cell what counts, and the roster's last word."""

    now: dict[str, object]
    last: dict[str, object]

    def says(self, row: ChildRow) -> None:
        cells = {f.name: getattr(row, f.name) for f in fields(row) if f.name not in ("code", "facts")}
        cells |= row.facts
        new = {key for key, value in cells.items() if value != self.last.get(key, ...)}
        if new & {"village", "worker"}:
            new |= {"village", "worker"}
        if "id_number" in new and row.id_number not in ("", self.now["id_number"]):
            new |= {"sex", "birth_date"}
        self.last |= cells
        self.now |= {key: "" if cells[key] == "unknown" else cells[key] for key in new}


CELLS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["张小雨", "张小羽", "李小雨"]),
    "sex": st.sampled_from(["male", "female", ""]),
    "birth_date": st.sampled_from([date(2016, 5, 1), date(2016, 5, 14), None]),
    "id_number": st.sampled_from(["", "A", "B"]),
    "village": st.sampled_from(["v1", "v2", "v3"]),
    "worker": st.sampled_from(["wang", "liu", None]),
    "risk": st.sampled_from([1, 2, 3]),
    "school": st.sampled_from(["一小", "二小", ""]),
    "guardian_name": st.sampled_from(["刘桂芳", "周桂兰", ""]),
    "guardian_phone": st.sampled_from(["13900001001", "13900001002", ""]),
    "categories": st.sampled_from([(), ("left_behind",), ("disabled", "left_behind")]),
}
MORE = {
    "father_name": st.sampled_from(["张大山", "张山", ""]),
    "health": st.sampled_from(["healthy", "ill", "unknown"]),
    "hukou": st.sampled_from(["yes", "no", "unknown"]),
}
OF_FORMS = ("name", "sex", "id_number", "school", "guardian_name", "guardian_phone")


def with_words(child: Child, said: dict[str, Any]) -> Child:
    """The file as the chat has it now: by forms, a move, a hand-over, a joining."""
    words = {key: said[key] for key in (*OF_FORMS, *FACTS) if key in said}
    if "birth_date" in said:
        words["birth_date"] = said["birth_date"].isoformat() if said["birth_date"] else ""
    child = with_facts(child, words)
    own: dict[str, Any] = {key: said[key] for key in ("village", "worker", "risk") if key in said}
    if "village" in said:
        own["township"] = AREAS[said["village"]].parent
    if "categories" in said:
        own |= {"categories": said["categories"], "given": None}
    return awake(classified(replace(child, **own), POLICY.categories, TODAY), POLICY, MONDAY)


ROUNDS = st.lists(
    st.tuples(
        st.fixed_dictionaries({}, optional=CELLS | MORE),
        st.fixed_dictionaries({}, optional=CELLS),
        st.fixed_dictionaries({}, optional=MORE),
    ),
    max_size=4,
)


@settings(max_examples=200)
@given(ROUNDS)
def test_a_changed_cell_always_counts_and_the_same_roster_never_undoes_what_was_said_since(
    rounds: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]],
) -> None:
    row, (child, _) = LINE, brought(LINE, None)
    cells = {f.name: getattr(row, f.name) for f in fields(row) if f.name not in ("code", "facts")}
    book = Expected(now=dict(cells), last=dict(cells))
    for chat, changed, facts in rounds:
        said = with_words(child, chat)
        book.now |= {key: "" if value == "unknown" else value for key, value in chat.items()}
        assert not brought(row, said)[1].outcome
        row = replace(row, **changed, facts={**row.facts, **facts})
        child, _ = brought(row, said)
        book.says(row)
        for key, value in book.now.items():
            if key != "next_visit":
                assert known(child, key) == value, key
        assert (child.township, child.county) == (AREAS[child.village].parent, "c1")
        assert not brought(row, child)[1].outcome


def test_what_is_replaced_and_what_stands_is_counted_by_cell() -> None:
    child, _ = brought(LINE, None)
    said = with_words(child, {"name": "张小羽", "school": "二小", "village": "v3", "worker": "liu"})
    _, made = brought(LINE, said)
    assert (made.children.replaced, made.children.standing) == ((), ("3001",) * 4)
    after, made = brought(replace(LINE, name="张晓雨", worker="chen"), said)
    assert (after.name, after.village, after.worker, fact_of(after, "school")) == (
        "张晓雨", "v1", "chen", "二小",
    )  # fmt: skip
    assert (made.children.replaced, made.children.standing) == (("3001",) * 3, ("3001",))
    assert made.children.changed == 1


def test_a_roster_that_catches_up_with_the_chat_changes_nothing_and_its_next_word_counts() -> None:
    child, _ = brought(LINE, None)
    said = with_words(child, {"name": "张小羽", "school": "二小"})
    caught_up, made = brought(replace(LINE, name="张小羽", school="二小"), said)
    assert (made.children.changed, made.children.unchanged, made.outcome.events) == (0, 1, ())
    assert facts_of(caught_up) == facts_of(said)
    back, _ = brought(LINE, caught_up)
    assert (back.name, fact_of(back, "school")) == ("张小雨", "一小")


def test_a_file_without_the_rosters_last_word_takes_what_differs_but_no_empty_cell() -> None:
    before = replace(
        brought(LINE, None)[0], rostered={}, name="张小羽", id_number="330123201605010021", risk=1
    )
    after, made = brought(replace(LINE, worker=None, sex=""), before)
    assert (after.name, after.risk) == ("张小雨", 2)
    assert (after.id_number, after.worker, after.sex) == ("330123201605010021", "wang", "female")
    assert (made.children.replaced, made.children.standing) == ((), ("3001",) * 3)
    emptied, _ = brought(replace(LINE, worker=None, village="v3"), replace(before, rostered={}))
    assert (emptied.village, emptied.worker) == ("v3", None)


def test_a_line_that_names_another_carer_brings_the_name_and_telephone_along() -> None:
    child = with_facts(brought(LINE, None)[0], {"carer": "grandmother"})
    after, _ = brought(replace(LINE, guardian_relation="外婆"), child)
    known = [fact_of(after, key) for key in ("carer", "guardian_name", "guardian_phone")]
    assert known == ["grandmother_m", "刘桂芳", "13900001001"]


def test_a_first_look_at_files_of_before_keeps_the_rosters_word_without_an_event() -> None:
    child = replace(brought(LINE, None)[0], rostered={})
    after, made = brought(LINE, child)
    assert (made.children.unchanged, made.outcome.events) == (1, ())
    assert after.rostered["village"] == "v1"
