"""The main flows as people walk through them, whatever happens to the bot meanwhile: who waits for what."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.people import Phone
from tests.storm.stage import COUNTY, FAMILY, NEW_CODE, OFFICER, WORKER, ZONE, Stage

PATIENT = 45.0
NEWCOMER = 102


@dataclass(frozen=True, kw_only=True)
class Flow:
    """``play`` walks through it; ``kept``: how many lines of the trace must begin with which words."""

    play: Callable[[Stage], Awaitable[None]]
    kept: Mapping[str, int]
    empty: bool = False  # from an empty database, and from the very start of the process
    more: int = 0  # children beside the one of whom all flows tell


async def _hear(phone: Phone, words: str) -> None:
    await phone.wait_for(words, timeout=PATIENT)


async def _tap(phone: Phone, question: str, label: str) -> None:
    """Wait until the question is asked, and tap on an answer of the message that asks it."""
    asked = await phone.wait_for(question, timeout=PATIENT)
    await phone.tap(label, message_id=asked.id)


async def _start(stage: Stage) -> None:
    """An empty database, a first start, a stranger."""
    stranger = stage.phone(NEWCOMER)
    await stranger.say("你好")
    await _hear(stranger, "邀请码")


async def _join(stage: Stage) -> None:
    newcomer, officer = stage.phone(NEWCOMER), stage.phone(OFFICER)
    await newcomer.say("/start WRONG23456")
    await _hear(newcomer, "邀请码用不了")
    await newcomer.say(f"/start {NEW_CODE}")
    await _hear(newcomer, "欢迎")
    await _hear(officer, "已经加入")
    await newcomer.say("孩子")
    await newcomer.wait_for(lambda message: "孩子" in message.text, timeout=PATIENT)


async def _visit(stage: Stage) -> None:
    worker, officer = stage.phone(WORKER), stage.phone(OFFICER)
    await worker.say("走访 3001")
    for question, label in (
        ("这次见到孩子了吗？", "见到了"), ("吃饭、穿衣、照看怎么样？", "和上次一样，都正常"),
        ("上学怎么样？", "不去上学了"), ("从哪一天起没去上学？", "昨天"),
    ):  # fmt: skip
        await _tap(worker, question, label)
    await _hear(worker, "家里和孩子怎么说？")
    await worker.say("孩子说不想读了")
    for question, label in (
        ("平时管教怎么样？", "和上次一样，都正常"), ("情绪和待人怎么样？", "和上次一样，都正常"),
        ("身体和安全怎么样？", "没病没伤，家里安全"), ("爸妈和孩子联系过吗？", "联系过"),
        ("看到、听到了什么？", "跳过"), ("请看一遍", "提交"),
    ):  # fmt: skip
        await _tap(worker, question, label)
    await _hear(worker, "记好了，辛苦了")
    await _hear(officer, "可能不上学了")


async def _alert(stage: Stage) -> None:
    """Raised in one go of typing, taken on by a tap, ended by two people; everybody hears of it."""
    worker, officer, county = stage.phone(WORKER), stage.phone(OFFICER), stage.phone(COUNTY)
    for text in ("/report 3001", "1", "昨天", "听到哭喊", "1", "提交"):
        await worker.say(text)
    await _tap(officer, "预警 1：", "收到")
    await _hear(officer, "由您接手了")
    await county.wait_for(lambda m: "接手" in m.text and "预警 1" in m.text, timeout=PATIENT)
    await officer.say("办结 1 已和派出所一起上门，孩子安全")
    await _tap(county, "要两个人一起办结", "同意办结")
    await _hear(county, "已办结：")
    for phone in (officer, worker):
        await phone.wait_for(lambda m: "办结：" in m.text, timeout=PATIENT)


async def _check_in(stage: Stage) -> None:
    family, worker = stage.phone(FAMILY), stage.phone(WORKER)
    stage.move(_at(stage, 0, 18))
    await _tap(family, "这几天家里都好吗", "开始")
    for question, label in (
        ("吃饭、睡觉、身体都好吗？", "都好"), ("孩子去上学了吗？", "去了"),
        ("家里现在需要帮忙吗？", "我们需要帮助"), ("请看一遍", "提交"),
    ):  # fmt: skip
        await _tap(family, question, label)
    await _hear(family, "谢谢您告诉我们")
    await _hear(worker, "家里请求帮助")


async def _reminder(stage: Stage) -> None:
    """Only the clock speaks: reminded, asked why, gone up to the officer."""
    worker, officer = stage.phone(WORKER), stage.phone(OFFICER)
    for days, who, words in (
        (1, worker, "今天请去看看"),
        (3, worker, "还没有记录"),
        (6, officer, "走访逾期"),
    ):
        stage.move(_at(stage, days, 8))
        await _hear(who, words)
        await stage.rest()  # or the clock would be put on before everything of this day is done


async def _alerts(stage: Stage) -> None:
    """Nobody visits anybody: the officer gets one message, and takes on all that it names."""
    worker, officer = stage.phone(WORKER), stage.phone(OFFICER)
    for days, who, words in (
        (1, worker, "有 3 个孩子该去看看了"),
        (3, worker, "有 3 个孩子该去看看了"),
        (6, officer, "件事请您看看"),
    ):
        stage.move(_at(stage, days, 8))
        await _hear(who, words)
        await stage.rest()
    for number in (1, 2, 3):
        await officer.say(f"收到 {number}")
        await _hear(officer, f"预警 {number}（")


def _at(stage: Stage, days: int, hour: int) -> datetime:
    """So many days after the first, at this hour of the county's day, and each day some minutes later.

    What is due two days after something must be due for certain, however long a run has taken.
    """
    day = stage.first_day + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, 1 + 5 * days, tzinfo=ZONE)


FLOWS: Mapping[str, Flow] = {
    "start": Flow(play=_start, kept={"message (": 1, "talk {": 1}, empty=True),
    "join": Flow(play=_join, kept={"invite {": 1, "link {": 5, "event ('person_joined'": 1}),
    "visit": Flow(
        play=_visit, kept={"submission {": 1, "escalation {": 1, "visit {": 2, "event ('form_submitted'": 1}
    ),
    "alert": Flow(
        play=_alert,
        kept={
            "submission {": 1, "escalation {": 1, "event ('escalation_acknowledged'": 1,
            "event ('escalation_resolved'": 1,
        },
    ),
    "check-in": Flow(play=_check_in, kept={"submission {": 1, "escalation {": 1, "checkin {": 2}),
    "reminder": Flow(
        play=_reminder, kept={"visit {": 2, "escalation {": 1, "event ('visit_missed'": 1}
    ),
    "alerts": Flow(
        play=_alerts, more=2,
        kept={"escalation {": 3, "event ('visit_missed'": 3, "event ('escalation_acknowledged'": 3},
    ),
}  # fmt: skip
