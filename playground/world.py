"""The state behind the stand-in: the bot, its chats with their messages, files, updates and open queries."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.files import Files
from playground.refusal import (
    BLOCKED,
    CHAT_NOT_FOUND,
    DEACTIVATED,
    GROUP_UPGRADED,
    KICKED,
    QUERY_TOO_OLD,
    Refusal,
    bad,
)
from playground.signals import Signal
from playground.updates import CALLBACK_LIFETIME, Updates

State = Literal["open", "unopened", "blocked", "deactivated", "kicked", "upgraded"]
CALLBACK_LANE = 3 << 33
UNANSWERED_LIMIT = 1000  # open queries before the expired ones are swept
OnAnswer = Callable[[str, bool, str], None]


@dataclass(slots=True, kw_only=True)
class Record:
    """One message as the server keeps it; `body` is the Message object."""

    body: dict[str, Any]
    from_bot: bool
    silent: bool = False
    revision: int = 0  # goes up with every edit
    reply_keyboard: dict[str, Any] | None = None
    reaction: str = ""


@dataclass(slots=True, kw_only=True)
class Chat:
    """A chat that the bot is in: private (id of the person) or a group (negative id)."""

    id: int
    card: dict[str, Any]  # the Chat object
    state: State = "unopened"
    upgraded_to: int = 0
    records: dict[int, Record] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    keyboard: dict[str, Any] | None = None  # the reply keyboard that is shown
    activity: str = ""  # the last sendChatAction
    pinned: int = 0

    def changed(self) -> None:
        """Tells everybody who looks at this chat."""
        for signal in self.signals:
            signal.fire()


@dataclass(slots=True, kw_only=True)
class Query:
    """A tap that waits for answerCallbackQuery."""

    expires: float
    on_answer: OnAnswer


class World:
    """Everything that API methods and phones share. `clock` gives seconds since 1970."""

    def __init__(self, token: str, username: str, clock: Callable[[], float] = time.time) -> None:
        self.token = token
        self.clock = clock
        self.bot: dict[str, Any] = {
            "id": int(token.partition(":")[0]) if token.partition(":")[0].isdecimal() else 1,
            "is_bot": True,
            "first_name": "相伴",
            "username": username,
        }
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.updates = Updates(clock)
        self.queries: dict[str, Query] = {}
        self.query_seconds = 30.0  # how long a tap may be answered
        self.settings: dict[str, Any] = {}  # commands, name, descriptions
        self.changes = Signal()  # any change in any chat
        self._message_id = 0

    def writable(self, chat_id: int) -> Chat:
        """The chat, if the bot may write to it; otherwise Telegram's refusal."""
        chat = self.chats.get(chat_id)
        if chat is None or chat.state == "unopened":
            raise bad(CHAT_NOT_FOUND)
        if chat.state != "open":
            raise self._closed(chat)
        return chat

    @staticmethod
    def _closed(chat: Chat) -> Refusal:
        if chat.state == "upgraded":
            return Refusal(400, GROUP_UPGRADED, {"migrate_to_chat_id": chat.upgraded_to})
        words = {"blocked": BLOCKED, "deactivated": DEACTIVATED, "kicked": KICKED}[chat.state]
        return Refusal(403, words)

    def post(
        self,
        chat: Chat,
        content: dict[str, Any],
        *,
        sender: dict[str, Any] | None = None,
        silent: bool = False,
    ) -> Record:
        """Puts a message into a chat; without a sender it is the bot's."""
        self._message_id += 1
        body = {
            "message_id": self._message_id,
            "from": sender or self.bot,
            "chat": chat.card,
            "date": int(self.clock()),
            **content,
        }
        record = Record(body=body, from_bot=sender is None, silent=silent)
        chat.records[self._message_id] = record
        chat.activity = ""
        self.touch(chat)
        return record

    def touch(self, chat: Chat) -> None:
        """Something in this chat has changed."""
        chat.changed()
        self.changes.fire()

    def edited(self, chat: Chat, record: Record) -> None:
        """The content of a message has changed."""
        record.body["edit_date"] = int(self.clock())
        record.revision += 1
        self.touch(chat)

    def ask(self, query: dict[str, Any], on_answer: OnAnswer) -> str:
        """Queues a tap as an update and waits for its answer; returns the id of the query."""
        if len(self.queries) > UNANSWERED_LIMIT:
            now = self.clock()
            self.queries = {key: one for key, one in self.queries.items() if one.expires >= now}
        query_id = str(secrets.randbelow(2**63))
        self.queries[query_id] = Query(expires=self.clock() + self.query_seconds, on_answer=on_answer)
        lane = int(query["from"]["id"]) + CALLBACK_LANE
        self.updates.push("callback_query", {"id": query_id, **query}, lane=lane, lifetime=CALLBACK_LIFETIME)
        return query_id

    def answer(self, query_id: str, text: str, alert: bool, url: str) -> None:
        """Answers a tap; a second answer, a late one or one to an unknown query is refused."""
        query = self.queries.pop(query_id, None)
        if query is None or query.expires < self.clock():
            raise bad(QUERY_TOO_OLD)
        query.on_answer(text, alert, url)
