"""Several matters of one child: one message, one taking on, and nothing that dies under another."""

from dataclasses import replace
from datetime import timedelta

from casework.clocks import arrived, seen
from casework.escalations import open_escalation, resolve, wake_escalation
from casework.flags import Flag, raise_flags
from casework.gathering import acknowledge_all, freed
from casework.records import Circle, Escalation, Submission
from tests.casework.world import CHILD, CIRCLE, HOUR, LI, MINUTE, MONDAY, POLICY, SUN, Book

REPORT = Submission(
    id="s1", child="3001", person="wang", form="visit", form_version="1", digest="d", at=MONDAY
)


def report(book: Book, *flags: Flag, circle: Circle = CIRCLE) -> tuple[Escalation, ...]:
    book.keep(
        raise_flags(
            flags, submission=REPORT, child=CHILD, circle=circle, policy=POLICY, now=MONDAY,
            new_id=book.new_id, already_open=book.all(Escalation),
        )
    )  # fmt: skip
    return tuple(book.all(Escalation))


def missed(book: Book, *, urgency: str = "days") -> Escalation:
    book.keep(
        open_escalation(
            "missed_visit", child=CHILD, circle=CIRCLE, facts={}, source="v1", by=None, policy=POLICY,
            now=MONDAY + HOUR, new_id=book.new_id, urgency=urgency, among=book.all(Escalation),  # type: ignore[arg-type]
        )
    )  # fmt: skip
    return book.all(Escalation)[-1]


def wake(book: Book, e: Escalation, lead: Escalation | None) -> Escalation:
    assert e.wake_at is not None
    book.keep(wake_escalation(e, child=CHILD, circle=CIRCLE, policy=POLICY, now=e.wake_at, lead=lead))
    return next(kept for kept in book.all(Escalation) if kept.id == e.id)


DROPOUT, HEALTH = Flag(kind="dropout", urgency="today"), Flag(kind="health", urgency="today")
MOOD, DANGER = Flag(kind="mood", urgency="days"), Flag(kind="danger", urgency="now")
HELP = Flag(kind="help_wanted", urgency="today")


def test_what_one_report_raises_is_one_message() -> None:
    book = Book()
    first, *others = report(book, DROPOUT, HEALTH, MOOD)
    assert book.said() == [("li", "escalation_told")]
    assert [e.under for e in others] == [first.id, first.id]
    assert [[t.person for t in e.told] for e in others] == [["li"], ["li"]]


def test_what_goes_to_somebody_else_as_well_speaks_for_itself() -> None:
    book = Book()
    _, asked = report(book, DROPOUT, HELP)
    assert asked.under is None
    assert ("wang", "escalation_told") in book.said()


def test_what_is_reported_later_is_never_silent() -> None:
    book = Book()
    report(book, DANGER)
    before = len(book.notices)
    later = replace(REPORT, id="s2")
    book.keep(
        raise_flags(
            [MOOD], submission=later, child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY + MINUTE,
            new_id=book.new_id, already_open=book.all(Escalation),
        )
    )  # fmt: skip
    assert book.said(before) == [("li", "escalation_told")]


def test_a_missed_visit_keeps_silent_while_something_more_urgent_is_open() -> None:
    book = Book()
    (danger,) = report(book, DANGER)
    before = len(book.notices)
    late = missed(book)
    assert (late.under, late.told) == (danger.id, ())
    late = wake(book, late, danger)
    assert book.said(before) == []
    assert late.wake_at == MONDAY + 3 * HOUR, "nobody has heard of it: it asks again soon"


def test_a_missed_visit_as_urgent_as_the_other_speaks_for_itself() -> None:
    book = Book()
    report(book, DROPOUT)
    assert missed(book, urgency="today").under is None


