"""Tries evil forms and takes the time of every step: `python -m tests.xlsform.trial` shows all of them."""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.xlsform.evil import Evil, evils, published
from xlsform import Context, FormError, Prompt, Session, load
from xlsform.rehearsal import heavy

CONTEXT = Context(now=datetime(2026, 11, 26, 9, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What became of an evil form. `refused` is the line with the place, "" for one that runs; `times` are
    the milliseconds of processor of each step of a conversation on it, run whether it is refused or not.
    """

    evil: Evil
    refused: str
    times: tuple[float, ...]


def tried(evil: Evil) -> Tried:
    """Publish it, and hold a conversation on it as a bot would that had let it in."""
    try:
        source = published(evil)
        form = load(source.xform, media={**source.media, **evil.media})
    except FormError as error:
        return Tried(evil=evil, refused=str(error), times=())
    found = heavy(form)
    refused = "; ".join(f"{one.place}: {one.line('en')}" for one in found)
    times: list[float] = []

    def step(run: Callable[[], Any]) -> Any:
        began = time.thread_time()
        result = run()
        times.append((time.thread_time() - began) * 1000)
        return result

    gc.disable()
    try:
        session = step(lambda: Session.start(form, CONTEXT))
        for answer in evil.answers:
            prompt = step(session.prompt)
            if not isinstance(prompt, Prompt):
                break
            if step(lambda: session.answer(answer)) is not None:  # noqa: B023 - called at once
                step(session.skip)
        step(session.prompt)
        kept = step(session.dump)
        step(lambda: Session.restore(form, kept, CONTEXT))
        step(session.review)
        step(session.finish)
    finally:
        gc.enable()
    return Tried(evil=evil, refused=refused, times=tuple(times))


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main() -> int:
    rows = [tried(evil) for evil in evils()]
    for row in sorted(rows, key=lambda row: -max(row.times, default=0)):
        said = row.refused[:70] or "runs"
        print(f"{max(row.times, default=0):6.1f} ms  {said:<70}  {row.evil.name[:70]}")
    times = [spent for row in rows for spent in row.times]
    counts = Counter("refused" if row.refused else "runs" for row in rows)
    slow = [row for row in rows if not row.refused and max(row.times, default=0) >= 50]
    print(f"{len(rows)} forms: {counts['refused']} refused with their place, {counts['runs']} run")
    print(f"steps {len(times)}: p99 {percentile(times, 0.99):.1f} ms, longest {max(times):.1f} ms")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
