"""Joined files in messages: to the workers of both, who may have one child more or less now."""

from casework.access import CLOCK
from casework.outcome import Notice
from casework.records import Child, Merge, Person
from conversations.alert_text import name_of
from conversations.desk import Desk
from conversations.said import Button, Message

_STATUS = {"file_joined": "done", "file_parted": "undone"}


async def merging_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """What was joined or told apart, and whose the child is; None where it was taken back since."""
    m = await desk.store.get(CLOCK, Merge, notice.values["merge"])
    if m is None or m.status != _STATUS[notice.kind]:
        return None
    kept, other = [await desk.store.get(CLOCK, Child, code) for code in (m.child or "", m.other)]
    if kept is None or other is None:
        return None
    say, by = desk.words.say, await name_of(desk, notice.values["by"], to.language)
    kind = notice.kind.removeprefix("file_")
    lines = [say(to.language, f"merge.told.{kind}", who=by, kept=kept.id, other=other.id)]
    mine = [c for c in (kept, other) if c.worker == to.id and c.status == "active"]
    if not mine:
        worker = await name_of(desk, kept.worker or "", to.language)
        lines.append(say(to.language, "merge.told.not_yours", who=worker))
    see = [
        Button(label=say(to.language, "alike.see", child=c.id), token=desk.token(to.id, "c", c.id))
        for c in mine
    ]
    return Message(text="\n".join(lines), buttons=(tuple(see),) if see else ())
