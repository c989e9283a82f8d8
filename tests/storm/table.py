"""What a storm has shown, as a table: each promise, what was seen, and whether it was kept."""

from typing import TYPE_CHECKING

from tests.storm.judge import Verdict

if TYPE_CHECKING:
    from tests.storm.storm import Storm

MOST_REPEATS = 1.5  # messages shown twice, for each kill
FLAT_MEMORY, FLAT_HANDLES, FLAT_WAL = 24.0, 24, 64.0  # growth in MB, in handles; the WAL's size in MB
NEVER = (
    "answers lost", "alerts lost", "applied twice", "out of order", "messages lost", "repeats without a mark",
    "messages of no row", "put aside wrongly", "audit trail broken",
)  # fmt: skip
Row = tuple[str, str, bool]


def promises(one: "Storm", verdict: Verdict) -> list[Row]:
    """Each promise with what was seen and whether it was kept."""
    figures, broken = one.figures, verdict.broken
    by_kills = max(verdict.repeats - verdict.excused, 0) / max(figures.kills, 1)
    repeats = f"{verdict.repeats}, by cut answers at most {verdict.excused}; {by_kills:.2f} for each kill"
    allowed = {0} if one.cluster is None else {0, 1}  # 1: it was started while its database was away
    ends = {status: figures.exits.count(status) for status in sorted(set(figures.exits))}
    return [
        *((name, str(broken[name]), not broken[name]) for name in NEVER),
        ("messages shown twice", repeats, by_kills <= MOST_REPEATS),
        ("second instances let in", str(one.intruders), not one.intruders),
        ("lives that ended by themselves", f"{ends} (status: how many)", set(ends) <= allowed),
        *_flat(one),
    ]


def _flat(one: "Storm") -> list[Row]:
    memory, handles = one.figures.memory, one.figures.handles
    grown = memory[-1] - memory[0] if memory else 0.0
    more = max(handles[-3:], default=0) - max(handles[:3], default=0)
    rows = [
        ("memory grown by", f"{grown:.1f} MB, to {max(memory, default=0):.0f} MB", grown < FLAT_MEMORY),
        ("handles grown by", f"{more}, to {max(handles, default=0)}", more < FLAT_HANDLES),
    ]
    if one.cluster is None:
        rows.append(("largest WAL", f"{one.figures.wal:.1f} MB", one.figures.wal < FLAT_WAL))
    return rows


def report(one: "Storm", verdict: Verdict, seconds: float) -> int:
    """Print the table: 1 if a promise was broken."""
    figures, model, rows = one.figures, one.model, promises(one, verdict)
    starts = sorted(figures.starts)
    said = ", ".join(f"{count} {what}" for what, count in model.said.items())
    lines = {
        "kills": f"{figures.kills}, of them {figures.at_points} set at a commit, a send or a poll",
        "people": f"{said}; {len(model.reports)} reports, {len(model.ends)} alerts ended",
        "alerts, messages": f"{verdict.alerts}, {verdict.messages}",
        "start": f"{starts[len(starts) // 2]:.2f} s in the middle, {starts[-1]:.2f} s at most",
        "at rest after": f"{figures.rest:.1f} s",
        "weather": ", ".join(f"{n} × {what}" for what, n in sorted(one.happened.items())),
    }
    print(f"storm: {one.plan.database}, {one.plan.mode}, seed {one.plan.seed}, {seconds:.0f} s")
    print(*(f"  {name:<18} {line}" for name, line in lines.items()), sep="\n")
    print(*(f"  {'ok    ' if kept else 'BROKEN'} {name:<30} {seen}" for name, seen, kept in rows), sep="\n")
    for what, examples in verdict.examples.items():
        print(*(f"  {what}: {example}" for example in examples[:4]), sep="\n")
    return 0 if all(kept for _, _, kept in rows) else 1
