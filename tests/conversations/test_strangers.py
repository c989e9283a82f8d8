"""Strangers at the door: a sentence each, limits for all of them together, and nothing kept of them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Invite, Link, Person, Talk
from casework.strangers import GUESSING, REMEMBERED
from conversations.door import respond
from conversations.said import Message, Reply, Said
from conversations.wake import wake
from storage.inbox import Incoming
from tests.conversations.county import County, policy, words

CODE = "GOOD234567"


async def write(county: County, who: str, text: str) -> Reply:
    """A stranger's words come in by the inbox, as they do in earnest."""
    said = county.said("stranger", text=text)
    raw = Incoming(
        source="test", update_id=int(said.key.partition(":")[2]), lane_address=who, raw=text.encode(),
        received_at=county.now,
    )  # fmt: skip
    (row,) = await county.store.take_in([raw])
    return await respond(county.desk, replace(said, address=who, receipt=row.seq))


def officers_heard(county: County) -> list[str]:
    return [h.text for h in county.heard if h.person == "sun"]


async def guess(county: County, accounts: int, *, first: int = 0) -> None:
    for n in range(first, first + accounts):
        for letter in "ABCDE":
            await write(county, f"test:guess{n}", f"/start WRONG2345{letter}")


async def test_nothing_that_a_stranger_wrote_stays_in_the_inbox(county: County) -> None:
    for text in ("你好", "在吗", "/start WRONG23456", "/children 3001"):
        reply = await write(county, "test:a", text)
        assert reply.stranger
    assert (await county.store.status()).inbox_open == 0
    assert await county.store.waiting() == []
    with county.path.open("rb") as file:
        assert "在吗".encode() not in file.read()


async def test_who_guesses_five_times_waits_and_the_county_is_told_once(county: County) -> None:
    await guess(county, 3)
    await county.deliver()
    (told,) = officers_heard(county)
    assert "输错了 5 次邀请码" in told
    assert "没有人因此进来" in told


async def test_a_right_code_does_not_help_a_guesser_within_the_pause_and_does_after_it(
    county: County,
) -> None:
    await county.invite("granny2", CODE)
    await guess(county, 1)
    assert (await write(county, "test:guess0", f"/start {CODE}")).messages == ()
    county.now += timedelta(minutes=11)
    assert "60 分钟" in (await write(county, "test:guess0", f"/start {CODE}")).messages[0].text
    county.now += timedelta(minutes=50)
    await county.store.apply(await _newcomer(county))
    assert "欢迎" in (await write(county, "test:guess0", f"/start {CODE}")).messages[0].text


async def _newcomer(county: County) -> Outcome:
    wang = await county.store.person("wang")
    assert wang is not None
    return Outcome(records=(Person(id="granny2", person="granny2", name="钱二", posts=wang.posts),))


async def test_a_hundred_wrong_codes_close_the_door_to_codes_for_all_strangers(county: County) -> None:
    await county.invite("newcomer", CODE)
    await guess(county, 20)
    await county.deliver()
    told = officers_heard(county)
    assert len(told) == 2
    assert "100 次" in told[1]
    closed = await write(county, "test:honest", f"/start {CODE}")
    assert closed.messages[0].text == words().say("zh_Hans", "join.closed", minutes=15)
    (invite,) = await county.store.find(CLOCK, Invite)
    assert invite.status == "open"
    county.now += timedelta(minutes=16)
    await guess(county, 1, first=50)
    closed = await write(county, "test:honest", f"/start {CODE}")
    assert closed.messages[0].text.startswith("现在暂时不能")


async def test_a_colleague_who_has_joined_talks_on_while_the_door_is_closed(county: County) -> None:
    await guess(county, 20)
    reply = await county.say("wang", "孩子")
    assert "3001" in reply.messages[0].buttons[0][0].label


