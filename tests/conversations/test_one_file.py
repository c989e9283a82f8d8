"""One child, one file: duplicates for officers, households by facts and by hand, carers of very many."""

from dataclasses import replace

from casework.access import CLOCK
from casework.facts import fact_of
from casework.outcome import Outcome
from casework.records import Amendment, Area, Child, Link, Person, Post
from casework.visits import plan_visit
from conversations.said import Reply
from tests.conversations.county import CHILD, SISTER, County, policy

ALIKE = replace(
    CHILD, id="v2-001", child="v2-001", village="v2", worker="liu", name="张晓花", guardian_phone=""
)
FAR = replace(CHILD, id="v3-001", child="v3-001", village="v3", township="t2", worker="zhou")


async def settled(county: County, *children: Child) -> None:
    areas = (
        Area(id="t2", name="青龙镇", level="township", parent="c1"),
        Area(id="v3", name="松树村", level="village", parent="t2"),
    )
    qian = Person(
        id="qian", person="qian", name="钱督导", posts=(Post(role="township_officer", area="t2"),),
        status="joined",
    )  # fmt: skip
    link = Link(id=county.store.link_id("test:stranger"), person="qian", address="test:stranger")
    outcome = Outcome(records=(*areas, qian, link, *children))
    for child in children:
        outcome += plan_visit(child, policy=policy(), now=county.now, new_id=county.desk.new_id)
    await county.store.apply(outcome)


async def alike(county: County, who: str) -> Reply:
    await county.say(who, "/children")
    return await county.tap(who, "🔎 可能重复")


def labels(reply: Reply) -> list[str]:
    return [b.label for m in reply.messages for row in m.buttons for b in row]


async def test_an_officer_sees_what_may_be_one_child_and_says_that_it_is_two(county: County) -> None:
    await settled(county, ALIKE)
    reply = await alike(county, "li")
    assert labels(reply) == ["张* · 3001 / v2-001：姓名和生日相同"]
    await county.tap("li", "张* · 3001 / v2-001")
    assert "不是同一个孩子" in (await county.tap("li", "不是同一个孩子")).messages[0].text
    assert "没有看到重复" in (await alike(county, "li")).messages[0].text
    kept = {c.id: c.not_same for c in await county.store.find(CLOCK, Child)}
    assert kept == {"3001": ("v2-001",), "v2-001": ("3001",)}


async def test_of_two_townships_each_learns_only_that_there_is_another_and_the_county_sees_both(
    county: County,
) -> None:
    await settled(county, FAR)
    for _ in range(2):
        reply = await alike(county, "li")
    assert "别的乡镇也有" in reply.messages[0].text
    assert "3001" in reply.messages[0].text
    assert "v3-001" not in reply.messages[0].text
    assert labels(reply) == []
    told = [s for s in county.phones["sun"].shown if "两个乡镇" in s.message.text]
    assert len(told) == 1
    assert labels(await county.tap("sun", "🔎 可能重复")) == [
        "张* · 3001 / v3-001：姓名和生日相同、姓名和照护人电话相同"
    ]
    theirs = (await alike(county, "stranger")).messages[0].text
    assert "v3-001" in theirs
    assert "3001" not in theirs.replace("v3-001", "")


async def test_a_worker_has_no_list_and_can_not_decide_about_a_pair(county: County) -> None:
    await settled(county, replace(ALIKE, worker="wang", village="v1"))
    assert not any("可能重复" in label for label in labels(await county.say("wang", "/children")))
    for parts in (("du", 0), ("dup", "3001", "x"), ("dux", "3001", "x")):
        token = county.desk.token("wang", str(parts[0]), *parts[1:])
        reply = await county.bring("wang", county.said("wang", kind="tap", token=token, message="m"))
        assert reply.popup
        assert not reply.messages
    assert not any(c.not_same for c in await county.store.find(CLOCK, Child))


async def test_a_household_is_put_right_by_hand_and_goes_by_the_facts_again(county: County) -> None:
    lone = replace(CHILD, id="3004", child="3004", name="张小树", guardian_phone="", guardian_name="")
    await settled(county, SISTER, lone)
    assert "一家的：张* · 3003" in (await county.say("wang", "/children 3001")).messages[0].text
    await county.tap("wang", "资料")
    await county.tap("wang", "👪 一家人")
    assert "张* · 3003、张* · 3004" in (await county.say("wang", "张小树")).messages[0].text
    await county.tap("wang", "3003 不是一家的")
    assert "一家的：张* · 3004" in (await county.say("wang", "/children 3001")).messages[0].text
    assert "一家的" not in (await county.say("wang", "/children 3003")).messages[0].text
    for code in ("3001", "3003"):
        await county.say("wang", f"/children {code}")
        await county.tap("wang", "资料")
        await county.tap("wang", "👪 一家人")
        await county.tap("wang", "还是按电话")
    assert "一家的：张* · 3003" in (await county.say("wang", "/children 3001")).messages[0].text


async def test_nobody_is_joined_to_a_household_whom_the_worker_does_not_see(county: County) -> None:
    await settled(county, replace(ALIKE, name="吴一"))
    await county.say("wang", "/children 3001")
    await county.tap("wang", "资料")
    await county.tap("wang", "👪 一家人")
    for text in ("v2-001", "吴一"):
        assert "没有找到" in (await county.say("wang", text)).messages[0].text
    assert not any(c.home for c in await county.store.find(CLOCK, Child))


PHONE_FORM = """
| survey | | | | |
| | type | name | label | save_to |
| | csv-external | children | | |
| | text | phone | 新电话？ | guardian_phone |

| entities | | |
| | list_name | entity_id |
| | children | ${child} |

| settings | |
| | form_id |
| | visit |
"""


async def test_a_new_telephone_is_offered_for_those_whom_the_old_one_reached(county: County) -> None:
    await settled(county, SISTER)
    form = PHONE_FORM.replace("| | text | phone", "| | text | child | 孩子 | |\n| | text | phone")
    county.publish("visit", form)
    await county.say("wang", "/visit 3001")
    await county.say("wang", "13811112222")
    reply = await county.tap("wang", "提交")
    assert "☎️ 3003 也改成这个电话" in labels(reply)
    await county.tap("wang", "☎️ 3003 也改成这个电话")
    sister = await county.store.get(CLOCK, Child, "3003")
    assert sister is not None
    assert fact_of(sister, "guardian_phone") == "13811112222"
    (kept,) = await county.store.find(CLOCK, Amendment, child="3003")
    assert kept.after == {"guardian_phone": "13811112222"}
    assert "一家的：张* · 3003" in (await county.say("wang", "/children 3001")).messages[0].text


async def test_a_carer_of_more_than_four_is_named_to_worker_and_officer_and_nothing_is_refused(
    county: County,
) -> None:
    many = [replace(SISTER, id=f"31{n:02}", child=f"31{n:02}", name=f"孙{n}") for n in range(4)]
    await settled(county, *many)
    assert "照护人照看着 5 个孩子" in (await county.say("wang", "/children 3001")).messages[0].text
    await county.say("li", "/children")
    reply = await county.tap("li", "👪 一人照看多个")
    assert "1 位" in reply.messages[0].text
    assert labels(reply) == ["5 个：3001、3100、3101、3102、3103"]
