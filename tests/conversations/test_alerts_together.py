"""Alerts of one moment as one message: the most urgent first, each with its buttons, nothing that is over."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.escalations import acknowledge, open_escalation, resolve
from casework.outcome import Notice, Outcome, Priority
from casework.records import Child, Escalation, Person
from conversations import alerts_together
from conversations.desk import Desk
from conversations.notices import together
from conversations.said import Message, Together
from storage.errors import Unavailable
from tests.conversations.county import CHILD, MANY, OTHER, SISTER, County, policy


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """Nobody has joined yet, and there are no children."""
    opened = County(tmp_path / "county.db", "zh_Hans")
    await opened.open()
    yield opened
    await opened.close()


async def opened(county: County, flag: str, child: Child, by: str | None = None) -> Outcome:
    """The decision to raise an alert, by the clock or by somebody."""
    circle = await county.store.circle(child, county.now)
    return open_escalation(
        flag, child=child, circle=circle, facts={}, source=None, by=by, policy=policy(), now=county.now,
        new_id=county.desk.new_id,
    )  # fmt: skip


async def begun(county: County, flag: str, child: Child, by: str | None = None) -> tuple[Escalation, Notice]:
    """An alert that is open, and what tells the officer of it, which is not in the outbox."""
    outcome = await opened(county, flag, child, by)
    (e,) = (r for r in outcome.records if isinstance(r, Escalation))
    await county.store.apply(Outcome(records=outcome.records))
    kept = await county.store.get(CLOCK, Escalation, e.id)
    assert kept is not None
    return kept, next(n for n in outcome.notices if n.to == "li")


async def kept(county: County, outcome: Outcome, id: str) -> Escalation:
    await county.store.apply(Outcome(records=outcome.records, events=outcome.events))
    found = await county.store.get(CLOCK, Escalation, id)
    assert found is not None
    return found


async def li(county: County) -> Person:
    person = await county.store.person("li")
    assert person is not None
    return person


def said(message: Message | None) -> list[str]:
    assert message is not None
    return message.text.split("\n")


def labels(message: Message | None) -> list[list[str]]:
    assert message is not None
    return [[button.label for button in row] for row in message.buttons]


async def test_the_most_urgent_comes_first_and_what_is_new_before_what_is_told_again(county: County) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER, SISTER))
    _, overdue = await begun(county, "missed_visit", CHILD)
    _, dropout = await begun(county, "dropout", OTHER)
    _, again = await begun(county, "missed_visit", SISTER)
    again = replace(again, values={**again.values, "repeat": 1})
    _, newer = await begun(county, "hardship", OTHER)
    found = await together(county.desk, [overdue, again, newer, dropout])
    message, untold = found.message, found.untold
    assert untold == frozenset()
    assert said(message)[:5] == [
        "有 4 件事请您看看：",
        "🟠 预警 2：可能不上学了（李* · 3002）",
        "🟡 预警 1：走访逾期，可能需要帮忙（张* · 3001）",
        "🟡 预警 4：生活困难或补助没到位（李* · 3002）",
        "🟡 预警 3：走访逾期，可能需要帮忙（张* · 3003），再提醒一次",
    ]
    assert labels(message)[0] == ["收到 2", "办结 2", "转交 2"]
    assert labels(message)[-1] == ["看全部"]
    assert message is not None
    assert (message.protect, message.marks) == (True, (("bold", 0, len("有 4 件事请您看看：")),))


async def test_what_ended_or_was_taken_on_meanwhile_is_left_out_and_one_alone_has_its_own_message(
    county: County,
) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER, SISTER))
    officer, circle = await li(county), await county.store.circle(CHILD, county.now)
    first, told = await begun(county, "missed_visit", CHILD)
    second, over = await begun(county, "missed_visit", OTHER)
    third, taken = await begun(county, "missed_visit", SISTER)
    taken = replace(taken, values={**taken.values, "repeat": 1})
    where = {"circle": circle, "policy": policy(), "now": county.now}
    await kept(county, resolve(second, by=officer, outcome="去过了", **where), second.id)  # type: ignore[arg-type]
    await kept(county, acknowledge(third, by=officer, **where), third.id)  # type: ignore[arg-type]
    found = await together(county.desk, [told, over, taken])
    message, untold = found.message, found.untold
    assert untold == {over.key, taken.key}
    assert said(message)[:2] == ["🟡 预警 1：走访逾期，可能需要帮忙（3001）", "孩子：张* · 3001"]
    assert labels(message)[0] == ["收到", "办结", "转交"]
    await kept(county, resolve(first, by=officer, outcome="去过了", **where), first.id)  # type: ignore[arg-type]
    nothing = Together(message=None, untold=frozenset({told.key, over.key}))
    assert await together(county.desk, [told, over]) == nothing
    assert await together(county.desk, [replace(told, to="nobody"), over]) == nothing


async def test_a_first_telling_of_what_somebody_has_taken_on_offers_only_what_is_left_to_do(
    county: County,
) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER))
    officer, circle = await li(county), await county.store.circle(CHILD, county.now)
    first, one = await begun(county, "missed_visit", CHILD)
    _, two = await begun(county, "missed_visit", OTHER)
    await kept(
        county, acknowledge(first, by=officer, circle=circle, policy=policy(), now=county.now), first.id
    )
    message = (await together(county.desk, [one, two])).message
    assert labels(message) == [["办结 1", "转交 1", "先等等 1"], ["收到 2", "办结 2", "转交 2"], ["看全部"]]
    assert said(message)[1] == "🟡 预警 1：走访逾期，可能需要帮忙（张* · 3001），由 李督导 接手了"
    assert said(message)[-1].startswith("点“收到 2”，预警 2 就由您接手")


async def test_what_is_due_late_or_wakes_is_said_in_the_same_message(county: County) -> None:
    await county.settle(("wang", "li", "zhao"), (CHILD, OTHER, SISTER))
    officer, circle = await li(county), await county.store.circle(CHILD, county.now)
    told = []
    for child in (CHILD, OTHER, SISTER):
        e, notice = await begun(county, "missed_visit", child)
        outcome = acknowledge(e, by=officer, circle=circle, policy=policy(), now=county.now)
        await kept(county, outcome, e.id)
        told.append(notice)
    kinds = ("escalation_due", "escalation_overdue", "escalation_woken")
    lines = [replace(n, kind=kind, key=kind) for n, kind in zip(told, kinds, strict=True)]
    message = (await together(county.desk, lines)).message
    assert said(message)[1:4] == [
        "🟡 预警 1：走访逾期，可能需要帮忙（张* · 3001），11月30日 周一 要有结果",
        "🟡 预警 2：走访逾期，可能需要帮忙（李* · 3002），11月30日 周一 该有结果，还没有记下",
        "🟡 预警 3：走访逾期，可能需要帮忙（张* · 3003），等的日子到了（），请接着办",
    ]
    assert labels(message)[:-1] == [[f"办结 {n}", f"转交 {n}", f"先等等 {n}"] for n in (1, 2, 3)]
    found = await together(county.desk, [replace(line, to="zhao") for line in lines])
    message, untold = found.message, found.untold
    assert untold == {"escalation_woken"}  # that concerns its holder only
    assert said(message)[2].endswith("：由 李督导 接手，11月30日 周一 该有结果，现在还没有，请问一问")


async def test_two_about_one_alert_are_one_line_and_both_have_been_told(county: County) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER))
    _, first = await begun(county, "missed_visit", CHILD)
    again = replace(first, key="again", values={**first.values, "repeat": 1})
    _, other = await begun(county, "missed_visit", OTHER)
    found = await together(county.desk, [first, other, again])
    message, untold = found.message, found.untold
    assert untold == frozenset()
    assert said(message)[:3] == [
        "有 2 件事请您看看：",
        "🟡 预警 1：走访逾期，可能需要帮忙（张* · 3001）",  # he hears it for the first time
        "🟡 预警 2：走访逾期，可能需要帮忙（李* · 3002）",
    ]
    found = await together(county.desk, [again, first])
    assert said(found.message)[:2] == ["🟡 预警 1：走访逾期，可能需要帮忙（3001）", "孩子：张* · 3001"]
    assert found.untold == frozenset()


async def test_whom_to_call_about_which_where_several_workers_are_concerned(county: County) -> None:
    elsewhere = replace(OTHER, village="v2", worker="liu")
    await county.settle(("wang", "liu", "li"), (CHILD, elsewhere, SISTER))
    notices = [(await begun(county, "missed_visit", child))[1] for child in (CHILD, elsewhere, SISTER)]
    message = (await together(county.desk, notices)).message
    assert [line for line in said(message) if line.startswith("☎️")] == [
        "☎️ 王主任（儿童主任）：13800000001（预警 1、3）",
        "☎️ 刘主任（儿童主任）：13800000002（预警 2）",
    ]


async def test_a_smaller_one_of_the_same_child_stands_under_the_greater(county: County) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER))
    lead, one = await begun(county, "dropout", CHILD)
    small, _ = await begun(county, "missed_visit", CHILD)
    await kept(county, Outcome(records=(replace(small, under=lead.id),)), small.id)
    _, two = await begun(county, "missed_visit", OTHER)
    message = (await together(county.desk, [one, two])).message
    assert said(message)[1:3] == [
        "🟠 预警 1：可能不上学了（张* · 3001）",
        "　同一个孩子还有：🟡 预警 2：走访逾期，可能需要帮忙（3001）",
    ]


async def test_it_makes_a_sound_unless_all_of_it_was_to_come_silently(county: County) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER))
    notices = [(await begun(county, "missed_visit", child))[1] for child in (CHILD, OTHER)]
    quiet = [replace(notice, silent=True) for notice in notices]
    loud = (await together(county.desk, [quiet[0], notices[1]])).message
    still = (await together(county.desk, quiet)).message
    assert loud is not None
    assert still is not None
    assert (loud.silent, still.silent) == (False, True)


async def test_everything_that_is_open_is_a_tap_away(county: County) -> None:
    await county.settle(("wang", "li"), MANY)
    for child in MANY[:2]:
        await county.store.apply(await opened(county, "missed_visit", child))
    await county.deliver()
    (message,) = (heard for heard in county.heard if heard.person == "li")
    assert message.text.startswith("有 2 件事请您看看：")
    await county.tap("li", "看全部")
    assert [heard.text.split("\n")[0] for heard in county.heard if heard.person == "li"][1:] == [
        "没办结的预警，共 2 条：",
        "🟡 预警 1：走访逾期，可能需要帮忙（3101）",
        "🟡 预警 2：走访逾期，可能需要帮忙（3102）",
    ]
    told = [e.told[0] for e in await county.store.find(CLOCK, Escalation)]
    assert [one.delivered_at for one in told] == [county.now, county.now]


async def test_where_the_officer_is_gone_the_next_gets_all_of_it_as_one_message_too(county: County) -> None:
    await county.settle(("wang", "li", "sun"), MANY)
    for child in MANY[:3]:
        await county.store.apply(await opened(county, "missed_visit", child))
    await county.block("li")
    await county.deliver()
    assert [(heard.person, heard.text.split("\n")[0]) for heard in county.heard] == [
        ("sun", "有 3 件事请您看看：")
    ]


async def test_what_a_person_reports_and_what_can_not_wait_is_told_by_itself(county: County) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER))
    _, reported = await begun(county, "dropout", CHILD, by="wang")
    _, by_clock = await begun(county, "dropout", OTHER)
    _, danger = await begun(county, "danger", CHILD)
    assert [n.priority for n in (reported, by_clock, danger)] == [
        Priority.ALERT, Priority.GATHERED, Priority.ALERT
    ]  # fmt: skip


async def test_one_that_can_not_be_put_into_words_takes_no_other_with_it(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER, SISTER))
    begun_ones = [await begun(county, "missed_visit", child) for child in (CHILD, OTHER, SISTER)]
    notices = [notice for _, notice in begun_ones]
    spoilt = begun_ones[1][0].id
    usual = alerts_together.brief

    def brief(desk: Desk, e: Escalation, language: str, **more: str) -> str:
        if e.id == spoilt:
            raise ValueError("nonsense")
        return usual(desk, e, language, **more)

    monkeypatch.setattr(alerts_together, "brief", brief)
    found = await together(county.desk, notices)
    assert [line for line in said(found.message) if line.startswith("🟡")] == [
        "🟡 预警 1：走访逾期，可能需要帮忙（张* · 3001）",
        "🟡 预警 3：走访逾期，可能需要帮忙（张* · 3003）",
    ]
    assert said(found.message)[0] == "有 2 件事请您看看："
    assert (found.untold, found.unworded) == (frozenset(), {notices[1].key})
    one = await together(county.desk, notices[:2])
    assert said(one.message)[0] == "🟡 预警 1：走访逾期，可能需要帮忙（3001）"
    assert one.unworded == {notices[1].key}
    odd = await together(county.desk, [replace(notices[0], kind="unheard_of"), notices[2]])
    assert odd.unworded == {notices[0].key}
    assert said(odd.message)[0] == "🟡 预警 3：走访逾期，可能需要帮忙（3003）"


async def test_where_the_database_is_away_nothing_is_said_and_nothing_is_given_up(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county.settle(("wang", "li"), (CHILD, OTHER))
    notices = [(await begun(county, "missed_visit", child))[1] for child in (CHILD, OTHER)]

    async def away(*_: object) -> None:
        raise Unavailable("locked")

    for name in ("worker_call", "spoken_for"):
        with monkeypatch.context() as patched:
            patched.setattr(alerts_together, name, away)
            with pytest.raises(Unavailable):
                await together(county.desk, notices)
    monkeypatch.setattr(county.store, "get", away)
    with pytest.raises(Unavailable):
        await together(county.desk, notices)


async def test_what_is_handed_over_or_comes_back_is_told_one_by_one_however_much_it_is(
    county: County,
) -> None:
    await county.settle(("wang", "li", "sun"), (CHILD, OTHER))
    for child in (CHILD, OTHER):
        await begun(county, "missed_visit", child)
    for number in (1, 2):
        await county.say("li", f"转交 {number} 孙科长")
    told = [heard.text.split("\n")[0] for heard in county.heard if heard.person == "sun"]
    assert told == ["李督导 转交给您："] * 2
    county.heard.clear()
    await county.until(county.now + timedelta(days=2))
    back = [heard.text.split("\n")[0] for heard in county.heard if heard.person == "li"]
    assert back[:2] == ["孙科长 没有接手，又回到您这里："] * 2


async def test_of_very_many_open_ones_the_list_says_how_many_it_leaves_out(county: County) -> None:
    children = tuple(replace(CHILD, id=f"c{n}", child=f"c{n}") for n in range(41))
    await county.settle(("wang", "li"), children)
    for child in children:
        await begun(county, "missed_visit", child)
    await county.say("li", "预警")
    last = county.heard[-1].text.split("\n")
    assert last[0] == "还有 33 条："
    assert len(last) == 1 + 30 + 1
    assert last[-1] == "另外 3 条没有列出来；前面的办了，再发“预警”看。"
