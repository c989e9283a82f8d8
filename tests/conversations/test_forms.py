"""The packaged forms, and forms of other counties, which follow the same few conventions."""

from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.records import Child, Escalation, Submission, Visit
from conversations.shelf import FormShelf, ShelfError, load_shelf
from tests.conversations.county import County, packaged, shelf
from xlsform.publish import publish

OTHER_COUNTY = """
| survey | | | | | | | |
| | type | name | label::中文 (zh) | label::English (en) | required | calculation | save_to |
| | hidden | child | | | | | |
| | select_one yn | met | 见面了？ | Met? | yes | | |
| | select_one_from_file children.csv | who | 还有谁在家？ | Who else? | | | |
| | text | shoe_size | 鞋码？ | Shoe size? | yes | | shoe_size |
| | select_one why | visit_reason | 为什么？ | Why? | | | |
| | calculate | visit_done | | | | if(${met} = 'n', 'false', 'true') | |
| | calculate | flag_cold_feet | | | | if(${shoe_size} = '0', 'today', '') | |

| choices | | | | |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | yn | y | 是 | Yes |
| | yn | n | 否 | No |
| | why | road | 路不通 | Road |
| | why | odd | 说不清 | Odd |

| settings | | | |
| | form_title | form_id | default_language |
| | 别县走访 | visit | 中文 (zh) |

| entities | | | |
| | list_name | entity_id | label |
| | children | ${child} | ${child} |
"""


@pytest.fixture
def other_county(county: County) -> County:
    form = publish(OTHER_COUNTY.encode(), kind="md", name="visit")
    county.desk.forms = FormShelf(forms={**shelf().forms, **load_shelf({"visit": form}).forms})
    return county


@pytest.mark.parametrize("name", ["visit", "report", "checkin", "phone"])
def test_a_packaged_form_compiles_without_warnings_in_both_languages(name: str) -> None:
    assert packaged(name).warnings == ()
    form = shelf().get(name)
    assert form is not None
    assert form.languages == ("中文 (zh)", "English (en)")


def test_the_check_in_asks_three_questions_and_always_allows_not_knowing() -> None:
    text = packaged("checkin").xform
    assert text.count("<select1") == 3
    assert text.count("<value>unknown</value>") + text.count("<name>unknown</name>") >= 3


def test_a_form_that_the_engine_refuses_is_named() -> None:
    class Broken:
        xform = "<no form>"
        media: dict[str, bytes] = {}  # noqa: RUF012

    with pytest.raises(ShelfError) as caught:
        load_shelf({"bad": Broken()})
    assert caught.value.faults[0].startswith("bad:")


async def test_another_county_s_form_saves_facts_and_raises_flags_that_nobody_foresaw(
    other_county: County,
) -> None:
    county = other_county
    await county.say("wang", "/visit 3001")
    for answer in ("是", "跳过", "0", "跳过", "提交"):
        await county.say("wang", answer)
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    assert child.properties == {"shoe_size": "0"}
    e = (await county.store.find(CLOCK, Escalation))[0]
    assert (e.flag, e.urgency) == ("cold_feet", "today")
    assert "需要关注的情况" in county.phones["li"].shown[-1].message.text
    visits = await county.store.find(CLOCK, Visit, child="3001", status=("done",))
    assert len(visits) == 1


@pytest.mark.parametrize(("answer", "reason"), [("路不通", "road"), ("说不清", "other")])
async def test_its_reason_excuses_the_visit_and_an_unknown_one_counts_as_other(
    other_county: County, answer: str, reason: str
) -> None:
    county = other_county
    await county.say("wang", "/visit 3001")
    for said in ("否", "跳过", "36", answer, "提交"):
        await county.say("wang", said)
    excused = await county.store.find(CLOCK, Visit, child="3001", status=("excused",))
    assert [v.reason for v in excused] == [reason]


