"""Messages about requests: asked, reminded of, late, answered; and about files closed and reopened."""

from casework.access import CLOCK
from casework.outcome import Notice
from casework.records import Child, Person, Request
from conversations import request_text
from conversations.alert_text import name_of
from conversations.desk import Desk
from conversations.said import Button, Message


async def request_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To whoever answers, as long as it waits: at first, as a reminder, and when it is late."""
    r, child = await _kept(desk, notice)
    if r is None or child is None or r.status != "waiting":
        return None
    text = await request_text.told(desk, r, child, to, desk.clock())
    if notice.kind != "request_asked":
        head = desk.words.say(to.language, f"request.{notice.kind.removeprefix('request_')}")
        text = f"{head}\n{text}"
    return Message(text=text, buttons=request_text.buttons(desk, r, to), protect=True)


async def request_known(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To the officer of the sender's township: what a worker asked of another."""
    r, child = await _kept(desk, notice)
    if r is None or child is None or r.status != "waiting" or r.area is None:
        return None
    text = desk.words.say(
        to.language, "request.known", who=await name_of(desk, r.sender, to.language),
        child=desk.label(child), place=await request_text.area_name(desk, r.area),
    )  # fmt: skip
    return Message(text=text, buttons=((_open(desk, child, to),),))


async def request_answered(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To the sender: how it ended."""
    r, _ = await _kept(desk, notice)
    if r is None or r.status == "waiting":
        return None
    head = desk.words.say(to.language, f"request.yours_{r.what}", child=r.child or "")
    return Message(text=f"{head}\n{await request_text.answer_line(desk, r, to)}")


async def request_waits(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To the sender: nobody has answered yet, and the county knows; he stays responsible."""
    r, _ = await _kept(desk, notice)
    if r is None or r.status != "waiting":
        return None
    button = Button(
        label=desk.words.say(to.language, "request.withdraw"), token=desk.token(to.id, "qw", r.id)
    )
    text = desk.words.say(to.language, "request.waits", child=r.child or "")
    return Message(text=text, buttons=((button,),))


async def file_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """A file was closed or taken up again, by somebody else."""
    child = await desk.store.get(CLOCK, Child, notice.values["child"])
    if child is None or (child.status == "active") is not (notice.kind == "child_reopened"):
        return None
    rule = desk.policy.closing.reasons.get(child.closed_reason)
    text = desk.words.say(
        to.language, "close.told" if notice.kind == "child_closed" else "reopen.told",
        child=desk.label(child), who=await name_of(desk, notice.values["by"], to.language),
        why=rule.label(to.language) if rule is not None else "",
    )  # fmt: skip
    return Message(text=text, buttons=((_open(desk, child, to),),))


async def gone_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """The child has moved away from this person: where to, by its code alone."""
    values = notice.values
    township, village = [await request_text.area_name(desk, values[key]) for key in ("township", "village")]
    return Message(
        text=desk.words.say(to.language, "moving.gone", child=values["child"], place=f"{township}{village}")
    )


def _open(desk: Desk, child: Child, to: Person) -> Button:
    return Button(label=desk.words.say(to.language, "child.open"), token=desk.token(to.id, "c", child.id))


async def _kept(desk: Desk, notice: Notice) -> tuple[Request | None, Child | None]:
    r = await desk.store.get(CLOCK, Request, notice.values["request"])
    return r, await desk.store.get(CLOCK, Child, r.child or "") if r is not None else None
