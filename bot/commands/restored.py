"""`xiangban restored`: what a restore held back, and opening a database that it left closed."""

import asyncio
from collections.abc import Collection

import click

from bot.commands.shared import F, Failed, language_option, opened_store, settings_of
from bot.commands.words import say
from storage.held import Held

_MESSAGE, _UPDATE = "M", "R"  # how the two kinds are told apart: M12 is to be sent, R7 was received


@click.group(invoke_without_command=True)
@click.pass_context
@language_option
def restored(context: click.Context, language: str) -> None:
    """Show what a restore held back: messages (M…) not yet sent, and received things (R…) not handled."""
    if context.invoked_subcommand is None:
        asyncio.run(_show(language))


async def _show(language: str) -> None:
    async with opened_store(settings_of(), closed_too=True) as store:
        held = await store.held()
    for message in held.messages:
        click.echo(
            say(
                language, "restored.message", number=f"{_MESSAGE}{message.seq}", kind=message.kind,
                to=message.to or "–", child=message.child or "–",
            )
        )  # fmt: skip
    for update in held.updates:
        at = f"{update.received_at:%Y-%m-%d %H:%M} UTC"
        click.echo(say(language, "restored.update", number=f"{_UPDATE}{update.seq}", at=at))
    click.echo(say(language, "restored.count", count=len(held.messages) + len(held.updates)))


def _which(command: F) -> F:
    """Numbers to choose by, or all."""
    everything = click.option("--all", "everything", is_flag=True, help="All that is held back.")
    return click.argument("numbers", nargs=-1)(everything(command))


@restored.command()
@_which
@language_option
def release(numbers: tuple[str, ...], everything: bool, language: str) -> None:
    """Send or handle these after all; messages say that they may be repeated."""
    asyncio.run(_decide("release", numbers, everything, language))


@restored.command()
@_which
@language_option
def drop(numbers: tuple[str, ...], everything: bool, language: str) -> None:
    """Never send or handle these."""
    asyncio.run(_decide("drop", numbers, everything, language))


async def _decide(what: str, numbers: Collection[str], everything: bool, language: str) -> None:
    if not numbers and not everything:
        raise click.UsageError("give numbers, or --all")
    async with opened_store(settings_of()) as store:
        held = await store.held()
        known = _numbers(held)
        wrong = [number for number in numbers if number not in known]
        if wrong:
            raise Failed(*(say(language, "restored.unknown", number=number) for number in wrong))
        chosen = known if everything else frozenset(numbers)
        act = store.release if what == "release" else store.drop
        count = await act(_of(_MESSAGE, chosen), _of(_UPDATE, chosen))
    click.echo(say(language, f"restored.{what}", count=count))


def _numbers(held: Held) -> frozenset[str]:
    messages = (f"{_MESSAGE}{message.seq}" for message in held.messages)
    return frozenset((*messages, *(f"{_UPDATE}{update.seq}" for update in held.updates)))


def _of(letter: str, numbers: Collection[str]) -> list[int]:
    return [int(number[1:]) for number in numbers if number.startswith(letter)]


@restored.command("open")
@click.option("--yes", is_flag=True, help="Do not ask.")
@language_option
def open_up(yes: bool, language: str) -> None:
    """Say that nobody who was erased stands in the restored database any more, and open it."""
    if not yes:
        click.confirm(say(language, "restored.sure"), abort=True, err=True)

    async def work() -> None:
        async with opened_store(settings_of(), closed_too=True) as store:
            await store.open_up()

    asyncio.run(work())
    click.echo(say(language, "restored.open"))
