"""Care activities: comings and children are counted apart; what was noted by mistake counts no more."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from casework.activities import note_activity, turnout, void_activity
from casework.records import Activity, Attendance
from tests.casework.world import CHILD, MONDAY, WANG, Book

SISTER = replace(CHILD, id="3003", child="3003")
YEAR = date(2026, 1, 1), date(2026, 12, 31)


def activity(id: str, day: date = date(2026, 11, 20), others: int = 0) -> Activity:
    return Activity(id=id, day=day, sort="safety", host="village", others=others, noted_at=MONDAY)


def counted(book: Book, first: date = YEAR[0], last: date = YEAR[1]) -> tuple[int, int, int, int]:
    count = turnout(book.all(Activity), book.all(Attendance), first, last)
    return count.activities, count.person_times, count.distinct, count.others


def test_every_coming_counts_and_every_child_once() -> None:
    book = Book()
    book.keep(note_activity(activity("a", others=10), [CHILD, SISTER], by=WANG, now=MONDAY))
    book.keep(note_activity(activity("b"), [CHILD], by=WANG, now=MONDAY))
    assert counted(book) == (2, 13, 2, 10)


def test_a_child_that_is_named_twice_came_once() -> None:
    book = Book()
    book.keep(note_activity(activity("a"), [CHILD, CHILD], by=WANG, now=MONDAY))
    assert counted(book) == (1, 1, 1, 0)


def test_days_outside_the_time_do_not_count() -> None:
    book = Book()
    book.keep(note_activity(activity("a", date(2025, 12, 31), 5), [CHILD], by=WANG, now=MONDAY))
    assert counted(book) == (0, 0, 0, 0)
    assert counted(book, date(2025, 12, 31), date(2025, 12, 31)) == (1, 6, 1, 5)


def test_what_was_noted_by_mistake_counts_no_more_with_all_who_came() -> None:
    book = Book()
    book.keep(note_activity(activity("a", others=3), [CHILD], by=WANG, now=MONDAY))
    book.keep(note_activity(activity("b"), [SISTER], by=WANG, now=MONDAY))
    first = book.all(Activity)[0]
    book.keep(void_activity(first, book.all(Attendance), by=WANG, now=MONDAY))
    assert counted(book) == (1, 1, 1, 0)
    assert not void_activity(book.all(Activity)[0], book.all(Attendance), by=WANG, now=MONDAY)


def test_no_child_stands_in_the_activity_itself_or_its_event() -> None:
    book = Book()
    book.keep(note_activity(activity("a"), [CHILD], by=WANG, now=MONDAY))
    assert book.one(Activity).child is None
    assert book.one(Attendance).child == "3001"
    assert book.events[0].detail == {"sort": "safety", "present": "1", "others": "0"}


@given(st.lists(st.tuples(st.sets(st.integers(0, 20), max_size=10), st.integers(0, 50)), max_size=12))
def test_distinct_children_are_never_more_than_comings(held: list[tuple[set[int], int]]) -> None:
    book = Book()
    for n, (came, others) in enumerate(held):
        children = [replace(CHILD, id=str(code), child=str(code)) for code in came]
        book.keep(note_activity(activity(f"a{n}", others=others), children, by=WANG, now=MONDAY))
    activities, times, distinct, without_file = counted(book)
    assert activities == len(held)
    assert times == sum(len(came) + others for came, others in held)
    assert distinct == len(set().union(*(came for came, _ in held), set()))
    assert distinct <= times - without_file or not held
