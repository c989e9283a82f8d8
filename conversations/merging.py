"""并成一份: two files side by side, what is kept of each, and the way back with one tap."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from casework.access import CLOCK
from casework.facts import FACTS
from casework.merging import Files, NotMergeable, merge
from casework.record import replace
from casework.records import Child, Merge, Submission
from casework.side_by_side import Difference, differences, proposed
from casework.unmerging import undo
from conversations import duplicates, pins
from conversations.fact_words import label_of, value_of
from conversations.masks import clean, masked
from conversations.said import Button
from conversations.turn import Turn, rows_of
from conversations.widgets.choices import mark_of

LIST = "mgl"
_SHOWN = 4  # the last digits of a telephone
_LONGEST = 80  # letters of a value in a pop-up


@dataclass(frozen=True, kw_only=True)
class Pair:
    """What is being weighed, with both files as they stand now."""

    m: Merge
    kept: Child
    other: Child

    @property
    def rows(self) -> tuple[Difference, ...]:
        """Where they differ."""
        return differences(self.kept, self.other)

    @property
    def sign(self) -> str:
        """A few letters that change with what is shown, so that nobody agrees to what he did not see."""
        return mark_of(f"{self.kept.id} {self.other.id} {self.rows} {sorted(self.m.taken)}")


async def begin_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """是同一个孩子: both are held side by side; the open one stays, of two the older."""
    if not await pins.gate(turn, "mgb", *parts):
        return
    pair = await duplicates.pair_of(turn, parts)
    if pair is None:
        return
    both = (pair.older, pair.newer)
    kept, other = both if pair.older.status == "active" else both[::-1]
    await _weigh(turn, await _weighed(turn, kept, other), kept, other)


async def _weighed(turn: Turn, kept: Child, other: Child) -> Merge:
    """The one with which these two were held side by side before, or a new one."""
    for child in (kept, other):
        for m in await turn.desk.store.find(turn.reader, Merge, child=child.id, status=("weighed",)):
            if {m.child, m.other} == {kept.id, other.id}:
                return m
    return Merge(id=turn.desk.new_id(), child=kept.id, person=turn.person.id, other=other.id, at=turn.now)


async def _weigh(turn: Turn, m: Merge, kept: Child, other: Child) -> None:
    """Begins, or begins again with the other file as the one that stays."""
    newer = await _last(turn, other) > await _last(turn, kept)
    taken = proposed(kept, other, other_is_newer=newer)
    m = replace(m, child=kept.id, other=other.id, taken=taken)
    turn.keep(m)
    _show(turn, Pair(m=m, kept=kept, other=other))


async def _last(turn: Turn, child: Child) -> str:
    """The day of the last word about a child: its last report, else its registration."""
    made = await turn.desk.store.find(
        CLOCK, Submission, child=child.id, status=("valid",), order="newest", limit=1
    )
    return max([child.registered_on, *(turn.desk.today(s.at) for s in made)]).isoformat()


async def _pair(turn: Turn, id: str) -> Pair | None:
    """What is being weighed, while this person may decide it; else it is said."""
    m = await turn.desk.store.get(turn.reader, Merge, id)
    if m is not None and m.status == "weighed" and m.child is not None:
        kept = await turn.desk.store.get(turn.reader, Child, m.child)
        other = await turn.desk.store.get(turn.reader, Child, m.other)
        if kept is not None and other is not None and duplicates.decides(turn.reader, kept, other):
            return Pair(m=m, kept=kept, other=other)
    turn.pop("alike.gone")
    return None


def _show(turn: Turn, pair: Pair, *, edit: bool = False) -> None:
    label = turn.desk.label
    turn.child = pair.kept.id
    head = turn.words("merge.head", kept=label(pair.kept), other=label(pair.other))
    lines, buttons = [head], []
    for number, row in enumerate(pair.rows, 1):
        mine, theirs = (_values(turn, values) for values in (row.kept, row.other))
        side = "theirs" if row.key in pair.m.taken else "mine"
        lines.append(
            turn.words(
                f"merge.{side}", number=number, label=label_of(turn, row.key), mine=mine, theirs=theirs,
                kept=pair.kept.id, other=pair.other.id,
            )
        )  # fmt: skip
        buttons.append(
            turn.button(turn.words("merge.other", number=number), "mgx", pair.m.id, mark_of(row.key))
        )
    lines.append(turn.words("merge.how" if pair.rows else "merge.same"))
    lines.append(turn.words("merge.goes", other=pair.other.id, days=turn.desk.policy.files.undo_days))
    turn.tell("\n".join(lines), _ways(turn, pair, buttons), bold=(head,), edit=edit, protect=True)


def _ways(turn: Turn, pair: Pair, buttons: list[Button]) -> list[list[Button]]:
    rows = rows_of(buttons, 3)
    if turn.desk.policy.privacy.reveal:
        hidden = [(n, row) for n, row in enumerate(pair.rows, 1) if _is_private(row)]
        see = [
            turn.button(turn.words("merge.see", number=n), "mgr", pair.m.id, mark_of(r.key))
            for n, r in hidden
        ]
        rows += rows_of(see, 3)
    if pair.other.status == "active":
        rows.append([turn.button(turn.words("merge.swap", child=pair.other.id), "mgs", pair.m.id)])
    rows.append([turn.button(turn.words("merge.do"), "mgy", pair.m.id, pair.sign)])
    return rows


def _is_private(row: Difference) -> bool:
    return any(key in FACTS and FACTS[key].private for key in row.kept if row.kept[key] or row.other[key])


def _values(turn: Turn, values: Mapping[str, str]) -> str:
    """A fact, or several, as a message may hold them: no name, telephone or number in full."""
    known = dict.fromkeys(_value(turn, key, value) for key, value in values.items() if value)
    return turn.words("list.comma").join(known) or turn.words("fact.none")


def _value(turn: Turn, key: str, value: str) -> str:
    fact = FACTS.get(key)
    if fact is None or not fact.private:
        return value_of(turn, key, value)
    if fact.kind == "phone":
        return f"☎️ …{clean(value)[-_SHOWN:]}"
    return turn.words("merge.has_number") if fact.kind == "number" else masked(value)


async def choose_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The other file's word counts in this, or the kept one's again."""
    pair = await _pair(turn, parts[0])
    if pair is None:
        return
    key = next((row.key for row in pair.rows if mark_of(row.key) == parts[1]), None)
    if key is None:
        _show(turn, pair, edit=True)
        return
    m = replace(pair.m, taken=tuple(sorted({*pair.m.taken} ^ {key})))
    turn.keep(m)
    _show(turn, replace(pair, m=m), edit=True)


