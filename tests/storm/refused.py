"""A storm of 429: most calls are refused for a while; nothing is lost, and nobody is asked too soon.

    python -m tests.storm.refused [--waits 1 2 5 10 30 60] [--people 12] [--words 6] [--share 0.6]

Real time: with waits of up to a minute it takes some minutes.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.telegram.limits import Limits
from playground.server import StandIn
from tests.bot.harness import replies, running, stand_in

SLACK = 0.05  # seconds by which two clocks may differ


@dataclass
class Findings:
    """What came of it; ``wrong`` must be empty."""

    refused: int = 0
    accepted: int = 0
    longest: int = 0  # seconds that the longest refusal asked for
    wrong: list[str] = field(default_factory=list)


async def refused(folder: Path, *, waits: Sequence[int], people: int, words: int, share: float) -> Findings:
    """Everybody says some words and then raises an alert, while ``share`` of all sends are refused."""
    limits, everything = Limits(), words + 2
    async with stand_in() as server, running(server, folder, limits=limits) as (app, _):
        each = 1 - (1 - share) ** (1 / len(waits))
        phones = [server.phone(100 + n) for n in range(people)]
        first = 2 + people * everything // 5  # seconds in which all is heard: strangers' turns are not fast
        for phone in phones:  # the first words are refused, so that all that follow have to wait behind them
            server.faults.add(method="sendMessage", chat_id=phone.user_id, retry_after=first)
            await phone.say("first")
        until = await _until_refused(server, min(people, limits.suspicious)) + first
        for wait in waits:
            server.faults.add(method="sendMessage", times=None, share=each, retry_after=wait)
        for n in range(words):
            for phone in phones:
                await phone.say(f"m{n}")
        for phone in phones:
            await phone.say("alert")
        while app.channel.counts["updates_handled"] < people * everything:
            assert time.monotonic() < until, "too slow a machine: said so late, it overtakes nothing"
            await asyncio.sleep(0.02)
        end = time.monotonic() + 60 + 12 * max(waits) * everything
        while any(len(replies(server, phone.user_id)) < everything for phone in phones):
            if time.monotonic() > end:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)
        return _found(server, [phone.user_id for phone in phones], words)


async def _until_refused(server: StandIn, people: int) -> float:
    """Until so many were refused: when that was. Nothing is sent to anybody for a while then."""
    while len(server.journal.calls("sendMessage")) < people:
        await asyncio.sleep(0.01)
    return time.monotonic()


def _found(server: StandIn, people: list[int], words: int) -> Findings:
    findings = Findings()
    expected = ["1:first", *(f"{n + 2}:m{n}" for n in range(words))]
    alert = f"{words + 2}:alert"
    for user in people:
        shown = replies(server, user)
        if sorted(shown) != sorted([*expected, alert]):
            findings.wrong.append(f"{user} was shown {shown}")
        elif [text for text in shown if text != alert] != expected:
            findings.wrong.append(f"{user}: out of order: {shown}")
        elif shown.index(alert) > 1:
            findings.wrong.append(f"{user}: the alert did not overtake: {shown}")
        _paced(server, user, findings)
    return findings


def _paced(server: StandIn, user: int, findings: Findings) -> None:
    """No call to a chat before the time that its last refusal asked for."""
    not_before = 0.0
    for call in server.journal.calls("sendMessage", chat_id=user):
        if call.monotonic < not_before - SLACK:
            findings.wrong.append(f"{user}: asked {not_before - call.monotonic:.2f} s too soon")
        if call.status == 429:
            wait = int(str(call.answer).rpartition(" ")[2])
            findings.refused += 1
            findings.longest = max(findings.longest, wait)
            not_before = call.monotonic + wait
        else:
            findings.accepted += 1


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm.refused", description="A storm of 429.")
    parser.add_argument("--waits", type=int, nargs="+", default=[1, 2, 5, 10, 30, 60])
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--words", type=int, default=6)
    parser.add_argument("--share", type=float, default=0.6)
    given, begin = vars(parser.parse_args()), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        findings = asyncio.run(refused(Path(folder), **given))
    print(
        f"{findings.accepted} messages accepted, {findings.refused} times refused, for up to "
        f"{findings.longest} s; {time.monotonic() - begin:.0f} s; {len(findings.wrong)} wrong"
    )
    print(*findings.wrong[:20], sep="\n")
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
