"""The playground: a made-up county, the bot, a stand-in for Telegram and a page with three phones."""

import asyncio
import contextlib
import errno
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import uvloop
from aiohttp import web
from pydantic import SecretStr

from bot.app import App
from bot.clock import Clock
from bot.commands.inviting import invite
from bot.logs import set_up
from bot.roster.bring_in import bring_in
from bot.settings import Settings
from bot.telegram.commands import menus
from bot.telegram.limits import UNHURRIED
from casework.access import OPERATOR
from casework.outcome import Outcome
from casework.policy import load_policy
from casework.records import Child, Person, Post
from conversations.desk import random_id
from conversations.words import load_words
from playground.county import GUARDED, OFFICER, WORKER, write_county
from playground.page_server import Holder, Page
from playground.server import StandIn
from storage.keys import KeyRing, new_secret_key
from storage.store import Store

TOKEN = "10000001:playground-token-of-no-value"  # noqa: S105  the stand-in's own, good for nothing else
FIRST_PHONE = 10_000_001
MORNING = time(8, 30)
QUIET = 0.08  # seconds without a call of the bot after which it has said what it had to say
TOGETHER = timedelta(minutes=1)  # what becomes due within a minute is played at once
MARK = ".playground"  # stands in a folder that the playground made and may empty
LONGEST_SETTLING = 20.0
MOVES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


class Playground:
    """Everything that ``xiangban demo`` starts. ``folder`` is emptied first: each demo begins anew."""

    def __init__(self, folder: Path, *, port: int = 8080, language: str = "zh_Hans") -> None:
        self._folder = folder
        self._port = port
        self._language = language
        self._policy = load_policy(None)
        self._zone = ZoneInfo(self._policy.timezone)
        self._clock = _morning_clock(self._zone)
        self._server = StandIn(token=TOKEN, clock=lambda: self._clock.now().timestamp())
        self._opened = contextlib.AsyncExitStack()
        self.app: App
        self.url = ""

    async def start(self) -> None:
        """Bring the county in, start the server and the bot, and let the three people join."""
        _empty(self._folder)
        await self._server.start()
        self._opened.push_async_callback(self._server.stop)
        settings = self._settings()
        codes = await self._county(settings)
        self.app = App(settings, clock=self._clock, limits=UNHURRIED)
        holders = self._holders(codes)
        await self._serve(holders)
        await self.app.start()
        self._opened.push_async_callback(self.app.stop)
        for holder, code in zip(holders, codes.values(), strict=True):
            await holder.phone.say(f"/start {code}")

    async def stop(self) -> None:
        """Stop all of it, the bot first."""
        await self._opened.aclose()

    def _settings(self) -> Settings:
        return Settings(  # type: ignore[call-arg]
            _env_file=None,
            telegram_token=SecretStr(TOKEN),
            telegram_api=self._server.root,
            data_dir=self._folder,
            secret_keys=SecretStr(new_secret_key()),
        )

    async def _county(self, settings: Settings) -> dict[str, str]:
        """Import the roster; the codes of the people who will hold the phones, by name."""
        roster = self._folder / "roster.xlsx"
        now = self._clock.now()
        write_county(roster, now.astimezone(self._zone).date(), language=self._language)
        store = await Store.open(settings.database, KeyRing(settings.keys))
        try:
            await bring_in(store, roster, policy=self._policy, now=now, new_id=random_id)
            return {
                person.name: await invite(store, person, child=child, policy=self._policy, now=now)
                for person, child in await self._people(store)
            }
        finally:
            await store.close()

    async def _people(self, store: Store) -> list[tuple[Person, str | None]]:
        child = await store.get(OPERATOR, Child, GUARDED)
        staff = [await store.person(code) for code in (WORKER, OFFICER)]
        assert child is not None
        carer = Person(
            id=f"g-{random_id()}",
            name=child.guardian_name,
            posts=(Post(role="guardian", area=child.village),),
            phone=child.guardian_phone,
            language=self._language,
        )
        await store.apply(Outcome(records=(carer,)))
        return [*((person, None) for person in staff if person is not None), (carer, child.id)]

    def _holders(self, codes: dict[str, str]) -> list[Holder]:
        roles = ("village_worker", "township_officer", "guardian")
        code = "en" if self._language == "en" else "zh-hans"
        return [
            Holder(
                phone=self._server.phone(FIRST_PHONE + n, first_name=name, language_code=code),
                name=name,
                role=role,
            )
            for n, (name, role) in enumerate(zip(codes, roles, strict=True))
        ]

    async def _serve(self, holders: list[Holder]) -> None:
        page = Page(
            holders,
            changes=self._server.world.changes,
            commands=_menu,
            clock=self._clock,
            zone=self._zone,
            move=self.move,
            words=load_words("page"),
            language=self._language,
        )
        runner = web.AppRunner(page.application(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._opened.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"

    async def move(self, how: str) -> None:
        """Let time pass: "hour", "day", "week", or to the next "morning".

        All that becomes due on the way is done in its turn, as it would have been.
        """
        target = self._target(how)
        while (due := await self.app.store.next_wake()) is not None and due < target:
            await self._move_to(min(max(due, self._clock.now()) + TOGETHER, target))
        await self._move_to(target)

    def _target(self, how: str) -> datetime:
        now = self._clock.now()
        if how == "morning":
            day = now.astimezone(self._zone).date() + timedelta(days=1)
            return datetime.combine(day, MORNING, self._zone)
        if how not in MOVES:
            raise ValueError(f"no such move: {how}")
        return now + MOVES[how]

    async def _move_to(self, moment: datetime) -> None:
        self.app.advance(max(moment - self._clock.now(), timedelta(0)))
        await self._settled()

    async def _settled(self) -> None:
        """Wait until the bot has dealt with what is due and has sent what it had to say."""
        end = asyncio.get_running_loop().time() + LONGEST_SETTLING
        while asyncio.get_running_loop().time() < end:
            said = self._said()
            await asyncio.sleep(QUIET)
            due = await self.app.store.next_wake()
            waits = due is not None and due <= self._clock.now()
            if said == self._said() and not waits and not self.app.channel.sender.under_way:
                return

    def _said(self) -> int:
        return sum(1 for call in self._server.journal if call.method != "getUpdates")


def _empty(folder: Path) -> None:
    """Begin with an empty folder. FileExistsError where it holds anything but an earlier playground."""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise FileExistsError(errno.EEXIST, "holds something that is not the playground's", str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()


def _morning_clock(zone: ZoneInfo) -> Clock:
    """A clock that says half past eight of today."""
    clock = Clock()
    now = clock.now()
    clock.offset = datetime.combine(now.astimezone(zone).date(), MORNING, zone) - now
    return clock


def _menu(language: str) -> list[tuple[str, str]]:
    said = menus(load_words("runtime"))
    listed = said.get(language) or said[""]
    return [(command["command"], command["description"]) for command in listed]


async def run(*, folder: Path, port: int, language: str, say: Callable[[str], None]) -> None:
    """Run the playground until SIGINT or SIGTERM. OSError where the port is taken."""
    playground = Playground(folder, port=port, language=language)
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    try:
        await playground.start()
        say(load_words("page").say(language, "page.ready", url=playground.url))
        await ending.wait()
    finally:
        await playground.stop()


def main(*, folder: Path, port: int = 8080, language: str = "zh_Hans") -> int:
    """What ``xiangban demo`` calls: 0 at the end, 1 where the port can't be had."""
    set_up(as_json=False)
    try:
        uvloop.run(run(folder=folder, port=port, language=language, say=print))
    except OSError as error:
        print(f"{error.filename or f'port {port}'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0
