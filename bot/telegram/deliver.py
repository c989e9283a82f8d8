"""One message on its way: put into words at the last moment, sent or edited in, and what came of it."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from telegram import InputFile
from telegram.error import BadRequest, TelegramError

from bot.logs import place, reason
from bot.telegram.api import Api, Verdict, verdict
from bot.telegram.showing import captioned, payloads
from bot.telegram.translate import chat_id_of
from casework.outcome import Notice
from conversations.said import Message, Together
from storage.errors import Unavailable
from storage.outbox import OutboxRow

LOG = logging.getLogger("bot.deliver")
Fate = Literal["sent", "dropped", "later", "not_sent", "unknown", "gone", "ours", "token"]
Word = Callable[[Notice], Awaitable[Message | None]]
WordAll = Callable[[Sequence[Notice]], Awaitable[Together]]
RepeatMark = Callable[[Notice], Awaitable[str]]
MediaOf = Callable[[str], Awaitable[bytes | None]]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a message. ``repeats``: sending it again may show something twice.

    ``untold``: keys of those that were to leave with it and are no longer true; ``unworded``: of those that
    could not be put into words.
    """

    fate: Fate
    message_id: str | None = None
    reason: str = ""
    wait: timedelta = timedelta(0)
    repeats: bool = False
    extra_parts: int = 0
    untold: frozenset[str] = frozenset()
    unworded: frozenset[str] = frozenset()


_SENDS = {"photo": "sendPhoto", "audio": "sendAudio", "video": "sendVideo", "document": "sendDocument"}
_PICTURE = "there is no text in the message"
_ONLY_NEW = ("protect_content", "disable_notification")  # what an edit can't carry


class Delivery:
    """Sends single messages. ``word`` gives the text, None if it is no longer true; ``mark`` a repeat's.

    ``together`` gives that of several as one message. ``media`` gives the content of a message's picture,
    sound or film, None where there is none any more.
    """

    def __init__(self, api: Api, word: Word, together: WordAll, mark: RepeatMark, media: MediaOf) -> None:
        self._api = api
        self._word = word
        self._together = together
        self._mark = mark
        self._media = media

    async def send(self, row: OutboxRow) -> Result:
        """Try once to deliver ``row``."""
        chat_id = chat_id_of(row.address) if row.address else None
        if chat_id is None:
            return Result(fate="gone", reason="no_address")
        try:
            worded = await self._worded(row)
            message = worded.message
            if message is not None and row.ambiguous and not message.edits and not message.erases:
                message = _marked(message, await self._mark(row.notice))
        except Unavailable:
            raise
        except Exception as error:
            LOG.error(
                "message %d can't be worded: %s (%s)", row.seq, reason(error), place(error), exc_info=error
            )
            return Result(fate="ours", reason="unworded")
        if message is None:
            return Result(fate="dropped", unworded=worded.unworded)
        if message.erases:
            return await self._erase(chat_id, message.erases)
        shown = await self._show(row.seq, message, chat_id)
        return replace(shown, untold=worded.untold, unworded=worded.unworded)

    async def _worded(self, row: OutboxRow) -> Together:
        if row.others:
            return await self._together([each.notice for each in row.whole])
        return Together(message=await self._word(row.notice))

    async def _erase(self, chat_id: int, message_id: str) -> Result:
        """Take a message out of the chat. One that is gone, or too old for that, is as good as done."""
        try:
            await self._api.call("deleteMessage", {"chat_id": chat_id, "message_id": int(message_id)})
        except TelegramError as error:
            found = verdict(error)
            return Result(fate="dropped") if found.fate == "refused" else _result(found, edit=True)
        return Result(fate="sent")

    async def _show(self, seq: int, message: Message, chat_id: int) -> Result:
        parts = payloads(message, chat_id)
        number: str | None = None
        content = await self._media(message.media) if message.media and not message.edits else None
        if content:
            parts = _with_media(message, parts, content)
        for index, part in enumerate(parts):
            edits = message.edits if index == 0 else None
            outcome = await self._call(seq, part, edits)
            if isinstance(outcome, Result):
                return replace(
                    outcome, repeats=outcome.repeats or index > 0
                )  # a part that is out comes again
            number = outcome
        return Result(fate="sent", message_id=number, extra_parts=len(parts) - 1)

    async def _call(self, seq: int, part: dict[str, Any], edits: str | None) -> str | Result:
        """The message's number, or what went wrong."""
        try:
            if edits is None:
                return _number(await self._api.call(_method(part), part))
            return await self._edit(part, edits)
        except TelegramError as error:
            found = verdict(error)
            if found.fate == "unchanged":
                return edits or ""
            if found.fate == "no_message" and edits is not None:
                return await self._call(seq, part, None)
            if found.fate == "refused" and not part.keys() & {"text", "caption"}:
                return ""  # a picture that can't be shown: its question follows all the same
            if found.fate == "moved":
                return await self._call(seq, {**part, "chat_id": found.chat_id}, None)
            if found.fate == "refused":
                return await self._bare(seq, part, error)
            return _result(found, edit=edits is not None)

    async def _edit(self, part: dict[str, Any], edits: str) -> str:
        allowed = {name: value for name, value in part.items() if name not in _ONLY_NEW}
        if not edits.isdigit():
            return _number(await self._api.call("sendMessage", part))
        try:
            await self._api.call("editMessageText", {**allowed, "message_id": int(edits)})
        except BadRequest as error:
            caption = captioned(allowed) if _PICTURE in str(error).lower() else None
            if caption is None:
                raise
            await self._api.call("editMessageCaption", {**caption, "message_id": int(edits)})
        return edits

    async def _bare(self, seq: int, part: dict[str, Any], error: TelegramError) -> Result | str:
        """Telegram finds fault with the message: the words alone are better than nothing."""
        LOG.error("message %d was refused as it is (%s); its words are sent alone", seq, reason(error))
        try:
            bare = {"chat_id": part["chat_id"], "text": part.get("text") or part["caption"]}
            return _number(await self._api.call("sendMessage", bare))
        except TelegramError as again:
            return _result(verdict(again))


def _with_media(message: Message, parts: list[dict[str, Any]], content: bytes) -> list[dict[str, Any]]:
    """The picture with the words as its caption; where they are too long for one, before them."""
    kind, _, path = message.media.partition(":")
    file = {kind: InputFile(content, filename=path.rpartition("/")[2])}
    caption = captioned(parts[0]) if len(parts) == 1 else None
    if caption is not None:
        return [{**caption, **file}]
    bare = {name: value for name, value in parts[0].items() if name in ("chat_id", *_ONLY_NEW)}
    return [{**bare, **file}, *parts]


def _method(part: Mapping[str, Any]) -> str:
    return next((method for kind, method in _SENDS.items() if kind in part), "sendMessage")


def _number(answer: Any) -> str:
    return str(answer.get("message_id", "")) if isinstance(answer, dict) else ""


def _result(found: Verdict, *, edit: bool = False) -> Result:
    match found.fate:
        case "later":
            return Result(fate="later", wait=found.wait)
        case "not_sent":
            return Result(fate="not_sent")
        case "gone":
            return Result(fate="gone", reason=found.reason)
        case "token":
            return Result(fate="token")
        case "unknown":
            return Result(fate="unknown", repeats=not edit)
        case _:
            return Result(fate="ours", reason=found.reason or "refused")


def _marked(message: Message, mark: str) -> Message:
    """The message with ``mark`` before its first words; its marks move along."""
    marks = tuple((kind, start + len(mark), length) for kind, start, length in message.marks)
    return replace(message, text=mark + message.text, marks=marks)
