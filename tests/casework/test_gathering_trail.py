"""Which of a child's matters speaks for which, to the letter."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from casework.gathering import freed, gone_under, lead_of, waiting_under
from casework.outcome import Outcome
from casework.records import Escalation
from tests.casework.trail import DAY, HOUR, opened
from tests.casework.world import CIRCLE, MONDAY


def under(e: Escalation, among: Escalation, **more: Any) -> Escalation | None:
    return lead_of(replace(e, **more), [among], circle=CIRCLE, now=MONDAY)


def test_what_one_report_raises_at_a_time_goes_under_the_first_and_later_or_other_things_do_not() -> None:
    lead, _ = opened("danger")
    small, _ = opened("dropout")
    assert under(small, lead) == lead
    for alone in (
        replace(lead, source="another report"),
        replace(lead, opened_at=MONDAY - HOUR),
        replace(lead, status="acknowledged"),
        replace(lead, under="somebody"),
        replace(lead, told=lead.told[1:]),
        replace(lead, told=(replace(lead.told[0], undelivered="blocked"), *lead.told[1:])),
    ):
        assert under(small, alone) is None


def test_what_goes_under_another_of_the_same_report_counts_as_told_on_its_own_lowest_rung() -> None:
    lead, _ = opened("danger")
    small, _ = opened("dropout")
    told = tuple(replace(t, rung=2) for t in lead.told)
    gone = gone_under(small, replace(lead, id="lead", told=told))
    assert gone == replace(
        small, under="lead", told=lead.told, tellings=1, wake_at=MONDAY + timedelta(minutes=30)
    )
    other = gone_under(small, replace(lead, id="lead", source="another report"))
    assert (other.told, other.tellings) == ((), 0)


def test_when_the_greater_one_has_ended_what_it_spoke_for_speaks_for_itself() -> None:
    lead = replace(opened("danger")[0], id="lead", status="resolved")
    waits = replace(opened()[0], under="lead")
    held = replace(waits, id="held", status="acknowledged")
    others = [
        waits,
        held,
        replace(waits, id="ended", status="withdrawn"),
        replace(waits, id="elsewhere", under="another"),
        replace(waits, id="alone", under=None),
    ]
    now = MONDAY + HOUR
    told = tuple(replace(t, rung=0) for t in lead.told)  # its message named them
    assert freed(lead, others=others, now=now) == Outcome(
        records=(
            replace(waits, under=None, told=told, wake_at=now),
            replace(held, under=None, told=told, wake_at=now + DAY, lapse_at=now + DAY),
        )
    )


def test_what_is_under_another_waits_for_its_own_gap_whatever_rung_it_is_on() -> None:
    small = replace(opened()[0], rung=1)
    assert waiting_under(small, now=MONDAY) == Outcome(
        records=(replace(small, wake_at=MONDAY + timedelta(minutes=30)),)
    )
