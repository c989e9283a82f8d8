"""`xiangban documents`: which documents there are and what they can say; templates begun, and checked."""

from pathlib import Path

import click

from bot.commands.shared import Failed, language_option, settings_of
from bot.commands.words import say
from bot.documents.kinds import kind_of, kinds
from bot.documents.templates import ENDING, file_faults, of_folder, packaged


@click.group()
def documents() -> None:
    """Word templates that the county can change: list, begin, check."""


@documents.command("list")
@language_option
def list_(language: str) -> None:
    """Show every document, whose template is in force, and the variables that it may use."""
    own = {path.stem for path in of_folder(settings_of().documents_dir)}
    for name, kind in kinds().items():
        place = say(language, "documents.own" if name in own else "documents.packaged")
        click.echo(say(language, "documents.kind", name=name, title=kind.title.said(language), place=place))
        for value, known in kind.values.items():
            click.echo(say(language, "documents.value", name=value, meaning=known.said(language)))
        for each, rows in kind.rows.items():
            click.echo(say(language, "documents.rows", name=each, meaning=rows.about.said(language)))
            for column, known in rows.values.items():
                click.echo("  " + say(language, "documents.value", name=column, meaning=known.said(language)))


@documents.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@language_option
def check(files: tuple[Path, ...], language: str) -> None:
    """Say what is wrong in each FILE; without any, in the templates that are in force."""
    faults: list[str] = []
    for file in files or of_folder(settings_of().documents_dir):
        found = file_faults(file, file.stem, language)
        faults += found
        if not found:
            click.echo(say(language, "documents.good", file=file.name))
    if faults:
        raise Failed(*faults)


@documents.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@language_option
def template(name: str, file: Path, language: str) -> None:
    """Write the packaged template NAME to FILE, to be changed in Word or WPS."""
    kind_of(name)
    target = file.with_suffix(ENDING)
    if target.exists():
        raise Failed(say(language, "documents.exists", file=target.name))
    target.write_bytes(packaged(name))
    click.echo(say(language, "documents.written", file=target.name, name=name))
