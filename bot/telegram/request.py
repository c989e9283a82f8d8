"""python-telegram-bot's requests over aiohttp: a quarter of the CPU, and errors that say what is known."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telegram.translate import parse

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 20.0  # from asking to the whole answer
JSON = "application/json"


class NotSent(NetworkError):
    """The request never left: trying again can't do anything twice."""


class ConnectTimedOut(TimedOut, NotSent):
    """No connection within the time allowed; nothing was sent."""


class BadAnswer(NetworkError):
    """The server took the request and answered what is no Bot API answer: what it did is unknown."""


class AiohttpRequest(BaseRequest):
    """One session for all calls; as many connections as are wanted, since the sender limits itself."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return READ_TIMEOUT

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                headers={"User-Agent": self.USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One exchange: status, body. NotSent: surely nothing arrived; TimedOut, NetworkError: unknown."""
        if self._session is None:
            raise NotSent("the request object is not initialized")
        connect, whole = _chosen(connect_timeout, CONNECT_TIMEOUT), _chosen(read_timeout, READ_TIMEOUT)
        try:
            async with self._session.request(
                method, url, data=_body(request_data), timeout=_timeout(connect, whole)
            ) as answer:
                return answer.status, await answer.read()
        except aiohttp.ConnectionTimeoutError as error:
            raise ConnectTimedOut("no connection in time") from error
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise NotSent(f"no connection: {type(error).__name__}") from error
        except TimeoutError as error:
            raise TimedOut("no answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"connection lost: {type(error).__name__}") from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer's JSON object; or BadAnswer, which doesn't quote it: people's words may be in it."""
        try:
            answer = parse(payload)
        except ValueError:
            raise BadAnswer("the answer is no JSON") from None
        if not isinstance(answer, dict):
            raise BadAnswer("the answer is no JSON object")
        return answer


def surely_not_sent(error: TelegramError) -> bool:
    """Whether the server can't have seen the request."""
    return isinstance(error, NotSent)


class Plain:
    """Parameters without any file, in place of a `RequestData` (python-telegram-bot hands it through to
    `do_request` unread): what is sent all the time needs no look at each parameter.
    """

    contains_files = False

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in parameters.items() if value is not None}


def _body(request_data: RequestData | None) -> Any:
    if request_data is None:
        return None
    if not request_data.contains_files:
        return aiohttp.BytesPayload(orjson.dumps(request_data.parameters), content_type=JSON)
    form = aiohttp.FormData(quote_fields=False)  # a Chinese file name is read as it stands, not as %E5…
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, part in request_data.multipart_data.items():
        file_name, content, mime = part
        form.add_field(name, content, filename=file_name, content_type=mime)
    return form


def _chosen(value: Any, default: float) -> float | None:
    return default if value is BaseRequest.DEFAULT_NONE else value


@cache
def _timeout(connect: float | None, whole: float | None) -> aiohttp.ClientTimeout:
    """A limit for the whole, not for each wait: against a server that drips, those would never run out."""
    return aiohttp.ClientTimeout(total=whole, sock_connect=connect)
