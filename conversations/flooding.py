"""One chat sends faster than a person can: its sender is told, and where it does not end, the county."""

from typing import Literal

from casework.outcome import Notice, Outcome, Priority
from conversations.commands import STAFF
from conversations.desk import Desk
from conversations.said import Message
from conversations.strangers import attack


async def flooded(desk: Desk, address: str, what: Literal["slow", "full", "attack"]) -> None:
    """``slow``: it is heard more slowly; ``full``: some was not kept; ``attack``: that goes on and on.

    A stranger is told nothing: who has not joined gets one sentence and no more. Of a family nobody is told
    who it is.
    """
    now = desk.clock()
    person = await desk.store.person_at(address)
    if what == "attack":
        staff = person is not None and STAFF & {post.role for post in person.posts}
        who = person.id if person is not None and staff else ""
        await desk.store.apply(await attack(desk, "flood", now, who=who))
        return
    if person is None or person.status != "joined":
        return
    message = Message(text=desk.words.say(person.language, f"flood.{what}"))
    notice = Notice(
        key=f"flood:{what}:{person.id}:{now.isoformat()}", to=person.id, kind="reply",
        priority=Priority.REPLY, values={"message": message.as_values()}, address=address,
    )  # fmt: skip
    await desk.store.apply(Outcome(notices=(notice,)))