async def test_only_so_many_strangers_are_answered_in_an_hour_and_codes_still_open(county: County) -> None:
    most = policy().strangers.most_per_hour
    await county.store.apply(await _newcomer(county))
    await county.invite("granny2", CODE)
    replies = [await write(county, f"test:s{n}", "你好") for n in range(most + 50)]
    assert sum(1 for reply in replies if reply.messages) == most
    assert await county.store.count(CLOCK, Talk, status=REMEMBERED) == most
    await county.deliver()
    assert [f"{most} 个" in text for text in officers_heard(county)] == [True]
    assert "欢迎" in (await write(county, "test:honest", CODE)).messages[0].text
    assert {link.person for link in await county.store.find(CLOCK, Link)} >= {"granny2"}


async def test_strangers_are_forgotten_by_the_clock_and_leave_no_row(county: County) -> None:
    for n in range(20):
        await write(county, f"test:s{n}", "你好")
        await write(county, f"test:s{n}", "/start WRONG23456")
    assert await county.store.count(CLOCK, Talk, status=(GUESSING,)) == 20
    county.now += timedelta(minutes=61)
    while await wake(county.desk, county.now):
        pass
    assert await county.store.count(CLOCK, Talk, status=REMEMBERED) == 0
    await county.store.prune(county.now)
    assert await county.store.count(CLOCK, Talk) == 0


@pytest.mark.parametrize("why", ["used", "expired", "void", "suspended"])
async def test_a_code_that_was_good_once_tells_a_stranger_no_more_than_one_that_never_was(
    county: County, why: str
) -> None:
    await county.store.apply(await _newcomer(county))
    await county.invite("granny2", CODE)
    (invite,) = await county.store.find(CLOCK, Invite)
    holder = await county.store.person("granny2")
    assert holder is not None
    if why == "expired":
        county.now = invite.expires_at
    elif why == "suspended":
        await county.store.apply(Outcome(records=(replace(holder, status="suspended"),)))
    else:
        await county.store.apply(Outcome(records=(replace(invite, status=why),)))
    good_once = await write(county, "test:a", f"/start {CODE}")
    never = await write(county, "test:b", "/start WRONG23456")
    assert good_once.messages == never.messages == (Message(text=words().say("zh_Hans", "join.wrong_code")),)
    talks = await county.store.find(CLOCK, Talk, status=(GUESSING,))
    assert [len(talk.tries) for talk in talks] == [1, 1], "and it counts as a guess"
    sent = await county.store.claim(county.now, limit=9, lease=timedelta(minutes=1))
    told = [replace(row.notice, key="", address="") for row in sent if row.notice.kind == "reply"]
    assert told[0] == told[1]
    assert not await county.store.find(CLOCK, Link, person="granny2")


async def test_the_account_that_joined_once_hears_why_its_own_code_opens_nothing(county: County) -> None:
    await county.store.apply(await _newcomer(county))
    await county.invite("granny2", CODE)
    assert "欢迎" in (await write(county, "test:honest", CODE)).messages[0].text
    own = await write(county, "test:honest", f"/start {CODE}")
    assert own.messages[0].text == words().say("zh_Hans", "join.used")
    joined = await county.store.person("granny2")
    assert joined is not None
    await county.store.apply(Outcome(records=(replace(joined, status="suspended"),)))
    await county.invite("granny2", "NEWC234567")
    barred = await write(county, "test:honest", "/start NEWC234567")
    assert barred.messages[0].text == words().say("zh_Hans", "join.suspended")


async def test_a_code_of_somebody_elses_and_one_that_is_none_are_answered_alike(county: County) -> None:
    await county.invite("liu", CODE)
    theirs = await county.say("wang", f"/start {CODE}")
    nobodys = await county.say("wang", "/start WRONG23456")
    assert theirs.messages == nobodys.messages
    (invite,) = await county.store.find(CLOCK, Invite)
    assert invite.status == "open"


async def test_many_strangers_at_once_do_not_trip_over_each_other(county: County) -> None:
    async def one(n: int) -> Reply:
        return await respond(
            county.desk, Said(address=f"test:x{n}", at=county.now, kind="text", text="?", key=f"x{n}")
        )

    replies = await asyncio.gather(*(one(n) for n in range(64)))
    assert all(reply.messages[0].text for reply in replies)
