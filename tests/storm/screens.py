"""What people have been shown, read off the server's record: each message once, however often it came."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from playground.journal import Call
from playground.server import StandIn
from playground.view import ChatMessage, view
from tests.storm.points import ROWS, SENDING

MARK = "（可能重复）"
UNCHANGED = "message is not modified"  # it stood there already: as good as shown
GREETINGS = ("getUpdates", "setWebhook")


@dataclass
class Shown:
    """A message that has come through: when first (the call's number), and every text shown for it.

    ``row``: its outbox row, or the first of those that left with it.
    """

    row: int
    chat: int
    number: int  # the message in which it stands
    first: int
    edit: bool
    texts: list[str] = field(default_factory=list)


class Screens:
    """Follows the record. ``rows``: everything that came through, by outbox row; some are one message."""

    def __init__(self, server: StandIn) -> None:
        self._server = server
        self._read = 0
        self.rows: dict[int, Shown] = {}
        self.chats: dict[int, list[Shown]] = {}
        self.strays = 0  # executed sends that belong to no row
        self.unsure = 0  # executed sends whose answer never reached the bot, for a fault's sake
        self.greetings = 0

    def follow(self) -> None:
        """Take in what is new in the record."""
        for call in self._server.journal.since(self._read):
            self._read += 1
            self.greetings += call.method in GREETINGS
            if call.method in SENDING and (call.executed or UNCHANGED in str(call.answer)):
                self._came(call)

    def _came(self, call: Call) -> None:
        self.unsure += call.fault in ("drop_after", "half_open", "wrong_json", "html", "slow", "delay")
        rows: list[int] = call.args.get(ROWS) or []
        if not rows or call.chat_id is None:
            self.strays += 1
            return
        text = str(call.args.get("text", ""))
        for known in {id(self.rows[row]): self.rows[row] for row in rows if row in self.rows}.values():
            known.texts.append(text)
        new = [row for row in rows if row not in self.rows]
        if not new:
            return
        edit = call.method == "editMessageText"
        number = int(call.args["message_id"] if edit else call.answer)
        shown = Shown(row=new[0], chat=call.chat_id, number=number, first=call.n, edit=edit, texts=[text])
        self.rows.update(dict.fromkeys(new, shown))
        self.chats.setdefault(call.chat_id, []).append(shown)

    @property
    def messages(self) -> list[Shown]:
        """Everything that came through, each message once."""
        return list({id(shown): shown for shown in self.rows.values()}.values())

    def count(self, chat: int) -> int:
        """How many messages have come through to a chat."""
        self.follow()
        return len(self.chats.get(chat, ()))

    def newest(self, chat: int, after: int) -> Iterator[ChatMessage]:
        """The messages after the first ``after``, newest first, as they stand now."""
        self.follow()
        records = self._server.phones[chat].chat.records
        for shown in reversed(self.chats.get(chat, [])[after:]):
            if shown.number in records:
                yield view(records[shown.number])

    async def wait(
        self, chat: int, after: int, fits: Callable[[ChatMessage], bool], patience: float
    ) -> ChatMessage:
        """Until a message after the first ``after`` fits: which. TimeoutError."""
        end = asyncio.get_running_loop().time() + patience
        while True:
            found = next(filter(fits, self.newest(chat, after)), None)
            if found is not None:
                return found
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError
            await asyncio.sleep(0.03)


def labels(message: ChatMessage) -> list[str]:
    """The labels of a message's buttons."""
    return [button.text for row in message.buttons for button in row]


def data_of(message: ChatMessage, label: str) -> str:
    """What the button with this label sends. LookupError."""
    for row in message.buttons:
        for button in row:
            if button.text.removeprefix("✓ ") == label:
                return button.data or ""
    raise LookupError(label)
