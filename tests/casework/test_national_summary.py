"""The summary table: each child in one bucket of each block; what does not sum is named."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from casework.national import Book
from casework.national_summary import Bucket, Mismatch, Summary, mismatches, summary
from casework.policy import load_policy
from casework.records import Child
from tests.casework.world import CHILD

RULES = load_policy().national
BOOK = Book(rules=RULES, places={"t1": "柳河镇", "t2": "杨河镇"})
TODAY = datetime(2026, 11, 26, 4, 0, tzinfo=UTC).date()
SUMMED = {key: d.of for key, d in RULES.dimensions.items() if not d.several}
ODD = st.sampled_from(
    (
        "",
        "unknown",
        "home",
        "primary",
        "yes",
        "no",
        "healthy",
        "nonsense",
        "nobody",
        "rural",
        "both_away",
        "poor",
    )
)
RELIEF = st.lists(st.sampled_from(("dibao", "medical", "none", "unknown", "nonsense")), max_size=3)


@st.composite
def groups(draw: st.DrawFn) -> dict[str, list[Child]]:
    """Two townships with some children, anything or nothing noted of them; none older than sixteen."""
    found: dict[str, list[Child]] = {"t1": [], "t2": []}
    for n in range(draw(st.integers(0, 12))):
        known = {of: draw(ODD) for of in draw(st.sets(st.sampled_from((*SUMMED.values(), "hukou"))))}
        child = replace(
            CHILD, id=f"{n}", child=f"{n}", sex=draw(st.sampled_from(("male", "female", ""))),
            birth_date=draw(st.none() | st.dates(date(2009, 11, 27), date(2030, 1, 1))),
            properties={**known, "relief": " ".join(draw(RELIEF))},
        )  # fmt: skip
        found[draw(st.sampled_from(("t1", "t2")))].append(child)
    return found


@given(groups())
def test_every_block_sums_to_the_number_of_children_whatever_was_noted(found: dict[str, list[Child]]) -> None:
    table = summary(found, "合计", BOOK, TODAY)
    assert list(mismatches(table)) == []
    assert [row.area for row in table.rows] == ["柳河镇", "杨河镇"]
    assert table.whole.count == sum(map(len, found.values()))
    blocks = {bucket.heads[0] for bucket in table.buckets}
    assert all(any(b.heads == (head, "未采集") for b in table.buckets) for head in blocks)


def counted(table: Summary) -> dict[tuple[str, ...], int]:
    """What is not zero in the last row."""
    return {bucket.heads: n for bucket, n in table.whole.counts.items() if n}


def test_ages_are_counted_with_the_sexes_and_relief_as_often_as_a_child_gets_it() -> None:
    girl = replace(
        CHILD, sex="female", birth_date=date(2016, 5, 4),
        properties={"relief": "dibao medical", "hukou": "no", "carer": "parent", "stage": "out"},
    )  # fmt: skip
    boy = replace(CHILD, id="2", sex="male", birth_date=date(2020, 11, 26), properties={"stage": "high"})
    found = counted(summary({"t1": [girl, boy]}, "合计", BOOK, TODAY))
    assert found["年龄", "6–13岁", "小计"] == 2
    assert (found["年龄", "6–13岁", "男"], found["年龄", "6–13岁", "女"]) == (1, 1)
    assert ("年龄", "未采集") not in found
    assert (found["教育", "其他"], found["教育", "高中、中专及以上"]) == (1, 1)
    assert (found["户籍性质", "其他（含无户口）"], found["户籍性质", "未采集"]) == (1, 1)
    assert (found["实际监护", "无委托照料人"], found["实际监护", "未采集"]) == (1, 1)
    relief = "救助措施（可有几项，不合计）"
    assert (found[relief, "低保"], found[relief, "医疗救助"], found[relief, "未采集"]) == (1, 1, 1)


def test_who_is_older_than_all_groups_is_named_by_the_sums() -> None:
    old = replace(CHILD, birth_date=date(2009, 11, 26))
    found = list(mismatches(summary({"t1": [old]}, "合计", BOOK, TODAY)))
    assert found == [
        Mismatch(area="柳河镇", head="年龄", found=0, expected=1),
        Mismatch(area="合计", head="年龄", found=0, expected=1),
    ]


def test_a_subtotal_or_a_column_that_does_not_sum_is_named() -> None:
    table = summary({"t1": [replace(CHILD, birth_date=date(2016, 5, 4))]}, "合计", BOOK, TODAY)
    subtotal = Bucket(key="age", heads=("年龄", "6–13岁", "小计"), total=True)
    wrong = replace(table.whole, counts={**table.whole.counts, subtotal: 5})
    found = list(mismatches(replace(table, whole=wrong)))
    assert found == [
        Mismatch(area="合计", head="年龄 6–13岁 小计", found=1, expected=5),
        Mismatch(area="合计", head="年龄 6–13岁 小计", found=1, expected=5),
    ]
