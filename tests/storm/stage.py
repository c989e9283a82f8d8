"""A small county on a stage: one bot process that is started again whenever it has died, and a few phones."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from casework.checkins import plan_checkin
from casework.invites import make_invite
from casework.outcome import Outcome
from casework.policy import load_policy
from casework.records import Area, Child, Link, Person, Post, Record, Role
from casework.visits import plan_visit
from conversations.desk import random_id
from playground.people import Phone
from playground.server import StandIn
from storage.store import KeyRing, Store
from tests.bot.harness import KEY, TOKEN
from tests.storage.world import bare
from tests.storm.process import Bot, Nursery
from tests.storm.screens import MARK, Screens

ZONE = ZoneInfo("Asia/Shanghai")
WORKER, OFFICER, COUNTY, FAMILY = 101, 201, 301, 401
NEW_CODE = "ABCDEFGHJK"
PATIENCE = 60.0
_WAITING = (
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'open') + (SELECT count(*) FROM outbox WHERE "
    "state = 'sending' OR (state = 'new' AND (tries > 0 OR next_at <= {at}))) + "
    "(SELECT count(*) FROM records WHERE wake_at <= {at})"
)


class Stage:
    """``lives`` counts the bot's lives: more than one, and it was killed at the point that was asked for."""

    def __init__(self, nursery: Nursery, folder: Path, url: str, *, morning: datetime) -> None:
        self._nursery, self._folder, self.url = nursery, folder, url
        self._offset = (morning - datetime.now(UTC)).total_seconds()
        self.first_day = morning.astimezone(ZONE).date()
        self.server = StandIn(token=TOKEN)
        self.screens = Screens(self.server)
        self.bot: Bot
        self.lives = 0

    def phone(self, number: int) -> Phone:
        """Somebody's telephone."""
        return self.server.phone(number)

    @property
    def now(self) -> datetime:
        """The moment it is for the bot."""
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    async def begin(self, *, armed: bool, **job: object) -> None:
        """The server and the first life, as ``job`` says; at work, and its points counted from now on."""
        await self.server.start()
        for number in (WORKER, OFFICER, COUNTY, FAMILY):
            self.phone(number)
        self._write_offset()
        self.bot = await self.live(armed=armed, **job)
        if not armed:
            while self.bot.alive and not self.server.journal.calls("setMyCommands"):
                await asyncio.sleep(0.01)
            self.bot.signal(signal.SIGUSR2)

    async def live(self, **job: object) -> Bot:
        """One more life, at the same time as others or after them."""
        self.lives += 1
        env = {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": self.server.root, "DATA_DIR": str(self._folder),
            "SECRET_KEYS": KEY, "DATABASE_URL": self.url,
        }  # fmt: skip
        named = {f"XIANGBAN_{name}": value for name, value in env.items()}
        return await self._nursery.start(folder=str(self._folder), env=named, **job)

    async def keep_alive(self) -> None:
        """Starts the bot again whenever it has died, until cancelled."""
        while True:
            status = await asyncio.shield(self.bot.over)
            if status != -9:
                raise RuntimeError(f"it ended by itself with status {status}; see {self._folder}/log.txt")
            self.bot = await self.live()

    def move(self, to: datetime) -> None:
        """Put the clock on to a moment, for this life and all to come."""
        self._offset = (to - datetime.now(UTC)).total_seconds()
        self._write_offset()
        self.bot.signal(signal.SIGUSR1)

    def _write_offset(self) -> None:
        file = self._folder / "offset"
        file.with_suffix(".new").write_text(str(self._offset))
        file.with_suffix(".new").rename(file)  # a life that starts now reads the one or the other

    async def rest(self) -> None:
        """Until nothing is under way any more."""
        end, quiet = asyncio.get_running_loop().time() + PATIENCE, 0
        while quiet < 2:
            assert asyncio.get_running_loop().time() < end, "the bot does not come to rest"
            await asyncio.sleep(0.08)
            at = int(self.now.timestamp() * 1e6)
            waits = len(self.server.world.updates) or (await bare(self.url, _WAITING.format(at=at)))[0][0]
            quiet = 0 if waits else quiet + 1

    async def finish(self) -> None:
        """An orderly end; a kill that was set for it falls here at the latest."""
        while await self.bot.terminate() != 0:
            self.bot = await self.live()
            await self.rest()

    def unmarked(self) -> list[str]:
        """Messages that were shown again without saying so."""
        self.screens.follow()
        shown = [one for one in self.screens.messages if not one.edit]
        return [text for one in shown for text in one.texts[1:] if not text.startswith(MARK)]

    @property
    def repeats(self) -> int:
        """How often a message was shown again."""
        self.screens.follow()
        return sum(len(one.texts) - 1 for one in self.screens.messages if not one.edit)


@contextlib.asynccontextmanager
async def stage(nursery: Nursery, folder: Path, url: str) -> AsyncIterator[Stage]:
    """A county in which it is nine in the morning, a day from now at the earliest."""
    day = (datetime.now(ZONE) + timedelta(days=1)).date()
    morning = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE).astimezone(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    one = Stage(nursery, folder, url, morning=morning)
    try:
        yield one
    finally:
        if hasattr(one, "bot"):
            await one.bot.kill()
        await one.server.stop()


async def settle(url: str, today: date, now: datetime, *, more: int = 0) -> None:
    """A worker, an officer, a county officer, a family; a child with a visit due tomorrow; a check-in too.

    And ``more`` such children, of whom no family is asked.
    """
    store = await Store.open(url, KeyRing([KEY]))
    policy = load_policy(None)
    child = Child(
        id="3001", child="3001", name="张小雨", sex="female", birth_date=date(2016, 3, 14), village="V1",
        township="T1", county="C1", worker="W1", guardian_name="刘桂芳", guardian_relation="奶奶", risk=2,
        registered_on=today,
    )  # fmt: skip
    records: list[Record] = [
        Area(id="C1", name="安和县", level="county"),
        Area(id="T1", name="安和镇", level="township", parent="C1"),
        Area(id="V1", name="安和村", level="village", parent="T1"),
        *_somebody(store, "W1", WORKER, "village_worker", "V1"),
        *_somebody(store, "O1", OFFICER, "township_officer", "T1"),
        *_somebody(store, "K1", COUNTY, "county_officer", "C1"),
        *_somebody(store, "G1", FAMILY, "guardian", "V1", cares_for=("3001",)),
        Person(id="W2", person="W2", name="人W2", posts=(Post(role="village_worker", area="V1"),)),
    ]
    children = [child, *(replace(child, id=f"31{n:02}", child=f"31{n:02}") for n in range(more))]
    outcome = Outcome(records=(*records, *children))
    ids: Callable[[], str] = random_id
    for one in children:
        outcome += plan_visit(one, policy=policy, now=now, new_id=ids, due=today + timedelta(days=1))
    outcome += plan_checkin(child, "G1", policy=policy, now=now, new_id=ids, due=today)
    outcome += make_invite(
        "W2", digest=store.code_digest(NEW_CODE), inviter="O1", child=None, policy=policy, now=now, new_id=ids
    )
    await store.apply(outcome)
    await store.close()


def _somebody(
    store: Store, id: str, number: int, role: Role, area: str, cares_for: tuple[str, ...] = ()
) -> list[Record]:
    address = f"telegram:{number}"
    person = Person(
        id=id, person=id, name=f"人{id}", posts=(Post(role=role, area=area),), phone="13900000000"
    )
    joined = replace(person, status="joined", cares_for=cares_for)
    return [joined, Link(id=store.link_id(address), person=id, address=address)]
