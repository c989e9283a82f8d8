"""`make bench`: our bot and its peers in one run on one machine, as a table in Markdown.

The stand-in server, the people and PostgreSQL run on core 0, the bot under test alone on core 1. Rounds are
interleaved, so that a slow minute of the machine hits everybody; the medians count, and the ratios most.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import uvloop

from tests.bench import contest, figures, keeping, officer, outage
from tests.storage import postgres
from tests.storm import year

OUR_CORE = 0
BASE = 2  # the contestant to whom the rates are compared


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="measured in each round")
    parser.add_argument(
        "--long", action="store_true", help="also 1 million children on the books, 1 million events"
    )
    parser.add_argument("--only", choices=("contest", "figures", "officer", "time"))
    options = parser.parse_args()
    os.sched_setaffinity(0, {OUR_CORE})
    with databases() as fresh:
        if options.only in ("officer", "time"):
            of_time = options.only == "time"
            kinds = kinds_of(fresh)
            rows = _time_rows(fresh, kinds, options.long) if of_time else _officer_rows(fresh, kinds)
            for line in rows:
                print(line, flush=True)
            return 0
        if options.only != "figures":
            results = uvloop.run(_contest(fresh, options.rounds, options.seconds))
            print("\n".join(_contest_table(results)), flush=True)
        if options.only != "contest":
            print()
            print("| what | shown |\n|---|---|")
            for line in _figure_rows(fresh, options.long):
                print(line, flush=True)
    return 0


Fresh = Callable[[str], str]


@contextmanager
def databases() -> Iterator[Fresh]:
    """Gives the URL of a new, empty database of a kind; "" where this machine has none of that kind."""
    with tempfile.TemporaryDirectory(prefix="xbench") as folder:
        numbers = iter(range(1_000_000))

        def sqlite() -> str:
            path = Path(folder) / str(next(numbers))
            path.mkdir()
            return f"sqlite:///{path}/bench.db"

        if not postgres.is_there():
            yield lambda kind: sqlite() if kind == "sqlite" else ""
            return
        with postgres.cluster() as server:
            yield lambda kind: sqlite() if kind == "sqlite" else server.database()


async def _contest(fresh: Fresh, rounds: int, seconds: float) -> dict[str, contest.Result]:
    results: dict[str, contest.Result] = {}
    for number in range(rounds):
        for one in contest.CONTESTANTS:
            url = fresh(one.database) if one.database else ""
            if one.database and not url:
                continue
            shown = await contest.one_round(one, url, warm=2.0, measure=seconds)
            results.setdefault(one.name, contest.Result()).rounds.append(shown)
            print(f"round {number + 1}: {one.name}: {shown.rate:.0f}/s", file=sys.stderr, flush=True)
    return results


def _contest_table(results: dict[str, contest.Result]) -> list[str]:
    base = results[contest.CONTESTANTS[BASE].name].median("rate")
    lines = [
        "| bot | what it keeps | × | updates/s | p50 ms | p99 ms | CPU µs each | MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in contest.CONTESTANTS:
        result = results.get(one.name)
        if result is None:
            continue
        rate, each = result.median("rate"), result.median("cpu_each")
        lines.append(
            f"| {one.name} | {one.keeps} | **{rate / base:.1f}** | {rate:.0f} | {result.median('p50'):.0f} "
            f"| {result.median('p99'):.0f} | {each:.0f} | {result.median('memory'):.0f} |"
        )
    return lines


def kinds_of(fresh: Fresh) -> list[tuple[str, str]]:
    """The databases that this machine has."""
    return [("SQLite", "sqlite")] + ([("PostgreSQL", "postgresql")] if fresh("postgresql") else [])


def _figure_rows(fresh: Fresh, long: bool) -> Iterator[str]:
    kinds = kinds_of(fresh)
    for name, kind in kinds:
        waits = uvloop.run(figures.alerts(fresh(kind)))
        yield _row(f"an alert, from submission to Telegram's acceptance, 30 updates/s arriving ({name})",
                   figures.of_alerts(waits))  # fmt: skip
    for name, kind in kinds:
        yield _row(
            f"a backlog of 4,000 updates secured ({name})",
            f"{asyncio.run(figures.backlog(fresh(kind))):.2f} s",
        )
    for children in (10_000, 100_000):
        with tempfile.TemporaryDirectory(prefix="xbench") as folder:
            seconds = figures.roster_import(Path(folder), fresh("sqlite"), children)
        yield _row(
            f"`xiangban roster import` of {children:,} children, the whole command", f"{seconds:.1f} s"
        )
    yield from _time_rows(fresh, kinds, long)
    yield from _officer_rows(fresh, kinds)
    children = 100_000 if long else 20_000
    for name, kind in kinds:
        yield from _keeping_rows(name, lambda kind=kind: fresh(kind), children)  # type: ignore[misc]
    for questions in figures.QUESTIONS:
        loading, restored, parked = figures.form(questions)
        yield _row(
            f"a form of {questions} questions",
            f"loaded in {loading:.0f} ms; an answer taken and kept in {parked:.1f} ms, "
            f"in {restored:.1f} ms after a restart",
        )
    events = 1_000_000 if long else 100_000
    yield _row(
        f"an audit trail of {events:,} events verified",
        f"{uvloop.run(figures.audit(fresh('sqlite'), events)):.1f} s",
    )


def _time_rows(fresh: Fresh, kinds: list[tuple[str, str]], long: bool) -> Iterator[str]:
    """What the clock costs: a tick, a whole year, and three days caught up."""
    for children in (10_000, 1_000_000) if long else (10_000,):
        idle, busy, look = uvloop.run(figures.tick(fresh("sqlite"), children))
        yield _row(
            f"a tick with {children:,} children on the books",
            f"{idle:.2f} ms; {busy:.0f} ms if {figures.DUE} visits are due; an audit {look:.1f} ms",
        )
    visits = 1_000_000 if long else 20_000
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # the memory is the year's
        shown = pool.submit(year.lived, visits).result()
    yield _row(f"a year of {shown.visits:,} visits on a false clock, with outages: the rules", shown.line())
    for name, kind in kinds:
        with tempfile.TemporaryDirectory(prefix="xbench") as folder:
            county = {"workers": 350, "visits": 4, "alerts": 40, "folder": Path(folder)}
            caught = uvloop.run(outage.caught_up(fresh(kind), **county))
        yield _row(
            f"72 hours of outage caught up: 350 workers, 1,400 visits that fell due ({name})", caught.line()
        )


def _officer_rows(fresh: Fresh, kinds: list[tuple[str, str]]) -> Iterator[str]:
    """What the officer of a full county asks for, with a year of visits behind it."""
    made = officer.CHILDREN * officer.VISITS_EACH
    for name, kind in kinds:
        for answered in uvloop.run(officer.asked(fresh(kind))):
            yield _row(
                f"{answered.what}: {officer.CHILDREN:,} children, {made:,} visits made ({name})",
                answered.line(),
            )


def _keeping_rows(name: str, fresh: Callable[[], str], children: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="xbench") as folder:
        what = f"{children:,} children under load, the whole command ({name})"
        shown, size = uvloop.run(keeping.backup(fresh(), Path(folder), children))
        yield _row(
            f"`xiangban backup` of {what}",
            f"{shown.seconds:.1f} s, {size / 1e6:.0f} MB; "
            f"a writer waited {1000 * shown.stall:.0f} ms at most, before it {1000 * shown.usual:.0f} ms",
        )
        shown = uvloop.run(keeping.rotation(fresh(), Path(folder), children))
        yield _row(
            f"`xiangban keys rotate` with {what}",
            f"{shown.seconds:.1f} s, 0 of {shown.reads:,} reads and 0 of {shown.writes:,} writes lost",
        )


def _row(what: str, shown: str) -> str:
    return f"| {what} | {shown} |"


if __name__ == "__main__":
    sys.exit(main())