def test_who_takes_the_greater_one_on_takes_on_what_it_speaks_for() -> None:
    book = Book()
    first, second = report(book, DROPOUT, HEALTH)
    before = len(book.notices)
    book.keep(acknowledge_all(first, others=[second], by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    assert [(e.status, e.person) for e in book.all(Escalation)] == [("acknowledged", "li")] * 2
    assert book.said(before) == [("wang", "escalation_taken")]
    assert book.happenings().count("escalation_acknowledged") == 2


def test_somebody_who_comes_second_takes_nothing_on() -> None:
    book = Book()
    first, second = report(book, DROPOUT, HEALTH)
    taken = replace(first, status="acknowledged", person="sun")
    assert not acknowledge_all(taken, others=[second], by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_after_the_greater_one_has_ended_the_other_is_told_at_once() -> None:
    book = Book()
    (danger,) = report(book, DANGER)
    late = missed(book)
    now = MONDAY + 2 * HOUR
    book.keep(resolve(danger, by=SUN, outcome="在医院", circle=CIRCLE, policy=POLICY, now=now))
    ended = book.all(Escalation)[0]
    book.keep(freed(ended, others=[late], now=now))
    before = len(book.notices)
    late = wake(book, book.all(Escalation)[-1], ended)
    assert (late.under, late.status) == (None, "open")
    assert book.said(before) == [("li", "escalation_told")]


def test_even_if_nobody_frees_it_the_clock_finds_that_the_greater_one_has_ended() -> None:
    book = Book()
    (danger,) = report(book, DANGER)
    late = missed(book)
    before = len(book.notices)
    late = wake(book, late, replace(danger, status="withdrawn"))
    assert book.said(before) == [("li", "escalation_told")]
    assert late.under is None


def test_what_was_taken_on_lapses_after_its_time_when_the_greater_one_has_ended() -> None:
    book = Book()
    first, second = report(book, DROPOUT, HEALTH)
    book.keep(acknowledge_all(first, others=[second], by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    first, second = book.all(Escalation)
    book.keep(resolve(first, by=LI, outcome="回校了", circle=CIRCLE, policy=POLICY, now=MONDAY))
    book.keep(freed(book.all(Escalation)[0], others=[second], now=MONDAY))
    second = book.all(Escalation)[-1]
    assert second.wake_at == MONDAY + timedelta(hours=24)
    assert wake(book, second, None).status == "open"


def test_a_second_and_more_urgent_report_lets_it_speak_for_itself() -> None:
    book = Book()
    report(book, DROPOUT, HEALTH)
    before = len(book.notices)
    report(book, replace(HEALTH, urgency="now"))
    risen = next(e for e in book.all(Escalation) if e.flag == "health")
    assert (risen.under, risen.urgency) == (None, "now")
    assert ("sun", "escalation_told") in book.said(before)


def test_what_stood_in_the_message_of_the_greater_one_arrived_and_was_seen_with_it() -> None:
    book = Book()
    first, second = report(book, DROPOUT, HEALTH)
    assert second.told[0].delivered_at is None
    key = next(n.key for n in book.notices if n.kind == "escalation_told")
    book.keep(arrived(first, person="li", key=key, now=MONDAY + HOUR))
    first = book.all(Escalation)[0]
    looked = seen(first, person="li", now=MONDAY + 2 * HOUR)
    book.keep(acknowledge_all(looked, others=[second], by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    (line,) = book.all(Escalation)[1].told
    assert (line.rung, line.delivered_at, line.seen_at) == (0, MONDAY + HOUR, MONDAY + 2 * HOUR)


def test_once_it_speaks_for_itself_nobody_is_late_before_its_own_message_is_there() -> None:
    book = Book()
    first, second = report(book, DROPOUT, HEALTH)
    now = MONDAY + 3 * HOUR
    ended = replace(first, status="resolved", told=(replace(first.told[0], delivered_at=MONDAY + HOUR),))
    book.keep(freed(ended, others=[second], now=now))
    up = wake(book, book.all(Escalation)[1], None)
    assert (up.under, up.told[0].delivered_at, up.counted_from) == (None, MONDAY + HOUR, now)
    book.keep(arrived(up, person="li", key=book.notices[-1].key, now=now + HOUR))
    up = book.all(Escalation)[1]
    assert up.counted_from is None
    assert (up.wake_at, up.climb_at) == (now + HOUR + 45 * MINUTE, now + 3 * HOUR)


def test_what_was_taken_on_along_with_one_that_was_withdrawn_keeps_its_whole_time() -> None:
    book = Book()
    first, second = report(book, DROPOUT, HEALTH)
    book.keep(acknowledge_all(first, others=[second], by=LI, circle=CIRCLE, policy=POLICY, now=MONDAY))
    first, second = book.all(Escalation)
    late = replace(second, wake_at=MONDAY + timedelta(days=3))
    now, before = MONDAY + timedelta(days=3), len(book.notices)
    gone = replace(first, status="withdrawn")
    book.keep(wake_escalation(late, child=CHILD, circle=CIRCLE, policy=POLICY, now=now, lead=gone))
    up = book.all(Escalation)[1]
    assert (up.status, up.under, up.lapse_at) == ("acknowledged", None, now + timedelta(hours=24))
    assert book.said(before) == []
