"""What one saying brings about: once, for the right person, and nothing for a stranger."""

import asyncio
from dataclasses import replace

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child, Draft, Escalation, Person, Submission, Visit
from conversations.door import respond
from conversations.said import Attachment, Said
from storage.errors import Conflict
from tests.conversations.county import OTHER, County

UNCHANGED = ("见到了", "和上次一样", "照常上学", "和上次一样", "和上次一样", "没病没伤", "联系过")


async def fill_in(county: County, *labels: str) -> None:
    for label in labels:
        await county.tap("wang", label)


async def test_an_unchanged_visit_takes_at_most_nine_taps_and_plans_the_next(county: County) -> None:
    await county.say("wang", "/today")
    taps = ("张*", *UNCHANGED, "提交")
    await fill_in(county, *taps)
    assert len(taps) <= 9
    visits = await county.store.find(CLOCK, Visit, child="3001")
    assert sorted(v.status for v in visits) == ["done", "planned"]
    made = await county.store.find(CLOCK, Submission, child="3001")
    assert [(s.form, s.person, s.status) for s in made] == [("visit", "wang", "valid")]


async def test_a_double_tap_on_submit_acts_once(county: County) -> None:
    await county.say("wang", "/visit 3001")
    await fill_in(county, *UNCHANGED, "提交")
    reply = await county.tap("wang", "提交")
    assert "不会重复" in reply.popup
    assert reply.messages == ()
    assert len(await county.store.find(CLOCK, Submission)) == 1


async def test_a_double_tap_on_one_of_several_choices_ticks_it_and_an_old_button_does_the_same(
    county: County,
) -> None:
    for text in ("/report 3001", "2", "昨天", "找了一上午"):
        await county.say("wang", text)
    shown, police = county.phones["wang"].button("已报警")
    for _ in range(2):  # the second before the tick is seen
        said = county.said("wang", kind="tap", token=police.token, message=shown.id)
        await county.bring("wang", said)
    await fill_in(county, "已送医", "✓ 已送医", "选好了", "提交")
    (made,) = await county.store.find(CLOCK, Submission)
    assert made.values["done"] == "police"


async def test_who_goes_on_by_a_button_is_no_longer_asked_whether_to_give_up(county: County) -> None:
    for text in ("/report 3001", "/cancel"):
        await county.say("wang", text)
    await county.tap("wang", "孩子找不到了")
    reply = await county.say("wang", "昨天")
    assert "看到、听到了什么" in reply.messages[0].text


async def test_a_child_that_is_not_yours_and_one_that_is_not_there_look_the_same(county: County) -> None:
    await county.store.apply(Outcome(records=(replace(OTHER, worker="liu", village="v2"),)))
    for command in ("/visit {}", "/report {}", "/children {}", "走访 {}"):
        theirs = await county.say("wang", command.format("3002"))
        nobody = await county.say("wang", command.format("9999"))
        assert theirs.messages[0].text == nobody.messages[0].text


async def test_a_button_forwarded_to_somebody_else_does_nothing(county: County) -> None:
    await county.say("wang", "/today")
    _, button = county.phones["wang"].button("张*")
    reply = await county.bring("liu", county.said("liu", kind="tap", token=button.token, message="m1"))
    assert reply.popup
    assert reply.messages == ()
    assert await county.store.find(CLOCK, Draft) == []


async def test_what_a_form_saves_stands_in_the_child_s_page(county: County) -> None:
    await county.say("wang", "/visit 3001")
    await fill_in(county, "见到了", "换人照看了", "外婆", *UNCHANGED[2:], "跳过", "提交")
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    assert child.properties["guardian_relation"] == "外婆"
    assert child.guardian_relation == "奶奶"  # the roster's own
    page = await county.say("wang", "孩子 3001")
    assert "照看人：外婆" in page.messages[0].text
    assert "换人照看了" in page.messages[0].text


async def test_a_visit_that_did_not_happen_is_excused_with_its_reason(county: County) -> None:
    await county.say("wang", "/visit 3001")
    await fill_in(county, "没见到", "路不通", "提交")
    visits = {v.status: v for v in await county.store.find(CLOCK, Visit, child="3001")}
    assert visits["excused"].reason == "road"
    assert "planned" in visits


async def report_a_dropout(county: County) -> None:
    await county.say("wang", "/visit 3001")
    await fill_in(county, "见到了", "和上次一样", "不去上学了", "今天")
    await county.say("wang", "奶奶说管不住")
    await fill_in(county, *UNCHANGED[3:], "跳过", "提交")


async def test_an_alert_reaches_the_officer_and_says_no_more_than_it_must(county: County) -> None:
    await report_a_dropout(county)
    alert = county.phones["li"].shown[-1].message
    assert "可能不上学了" in alert.text
    assert "· 从 11月23日 周一 开始" in alert.text
    assert "管不住" not in alert.text
    assert alert.protect
    labels = [button.label for row in alert.buttons for button in row]
    assert labels == ["收到", "办结", "转交", "查看姓名", "看记录"]
    e = (await county.store.find(CLOCK, Escalation))[0]
    assert (e.flag, e.urgency, e.status) == ("dropout", "today", "open")


async def test_the_report_behind_an_alert_is_shown_when_asked_for_and_that_is_written_down(
    county: County,
) -> None:
    await report_a_dropout(county)
    before = (await county.store.verify_audit()).checked
    await county.tap("li", "看记录")
    report = county.phones["li"].shown[-1].message
    assert "家里和孩子怎么说：奶奶说管不住" in report.text
    assert report.protect
    assert (await county.store.verify_audit()).checked - before == 1


