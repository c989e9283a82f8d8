"""All open matters of an officer's area: how many stand where, for how long, and who lacks one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from casework.policy_matters import MatterRule
from casework.records import Child, Matter
from conversations.matter_text import listed
from conversations.said import Button
from conversations.turn import Turn

T = TypeVar("T")
PER_PAGE = 8
_OFFICERS = frozenset({"township_officer", "county_officer"})
_MOST = 20_000


def may_look(turn: Turn) -> bool:
    """Whether this person answers for more than children of his own."""
    return bool(turn.roles & _OFFICERS)


async def shown(turn: Turn, parts: tuple[str, ...]) -> None:
    """The table: a line for each sort, and for sorts that children ought to have how many lack one."""
    if not may_look(turn):
        turn.pop("matters.no_such")
        return
    found = await turn.desk.store.find(turn.reader, Matter, status=("open",), limit=_MOST)
    children = await turn.desk.store.find(turn.reader, Child, status=("active",), limit=_MOST)
    by_sort: Mapping[str, list[Matter]] = defaultdict(list)
    for m in found:
        by_sort[m.sort].append(m)
    lines = [turn.words("overview.head", day=turn.day(turn.today))]
    rows: list[list[Button]] = []
    for sort, rule in turn.desk.policy.matters.sorts.items():
        mine = by_sort.get(sort, [])
        if mine:
            lines.append(_line(turn, rule, mine))
            rows.append([_button(turn, "overview.list", "ml", sort, rule, len(mine))])
        wanted = _wanted(rule, children)
        if wanted:
            missing = _missing(rule, wanted, mine)
            lines.append(_share(turn, rule, len(wanted), missing))
            if missing:
                rows.append([_button(turn, "overview.gaps", "mg", sort, rule, len(missing))])
    if len(lines) == 1:
        lines.append(turn.words("overview.nothing"))
    rows.append([turn.button(turn.words("overview.ledgers"), "lg")])
    turn.tell("\n".join(lines), rows)


def _button(turn: Turn, key: str, action: str, sort: str, rule: MatterRule, count: int) -> Button:
    return turn.button(turn.words(key, what=rule.label(turn.language), count=count), action, sort, 0)


def _line(turn: Turn, rule: MatterRule, found: Sequence[Matter]) -> str:
    """上户口：备材料 2（最久 12 天）、已通报公安 1（最久 3 天）"""
    parts = []
    for key, state in rule.states.items():
        there = [m for m in found if m.state == key]
        if there:
            days = max((turn.today - m.since).days for m in there)
            label = state.label(turn.language)
            parts.append(turn.words("overview.state", state=label, count=len(there), days=days))
    where = turn.words("list.comma").join(parts)
    return turn.words("overview.sort", what=rule.label(turn.language), where=where)


def _wanted(rule: MatterRule, children: Sequence[Child]) -> list[Child]:
    return [child for child in children if set(child.categories) & set(rule.wanted_for)]


def _missing(rule: MatterRule, wanted: Sequence[Child], found: Sequence[Matter]) -> list[tuple[Child, date]]:
    """The children without one in a state of ``done_in``, with the day since when, the longest first."""
    done = {m.child for m in found if m.state in rule.done_in}
    begun = {m.child: m.opened_at.date() for m in found}
    gaps = [(c, begun.get(c.id, c.registered_on)) for c in wanted if c.id not in done]
    return sorted(gaps, key=lambda gap: (gap[1], gap[0].id))


def _share(turn: Turn, rule: MatterRule, wanted: int, missing: Sequence[tuple[Child, date]]) -> str:
    """委托照护确认书：应有 15 名，已有 12 名，还缺 3 名（最久 83 天）"""
    what, have = rule.label(turn.language), wanted - len(missing)
    if not missing:
        return turn.words("overview.all_have", what=what, wanted=wanted)
    days = (turn.today - missing[0][1]).days
    return turn.words("overview.share", what=what, wanted=wanted, have=have, missing=len(missing), days=days)


async def list_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The open matters of one sort, the one to be done first at the top."""
    sort, page = parts[0], int(parts[1])
    found = await turn.desk.store.find(turn.reader, Matter, status=("open",), limit=_MOST)
    mine = sorted((m for m in found if m.sort == sort), key=lambda m: (m.due is None, m.due, m.number))
    lines = []
    for m in _page(mine, page):
        child = await turn.child_of(m.child)
        if child is not None:
            lines.append([turn.button(listed(turn.desk, m, child, turn.language, turn.today), "m", m.id)])
    _tell(turn, "ml", sort, page, len(mine), lines)


async def gaps_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The children that ought to have one and have none, the longest without it first."""
    sort, page = parts[0], int(parts[1])
    rule = turn.desk.policy.matter(sort)
    if rule is None or not may_look(turn):
        turn.pop("matters.no_such")
        return
    children = await turn.desk.store.find(turn.reader, Child, status=("active",), limit=_MOST)
    found = await turn.desk.store.find(turn.reader, Matter, status=("open",), limit=_MOST)
    missing = _missing(rule, _wanted(rule, children), [m for m in found if m.sort == sort])
    lines = []
    for child, since in _page(missing, page):
        days = (turn.today - since).days
        label = turn.words("overview.gap", child=turn.desk.label(child), days=days)
        lines.append([turn.button(label, "c", child.id)])
    _tell(turn, "mg", sort, page, len(missing), lines)


def _page(found: Sequence[T], page: int) -> Sequence[T]:
    pages = max(1, -(-len(found) // PER_PAGE))
    at = page % pages * PER_PAGE
    return found[at : at + PER_PAGE]


def _tell(turn: Turn, action: str, sort: str, page: int, count: int, rows: list[list[Button]]) -> None:
    rule = turn.desk.policy.matter(sort)
    what = rule.label(turn.language) if rule is not None else sort
    if count > PER_PAGE:
        rows.append([turn.button(turn.words("list.more"), action, sort, page + 1)])
    turn.tell(turn.words("overview.list", what=what, count=count), rows, edit=page > 0)
