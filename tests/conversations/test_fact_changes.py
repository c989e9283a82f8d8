"""改资料: what is on file counts when something else of it is changed, and only what matters goes up."""

from dataclasses import replace

from casework.access import CLOCK
from casework.facts import FACTS
from casework.outcome import Outcome
from casework.records import Amendment, Child, Draft, Escalation
from tests.conversations.county import CHILD, County, shelf, words

ID, OTHER_ID = "33012320160504002X", "330123201605140020"  # born on 4 and on 14 May 2016, girls


async def given(county: County, **fields: object) -> None:
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    await county.store.apply(Outcome(records=(replace(child, **fields),)))  # type: ignore[arg-type]


async def begin(county: County, part: str, who: str = "wang") -> None:
    await county.say(who, "孩子 3001")
    await county.tap(who, "资料")
    await county.tap(who, "✏️ 改资料")
    await county.tap(who, part)


async def kept(county: County) -> Child:
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    return child


async def test_another_birth_date_than_the_id_number_on_file_says_wants_the_right_number(
    county: County,
) -> None:
    await given(county, id_number=ID)
    await begin(county, "姓名、生日、身份证")
    await county.tap("wang", "跳过")
    await county.tap("wang", "不改")
    asked = await county.say("wang", "2016年5月14日")
    assert "登记的身份证号和现在的性别或生日对不上" in asked.messages[0].text
    assert "号码不对" in (await county.say("wang", ID)).messages[0].text
    await county.say("wang", OTHER_ID.lower())
    await county.tap("wang", "提交")
    child = await kept(county)
    assert (child.id_number, str(child.birth_date)) == (OTHER_ID, "2016-05-14")
    (change,) = await county.store.find(CLOCK, Amendment, child="3001")
    assert change.before == {"birth_date": "2016-05-04", "id_number": ID}


async def test_a_wrong_number_can_be_taken_away(county: County) -> None:
    await given(county, id_number=ID)
    await begin(county, "姓名、生日、身份证")
    for label in ("跳过", "不改", "跳过"):
        await county.tap("wang", label)
    await county.say("wang", "没有")
    await county.tap("wang", "提交")
    assert (await kept(county)).id_number == ""


async def test_an_id_number_of_another_file_changes_nothing(county: County) -> None:
    await county.store.apply(
        Outcome(records=(replace(CHILD, id="3009", child="3009", worker="liu", id_number=ID),))
    )
    await begin(county, "姓名、生日、身份证")
    for label in ("跳过", "不改", "跳过"):
        await county.tap("wang", label)
    await county.say("wang", ID)
    answer = await county.tap("wang", "提交")
    assert "3009" not in answer.messages[0].text
    assert (await kept(county)).id_number == ""
    assert [d.status for d in await county.store.find(CLOCK, Draft, person="wang")] == ["open"]


async def test_a_dead_parents_telephone_is_not_asked_for_and_goes(county: County) -> None:
    await given(county, properties={"father": "away", "father_phone": "13700000007"})
    await begin(county, "爸爸")
    await county.tap("wang", "去世了")
    await county.tap("wang", "提交")
    assert (await kept(county)).properties == {"father": "dead"}
    await begin(county, "电话")
    texts = "".join(s.message.text for s in county.phones["wang"].shown[-1:])
    assert "爸爸" not in texts


async def test_when_the_parent_who_cared_has_gone_it_is_asked_who_cares_now_and_nobody_goes_up(
    county: County,
) -> None:
    home = {"father": "home", "father_able": "yes", "mother": "away", "carer": "parent"}
    await given(county, properties=home)
    await begin(county, "爸爸")
    await county.tap("wang", "在外地")
    asked = await county.tap("wang", "跳过")
    assert "平时谁在照看" in asked.messages[0].text
    assert "爸爸妈妈都不在家" in (await county.tap("wang", "不改")).messages[0].text
    await county.tap("wang", "没有人照看")
    await county.tap("wang", "提交")
    (alert,) = await county.store.find(CLOCK, Escalation, child="3001")
    assert (alert.flag, alert.urgency) == ("no_carer", "now")
    assert (await kept(county)).properties["guardianship_kind"] == "nobody"


async def test_other_changes_tell_nobody(county: County) -> None:
    before = len(county.phones["li"].shown)
    await begin(county, "身体")
    await county.tap("wang", "慢性病")
    await county.tap("wang", "提交")
    assert await county.store.find(CLOCK, Escalation, child="3001") == []
    assert len(county.phones["li"].shown) == before


async def test_nobody_changes_a_closed_file(county: County) -> None:
    await county.say("wang", "孩子 3001")
    await county.tap("wang", "资料")
    await given(county, status="closed")
    await county.tap("wang", "✏️ 改资料")
    assert await county.store.find(CLOCK, Draft, person="wang") == []


async def test_a_child_whom_nobody_cares_for_goes_up_when_it_is_registered(county: County) -> None:
    await county.say("liu", "登记孩子")
    await county.say("liu", "周小满")
    await county.tap("liu", "男")
    await county.say("liu", "2017-08-06")
    for label in (
        "跳过", "还没有", "在外地", "跳过", "跳过", "去世了", "没有人照看", "还没上学", "健康",
        "跳过", "提交",
    ):  # fmt: skip
        await county.tap("liu", label)
    (alert,) = await county.store.find(CLOCK, Escalation, child="v2-001")
    assert (alert.flag, alert.urgency) == ("no_carer", "now")


async def test_the_history_holds_no_name_and_no_number_and_another_s_button_shows_none(
    county: County,
) -> None:
    await begin(county, "爸爸")
    await county.tap("wang", "在外地")
    await county.say("wang", "张大海")
    await county.tap("wang", "提交")
    page = await county.tap("wang", "🕘 看改动")
    assert "张大海" not in page.messages[0].text
    _, button = county.phones["wang"].button("👁 爸爸的姓名")
    assert "张大海" in (await county.tap("wang", "👁 爸爸的姓名")).popup
    stolen = await county.bring("liu", county.said("liu", kind="tap", token=button.token))
    assert "张大海" not in stolen.popup


async def test_a_child_found_out_of_school_goes_up_once(county: County) -> None:
    for label in ("该上学没上", "不改"):
        await begin(county, "上学")
        await county.tap("wang", label)
        await county.tap("wang", "提交")
    raised = await county.store.find(CLOCK, Escalation, child="3001")
    assert [(e.flag, e.urgency, len(e.story)) for e in raised] == [("dropout", "today", 1)]


def test_every_fact_and_choice_has_its_words() -> None:
    for key in FACTS:
        for language in ("zh_Hans", "en"):
            assert words().say(language, f"fact.{key}")
    form = shelf().get("child_change")
    assert form is not None
    for question in form.questions.values():
        key = question.ref.rpartition("/")[2]
        for item in question.items if key in FACTS else ():
            assert words().has(f"choice.{FACTS[key].choices}.{item.value}"), (key, item.value)