async def test_the_name_is_shown_in_a_pop_up_only_and_looking_is_written_down(county: County) -> None:
    before = (await county.store.verify_audit()).checked
    await county.say("wang", "孩子 3001")
    reply = await county.tap("wang", "查看姓名")
    assert "张小花" in reply.popup
    assert reply.alarm
    assert all("张小花" not in shown.message.text for shown in county.phones["wang"].shown)
    assert (await county.store.verify_audit()).checked - before == 2  # the page, and the name


async def test_two_forms_at_once_lose_nothing(county: County) -> None:
    await county.say("wang", "/visit 3001")
    await fill_in(county, "见到了", "和上次一样")
    await county.say("wang", "/report 3001")
    assert len(await county.store.find(CLOCK, Draft, status=("open",))) == 2
    await county.tap("wang", "回去接着填")
    assert "上学怎么样" in county.phones["wang"].shown[-1].message.text


async def test_a_command_word_is_an_answer_where_text_is_asked_for(county: County) -> None:
    await county.say("wang", "/report 3001")
    await fill_in(county, "不去上学了")
    await county.say("wang", "今天")
    await county.say("wang", "孩子")
    assert "已经做了什么" in county.phones["wang"].shown[-1].message.text


async def test_while_choices_are_asked_for_a_command_word_is_a_command(county: County) -> None:
    await county.say("wang", "/visit 3001")
    reply = await county.say("wang", "今天")
    assert "今天该走访" in reply.messages[0].text or "往后 7 天" in reply.messages[0].text


async def test_a_guardian_sees_none_of_the_casework(county: County) -> None:
    await county.say("wang", "孩子 3001")
    await county.tap("wang", "邀请家长")
    await county.say("granny", "/start ABCDEFGHJK")
    for command in ("/today", "/visit 3001", "/children", "/alerts", "/stats", "/report"):
        reply = await county.say("granny", command)
        assert reply.messages[0].text == "这个功能您用不到。发“帮助”看看能做什么。"


async def test_a_photo_where_none_is_asked_for_is_explained(county: County) -> None:
    said = replace(county.said("wang"), kind="attachment", attachment=Attachment(kind="photo", fetch="f1"))
    reply = await county.bring("wang", said)
    assert "用不着照片" in reply.messages[0].text


async def test_who_blocks_the_bot_is_unreachable_until_he_writes_again(county: County) -> None:
    await county.bring("wang", county.said("wang", kind="left"))
    person = await county.store.person("wang")
    assert person is not None
    assert person.status == "unreachable"
    await county.say("wang", "帮助")
    person = await county.store.person("wang")
    assert person is not None
    assert person.status == "joined"


async def test_two_people_at_once_take_an_alert_on_once(county: County) -> None:
    await county.say("wang", "/report 3001")
    await fill_in(county, "可能被打", "今天")
    await county.say("wang", "胳膊上有伤")
    await fill_in(county, "已报警", "选好了", "提交")
    sayings = [county.said(name, text="收到 1") for name in ("li", "zhao", "sun")]
    await asyncio.gather(*(respond(county.desk, said) for said in sayings))
    e = (await county.store.find(CLOCK, Escalation))[0]
    assert e.status == "acknowledged"
    assert [deed.name for deed in e.story].count("escalation_acknowledged") == 1


async def test_the_same_saying_is_not_done_twice(county: County) -> None:
    from storage.inbox import Incoming

    row = Incoming(source="test", update_id=1, lane_address="test:wang", raw=b"{}", received_at=county.now)
    await county.store.receive([row])
    seq = (await county.store.waiting())[0].seq
    said = Said(address="test:wang", at=county.now, kind="text", text="/visit 3001", receipt=seq, key="once")
    await respond(county.desk, said)
    with pytest.raises(Conflict):
        await respond(county.desk, said)
    assert len(await county.store.find(CLOCK, Draft)) == 1


async def test_people_who_were_suspended_are_strangers(county: County) -> None:
    wang = await county.store.person("wang")
    assert isinstance(wang, Person)
    await county.store.apply(Outcome(records=(replace(wang, status="suspended"),)))
    reply = await county.say("wang", "/children")
    assert "邀请码" in reply.messages[0].text


async def test_a_search_finds_nobody_elses_child_and_answers_as_if_there_were_none(county: County) -> None:
    (mine,) = (await county.say("wang", "/children zxh")).messages
    (theirs,) = (await county.say("liu", "/children zxh")).messages
    (nobodys,) = (await county.say("liu", "/children zxq")).messages
    assert "3001" in mine.text
    assert theirs.text == nobodys.text


async def test_a_search_leafs_through_its_pages_and_words_after_it_are_free_again(county: County) -> None:
    many = tuple(replace(OTHER, id=f"31{n:02}", child=f"31{n:02}") for n in range(10))
    await county.store.apply(Outcome(records=many))
    await county.say("wang", "/children")
    await county.say("wang", "李")
    reply = await county.tap("wang", "下一页")
    assert [row[0].label for row in reply.messages[0].buttons][:2] == ["李* · 3108", "李* · 3109"]
    await county.tap("wang", "李* · 3109")
    assert "没看懂" in (await county.say("wang", "李")).messages[0].text
