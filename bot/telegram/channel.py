"""Telegram as a whole: intake by polling or webhook, lanes, sender, and what Telegram is told of the bot."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.clock import Clock
from bot.conversation import Conversation
from bot.logs import reason
from bot.settings import Settings
from bot.supervise import Beat, Supervisor, idle
from bot.telegram.api import Api, wait_of
from bot.telegram.commands import menus
from bot.telegram.deliver import Delivery
from bot.telegram.door import Door
from bot.telegram.flood import Flood
from bot.telegram.intake import LONGEST_PAUSE, Intake, Poller
from bot.telegram.lanes import FOR_STRANGERS, Lanes
from bot.telegram.limits import Limits
from bot.telegram.outbox import Sender
from bot.telegram.translate import ALLOWED
from bot.telegram.webhook import CONNECTIONS, Webhook
from casework.policy_access import FloodRules
from conversations.words import load_words
from storage.outbox import OutboxRow
from storage.store import Store

LOG = logging.getLogger("bot.telegram")
LANES_PATIENCE, SENDER_PATIENCE = 1.5, 1.5
STRANGERS_SHARE = 0.5  # of the messages that may leave: beside a crowd of them nobody waits for his answer
DAY = 86_400.0
RECENT = 45.0  # an idle poll takes 20 seconds


class Channel:
    """The parts, wired together."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        api: Api,
        conversation: Conversation,
        clock: Clock,
        *,
        limits: Limits | None,
        rules: FloodRules,
        wrong_token: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._api = api
        self._conversation = conversation
        self._clock = clock
        self._door = Door(store, api, conversation.respond, clock, conversation.sorry)
        self._menus = menus(load_words("runtime"))
        pace = limits or Limits()
        self._flood = Flood(rules, pace.chat_per_second, conversation.flooded)
        rest = FOR_STRANGERS / (STRANGERS_SHARE * pace.per_second)
        self.lanes = Lanes(store, self._door.handle, self._door.parked, self._flood, rest=rest)
        self.intake = Intake(store, clock, self.lanes.take, self.lanes.room, self._flood.refuse)
        self.poller = Poller(api, self.intake, clock, returned=conversation.returned, wrong_token=wrong_token)
        delivery = Delivery(
            api, conversation.word, conversation.together, conversation.mark, conversation.media
        )
        self.sender = Sender(
            store, delivery, self._undelivered, self._delivered, clock, pace, at_work=conversation.at_work
        )
        self.webhook: Webhook | None = None

    async def prepare(self) -> None:
        """Before the loops start: take over what a dead process was sending, listen for the webhook."""
        await self.sender.take_over()
        if self._settings.webhook_url is not None:
            secret = self._settings.webhook_secret
            self.webhook = Webhook(
                self._settings.webhook_url, self._settings.webhook_listen,
                secret.get_secret_value() if secret else "", self.intake,
            )  # fmt: skip
            await self.webhook.start()

    def loops(self) -> dict[str, Callable[[Beat], Awaitable[None]]]:
        """The loops to be supervised, by name."""
        intake = self._keep_webhook if self._settings.webhook_url else self._poll
        return {"intake": intake, "lanes": self.lanes.run, "outbox": self.sender.run, "greeting": self._greet}

    async def finish(self, supervisor: Supervisor) -> None:
        """End in the order of the flow: turns under way, then messages on their way."""
        await self.intake.stop()
        await self.lanes.stop(LANES_PATIENCE)
        await self._door.stop()
        await self._flood.stop()
        await self.sender.stop(SENDER_PATIENCE)
        await supervisor.stop("lanes", "outbox")

    @property
    def counts(self) -> Mapping[str, int]:
        """What came in and what became of it, since the start."""
        return {
            "updates_received": self.intake.received,
            "updates_repeated": self.intake.repeated,
            "updates_handled": self.lanes.handled,
            "updates_parked": self.lanes.given_up,
            "updates_refused": self._flood.refused,
            "chats_slowed": self._flood.slowed,
        }

    @property
    def silence(self) -> float:
        """Seconds since Telegram last answered a poll beyond what an idle poll takes; 0 with a webhook."""
        return 0.0 if self.webhook else max(0.0, self.poller.silence - RECENT)

    @property
    def hears(self) -> bool:
        """Whether what people send comes in at present, as far as can be known."""
        return self.webhook is not None or (self.poller.heard and self.poller.silence < RECENT)

    async def _undelivered(self, row: OutboxRow, why: str) -> None:
        await self._conversation.undelivered(row.notice, why, self._clock.now())

    async def _delivered(self, row: OutboxRow) -> None:
        await self._conversation.delivered(row.notice, self._clock.now())

    async def _poll(self, beat: Beat) -> None:
        await self._insist(beat, "deleteWebhook", {"drop_pending_updates": False})
        await self.poller.run(beat)

    async def _keep_webhook(self, beat: Beat) -> None:
        secret = self._settings.webhook_secret
        parameters: dict[str, object] = {
            "url": self._settings.webhook_url,
            "secret_token": secret.get_secret_value() if secret else "",
            "allowed_updates": list(ALLOWED),
            "max_connections": CONNECTIONS,
        }
        await self._insist(beat, "setWebhook", parameters)
        await idle(beat)

    async def _greet(self, beat: Beat) -> None:
        """Tell Telegram the commands, in both languages; what fails is tried again."""
        for language, commands in self._menus.items():
            parameters: dict[str, object] = {"commands": commands}
            if language:
                parameters["language_code"] = language
            await self._insist(beat, "setMyCommands", parameters)
        await idle(beat)

    async def _insist(self, beat: Beat, method: str, parameters: dict[str, object]) -> None:
        pause = 0.5
        while True:
            try:
                await beat.during(self._api.call(method, parameters))
                return
            except InvalidToken:
                return  # the poller or the sender says so
            except RetryAfter as error:
                pause = wait_of(error).total_seconds()
            except TelegramError as error:
                LOG.warning("%s failed, again in %.1f s: %s", method, pause, reason(error))
            await beat.during(asyncio.sleep(pause), limit=DAY)
            pause = min(pause * 2, LONGEST_PAUSE)
