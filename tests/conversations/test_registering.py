"""Registering a child in the chat: one file, sealed as the child's, and nobody twice without being asked."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child, Draft, Post, Submission, Visit
from conversations.door import respond
from tests.conversations.county import CHILD, County

ID = "330123201708061237"
TAIL = (
    "上了", "农村", "不清楚", "跳过", "不清楚", "跳过", "不清楚", "不清楚", "不清楚", "跳过", "跳过", "提交",
)  # fmt: skip


async def fill_in(county: County, who: str, name: str, born: str, number: str = "", sex: str = "男") -> str:
    await fill_in_but_for_the_last(county, who, name, born, number, sex)
    return (await county.tap(who, TAIL[-1])).messages[0].text


async def fill_in_but_for_the_last(
    county: County, who: str, name: str, born: str, number: str = "", sex: str = "男"
) -> None:
    await county.say(who, "登记孩子")
    await county.say(who, name)
    await county.tap(who, sex)
    await county.say(who, born)
    await (county.say(who, number) if number else county.tap(who, "跳过"))
    for label in TAIL[:-1]:
        await county.tap(who, label)


async def registered(county: County, name: str) -> list[Child]:
    return sorted(await county.store.find_child(CLOCK, name=name), key=lambda c: c.id)


async def test_a_new_file_has_its_worker_village_facts_and_first_visit(county: County) -> None:
    await fill_in(county, "liu", "周小满", "2017-08-06", ID)
    (child,) = await registered(county, "周小满")
    assert (child.id, child.worker, child.village, child.township, child.county) == (
        "v2-001", "liu", "v2", "t1", "c1",
    )  # fmt: skip
    assert (child.id_number, child.sex, child.status) == (ID, "male", "active")
    assert child.properties == {
        "hukou": "yes", "hukou_nature": "rural", "father": "unknown", "mother": "unknown", "carer": "unknown",
        "stage": "unknown", "health": "unknown",
    }  # fmt: skip
    visits = await county.store.find(CLOCK, Visit, child="v2-001")
    assert [(v.purpose, v.person, v.status) for v in visits] == [("new_child", "liu", "planned")]


async def test_what_was_said_at_registration_goes_with_the_childs_file(
    county: County, tmp_path: Path
) -> None:
    await fill_in(county, "wang", "周小满", "2017-08-06")
    for kind in (Submission, Draft):
        assert [r.child for r in await county.store.find(CLOCK, kind, person="wang")] == ["v1-001"]
    await county.store.erase("v1-001", now=county.now, home=tmp_path)
    assert await county.store.find(CLOCK, Submission) == await county.store.find(CLOCK, Draft) == []
    await fill_in(county, "wang", "周小满", "2017-08-06")
    assert [child.id for child in await registered(county, "周小满")] == ["v1-002"]


@pytest.mark.parametrize("who", ["wang", "liu"])
async def test_an_id_number_is_registered_once_and_only_who_may_sees_whose_it_is(
    county: County, who: str
) -> None:
    await fill_in(county, "wang", "周小满", "2017-08-06", ID)
    answer = await fill_in(county, who, "周小宝", "2017-08-06", ID)
    assert await registered(county, "周小宝") == []
    labels = [b.label for s in county.phones[who].shown[-1:] for row in s.message.buttons for b in row]
    assert labels == (["是同一个：周* · v1-001"] if who == "wang" else [])
    assert "v1-001" not in answer


async def test_another_child_of_the_same_name_and_day_is_registered_when_the_worker_says_so(
    county: County,
) -> None:
    answer = await fill_in(county, "liu", "张小花", "2016-05-04", sex="女")
    assert "3001" not in answer
    assert len(await registered(county, "张小花")) == 1
    await county.tap("liu", "不是同一个")
    assert [c.id for c in await registered(county, "张小花")] == ["3001", "v2-001"]
    assert any("3001" in s.message.text and "v2-001" in s.message.text for s in county.phones["li"].shown)


async def test_a_code_that_the_roster_has_used_is_passed_over(county: County) -> None:
    taken = Child(
        id="v1-001", name="吴一", village="v1", township="t1", county="c1", registered_on=CHILD.registered_on
    )
    await county.store.apply(Outcome(records=(taken,)))
    await fill_in(county, "wang", "周小满", "2017-08-06")
    assert [child.id for child in await registered(county, "周小满")] == ["v1-002"]


async def test_only_a_villages_own_worker_registers_children(county: County) -> None:
    assert "儿童主任" in (await county.say("li", "登记孩子")).messages[0].text
    assert await county.store.find(CLOCK, Draft) == []


async def test_the_same_id_number_at_the_same_moment_gives_one_file_and_the_other_worker_is_told(
    county: County,
) -> None:
    for who in ("wang", "liu"):
        await fill_in_but_for_the_last(county, who, "周小满", "2017-08-06", ID)
    taps = []
    for who in ("wang", "liu"):
        shown, button = county.phones[who].button("提交")
        taps.append(county.said(who, kind="tap", token=button.token, message=shown.id))
    replies = await asyncio.gather(*(respond(county.desk, said) for said in taps))
    assert [child.id_number for child in await registered(county, "周小满")] == [ID]
    texts = sorted(reply.messages[0].text for reply in replies)
    assert sum("已登记" in text for text in texts) == 1
    assert sum("身份证号在县里已经登记过" in text for text in texts) == 1
    assert len(await county.store.find(CLOCK, Draft, status=("open",))) == 1


async def test_who_has_no_village_in_the_countys_list_is_told_so_and_loses_nothing(county: County) -> None:
    wang = await county.store.person("wang")
    assert wang is not None
    lost = replace(wang, posts=(Post(role="village_worker", area="v77"),))
    await county.store.apply(Outcome(records=(lost,)))
    answer = await fill_in(county, "wang", "周小满", "2017-08-06")
    assert "不在县里的区域名单里" in answer
    assert await registered(county, "周小满") == []
    back = await county.store.person("wang")
    assert back is not None
    await county.store.apply(Outcome(records=(replace(back, posts=wang.posts),)))
    assert "已登记" in (await county.tap("wang", "提交")).messages[0].text


async def test_who_lost_the_post_meanwhile_registers_nobody_and_hears_so(county: County) -> None:
    await fill_in_but_for_the_last(county, "wang", "周小满", "2017-08-06")
    wang = await county.store.person("wang")
    assert wang is not None
    await county.store.apply(
        Outcome(records=(replace(wang, posts=(Post(role="township_officer", area="t1"),)),))
    )
    assert "儿童主任" in (await county.tap("wang", "提交")).messages[0].text
    assert await registered(county, "周小满") == []


async def test_register_stands_in_the_help_of_who_may(county: County) -> None:
    assert "/register" in (await county.say("wang", "/help")).messages[0].text
    assert "/register" not in (await county.say("li", "/help")).messages[0].text
    assert "叫什么" in (await county.say("wang", "/register")).messages[0].text
