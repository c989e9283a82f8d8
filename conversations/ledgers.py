"""控辍保学三本台账: the children of school age, those suspected of having dropped out, and those who have."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from casework.calendar import age_on
from casework.records import Child, Matter
from conversations import documents, pins
from conversations.dates import say_day
from conversations.masks import fact
from conversations.matter_documents import ATTEMPT, area_name, day_in
from conversations.matter_overview import may_look
from conversations.matter_text import state_label
from conversations.press import Cell, Column, Sheet
from conversations.turn import Turn

_MOST = 20_000
_WIDE, _MIDDLE, _NARROW = 28, 16, 8


async def ledgers_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The three ledgers as one workbook, of the children that this officer answers for."""
    if not may_look(turn):
        turn.pop("matters.no_such")
        return
    if not await pins.gate(turn, "lg"):
        return
    children = await turn.desk.store.find(turn.reader, Child, status=("active",), limit=_MOST)
    found = await turn.desk.store.find(turn.reader, Matter, status=("open",), limit=_MOST)
    rules = turn.desk.policy.schooling
    of_child: Mapping[str, list[Matter]] = defaultdict(list)
    for m in found:
        if m.sort == rules.sort and m.child:
            of_child[m.child].append(m)
    places = {
        code: await area_name(turn, code) for code in {c.township for c in children} | _villages(children)
    }
    sheets = [
        _all(turn, children, of_child, places),
        _standing(turn, "suspected", children, of_child, places, rules.suspected),
        _standing(turn, "dropped", children, of_child, places, rules.dropped),
    ]
    await documents.hand_out_sheets(turn, turn.words("ledger.title"), sheets, source="ledgers")


def _villages(children: Sequence[Child]) -> set[str]:
    return {child.village for child in children}


def _columns(turn: Turn, *names: tuple[str, float]) -> tuple[Column, ...]:
    return tuple(Column(head=turn.words(f"ledger.{name}"), width=width) for name, width in names)


_WHO = (
    ("code", _NARROW), ("name", _MIDDLE), ("sex", _NARROW), ("birth_date", _MIDDLE), ("township", _MIDDLE),
    ("village", _MIDDLE), ("school", _WIDE),
)  # fmt: skip


def _who(turn: Turn, child: Child, places: Mapping[str, str]) -> list[Cell]:
    sex = turn.words(f"child.{child.sex}") if child.sex else ""
    township, village = places.get(child.township, ""), places.get(child.village, "")
    return [child.id, child.name, sex, child.birth_date, township, village, fact(child, "school")]


def _all(
    turn: Turn, children: Sequence[Child], found: Mapping[str, Sequence[Matter]], places: Mapping[str, str]
) -> Sheet:
    """适龄儿童台账: who is of school age, or may be, since nobody noted the date of birth."""
    rules, rows = turn.desk.policy.schooling, []
    for child in sorted(children, key=lambda c: (c.township, c.village, c.id)):
        age = age_on(child.birth_date, turn.today) if child.birth_date else None
        if age is None or rules.from_age <= age <= rules.to_age:
            states = [state_label(turn.desk, m, turn.language) for m in found.get(child.id, ())]
            rows.append([*_who(turn, child, places), age, turn.words("list.comma").join(states)])
    columns = _columns(turn, *_WHO, ("age", _NARROW), ("state", _WIDE))
    return _sheet(turn, "all", columns, rows)


def _standing(
    turn: Turn, name: str, children: Sequence[Child], found: Mapping[str, Sequence[Matter]],
    places: Mapping[str, str], states: Sequence[str],
) -> Sheet:  # fmt: skip
    """疑似辍学 or 辍学: a line for each that stands in one of ``states``, the longest absent first."""
    rows = []
    for child in children:
        for m in found.get(child.id, ()):
            if m.state in states:
                rows.append([*_who(turn, child, places), *_standing_of(turn, m)])
    rows.sort(key=lambda row: (row[len(_WHO)] is None, str(row[len(_WHO)]), row[0]))
    columns = _columns(
        turn, *_WHO, ("left_on", _MIDDLE), ("state", _WIDE), ("reasons", _WIDE), ("attempts", _NARROW),
        ("result", _WIDE), ("number", _NARROW),
    )  # fmt: skip
    return _sheet(turn, name, columns, rows)


def _standing_of(turn: Turn, m: Matter) -> list[Cell]:
    attempts = [taken for taken in m.story if taken.step == ATTEMPT]
    last = attempts[-1].said.get("result", "") if attempts else ""
    state = state_label(turn.desk, m, turn.language)
    return [day_in(m.facts, "left_on"), state, m.said.get("reasons", ""), len(attempts), last, m.number]


def _sheet(turn: Turn, name: str, columns: tuple[Column, ...], rows: Sequence[Sequence[Cell]]) -> Sheet:
    return Sheet(
        name=turn.words(f"ledger.tab_{name}"),
        title=turn.words(f"ledger.title_{name}"),
        as_of=turn.words(
            "ledger.as_of",
            day=turn.words("answer.day", year=turn.today.year, day=say_day(turn.today, turn.language)),
            count=len(rows),
        ),
        columns=columns,
        rows=rows,
    )
