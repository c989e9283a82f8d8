"""`xiangban run` and `demo`: the bot itself, and the playground around it."""

import importlib
from pathlib import Path

import click

from bot.commands.shared import language_option, settings_of
from bot.logs import set_up


@click.command()
@click.pass_context
def run(context: click.Context) -> None:
    """Run the bot until it is told to stop."""
    settings = settings_of().for_run()
    set_up()
    import uvloop

    from bot.app import App

    context.exit(uvloop.run(App(settings).run()))


@click.command()
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="The page's port."
)
@click.option(
    "--folder", default="var/demo", show_default=True, type=click.Path(path_type=Path, file_okay=False),
    help="Where the playground keeps its county; its own folder, emptied at every start.",
)  # fmt: skip
@language_option
@click.pass_context
def demo(context: click.Context, port: int, folder: Path, language: str) -> None:
    """Start the playground: a sample county, the bot, a stand-in for Telegram, a page with three phones."""
    playground = importlib.import_module("playground.demo")  # it stands on the bot, which must not import it
    context.exit(playground.main(folder=folder, port=port, language=language))
