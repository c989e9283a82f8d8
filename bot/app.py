"""The whole running bot: database, conversations, channel, clock, supervision; started, stopped in order."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from telegram.error import InvalidToken, TelegramError

from bot import beats
from bot.auditor import Auditor
from bot.beats import Beats
from bot.clock import AT_ONCE, Clock, Ticker
from bot.conversation import Conversation, Make
from bot.health import Health, State
from bot.logs import reason
from bot.settings import Settings, SettingsError
from bot.supervise import LoopDied, Supervisor, watchdog
from bot.telegram.api import Api
from bot.telegram.channel import Channel
from bot.telegram.intake import OUTAGE
from bot.telegram.limits import Limits
from casework.policy import Policy, PolicyError, load_policy
from storage.keys import KeyRing
from storage.store import Store, Unavailable

if TYPE_CHECKING:
    from bot.documents.press import DocumentPress
    from bot.reload import Forms
    from conversations.desk import Desk

LOG = logging.getLogger("bot.app")
HEARD = "heard"  # the beat that says: what people sent up to here has come in
DATABASE_PAUSE = 1.0
GREETING_PAUSE = 3.0
USERNAME = "bot_username"  # the note under which `xiangban invite` finds it


class App:
    """One bot. ``make`` builds the conversations (by default the real ones); ``limits`` paces the sending."""

    store: Store
    desk: "Desk"  # only with the real conversations
    press: "DocumentPress"  # the same
    channel: Channel
    conversation: Conversation
    auditor: Auditor
    _beats: Beats

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        make: Make | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.settings = settings.for_run()
        self.clock = clock or Clock()
        self.supervisor = Supervisor()
        self.username = ""
        self._make = make
        self._limits = limits
        self.health: Health | None = None
        self._opened = contextlib.AsyncExitStack()
        self._ticker: Ticker | None = None
        self._ending = asyncio.Event()
        self.forms: Forms | None = None
        self._fault: Exception | None = None

    async def start(self) -> None:
        """Start everything. SettingsError: a token unknown to Telegram. AlreadyRunning: a second instance."""
        try:
            await self._start()
        except BaseException:
            await self._opened.aclose()
            raise

    async def _start(self) -> None:
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        policy = _policy(self.settings)
        self.store = await self._open_store(policy)
        self._opened.push_async_callback(self.store.close)
        await self.store.lock()
        await self.store.note_ring()
        api = Api(self.settings.token, self.settings.telegram_api)
        await api.open()
        self._opened.push_async_callback(api.close)
        self.username = await self._introduce(api)
        self.conversation = await self._converse(policy)
        self.channel = Channel(
            self.settings, self.store, api, self.conversation, self.clock,
            limits=self._limits, rules=policy.flood, wrong_token=self._wrong_token,
        )  # fmt: skip
        await self._after_a_restore()
        await self._after_an_outage()
        await self._start_loops(policy)
        await self._start_health()
        LOG.info("@%s is at work (%s)", self.username, "webhook" if self.settings.webhook_url else "polling")

    async def _open_store(self, policy: Policy) -> Store:
        """The store, however long the database is away: it may be started after us."""
        told = False
        while True:
            try:
                keys = KeyRing(self.settings.keys)
                return await Store.open(self.settings.database, keys, zone=policy.timezone)
            except Unavailable as error:
                if not told:
                    LOG.warning("the database can't be reached yet, waiting for it: %s", error)
                told = True
            await asyncio.sleep(DATABASE_PAUSE)

    async def _converse(self, policy: Policy) -> Conversation:
        if self._make is not None:
            return await self._make(self.store, self.clock, self.username)
        from bot.desk import (  # reads catalogues and forms, which others don't need
            arm,
            conversation_of,
            open_desk,
            open_documents,
            open_forms,
        )

        self.forms = await open_forms(self.settings, policy)
        self.press = await open_documents(self.settings)
        self.desk = open_desk(self.forms, self.press, policy, self.store, self.clock, self.username)
        await arm(self.desk, self.clock.now())
        return conversation_of(self.desk)

    async def _introduce(self, api: Api) -> str:
        """The bot's user name: Telegram's word, or while it can't be reached, what it said the last time."""
        while True:
            try:
                name = str((await api.call("getMe", {}))["username"])
                await self.store.note(USERNAME, name)
                return name
            except InvalidToken:
                raise SettingsError(["XIANGBAN_TELEGRAM_TOKEN: Telegram does not know this token"]) from None
            except TelegramError as error:
                LOG.warning("Telegram can't be reached yet: %s", reason(error))
            known = await self.store.noted(USERNAME)
            if known:
                return known
            await asyncio.sleep(GREETING_PAUSE)

    async def _start_loops(self, policy: Policy) -> None:
        await self.channel.prepare()
        ticker = self._ticker = Ticker(self.conversation.wake, self.clock, working=self.conversation.working)
        self.store.on_commit(self.channel.sender.poke)
        self.store.hand_to(self.channel.sender)
        home = self.settings.data_dir
        self._beats = Beats(self.store, self.clock, home, alive=self._living, lost=self._end)
        self.supervisor.start("clock", ticker.run)
        self.supervisor.start("beats", self._beats.run)
        if self.forms is not None and self.settings.forms_dir is not None:
            self.supervisor.start("forms", self.forms.watch)
        for name, body in self.channel.loops().items():
            self.supervisor.start(name, body)
        ages = self.supervisor.ages
        self.auditor = Auditor(
            self.store, self.clock.now, policy, ages=ages, expected=tuple(ages()),
            trail_holds=lambda: self._beats.trail_holds,
        )  # fmt: skip
        self.supervisor.start("auditor", self.auditor.run)

    async def _start_health(self) -> None:
        if self.settings.health_listen is None:
            return
        health = Health(self.settings.health_listen, self.state, self.store.lengths)
        await health.start()
        self._opened.push_async_callback(health.stop)
        self.health = health

    async def stop(self) -> None:
        """Stop within five seconds. What came is in the inbox, what must go in the outbox: none is lost."""
        if self.channel.webhook is not None:
            await self.channel.webhook.stop()
        await self.supervisor.stop("auditor", "intake", "clock", "beats")
        await self.channel.finish(self.supervisor)
        with contextlib.suppress(Unavailable):
            await self._beats.keep_head()
        await self.supervisor.stop()
        await self._opened.aclose()
        LOG.info("stopped")

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT (0), or a loop can't be kept alive (1). Raises what `start` raises."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ending.set)
        with watchdog(loop):
            starting = asyncio.create_task(self.start())
            ending = asyncio.create_task(self._ending.wait())
            await asyncio.wait((starting, ending), return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                await asyncio.gather(starting, return_exceptions=True)
                return 0
            await starting
            _tune()
            return await self._until_the_end(ending)

    async def _until_the_end(self, ending: "asyncio.Task[bool]") -> int:
        watching = asyncio.create_task(self.supervisor.wait())
        await asyncio.wait((ending, watching), return_when=asyncio.FIRST_COMPLETED)
        failed = watching.done() and isinstance(watching.exception(), LoopDied)
        if failed:
            LOG.critical("giving up, to be started anew: %s", watching.exception())
        for task in (watching, ending):
            task.cancel()
        try:
            async with asyncio.timeout(4.5):
                await self.stop()
        except TimeoutError:
            LOG.error("stopping took too long; the rest is taken up at the next start")
        if self._fault is not None:
            raise self._fault
        return 1 if failed else 0

    def advance(self, by: timedelta) -> None:
        """Move the clock on (the playground), and see at once what became due."""
        self.clock.advance(by)
        if self._ticker is not None:
            self._ticker.poke()
        self.channel.sender.poke()

    def state(self) -> State:
        """How things stand, for the health listener; asks nothing of the database."""
        channel, sender, lanes = self.channel, self.channel.sender, self.channel.lanes
        return State(
            alive=self.supervisor.alive,
            loops=self.supervisor.ages(),
            queues={"handling": lanes.waiting, "sending": sender.under_way},
            oldest={"handling": lanes.oldest, "polling": channel.silence, "sending": sender.trouble},
            notes=(*self.forms.faults, *self.press.faults) if self.forms is not None else (),
            findings=self.auditor.faults,
            found=self.auditor.counts,
            counters={
                **channel.counts,
                "forms_taken_over": self.forms.taken if self.forms is not None else 0,
                "audits": self.auditor.audits,
                "loop_restarts": self.supervisor.restarts,
                "woken": self._ticker.woken if self._ticker else 0,
                **{f"messages_{name}": count for name, count in sender.counts.items()},
            },
        )

    def _living(self) -> list[str]:
        alive = [name for name, age in self.supervisor.ages().items() if age < 2 * beats.EVERY]
        return [*alive, HEARD] if self.channel.hears else alive

    async def _after_a_restore(self) -> None:
        """What fell due since the backup was taken may have been told already: it is told, and says so."""
        if not await self.store.is_restored():
            return
        with self.conversation.working():
            while await self.conversation.wake(self.clock.now(), AT_ONCE):
                pass
        await self.store.caught_up()

    async def _after_an_outage(self) -> None:
        """Taps made while nobody listened are lost at Telegram after 150 seconds: people must tap again."""
        last: datetime | None = (await self.store.beats()).get(HEARD)
        now = self.clock.now()
        if last is not None and now - last > OUTAGE:
            LOG.warning("back after an outage of %s", now - last)
            await self.conversation.returned(last, now)

    def _wrong_token(self) -> None:
        self._end(SettingsError(["XIANGBAN_TELEGRAM_TOKEN: Telegram no longer takes this token"]))

    def _end(self, fault: Exception) -> None:
        self._fault = fault
        self._ending.set()


def _tune() -> None:
    """What was read at the start stays: it need not be searched for garbage again and again.

    And a thread that comes back from the disk gets the interpreter's lock sooner than after 5 milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
    sys.setswitchinterval(0.001)


def _policy(settings: Settings) -> Policy:
    try:
        return load_policy(settings.config)
    except PolicyError as error:
        raise SettingsError(str(error).splitlines()) from None
