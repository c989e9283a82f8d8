"""Two files become one and two again: nothing is lost, nobody else can, and all looks as it did before."""

from dataclasses import replace
from pathlib import Path

from casework.access import CLOCK
from casework.facts import fact_of
from casework.outcome import Outcome
from casework.records import (
    CheckIn,
    Child,
    Draft,
    Escalation,
    Invite,
    Matter,
    Merge,
    Person,
    Request,
    Submission,
    Visit,
)
from casework.visits import TO_DO
from conversations.said import Reply
from tests.conversations.county import CHILD, County
from tests.conversations.test_one_file import ALIKE, alike, labels, settled

TWIN = replace(
    ALIKE, guardian_phone="13811112222", guardian_relation="外婆", risk=1, properties={"hukou": "no"}
)


async def joined(county: County, who: str = "li", *, confirm: bool = True) -> Reply:
    await alike(county, who)
    await county.tap(who, "张* · 3001 / v2-001")
    reply = await county.tap(who, "是同一个孩子，并成一份")
    return await county.tap(who, "并成一份") if confirm else reply


async def a_danger(county: County, who: str, code: str) -> Escalation:
    """Somebody reports a danger about the child."""
    await county.say(who, f"/report {code}")
    await county.tap(who, "可能被打")
    await county.tap(who, "今天")
    await county.say(who, "邻居听见孩子哭喊，胳膊上有伤")
    for label in ("已报警", "已告诉村委会", "选好了", "提交"):
        await county.tap(who, label)
    (e,) = await county.store.find(CLOCK, Escalation, child=code, status=("open",))
    return e


async def seen(county: County) -> dict[str, object]:
    """What everybody can see: lists, pages, duties, alerts; and which records are whose."""
    pages: dict[str, object] = {}
    for who in ("wang", "liu", "li", "sun"):
        for words in ("/children", "/today", "/alerts", "/children 3001", "/children v2-001", "/matters"):
            reply = await county.say(who, words)
            pages[who, words] = [
                (m.text, [b.label for row in m.buttons for b in row]) for m in reply.messages
            ]
        await county.say(who, "/cancel")
    return pages


async def test_all_of_the_other_file_is_with_the_kept_one_and_the_way_there_leads_to_it(
    county: County,
) -> None:
    await settled(county, TWIN)
    e = await a_danger(county, "liu", "v2-001")
    assert "并好了" in (await joined(county)).messages[0].text
    kept = await county.store.get(CLOCK, Child, "3001")
    shell = await county.store.get(CLOCK, Child, "v2-001")
    assert kept is not None
    assert shell is not None
    assert (shell.status, shell.merged_into, kept.status, kept.risk) == ("closed", "3001", "active", 1)
    assert await county.store.find(CLOCK, Submission, child="v2-001") == []
    assert [r.id for r in await county.store.find(CLOCK, Submission, child="3001")] == [e.source]
    moved = await county.store.get(CLOCK, Escalation, e.id)
    assert moved is not None
    assert (moved.child, moved.status, moved.number) == ("3001", "open", e.number)
    todo = await county.store.find(CLOCK, Visit, child="3001", status=TO_DO)
    assert [v.person for v in todo if v.purpose in ("routine", "new_child")] == ["wang"]
    for who in ("wang", "li"):
        assert (
            "张* · 3001"
            in (await county.say(who, "/children v2-001" if who == "li" else "/children 3001"))
            .messages[0]
            .text
        )
    assert "没有" in (await county.say("liu", "/children v2-001")).messages[0].text
    told = [s.message.text for s in county.phones["liu"].shown if "并进了" in s.message.text]
    assert len(told) == 1
    assert "王主任" in told[0]
    assert "没有看到重复" in (await alike(county, "li")).messages[0].text


async def test_an_alert_of_the_other_file_goes_on_and_can_be_dealt_with(county: County) -> None:
    await settled(county, TWIN)
    e = await a_danger(county, "liu", "v2-001")
    await joined(county)
    assert "张* · 3001" in (await county.say("li", f"/alerts {e.number}")).messages[0].text
    await county.say("li", f"收到 {e.number}")
    after = await county.store.get(CLOCK, Escalation, e.id)
    assert after is not None
    assert (after.status, after.person) == ("acknowledged", "li")


async def test_joining_and_taking_apart_leaves_everything_as_people_saw_it(county: County) -> None:
    await settled(county, TWIN)
    await a_danger(county, "liu", "v2-001")
    before = await seen(county)
    await joined(county)
    assert await seen(county) != before
    await county.tap("li", "分开")
    assert await seen(county) == before
    merges = await county.store.find(CLOCK, Merge)
    assert [(m.status, m.before, m.escalations) for m in merges] == [("undone", (), ())]


