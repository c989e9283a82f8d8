"""What a storm has shown, as a table: each promise, what was seen, and whether it was kept."""

from statistics import linear_regression
from typing import TYPE_CHECKING

from tests.storm.judge import Verdict

if TYPE_CHECKING:
    from tests.storm.storm import Storm

MOST_REPEATS = 1.5  # messages shown twice, for each kill
MANY, LUCK = 100, 1.0  # of fewer kills a few may hit many messages on their way
LONGEST_STOP = 10.0  # seconds
FLAT_MEMORY, FLAT_HANDLES, FLAT_WAL = 24.0, 24, 64.0  # growth in MB, in handles; the WAL's size in MB
LONG = 240.0  # seconds of watching from which a growth per hour means something
FLAT_PER_HOUR = 30.0  # MB; a leak of one kilobyte for each update would make more
NEVER = (
    "answers lost", "alerts lost", "applied twice", "out of order", "messages lost", "repeats without a mark",
    "messages of no row", "put aside wrongly", "audit trail broken", "backups broken",
    "false alarms of the auditor",
)  # fmt: skip
Row = tuple[str, str, bool]


def promises(one: "Storm", verdict: Verdict) -> list[Row]:
    """Each promise with what was seen and whether it was kept."""
    figures, broken = one.figures, verdict.broken
    by_kills = max(verdict.repeats - verdict.excused, 0) / max(figures.ends, 1)
    repeats = f"{verdict.repeats}, by cut answers at most {verdict.excused}; {by_kills:.2f} for each kill"
    failing = one.happened["disk full"] + one.happened["database crashed"] + one.happened["database locked"]
    allowed = {0} if one.cluster is None else {0, 1}  # 1: it was started while its database was away
    ends = {status: figures.exits.count(status) for status in sorted(set(figures.exits))}
    slowest = max(figures.stops)
    most = 0 if one.plan.stop else MOST_REPEATS + (LUCK if figures.ends < MANY else 0)
    return [
        *((name, str(broken[name]), not broken[name]) for name in NEVER),
        ("messages shown twice", repeats, by_kills <= most),
        ("second instances let in", str(one.intruders), not one.intruders),
        ("backups that failed", str(one.happened["backup failed"]), one.happened["backup failed"] <= failing),
        ("lives that ended by themselves", f"{ends} (status: how many)", set(ends) <= allowed),
        ("stopped within", f"{slowest:.1f} s at most", slowest < LONGEST_STOP),
        *_flat(one),
    ]


def _flat(one: "Storm") -> list[Row]:
    watched = one.figures.watched
    memory, handles = [mb for _, mb, _, _ in watched], [count for _, _, count, _ in watched]
    grown = memory[-1] - memory[0] if memory else 0.0
    more = max(handles[-3:], default=0) - max(handles[:3], default=0)
    rows = [
        ("memory grown by", f"{grown:.1f} MB, to {max(memory, default=0):.0f} MB", grown < FLAT_MEMORY),
        ("handles grown by", f"{more}, to {max(handles, default=0)}", more < FLAT_HANDLES),
    ]
    if one.cluster is None:
        rows.append(("largest WAL", f"{one.figures.wal:.1f} MB", one.figures.wal < FLAT_WAL))
    if watched and watched[-1][0] - watched[0][0] >= LONG:
        rows += _per_hour(watched)
    return rows


def _per_hour(watched: list[tuple[float, float, int, float]]) -> list[Row]:
    """What is left of growth once it is warm: the slope of the last two thirds, by least squares."""
    late = [row for row in watched if row[0] >= watched[0][0] + (watched[-1][0] - watched[0][0]) / 3]
    seconds = [row[0] for row in late]
    memory, handles, wal = (
        3600 * linear_regression(seconds, [row[at] for row in late]).slope for at in (1, 2, 3)
    )
    return [
        ("memory, for each hour", f"{memory:+.1f} MB", memory < FLAT_PER_HOUR),
        ("handles, for each hour", f"{handles:+.0f}", handles < FLAT_HANDLES),
        ("WAL, for each hour", f"{wal:+.1f} MB", wal < FLAT_WAL),
    ]


def report(one: "Storm", verdict: Verdict, seconds: float) -> tuple[int, list[str]]:
    """1 if a promise was broken, else 0; and the table."""
    figures, model, rows = one.figures, one.model, promises(one, verdict)
    starts = sorted(figures.starts)
    said = ", ".join(f"{count} {what}" for what, count in model.said.items())
    kinds = ", ".join(f"{count} {how}" for how, count in figures.kills.items())
    notes = {
        "stops" if one.plan.stop else "kills": f"{figures.ends} ({kinds})",
        "people": f"{said}; {len(model.reports)} reports, {len(model.ends)} alerts ended",
        "alerts, messages": f"{verdict.alerts}, {verdict.messages}",
        "start": f"{starts[len(starts) // 2]:.2f} s in the middle, {starts[-1]:.2f} s at most",
        "at rest after": f"{figures.rest:.1f} s",
        "weather": ", ".join(f"{n} × {what}" for what, n in sorted(one.happened.items())),
        "newest backup": "none" if verdict.restored is None else f"restored, {verdict.restored} reports",
    }
    lines = [f"storm: {one.plan.database}, {one.plan.mode}, seed {one.plan.seed}, {seconds:.0f} s"]
    lines += [f"  {name:<18} {line}" for name, line in notes.items()]
    lines += [f"  {'ok    ' if kept else 'BROKEN'} {name:<30} {seen}" for name, seen, kept in rows]
    for what, examples in verdict.examples.items():
        lines += [f"  {what}: {example}" for example in examples[:20]]
    return (0 if all(kept for _, _, kept in rows) else 1), lines
