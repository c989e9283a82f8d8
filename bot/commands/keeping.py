"""`xiangban backup`, `restore`, `audit verify` and `erase`: what is kept, saved, proved and forgotten."""

import asyncio
from pathlib import Path

import click

from bot.commands.shared import Failed, language_option, now, opened_store, settings_of
from bot.commands.words import say
from casework.access import OPERATOR
from casework.records import Child
from storage.erasing import Erased
from storage.restoring import Restored


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@language_option
def backup(file: Path, language: str) -> None:
    """Save everything to FILE, sealed under the newest key. The bot may be running."""
    if file.exists():
        raise Failed(say(language, "backup.exists", file=file))
    settings = settings_of()

    async def work() -> None:
        async with opened_store(settings) as store:
            await store.backup(file, now=now(), home=settings.data_dir)

    asyncio.run(work())
    click.echo(say(language, "backup.done", file=file, bytes=file.stat().st_size))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--erased", multiple=True, type=click.Path(path_type=Path, exists=True),
    help="A newer list of erased children (xiangban-….erased), or the folder where one is.",
)  # fmt: skip
@language_option
def restore(file: Path, erased: tuple[Path, ...], language: str) -> None:
    """Bring the backup FILE back into an empty database. What had not been sent is held back."""
    settings = settings_of()

    async def work() -> Restored:
        async with opened_store(settings, closed_too=True) as store:
            await store.lock()
            return await store.restore(file, now=now(), home=settings.data_dir, lists=erased)

    done = asyncio.run(work())
    click.echo(say(language, "restore.done", file=file, taken=f"{done.taken:%Y-%m-%d %H:%M} UTC"))
    for line in _what_follows(done, language):
        click.echo(line)


def _what_follows(done: Restored, language: str) -> list[str]:
    """What the operator must know after a restore, a line each."""
    lines = []
    until = f"{done.known_until:%Y-%m-%d %H:%M} UTC"
    if done.erased:
        lines.append(say(language, "restore.erased", count=done.erased))
    if done.held:
        lines.append(say(language, "restore.held", count=done.held))
    if not done.audit.intact:
        reason = say(language, f"audit.{done.audit.fault}")
        lines.append(say(language, "audit.broken", seq=done.audit.seq, reason=reason))
    lines.append(say(language, "restore.closed" if done.closed else "restore.until", until=until))
    return lines


@click.group()
def audit() -> None:
    """The trail of who did and read what."""


@audit.command()
@language_option
def verify(language: str) -> None:
    """Prove that no event was altered, removed, added or moved; name the first one that was."""
    settings = settings_of()

    async def work() -> None:
        async with opened_store(settings, closed_too=True) as store:
            result = await store.verify_audit(settings.data_dir)
        if not result.intact:
            reason = say(language, f"audit.{result.fault}")
            raise Failed(say(language, "audit.broken", seq=result.seq, reason=reason))
        click.echo(say(language, "audit.whole", count=result.checked))

    asyncio.run(work())


@audit.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@language_option
def settle(yes: bool, language: str) -> None:
    """What others deleted or changed was dealt with: it counts no more. Lays missing triggers anew."""
    settings = settings_of()
    if not yes:
        click.confirm(say(language, "settle.sure"), abort=True, err=True)

    async def work() -> int:
        async with opened_store(settings, closed_too=True) as store:
            return await store.settle(now())

    click.echo(say(language, "settle.done", count=asyncio.run(work())))


@click.command()
@click.argument("child_code")
@click.option("--yes", is_flag=True, help="Do not ask.")
@language_option
def erase(child_code: str, yes: bool, language: str) -> None:
    """Erase everything about a child for ever; the trail keeps the bare code."""
    settings = settings_of()

    async def known() -> bool:
        async with opened_store(settings, closed_too=True) as store:
            return await store.get(OPERATOR, Child, child_code) is not None

    async def work() -> Erased | None:
        async with opened_store(settings, closed_too=True) as store:
            return await store.erase(child_code, now=now(), home=settings.data_dir)

    if not asyncio.run(known()):
        raise Failed(say(language, "erase.unknown", code=child_code))
    if not yes:
        click.confirm(say(language, "erase.sure", code=child_code), abort=True, err=True)
    done = asyncio.run(work())
    click.echo(say(language, "erase.done", code=child_code))
    for folder in done.unreached if done else ():
        click.echo(say(language, "erase.unreached", folder=folder), err=True)
    if done and not done.clean:
        click.echo(say(language, "erase.not_clean"), err=True)
    click.echo(say(language, "erase.older"))