async def test_what_is_chosen_counts_and_by_default_the_newer_word_that_is_one(county: County) -> None:
    await settled(county, TWIN)
    reply = await joined(county, confirm=False)
    text = reply.messages[0].text
    assert reply.messages[0].protect
    for private in ("张小花", "张晓花", "13811112222", "13900000009", "周桂兰"):
        assert private not in text
    assert "上户口" in text
    number = next(line.split(" ")[0] for line in text.splitlines() if "平时谁照看" in line)
    await county.tap("li", f"换 {number}")
    popup = await county.tap("li", f"👁 看 {number}")
    assert "13811112222" in popup.popup
    await county.tap("li", "并成一份")
    kept = await county.store.get(CLOCK, Child, "3001")
    assert kept is not None
    assert (fact_of(kept, "guardian_phone"), fact_of(kept, "guardian_relation")) == ("13811112222", "外婆")
    assert (kept.name, kept.properties["hukou"]) == ("张小花", "no")


async def test_what_changed_since_it_was_shown_is_shown_anew_before_anything_is_joined(
    county: County,
) -> None:
    await settled(county, TWIN)
    await joined(county, confirm=False)
    child = await county.store.get(CLOCK, Child, "v2-001")
    assert child is not None
    await county.store.apply(Outcome(records=(replace(child, school="别的学校"),)))
    reply = await county.tap("li", "并成一份")
    assert "再看一遍" in reply.popup
    assert "别的学校" in reply.messages[0].text
    assert (await county.store.get(CLOCK, Child, "v2-001") or CHILD).status == "active"


async def test_the_other_file_can_be_the_one_that_stays(county: County) -> None:
    await settled(county, TWIN)
    await joined(county, confirm=False)
    await county.tap("li", "改成留下 v2-001")
    await county.tap("li", "并成一份")
    shell = await county.store.get(CLOCK, Child, "3001")
    assert shell is not None
    assert shell.merged_into == "v2-001"


async def test_nobody_but_who_answers_for_both_joins_or_takes_apart(county: County) -> None:
    far = replace(TWIN, id="v3-001", child="v3-001", village="v3", township="t2", worker="zhou")
    await settled(county, TWIN, far)
    await joined(county)
    (m,) = await county.store.find(CLOCK, Merge)
    for who in ("wang", "liu", "stranger"):
        id = "qian" if who == "stranger" else who
        for action in (
            ("mgu", m.id),
            ("mgy", m.id, "x"),
            ("mgs", m.id),
            ("mgx", m.id, "x"),
            ("mgr", m.id, "x"),
        ):
            token = county.desk.token(id, *action)
            reply = await county.bring(who, county.said(who, kind="tap", token=token, message="m"))
            assert reply.popup
            assert not reply.messages
    assert [x.status for x in await county.store.find(CLOCK, Merge)] == ["done"]
    await alike(county, "sun")
    assert len(labels(await county.tap("sun", "张* · 3001 / v3-001"))) == 4


async def test_after_the_policys_days_it_can_not_be_taken_apart_with_a_tap(county: County) -> None:
    await settled(county, TWIN)
    await joined(county)
    from datetime import timedelta

    county.now += timedelta(days=31)
    assert "超过 30 天" in (await county.tap("li", "分开")).popup
    shell = await county.store.get(CLOCK, Child, "v2-001")
    assert shell is not None
    assert shell.merged_into == "3001"


async def test_a_form_begun_for_the_other_file_is_finished_for_the_kept_one(county: County) -> None:
    await settled(county, replace(TWIN, village="v1", worker="wang"))
    await county.say("wang", "/visit v2-001")
    await joined(county)
    (draft,) = await county.store.find(CLOCK, Draft, person="wang", status=("open",))
    assert draft.child == "3001"


async def test_who_joins_by_an_invite_of_the_other_file_follows_it_both_ways(county: County) -> None:
    await settled(county, TWIN)
    await county.say("liu", "/children v2-001")
    await county.tap("liu", "邀请家长")
    await joined(county)
    (invite,) = await county.store.find(CLOCK, Invite, child="3001")
    await county.say("granny", "/start ABCDEFGHJK")
    cares = [p.cares_for for p in await county.store.carers("3001", "v2-001")]
    assert cares == [("3001",)]
    await county.tap("li", "分开")
    assert [p.cares_for for p in await county.store.carers("3001", "v2-001")] == [("v2-001",)]
    assert invite.child == "3001"
    assert {c.child for c in await county.store.find(CLOCK, CheckIn)} == {"v2-001"}


async def test_erasing_the_child_erases_the_joined_file_as_well(county: County, tmp_path: Path) -> None:
    await settled(county, TWIN)
    await joined(county)
    await county.store.erase("v2-001", now=county.now, home=tmp_path)
    assert [c.id for c in await county.store.find(CLOCK, Child)] == []
    assert await county.store.find(CLOCK, Merge) == []
    assert await county.store.find(CLOCK, Matter) == []


async def test_while_a_move_waits_nothing_is_joined(county: County) -> None:
    await settled(county, TWIN)
    waiting = Request(
        id="r1", child="v2-001", what="move", sender="liu", area="t2", asked_at=county.now,
        day=county.desk.today(county.now), due=county.desk.today(county.now),
        wake_at=county.now,
    )  # fmt: skip
    await county.store.apply(Outcome(records=(waiting,)))
    assert "请先办完" in (await joined(county)).popup
    assert isinstance(await county.store.get(CLOCK, Person, "liu"), Person)
