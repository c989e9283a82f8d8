"""全国系统: what is new or changed, in the order in which it is typed there; ticked off when it is typed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from casework.access import CLOCK
from casework.national import (
    Book,
    book_of,
    changed,
    digest_of,
    hand_out,
    is_counted,
    on_page,
    tick_off,
    value_of,
)
from casework.national_summary import Bucket, Summary, mismatches, summary
from casework.policy_national import NationalTab
from casework.records import Area, Child, Entry
from conversations import documents, pins
from conversations.dates import say_day
from conversations.figure_books import own_areas
from conversations.matter_overview import may_look
from conversations.press import Cell, Column, Sheet
from conversations.turn import Turn

_CODE, _FIELD, _HEAD, _COUNT, _WIDE_COUNT = 10, 14, 16, 5.5, 9
_SHORT = 5  # characters of a head that fit into a narrow column
_NARROWEST = 60  # a page of few fields is as wide as its title and day need
_MOST_FAULTS = 5  # are named in the chat; all stand below the table


@dataclass(frozen=True, kw_only=True)
class Register:
    """What the officer's sheet is made of. ``new``: who stands in it, of ``changed`` in all."""

    book: Book
    counted: Sequence[Child]
    left_out: int
    changed: int
    new: Sequence[Child]
    digests: Mapping[str, str]
    table: Summary
    faults: Sequence[str]


async def sheet_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The workbook of what changed since it was last ticked off, and the summary table of all."""
    if not may_look(turn):
        turn.pop("stale.unknown")
        return
    if not await pins.gate(turn, "nx"):
        return
    store, areas = turn.desk.store, await own_areas(turn)
    found = await store.find(turn.reader, Child, status=("active", "closed"))
    places = {area.id: area.name for area in await store.find(CLOCK, Area)}
    entries = {e.child: e for e in await store.find(turn.reader, Entry) if e.child}
    # A file that was joined with another leaves the register only where somebody has typed it in there.
    children = [c for c in found if c.merged_into is None or (c.id in entries and entries[c.id].entered)]
    book = book_of(turn.desk.policy, places)
    register = await asyncio.to_thread(_register, turn, book, areas, children, entries)
    sheets = await asyncio.to_thread(_sheets, turn, register)
    file = await documents.hand_out_sheets(turn, turn.words("national.title"), sheets, source="national")
    turn.decide(hand_out(register.new, entries, register.digests, batch=file.id, by=turn.person.id))
    count = len(register.new)
    rows = [[turn.button(turn.words("national.entered", count=count), "ne", file.id)]] if count else []
    turn.tell("\n".join(_lines(turn, register)), rows)


async def entered_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """已录入: exactly those of that sheet, as they stood in it."""
    entries = await turn.desk.store.find(turn.reader, Entry) if may_look(turn) else []
    outcome = tick_off(entries, batch=parts[0], by=turn.person.id, now=turn.now)
    if not outcome.records:
        turn.pop("national.nothing")
        return
    turn.decide(outcome)
    turn.say("national.done", count=len(outcome.records))


def _register(
    turn: Turn, book: Book, areas: Sequence[Area], children: Sequence[Child], entries: Mapping[str, Entry]
) -> Register:
    """Looks through all children, which takes its time: a full county has ten thousand."""
    rules = book.rules
    counted = [child for child in children if is_counted(child, rules)]
    digests = {child.id: digest_of(child, book) for child in children}
    new = changed(children, entries, digests, rules)
    table = summary(_groups(turn, areas, counted), _whole(turn, areas), book, turn.today)
    return Register(
        book=book, counted=counted, changed=len(new), new=new[: rules.most], digests=digests, table=table,
        left_out=sum(child.status == "active" for child in children) - len(counted),
        faults=_faults(turn, table),
    )  # fmt: skip


def _groups(turn: Turn, areas: Sequence[Area], children: Sequence[Child]) -> dict[str, list[Child]]:
    """By township; by village where somebody answers for one township alone. Each area has its row."""
    by_village = not turn.reader.counties and len(turn.reader.townships) == 1
    level = "village" if by_village else "township"
    groups: dict[str, list[Child]] = {area.id: [] for area in areas if area.level == level}
    for child in children:
        groups.setdefault(child.village if by_village else child.township, []).append(child)
    return groups


def _whole(turn: Turn, areas: Sequence[Area]) -> str:
    mine = turn.reader.counties or turn.reader.townships
    names = turn.words("list.comma").join(area.name for area in areas if area.id in mine)
    return turn.words("national.whole", area=names)


def _faults(turn: Turn, table: Summary) -> list[str]:
    """Whatever doesn't sum, in words; that all does is said as well."""
    wrong = [
        turn.words("national.mismatch", area=m.area, head=m.head, found=m.found, total=m.expected)
        for m in mismatches(table)
    ]
    return wrong or [turn.words("national.sums_right", total=table.whole.count)]