async def test_a_draft_goes_on_when_the_form_is_published_anew(county: County) -> None:
    await county.say("wang", "/visit 3001")
    await county.tap("wang", "见到了")
    source = packaged("visit").xform.replace("上学怎么样", "学校那边怎么样")
    changed = type("Fresh", (), {"xform": source, "media": {}})()
    county.desk.forms = FormShelf(forms={**shelf().forms, **load_shelf({"visit": changed}).forms})
    await county.tap("wang", "和上次一样")
    assert "学校那边怎么样" in county.phones["wang"].shown[-1].message.text


async def test_answers_that_a_new_version_has_no_place_for_stay_with_the_submission(
    county: County,
) -> None:
    forms = Path(__file__).parents[1] / "transcripts" / "forms"
    county.publish("visit", (forms / "old.md").read_text(encoding="utf-8"))
    for said in ("/visit 3001", "姑姑", "32 码", "3"):
        await county.say("wang", said)
    county.publish("visit", (forms / "new.md").read_text(encoding="utf-8"))
    for said in ("爱看书", "奶奶", "11月1日", "提交"):
        await county.say("wang", said)
    (kept,) = await county.store.find(CLOCK, Submission, child="3001")
    assert (kept.values["care"], kept.values["since"], kept.values["words"]) == (
        "granny", "2026-11-01", "爱看书",
    )  # fmt: skip
    assert kept.left == {"/data/care": "aunt", "/data/shoe": "32 码"}


async def test_a_button_of_a_list_that_has_changed_since_is_not_acted_on(county: County) -> None:
    forms = Path(__file__).parents[1] / "transcripts" / "forms"
    county.publish("visit", (forms / "old.md").read_text(encoding="utf-8"))
    await county.say("wang", "/visit 3001")
    county.publish("visit", (forms / "new.md").read_text(encoding="utf-8"))
    await county.tap("wang", "自己")
    newest = county.phones["wang"].shown[-1].message.text
    assert "谁照看" in newest
    assert "✓" not in newest
    await county.tap("wang", "自己")
    assert "✓ 谁照看：自己" in county.phones["wang"].shown[-1].message.text


def _survey(*rows: str, title: str = "家访") -> str:
    head = (
        "| survey |",
        "| | type | name | label | repeat_count | calculation | required |",
        "| | hidden | child |",
    )
    return "\n".join([*head, *rows, "", "| settings |", "| | form_title |", f"| | {title} |"])


async def test_a_form_that_joined_the_packaged_ones_is_opened_from_the_child_s_page(county: County) -> None:
    county.publish("shoes", _survey("| | text | size | 鞋码？ | | | yes |", title="鞋子登记"))
    await county.say("wang", "/children 3001")
    await county.tap("wang", "📝 鞋子登记")
    assert "鞋码？" in county.phones["wang"].shown[-1].message.text
    await county.say("wang", "32")
    await county.say("wang", "提交")
    (kept,) = await county.store.find(CLOCK, Submission, child="3001")
    assert (kept.form, kept.values["size"]) == ("shoes", "32")


async def test_a_counted_list_has_no_more_entries_than_the_policy_allows(county: County) -> None:
    rows = (
        "| | integer | n | 几个？ | | | yes |",
        "| | begin repeat | r | 人 | ${n} | | |",
        "| | text | name | 名字？ | | | |",
        "| | end repeat | | | | | |",
    )
    county.publish("visit", _survey(*rows))
    await county.say("wang", "/visit 3001")
    await county.say("wang", "10000")
    newest = county.phones["wang"].shown[-1].message.text
    assert "最多 50 个" in newest
    assert "名字？" in newest
    assert "约 51 题" in newest


async def test_the_last_record_of_a_child_fills_in_what_the_form_takes_from_it(county: County) -> None:
    rows = (
        "| | text | size | 鞋码？ | | | |",
        "| | calculate | before | | | ${last-saved#size} | |",
        "| | note | was | 上次：${before} | | | |",
        "| | text | more | 还有什么？ | | | |",
    )
    county.publish("visit", _survey(*rows))
    await county.say("wang", "/visit 3001")
    for said in ("32", "没有", "提交"):
        await county.say("wang", said)
    await county.say("wang", "/visit 3001")
    await county.tap("wang", "再填一份新的")
    await county.say("wang", "33")
    assert "上次：32" in county.phones["wang"].shown[-1].message.text
