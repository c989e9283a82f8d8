"""`xiangban forms`: what is wrong with a form, and a form as a conversation in the terminal."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.form_files import LIVE, source_of
from bot.commands.lazy import Lazy
from bot.commands.shared import Failed, language_option
from bot.commands.words import say
from bot.forms import FormFaults, examined, published
from xlsform import Context, FormError, Session, load

if TYPE_CHECKING:
    from xlsform.workbook import Grid


@click.group(cls=Lazy, later={"export": ("exporting", "export"), "replace": ("replacing", "replace")})
def forms() -> None:
    """Forms in the XLSForm standard (.xlsx, .xls, .csv, or Markdown tables)."""


@forms.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@language_option
def check(files: tuple[Path, ...], language: str) -> None:
    """Say what is wrong or doubtful in each FILE."""
    faults: list[str] = []
    for file in files:
        try:
            found = asyncio.run(examined(source_of(file, language), language, LIVE))
        except FormError as error:
            faults.append(f"{file.name}: {error}")
            continue
        except FormFaults as error:
            faults += error.faults
            continue
        errors = [f"{file.name}: {one.line(language)}" for one in found if one.severity == "error"]
        faults += errors
        for one in found:
            if one.severity != "error":
                click.echo(say(language, "forms.warning", line=f"{file.name}: {one.line(language)}"))
        if not errors:
            click.echo(say(language, "forms.good", file=file.name))
    if faults:
        raise Failed(*faults)


@forms.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@language_option
def try_(file: Path, language: str) -> None:
    """Fill FILE in here: type answers, an empty line to skip, < to go back, q to stop. Nothing is kept."""
    from bot.commands.terminal import fill_in

    try:
        source = asyncio.run(published(source_of(file, language), language))
        form = load(source.xform, media=source.media)
    except FormError as error:
        raise Failed(f"{file.name}: {error}") from None
    session = Session.start(form, Context(now=datetime.now().astimezone(), language=language))
    click.echo(f"{form.title}\n{say(language, 'forms.how')}")
    submission = fill_in(session, language)
    if submission is None:
        click.echo(say(language, "forms.stopped"))
        return
    click.echo(say(language, "forms.submitted"))
    for name, value in submission.flat.items():
        click.echo(f"  {name} = {value}")
    for flag, urgency in submission.calculated.items():
        if flag.startswith("flag_") and urgency:
            click.echo(say(language, "forms.flag", flag=flag, urgency=urgency))


@forms.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@language_option
def convert(source: Path, target: Path, language: str) -> None:
    """Write the form SOURCE anew as TARGET: .xlsx to edit, .md to compare versions, .csv."""
    from xlsform.workbook import read_workbook
    from xlsform.writing import write_workbook

    if target.exists():
        raise Failed(say(language, "forms.exists", file=target.name))
    try:
        form = source_of(source, language)
        book = read_workbook(form.content, form.kind)
        written = write_workbook(book, target.suffix.lower().removeprefix("."))
        again = read_workbook(written, target.suffix.lower().removeprefix("."))
    except FormError as error:
        raise Failed(f"{source.name}: {error}") from None
    if [_filled(grid) for grid in again.values()] != [_filled(grid) for grid in book.values()]:
        raise Failed(say(language, "forms.lossy", file=target.name))
    target.write_bytes(written)
    rows = sum(len(_filled(grid)) for grid in book.values())
    click.echo(say(language, "forms.converted", file=target.name, sheets=len(book), rows=rows))


def _filled(grid: "Grid") -> "Grid":
    return [row for row in grid if any(row)]


@forms.command()
@click.argument("file", type=click.Path(path_type=Path))
@language_option
def template(file: Path, language: str) -> None:
    """Write a workbook to begin a form in: drop-downs, a small example, explanations."""
    if file.exists():
        raise Failed(say(language, "forms.exists", file=file.name))
    from bot.form_template import write_form_template

    write_form_template(file, language=language)
    click.echo(say(language, "forms.template", file=file.name))
