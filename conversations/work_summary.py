"""The 工作总结 of a month or a year: the officials' skeleton, earned sentences, a table, an annex."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from casework.figure_words import about, told_outside, word_of
from casework.figures import Books, Counted, Figure, Span, figures
from conversations import documents, pins
from conversations.figure_books import SPANS, books_of, own_areas, span_of
from conversations.figure_chart import chart_of
from conversations.figure_text import is_done, is_worth_a_line, label_of, part_of
from conversations.matter_documents import place_of
from conversations.matter_overview import may_look
from conversations.press import Cell, Picture, Rows, Unprintable, Values
from conversations.turn import Turn

KIND = "work_summary"
INSIDE, OUTSIDE = "i", "o"  # with who is counted, for the circle; or to be handed up, small numbers hidden
_NAMED = 60  # so many codes of one figure stand in the annex
_WIDE = 156  # millimetres: as wide as the text
_INCH = 25.4
_SECTIONS = {  # by value of the document: key of a figure, and its part
    "assistance": (("done", "assistance"),),
    "school": (("suspected", ""), ("returned", "")),
    "hukou": (("done", "hukou"),),
    "conference": (("referrals", ""),),
    "basics": (("children", ""), ("visited", ""), ("have", "agreement"), ("named", ""), ("alerts", "")),
    "staffing": (("townships", ""), ("villages", ""), ("workers", "")),
    "activities": (("activities", ""), ("person_times", ""), ("attended", "")),
}
_UNITS = {"done": "case", "referrals": "case", "alerts": "case", "townships": "place", "villages": "place"}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What one summary is written from. ``told``: counts as its readers may see them, None = too small."""

    turn: Turn
    span: Span
    found: Sequence[Figure]
    told: dict[tuple[str, str], int | None]
    small: int


async def asked(turn: Turn, rest: str) -> None:
    """总结: of which days, and for whom."""
    if not may_look(turn):
        turn.say("summary.officers_only")
        return
    rows = [
        [turn.button(turn.words(f"summary.{side}.{name}"), "ws", name, side) for side in (OUTSIDE, INSIDE)]
        for name in SPANS
    ]
    turn.tell(turn.words("summary.ask", small=turn.desk.policy.summary.small_number), rows)


async def ask_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The button under the figures."""
    await asked(turn, "")


async def write_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The document, numbered, kept and handed out."""
    name, side = parts
    if not may_look(turn):
        turn.pop("stale.unknown")
        return
    if not await pins.gate(turn, "ws", name, side):
        return
    books = await books_of(turn, span_of(name, turn.today))
    values = await values_of(turn, books, name, side)
    await documents.hand_out(turn, KIND, values, child=None, source="figures")


def draft_of(turn: Turn, books: Books, name: str, side: str) -> Draft:
    """What a summary of these books is written from; in Chinese, whatever language the officer reads."""
    chinese = replace(turn, person=replace(turn.person, language="zh_Hans"))
    span = span_of(name, turn.today)
    found = figures(books, turn.desk.policy, span)
    small = turn.desk.policy.summary.small_number if side == OUTSIDE else 1
    return Draft(turn=chinese, span=span, found=found, told=told_outside(found, small), small=small)


async def values_of(turn: Turn, books: Books, name: str, side: str) -> Values:
    """The values of the document; counted and written in a thread, for a full county's take their time."""
    draft = await asyncio.to_thread(draft_of, turn, books, name, side)
    written = await asyncio.to_thread(_written, draft, name, side)
    place = await _place(turn)
    return {**written, "place": place, "sender": place, "chart": await _chart(draft)}


def _written(draft: Draft, name: str, side: str) -> dict[str, Cell | Rows]:
    """All of it but whose it is, and the chart."""
    say, span = draft.turn.words, draft.span
    shown = [f for f in draft.found if is_worth_a_line(f)]
    return {
        "period": say(f"summary.period.{name}", year=span.first.year, month=span.first.month),
        "first": span.first,
        "last": min(span.last, span.today),
        "side": say(f"summary.side.{side}", small=draft.small),
        **sections_of(draft),
        "figures": [_row(draft, f) for f in shown],
        "sources": [_source(draft, f, named=side == INSIDE) for f in shown],
    }


def sections_of(draft: Draft) -> dict[str, str]:
    """The texts of the skeleton by the document's value."""
    return {
        **{value: _section(draft, keys) for value, keys in _SECTIONS.items()},
        "system": _system(draft),
        "problems": _problems(draft),
        "plans": draft.turn.words("summary.plans"),
    }


async def _place(turn: Turn) -> str:
    """The area that the officer answers for, in full; several are named one after the other."""
    mine = turn.reader.counties or turn.reader.townships
    names = [await place_of(turn, area.id) for area in await own_areas(turn) if area.id in mine]
    return turn.words("list.comma").join(names)


def _section(draft: Draft, keys: Sequence[tuple[str, str]]) -> str:
    """A sentence for each of its figures."""
    found = {(f.key, f.part): f for f in draft.found}
    return "".join(sentence(draft, found[key]) for key in keys if key in found)


