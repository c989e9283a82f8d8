"""The county of the transcripts behind real Bot API calls, over HTTP to the stand-in server."""

import asyncio
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from bot.app import HEARD, App
from bot.auditor import Auditor
from bot.clock import Clock
from bot.conversation import Conversation
from bot.desk import conversation_of
from bot.documents.press import open_press
from bot.settings import Settings
from bot.telegram.limits import UNHURRIED
from conversations.desk import Desk
from conversations.said import Button
from playground.people import Phone as TelegramPhone
from playground.server import StandIn
from playground.view import ChatMessage
from storage.store import Store
from tests.conversations.county import ERASED, County, Heard, policy, words

TOKEN = "123456:transcripts"
KEY = "transcripts-transcripts-transcripts-"
FIRST = 7_000_001
QUIET = 0.04  # seconds without anything new
PATIENCE = 20.0


class StillClock(Clock):
    """A clock that moves only when the transcript says so."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        """The moment of the last date line."""
        return self.moment


class TelegramCounty(County):
    """As `County`, but everything that is said goes through the Bot API, the inbox and the outbox."""

    def __init__(self, path: Path, language: str) -> None:
        super().__init__(path, language)
        self.clock = StillClock(self.now)
        self.server = StandIn(token=TOKEN, username="xiangban_bot", clock=lambda: self.now.timestamp())
        self.server.world.updates.same_offset_hold = 0.0
        self.chats: dict[str, TelegramPhone] = {}
        for n, (person, phone) in enumerate(self.phones.items()):
            phone.address = f"telegram:{FIRST + n}"
            code = "en" if language == "en" else "zh-hans"
            self.chats[person] = self.server.phone(FIRST + n, first_name=person, language_code=code)
        self._popups = dict.fromkeys(self.chats, 0)
        self._last_typed: dict[str, int] = {}
        self._revisions: dict[str, dict[int, int]] = {person: {} for person in self.chats}
        self.app: App

    async def open(self) -> None:
        """Starts server and bot."""
        if not self.server.root:
            await self.server.start()
        settings = Settings(  # type: ignore[call-arg]
            _env_file=None,
            telegram_token=SecretStr(TOKEN),
            telegram_api=self.server.root,
            data_dir=self.path.parent,
            secret_keys=SecretStr(KEY),
        )
        self.app = App(settings, clock=self.clock, make=self._make, limits=UNHURRIED)
        await self.app.start()
        self.store = self.app.store

    async def _make(self, store: Store, clock: Clock, bot_name: str) -> Conversation:
        self.desk = Desk(
            store=store, forms=self.forms, policy=policy(), words=words(), press=open_press(),
            clock=clock.now,
            new_id=lambda: f"id{next(self._ids):014d}", bot_name=bot_name,
            new_code=lambda length: "ABCDEFGHJKMN"[:length],
        )  # fmt: skip
        return conversation_of(self.desk)

    async def close(self) -> None:
        """Stops bot and server."""
        await self.app.stop()
        await self.server.stop()

    async def restart(self) -> None:
        """The bot's process ends and begins again; the server goes on."""
        await self.app.stop()
        await self.open()

    async def away(self, moment: datetime) -> None:
        """The bot's process is down until then; up to now it heard everything."""
        await self.store.beat(HEARD, self.now)
        await self.app.stop()
        self.now = self.clock.moment = moment
        await self.open()
        await self.deliver()

    async def say(self, person: str, text: str) -> None:  # type: ignore[override]
        """Somebody types."""
        self._last_typed[person] = await self.chats[person].say(text)
        await self.deliver()

    async def tap(self, person: str, label: str, back: int = 1) -> None:  # type: ignore[override]
        """Somebody taps a button of the newest message that has it."""
        chat = self.chats[person]
        if any(text.startswith(label) for row in chat.keyboard for text in row):
            await self.say(person, next(t for row in chat.keyboard for t in row if t.startswith(label)))
            return
        having = [m for m in reversed(self.chats[person].messages) if _has(m, label)]
        message = having[back - 1]
        data = next(b.data for row in message.buttons for b in row if b.text == _best(message, label))
        await self.chats[person].tap_data(message.id, data or "")
        await self.deliver()

    async def send(self, person: str, kind: str, content: bytes, name: str = "") -> None:  # type: ignore[override]
        """Somebody sends a photo, a voice message or a file."""
        chat = self.chats[person]
        if kind == "photo":
            await chat.send_photo(content)
        elif kind == "voice":
            await chat.send_voice(content)
        else:
            await chat.send_document(content, name=name)
        await self.deliver()

    async def send_place(self, person: str, latitude: float, longitude: float) -> None:  # type: ignore[override]
        """Somebody sends where they are."""
        await self.chats[person].send_location(latitude, longitude)
        await self.deliver()

    async def block(self, person: str) -> None:
        """Somebody blocks the bot without the bot being told."""
        self.chats[person].chat.state = "blocked"

    def _audited(self) -> Auditor:
        return self.app.auditor

    async def until(self, moment: datetime) -> None:
        """Moves the clock, stopping wherever something is due."""
        while True:
            due = await self.store.next_wake()
            if (due is None or due > moment) and not (await self.store.status()).outbox_waiting:
                self.now = self.clock.moment = moment
                if self.auditor is not None:
                    await self.auditor.audit()
                    await self.deliver()
                return
            self.now = min(moment, max(due, self.now) if due is not None else moment)
            self.clock.moment = self.now
            self.app.advance(moment - moment)
            await self.deliver()
            if self.now >= moment:
                return

    async def deliver(self) -> None:
        """Waits until everything that is due was done and said, and hears it."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while not await self._is_quiet():
            assert asyncio.get_running_loop().time() < end, "the bot does not come to rest"
        self._hear()

    async def _is_quiet(self) -> bool:
        calls = _calls(self.server)
        await asyncio.sleep(QUIET)
        status = await self.store.status()
        due = await self.store.due(self.now, 1)
        sender = self.app.channel.sender
        waits = due or status.inbox_open or sender.under_way or len(self.server.world.updates)
        waits = waits or await self.store.any_due(self.now)
        return not waits and calls == _calls(self.server)

    def _hear(self) -> None:
        news: list[tuple[int, Heard]] = []
        for person, chat in self.chats.items():
            popups = chat.popups[self._popups[person] :]
            self._popups[person] = len(chat.popups)
            news += [(0, Heard(person, "popup", popup.text)) for popup in popups if popup.text]
            typed = self._last_typed.pop(person, None)
            if typed is not None and typed not in chat.chat.records:
                news.append((typed, Heard(person, "erased", ERASED)))
            for record in chat.chat.records.values():
                number, seen = record.body["message_id"], self._revisions[person]
                if record.from_bot and seen.get(number) != record.revision:
                    kind = "message" if number not in seen else "edit"
                    seen[number] = record.revision
                    news.append((number, _heard(person, kind, chat, number)))
        self.heard += [heard for _, heard in sorted(news, key=lambda one: one[0])]


def _heard(person: str, kind: str, chat: TelegramPhone, number: int) -> Heard:
    message = next(m for m in chat.messages if m.id == number)
    labels = [[b.text for b in row] for row in message.buttons] or message.keyboard
    rows = tuple(tuple(Button(label=text) for text in row) for row in labels)
    body = chat.chat.records[number].body
    media = next((name for name in ("photo", "document", "audio", "video") if name in body), "")
    return Heard(person, kind, message.text or body.get("caption", ""), rows, media)


def _has(message: ChatMessage, label: str) -> bool:
    return message.from_bot and any(text.startswith(label) for text in message.labels)


def _best(message: ChatMessage, label: str) -> str:
    return label if label in message.labels else next(t for t in message.labels if t.startswith(label))


def _calls(server: StandIn) -> int:
    return sum(1 for call in server.journal if call.method != "getUpdates")