def _lines(turn: Turn, register: Register) -> list[str]:
    """What is said beside the workbook."""
    rules, count = register.book.rules, len(register.new)
    leaving = sum(not is_counted(child, rules) for child in register.new)
    key = "national.changed" if register.changed else "national.none"
    lines = [turn.words(key, count=register.changed, total=len(register.counted))]
    if register.changed > count:
        lines.append(turn.words("national.more", count=count, left=register.changed - count))
    if leaving:
        lines.append(turn.words("national.leaving", count=leaving))
    if register.left_out:
        lines.append(turn.words("national.left_out", count=register.left_out))
    lines += register.faults[:_MOST_FAULTS]
    if not rules.id_numbers:
        lines.append(turn.words("national.no_ids"))
    return lines


def _sheets(turn: Turn, register: Register) -> list[Sheet]:
    pages = [_page(turn, register, tab) for tab in register.book.rules.tabs.values()]
    return [*pages, _table(turn, register)]


def _page(turn: Turn, register: Register, tab: NationalTab) -> Sheet:
    """A page of the system: who stands on it, and its fields in their order."""
    book = register.book
    children = on_page(register.new, tab, book.rules)
    named = any(field.of == "name" for field in tab.fields)
    heads = [*([] if named else [turn.words("ledger.name")]), *(field.head for field in tab.fields)]
    width = max(_FIELD, (_NARROWEST - _CODE) / len(heads))
    return Sheet(
        name=tab.label(turn.language),
        title=tab.label(turn.language),
        as_of=_as_of(turn, len(children)),
        columns=(
            Column(head=turn.words("ledger.code"), width=_CODE),
            *(Column(head=head, width=width) for head in heads),
        ),
        rows=[
            [c.id, *([] if named else [c.name]), *(value_of(c, field, book) for field in tab.fields)]
            for c in children
        ],
    )


def _table(turn: Turn, register: Register) -> Sheet:
    """农村留守儿童基本情况排查汇总表: a row for each area, all together, and each column's share of it."""
    table = register.table
    heads = [Column(head=turn.words("national.head.area"), width=_HEAD)]
    heads += [Column(head=turn.words(f"national.head.{key}"), width=7) for key in ("count", "share")]
    columns = [_count_column(bucket) for bucket in table.buckets]
    whole = table.whole

    def share(count: int) -> float | str:
        return round(100 * count / whole.count, 1) if whole.count else "—"

    rows: list[list[Cell]] = [
        [row.area, row.count, share(row.count), *(row.counts[bucket] for bucket in table.buckets)]
        for row in (*table.rows, whole)
    ]
    shares = [share(whole.counts[bucket]) for bucket in table.buckets]
    rows.append([turn.words("national.head.share"), share(whole.count), "", *shares])
    return Sheet(
        name=turn.words("national.summary_tab"),
        title=turn.words("national.summary"),
        as_of=_as_of(turn, whole.count),
        columns=(*heads, *columns),
        rows=rows,
        notes=(turn.words("national.several"), turn.words("national.high_school"), *register.faults),
    )


def _count_column(bucket: Bucket) -> Column:
    head = bucket.heads[-1]
    return Column(head=head, width=_COUNT if len(head) <= _SHORT else _WIDE_COUNT, over=bucket.heads[:-1])


def _as_of(turn: Turn, count: int) -> str:
    day = turn.words("answer.day", year=turn.today.year, day=say_day(turn.today, turn.language))
    return turn.words("ledger.as_of", day=day, count=count)


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "nx": sheet_tapped,
    "ne": entered_tapped,
}
