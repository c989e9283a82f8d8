"""Leaves in words: to the deputy what is with him and until when, to who is back what comes back."""

from datetime import date

from casework.access import CLOCK
from casework.ladder import OPEN
from casework.outcome import Notice
from casework.records import Escalation, Person
from conversations.absences import open_visits
from conversations.alert_text import brief, name_of
from conversations.dates import day_for
from conversations.desk import Desk
from conversations.said import Button, Message
from conversations.turns import turns_line

MOST_NAMED = 10


async def succession_told(desk: Desk, notice: Notice, to: Person) -> Message:
    """To whoever has the children of somebody who left."""
    say, language = desk.words.say, to.language
    who = await name_of(desk, notice.values["person"], language)
    text = say(language, "succession.told", who=who, count=notice.values["count"])
    turns = await turns_line(desk, to, to, "turns.all")
    text += f"\n{turns}" if turns else ""
    button = Button(label=say(language, "succession.see"), token=desk.token(to.id, "do", "children"))
    return Message(text=text, buttons=((button,),))


async def leave_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """The one message of a leave's beginning (to the deputy), or of its end (to who was away)."""
    say, language, values = desk.words.say, to.language, notice.values
    start, end = (date.fromisoformat(values[name]) for name in ("start", "end"))
    person = await desk.store.person(values["person"])
    if person is None or (notice.kind == "leave_begun") != (person.leave is not None):
        return None  # called off, or away again
    until = end if notice.kind == "leave_begun" else desk.today(desk.clock())
    count = await open_visits(desk, person.id, until)
    alerts = [e for e in [await desk.store.get(CLOCK, Escalation, id) for id in values["alerts"]] if e]
    mine = [e for e in alerts if e.status in OPEN and e.person == to.id]
    who = await name_of(desk, person.id, language)
    lines = [
        say(
            language,
            f"leave.{notice.kind}",
            who=who,
            start=day_for(start, to, desk.policy),
            end=day_for(end, to, desk.policy),
        )
    ]
    if count:
        lines.append(say(language, f"leave.{notice.kind}_visits", count=count))
    if mine:
        lines.append(say(language, f"leave.{notice.kind}_alerts", count=len(mine)))
        lines += [f"· {brief(desk, e, language)}" for e in mine[:MOST_NAMED]]
    turns = await turns_line(desk, person, to, f"turns.{notice.kind}")
    lines += [turns] if turns else []
    ways = [("today", "leave.see_visits")] * bool(count) + [("alerts", "leave.see_alerts")] * bool(mine)
    ways += [("matters", "turns.see")] * bool(turns)
    buttons = tuple(
        Button(label=say(language, key), token=desk.token(to.id, "do", name)) for name, key in ways
    )
    return Message(text="\n".join(lines), buttons=(buttons,) if buttons else ())
