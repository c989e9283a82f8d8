"""Three days away: a county's bot comes back and catches up, over real HTTP at Telegram's pace."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bot.app import HEARD
from casework.escalations import open_escalation
from casework.policy import Policy, load_policy
from casework.records import Child, Circle, Escalation, Link, Person, Post, Record, Visit
from casework.visit_steps import next_moment
from casework.visits import plan_visit
from playground.journal import Call
from playground.server import StandIn
from storage.keys import KeyRing
from storage.store import Store
from tests.bench import contest, county

GAP = timedelta(hours=72)
QUIET = 4.0  # seconds without a message, after which all is said
PATIENCE = 300.0
_CHIEF = county.FIRST_OFFICER - 1  # the county's officer; without one the vacant post would be told of
ALERT = "Alert "  # with which one begins, or its repeat after a line of its own
_POLICY = """[county]
timezone = "{zone}"
[quiet_hours.default]
source = "for the bench: no hour is quiet"
start = "00:00"
end = "00:00"
"""


@dataclass(frozen=True, kw_only=True)
class Caught:
    """How the bot caught up. Seconds count from its first message.

    ``fullest``: the most messages that left within any one second. ``most``: the most that one worker got.
    ``alerts_after``: when the last alert had left; ``before_alerts``: other messages that had left by then.
    """

    messages: int
    alerts: int
    missing: int
    seconds: float
    fullest: int
    most: int
    alerts_after: float
    before_alerts: int

    def line(self) -> str:
        """For a table."""
        return (
            f"{self.messages:,} messages in {self.seconds:.0f} s, at most {self.fullest} in a second and "
            f"{self.most} to a worker; the {self.alerts} open alerts within {self.alerts_after:.1f} s, "
            f"after {self.before_alerts} other messages"
        )


async def caught_up(
    url: str, *, workers: int, visits: int, alerts: int, folder: Path, core: int | None = contest.BOT_CORE,
    quiet: float = QUIET,
) -> Caught:  # fmt: skip
    """A county with ``visits`` for each worker that fell due while we were away, and ``alerts`` open ones.

    ``quiet``: seconds without a message after which nothing more is waited for.
    """
    zone = _zone_where_it_is_noon(datetime.now(UTC))
    (folder / "county.toml").write_text(_POLICY.format(zone=zone), encoding="utf-8")
    policy = load_policy(folder / "county.toml")
    await _found(url, policy, workers=workers, visits=visits, alerts=alerts)
    server = StandIn(token=county.TOKEN)
    await server.start()
    try:
        environment = {
            **contest.settings(server.root, url, folder), "XIANGBAN_CONFIG": str(folder / "county.toml")
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.bench.ours", "paced"]
        async with contest.process(command, environment, folder, core):
            for user in (*_officers(), *(county.FIRST_USER + n for n in range(workers))):
                server.phone(user)  # whoever has a telephone can be written to
            await _until_quiet(server, quiet)
        return _judged(server.journal.calls("sendMessage"), alerts)
    finally:
        await server.stop()


def _zone_where_it_is_noon(now: datetime) -> str:
    """A time zone in which people are awake while the bench runs."""
    hours = 12 - now.hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def _officers() -> tuple[int, ...]:
    return (_CHIEF, *(county.FIRST_OFFICER + t for t in range(county.TOWNSHIPS)))


async def _found(url: str, policy: Policy, *, workers: int, visits: int, alerts: int) -> None:
    """The county as it was when the bot went away."""
    start = datetime.now(UTC) - GAP
    store = await Store.open(url, KeyRing([county.KEY]))
    try:
        await county.keep(store, [*county.people(workers, visits), *county.links(store, workers)])
        address = f"telegram:{_CHIEF}"
        post = (Post(role="county_officer", area="k"),)
        chief = Person(id="k", name="人k", posts=post, status="joined", language="en")
        link = Link(id=store.link_id(address), person="k", address=address)
        await county.keep(store, [chief, link])
        await county.keep(store, _waiting(policy, start, workers, visits, alerts))
        await store.beat(HEARD, start)
    finally:
        await store.close()


def _waiting(policy: Policy, start: datetime, workers: int, visits: int, alerts: int) -> Iterator[Record]:
    ids = count()
    for n in range(workers):
        for m in range(visits):
            yield _visit(county.child(f"c{n}-{m}", worker=n), start, n + m, policy, f"v{n}-{m}")
    for n in range(alerts):
        child = county.child(f"c{n % workers}-0", worker=n % workers)
        opened = open_escalation(
            "dropout", child=child, circle=_circle(child), facts={}, source=f"s{n}", by=child.worker,
            policy=policy, now=start - timedelta(minutes=10 + n % 15), new_id=lambda: f"e{next(ids)}",
        )  # fmt: skip
        yield from (record for record in opened.records if isinstance(record, Escalation))


def _visit(child: Child, start: datetime, n: int, policy: Policy, id: str) -> Visit:
    """Due on one of the days on which we were away; what came before has been told."""
    due = start.astimezone(policy.zone).date() + timedelta(days=1 + n % GAP.days)
    planned = plan_visit(child, policy=policy, now=start - timedelta(days=20), new_id=lambda: id, due=due)
    (visit,) = (record for record in planned.records if isinstance(record, Visit))
    if visit.wake_at is not None and visit.wake_at <= start:
        told = replace(visit, told=("due_soon",))
        return replace(told, wake_at=next_moment(told, child, policy))
    return visit


def _circle(child: Child) -> Circle:
    post = Post(role="township_officer", area=child.township)
    officer = Person(id=f"o{child.township[1:]}", name="", posts=(post,), status="joined")
    return Circle(worker=None, officers=(officer,))


async def _until_quiet(server: StandIn, quiet: float) -> None:
    seen, since, end = 0, time.monotonic(), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        now = len(server.journal.calls("sendMessage"))
        if now != seen:
            seen, since = now, time.monotonic()
        if seen and time.monotonic() - since > quiet:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the bot did not finish catching up")


def _judged(sent: list[Call], alerts: int) -> Caught:
    sent = sorted((call for call in sent if call.executed), key=lambda call: call.monotonic)
    first = sent[0].monotonic
    told = [n for n, call in enumerate(sent) if _is_alert(call)]
    last = told[-1] if told else 0
    officers = _officers()
    each = Counter(call.chat_id for call in sent if call.chat_id not in officers)
    return Caught(
        messages=len(sent),
        alerts=len(told),
        missing=alerts - len(told),
        seconds=sent[-1].monotonic - first,
        fullest=_fullest([call.monotonic for call in sent]),
        most=max(each.values(), default=0),
        alerts_after=sent[last].monotonic - first,
        before_alerts=last + 1 - len(told),
    )


def _is_alert(call: Call) -> bool:
    return ALERT in str(call.args.get("text", ""))


def _fullest(moments: list[float]) -> int:
    """The most of them within a second."""
    most = start = 0
    for end, moment in enumerate(moments):
        while moment - moments[start] >= 1.0:
            start += 1
        most = max(most, end - start + 1)
    return most
