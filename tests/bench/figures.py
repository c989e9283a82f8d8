"""Single figures: an alert's way, a backlog, an import, a tick, a form of 300 questions, the audit trail."""

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bot.documents.press import open_press
from casework.auditing import Memory
from casework.policy import load_policy
from conversations.desk import Desk
from conversations.shelf import FormShelf
from conversations.wake import wake
from conversations.words import load_words
from playground.people import Phone
from playground.server import StandIn
from storage.keys import KeyRing
from storage.store import Store
from tests.bench import contest, county
from tests.bench.drive import answer, percentile
from xlsform import Context, Parking, Session, load
from xlsform.publish import publish_sheets

ALERTS, ALERT_EVERY, TALKERS, ARRIVING = 60, 0.5, 40, 30.0
BACKLOG = 4_000
QUESTIONS = (300, 900)  # of a long form, and of the longest there are
STEPS = 60
DUE = 200  # visits that one tick wakes
BOTS_ON_ITS_OWN = [sys.executable, "-m", "tests.bench.ours"]


async def alerts(url: str) -> list[float]:
    """Seconds from handing in a report of danger to the server's acceptance of the officer's message.

    Thirty updates a second arrive meanwhile, and the bot keeps to Telegram's pace.
    """
    await county.found_county(url, workers=TALKERS + ALERTS)
    server = StandIn(token=county.TOKEN)
    await server.start()
    officers = [server.phone(county.FIRST_OFFICER + n) for n in range(county.TOWNSHIPS)]
    phones = [server.phone(county.FIRST_USER + n) for n in range(TALKERS + ALERTS)]
    try:
        with tempfile.TemporaryDirectory(prefix="xbench") as folder:
            environment = contest.settings(server.root, url, Path(folder))
            async with contest.process([*BOTS_ON_ITS_OWN, "paced"], environment, Path(folder)):
                await asyncio.gather(*(_up_to_review(phones[n], n) for n in range(TALKERS, TALKERS + ALERTS)))
                talking = asyncio.create_task(_talk(phones[:TALKERS]))
                await asyncio.sleep(2)
                waits = await asyncio.gather(
                    *(
                        _alert(
                            phones[TALKERS + n], officers[(TALKERS + n) % county.TOWNSHIPS], TALKERS + n, n
                        )
                        for n in range(ALERTS)
                    )
                )
                talking.cancel()
                return waits
    finally:
        await server.stop()


async def _up_to_review(phone: Phone, number: int) -> None:
    answers = [f"/report c{number}-0", *county.QUESTIONS[1:], county.ALARM]
    for words in answers:
        seen = len(phone.chat.records) + 1
        await phone.say(words)
        await answer(phone, seen, time.monotonic() + 120)


async def _talk(phones: list[Phone]) -> None:
    """Thirty things a second are said: the alerts' two, and the rest by others."""
    dice = random.Random(1)
    while True:
        await dice.choice(phones).say("/today")
        await asyncio.sleep(dice.expovariate(ARRIVING - 1 / ALERT_EVERY))


async def _alert(phone: Phone, officer: Phone, number: int, turn: int) -> float:
    await asyncio.sleep(turn * ALERT_EVERY)
    start = time.monotonic()
    await phone.say("Submit")
    await officer.wait_for(lambda message: f"c{number}-0" in message.text, timeout=60)
    return time.monotonic() - start


async def backlog(url: str) -> float:
    """Seconds from the first poll until 4,000 waiting updates are kept and confirmed."""
    await county.found_county(url, workers=contest.PEOPLE)
    server = StandIn(token=county.TOKEN)
    await server.start()
    phones = [server.phone(county.FIRST_USER + n) for n in range(contest.PEOPLE)]
    try:
        for n in range(BACKLOG):
            await phones[n % len(phones)].say(f"m{n}")
        with tempfile.TemporaryDirectory(prefix="xbench") as folder:
            environment = contest.settings(server.root, url, Path(folder))
            async with contest.process([*BOTS_ON_ITS_OWN, "paced"], environment, Path(folder)):
                while len(server.world.updates):
                    await asyncio.sleep(0.005)
                end = time.monotonic()
        return end - server.journal.calls("getUpdates")[0].monotonic
    finally:
        await server.stop()


