"""What the commands share: settings, the policy, the store, the language, and how faults end a command."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.commands.words import language_of, say
from bot.settings import Settings, SettingsError, load_settings
from storage.errors import StorageError

if TYPE_CHECKING:
    from storage.store import Store

F = TypeVar("F", bound=Callable[..., Any])


class Failed(Exception):
    """A command that ends with status 1 and these lines on standard error."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def language_option(command: F) -> F:
    """``--language``, taken after any command as well as before it."""

    def chosen(context: click.Context, _: click.Parameter, value: str | None) -> str:
        above = context.find_root().params.get("language")
        return language_of(value or above, os.environ)

    return click.option(
        "--language",
        metavar="zh_Hans|en",
        callback=chosen,
        help="Language of the output. The terminal's by default, Chinese where that is not English.",
    )(command)


def settings_of(**overrides: Any) -> Settings:
    """The settings by the environment, without what only `run` needs. SettingsError."""
    return load_settings(**overrides)


@asynccontextmanager
async def opened_store(
    settings: Settings, *, closed_too: bool = False, migrate: bool = True
) -> AsyncIterator["Store"]:
    """The store by these settings; works beside a running bot. SettingsError where no keys are set.

    Without ``migrate`` nothing is written on opening, and a database at another shape is refused.
    """
    if not settings.keys:
        raise SettingsError(["XIANGBAN_SECRET_KEYS: missing; the keys for the encrypted columns"])
    from storage.keys import KeyRing
    from storage.store import Store  # only now: what is refused needs no database

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(
        settings.database, KeyRing(settings.keys), migrate=migrate, closed_too=closed_too
    )
    try:
        yield store
    finally:
        await store.close()


def now() -> datetime:
    """The moment, aware UTC."""
    return datetime.now(UTC)


def lines_of(error: BaseException, language: str) -> tuple[str, ...] | None:
    """A fault of the user's, line by line; None for anything else, which is a fault of ours."""
    if isinstance(error, Failed):
        return error.lines
    faults = getattr(error, "faults", None) or getattr(error, "lines", None)
    if faults:
        return tuple(str(fault) for fault in faults)
    if isinstance(error, StorageError):
        name = type(error).__name__
        return (say(language, _STORAGE.get(name, "tools.storage.other"), detail=str(error) or name),)
    if isinstance(error, OSError):
        return (f"{error.filename or ''}: {error.strerror or type(error).__name__}".removeprefix(": "),)
    return None


_STORAGE = {
    "Conflict": "tools.storage.conflict",
    "Unavailable": "tools.storage.unavailable",
    "AlreadyRunning": "tools.storage.already_running",
    "WrongKeys": "tools.storage.wrong_keys",
    "Tampered": "tools.storage.tampered",
    "StillClosed": "tools.storage.closed",
    "TooNew": "tools.storage.too_new",
    "Refused": "tools.storage.refused",
    "BackupFault": "tools.storage.backup",
}
