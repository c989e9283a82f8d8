"""The joint conference's view: what departments have in hand, what is stuck, and which figures are told."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from casework.conference import Standing, agenda, at_least, is_stuck, standings
from casework.records import Matter, Referral
from tests.casework.world import MONDAY, POLICY

TODAY = date(2026, 11, 23)
EARLY, LATER = date(2026, 11, 20), date(2026, 11, 30)


def referral(id: str, status: str = "sent", due: date | None = LATER, **more: object) -> Referral:
    r = Referral(
        id=id, child="3001", status=status, purpose="hukou", department="police", sender="li",
        opened_at=MONDAY, since=TODAY, due=due, number=int(id[1:]),
    )  # fmt: skip
    return replace(r, **more)  # type: ignore[arg-type]


def matter(id: str, due: date = EARLY, status: str = "open") -> Matter:
    return Matter(
        id=id, child="3001", status=status, sort="hukou", state="with_police", opened_at=MONDAY,
        since=TODAY, due=due, number=int(id[1:]),
    )  # fmt: skip


def test_each_department_stands_in_the_policys_order_with_what_is_open_late_and_oldest() -> None:
    found = standings(
        [
            referral("r1", department="health"),
            referral("r2", due=EARLY),
            referral("r3", "answered", due=EARLY),
            referral("r4", "closed", due=None),
            referral("r5", "acknowledged"),
        ],
        policy=POLICY,
        today=TODAY,
    )
    assert found == (
        Standing(department="police", open=3, waiting=2, late=1, oldest=TODAY),
        Standing(department="health", open=1, waiting=1, late=0, oldest=TODAY),
    )


def test_what_is_late_or_given_back_is_on_the_agenda_once_the_longest_first() -> None:
    waits = referral("r2", due=EARLY, matter="m1")
    back, done = referral("r3", "returned"), matter("m4", status="closed")
    found = agenda(
        [referral("r1"), waits, back, referral("r4", "answered", due=EARLY)],
        [matter("m1"), matter("m2", due=date(2026, 11, 1)), matter("m3", due=TODAY), done],
        today=TODAY,
    )
    assert [one.id for one in found] == ["m2", "r2", "r3"]
    assert not is_stuck(referral("r1", due=TODAY), TODAY)


@given(st.integers(0, 40), st.integers(1, 10))
def test_no_figure_that_could_point_at_a_child_is_told(number: int, small: int) -> None:
    told = at_least(number, small)
    assert told is None or told == 0 or told >= small
    assert (told == number) == (number == 0 or number >= small)
