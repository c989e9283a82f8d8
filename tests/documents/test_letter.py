"""转介函: the fields that the purpose allows, the addressee, the day; one letter for each addressee."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.policy import Policy
from casework.records import File, Handled, Person, Referral
from conversations.media import media_of
from conversations.referral_letters import values_of
from tests.conversations.county import CHILD, START, County, policy
from tests.documents.handing import turn_of
from tests.documents.samples import texts

TAPS = ("➕ 办一件事", "🔗 妇联")


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    made = County(tmp_path / "county.db", "zh_Hans")
    await made.open()
    yield made
    await made.close()


async def sent(county: County) -> None:
    """The child is referred to the women's federation for guidance."""
    await county.settle(("wang", "li", "sun", "wu"), (CHILD,))
    await county.say("li", "孩子 3001")
    for tap in TAPS:
        await county.tap("li", tap)
    await county.say("li", "奶奶说{{ to }}孩子夜里常哭")


async def letter(county: County, person: str = "li") -> list[str]:
    """The paragraphs and cells of the letter that this person prints."""
    await county.tap(person, "🖨 打印转介函")
    media = county.phones[person].shown[-1].message.media
    content = await media_of(county.desk, media)
    assert content is not None
    return texts(content)


def by_policy(county: County, **privacy: object) -> Policy:
    rules = policy()
    return rules.model_copy(update={"privacy": rules.privacy.model_copy(update=privacy)})


async def test_it_says_to_whom_what_and_until_when_and_only_what_the_purpose_needs(county: County) -> None:
    await sent(county)
    paper = await letter(county)
    whole = "\n".join(paper)
    assert "青山县妇女联合会：" in paper
    assert "关于家庭教育指导的转介函" in paper
    assert "请贵单位上门为该儿童家庭提供家庭教育指导，并于2026年12月7日前将办理情况告知我单位。" in paper
    assert "有关说明：奶奶说{{ to }}孩子夜里常哭" in paper
    assert "柳河镇人民政府（盖章）" in paper
    told = ["姓名", "张小花", "住在", "柳河镇榆树村", "照护人", "周桂兰", "照护人是孩子的", "奶奶"]
    worker = ["儿童主任", "王主任", "儿童主任电话", "13800000001"]
    assert paper[-14:] == ["项目", "内容", *told, *worker]
    for left_out in (CHILD.guardian_phone, CHILD.school, "2016"):
        assert left_out not in whole


async def test_an_id_number_is_left_for_the_hand_even_where_the_purpose_needs_it(county: County) -> None:
    rules = policy()
    guidance = rules.referrals["family_guidance"]
    more = guidance.model_copy(update={"fields": (*guidance.fields, "id_number"), "letter": None})
    county.desk.policy = rules.model_copy(update={"referrals": {**rules.referrals, "family_guidance": more}})
    await county.settle(("wang", "li", "sun", "wu"), ())
    child = replace(CHILD, id_number="11010519491231002X")
    await county.store.apply(Outcome(records=(child,)))
    await county.say("li", "孩子 3001")
    for tap in (*TAPS, "发送"):
        await county.tap("li", tap)
    paper = await letter(county)
    assert paper[-2:] == ["身份证号", "______"]
    assert "请贵单位办理“请上门做家庭教育指导”一事，并于2026年12月7日前将办理情况告知我单位。" in paper


async def test_one_letter_for_each_addressee_and_its_contact_gets_the_same(county: County) -> None:
    await sent(county)
    first = await letter(county)
    before = (await county.store.verify_audit()).checked
    await county.say("wu", "/matters")
    await county.tap("wu", "张*")
    assert await letter(county, "wu") == first
    assert (await county.store.verify_audit()).checked == before + 2  # read, and shown
    assert len(await county.store.find(CLOCK, File)) == 1


async def test_a_contact_whom_the_chat_may_not_show_names_gets_no_letter(county: County) -> None:
    county.desk.policy = by_policy(county, reveal=False)
    await sent(county)
    await county.say("wu", "/matters")
    await county.tap("wu", "张*")
    with pytest.raises(LookupError):
        await county.tap("wu", "🖨 打印转介函")


async def test_where_nobody_has_the_post_the_letter_is_how_it_gets_there(county: County) -> None:
    await county.settle(("wang", "sun"), (CHILD,))
    wu = await county.store.get(CLOCK, Person, "wu")
    assert wu is not None
    await county.say("sun", "孩子 3001")
    for tap in (*TAPS, "发送"):
        await county.tap("sun", tap)
    assert "没有" in county.heard[-1].text
    paper = await letter(county, "sun")
    assert "青山县妇女联合会：" in paper
    assert "青山县民政局（盖章）" in paper


async def test_who_has_the_post_now_is_written_to_anew(county: County) -> None:
    await sent(county)
    await letter(county)
    (r,) = await county.store.find(CLOCK, Referral)
    county.now += timedelta(days=1)
    again = Handled(at=county.now, name="referral_readdressed")
    await county.store.apply(Outcome(records=(replace(r, story=(*r.story, again)),)))
    await letter(county)
    await letter(county)
    files = await county.store.find(CLOCK, File)
    assert sorted(file.name for file in files) == ["3001-转介函-2026-001.docx", "3001-转介函-2026-002.docx"]


async def test_a_contact_of_a_township_is_written_to_there_and_a_school_by_its_name(county: County) -> None:
    await county.settle(("wang", "li", "sun", "chen", "ding"), (CHILD,))
    ding = await county.store.get(CLOCK, Person, "ding")
    assert ding is not None
    await county.store.apply(Outcome(records=(replace(ding, school="柳河中心小学"),)))
    turn = await turn_of(county.desk, "li", "test:li", "x")
    to_police = Referral(
        id="r1", child=CHILD.id, person="chen", purpose="hukou", department="police", sender="li",
        opened_at=START, since=START.date(),
    )  # fmt: skip
    assert (await values_of(turn, to_police, CHILD))["to"] == "青山县公安局（柳河镇）"
    to_school = replace(to_police, person="ding", department="school")
    assert (await values_of(turn, to_school, CHILD))["to"] == "柳河中心小学"
