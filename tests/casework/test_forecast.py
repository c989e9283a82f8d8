"""What the coming days would bring: everything done on time, nobody answering, and one number changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from casework.child_clock import awake
from casework.escalations import open_escalation
from casework.forecast import Books, forecast
from casework.forecast_tally import Tally
from casework.matters import Around, Report, begin_matter
from casework.policy import load_policy
from casework.policy_changes import Change, changes
from casework.policy_models import Policy
from casework.records import (
    Area,
    CheckIn,
    Child,
    Circle,
    Escalation,
    Leave,
    Person,
    Post,
    Role,
    Visit,
)
from casework.visits import plan_visit

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)  # a Monday, two in the afternoon
TODAY = date(2026, 11, 30)
PACKAGED = load_policy()


def person(id: str, role: Role, area: str, **more: object) -> Person:
    post = (Post(role=role, area=area),)
    return Person(id=id, person=id, name=id, posts=post, **{"status": "joined", **more})  # type: ignore[arg-type]


PEOPLE = (
    person("w", "village_worker", "v"),
    person("o", "township_officer", "t"),
    person("k", "county_officer", "c"),
    person("g", "guardian", "v", cares_for=("red",)),
)


def child(id: str, risk: int, **more: object) -> Child:
    fields: dict[str, object] = {"worker": "w", "township": "t", **more}
    return Child(
        id=id, child=id, name="张小花", village="v", county="c", risk=risk, registered_on=TODAY, **fields
    )  # type: ignore[arg-type]


def planned(children: Sequence[Child], due: date) -> tuple[Visit, ...]:
    """A visit of each child, planned long ago."""
    ids, long_ago = count(), NOW - timedelta(days=60)
    made = [
        plan_visit(one, policy=PACKAGED, now=long_ago, new_id=lambda: f"v{next(ids)}", due=due)
        for one in children
    ]
    return tuple(record for outcome in made for record in outcome.records if isinstance(record, Visit))


def books(*children: Child, due: date = date(2026, 12, 3), **more: object) -> Books:
    found: dict[str, object] = {"people": PEOPLE, "children": children, "visits": planned(children, due)}
    return Books(**{**found, **more})  # type: ignore[arg-type]


def of(tally: Tally, who: str, measure: str) -> int:
    return sum(counts[measure] for (person, _), counts in tally.counts.items() if person == who)


def own(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def test_where_all_is_done_each_visit_is_reminded_of_twice_and_nothing_goes_up() -> None:
    """A red child, due on 3 December: in 28 days on the 3rd, 10th, 17th and 24th."""
    told = forecast(books(child("red", 1)), policy=PACKAGED, now=NOW, days=28, course="done")
    assert dict(told.counts["w", "t"]) == {"visits": 4, "reminded": 8, "messages": 8}
    assert set(told.by_day) == {"w"}
    assert sorted(told.by_day["w"]) == [date(2026, 12, day) for day in (2, 3, 9, 10, 16, 17, 23, 24)]


def test_where_nobody_answers_the_reason_is_asked_for_and_the_visit_goes_up_once() -> None:
    told = forecast(books(child("red", 1)), policy=PACKAGED, now=NOW, days=10, course="silent")
    assert (of(told, "w", "visits"), of(told, "w", "reminded"), of(told, "w", "gone_up")) == (1, 2, 1)
    assert of(told, "w", "asked") == 2  # on the 4th and the 7th; next on the 10th, a longer gap on
    assert min(told.by_day["o"]) == date(2026, 12, 5)
    assert min(told.by_day["k"]) == date(2026, 12, 6)  # the county, a day after the officer
    assert of(told, "o", "alerts") == of(told, "o", "messages") > 3


def test_what_goes_up_at_one_moment_is_one_message_to_each_however_many_children_there_are() -> None:
    one = forecast(books(child("r0", 1)), policy=PACKAGED, now=NOW, days=10, course="silent")
    kept = books(*(child(f"r{n}", 1) for n in range(20)))
    many = forecast(kept, policy=PACKAGED, now=NOW, days=10, course="silent")
    for who in ("o", "k"):
        assert of(many, who, "alerts") == 20 * of(one, who, "alerts") > 0
        assert many.by_day[who] == one.by_day[who]
        assert of(many, who, "messages") == of(one, who, "messages")


def test_a_visit_that_nobody_can_make_goes_up_even_where_all_is_done() -> None:
    """Whom nobody holds the post for is told at once; the officer takes it on, and is told once."""
    told = forecast(books(child("red", 1, worker=None)), policy=PACKAGED, now=NOW, days=7, course="done")
    assert of(told, "", "visits") == 1
    assert of(told, "o", "alerts") >= 1


def test_who_has_not_joined_gets_nothing() -> None:
    people = tuple(replace(p, status="invited") for p in PEOPLE)
    told = forecast(books(child("red", 1), people=people), policy=PACKAGED, now=NOW, days=30, course="silent")
    assert dict(told.by_day) == {}


def test_a_carers_prompt_is_answered_or_becomes_a_call() -> None:
    asked = CheckIn(id="q", child="red", person="g", due=TODAY, wake_at=NOW + timedelta(hours=4))
    with_one = books(child("red", 1), due=date(2027, 3, 1), checkins=(asked,))
    done = forecast(with_one, policy=PACKAGED, now=NOW, days=28, course="done")
    silent = forecast(with_one, policy=PACKAGED, now=NOW, days=28, course="silent")
    assert (of(done, "g", "checkins"), of(done, "w", "visits")) == (4, 0)
    assert of(silent, "g", "checkins") == 4
    assert of(silent, "w", "visits") == 1  # the call; another is not given while it is to be made


def test_a_matter_moves_on_when_it_is_reminded_of_or_is_late() -> None:
    circle = Circle(worker=PEOPLE[0], officers=(PEOPLE[1],), county=(PEOPLE[2],))
    around = Around(
        child=child("red", 1), circle=circle, policy=PACKAGED, now=NOW, new_id=lambda: "m"
    )  # fmt: skip
    begun = begin_matter("hukou", "start", Report(), by="w", around=around)
    kept = books(child("red", 1), due=date(2027, 6, 1), matters=begun.records)
    done = forecast(kept, policy=PACKAGED, now=NOW, days=90, course="done")
    silent = forecast(kept, policy=PACKAGED, now=NOW, days=90, course="silent")
    assert sum(counts["matters"] for counts in done.counts.values()) == 1
    assert sum(counts["matters"] for counts in silent.counts.values()) > 3
    assert (of(done, "o", "alerts"), of(silent, "o", "alerts") > 0) == (0, True)


def test_a_leave_and_a_vacant_post_are_in_it_whatever_people_do() -> None:
    """Away for three days without a deputy: county and township hear of the village, she of her return."""
    areas = (
        Area(id="c", name="c", level="county", wake_at=NOW),
        Area(id="t", name="t", level="township", parent="c"),
        Area(id="v", name="v", level="village", parent="t"),
    )
    leave = Leave(start=date(2026, 12, 3), end=date(2026, 12, 5), alone=True)
    away = replace(PEOPLE[0], leave=leave)
    kept = books(child("red", 1), due=date(2027, 3, 1), people=(away, *PEOPLE[1:]), areas=areas)
    for course in ("done", "silent"):
        told = forecast(kept, policy=PACKAGED, now=NOW, days=10, course=course)  # type: ignore[arg-type]
        assert {who: sorted(days) for who, days in told.by_day.items()} == {
            "w": [date(2026, 12, 6)],
            "o": [date(2026, 12, 3), date(2026, 12, 6)],
            "k": [date(2026, 12, 3), date(2026, 12, 6)],
        }
        assert ("w", "t") in told.counts


def test_an_open_alert_keeps_the_ladder_that_it_began_with(tmp_path: Path) -> None:
    ids = count()
    circle = Circle(worker=PEOPLE[0], officers=(PEOPLE[1],), county=(PEOPLE[2],))
    begun = open_escalation(
        "dropout", child=child("red", 1), circle=circle, facts={}, source=None, by="w", policy=PACKAGED,
        now=NOW, new_id=lambda: f"e{next(ids)}",
    )  # fmt: skip
    kept = books(child("red", 1), due=date(2027, 3, 1), escalations=(begun.records[0],))
    other = own(
        tmp_path,
        "[ladders.today]\nsource = '本县规定'\n[[ladders.today.steps]]\nto = ['county_officer']\n"
        "after_minutes = 0\nrepeat_minutes = 1\ngrowth = 1.0\nlongest_minutes = 1\n",
    )
    assert isinstance(begun.records[0], Escalation)
    here, there = (
        forecast(kept, policy=p, now=NOW, days=2, course="silent").by_day for p in (PACKAGED, other)
    )
    assert here == there != {}


def test_one_number_that_changes_changes_exactly_what_hangs_on_it(tmp_path: Path) -> None:
    """Red children are asked about a day later: nothing else of theirs, and nothing of the others."""
    later = own(tmp_path, "[visits.risks.1]\nsource = '本县规定'\nup_after_days = 4\n")
    assert [(c.key, c.before, c.after, c.source_after) for c in changes(PACKAGED, later)] == [
        ("visits.risks.1.up_after_days", "2", "4", "本县规定")
    ]
    kept = books(
        child("red", 1),
        child("orange", 2, township="t2"),
        people=(*PEOPLE, person("o2", "township_officer", "t2")),
    )
    before, after = (forecast(kept, policy=p, now=NOW, days=12, course="silent") for p in (PACKAGED, later))
    assert before.counts["o2", "t2"] == after.counts["o2", "t2"]
    assert before.counts["w", "t2"] == after.counts["w", "t2"]
    first = min(before.by_day["o"]), min(after.by_day["o"])
    assert first == (date(2026, 12, 5), date(2026, 12, 7))
    assert [of(told, "w", "asked") - told.counts["w", "t2"]["asked"] for told in (before, after)] == [3, 2]
    same = "visits", "reminded", "gone_up"
    assert [of(before, "w", m) for m in same] == [of(after, "w", m) for m in same]
    done = [forecast(kept, policy=p, now=NOW, days=30, course="done") for p in (PACKAGED, later)]
    assert done[0].counts == done[1].counts
    assert done[0].by_day == done[1].by_day


def test_the_same_rules_differ_in_nothing_and_a_source_alone_is_told(tmp_path: Path) -> None:
    assert changes(PACKAGED, load_policy()) == ()
    other = own(
        tmp_path,
        "[pin]\nsource = '县民政局决定'\n[periods.harvest]\nsource = '本县规定'\n"
        "zh_Hans = '农忙'\nen = 'harvest'\nstart = '10-01'\nend = '10-20'\nvisits = 2\n",
    )
    found = {c.key: c for c in changes(PACKAGED, other)}
    assert found["pin.source"].after == "县民政局决定"
    assert (found["periods.harvest.visits"].before, found["periods.harvest.visits"].after) == (None, "2.0")
    assert "periods.harvest.source" not in found
    assert isinstance(found["pin.source"], Change)


def test_what_comes_in_one_hour_is_one_message(tmp_path: Path) -> None:
    many = [child(f"c{n}", 2) for n in range(9)]
    told = forecast(books(*many), policy=PACKAGED, now=NOW, days=7, course="done")
    assert Counter(told.by_day["w"]) == {date(2026, 12, 2): 1, date(2026, 12, 3): 1}
    assert of(told, "w", "reminded") == 18


def test_a_sixteenth_birthday_is_a_message_to_the_officer_and_stands_in_the_workers_morning() -> None:
    sixteen = child("red", 4, birth_date=date(2010, 12, 10))
    later = awake(sixteen, PACKAGED, NOW)
    due = date(2027, 2, 1)
    before, after = (
        forecast(books(one, due=due), policy=PACKAGED, now=NOW, days=30, course="silent")
        for one in (sixteen, later)
    )
    assert of(after, "o", "messages") - of(before, "o", "messages") == 1
    assert of(after, "w", "messages") - of(before, "w", "messages") == 1
