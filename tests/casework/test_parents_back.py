"""Parents come home: what ends with it and when, and what does not."""

from datetime import date, timedelta

from casework.categories import classified
from casework.child_clock import wake_child
from casework.child_records import Back, Stay, Who
from casework.outcome import Outcome
from casework.parents_back import came_back, may_be_back, went_again
from casework.record import replace
from casework.records import Amendment, Child, Visit
from casework.visits import complete_visit
from tests.casework.world import CHILD, CIRCLE, DAY, MONDAY, NOBODY, POLICY, WANG, Book, at

TODAY = date(2026, 11, 23)
AWAY = {"hukou_nature": "rural", "father": "away", "mother": "away"}
LEFT = classified(replace(CHILD, birth_date=date(2016, 5, 4), properties=AWAY), POLICY.categories, TODAY)


def back(
    book: Book, who: Who = "mother", stay: Stay = "stays", able: str = "yes", child: Child = LEFT
) -> Outcome:
    if not book.records:
        book.keep(Outcome(records=(child,)))
    return book.keep(
        came_back(
            book.one(Child), Back(who=who, since=date(2026, 11, 20), stay=stay), able=able, by=WANG,
            visits=book.all(Visit), policy=POLICY, now=MONDAY, new_id=book.new_id,
        )
    )  # fmt: skip


def woken(book: Book, when: str) -> Outcome:
    return book.keep(
        wake_child(
            book.one(Child), circle=CIRCLE, policy=POLICY, now=at(when), new_id=book.new_id,
            visits=book.all(Visit),
        )
    )  # fmt: skip


def test_back_for_good_and_able_a_visit_comes_first_and_only_then_closing_is_asked_about() -> None:
    book = Book()
    back(book)
    child, visit = book.one(Child), book.one(Visit)
    assert child.categories == ()
    assert (visit.purpose, visit.due) == ("follow_up", date(2026, 12, 20))
    assert child.status == "active"
    assert child.wake_at == at("2026-12-21 08:00")
    assert not woken(book, "2026-12-21 08:00").notices  # not made yet: it reminds of itself
    assert book.one(Child).wake_at == at("2026-12-28 08:00")
    book.keep(
        complete_visit(
            book.one(Visit), child=book.one(Child), by="wang", submission="s1", policy=POLICY,
            now=at("2026-12-22 10:00"), new_id=book.new_id,
        )
    )  # fmt: skip
    asked = woken(book, "2026-12-28 08:00")
    assert [(n.to, n.kind) for n in asked.notices] == [("wang", "duties")]
    assert book.one(Child).wake_at == at("2027-05-04 08:00")  # once; then the next birthday


def test_a_return_for_the_festival_changes_no_category_and_plans_nothing() -> None:
    book = Book()
    back(book, "both", "short")
    assert book.one(Child).categories == ("left_behind",)
    assert book.all(Visit) == []
    assert book.one(Child).properties["parents_home_on"] == "2026-11-20"
    assert book.one(Amendment).after == {"parents_home_on": "2026-11-20"}


def test_one_parent_who_cannot_care_ends_nothing_while_the_other_is_away() -> None:
    book = Book()
    back(book, "mother", able="no")
    assert book.one(Child).categories == ("left_behind",)
    assert book.all(Visit) == []


def test_a_child_in_another_category_is_visited_but_closing_is_not_asked_about() -> None:
    book = Book()
    poor = classified(replace(LEFT, properties={**AWAY, "relief": "dibao"}), POLICY.categories, TODAY)
    back(book, child=poor)
    assert "difficulty" in book.one(Child).categories
    assert book.one(Visit).purpose == "follow_up"
    assert book.one(Child).back == Back(who="mother", since=date(2026, 11, 20), stay="stays")


def test_where_nobody_knows_it_is_asked_after_the_policys_days() -> None:
    book = Book()
    back(book, "father", "unsure")
    assert book.one(Child).wake_at == at("2026-12-23 08:00")
    assert [(n.to, n.kind) for n in woken(book, "2026-12-23 08:00").notices] == [("wang", "duties")]


def test_without_a_worker_it_is_asked_later() -> None:
    book = Book()
    back(book, "father", "unsure")
    outcome = wake_child(
        book.one(Child), circle=NOBODY, policy=POLICY, now=at("2026-12-23 08:00"), new_id=book.new_id
    )
    (child,) = (r for r in outcome.records if isinstance(r, Child))
    assert child.wake_at == at("2026-12-30 08:00")


def test_gone_again_everything_is_as_before_and_nothing_is_asked() -> None:
    book = Book()
    back(book, "both")
    outcome = went_again(book.one(Child), by=WANG, policy=POLICY, now=MONDAY + DAY, new_id=book.new_id)
    book.keep(outcome)
    child = book.one(Child)
    assert (child.categories, child.back) == (("left_behind",), None)
    assert child.wake_at == at("2027-05-04 08:00")
    assert not went_again(child, by=WANG, policy=POLICY, now=MONDAY + timedelta(days=2), new_id=book.new_id)


def test_a_dead_parent_is_not_offered() -> None:
    assert may_be_back(replace(LEFT, properties={"father": "dead"})) == ("mother",)
    assert may_be_back(replace(LEFT, properties={"father": "dead", "mother": "barred"})) == ()
