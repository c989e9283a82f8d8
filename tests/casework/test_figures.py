"""The figures of the work summary: parts and wholes agree, each names what it counts, words are earned."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casework.figure_words import about, told_outside, word_of
from casework.figures import Books, Counted, Figure, Span, figures
from casework.policy import load_policy
from casework.records import Area, Child, Escalation, Matter, Person, Post, Taken, Visit
from tests.casework.world import CHILD

POLICY = load_policy()
TODAY = date(2026, 11, 26)
MONTH = Span(first=date(2026, 11, 1), last=date(2026, 11, 30), today=TODAY)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def children(count: int) -> list[Child]:
    return [replace(CHILD, id=f"c{n}", child=f"c{n}", categories=("left_behind",)) for n in range(count)]


def matter(n: int, sort: str, *states: str, status: str = "open") -> Matter:
    story = tuple(Taken(at=NOON, step="x", state=state) for state in states)
    return Matter(
        id=f"{sort}{n}", child=f"c{n}", sort=sort, state=states[-1], status=status, opened_at=NOON,
        since=NOON.date(), story=story,
    )  # fmt: skip


def found(books: Books, key: str, part: str = "") -> Figure:
    return next(f for f in figures(books, POLICY, MONTH) if (f.key, f.part) == (key, part))


moments = st.integers(0, 24 * 120).map(
    lambda hours: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=hours)
)


@st.composite
def books(draw: st.DrawFn) -> Books:
    """Children, and of each some visits, alerts and matters in any state."""
    everyone = [
        replace(c, status=draw(st.sampled_from(("active", "closed"))))
        for c in children(draw(st.integers(0, 6)))
    ]
    visits, alerts, matters = [], [], []
    for n, child in enumerate(everyone):
        at = draw(moments)
        done = draw(st.booleans())
        visits.append(
            Visit(
                id=f"v{n}", child=child.id, status="done" if done else "planned", due=at.date(),
                planned_on=at.date(), closed_at=at if done else None,
            )
        )  # fmt: skip
        flag, status = (
            draw(st.sampled_from(("dropout", "health"))),
            draw(st.sampled_from(("open", "resolved"))),
        )
        alerts.append(
            Escalation(id=f"e{n}", child=child.id, flag=flag, urgency="days", opened_at=at, status=status)
        )
        sort = draw(st.sampled_from(sorted(POLICY.matters.sorts)))
        states = draw(
            st.lists(st.sampled_from(sorted(POLICY.matters.sorts[sort].states)), min_size=1, max_size=3)
        )
        matters.append(matter(n, sort, *states))
    return Books(children=everyone, visits=visits, escalations=alerts, matters=matters)


@given(books())
def test_parts_add_to_the_whole_and_every_count_names_its_records(kept: Books) -> None:
    counted = figures(kept, POLICY, MONTH)
    for f in counted:
        if f.key != "person_times":
            assert f.count == len(f.records) == len(set(f.records))
        if f.whole is not None:
            assert f.whole == f.count + len(f.lacking)
            assert not {r.id for r in f.records} & {r.id for r in f.lacking}
        assert f.as_of <= TODAY
    alerts = next(f for f in counted if f.key == "alerts")
    assert alerts.whole == sum(f.count for f in counted if f.key == "alerts_of")


def test_nothing_of_nothing_is_not_all() -> None:
    assert word_of(found(Books(), "have", "agreement"), POLICY.summary) == ""


@given(st.integers(0, 200), st.integers(1, 200))
def test_all_is_said_of_the_whole_alone_and_basically_of_nine_tenths(count: int, more: int) -> None:
    whole = count + more
    share = Figure(key="have", count=count, whole=whole, as_of=TODAY)
    assert word_of(share, POLICY.summary) == ("basically" if count * 10 >= whole * 9 else "")
    assert word_of(replace(share, count=whole), POLICY.summary) == "all"


def test_a_child_that_had_nobody_counts_as_named_once_somebody_is() -> None:
    kept = Books(
        children=children(3),
        matters=[
            matter(0, "agreement", "unnamed"),
            matter(1, "agreement", "unnamed", "in_force"),
            matter(2, "agreement", "in_force"),
        ],
    )
    named, have = found(kept, "named"), found(kept, "have", "agreement")
    assert (named.count, named.whole, named.lacking[0].child) == (1, 2, "c0")
    assert (have.count, have.whole) == (2, 3)


def test_a_return_is_counted_of_those_who_had_dropped_out() -> None:
    kept = Books(
        children=children(3),
        matters=[
            matter(0, "school", "suspected", "verified", "watched"),
            matter(1, "school", "suspected", "verified", "persuading"),
            matter(2, "school", "suspected"),
        ],
    )
    back = found(kept, "returned")
    assert (back.count, back.whole) == (1, 2)
    assert back.records == (Counted(kind="matter", id="school0", child="c0"),)
    assert found(kept, "suspected").count == 1


def test_a_registration_counts_in_the_month_in_which_it_came() -> None:
    kept = Books(
        children=children(2), matters=[matter(0, "hukou", "registered"), matter(1, "hukou", "papers")]
    )
    assert (found(kept, "done", "hukou").count, found(kept, "done", "hukou").whole) == (1, 2)
    before = Span(first=date(2026, 10, 1), last=date(2026, 10, 31), today=TODAY)
    (figure,) = (f for f in figures(kept, POLICY, before) if (f.key, f.part) == ("done", "hukou"))
    assert (figure.count, figure.whole, figure.as_of) == (0, 0, date(2026, 10, 31))


def test_a_post_is_held_by_whoever_is_named_for_it_and_has_not_left() -> None:
    areas = [Area(id="t1", name="甲", level="township"), Area(id="v1", name="乙", level="village"),
             Area(id="v2", name="丙", level="village")]  # fmt: skip
    here = Person(id="w1", name="王", posts=(Post(role="village_worker", area="v1"),), status="joined")
    gone = Person(id="w2", name="刘", posts=(Post(role="village_worker", area="v2"),), status="left")
    kept = Books(areas=areas, people=[here, gone])
    assert [r.id for r in found(kept, "villages").lacking] == ["v2"]
    assert found(kept, "workers").count == 1
    assert (found(kept, "townships").count, found(kept, "townships").whole) == (0, 1)


def test_a_visit_counts_on_the_day_in_the_county_not_in_greenwich() -> None:
    late = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)  # 1 November, 1 o'clock
    visit = Visit(id="v", child="c0", status="done", due=TODAY, planned_on=TODAY, closed_at=late)
    assert found(Books(children=children(1), visits=[visit]), "visits").count == 1
    earlier = replace(visit, closed_at=late - timedelta(hours=2))
    assert found(Books(children=children(1), visits=[earlier]), "visits").count == 0


def test_a_small_number_leaves_as_fewer_than_and_cannot_be_had_by_subtraction() -> None:
    def of(part: str, count: int) -> Figure:
        return Figure(key="alerts_of", part=part, count=count, as_of=TODAY)

    told = told_outside([of("a", 2), of("b", 7), of("c", 20), of("d", 0)], small=5)
    assert told == {
        ("alerts_of", "a"): None,
        ("alerts_of", "b"): None,
        ("alerts_of", "c"): 20,
        ("alerts_of", "d"): 0,
    }


def test_a_state_that_the_policy_does_not_have_is_a_fault() -> None:
    from casework.policy_summary import summary_faults

    wrong = POLICY.summary.model_copy(update={"returned": ("gone",), "basically": 1.5})
    faults = dict(summary_faults(wrong, POLICY.matters, "school"))
    assert set(faults) == {"summary.returned", "summary.basically"}


def test_officials_round_thousands_down_and_say_more() -> None:
    assert [about(count) for count in (812, 1000, 5000, 5123)] == [
        (812, False),
        (1000, False),
        (5000, False),
        (5000, True),
    ]