async def see_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Names, telephones and numbers of both, in a pop-up that leaves nothing in the chat."""
    if not await pins.gate(turn, "mgr", *parts):
        return
    pair = await _pair(turn, parts[0])
    if pair is None:
        return
    row = next((row for row in pair.rows if mark_of(row.key) == parts[1]), None)
    if row is None or not turn.desk.policy.privacy.reveal:
        turn.pop("child.no_reveal")
        return
    for child in (pair.kept, pair.other):
        turn.happened("child_file_read", child=child.id, record=child.id)
    lines = [label_of(turn, row.key)]
    for child, values in ((pair.kept, row.kept), (pair.other, row.other)):
        said = " ".join(value_of(turn, key, value) for key, value in values.items() if value)
        lines.append(f"{child.id}: {clean(said, _LONGEST) or turn.words('fact.none')}")
    turn.popup, turn.alarm = " · ".join(lines), True


async def swap_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The other file is to stay."""
    pair = await _pair(turn, parts[0])
    if pair is not None and pair.other.status == "active":
        await _weigh(turn, pair.m, pair.other, pair.kept)


async def confirmed(turn: Turn, parts: tuple[str, ...]) -> None:
    """并成一份, as it was shown; where something has changed since, it is shown anew."""
    pair = await _pair(turn, parts[0])
    if pair is None:
        return
    if pair.sign != parts[1]:
        turn.pop("merge.changed")
        _show(turn, pair)
        return
    files = await _files(turn, pair.kept, pair.other)
    try:
        outcome = merge(
            pair.m, files, by=turn.person, policy=turn.desk.policy, now=turn.now, new_id=turn.desk.new_id
        )
    except NotMergeable as fault:
        turn.pop(f"merge.not_{fault}")
        return
    turn.decide(outcome)
    turn.child = pair.kept.id
    text = turn.words(
        "merge.done", kept=turn.desk.label(pair.kept), other=pair.other.id,
        days=turn.desk.policy.files.undo_days,
    )  # fmt: skip
    rows = [
        [turn.button(turn.words("alike.see", child=pair.kept.id), "c", pair.kept.id)],
        [turn.button(turn.words("merge.undo"), "mgu", pair.m.id)],
    ]
    turn.tell(text, rows)


