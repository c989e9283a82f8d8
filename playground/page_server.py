"""The page with the three phones: shows the chats, passes on taps and words, moves the clock."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import orjson
from aiohttp import web

from conversations.dates import say_day
from conversations.words import LANGUAGES, Words
from playground.people import BotBlocked, Phone
from playground.signals import Signal

FOLDER = Path(__file__).parent / "page"
KEEP_ALIVE = 10.0
SHOWN = 60  # messages of a chat that are drawn
Move = Callable[[str], Awaitable[None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose phone it is."""

    phone: Phone
    name: str
    role: str


@web.middleware
async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keeps other sites' pages from steering the playground."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="only the playground's own page may do this")
    try:
        return await handler(request)
    except (BotBlocked, LookupError, ValueError) as error:
        raise web.HTTPBadRequest(text=str(error)) from None


class Page:
    """The page's server. ``ready`` is called to see whether the bot has said hello to everybody."""

    def __init__(
        self,
        holders: Sequence[Holder],
        *,
        changes: Signal,
        commands: Callable[[str], list[tuple[str, str]]],
        clock: Callable[[], datetime],
        zone: ZoneInfo,
        move: Move,
        words: Words,
        language: str,
    ) -> None:
        self._holders = {holder.phone.user_id: holder for holder in holders}
        self._changes = changes
        self._commands = commands
        self._clock = clock
        self._zone = zone
        self._move = move
        self._moving = asyncio.Lock()
        self._words = words
        self._language = language

    def application(self) -> web.Application:
        """The routes, to be served on loopback."""
        app = web.Application(middlewares=[own_page_only])
        app.add_routes(
            [
                web.get("/", self.root),
                web.static("/page", FOLDER),
                web.get("/start", self.start),
                web.get("/events", self.events),
                web.post("/say", self.say),
                web.post("/tap", self.tap),
                web.post("/clock", self.move),
            ]
        )
        return app

    async def root(self, request: web.Request) -> web.StreamResponse:
        """The page, once the bot has said hello on all the phones; until then 503 and a word of patience."""
        if all(any(m.from_bot for m in holder.phone.messages) for holder in self._holders.values()):
            return web.FileResponse(FOLDER / "index.html")
        waiting = self._words.say(self._reads(request), "page.starting")
        return web.Response(status=503, text=waiting, headers={"Retry-After": "1", "Refresh": "1"})

    async def start(self, request: web.Request) -> web.Response:
        """Whose phones they are, and the page's own words."""
        language = self._reads(request)
        people = [{"id": user_id, "name": h.name, "role": h.role} for user_id, h in self._holders.items()]
        words = {key: self._words.say(language, key) for key in self._words.catalogues[language]}
        return _json({"language": language, "people": people, "words": words})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the whole view, whenever anything changes and at least every ten seconds."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        language = self._reads(request)
        popups = {user_id: len(h.phone.popups) for user_id, h in self._holders.items()}
        while True:
            version = self._changes.version
            view = orjson.dumps(self._view(language, popups)).decode()
            try:
                await response.write(f"data: {view}\n\n".encode())
            except ConnectionError:
                return response
            await self._changes.wait(version, KEEP_ALIVE)

    async def say(self, request: web.Request) -> web.Response:
        """Somebody typed something."""
        body = await request.json()
        await self._phone(body).say(str(body["text"]))
        return _json({})

    async def tap(self, request: web.Request) -> web.Response:
        """Somebody tapped a button."""
        body = await request.json()
        await self._phone(body).tap_data(int(body["message"]), str(body["data"]))
        return _json({})

    async def move(self, request: web.Request) -> web.Response:
        """Time passes; answers when everything that became due was done."""
        body = await request.json()
        async with self._moving:
            await self._move(str(body["move"]))
        self._changes.fire()
        return _json({"now": self._clock().isoformat()})

    def _phone(self, body: dict[str, Any]) -> Phone:
        holder = self._holders.get(int(body["phone"]))
        if holder is None:
            raise ValueError("no such phone")
        return holder.phone

    def _reads(self, request: web.Request) -> str:
        wanted = request.query.get("lang", self._language)
        return wanted if wanted in LANGUAGES else self._language

    def _view(self, language: str, popups: dict[int, int]) -> dict[str, Any]:
        phones = {}
        for user_id, holder in self._holders.items():
            new = holder.phone.popups[popups[user_id] :]
            popups[user_id] += len(new)
            phones[str(user_id)] = {
                "messages": [self._message(m) for m in holder.phone.messages[-SHOWN:]],
                "popups": [{"text": p.text, "alarm": p.alert} for p in new if p.text],
                "commands": self._commands(language),
            }
        return {"now": self._moment(self._clock(), language), "phones": phones}

    def _message(self, message: Any) -> dict[str, Any]:
        at = datetime.fromtimestamp(message.date, UTC).astimezone(self._zone)
        bold = [(e["offset"], e["length"]) for e in message.entities if e["type"] == "bold"]
        return {
            "id": message.id,
            "from_bot": message.from_bot,
            "text": message.text,
            "at": f"{at:%H:%M}",
            "bold": bold,
            "buttons": [[{"text": b.text, "data": b.data} for b in row] for row in message.buttons],
        }

    def _moment(self, moment: datetime, language: str) -> str:
        local = moment.astimezone(self._zone)
        return f"{say_day(local.date(), language)} {local:%H:%M}"


def _json(value: Any) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
