"""Birthdays in the worker's morning message and in the officer's: what the age means, and a button for it."""

from collections.abc import Sequence
from datetime import datetime

from casework.access import CLOCK, Reader
from casework.ages import age_reached, turned
from casework.calendar import local_day
from casework.outcome import Notice
from casework.policy_life import AgeRule
from casework.records import Child, Person
from conversations.desk import Desk
from conversations.said import Button, Message
from conversations.widgets.choices import mark_of


async def birthdays(desk: Desk, reader: Reader, hour: datetime, now: datetime) -> list[Child]:
    """The reader's children whose birthday the message of ``hour`` names."""
    found: list[Child] = []
    for worker in sorted(reader.workers):
        found += await desk.store.find(reader, Child, person=worker, status=("active",))
    return [child for child in found if child.told_at == hour or _is_due(desk, child, now)]


def _is_due(desk: Desk, child: Child, now: datetime) -> bool:
    """The clock has not come to it yet, in this very minute; its message would have the same key."""
    if child.wake_at is None or child.wake_at > now:
        return False
    return turned(child, desk.policy, local_day(child.wake_at, desk.policy), desk.today(now)) is not None


def with_birthdays(
    desk: Desk, message: Message | None, children: Sequence[Child], to: Person
) -> Message | None:
    """The morning's message, with these children's birthdays after what is due."""
    for child in children:
        said = _said(desk, child, to)
        if said is None:
            continue
        if message is None:
            message = said
        else:
            text = f"{message.text}\n\n{said.text}"
            message = Message(text=text, buttons=(*message.buttons, *said.buttons))
    return message


async def age_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To the officer; None where the file has been closed meanwhile."""
    child = await desk.store.get(CLOCK, Child, notice.values["child"])
    return _said(desk, child, to) if child is not None and child.status == "active" else None


def _said(desk: Desk, child: Child, to: Person) -> Message | None:
    age = age_reached(child, desk.policy, desk.today(desk.clock()))
    rule = desk.policy.ages.get(age) if age is not None else None
    if rule is None:
        return None
    text = desk.words.say(
        to.language, "age.reached", child=desk.label(child), age=age or 0, meaning=rule.label(to.language),
        to_do=rule.to_do.label(to.language),
    )  # fmt: skip
    return Message(text=text, buttons=((act(desk, child, rule, to),),))


def act(desk: Desk, child: Child, rule: AgeRule, to: Person) -> Button:
    """The button that does what is to be done."""
    if rule.act == "close":
        token = desk.token(to.id, "fcr", child.id, mark_of(rule.reason))
    else:
        token = desk.token(to.id, {"visit": "cv", "page": "c"}[rule.act], child.id)
    label = desk.words.say(to.language, f"age.act_{rule.act}", child=desk.label(child))
    return Button(label=label, token=token)
