"""The webhook listener: a 200 only after the update is committed, to nobody but who knows the secret."""

import hmac
import logging
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.logs import reason
from bot.settings import Listen
from bot.telegram.intake import Intake
from bot.telegram.translate import parse

LOG = logging.getLogger("bot.webhook")
HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST_BODY = 1024 * 1024
CONNECTIONS = 40  # Telegram's own default for max_connections


class Webhook:
    """Listens at ``listen`` on the path of ``url``."""

    def __init__(self, url: str, listen: Listen, secret: str, intake: Intake) -> None:
        self._path = urlsplit(url).path or "/"
        self._listen = listen
        self._secret = secret.encode()
        self._intake = intake
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin to listen."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post(self._path, self._post)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._listen.host, self._listen.port).start()

    async def stop(self) -> None:
        """Stop listening; requests under way are answered first."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _post(self, request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        try:
            update: Any = parse(await request.read())
        except web.HTTPRequestEntityTooLarge:
            raise
        except ValueError:
            # It came with the secret, so it is Telegram's; refusing would make it come again for a day.
            LOG.error("an update that is no JSON was dropped")
            return web.Response(status=200)
        try:
            await self._intake.take([update])
        except Exception as error:
            LOG.warning("not kept, so Telegram must send it again: %s", reason(error))
            return web.Response(status=503, headers={"Retry-After": "1"})
        return web.Response(status=200)
