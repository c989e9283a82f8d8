"""What is said of a child itself in the morning: a birthday that matters, parents who came home."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from casework.access import CLOCK, Reader
from casework.ages import age_reached, turned
from casework.calendar import local_day
from casework.outcome import Notice
from casework.policy_life import AgeRule
from casework.records import Child, Person
from conversations.dates import day_for, mark_of_day
from conversations.desk import Desk
from conversations.said import Button, Message
from conversations.widgets.choices import mark_of

Sentence = Callable[[Desk, Child, Person], Message | None]
Said = tuple[Child, Sentence]


async def of_this_morning(desk: Desk, reader: Reader, hour: datetime, now: datetime) -> list[Said]:
    """What the message of ``hour`` says of the reader's children themselves."""
    found: list[Child] = []
    for worker in sorted(reader.workers):
        found += await desk.store.find(reader, Child, person=worker, status=("active",))
    aged = [(c, birthday_said) for c in found if c.told_at == hour or _turns(desk, c, now)]
    home = [(c, _home_said) for c in found if c.back is not None and c.back.told_at == hour]
    return [*aged, *home]


def _turns(desk: Desk, child: Child, now: datetime) -> bool:
    """The clock has not come to it yet, in this very minute; its message would have the same key."""
    if child.wake_at is None or child.wake_at > now:
        return False
    return turned(child, desk.policy, local_day(child.wake_at, desk.policy), desk.today(now)) is not None


def with_children(desk: Desk, message: Message | None, said: Sequence[Said], to: Person) -> Message | None:
    """The morning's message, with what is said of children after what is due."""
    for child, sentence in said:
        more = sentence(desk, child, to)
        if message is None or more is None:
            message = message or more
        else:
            text, buttons = f"{message.text}\n\n{more.text}", (*message.buttons, *more.buttons)
            message = replace(message, text=text, buttons=buttons)
    return message


async def age_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To the officer; None where the file has been closed meanwhile."""
    child = await desk.store.get(CLOCK, Child, notice.values["child"])
    return birthday_said(desk, child, to) if child is not None and child.status == "active" else None


def birthday_said(desk: Desk, child: Child, to: Person) -> Message | None:
    """How old the child is now, what that means, what to do; None where it means nothing any more."""
    age = age_reached(child, desk.policy, desk.today(desk.clock()))
    rule = desk.policy.ages.get(age) if age is not None else None
    if rule is None:
        return None
    text = desk.words.say(
        to.language, "age.reached", child=desk.label(child), age=age or 0, meaning=rule.label(to.language),
        to_do=rule.to_do.label(to.language),
    )  # fmt: skip
    return Message(text=text, buttons=((_act(desk, child, rule, to),),))


def _act(desk: Desk, child: Child, rule: AgeRule, to: Person) -> Button:
    """The button that does what is to be done."""
    if rule.act == "close":
        return _closing(desk, child, rule.reason, to)
    token = desk.token(to.id, {"visit": "cv", "page": "c"}[rule.act], child.id)
    label = desk.words.say(to.language, f"age.act_{rule.act}", child=desk.label(child))
    return Button(label=label, token=token)


def _closing(desk: Desk, child: Child, reason: str, to: Person) -> Button:
    label = desk.words.say(to.language, "age.act_close", child=desk.label(child))
    return Button(label=label, token=desk.token(to.id, "fcr", child.id, mark_of(reason)))


def _home_said(desk: Desk, child: Child, to: Person) -> Message | None:
    """Are the parents still at home? Then the file can be closed, or it is known now that they stay."""
    back, say = child.back, desk.words.say
    if back is None:
        return None
    who, day = say(to.language, f"back.{back.who}"), day_for(back.since, to, desk.policy)
    text = say(to.language, f"back.ask_{back.stay}", child=desk.label(child), who=who, day=day)
    if back.stay == "stays":
        first = _closing(desk, child, desk.policy.parents_back.reason, to)
    else:
        parts = (child.id, back.who[0], mark_of_day(back.since), "s")
        first = Button(label=say(to.language, "back.is_stays"), token=desk.token(to.id, "pbl", *parts))
    gone = Button(label=say(to.language, "back.gone"), token=desk.token(to.id, "pbg", child.id))
    return Message(text=text, buttons=((first,), (gone,)))
