"""The command `xiangban`: every command, and how each ends (0 done, 1 the input's fault, 2 usage)."""

from typing import Any

import click

from bot.commands.lazy import Lazy
from bot.commands.words import language_of

_COMMANDS = {  # module, name in it, and the line of --help, so that the list needs no import
    "run": ("running", "run", "Run the bot until it is told to stop."),
    "demo": ("running", "demo", "Start the playground: a sample county with three phones."),
    "check": ("checking", "check", "Check settings, policy, forms, locales and database."),
    "status": ("checking", "status", "Show queues, heartbeats, who has joined, what is open."),
    "roster": ("rosters", "roster", "The county's areas, people and children as a workbook."),
    "invite": ("joining", "invite", "Print a one-time code by which a person joins."),
    "policy": ("policies", "policy", "The county's rules: check a file, try it on the roster."),
    "forms": ("forms", "forms", "Forms: begin, check, try, convert, replace, export."),
    "documents": ("documents", "documents", "Word templates: list, begin, check."),
    "backup": ("keeping", "backup", "Save everything to a file, sealed."),
    "restore": ("keeping", "restore", "Bring a backup back into an empty database."),
    "restored": ("restored", "restored", "What a restore held back: show, release or drop it."),
    "keys": ("keys", "keys", "Change the secret keys while everybody works on."),
    "audit": ("keeping", "audit", "The trail of who did and read what."),
    "erase": ("keeping", "erase", "Erase everything about a child for ever."),
}


class Commands(Lazy):
    """The commands, that end with one line per fault and never a traceback."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from bot.commands.shared import lines_of

            lines = lines_of(error, language_of(ctx.params.get("language")))
            if lines is None:
                raise
            for line in lines:
                click.echo(line, err=True)
            ctx.exit(1)


@click.group(cls=Commands, later={name: where[:2] for name, where in _COMMANDS.items()})
@click.option("--language", metavar="zh_Hans|en", help="Language of the output.")
@click.version_option(package_name="xiangban", prog_name="xiangban")
def main(language: str | None) -> None:
    """相伴 Xiangban: a chat-bot assistant for village child-welfare workers."""
