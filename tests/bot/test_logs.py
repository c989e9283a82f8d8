"""Logs: no token and nothing that a person wrote, in lines, JSON and tracebacks alike."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
from telegram.error import BadRequest, NetworkError

from bot import logs

TOKEN = "7001234567:AAF-planted_token_planted_token1234"
NAME = "张小雨"


@pytest.fixture
def _handlers_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def logged(act: object, *, as_json: bool) -> str:
    stream = io.StringIO()
    logs.set_up(stream=stream, as_json=as_json)
    act(logging.getLogger("bot.test"))  # type: ignore[operator]
    return stream.getvalue()


def fails_over_a_name(log: logging.Logger) -> None:
    try:
        try:
            raise ValueError(f"could not understand {NAME}")
        except ValueError as error:
            raise NetworkError(f"https://api.telegram.org/bot{TOKEN}/sendMessage") from error
    except NetworkError as error:
        log.error("it failed at /bot%s/x", TOKEN, exc_info=error)


@pytest.mark.usefixtures("_handlers_as_before")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_where_but_neither_token_nor_name(as_json: bool) -> None:
    text = logged(fails_over_a_name, as_json=as_json)
    assert TOKEN not in text
    assert TOKEN[11:] not in text
    assert NAME not in text
    assert "fails_over_a_name" in text
    assert "ValueError" in text


@pytest.mark.usefixtures("_handlers_as_before")
def test_a_token_standing_alone_is_blacked_out_too() -> None:
    text = logged(lambda log: log.warning("The token `%s` was rejected", TOKEN), as_json=False)
    assert TOKEN not in text
    assert "was rejected" in text


@pytest.mark.usefixtures("_handlers_as_before")
def test_json_lines_are_json_with_time_level_and_source() -> None:
    line = orjson.loads(logged(lambda log: log.info("stopped"), as_json=True))
    assert (line["level"], line["from"], line["message"]) == ("info", "bot.test", "stopped")
    assert line["at"].endswith("+00:00")


@pytest.mark.usefixtures("_handlers_as_before")
def test_libraries_that_log_addresses_and_updates_are_kept_quiet() -> None:
    for name in ("httpx", "aiohttp", "telegram", "apscheduler"):
        text = logged(lambda _, n=name: logging.getLogger(n + ".inner").info("a call"), as_json=False)
        assert text == ""


def test_a_reason_says_what_telegram_refused_but_quotes_no_unreadable_answer() -> None:
    assert logs.reason(BadRequest("Chat not found")) == "BadRequest: Chat not found"
    quoted = logs.reason(NetworkError(f"Bad Gateway (502). Parsing the server response b'{NAME}' failed"))
    assert NAME not in quoted
    assert quoted.startswith("NetworkError: Bad Gateway (502)")


def test_the_reason_of_an_arbitrary_error_is_its_type_alone() -> None:
    assert logs.reason(KeyError(NAME)) == "KeyError"
