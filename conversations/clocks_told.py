"""What the second clock says: an outcome is due, or late; rest has begun, or is over."""

from dataclasses import replace

from casework.access import CLOCK
from casework.outcome import Notice
from casework.records import Child, Escalation, Person
from conversations.alert_text import alert_buttons, alert_text, name_of, resting
from conversations.dates import say_day
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Message


def still_asked(notice: Notice, e: Escalation, to: Person) -> bool:
    """Whether the line is to be said: somebody holds it, and it rests where that is what the line says."""
    if notice.kind == "escalation_woken":
        return e.status == "acknowledged" and to.id == e.person
    return e.status == "acknowledged" and (notice.kind == "escalation_rested") == (e.rests_until is not None)


async def clock_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """One line about an alert that somebody holds; None where it has ended or is in other hands meanwhile."""
    e = await desk.store.get(CLOCK, Escalation, notice.values["escalation"])
    child = await desk.store.get(CLOCK, Child, e.child) if e is not None and e.child else None
    if e is None or child is None or not still_asked(notice, e, to):
        return None
    if notice.kind == "escalation_woken":
        return await _woken(desk, e, child, to)
    buttons = alert_buttons(desk, e, to) if notice.kind != "escalation_rested" else ()
    return Message(text=await _line(desk, notice, e, child, to), buttons=buttons, protect=True)


async def _line(desk: Desk, notice: Notice, e: Escalation, child: Child, to: Person) -> str:
    language = to.language
    key = notice.kind.removeprefix("escalation_")
    if key == "overdue" and to.id == e.person:
        key = "overdue_yours"
    if key == "due" and e.urgency == "now":
        key = "due_now"
    until = resting(e).until if key == "rested" else e.outcome_by
    return desk.words.say(
        language, f"clock.{key}", number=e.number, child=desk.label(child), note=clean(resting(e).note, 100),
        what=desk.policy.flag(e.flag).label(language), who=await name_of(desk, e.person, language),
        since=say_day(desk.today(e.acknowledged_at or e.opened_at), language),
        day=say_day(desk.today(until), language) if until is not None else "",
    )  # fmt: skip


async def _woken(desk: Desk, e: Escalation, child: Child, to: Person) -> Message:
    text, head = await alert_text(desk, e, child, to, short=True)
    before = desk.words.say(to.language, "clock.woken", note=clean(resting(e).note, 100)) + "\n"
    told = Message(text=before + text, buttons=alert_buttons(desk, e, to), protect=True)
    return replace(told, marks=(("bold", len(before), len(head)),))
