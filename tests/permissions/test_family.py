"""A family sees nothing of what goes on about its child: its phone is the same with an incident."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.records import Escalation
from conversations.said import Message
from tests.conversations.county import START, County, Phone

Incident = Callable[[County], Awaitable[object]]
DAYS = 9
Lives = tuple[set[str], list[bytes], list[bytes]]  # flags that went up; the family's phone, the officer's


class Watched(County):
    """Keeps all that ever came to a phone, with the minute at which it came."""

    def __init__(self, path: Path, language: str) -> None:
        super().__init__(path, language)
        self.stream: dict[str, list[tuple[datetime, Message]]] = {}

    def _show(self, phone: Phone, message: Message | None) -> str:
        if message is not None:
            self.stream.setdefault(phone.address, []).append((self.now, message))
        return super()._show(phone, message)

    def seen(self, person: str) -> list[bytes]:
        """Everything on one phone to the byte; random identifiers by the order in which they appear."""
        numbers: dict[str, int] = {}
        fresh = count(1)
        found = []
        for at, message in self.stream.get(self.phones[person].address, []):
            values = message.as_values()
            for row in values["buttons"]:
                for button in row:
                    action, *ids, _ = [*button[1].split("|"), ""]
                    ids = [str(numbers.setdefault(id, next(fresh))) for id in ids[:-1]]
                    button[1] = "|".join([action, *ids])
            found.append(repr((at, values)).encode())
        return found


async def danger(county: County) -> None:
    """The worker reports violence at home; it is taken on, handed over and ended."""
    await county.say("wang", "/report 3001")
    await county.tap("wang", "可能被打")
    for text in ("今天", "邻居听见孩子哭喊", "1"):
        await county.say("wang", text)
    for label in ("选好了", "提交"):
        await county.tap("wang", label)


async def dropout(county: County) -> None:
    """A visit finds that the child no longer goes to school."""
    await county.say("wang", "/visit 3001")
    for label in ("见到了", "和上次一样", "不去上学了", "今天"):
        await county.tap("wang", label)
    await county.say("wang", "奶奶说管不住")
    for label in ("和上次一样", "和上次一样", "没病没伤", "联系过", "跳过", "提交"):
        await county.tap("wang", label)


async def refused(county: County) -> None:
    """The family does not let the worker in."""
    await county.say("wang", "/visit 3001")
    for label in ("没见到", "不让进门", "提交"):
        await county.tap("wang", label)


async def nothing(county: County) -> None:
    """No incident."""


async def _lived(path: Path, incident: Incident, *, end: str) -> Watched:
    """Nine days of a family that answers its check-ins, with an incident on the second."""
    county = Watched(path, "zh_Hans")
    await county.open()
    await county.settle(("wang", "liu", "li", "zhao", "sun"))
    await county.say("wang", "孩子")
    for label in ("张*", "邀请家长"):
        await county.tap("wang", label)
    await county.say("granny", "/start ABCDEFGHJK")
    for hour in range(1, DAYS * 24):
        await county.until(START + timedelta(hours=hour))
        if hour == 25:
            await incident(county)
        if hour == 30 and end:
            for e in await county.store.find(CLOCK, Escalation):
                await county.say("li", f"收到 {e.number}")
                await county.say("li", f"转交 {e.number} zhao")
                await county.say("zhao", f"办结 {e.number} {end}")
        await _answers(county, hour)
    return county


async def _answers(county: Watched, hour: int) -> None:
    """In the evening the grandmother does what her phone asks her; later she writes freely."""
    if hour % 24 == 10:
        await county.say("granny", "好")
        for label in ("都好", "都好", "没有", "提交"):
            shown = county.phones["granny"].shown[-1].message.buttons
            if any(button.label.startswith(label) for row in shown for button in row):
                await county.tap("granny", label)
    if hour % 24 == 13:
        for text in ("在吗", "/alerts", "收到 1", "/children 3001", "/help"):
            await county.say("granny", text)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    return asyncio.run(_streams(tmp_path_factory.mktemp("quiet") / "county.db", nothing, ""))


async def _streams(path: Path, incident: Incident, end: str) -> Lives:
    county = await _lived(path, incident, end=end)
    try:
        flags = {e.flag for e in await county.store.find(CLOCK, Escalation)}
        return flags, county.seen("granny"), county.seen("li")
    finally:
        await county.close()


@pytest.mark.parametrize(
    ("incident", "end"), [(danger, ""), (danger, "已处理"), (dropout, "已返校"), (refused, "")]
)
async def test_the_family_s_phone_is_the_same_to_the_byte_and_minute(
    incident: Incident, end: str, quiet: Lives, tmp_path: Path
) -> None:
    flags, family, officer = await _streams(tmp_path / "county.db", incident, end)
    assert flags != quiet[0]
    assert officer != quiet[2]
    assert len(family) > 40
    assert family == quiet[1]