async def _files(turn: Turn, kept: Child, other: Child) -> Files:
    store = turn.desk.store
    return Files(
        kept=kept, other=other, mine=await store.about(kept.id), theirs=await store.about(other.id),
        carers=await store.carers(kept.id, other.id),
        circles={child.id: await store.circle(child, turn.now) for child in (kept, other)},
    )  # fmt: skip


# The way back


async def undo_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """分开: both files as they were, within the days that the policy gives."""
    store, days = turn.desk.store, turn.desk.policy.files.undo_days
    m = await store.get(turn.reader, Merge, parts[0])
    kept = await store.get(turn.reader, Child, m.child or "") if m is not None else None
    other = await store.get(turn.reader, Child, m.other) if m is not None else None
    if m is None or kept is None or other is None or not duplicates.decides(turn.reader, kept, other):
        turn.pop("alike.gone")
        return
    if m.status != "done" or kept.merged_into is not None:
        turn.pop("merge.undone_already" if m.status == "undone" else "merge.later_first")
        return
    if turn.now - m.at > timedelta(days=days):
        turn.pop("merge.too_late", days=days)
        return
    files = await _files(turn, kept, other)
    turn.decide(
        undo(m, files, by=turn.person, policy=turn.desk.policy, now=turn.now, new_id=turn.desk.new_id)
    )
    turn.child = kept.id
    buttons = [turn.button(turn.words("alike.see", child=c.id), "c", c.id) for c in (kept, other)]
    turn.tell(turn.words("merge.undone", kept=turn.desk.label(kept), other=turn.desk.label(other)), [buttons])


def may_look(turn: Turn, child: Child) -> bool:
    """Whether the menu of a child leads officers to what was joined with it."""
    return duplicates.decides(turn.reader, child)


async def list_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """What was joined with this file, each with the way back."""
    child = await turn.child_of(parts[0])
    if child is None or not may_look(turn, child):
        turn.pop("child.not_found")
        return
    turn.child = child.id
    joined = await turn.desk.store.find(turn.reader, Merge, child=child.id, status=("done",))
    lines = [turn.words("merge.list" if joined else "merge.list_none", child=turn.desk.label(child))]
    rows = []
    for m in joined:
        day = turn.far_day(turn.desk.today(m.at))
        lines.append(turn.words("merge.listed", other=m.other, day=day))
        if turn.now - m.at <= timedelta(days=turn.desk.policy.files.undo_days):
            rows.append([turn.button(turn.words("merge.undo_one", other=m.other), "mgu", m.id)])
    turn.tell("\n".join(lines), rows)


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "mgb": begin_tapped,
    "mgx": choose_tapped,
    "mgr": see_tapped,
    "mgs": swap_tapped,
    "mgy": confirmed,
    "mgu": undo_tapped,
    LIST: list_tapped,
}
