"""`xiangban roster`: the empty workbook, and bringing a filled one in."""

from pathlib import Path

import click

from bot.commands.shared import Failed, language_option, settings_of
from bot.commands.words import say
from bot.guard import Refused, inspect


@click.group()
def roster() -> None:
    """The county's areas, people and children as a workbook."""


@roster.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@language_option
def template(file: Path, force: bool, language: str) -> None:
    """Write an empty roster workbook to FILE (.xlsx)."""
    if file.suffix.lower() != ".xlsx":
        raise click.BadParameter("the file's name must end in .xlsx", param_hint="FILE")
    if file.exists() and not force:
        raise Failed(say(language, "template.exists", file=file))
    from bot.roster.template import write_template
    from casework.policy import load_policy

    write_template(file, policy=load_policy(settings_of().config), language=language)
    click.echo(say(language, "template.written", file=file))


@roster.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and compare only; keep nothing.")
@language_option
def import_(file: Path, dry_run: bool, language: str) -> None:
    """Bring the roster workbook FILE in, as a whole or not at all. The bot may be running."""
    try:
        inspect(file)
    except Refused as error:
        raise Failed(f"{file.name}: {say(language, error.key, **error.values)}") from None
    from bot.commands.importing import import_file  # only now: what is refused is refused at once

    import_file(file, dry_run=dry_run, language=language)


@roster.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@language_option
def export(file: Path, force: bool, language: str) -> None:
    """Write what is kept to FILE (.xlsx), a roster with all columns. It holds names and ID numbers."""
    if file.suffix.lower() != ".xlsx":
        raise click.BadParameter("the file's name must end in .xlsx", param_hint="FILE")
    from bot.commands.roster_export import export_file

    export_file(file, force=force, language=language)
