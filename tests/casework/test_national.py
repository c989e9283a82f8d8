"""The national system: only what changed is handed out, ticked off as it was handed out; the sums hold."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from casework.national import (
    Dimension,
    changed,
    digest_of,
    hand_out,
    mismatches,
    summary,
    tick_off,
    value_of,
)
from casework.policy import load_policy
from casework.records import Child, Entry, Record
from tests.casework.world import CHILD

RULES = load_policy().national
NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
ODD = st.sampled_from(("", "unknown", "home", "primary", "yes", "no", "healthy", "nonsense", "nobody"))
ALL_OF = ("stage", "hukou", "health", "boarding", "carer")


@st.composite
def children(draw: st.DrawFn) -> list[Child]:
    """Some, with anything or nothing noted of them."""
    return [
        replace(
            CHILD, id=f"{n}", child=f"{n}", sex=draw(st.sampled_from(("male", "female", ""))),
            birth_date=draw(st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1))),
            properties={key: draw(ODD) for key in draw(st.sets(st.sampled_from(ALL_OF)))},
        )
        for n in range(draw(st.integers(0, 12)))
    ]  # fmt: skip


def entries_of(records: tuple[Record, ...]) -> dict[str, Entry]:
    return {r.child: r for r in records if isinstance(r, Entry) and r.child}


@given(children())
def test_every_dimension_sums_to_the_total_whatever_was_noted(found: list[Child]) -> None:
    table = summary(found, RULES, NOW.date())
    assert list(mismatches(table, len(found))) == []
    assert all(RULES.not_collected in dimension.buckets for dimension in table)


def test_a_dimension_that_does_not_sum_is_named() -> None:
    wrong = Dimension(key="sex", head="性别", buckets={"男": 3, "女": 4})
    assert list(mismatches([wrong], 8)) == [(wrong, 7)]


def test_what_was_ticked_off_comes_again_only_when_it_changes() -> None:
    digests = {CHILD.id: digest_of(CHILD, RULES, {})}
    offered = entries_of(hand_out([CHILD], {}, digests, batch="f1", by="li").records)
    assert changed([CHILD], offered, digests) == [CHILD]  # handed out is not typed in
    done = tick_off(offered.values(), batch="f1", by="li", now=NOW)
    ticked = entries_of(done.records)
    assert [event.child for event in done.events] == [CHILD.id]
    assert (ticked[CHILD.id].entered_at, ticked[CHILD.id].entered_by) == (NOW, "li")
    assert changed([CHILD], ticked, digests) == []
    corrected = replace(CHILD, guardian_phone="13900000001")
    assert changed([corrected], ticked, {CHILD.id: digest_of(corrected, RULES, {})}) == [corrected]


def test_a_tick_counts_for_what_stood_in_the_sheet_not_for_a_correction_since() -> None:
    digests = {CHILD.id: digest_of(CHILD, RULES, {})}
    offered = entries_of(hand_out([CHILD], {}, digests, batch="f1", by="li").records)
    corrected = replace(CHILD, name="改了")
    ticked = entries_of(tick_off(offered.values(), batch="f1", by="li", now=NOW).records)
    assert changed([corrected], ticked, {CHILD.id: digest_of(corrected, RULES, {})}) == [corrected]


def test_an_older_sheet_ticks_off_nothing_that_a_newer_one_holds() -> None:
    digests = {CHILD.id: digest_of(CHILD, RULES, {})}
    first = entries_of(hand_out([CHILD], {}, digests, batch="f1", by="li").records)
    second = entries_of(hand_out([CHILD], first, digests, batch="f2", by="li").records)
    assert tick_off(second.values(), batch="f1", by="li", now=NOW).records == ()
    assert len(tick_off(second.values(), batch="f2", by="li", now=NOW).records) == 1


def test_an_id_number_stands_in_the_sheet_only_where_the_policy_says_so() -> None:
    child = replace(CHILD, id_number="11010519491231002X")
    field = next(f for f in RULES.tabs["child"].fields if f.of == "id_number")
    assert value_of(child, field, RULES, {}) == ""
    allowed = RULES.model_copy(update={"id_numbers": True})
    assert value_of(child, field, allowed, {}) == "11010519491231002X"
    assert digest_of(child, RULES, {}) != digest_of(CHILD, RULES, {})  # typed by hand, it must still be typed


def test_what_nobody_noted_is_not_collected() -> None:
    (health,) = (f for f in RULES.tabs["child"].fields if f.of == "health")
    assert value_of(CHILD, health, RULES, {}) == "未采集"
    assert value_of(replace(CHILD, properties={"health": "weak"}), health, RULES, {}) == "一般或较弱"
