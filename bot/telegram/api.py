"""Calls to the Bot API: python-telegram-bot's Bot, and a shorter way for what is called all the time."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast
from urllib.parse import quote

from telegram import Bot, InputFile
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.telegram.request import AiohttpRequest, BadAnswer, Plain, surely_not_sent

Fate = Literal[
    "later",  # 429: not before `wait`
    "not_sent",  # it never arrived
    "unknown",  # it may have arrived
    "gone",  # this chat can't be reached
    "moved",  # the chat has another id now
    "unchanged",  # an edit that changes nothing: as good as done
    "no_message",  # the message to edit is not there (any more)
    "refused",  # the request is at fault
    "token",  # the token is no longer valid
]
os.environ.setdefault("PTB_TIMEDELTA", "true")  # or python-telegram-bot warns at each 429 of the way to come
UNREACHABLE = {
    "chat not found": "chat_not_found",
    "user not found": "chat_not_found",
    "peer_id_invalid": "chat_not_found",
    "user is deactivated": "deactivated",
    "bot was blocked": "blocked",
    "bot can't initiate conversation": "never_wrote",
    "have no rights to send": "no_rights",
    "bot was kicked": "kicked",
}
NO_MESSAGE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message",
)
UNCHANGED = "message is not modified"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an error means for the message that was to be sent. ``reason`` is a code, not Telegram's text."""

    fate: Fate
    reason: str = ""
    wait: timedelta = timedelta(0)
    chat_id: int | None = None


def verdict(error: TelegramError) -> Verdict:
    """What is known after ``error``. 5xx, a lost connection and an unreadable answer leave it unknown."""
    words = str(error).lower()
    if isinstance(error, RetryAfter):
        return Verdict(fate="later", wait=wait_of(error))
    if isinstance(error, ChatMigrated):
        return Verdict(fate="moved", chat_id=error.new_chat_id)
    if isinstance(error, InvalidToken):
        return Verdict(fate="token")
    if isinstance(error, Forbidden):
        return Verdict(fate="gone", reason=_known(words) or "forbidden")
    if isinstance(error, BadRequest):
        return _bad_request(words)
    return Verdict(fate="not_sent" if surely_not_sent(error) else "unknown")


def wait_of(error: RetryAfter) -> timedelta:
    """How long a 429 asks us to wait."""
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def _bad_request(words: str) -> Verdict:
    if UNCHANGED in words:
        return Verdict(fate="unchanged")
    if any(part in words for part in NO_MESSAGE):
        return Verdict(fate="no_message")
    gone = _known(words)
    return Verdict(fate="gone", reason=gone) if gone else Verdict(fate="refused", reason="refused")


def _known(words: str) -> str:
    return next((code for part, code in UNREACHABLE.items() if part in words), "")


def _data(parameters: Mapping[str, Any]) -> RequestData:
    if not any(isinstance(value, InputFile) for value in parameters.values()):
        return cast(RequestData, Plain(parameters))
    return RequestData([_parameter(name, value) for name, value in parameters.items()])


def _parameter(name: str, value: Any) -> RequestParameter:
    if isinstance(value, InputFile):
        return RequestParameter.from_input(name, value)
    return RequestParameter(name, value, None)


class Api:
    """The Bot API behind ``root`` for a token. ``bot`` is python-telegram-bot's, on the same connections."""

    def __init__(self, token: str, root: str) -> None:
        self._request = AiohttpRequest()
        self._base = f"{root}/bot{token}/"
        self._files = f"{root}/file/bot{token}/"
        self.bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._request,
            get_updates_request=AiohttpRequest(),
        )

    async def open(self) -> None:
        """Open the connections; asks nothing of the server."""
        await self._request.initialize()

    async def close(self) -> None:
        """Close them."""
        await self._request.shutdown()

    async def fetch(self, file_id: str) -> bytes:
        """The content of a file that somebody sent. Raises python-telegram-bot's errors, see `verdict`."""
        card = await self.call("getFile", {"file_id": file_id})
        path = quote(str(card.get("file_path", ""))) if isinstance(card, dict) else ""
        return await self._request.retrieve(f"{self._files}{path}")

    async def call(
        self, method: str, parameters: Mapping[str, Any], *, read_timeout: float | None = None
    ) -> Any:
        """Call ``method``, giving the bare ``result``. Raises python-telegram-bot's errors, see `verdict`."""
        data = _data(parameters)
        timeout = {} if read_timeout is None else {"read_timeout": read_timeout}
        try:
            return await self._request.post(self._base + method, data, **timeout)
        except KeyError:
            raise BadAnswer("the answer has no result") from None