def roster_import(folder: Path, url: str, children: int) -> float:
    """Seconds that `xiangban roster import` takes, from start to end of the process."""
    book = folder / "roster.xlsx"
    _write_book(book, children)
    environment = {**contest.settings("http://127.0.0.1:9", url, folder)}
    start = time.monotonic()
    command = [str(Path(sys.executable).with_name("xiangban")), "roster", "import", str(book)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.monotonic() - start


def _write_book(path: Path, children: int) -> None:
    book = Workbook(write_only=True)
    areas, people, rows = (book.create_sheet(name) for name in ("areas", "people", "children"))
    areas.append(("code", "name", "level", "parent"))
    areas.append(("k", "县", "county", None))
    people.append(("code", "name", "role", "area", "phone", "language", "deputy"))
    for t in range(20):
        areas.append((f"t{t}", f"乡{t}", "township", "k"))
        people.append((f"o{t}", f"王{t}", "township_officer", f"t{t}", None, None, None))
        for v in range(20):
            areas.append((f"v{t}-{v}", f"村{t}-{v}", "village", f"t{t}"))
            people.append((f"w{t}-{v}", f"李{t}-{v}", "village_worker", f"v{t}-{v}", None, None, None))
    rows.append(("code", "name", "sex", "birth_date", "village", "worker", "risk"))
    for n in range(children):
        place = f"{n % 20}-{n // 20 % 20}"
        birth = f"20{10 + n % 10}-{1 + n % 12:02}-{1 + n % 28:02}"
        rows.append((f"c{n}", f"孩子{n}", "female", birth, f"v{place}", f"w{place}", 1 + n % 4))
    book.save(path)


async def tick(url: str, children: int) -> tuple[float, float, float]:
    """Milliseconds of a tick with nothing due, of one that wakes `DUE` visits, and of the auditor's look."""
    policy = load_policy(None)
    store = await Store.open(url, KeyRing([county.KEY]))
    try:
        await county.keep(store, county.people(50, 0))
        await county.keep(store, county.books(children))
        moments = [county.NOW]
        desk = Desk(
            store=store,
            forms=FormShelf(forms={}),
            policy=policy,
            words=load_words(),
            press=open_press(),
            clock=lambda: moments[-1],
        )
        idle = [(await _timed(wake, desk, county.NOW, DUE))[0] for _ in range(100)]
        moments.append(county.NOW + timedelta(days=31, seconds=1))
        busy, woken = await _timed(wake, desk, moments[-1], DUE)
        assert woken == DUE
        looks = [(await _timed(store.audited, moments[0], policy.audit, Memory()))[0] for _ in range(100)]
        return 1000 * statistics.median(idle), 1000 * busy, 1000 * statistics.median(looks)
    finally:
        await store.close()


async def _timed(act: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    result = await act(*arguments)
    return time.perf_counter() - start, result


async def audit(url: str, events: int) -> float:
    """Seconds to verify a trail of so many events."""
    store = await Store.open(url, KeyRing([county.KEY]))
    try:
        await county.trail(store, events)
        seconds, result = await _timed(store.verify_audit)
        assert result.intact
        assert result.checked == events
        return float(seconds)
    finally:
        await store.close()


def form(questions: int) -> tuple[float, float, float]:
    """Milliseconds to load a form of so many questions, and of one answer restored, taken and kept.

    The last figure is that of an answer whose session was parked by the one before.
    """
    survey = [
        {
            "type": "text",
            "name": f"q{n}",
            "label": f"Question {n}",
            "relevant": f"${{q{n - 1}}} != 'x'" if n else "",
        }
        for n in range(questions)
    ]
    xform = publish_sheets({"survey": survey}, name="long").xform
    start = time.perf_counter()
    loaded = load(xform)
    loading = time.perf_counter() - start
    session, parking = Session.start(loaded, Context(now=datetime.now(UTC))), Parking()
    steps: tuple[list[float], list[float]] = ([], [])
    for n in range(2 * STEPS):
        stored = session.dump()
        if n % 2:
            parking.leave("draft", session, stored)
        start = time.perf_counter()
        context = Context(now=datetime.now(UTC))
        session = parking.take("draft", loaded, stored, context) or Session.restore(loaded, stored, context)
        session.answer("an answer")
        session.prompt()
        session.dump()
        steps[n % 2].append(time.perf_counter() - start)
    return 1000 * loading, 1000 * statistics.median(steps[0]), 1000 * statistics.median(steps[1])


def of_alerts(waits: list[float]) -> str:
    """The two figures that count."""
    return f"p50 {statistics.median(waits):.2f} s, p99 {percentile(waits, 99):.2f} s"
