"""The stand-in Bot API server: real HTTP, Telegram's rules, and faults on demand. Run it alone with -m."""

import argparse
import asyncio
import signal
import socket
import struct
import time
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
import uvloop
from aiohttp import web
from multidict import CIMultiDict

from playground.account import ACCOUNT, Intake
from playground.control import add_control
from playground.editing import EDITING
from playground.faults import Fault, Faults
from playground.flood import Flood
from playground.groups import Group
from playground.journal import GONE, Journal
from playground.people import Phone
from playground.refusal import NOT_FOUND, UNAUTHORIZED, Refusal
from playground.sending import SENDING, Method
from playground.webhook import Webhook
from playground.wire import Args, read_args
from playground.world import World

JSON = CIMultiDict({"Content-Type": "application/json"})
BODY_LIMIT = 64 * 1024 * 1024
METHODS: dict[str, Method] = {**SENDING, **EDITING, **ACCOUNT}
Extension = Callable[[web.Application], None]


class StandIn:
    """A Bot API server for one bot. `control` opens the /sim/ API on the same port. What it knows outlives
    stop, so a start on the same port is an outage that has ended."""

    def __init__(
        self,
        *,
        token: str,
        username: str = "xiangban_demo_bot",
        control: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.world = World(token, username, clock)
        self.faults = Faults()
        self.flood: Flood | None = None  # set one, and sending too fast is refused
        self.journal = Journal()
        self.webhook = Webhook(self.world.updates, clock, self._run_quietly, self.faults.wait_thawed)
        self.phones: dict[int, Phone] = {}
        self.extensions: list[Extension] = []  # may add routes to the application before each start
        self.root = ""  # as http://127.0.0.1:8081, while started
        self._control = control
        self._runner: web.AppRunner | None = None
        intake = Intake(self.world, self.webhook)
        self._intake: dict[str, Callable[[Args], Coroutine[Any, Any, Any]]] = {
            "getupdates": intake.get_updates,
            "setwebhook": intake.set_webhook,
            "deletewebhook": intake.delete_webhook,
            "getwebhookinfo": intake.get_webhook_info,
        }

    # Starting and people

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens and returns the root URL; port 0 takes a free one."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        if self._control:
            add_control(app, self)
        for extend in self.extensions:
            extend(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0]
        self.root = f"http://{host}:{bound[1]}"
        return self.root

    async def stop(self) -> None:
        """Closes the port and every connection."""
        await self.webhook.remove()
        self.faults.release()
        self.faults.thaw()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def phone(
        self, user_id: int, *, first_name: str = "", language_code: str = "zh-hans", started: bool = True
    ) -> Phone:
        """The phone of this person, made when it isn't there yet. `started` False: never opened the chat."""
        if user_id not in self.phones:
            self.phones[user_id] = Phone(
                self.world, user_id, first_name=first_name, language_code=language_code, started=started
            )
        return self.phones[user_id]

    def group(self, chat_id: int, title: str) -> Group:
        """A new group (negative id), which the bot is not in yet."""
        return Group(self.world, chat_id, title)

    # Calls

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        started = (time.monotonic(), self.world.clock())
        try:
            if request.match_info["token"] != self.world.token:
                raise Refusal(401, UNAUTHORIZED)
            args = await read_args(request)
        except Refusal as refusal:
            code, words = refusal.code, refusal.description
            self.journal.add(method, {}, started, status=code, executed=False, answer=words)
            return _json(code, orjson.dumps(refusal.body()))
        if self.faults.frozen:
            await self.faults.wait_thawed()
        fault = self.faults.pick(method, args) if self.faults.planned else None
        if fault is not None:
            return await self._play(fault, request, method, args, started)
        status, answer, body = await self._run(method, args)
        if self.faults.frozen:  # since the call came: a long poll
            await self.faults.wait_thawed()
        transport = request.transport
        told = status if transport is not None and not transport.is_closing() else GONE
        self.journal.add(method, args.fields, started, status=told, executed=status == 200, answer=answer)
        return _json(status, body)

    async def _run(self, method: str, args: Args) -> tuple[int, Any, bytes]:
        """Executes a call: status, what the journal keeps of the answer, and the body."""
        name = method.lower()
        try:
            if self.flood is not None:
                self.flood.admit(name, args)
            known = METHODS.get(name)
            if known is not None:
                result = known(self.world, args)
            else:
                result = await self._take_in(name, args)
        except Refusal as refusal:
            return refusal.code, refusal.description, orjson.dumps(refusal.body())
        if name == "getupdates":
            parts = [orjson.Fragment(pending.body) for pending in result]
            return 200, [pending.id for pending in result], orjson.dumps({"ok": True, "result": parts})
        return 200, _kept(result), orjson.dumps({"ok": True, "result": result})

    async def _take_in(self, name: str, args: Args) -> Any:
        method = self._intake.get(name)
        if method is None:
            raise Refusal(404, NOT_FOUND)
        return await method(args)

    async def _run_quietly(self, method: str, fields: dict[str, Any]) -> None:
        """Executes a call that came in the response of a webhook."""
        started = (time.monotonic(), self.world.clock())
        status, answer, _ = await self._run(method, Args(fields))
        self.journal.add(method, fields, started, status=status, executed=status == 200, answer=answer)

    async def _play(
        self, fault: Fault, request: web.Request, method: str, args: Args, started: tuple[float, float]
    ) -> web.StreamResponse:
        """A call that a fault has hit."""
        if fault.kind != "slow":
            await asyncio.sleep(fault.delay)
        status, answer, body = 0, None, b""
        executed = False
        if fault.takes_effect:
            status, answer, body = await self._run(method, args)
            executed = status == 200
        told = {"refuse": fault.code, "html": fault.code, "wrong_json": 200}.get(fault.kind, status)
        if fault.kind == "refuse" and fault.retry_after is not None and fault.description is None:
            told = 429
        if fault.kind == "refuse":
            answer = fault.refusal().description
        if fault.kind in ("drop_before", "drop_after", "half_open"):
            told = GONE
        self.journal.add(
            method, args.fields, started, status=told, executed=executed, answer=answer, fault=fault.kind
        )
        return await self._respond_badly(fault, request, status, body)

    async def _respond_badly(
        self, fault: Fault, request: web.Request, status: int, body: bytes
    ) -> web.StreamResponse:
        match fault.kind:
            case "refuse":
                refusal = fault.refusal()
                return _json(refusal.code, orjson.dumps(refusal.body()))
            case "html":
                page = f"<html><body><h1>{fault.code} Bad Gateway</h1><hr>nginx</body></html>"
                return web.Response(status=fault.code, text=page, content_type="text/html")
            case "wrong_json":
                return _json(200, (body or b'{"ok":true,"result":{"message_id":1,')[:-2])
            case "slow":
                return await _trickle(request, status, body, fault.delay)
            case "delay":
                return _json(status, body)
            case "half_open":
                await self.faults.hang()
        _reset(request)
        return web.Response(status=500)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.world.token:
            return _json(404, orjson.dumps(Refusal(404, NOT_FOUND).body()))
        path = request.match_info["path"]
        args, started = Args({"path": path}), (time.monotonic(), self.world.clock())
        if self.faults.frozen:
            await self.faults.wait_thawed()
        fault = self.faults.pick("file", args) if self.faults.planned else None
        try:
            stored = self.world.files.by_path(path)
        except Refusal as refusal:
            return _json(refusal.code, orjson.dumps(refusal.body()))
        self.journal.add(
            "file", args.fields, started, status=200, executed=True, fault=fault.kind if fault else None
        )
        if fault is not None:
            await asyncio.sleep(fault.delay if fault.kind != "slow" else 0)
            return await self._respond_badly(fault, request, 200, stored.content)
        return web.Response(body=stored.content, content_type=stored.mime)


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, headers=JSON)


def _reset(request: web.Request) -> None:
    """Cut the connection as a router that has forgotten it does: by RST, not by a goodbye."""
    if request.transport is None:
        return
    connection = request.transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


async def _trickle(request: web.Request, status: int, body: bytes, pause: float) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    for at in range(len(body)):
        await response.write(body[at : at + 1])
        await asyncio.sleep(pause)
    return response


def _kept(result: Any) -> Any:
    """What the journal keeps of a result: the message id, or those of an album."""
    if isinstance(result, dict):
        return result.get("message_id")
    if isinstance(result, list) and result and isinstance(result[0], dict):
        return [one.get("message_id") for one in result]
    return result


async def _serve(host: str, port: int, token: str, username: str) -> None:
    server = StandIn(token=token, username=username)
    print(await server.start(host, port), flush=True)
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, done.set)
    await done.wait()
    await server.stop()


def main() -> None:
    """Runs a stand-in with its control API until it is told to stop; its first line is the root URL."""
    parser = argparse.ArgumentParser(prog="python -m playground.server", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="123456:stand-in")
    parser.add_argument("--username", default="xiangban_demo_bot")
    args = parser.parse_args()
    uvloop.run(_serve(args.host, args.port, args.token, args.username))


if __name__ == "__main__":
    main()
