"""Documents made for people: printed, numbered, kept as they were handed out, sent as files, shown again."""

from collections.abc import Sequence

from casework.records import File
from conversations import files, media, pins
from conversations.press import Chart, Sheet, Values
from conversations.said import Button
from conversations.turn import Turn

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE = "sheet"  # the kind of document that a workbook is
CHART = "chart"


async def hand_out(turn: Turn, kind: str, values: Values, *, child: str | None, source: str) -> File:
    """Makes the document ``kind``, keeps it with this turn and gives it to the person; returns its record.

    ``values`` are those of the kind in `bot/documents/kinds.toml`, without year, number and day, which are
    set here. ``child``: the code of the child that it is about, with whose key it is sealed and with whom it
    goes; the caller has seen to it that the person may see that child. ``source``: the id of the record that
    it was made of. Its name holds the code and the number, never a name. Where the person has a PIN that is
    not open now, a button gives it after the PIN.

    Raises `Unprintable` where ``values`` lack something or the template can't say it: nothing is kept then.
    """
    desk, year = turn.desk, turn.today.year
    number = await desk.store.next_number(f"{kind}:{year}")
    given = {**values, "year": year, "number": number, "day": turn.today}
    content = await desk.press.word(kind, given)
    title = turn.words(f"document.{kind}")
    name = "-".join([*([child] if child else []), title, str(year), f"{number:03}"]) + ".docx"
    file = files.stored(turn, content, child=child, source=source, name=name, mime=WORD, document=kind)
    turn.happened("document_made", child=child, record=file.id, kind=kind, number=f"{year}-{number}")
    key = "document.made" if child else "document.figures_made"  # which holds no names
    await _give(turn, file, turn.words(key, title=title, year=year, number=number))
    return file


async def hand_out_sheets(turn: Turn, title: str, sheets: Sequence[Sheet], *, source: str) -> File:
    """The same for a workbook called ``title``: about many children, the person's own, as of today."""
    content = await turn.desk.press.sheet(sheets)
    name = f"{title}-{turn.today.isoformat()}.xlsx".replace("/", "-")
    file = files.stored(turn, content, child=None, source=source, name=name, mime=EXCEL, document=TABLE)
    turn.happened("document_made", record=file.id, kind=TABLE)
    await _give(turn, file, turn.words("document.sheet_made", title=title, day=turn.any_day(turn.today)))
    return file


async def hand_out_picture(turn: Turn, chart: Chart) -> File:
    """The same for a chart: shown as a picture. Raises `Unprintable` where nothing can be written on it."""
    content = await turn.desk.press.chart(chart)
    name = f"{chart.title}-{turn.today.isoformat()}.png".replace("/", "-")
    file = files.stored(
        turn, content, child=None, source="figures", name=name, mime="image/png", document=CHART
    )
    turn.happened("document_made", record=file.id, kind=CHART)
    await _give(turn, file, chart.title, kind="image")
    return file


def again(turn: Turn, file: File) -> Button:
    """A button that shows a made document once more, exactly as it was handed out."""
    return turn.button(turn.words("document.again", title=file.name.rpartition(".")[0]), "file", file.id)


async def _give(turn: Turn, file: File, text: str, *, kind: str = "file") -> None:
    """With the file, or with a button where the PIN comes first."""
    turn.child = file.child or turn.child
    if await pins.is_open(turn):
        turn.tell(text, media=media.of_file(kind, file.id, file.name))
    else:
        turn.tell(text, [[turn.button(turn.words("document.open"), "file", file.id)]])
