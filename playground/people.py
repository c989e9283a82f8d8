"""Phones: people who type, tap, send files and block the bot, each with their own view of the chat."""

import asyncio
import hashlib
from collections.abc import Callable
from itertools import islice
from typing import Any

from playground.entities import found_entities
from playground.files import photo_sizes
from playground.rules import pieces
from playground.signals import Signal
from playground.updates import MESSAGE_LIFETIME
from playground.view import Button, ChatMessage, Popup, buttons_of, label_fits, view
from playground.world import Chat, World

Wanted = str | Callable[[ChatMessage], bool]


class BotBlocked(Exception):
    """This person blocked the bot (or is gone), so nothing can be sent to it."""


class Phone:
    """One person's phone. The private chat has the person's id. `started` False is a person who never opened
    the chat: the bot can't write first."""

    def __init__(
        self,
        world: World,
        user_id: int,
        *,
        first_name: str = "",
        language_code: str = "zh-hans",
        started: bool = True,
    ) -> None:
        self._world = world
        self.user_id = user_id
        self.first_name = first_name or f"用户{user_id}"
        self.language_code = language_code
        self.user: dict[str, Any] = {
            "id": user_id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": language_code,
        }
        self.signal = Signal()
        self.popups: list[Popup] = []
        self.opened: list[str] = []  # addresses of link buttons that were tapped
        card = {"id": user_id, "type": "private", "first_name": self.first_name}
        self.chat = Chat(
            id=user_id, card=card, state="open" if started else "unopened", signals=[self.signal]
        )
        world.chats[user_id] = self.chat
        self._seen: dict[int, int] = {}  # message id: revision that a wait has returned

    # What the person sees

    @property
    def messages(self) -> list[ChatMessage]:
        """The chat as it stands on the screen, oldest first."""
        return [view(record) for record in list(self.chat.records.values())]

    def messages_after(self, count: int) -> list[ChatMessage]:
        """The messages after the first so many, without drawing those before."""
        fresh = max(len(self.chat.records) - count, 0)
        return [view(record) for record in islice(reversed(self.chat.records.values()), fresh)][::-1]

    @property
    def keyboard(self) -> list[list[str]]:
        """The labels of the reply keyboard below the chat; none when it is hidden."""
        rows = (self.chat.keyboard or {}).get("keyboard", [])
        return [[str(button["text"]) for button in row] for row in rows]

    @property
    def activity(self) -> str:
        """What the bot is doing, as "typing"; empty when nothing."""
        return self.chat.activity

    async def wait_for(self, wanted: Wanted, timeout: float = 5.0) -> ChatMessage:  # noqa: ASYNC109
        """The oldest message of the bot that contains the words (or fits the predicate) and was not
        returned by an earlier wait; an edited message counts as new. TimeoutError shows what is there
        instead."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            version = self.signal.version
            for record in self.chat.records.values():
                number = record.body["message_id"]
                if not record.from_bot or self._seen.get(number, -1) >= record.revision:
                    continue
                message = view(record)
                if wanted in message.text if isinstance(wanted, str) else wanted(message):
                    self._seen[number] = record.revision
                    return message
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or not await self.signal.wait(version, left):
                raise TimeoutError(
                    f"{self.first_name} waited {timeout} s for {wanted!r}; the chat:\n{self.transcript()}"
                )

    async def quiet(self, seconds: float = 0.3) -> None:
        """Returns when nothing has changed in the chat for so long."""
        while await self.signal.wait(self.signal.version, seconds):
            pass

    def transcript(self, last: int = 10) -> str:
        """The last messages as text, with the labels of their buttons."""
        lines = []
        for message in self.messages[-last:]:
            labels = " ".join(f"[{button.text}]" for row in message.buttons for button in row)
            lines.append(
                f"{'bot' if message.from_bot else self.first_name}: {message.text} {labels}".rstrip()
            )
        return "\n".join(lines)

    # What the person does

    async def say(self, text: str, *, chat: Chat | None = None, reply_to: int | None = None) -> int:
        """Types and sends a text; one that is too long goes as several messages, as the apps do it. Returns
        the id of the last message."""
        visible = text.strip()
        if not visible:
            raise ValueError("Telegram's apps don't send an empty text")
        message_id = 0
        for piece in pieces(visible):
            content: dict[str, Any] = {"text": piece}
            if entities := found_entities(piece):
                content["entities"] = entities
            message_id = self._send(content, chat=chat, reply_to=reply_to)
        return message_id

    def _send(self, content: dict[str, Any], *, chat: Chat | None = None, reply_to: int | None = None) -> int:
        target = chat or self.chat
        if target.state == "unopened":
            target.state = "open"
        if target.state in ("blocked", "deactivated", "upgraded"):
            raise BotBlocked(f"{self.first_name}'s chat is {target.state}")
        if reply_to is not None:
            quoted = target.records[reply_to].body
            content["reply_to_message"] = {key: quoted[key] for key in quoted if key != "reply_to_message"}
        record = self._world.post(target, content, sender=self.user)
        if target.state == "open" and (target.id > 0 or self._heard_in_group(content)):
            self._world.updates.push("message", record.body, lane=target.id)
        return int(record.body["message_id"])

    def _heard_in_group(self, content: dict[str, Any]) -> bool:
        """In groups a bot hears commands, its name, and replies to itself (privacy mode)."""
        text = content.get("text", "")
        replied = content.get("reply_to_message", {}).get("from", {}).get("id")
        return (
            text.startswith("/")
            or f"@{self._world.bot['username']}" in text
            or replied == self._world.bot["id"]
        )

    async def tap(self, label: str, *, message_id: int | None = None) -> str:
        """Taps the button with this label on the newest message that has one, or on the given message.
        Symbols around a label don't count. A link is opened (`opened`), a button of the reply keyboard is
        sent as text. Returns the id of the callback query, empty when there is none. LookupError lists the
        buttons there are."""
        found: list[str] = []
        for record in reversed(self.chat.records.values()):
            number = record.body["message_id"]
            if "reply_markup" not in record.body or message_id not in (None, number):
                continue
            for button in (button for row in buttons_of(record) for button in row):
                if label_fits(label, button.text):
                    return await self._press(number, button)
                found.append(button.text)
        for text in (text for row in self.keyboard for text in row) if message_id is None else ():
            if label_fits(label, text):
                await self.say(text)
                return ""
            found.append(text)
        where = "" if message_id is None else f" on message {message_id}"
        raise LookupError(
            f"{self.first_name} sees no button {label!r}{where}; there are: {', '.join(found) or 'none'}"
        )

    async def _press(self, message_id: int, button: Button) -> str:
        if button.data is None:
            self.opened.append(button.url or "")
            return ""
        return await self.tap_data(message_id, button.data)

    async def tap_data(self, message_id: int, data: str, *, chat: Chat | None = None) -> str:
        """Sends a tap with these data, whether or not such a button is there: what a hostile or outdated app
        does. Returns the id of the callback query."""
        target = chat or self.chat
        if target.state != "open":
            raise BotBlocked(f"{self.first_name}'s chat is {target.state}")
        record = target.records.get(message_id)
        gone = {"chat": target.card, "message_id": message_id, "date": 0}
        instance = hashlib.sha256(f"{target.id}".encode()).hexdigest()[:16]
        query = {
            "from": self.user,
            "message": gone if record is None else record.body,
            "chat_instance": str(int(instance, 16)),
            "data": data,
        }
        return self._world.ask(query, self._popup)

    def _popup(self, text: str, alert: bool, url: str) -> None:
        self.popups.append(Popup(text=text, alert=alert, url=url))
        self._world.touch(self.chat)

    async def edit(self, message_id: int, text: str) -> None:
        """Edits an own text message."""
        record = self.chat.records[message_id]
        if record.from_bot or "text" not in record.body:
            raise LookupError(f"message {message_id} is not an own text")
        record.body["text"] = text.strip()
        record.body.pop("entities", None)
        if entities := found_entities(record.body["text"]):
            record.body["entities"] = entities
        self._world.edited(self.chat, record)
        if self.chat.state == "open":
            self._world.updates.push("edited_message", record.body, lane=self.chat.id)

    async def send_photo(self, content: bytes, *, caption: str = "") -> int:
        """Sends a picture; returns the message id."""
        stored = self._world.files.keep("photo", content, name="photo.jpg", mime="image/jpeg")
        return self._send({"photo": photo_sizes(stored), **_caption(caption)})

    async def send_document(self, content: bytes, *, name: str, mime: str = "", caption: str = "") -> int:
        """Sends a file; returns the message id."""
        stored = self._world.files.keep("document", content, name=name, mime=mime)
        card = {**stored.card(), "file_name": stored.name, "mime_type": stored.mime}
        return self._send({"document": card, **_caption(caption)})

    async def send_voice(self, content: bytes, *, duration: int = 3) -> int:
        """Sends a voice message of so many seconds; returns the message id."""
        stored = self._world.files.keep("voice", content, name="voice.ogg", mime="audio/ogg")
        return self._send({"voice": {**stored.card(), "duration": duration, "mime_type": stored.mime}})

    async def send_location(self, latitude: float, longitude: float) -> int:
        """Sends a place; returns the message id."""
        return self._send({"location": {"latitude": latitude, "longitude": longitude}})

    async def send_contact(self, phone_number: str) -> int:
        """Sends the own contact, as the button "share my number" does; returns the message id."""
        card = {"phone_number": phone_number, "first_name": self.first_name, "user_id": self.user_id}
        return self._send({"contact": card})

    async def block(self) -> None:
        """Blocks the bot: it is told by my_chat_member, and may not write any more."""
        self._member("blocked", "member", "kicked")

    async def unblock(self) -> None:
        """Lets the bot write again."""
        self._member("open", "kicked", "member")

    async def deactivate(self) -> None:
        """Deletes the account: the bot is told nothing and finds out when it writes."""
        self.chat.state = "deactivated"
        self._world.touch(self.chat)

    def _member(self, state: Any, before: str, after: str) -> None:
        if self.chat.state == state:
            return
        self.chat.state = state
        self._world.touch(self.chat)
        self._world.updates.push(
            "my_chat_member",
            membership(self._world, self.chat, self.user, before, after),
            lane=self.chat.id,
            lifetime=MESSAGE_LIFETIME,
        )


def membership(world: World, chat: Chat, by: dict[str, Any], before: str, after: str) -> dict[str, Any]:
    """A ChatMemberUpdated object about the bot itself."""

    def member(status: str) -> dict[str, Any]:
        return {"user": world.bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})

    return {
        "chat": chat.card,
        "from": by,
        "date": int(world.clock()),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }


def _caption(text: str) -> dict[str, Any]:
    return {"caption": text} if text else {}
