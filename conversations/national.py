"""全国系统: what is new or changed, in the order in which it is typed there; ticked off when it is typed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from casework.access import CLOCK
from casework.national import (
    Dimension,
    changed,
    digest_of,
    hand_out,
    mismatches,
    summary,
    tick_off,
    value_of,
)
from casework.records import Area, Child, Entry
from conversations import documents, pins
from conversations.dates import say_day
from conversations.matter_overview import may_look
from conversations.press import Cell, Column, Sheet
from conversations.turn import Turn

_CODE, _FIELD, _HEAD = 10, 14, 16


async def sheet_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The workbook of what changed since it was last ticked off, and the summary table of all."""
    if not may_look(turn):
        turn.pop("stale.unknown")
        return
    if not await pins.gate(turn, "nx"):
        return
    rules = turn.desk.policy.national
    children = await turn.desk.store.find(turn.reader, Child, status=("active",))
    places = {area.id: area.name for area in await turn.desk.store.find(CLOCK, Area)}
    entries = {e.child: e for e in await turn.desk.store.find(turn.reader, Entry) if e.child}
    digests = {child.id: digest_of(child, rules, places) for child in children}
    new = changed(children, entries, digests)
    dimensions = summary(children, rules, turn.today)
    sheets = [*_tabs(turn, new, places), _table(turn, dimensions, len(children))]
    file = await documents.hand_out_sheets(turn, turn.words("national.title"), sheets, source="national")
    turn.decide(hand_out(new, entries, digests, batch=file.id, by=turn.person.id))
    lines = [turn.words("national.changed", count=len(new), total=len(children))]
    lines += _faults(turn, dimensions, len(children))
    if not rules.id_numbers:
        lines.append(turn.words("national.no_ids"))
    rows = [[turn.button(turn.words("national.entered", count=len(new)), "ne", file.id)]] if new else []
    turn.tell("\n".join(lines), rows)


async def entered_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """已录入: exactly those of that sheet, as they stood in it."""
    entries = await turn.desk.store.find(turn.reader, Entry) if may_look(turn) else []
    outcome = tick_off(entries, batch=parts[0], by=turn.person.id, now=turn.now)
    if not outcome.records:
        turn.pop("national.nothing")
        return
    turn.decide(outcome)
    turn.say("national.done", count=len(outcome.records))


def _tabs(turn: Turn, new: Sequence[Child], places: Mapping[str, str]) -> list[Sheet]:
    rules = turn.desk.policy.national
    code = Column(head=turn.words("ledger.code"), width=_CODE)
    return [
        Sheet(
            name=tab.label(turn.language),
            title=tab.label(turn.language),
            as_of=_as_of(turn, len(new)),
            columns=(code, *(Column(head=field.head, width=_FIELD) for field in tab.fields)),
            rows=[[c.id, *(value_of(c, field, rules, places) for field in tab.fields)] for c in new],
        )
        for tab in rules.tabs.values()
    ]


def _table(turn: Turn, dimensions: Sequence[Dimension], total: int) -> Sheet:
    """农村留守儿童基本情况排查汇总表: a line for each bucket, and the sum of each dimension."""
    rows: list[list[Cell]] = []
    for dimension in dimensions:
        for head, count in dimension.buckets.items():
            share = f"{100 * count / total:.1f}%" if total else ""
            rows.append([dimension.head, head, count, share])
        rows.append([dimension.head, turn.words("national.sum"), sum(dimension.buckets.values()), ""])
    heads = ("dimension", "bucket", "count", "share")
    return Sheet(
        name=turn.words("national.summary_tab"),
        title=turn.words("national.summary"),
        as_of=_as_of(turn, total),
        columns=tuple(Column(head=turn.words(f"national.head.{head}"), width=_HEAD) for head in heads),
        rows=rows,
        notes=tuple(_faults(turn, dimensions, total)),
    )


def _faults(turn: Turn, dimensions: Sequence[Dimension], total: int) -> list[str]:
    """Each dimension that doesn't sum to the total, in words; that all do is said as well."""
    wrong = [
        turn.words("national.mismatch", head=dimension.head, found=found, total=total)
        for dimension, found in mismatches(dimensions, total)
    ]
    return wrong or [turn.words("national.sums_right", total=total)]


def _as_of(turn: Turn, count: int) -> str:
    day = turn.words("answer.day", year=turn.today.year, day=say_day(turn.today, turn.language))
    return turn.words("ledger.as_of", day=day, count=count)


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "nx": sheet_tapped,
    "ne": entered_tapped,
}
