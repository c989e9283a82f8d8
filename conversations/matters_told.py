"""The bot's own messages about matters: that it is somebody's turn, and what is due, all in one."""

from datetime import datetime

from casework.access import CLOCK
from casework.matters import holders
from casework.outcome import Notice
from casework.records import Child, Matter, Person
from conversations.desk import Desk
from conversations.matter_text import listed, matter_text, state_of
from conversations.said import Button, Message


async def matter_turn(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """A step brought it to this person; None where it has gone on meanwhile."""
    m = await desk.store.get(CLOCK, Matter, notice.values["matter"])
    child = await desk.store.get(CLOCK, Child, m.child) if m is not None and m.child else None
    if m is None or child is None or m.status != "open" or m.state != notice.values["state"]:
        return None
    if not await _is_turn(desk, m, child, to):
        return None
    text, bold = await matter_text(desk, m, child, to.language, short=True)
    before = desk.words.say(to.language, "matter.your_turn") + "\n"
    return Message(
        text=before + text, buttons=((_open(desk, to, "matter.open", m.id),),),
        marks=(("bold", len(before), len(bold)),), protect=True,
    )  # fmt: skip


async def matters_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """All of this person's matters that the clock came to in one hour; None where all of them went on."""
    hour, today = datetime.fromisoformat(notice.values["hour"]), desk.today(desk.clock())
    reader = await desk.store.reader(to.id, desk.clock())
    named = []
    for m in await desk.store.find(reader, Matter, status=("open",)):
        child = await desk.store.get(CLOCK, Child, m.child) if m.told_at == hour and m.child else None
        if child is not None and await _is_turn(desk, m, child, to):
            named.append((m, child))
    if not named:
        return None
    named.sort(key=lambda one: (one[0].due or today, one[1].risk))
    most = desk.policy.messages.most_named
    rows = [
        (Button(label=listed(desk, m, child, to.language, today), token=desk.token(to.id, "m", m.id)),)
        for m, child in named[:most]
    ]
    if len(named) > most:
        rows.append((_open(desk, to, "matters.all", ""),))
    text = desk.words.say(to.language, "matters.due", count=len(named))
    return Message(text=text, buttons=tuple(rows))


async def _is_turn(desk: Desk, m: Matter, child: Child, to: Person) -> bool:
    state = state_of(desk, m)
    if state is None:
        return False
    circle = await desk.store.circle(child, desk.clock())
    return to.id in {who.id for who in holders(state, circle)}


def _open(desk: Desk, to: Person, key: str, matter: str) -> Button:
    token = desk.token(to.id, "m", matter) if matter else desk.token(to.id, "mp", 0)
    return Button(label=desk.words.say(to.language, key), token=token)
