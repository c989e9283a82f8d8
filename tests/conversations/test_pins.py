"""The PIN in the chat: it stands before names, and what was typed is kept nowhere."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import KINDS, Pin
from conversations.door import respond
from conversations.said import Reply
from storage.inbox import Incoming
from tests.conversations.county import County, policy
from tests.storage.world import bare

DIGITS = "730518"


async def set_pin(county: County, who: str = "wang") -> None:
    for text in ("/pin", DIGITS, DIGITS):
        await county.say(who, text)


def names(reply: Reply) -> bool:
    shown = [reply.popup, *(m.text for m in reply.messages)]
    return any("张小花" in text or "柳河中心小学" in text for text in shown)


async def required(county: County, *roles: str) -> None:
    pin = policy().pin.model_copy(update={"required": roles})
    county.desk.policy = policy().model_copy(update={"pin": pin})


async def test_with_a_pin_set_no_name_and_no_file_is_shown_before_it_was_typed(county: County) -> None:
    await county.say("wang", "孩子")
    await set_pin(county)
    pin = await county.store.get(CLOCK, Pin, "wang")
    assert pin is not None
    county.now = pin.open_until or county.now
    asked = [await county.say("wang", "孩子 3001"), await county.tap("wang", "张*")]
    asked += [await county.say("wang", "/children 张小花"), await county.say("wang", "/children 张小草")]
    assert len({reply.messages[0].text for reply in asked}) == 1
    button = county.desk.token("wang", "rv", "3001")
    asked.append(await county.bring("wang", county.said("wang", kind="tap", token=button, message="m1")))
    assert not any(names(reply) for reply in asked)
    await county.say("wang", DIGITS)
    assert names(await county.tap("wang", "继续"))


async def test_the_question_for_the_pin_tells_nothing_of_what_there_is(county: County) -> None:
    await set_pin(county)
    pin = await county.store.get(CLOCK, Pin, "wang")
    assert pin is not None
    county.now = pin.open_until or county.now
    there, nothing = await county.say("wang", "孩子 3001"), await county.say("wang", "孩子 9999")
    assert there.messages == nothing.messages


async def test_a_role_that_must_have_one_sets_it_first_and_others_need_none(county: County) -> None:
    await required(county, "village_worker")
    assert not names(await county.say("wang", "孩子 3001"))
    assert names(await county.say("li", "孩子 3001"))
    await set_pin(county)
    assert names(await county.say("wang", "孩子 3001"))


async def test_what_was_typed_is_erased_from_the_chat_and_kept_nowhere(county: County) -> None:
    erased = []
    for n, text in enumerate(("/pin " + DIGITS, DIGITS, "/pin", DIGITS, "999001", "/cancel")):
        raw = text.encode()
        incoming = Incoming(
            source="test", update_id=n + 1, lane_address="test:wang", raw=raw, received_at=county.now
        )
        (row,) = await county.store.take_in([incoming])
        said = county.said("wang", text=text, message=f"{n}")
        reply = await respond(county.desk, replace(said, receipt=row.seq))
        erased += [m.erases for m in reply.messages if m.erases]
        assert DIGITS not in repr(reply)
    assert erased == ["0", "1", "3", "4"]
    for kind in KINDS.values():
        assert DIGITS not in repr(await county.store.find(CLOCK, kind)), kind.kind
    url = f"sqlite:///{county.path}"
    for table in ("inbox", "outbox", "events", "records", "children", "meta"):
        assert DIGITS not in repr(await bare(url, f"SELECT * FROM {table}"))
    await county.deliver()
    for path in county.path.parent.iterdir():
        assert DIGITS.encode() not in path.read_bytes(), path.name


async def test_the_kept_hash_is_slow_salted_and_useless_without_the_store_s_key(county: County) -> None:
    one, two = await county.store.pin_hash(DIGITS), await county.store.pin_hash(DIGITS)
    assert one != two
    assert await county.store.pin_fits(DIGITS, one)
    assert not await county.store.pin_fits("730519", one)
    assert not await county.store.pin_fits(DIGITS, "")
    assert one.startswith("scrypt$")


async def locked(county: County) -> None:
    await set_pin(county)
    await county.say("wang", "/pin")
    for n in range(5):
        await county.say("wang", f"00000{n}")


async def test_while_it_is_locked_not_even_the_right_one_opens(county: County) -> None:
    await locked(county)
    for text in ("/pin", DIGITS, "孩子 3001", DIGITS):
        assert not names(await county.say("wang", text))
    pin = await county.store.get(CLOCK, Pin, "wang")
    assert pin is not None
    assert pin.wrong == 5


@pytest.mark.parametrize(
    ("who", "may"), [("li", True), ("zhao", True), ("liu", False), ("wang", False), ("sun", False)]
)
async def test_only_the_officers_above_take_a_pin_away(county: County, who: str, may: bool) -> None:
    await locked(county)
    token = county.desk.token(who, "pr", "wang")
    await county.bring(who, county.said(who, kind="tap", token=token, message="m1"))
    pin = await county.store.get(CLOCK, Pin, "wang")
    assert pin is not None
    assert (pin.status == "void") == may


async def test_a_pin_that_is_not_there_and_one_that_is_not_yours_to_take_look_alike(county: County) -> None:
    await set_pin(county)
    replies = []
    for person in ("wang", "li", "nobody"):
        token = county.desk.token("liu", "pr", person)
        replies.append(await county.bring("liu", county.said("liu", kind="tap", token=token, message="m1")))
    assert len({(r.popup, r.messages) for r in replies}) == 1


async def test_a_new_invite_takes_the_old_pin_away(county: County) -> None:
    await locked(county)
    await county.invite("wang", "GOOD234567")
    await county.say("wang", "/start GOOD234567")
    pin = await county.store.get(CLOCK, Pin, "wang")
    assert pin is not None
    assert (pin.status, pin.digest) == ("void", "")


async def test_to_change_a_pin_the_old_one_is_typed_first_even_while_names_are_open(county: County) -> None:
    await set_pin(county)
    await county.say("wang", "/pin 246810")
    assert "不对" in (await county.say("wang", "246810")).messages[-1].text
    assert "新密码" in (await county.say("wang", DIGITS)).messages[-1].text


async def test_where_the_township_has_nobody_the_county_is_told(county: County) -> None:
    for id in ("li", "zhao"):
        officer = await county.store.person(id)
        assert officer is not None
        await county.store.apply(Outcome(records=(replace(officer, status="left"),)))
    await locked(county)
    assert county.phones["sun"].button("取消密码")
    for n in range(3):
        await county.say("sun", ("/pin", DIGITS, DIGITS)[n])
    county.now += timedelta(hours=1)
    await county.say("sun", "/pin")
    assert "忘了" in repr((await county.say("sun", "000001")).messages[-1])
