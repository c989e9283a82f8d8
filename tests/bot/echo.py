"""A smallest conversation for tests of the transport: it counts what a person said and says it back.

The count is kept in the person's talk, in the same transaction as the reply, so that a lost, doubled or
overtaken message shows in the numbers: the replies to one person must read ``1:…``, ``2:…``, ``3:…``.
"""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.conversation import Conversation
from casework.access import CLOCK
from casework.outcome import Notice, Outcome, Priority
from casework.records import Talk
from conversations.said import Button, Message, Reply, Said, Together
from storage.errors import Conflict
from storage.store import Store

MARK = "（可能重复）"
SORRY = "出了点问题，请再说一遍。"


@dataclass
class Echo:
    """The conversation, and what it was asked beside answers."""

    store: Store
    clock: Clock
    slow: float = 0.0
    failing: dict[str, int] = field(default_factory=dict)  # text -> how often it fails yet
    unreachable: list[tuple[Notice, str]] = field(default_factory=list)
    arrived: list[Notice] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    floods: list[tuple[str, str]] = field(default_factory=list)
    heard: list[Said] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)

    async def media(self, name: str) -> bytes | None:
        return self.pictures.get(name)

    async def respond(self, said: Said) -> Reply:
        self.heard.append(said)
        if self.failing.get(said.text, 0) > 0:
            self.failing[said.text] -= 1
            raise KeyError("a fault of ours")
        if self.slow:
            await asyncio.sleep(self.slow)
        for _ in range(5):
            try:
                return await self._once(said)
            except Conflict:
                continue
        raise Conflict("five times")

    async def _once(self, said: Said) -> Reply:
        talk = await self.store.get(CLOCK, Talk, said.address) or Talk(id=said.address)
        count = int(talk.expects[0]) + 1 if talk.expects else 1
        reply = self.answer(said, f"{count}:{said.text or said.token or said.kind}")
        outcome = Outcome(
            records=(replace(talk, expects=(str(count),)),),
            notices=(notice(said.key, said.address, reply, self.clock.now(), said.text),),
        )
        await self.store.apply(outcome, done=said.receipt)
        return Reply(messages=(reply,), popup="好" if said.kind == "tap" else "")

    def answer(self, said: Said, text: str) -> Message:
        if said.text == "long":
            return Message(text="\n".join(f"{n} 一行" for n in range(1500)))
        if said.text == "bad button":
            return Message(text=text, buttons=((Button(label="x", token="t" * 65),),))
        edits = said.message if said.kind == "tap" and said.token != "new" else None
        if said.token == "lost":
            edits = "99999"
        return Message(text=text, edits=edits, buttons=((Button(label="点", token="same"),),))

    async def wake(self, _: datetime, __: int) -> int:
        return 0

    async def word(self, notice: Notice) -> Message | None:
        message = Message.from_values(notice.values["message"])
        return None if "no longer true" in message.text else message

    async def together(self, notices: Sequence[Notice]) -> Together:
        words = {notice.key: await self.word(notice) for notice in notices}
        true = [message.text for message in words.values() if message is not None]
        untold = frozenset(key for key, message in words.items() if message is None)
        return Together(message=Message(text=" + ".join(true)) if true else None, untold=untold)

    async def undelivered(self, notice: Notice, reason: str, _: datetime) -> None:
        self.unreachable.append((notice, reason))

    async def delivered(self, notice: Notice, _: datetime) -> None:
        self.arrived.append(notice)

    async def returned(self, start: datetime, end: datetime) -> None:
        self.outages.append((start, end))

    async def mark(self, _: Notice) -> str:
        return MARK

    async def flooded(self, address: str, what: str) -> None:
        self.floods.append((address, what))

    async def sorry(self, _: str) -> str:
        return SORRY

    def conversation(self) -> Conversation:
        return Conversation(
            respond=self.respond,
            wake=self.wake,
            at_work=lambda: False,
            working=nullcontext,
            word=self.word,
            together=self.together,
            undelivered=self.undelivered,
            delivered=self.delivered,
            returned=self.returned,
            media=self.media,
            mark=self.mark,
            sorry=self.sorry,
            flooded=self.flooded,
        )


def notice(key: str, address: str, message: Message, now: datetime, text: str = "") -> Notice:
    """A ready-made reply for the outbox."""
    priority = Priority.ALERT if text.startswith("alert") else Priority.REPLY
    later = now + timedelta(seconds=1.5) if text.startswith("later") else None
    return Notice(
        key=key, to=None, kind="reply", priority=priority, address=address,
        values={"message": message.as_values()}, not_before=later,
    )  # fmt: skip


async def make_echo(store: Store, clock: Clock, _: str) -> Conversation:
    """What `App` takes as ``make``."""
    return Echo(store, clock).conversation()
