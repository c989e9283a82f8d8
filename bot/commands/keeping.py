"""`xiangban backup`, `restore`, `audit verify` and `erase`: what is kept, saved, proved and forgotten."""

import asyncio
from pathlib import Path

import click

from bot.commands.shared import Failed, language_option, now, opened_store, settings_of
from bot.commands.words import say
from casework.access import OPERATOR
from casework.records import Child


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@language_option
def backup(file: Path, language: str) -> None:
    """Save everything to FILE, sealed under the newest key. The bot may be running."""
    if file.exists():
        raise Failed(say(language, "backup.exists", file=file))

    async def work() -> None:
        async with opened_store(settings_of()) as store:
            await store.backup(file)

    asyncio.run(work())
    click.echo(say(language, "backup.done", file=file, bytes=file.stat().st_size))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@language_option
def restore(file: Path, language: str) -> None:
    """Bring the backup FILE back into an empty database. What had not been sent is held back."""

    async def work() -> None:
        async with opened_store(settings_of()) as store:
            await store.restore(file)

    asyncio.run(work())
    click.echo(say(language, "restore.done", file=file))


@click.group()
def audit() -> None:
    """The trail of who did and read what."""


@audit.command()
@language_option
def verify(language: str) -> None:
    """Prove that no event was altered, removed or moved; name the first one that was."""

    async def work() -> None:
        async with opened_store(settings_of()) as store:
            result = await store.verify_audit()
        if not result.intact:
            raise Failed(say(language, "audit.broken", seq=result.seq, reason=result.fault))
        click.echo(say(language, "audit.whole", count=result.checked))

    asyncio.run(work())


@click.command()
@click.argument("child_code")
@click.option("--yes", is_flag=True, help="Do not ask.")
@language_option
def erase(child_code: str, yes: bool, language: str) -> None:
    """Erase everything about a child for ever; the trail keeps the bare code."""

    async def known() -> bool:
        async with opened_store(settings_of()) as store:
            return await store.get(OPERATOR, Child, child_code) is not None

    async def work() -> None:
        async with opened_store(settings_of()) as store:
            await store.erase(child_code, now=now())

    if not asyncio.run(known()):
        raise Failed(say(language, "erase.unknown", code=child_code))
    if not yes:
        click.confirm(say(language, "erase.sure", code=child_code), abort=True, err=True)
    asyncio.run(work())
    click.echo(say(language, "erase.done", code=child_code))
