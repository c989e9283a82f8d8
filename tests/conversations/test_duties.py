"""The one message of a morning, however much falls due: the most urgent by name, the others counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child, Visit
from casework.visits import plan_visit
from conversations.said import Message
from tests.conversations.county import CHILD, ZONE, County, policy

MORNING = datetime(2026, 11, 24, 8, tzinfo=ZONE).astimezone(UTC)
RISKS = (4, 3, 2, 1, 4, 3, 2, 2, 3, 4)


async def bring(county: County, count: int) -> list[Child]:
    """So many more children of the worker's, each in a home of its own, with a visit due tomorrow."""
    children = [
        replace(
            CHILD, id=f"{4000 + n}", child=f"{4000 + n}", guardian_name="", guardian_phone="",
            risk=RISKS[n % len(RISKS)],
        )
        for n in range(count)
    ]  # fmt: skip
    outcome, due = Outcome(records=tuple(children)), county.desk.today(MORNING)
    for child in children:
        outcome += plan_visit(child, policy=policy(), now=county.now, new_id=county.desk.new_id, due=due)
    await county.store.apply(outcome)
    return children


def told(county: County) -> list[Message]:
    """What the worker was sent, oldest first; and is forgotten."""
    messages = [shown.message for shown in county.phones["wang"].shown]
    county.phones["wang"].shown.clear()
    return messages


def named(message: Message) -> list[str]:
    """The codes of the children on its buttons, in order."""
    labels = [b.label for row in message.buttons for b in row]
    return [label.split(" · ")[1] for label in labels if " · " in label]


async def test_of_forty_that_are_due_the_most_urgent_are_named_and_the_others_counted(county: County) -> None:
    children = await bring(county, 39)
    await county.until(MORNING)
    (message,) = told(county)
    risks = {child.id: child.risk for child in (*children, CHILD)}
    urgent = sorted(risks, key=lambda code: (risks[code], code))
    assert named(message) == urgent[:8]
    assert "有 40 个孩子" in message.text
    assert "这里先写 8 个，其余 32 个" in message.text
    assert [b.label for row in message.buttons[8:] for b in row] == ["看全部", "晚点提醒", "改期"]


async def test_what_is_late_goes_before_what_is_due_whatever_its_risk(county: County) -> None:
    await bring(county, 39)
    late = await county.store.find(CLOCK, Visit, child="4000")
    red = await county.store.find(CLOCK, Visit, child="4033")
    days = {late[0]: 3, red[0]: 1}
    moved = [replace(v, due=v.due - timedelta(days=n), status="overdue") for v, n in days.items()]
    await county.store.apply(Outcome(records=tuple(moved)))
    await county.until(MORNING)
    first = named(told(county)[0])
    assert first[:2] == ["4033", "4000"], "late red ones, then late, then by day and risk"
    assert first[2:] == ["4003", "4013", "4023", "3001", "4002", "4006"]


@pytest.mark.parametrize(("most", "shown", "others"), [(3, 3, 9), (12, 12, 0), (30, 12, 0)])
async def test_how_many_are_named_is_for_the_county_to_say(
    county: County, most: int, shown: int, others: int
) -> None:
    await bring(county, 11)
    rules = county.desk.policy.messages.model_copy(update={"most_named": most})
    county.desk.policy = county.desk.policy.model_copy(update={"messages": rules})
    await county.until(MORNING)
    (message,) = told(county)
    assert len(named(message)) == shown
    assert (f"其余 {others} 个" in message.text) is (others > 0)
    assert any(b.label == "看全部" for row in message.buttons for b in row) is (others > 0)
