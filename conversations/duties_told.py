"""The worker's one message of a morning: all that fell due, as it stands when the message leaves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from casework.outcome import Notice
from casework.records import Child, Person, Visit
from casework.rescheduling import is_movable
from casework.snoozing import may_snooze
from conversations.child_told import of_this_morning, with_children
from conversations.dates import day_for, say_moment
from conversations.desk import Desk
from conversations.duties import Due, by_home, due_label, own_duties
from conversations.masks import clean, fact
from conversations.said import Button, Message
from conversations.widgets.layout import arranged, begun

Rows = tuple[tuple[Button, ...], ...]


async def duties_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """The message; None where all of it was done before it left."""
    hour, now = datetime.fromisoformat(notice.values["hour"]), desk.clock()
    reader = await desk.store.reader(to.id, now)
    todo = await own_duties(desk, reader, desk.today(now))
    named = [due for due in todo if due.visit.told_at == hour or _is_due(due.visit, now)]
    today = desk.today(now)
    message: Message | None = None
    if len(named) == 1:
        message = _single(desk, to, named[0], today, hour)
    elif named:
        others = sum(1 for due in todo if due.visit.due < today and due not in named)
        message = _several(desk, to, named, others=others, day=today, hour=hour)
    message = with_children(desk, message, await of_this_morning(desk, reader, hour, now), to)
    if message is None or "lost" not in notice.values:
        return message
    return replace(message, text=f"{away_line(desk, notice, to.language)}\n{message.text}")


def away_line(desk: Desk, notice: Notice, language: str) -> str:
    """From when to when we were away, and what may be lost."""
    start, end = (
        say_moment(datetime.fromisoformat(notice.values[name]), language, desk.policy)
        for name in ("start", "end")
    )
    key = "outage.long" if notice.values["lost"] == "all" else "outage"
    return desk.words.say(language, key, start=start, end=end)


def _is_due(visit: Visit, now: datetime) -> bool:
    """The clock has not come to it yet, in this very minute; its message would have the same key."""
    return visit.wake_at is not None and visit.wake_at <= now


def _single(desk: Desk, to: Person, due: Due, today: date, hour: datetime) -> Message:
    message = _one(desk, to, due, today)
    if due.visit.pause is not None or due.visit.due < today:
        return message
    return replace(message, buttons=(*message.buttons, *_put_off(desk, to, [due], hour, "mv", due.visit.id)))


def _put_off(desk: Desk, to: Person, named: Sequence[Due], hour: datetime, *move: str) -> Rows:
    """Later: the message of ``hour``, or a visit of it itself."""
    row = []
    if may_snooze([due.visit for due in named], desk.policy):
        label = desk.words.say(to.language, "snooze.button")
        row.append(Button(label=label, token=desk.token(to.id, "zz", int(hour.timestamp()) // 3600)))
    row.append(Button(label=desk.words.say(to.language, "move.button"), token=desk.token(to.id, *move)))
    return (tuple(row),)


def _one(desk: Desk, to: Person, due: Due, today: date) -> Message:
    if due.visit.pause is not None:
        return _is_back(desk, to, due.visit, due.child)
    if due.visit.purpose == "phone" and due.visit.due > today:
        return _telephone(desk, to, due.visit, due.child)
    if due.visit.unknown:
        return _unknown(desk, to, due.visit, due.child)
    if due.visit.due < today:
        return overdue(desk, to, due.visit, due.child)
    when = "today" if due.visit.due == today else "soon"
    key = f"visit.{when}_phone" if due.visit.purpose == "phone" else f"visit.{when}"
    day = day_for(due.visit.due, to, desk.policy)
    text = desk.words.say(to.language, key, child=desk.label(due.child), day=day)
    return Message(text=text, buttons=((_fill(desk, to, due.visit),),))


def _several(desk: Desk, to: Person, named: list[Due], *, others: int, day: date, hour: datetime) -> Message:
    language, shown = to.language, by_home(named)[: desk.policy.messages.most_named]
    every = len(named) + others
    lines = [desk.words.say(language, "duties.head", day=day_for(day, to, desk.policy), count=every)]
    rows: list[tuple[Button, ...]] = [
        (Button(label=due_label(desk, due, language, day), token=desk.token(to.id, "v", due.visit.id)),)
        for due in shown
    ]
    unnamed = every - len(shown)
    if unnamed:
        lines.append(desk.words.say(language, "duties.others", shown=len(shown), count=unnamed))
        rows.append((Button(label=desk.words.say(language, "duties.all"), token=desk.token(to.id, "tp", 0)),))
    lines.append(desk.words.say(language, "duties.how"))
    if any(is_movable(due.visit, day) for due in named):
        rows += _put_off(desk, to, named, hour, "mvl")
    if any(due.visit.due < day for due in named):
        label = desk.words.say(language, "duties.not_made")
        rows.append((Button(label=label, token=desk.token(to.id, "late")),))
    return Message(text="\n".join(lines), buttons=tuple(rows))


def _is_back(desk: Desk, to: Person, visit: Visit, child: Child) -> Message:
    """Before the end of a pause: is the child back?"""
    say = desk.words.say
    text = say(to.language, "pause.ask", child=desk.label(child), end=day_for(visit.due, to, desk.policy))
    back = Button(label=say(to.language, "pause.back"), token=desk.token(to.id, "px", child.id))
    longer = Button(label=say(to.language, "pause.longer"), token=desk.token(to.id, "ps", child.id))
    return Message(text=text, buttons=((back,), (longer,)))


def _unknown(desk: Desk, to: Person, visit: Visit, child: Child) -> Message:
    """It fell due while we were away: was it made?"""
    say = desk.words.say
    text = say(to.language, "visit.unknown", child=desk.label(child), day=day_for(visit.due, to, desk.policy))
    made = Button(label=say(to.language, "visit.made"), token=desk.token(to.id, "v", visit.id))
    not_made = Button(label=say(to.language, "visit.not_made"), token=desk.token(to.id, "late", visit.id))
    return Message(text=text, buttons=((made,), (not_made,)))


def overdue(desk: Desk, to: Person, visit: Visit, child: Child) -> Message:
    """Why a visit was not made: to be filled in after all, or a reason by one tap."""
    day = day_for(visit.due, to, desk.policy)
    text = desk.words.say(to.language, "visit.overdue", child=desk.label(child), day=day)
    reasons = [
        Button(label=begun(reason.label(to.language)), token=desk.token(to.id, "why", visit.id, code))
        for code, reason in desk.policy.visits.reasons.items()
    ]
    rows: Rows = ((_fill(desk, to, visit),), *(tuple(row) for row in arranged(reasons)))
    return Message(text=text, buttons=rows)


def _telephone(desk: Desk, to: Person, visit: Visit, child: Child) -> Message:
    label, day, say = desk.label(child), day_for(visit.due, to, desk.policy), desk.words.say
    phone = clean(fact(child, "guardian_phone"), 30)
    if desk.policy.privacy.guardian_phone and phone:
        text = say(to.language, "checkin.task", child=label, day=day, phone=phone)
        return Message(text=text, buttons=((_fill(desk, to, visit),),))
    reveal = Button(label=say(to.language, "child.reveal"), token=desk.token(to.id, "rv", child.id))
    text = say(to.language, "checkin.task_look", child=label, day=day)
    return Message(text=text, buttons=((_fill(desk, to, visit),), (reveal,)))


def _fill(desk: Desk, to: Person, visit: Visit) -> Button:
    key = "visit.call" if visit.purpose == "phone" else "visit.fill"
    return Button(label=desk.words.say(to.language, key), token=desk.token(to.id, "v", visit.id))
