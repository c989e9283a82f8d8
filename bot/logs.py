"""The one log handler: plain or JSON lines, tokens blacked out, and never what people said."""

import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

import orjson
from telegram.error import TelegramError

TOKEN = re.compile(
    r"bot\d+:[\w-]+|\b\d{5,}:[\w-]{10,}"
)  # in an address; standing alone, as in PTB's own sentences
TALKATIVE = (
    "httpx",
    "httpcore",
    "aiohttp",
    "telegram",
    "apscheduler",
    "aiosqlite",
    "alembic",
    "sqlalchemy",
    "asyncio",
)
LONGEST_REASON = 120


def redact(text: str) -> str:
    """``text`` without anything that looks like a bot's token."""
    return TOKEN.sub("***", text)


def reason(error: BaseException) -> str:
    """What may be said of an error in a log: its type, and its words only where they can't be a person's.

    The message of an arbitrary exception may quote the value that caused it, so a child's name; those of the
    operating system and of Telegram's refusals don't (a server's unreadable answer is cut off).
    """
    name = type(error).__name__
    if isinstance(error, TelegramError):
        words = str(error).split(". Parsing the server", 1)[0]
    elif isinstance(error, OSError):
        words = str(error)
    else:
        return name
    return f"{name}: {redact(words)[:LONGEST_REASON]}" if words else name


def place(error: BaseException) -> str:
    """Where an error came from: ``file:line function`` of the innermost frame."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} {frames[-1].name}" if frames else ""


class _Lines(logging.Formatter):
    """Plain lines; an exception is shown as its frames and its `reason`, never with its values."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines = [*traceback.format_tb(error.__traceback__), reason(error), *lines]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(line.rstrip("\n") for line in lines)


class _Json(_Lines):
    """The same as one JSON object a line, for whatever collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = self.formatException(record.exc_info)
        return redact(orjson.dumps(line).decode())


def set_up(*, stream: TextIO | None = None, as_json: bool | None = None, level: int = logging.INFO) -> None:
    """Make ours the only handler. JSON unless the stream is a terminal; ``as_json`` decides otherwise."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    lines = not as_json if as_json is not None else stream.isatty()
    plain = _Lines("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(plain if lines else _Json())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
