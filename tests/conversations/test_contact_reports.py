"""A school's contact reports a child: the answer is the same whether there is a file, and nothing is lost."""

from dataclasses import replace

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Escalation, Link, Matter
from tests.conversations.county import CHILD, County

KNOWN = "张小花，五年级2班，没来三天了"


async def reported(county: County, text: str) -> tuple[str, list[Matter]]:
    await county.say("ding", f"/report {text}")
    said = [heard.text for heard in county.heard if heard.person == "ding"][-1]
    return said, await county.store.find(CLOCK, Matter)


async def test_the_answer_is_the_same_to_the_byte_whether_there_is_such_a_child(county: County) -> None:
    await joined(county)
    known, begun = await reported(county, KNOWN)
    unknown, still = await reported(county, "王小虎，没来三天了")
    assert known == unknown
    assert len(begun) == len(still) == 1
    assert begun[0].story[0].words.startswith("张小花")


async def joined(county: County, school: str = "") -> None:
    ding = await county.store.person("ding")
    assert ding is not None
    address = county.phones["ding"].address
    link = Link(id=county.store.link_id(address), person="ding", address=address)
    await county.store.apply(Outcome(records=(replace(ding, status="joined", school=school), link)))


async def test_only_children_of_the_contacts_own_school_and_area_are_meant(county: County) -> None:
    await joined(county, school="别的学校")
    _, begun = await reported(county, KNOWN)
    assert begun == []


async def test_two_children_of_one_name_are_left_to_the_officers(county: County) -> None:
    await joined(county)
    twin = replace(CHILD, id="3009", child="3009", version=0)
    await county.store.apply(Outcome(records=(twin,)))
    _, begun = await reported(county, KNOWN)
    assert begun == []
    told = [heard for heard in county.heard if heard.person in ("li", "zhao") and "请核对" in heard.text]
    assert {heard.person for heard in told} == {"li", "zhao"}


async def test_a_child_that_is_reported_again_begins_no_second_matter(county: County) -> None:
    await joined(county)
    await reported(county, KNOWN)
    _, begun = await reported(county, "3001 还是没来")
    assert len(begun) == 1
    assert len(await county.store.find(CLOCK, Escalation)) == 1