def sentence(draft: Draft, figure: Figure) -> str:
    """应签订确认书的儿童1000名，全部签订。 Where there was nothing to count, it says so."""
    say, rules = draft.turn.words, draft.turn.desk.policy
    if figure.whole == 0:
        return say("summary.nothing", label=label_of(draft.turn, figure))
    given = {
        "count": _number(draft, figure), "whole": _whole(draft, figure), "part": part_of(draft.turn, figure),
        "officer": rules.roles["township_officer"].zh_Hans, "worker": rules.roles["village_worker"].zh_Hans,
    }  # fmt: skip
    if figure.key == "person_times":
        given["about"] = _about(draft, figure)
    if figure.whole is not None:
        unit = say(f"summary.unit.{_UNITS.get(figure.key, 'child')}")
        word = word_of(figure, rules.summary) or "part"
        given["word"] = say(f"summary.word.{word}", count=given["count"], unit=unit)
        rest = say("summary.rest.basically", count=given["count"], unit=unit)
        given["rest"] = rest if word == "basically" else ""
    return say(f"summary.says.{figure.key}", **given)


def _number(draft: Draft, figure: Figure) -> str:
    told = draft.told[figure.key, figure.part]
    return draft.turn.words("summary.few", small=draft.small) if told is None else str(told)


def _whole(draft: Draft, figure: Figure) -> str:
    if figure.whole is None:
        return ""
    few = 0 < figure.whole < draft.small
    return draft.turn.words("summary.few", small=draft.small) if few else str(figure.whole)


def _about(draft: Draft, figure: Figure) -> str:
    """5000多人次（5123人次）: as officials say it, with the number itself beside it."""
    round_one, more = about(figure.count)
    if not more:
        return draft.turn.words("summary.times", count=_number(draft, figure))
    return draft.turn.words("summary.about", round=round_one, count=_number(draft, figure))


def _system(draft: Draft) -> str:
    turn = draft.turn
    departments = [d.zh_Hans for d in turn.desk.policy.departments.values()]
    return turn.words("summary.system", departments=turn.words("list.comma").join(departments))


def _problems(draft: Draft) -> str:
    """What the figures say is not done; why, only people know."""
    say, rules = draft.turn.words, draft.turn.desk.policy.summary
    lines = [
        say("summary.short", label=label_of(draft.turn, f), count=_number(draft, f), whole=_whole(draft, f))
        for f in draft.found
        if is_done(f) and word_of(f, rules) != "all"
    ]
    return "\n".join([*lines, say("summary.why")])


async def _chart(draft: Draft) -> Picture | str:
    """The shares as a picture, without those too small to be told; nothing where no font can write them."""
    open_ones = [
        f for f in draft.found
        if draft.told[f.key, f.part] is not None and not 0 < (f.whole or 0) < draft.small
    ]  # fmt: skip
    chart = replace(chart_of(draft.turn, open_ones, draft.span), counts=(), width=_WIDE / _INCH)
    if not chart.shares:
        return ""
    try:
        return Picture(content=await draft.turn.desk.press.chart(chart), width=_WIDE)
    except Unprintable:
        return ""


def _row(draft: Draft, figure: Figure) -> dict[str, Cell]:
    hidden = draft.told[figure.key, figure.part] is None or 0 < (figure.whole or 0) < draft.small
    share = "" if hidden or not figure.whole else f"{100 * figure.count / figure.whole:.1f}%"
    first = figure.span.first if figure.span is not None else None
    day = draft.turn.words(
        "summary.day", year=figure.as_of.year, month=figure.as_of.month, day=figure.as_of.day
    )
    if first is not None:
        day = draft.turn.words("summary.days", month=first.month, day=first.day, last=day)
    return {
        "label": label_of(draft.turn, figure), "count": _number(draft, figure),
        "whole": _whole(draft, figure) or "—", "share": share or "—", "as_of": day,
    }  # fmt: skip


def _source(draft: Draft, figure: Figure, *, named: bool) -> dict[str, Cell]:
    """What a figure counts: its rule, and in the inside draft the codes of those counted and lacking."""
    how = draft.turn.words(f"figure.how.{figure.key}")
    if not named:
        return {
            "label": label_of(draft.turn, figure),
            "how": how,
            "records": draft.turn.words("summary.inside"),
        }
    counted = draft.turn.words("summary.counted", codes=_codes(draft, figure.records))
    if figure.lacking:
        counted += draft.turn.words("summary.lacking", codes=_codes(draft, figure.lacking))
    return {"label": label_of(draft.turn, figure), "how": how, "records": counted}


def _codes(draft: Draft, records: Sequence[Counted]) -> str:
    codes = list(dict.fromkeys(record.child or record.id for record in records))
    if not codes:
        return "—"
    said = " ".join(codes[:_NAMED])  # or some programs break a line within a code
    more = len(codes) - _NAMED
    return said + draft.turn.words("summary.more", count=more) if more > 0 else said


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "wk": ask_tapped,
    "ws": write_tapped,
}
