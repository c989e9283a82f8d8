"""The control API under /sim/: phones, faults, journal and updates, for the page and for other processes."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from playground.faults import Fault
from playground.flood import Flood
from playground.people import BotBlocked, Phone
from playground.refusal import Refusal

if TYPE_CHECKING:
    from playground.server import StandIn

LONGEST_WAIT = 50.0
KEEP_ALIVE = 15.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")


def guarded(handler: Handler) -> Handler:
    """Keeps other sites' pages out, and turns a wrong call into a line of JSON that says what is wrong. No
    middleware, since the bot's calls should not pay for it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return _answer({"error": "this page may not steer the playground"}, 403)
        try:
            return await handler(request)
        except BotBlocked as error:
            return _answer({"error": str(error)}, 409)
        except LookupError as error:
            return _answer({"error": str(error.args[0] if error.args else error)}, 404)
        except (ValueError, TypeError) as error:
            return _answer({"error": str(error)}, 400)
        except Refusal as error:
            return _answer({"error": error.description}, error.code)

    return answer


def add_control(app: web.Application, server: "StandIn") -> None:
    """Mounts the control API on the application."""
    control = Control(server)
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "people", control.people),
        ("POST", "people", control.add_person),
        ("GET", "people/{user_id}", control.phone),
        ("POST", "people/{user_id}/{act}", control.act),
        ("GET", "events", control.events),
        ("GET", "files/{file_id}", control.file),
        ("GET", "faults", control.faults),
        ("POST", "faults", control.add_fault),
        ("DELETE", "faults", control.clear_faults),
        ("POST", "freeze", control.freeze),
        ("POST", "thaw", control.thaw),
        ("POST", "flood", control.flood),
        ("DELETE", "flood", control.no_flood),
        ("GET", "journal", control.journal),
        ("GET", "updates", control.updates),
        ("POST", "updates", control.inject),
        ("POST", "updates/restart", control.restart_numbers),
    ]
    for verb, path, handler in routes:
        app.router.add_route(verb, f"/sim/{path}", guarded(handler))


