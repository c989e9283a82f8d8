"""From an inbox row to the one door of the conversations, and what a tap's pop-up needs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from telegram.error import TelegramError

from bot.clock import Clock
from bot.logs import reason
from bot.telegram.api import Api, verdict
from bot.telegram.translate import LONGEST_POPUP, hear
from casework.outcome import Notice, Outcome, Priority
from conversations.said import Message, Reply, Said, Unread
from storage.inbox import InboxRow
from storage.store import Store

LOG = logging.getLogger("bot.door")
FETCH_PAUSES = (0.5, 2.0, 5.0)  # seconds before a file is asked for again
Respond = Callable[[Said], Awaitable[Reply]]


class Door:
    """Handles rows of the inbox. ``sorry``: the words for somebody whose message we could not deal with."""

    def __init__(
        self, store: Store, api: Api, respond: Respond, clock: Clock, sorry: Callable[[str], Awaitable[str]]
    ) -> None:
        self._store = store
        self._api = api
        self._respond = respond
        self._clock = clock
        self._sorry = sorry
        self._answers: set[asyncio.Task[None]] = set()

    async def handle(self, row: InboxRow) -> int:
        """Do what ``row`` asks for and complete it; with how many messages it was answered.

        Raises Unreadable for what is no update.
        """
        heard = hear(row.raw, receipt=row.seq, now=self._clock.now(), offset=self._clock.offset)
        reply = Reply()
        if heard.said is not None:
            reply = await self._respond(self._with_file(heard.said))
        else:
            if heard.leave is not None:
                await self._leave(heard.leave)
            await self._store.apply(Outcome(), done=row.seq)
        if heard.callback:
            task = asyncio.create_task(self._answer(heard.callback, reply))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)
        return len(reply.messages)

    def _with_file(self, said: Said) -> Said:
        """The saying, with the way to the content of what was sent."""
        sent = said.attachment
        if sent is None or not sent.fetch:
            return said
        return replace(said, attachment=replace(sent, read=partial(self._read, sent.fetch)))

    async def _read(self, file_id: str) -> bytes:
        """The content of a file; asked for again where the connection was lost."""
        for pause in (*FETCH_PAUSES, None):
            try:
                return await self._api.fetch(file_id)
            except TelegramError as error:
                if pause is None or verdict(error).fate not in ("later", "not_sent", "unknown"):
                    LOG.warning("a file could not be fetched: %s", reason(error))
                    raise Unread from None
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def parked(self, row: InboxRow) -> None:
        """Tell the person that something of ours went wrong."""
        if row.address.endswith("?"):
            return
        words = Message(text=await self._sorry(row.address))
        notice = Notice(
            key=f"parked:{row.seq}", to=None, kind="reply", priority=Priority.REPLY, address=row.address,
            values={"message": words.as_values()},
        )  # fmt: skip
        await self._store.apply(Outcome(notices=(notice,)))

    async def stop(self) -> None:
        """Let the last pop-ups go out, briefly."""
        if self._answers:
            await asyncio.wait(self._answers, timeout=0.5)
        for task in self._answers:
            task.cancel()

    async def _answer(self, callback: str, reply: Reply) -> None:
        # Best effort: the truth is in the chat, and a tap answered too late has lost its pop-up only.
        parameters: dict[str, object] = {"callback_query_id": callback}
        if reply.popup:
            parameters |= {"text": reply.popup[:LONGEST_POPUP], "show_alert": reply.alarm}
        try:
            await self._api.call("answerCallbackQuery", parameters, read_timeout=5.0)
        except TelegramError as error:
            LOG.info("a pop-up was not shown: %s", reason(error))

    async def _leave(self, chat_id: int) -> None:
        try:
            await self._api.call("leaveChat", {"chat_id": chat_id})
            LOG.warning("left a group: this bot talks with one person at a time")
        except TelegramError as error:
            LOG.warning("could not leave a group: %s", reason(error))
