"""/stats: the figures of what the asker answers for, what each of them counts, and a picture. No ranking."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from casework.access import CLOCK
from casework.figures import Books, Counted, Figure, Span
from casework.records import Activity, Area, Person
from casework.visits import TO_DO
from conversations import documents, national, pins, vacancies, work_summary
from conversations.figure_books import MONTH, SPANS, books_of, counted, span_of
from conversations.figure_chart import chart_of
from conversations.figure_text import is_worth_a_line, line_of
from conversations.masks import clean
from conversations.matter_overview import may_look
from conversations.press import Unprintable
from conversations.said import Button
from conversations.turn import Turn, rows_of

PER_PAGE = 8
COUNTED, LACKING = "i", "o"


async def asked(turn: Turn, rest: str) -> None:
    """/stats"""
    await _tell(turn, MONTH)


async def period_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another period, in the same message."""
    await _tell(turn, parts[0], edit=True)


async def _tell(turn: Turn, name: str, *, edit: bool = False) -> None:
    span = span_of(name, turn.today)
    books = await books_of(turn, span)
    shown = [f for f in await counted(turn, books, span) if is_worth_a_line(f)]
    head = turn.words(f"stats.head.{name}", first=turn.any_day(span.first), last=turn.any_day(span.last))
    lines = [head, *(line_of(turn, f) for f in shown if f.span is not None)]
    lines += ["", turn.words("stats.today", day=turn.any_day(turn.today))]
    lines += [line_of(turn, f) for f in shown if f.span is None]
    lines += await _visits_ahead(turn, books)
    turn.tell("\n".join(lines), _buttons(turn, name), bold=(head,), edit=edit)


async def _figures(turn: Turn, span: Span) -> tuple[Figure, ...]:
    return await counted(turn, await books_of(turn, span), span)


async def _visits_ahead(turn: Turn, books: Books) -> list[str]:
    """What no share is made of: what falls due, what rests, what is unknown, which posts are vacant."""
    todo, week = [v for v in books.visits if v.status in TO_DO], turn.today + timedelta(days=7)
    due = sum(1 for v in todo if v.pause is None and turn.today <= v.due <= week)
    lines = [turn.words("stats.due", count=due)]
    unknown = sum(1 for v in todo if v.unknown)
    if unknown:
        lines.append(turn.words("stats.unknown", count=unknown))
    pauses = [v.pause for v in todo if v.pause is not None]
    if pauses:
        oldest = turn.any_day(min(pause.start for pause in pauses))
        lines.append(turn.words("stats.paused", count=len(pauses), oldest=oldest))
    vacant = await vacancies.open_ones(turn)
    if vacant:
        lines.append(turn.words("stats.vacant", count=len(vacant)))
    return lines


def _buttons(turn: Turn, name: str) -> list[list[Button]]:
    periods = [turn.button(turn.words(f"stats.button.{each}"), "st", each) for each in SPANS if each != name]
    rows = [periods, [turn.button(turn.words("stats.button.how"), "sl", name, 0)]]
    if may_look(turn):
        rows.append([turn.button(turn.words("stats.button.picture"), "sp", name)])
        rows.append([turn.button(turn.words("stats.button.summary"), "wk")])
        rows.append([turn.button(turn.words("stats.button.national"), "nx")])
    return rows


async def picture_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The shares and counts as a picture, for officers."""
    if not may_look(turn):
        turn.pop("stale.unknown")
        return
    if not await pins.gate(turn, "sp", parts[0]):
        return
    span = span_of(parts[0], turn.today)
    chart = chart_of(turn, await _figures(turn, span), span)
    try:
        await documents.hand_out_picture(turn, chart)
    except Unprintable:
        turn.say("stats.no_font")


async def list_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """这个数怎么来的: a button for each figure."""
    name, page = parts[0], int(parts[1])
    found = await _figures(turn, span_of(name, turn.today))
    shown = [(place, f) for place, f in enumerate(found) if is_worth_a_line(f)]
    start = _start(len(shown), page)
    buttons = [
        turn.button(line_of(turn, f), "sf", name, place, COUNTED, 0)
        for place, f in shown[start : start + PER_PAGE]
    ]
    if len(shown) > PER_PAGE:
        buttons.append(turn.button(turn.words("list.more"), "sl", name, page + 1))
    turn.tell(turn.words("stats.which"), rows_of(buttons), edit=page > 0)


async def figure_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """What one figure counts: its rule, its days, and the records, with the way to each child."""
    name, place, side, page = parts[0], int(parts[1]), parts[2], int(parts[3])
    if not await pins.gate(turn, "sf", *parts):
        return
    found = await _figures(turn, span_of(name, turn.today))
    if place >= len(found):
        turn.pop("stale.unknown")
        return
    figure = found[place]
    records = figure.records if side == COUNTED else figure.lacking
    rows: list[list[Button]] = []
    lines = [line_of(turn, figure), turn.words(f"figure.how.{figure.key}"), _days(turn, figure)]
    start = _start(len(records), page)
    lines.append(turn.words(f"stats.records.{side}", count=len(records)))
    for record in records[start : start + PER_PAGE]:
        child = await turn.child_of(record.child)
        if child is not None:
            rows.append([turn.button(turn.desk.label(child), "c", child.id)])
        else:
            lines.append(f"· {await _named(turn, record)}")
    turn.tell("\n".join(lines), [*rows, *_turning(turn, figure, parts, len(records))], edit=page > 0)


def _days(turn: Turn, figure: Figure) -> str:
    if figure.span is None:
        return turn.words("stats.as_of", day=turn.any_day(figure.as_of))
    return turn.words("stats.from_to", first=turn.any_day(figure.span.first), last=turn.any_day(figure.as_of))


def _turning(turn: Turn, figure: Figure, parts: Sequence[str], count: int) -> list[list[Button]]:
    """More of them, and the other side: those that are lacking, or those that count."""
    name, place, side, page = parts[0], parts[1], parts[2], int(parts[3])
    rows = []
    if count > PER_PAGE:
        rows.append([turn.button(turn.words("list.more"), "sf", name, place, side, page + 1)])
    if figure.whole is not None:
        other = LACKING if side == COUNTED else COUNTED
        left = len(figure.lacking if other == LACKING else figure.records)
        if left:
            label = turn.words(f"stats.button.{other}", count=left)
            rows.append([turn.button(label, "sf", name, place, other, 0)])
    return rows


async def _named(turn: Turn, record: Counted) -> str:
    """What belongs to no child: an activity by its day and kind, an area or a member of staff by name."""
    store = turn.desk.store
    if record.kind == "activity":
        activity = await store.get(CLOCK, Activity, record.id)
        return f"{turn.any_day(activity.day)} {activity.said.get('kind', activity.sort)}" if activity else ""
    if record.kind == "area":
        area = await store.get(CLOCK, Area, record.id)
        return clean(area.name, 40) if area else record.id
    person = await store.get(CLOCK, Person, record.id)
    return clean(person.name, 40) if person else record.id


def _start(count: int, page: int) -> int:
    return page % max(1, -(-count // PER_PAGE)) * PER_PAGE


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "st": period_tapped,
    "sl": list_tapped,
    "sf": figure_tapped,
    "sp": picture_tapped,
    **work_summary.TAPS,
    **national.TAPS,
}