async def _body(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    value = orjson.loads(raw) if raw else {}
    if not isinstance(value, dict):
        raise ValueError("a JSON object is expected")
    return value


def _need(body: dict[str, Any], name: str) -> Any:
    if name not in body:
        raise ValueError(f"{name} is missing")
    return body[name]


class Control:
    """The handlers of the control API; all bodies are JSON objects unless said otherwise."""

    def __init__(self, server: "StandIn") -> None:
        self._server = server

    def _phone(self, request: web.Request) -> Phone:
        phone = self._server.phones.get(int(request.match_info["user_id"]))
        if phone is None:
            raise LookupError(f"no person {request.match_info['user_id']}")
        return phone

    async def people(self, request: web.Request) -> web.Response:
        """GET /sim/people: everybody, with the version of their view."""
        return _answer([_person(phone) for phone in self._server.phones.values()])

    async def add_person(self, request: web.Request) -> web.Response:
        """POST /sim/people {user_id, first_name?, language_code?, started?}; who is there is given back."""
        body = await _body(request)
        phone = self._server.phone(
            int(_need(body, "user_id")),
            first_name=str(body.get("first_name", "")),
            language_code=str(body.get("language_code", "zh-hans")),
            started=bool(body.get("started", True)),
        )
        return _answer(_person(phone))

    async def phone(self, request: web.Request) -> web.Response:
        """GET /sim/people/ID?since=VERSION&wait=SECONDS: the chat, as soon as it is newer than since."""
        phone = self._phone(request)
        wait = min(float(request.query.get("wait", 0)), LONGEST_WAIT)
        if wait > 0:
            await phone.signal.wait(int(request.query.get("since", phone.signal.version)), wait)
        messages = [asdict(message) for message in phone.messages]
        popups = [asdict(popup) for popup in phone.popups]
        screen = {
            "messages": messages,
            "popups": popups,
            "keyboard": phone.keyboard,
            "activity": phone.activity,
        }
        return _answer(_person(phone) | screen | {"opened": phone.opened})

    async def act(self, request: web.Request) -> web.Response:
        """POST /sim/people/ID/ACT: say {text}, tap {label | data, message_id?}, edit {message_id, text},
        location {latitude, longitude}, contact {phone_number}, block, unblock, deactivate, upload (see
        below)."""
        phone, name = self._phone(request), request.match_info["act"]
        if name == "upload":
            return _answer({"message_id": await _upload(phone, request)})
        body = await _body(request)
        match name:
            case "say":
                return _answer({"message_id": await phone.say(str(_need(body, "text")))})
            case "tap":
                return _answer({"callback_query_id": await _tap(phone, body)})
            case "edit":
                await phone.edit(int(_need(body, "message_id")), str(_need(body, "text")))
            case "location":
                place = float(_need(body, "latitude")), float(_need(body, "longitude"))
                return _answer({"message_id": await phone.send_location(*place)})
            case "contact":
                return _answer({"message_id": await phone.send_contact(str(_need(body, "phone_number")))})
            case "block" | "unblock" | "deactivate":
                await getattr(phone, name)()
            case _:
                raise LookupError(f"a phone can't {name}")
        return _answer({"ok": True})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET /sim/events: server-sent events, each {user id: version} of the views that have changed."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        await response.prepare(request)
        changes, told = self._server.world.changes, dict[str, int]()
        while True:
            version = changes.version
            now = {str(phone.user_id): phone.signal.version for phone in self._server.phones.values()}
            fresh = {user_id: seen for user_id, seen in now.items() if told.get(user_id) != seen}
            told = now
            try:
                await response.write(b"data: " + orjson.dumps(fresh) + b"\n\n" if fresh else b": alive\n\n")
            except ConnectionError:
                return response
            await changes.wait(version, KEEP_ALIVE)

    async def file(self, request: web.Request) -> web.Response:
        """GET /sim/files/FILE_ID: the content, for showing it in a page."""
        stored = self._server.world.files.by_id(request.match_info["file_id"])
        headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=stored.content, content_type=stored.mime, headers=headers)

    async def faults(self, request: web.Request) -> web.Response:
        """GET /sim/faults: the schedule with the hits so far."""
        planned = [asdict(fault) for fault in self._server.faults.planned]
        return _answer({"planned": planned, "frozen": self._server.faults.frozen})

    async def add_fault(self, request: web.Request) -> web.Response:
        """POST /sim/faults: the fields of Fault."""
        fault = Fault(**await _body(request))
        self._server.faults.planned.append(fault)
        return _answer(asdict(fault))

    async def clear_faults(self, request: web.Request) -> web.Response:
        """DELETE /sim/faults: everything works again."""
        self._server.faults.clear()
        return _answer({"ok": True})

    async def freeze(self, request: web.Request) -> web.Response:
        """POST /sim/freeze {seconds?}."""
        seconds = (await _body(request)).get("seconds")
        self._server.faults.freeze(None if seconds is None else float(seconds))
        return _answer({"ok": True})

    async def thaw(self, request: web.Request) -> web.Response:
        """POST /sim/thaw."""
        self._server.faults.thaw()
        return _answer({"ok": True})

    async def flood(self, request: web.Request) -> web.Response:
        """POST /sim/flood: Telegram's pace from now on; the figures are those of Flood."""
        figures = {name: float(value) for name, value in (await _body(request)).items()}
        self._server.flood = Flood(**figures)  # type: ignore[arg-type]
        return _answer({"ok": True})

    async def no_flood(self, request: web.Request) -> web.Response:
        """DELETE /sim/flood: as fast as it likes."""
        self._server.flood = None
        return _answer({"ok": True})

    async def journal(self, request: web.Request) -> web.Response:
        """GET /sim/journal?since=N&limit=M: the calls from number N on."""
        limit = request.query.get("limit")
        calls = self._server.journal.since(
            int(request.query.get("since", 0)), None if limit is None else int(limit)
        )
        return _answer({"next": len(self._server.journal), "calls": [call._asdict() for call in calls]})

    async def updates(self, request: web.Request) -> web.Response:
        """GET /sim/updates: how many wait, and the next number."""
        queue = self._server.world.updates
        return _answer({"pending": len(queue), "next_id": queue.next_id})

    async def inject(self, request: web.Request) -> web.Response:
        """POST /sim/updates: any object, queued as an update just as it is."""
        return _answer({"update_id": self._server.world.updates.inject(await _body(request))})

    async def restart_numbers(self, request: web.Request) -> web.Response:
        """POST /sim/updates/restart {update_id}: numbering goes on from there."""
        self._server.world.updates.restart_numbers(int(_need(await _body(request), "update_id")))
        return _answer({"ok": True})


def _person(phone: Phone) -> dict[str, Any]:
    return {
        "user_id": phone.user_id,
        "first_name": phone.first_name,
        "language_code": phone.language_code,
        "state": phone.chat.state,
        "version": phone.signal.version,
    }


async def _tap(phone: Phone, body: dict[str, Any]) -> str:
    message_id = body.get("message_id")
    if "data" in body:
        return await phone.tap_data(int(_need(body, "message_id")), str(body["data"]))
    return await phone.tap(
        str(_need(body, "label")), message_id=None if message_id is None else int(message_id)
    )


async def _upload(phone: Phone, request: web.Request) -> int:
    """Multipart with the fields kind (photo, voice, document), file, caption?, duration?; or JSON with
    kind, name and the content in base64."""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        part = form.get("file")
        if not isinstance(part, web.FileField):
            raise ValueError("file is missing")
        content, name, mime = part.file.read(), part.filename, part.content_type
        fields: dict[str, Any] = {key: value for key, value in form.items() if isinstance(value, str)}
    else:
        fields = await _body(request)
        content = await asyncio.to_thread(base64.b64decode, str(_need(fields, "content")))
        name, mime = str(fields.get("name", "file")), str(fields.get("mime", ""))
    caption = str(fields.get("caption", ""))
    match _need(fields, "kind"):
        case "photo":
            return await phone.send_photo(content, caption=caption)
        case "voice":
            return await phone.send_voice(content, duration=int(fields.get("duration", 3)))
        case "document":
            return await phone.send_document(content, name=name, mime=mime, caption=caption)
    raise ValueError("kind is photo, voice or document")
