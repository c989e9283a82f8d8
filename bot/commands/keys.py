"""`xiangban keys rotate`: from the old secret key to the new one, while everybody goes on working."""

import asyncio
from datetime import timedelta

import click

from bot.commands.shared import Failed, language_option, now, opened_store, settings_of
from bot.commands.words import say
from storage.store import KeyRing, Store

RUNNING = timedelta(seconds=60)  # a bot that beat within this time is at work


@click.group()
def keys() -> None:
    """The secret keys, under which everything is sealed."""


@keys.command()
@language_option
def rotate(language: str) -> None:
    """Seal everything under the first of XIANGBAN_SECRET_KEYS. The bot may be running."""
    settings = settings_of()

    async def work() -> int:
        async with opened_store(settings) as store:
            if not await _bot_knows(store, KeyRing(settings.keys).newest):
                raise Failed(say(language, "keys.restart_first"))
            return await store.rotate_keys()

    count = asyncio.run(work())
    click.echo(say(language, "keys.rotated", count=count))
    if len(settings.keys) > 1:
        click.echo(say(language, "keys.remove"))


async def _bot_knows(store: Store, newest: str) -> bool:
    """A bot that runs with the old key only could no longer read what is sealed under the new one."""
    beats = await store.beats()
    at_work = any(now() - beat < RUNNING for beat in beats.values())
    return not at_work or newest in await store.ring_noted()


async def key_lines(store: Store, ring: KeyRing, language: str) -> list[str]:
    """Which of several keys the database still needs, a line each."""
    used = await store.keys_in_use()
    if len(ring.names) == 1:
        return []
    return [
        say(
            language,
            "keys.needed" if used.get(name) else "keys.not_needed",
            number=n,
            count=used.get(name, 0),
        )
        for n, name in enumerate(ring.names[1:], 2)
    ]
