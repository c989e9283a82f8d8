"""People in a storm, and the plain model of them: what each said, and what must have come of it."""

import asyncio
import contextlib
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from playground.people import Phone
from playground.server import StandIn
from playground.view import ChatMessage
from tests.storm.county import COUNTY_OFFICER, SECOND_OFFICER, Folk
from tests.storm.screens import Screens, data_of, labels

COUNTY = (COUNTY_OFFICER, SECOND_OFFICER)
PATIENCE = 120.0  # longer than any fault lasts; shorter than a tap lives at Telegram
MATTERS = {
    "danger": "可能被打、被欺负、被伤害", "missing": "孩子找不到了", "no_carer": "没有人照看",
    "dropout": "不去上学了", "hardship": "生活困难或补助没到位",
}  # fmt: skip
NUMBERS = {"danger": 1, "missing": 2, "no_carer": 3, "dropout": 4, "hardship": 8}
URGENT = {
    "danger": "danger",
    "missing": "danger",
    "no_carer": "no_carer",
}  # the flags that wait for no morning
DONE = {"police": "已报警", "doctor": "已送医", "parents": "已告诉父母", "village": "已告诉村委会"}
STRANGER = 999
_ALERT = re.compile(r"预警 (\d+)：")
_PROPOSED = re.compile(r"想办结预警 (\d+)（.*）：(.+)\n")


@dataclass(frozen=True, kw_only=True)
class Report:
    """A concern that somebody raised, to the end: exactly this must have been kept, once."""

    worker: str
    child: str
    words: str
    matter: str
    done: frozenset[str]


@dataclass
class Model:
    """What must be true in the end. ``stuck``: those who were left without an answer."""

    reports: list[Report] = field(default_factory=list)
    ends: dict[int, tuple[str, str]] = field(default_factory=dict)  # alert -> who ended it, with which words
    stuck: list[str] = field(default_factory=list)
    strangers: int = 0  # what strangers said, of which nothing is kept
    said: Counter[str] = field(default_factory=Counter)


class People:
    """Everybody at once. ``over``: begin nothing new."""

    def __init__(self, server: StandIn, screens: Screens, folk: Folk, dice: random.Random) -> None:
        self.server, self.screens, self.folk, self.dice = server, screens, folk, dice
        self.model = Model()
        self.over = asyncio.Event()
        self.calm = asyncio.Event()  # nobody is to be alerted any more
        self.pace = 1.0
        for number in (*folk.workers.values(), *folk.officers.values(), *COUNTY, STRANGER):
            server.phone(number)

    def workers(self) -> list[asyncio.Task[None]]:
        """The workers and passers-by, at it until `over`."""
        jobs = [self._work(name) for name in self.folk.workers] + [self._pass_by(), self._block()]
        return [asyncio.create_task(job) for job in jobs]

    def officers(self) -> list[asyncio.Task[None]]:
        """The officers, at it until `calm`."""
        jobs = [self._take_on(name) for name in self.folk.officers] + [self._agree()]
        return [asyncio.create_task(job) for job in jobs]

    async def _pause(self, mean: float) -> None:
        await asyncio.sleep(self.dice.expovariate(1 / (mean * self.pace)))

    # Workers

    async def _work(self, name: str) -> None:
        phone, handed_in = self.server.phones[self.folk.workers[name]], 0
        while not self.over.is_set():
            await self._pause(0.4)
            report = self._report(name)
            self.model.reports.append(report)
            start = self.screens.count(phone.user_id)
            try:
                await (self._type if self.dice.random() < 0.4 else self._tap)(phone, report, start)
                await self.screens.wait(phone.user_id, start, _thanks, PATIENCE)
            except TimeoutError:
                self.model.stuck.append(f"{name}: {report.words}\n{phone.transcript(4)}")
                return
            handed_in += 1
            if self.dice.random() < 0.2:
                await self._fidget(phone)

    def _report(self, name: str) -> Report:
        return Report(
            worker=name,
            child=self.dice.choice(self.folk.children[name]),
            words=f"记录{name}第{len(self.model.reports)}号",
            matter=self.dice.choice(list(MATTERS)),
            done=frozenset(self.dice.sample(list(DONE), self.dice.choice((1, 1, 2, 3)))),
        )

    async def _type(self, phone: Phone, report: Report, start: int) -> None:
        """All in one go, without waiting for any question: only the right order gives the right report."""
        numbers = [str(1 + list(DONE).index(one)) for one in sorted(report.done)]
        for text in (
            f"/report {report.child}", str(NUMBERS[report.matter]), "昨天", report.words, " ".join(numbers),
            "提交",
        ):  # fmt: skip
            await phone.say(text)
            self.model.said["typed"] += 1

    async def _tap(self, phone: Phone, report: Report, start: int) -> None:
        """One question after the other, as it is shown, now and then twice on the same button."""
        await phone.say(f"/report {report.child}")
        answered: set[tuple[int, str]] = set()  # the message, as it stood
        end = asyncio.get_running_loop().time() + PATIENCE
        while not any(_thanks(message) for message in self.screens.newest(phone.user_id, start)):
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError
            question = next(filter(_is_question, self.screens.newest(phone.user_id, start)), None)
            if question is not None and (state := _state(question)) not in answered:
                answered.add(state)
                await self._answer(phone, report, question)
                end = asyncio.get_running_loop().time() + PATIENCE
            await asyncio.sleep(0.02)

    async def _answer(self, phone: Phone, report: Report, question: ChatMessage) -> None:
        shown = labels(question)
        if "提交" in shown:
            await self._press(phone, question, "提交", twice=0.3)
        elif "选好了" in shown:
            ticked = {v for v, label in DONE.items() if f"✓ {label}" in shown}
            wrong = sorted(ticked ^ report.done)
            await self._press(phone, question, DONE[self.dice.choice(wrong)] if wrong else "选好了")
        elif "昨天" in shown:
            await self._press(phone, question, "昨天", twice=0.2)
        elif MATTERS[report.matter] in shown:
            await self._press(phone, question, MATTERS[report.matter], twice=0.2)
        else:
            await phone.say(report.words)
            self.model.said["typed"] += 1

    async def _press(self, phone: Phone, message: ChatMessage, label: str, *, twice: float = 0.0) -> None:
        for _ in range(2 if self.dice.random() < twice else 1):
            await phone.tap_data(message.id, data_of(message, label))
            self.model.said["tapped"] += 1

    async def _fidget(self, phone: Phone) -> None:
        """What is no answer to anything: help, an edit, an old button."""
        choice = self.dice.randrange(3)
        if choice == 0:
            await phone.say("/help")
        elif choice == 1:
            own = [message.id for message in phone.messages_after(30) if not message.from_bot]
            if own:
                await phone.edit(own[-1], "改过的话")
        else:
            old = phone.messages_after(max(0, len(phone.chat.records) - 30))
            taps = [
                (m.id, b.data) for m in old for row in m.buttons for b in row if b.data and "提交" in b.text
            ]
            if taps:
                await phone.tap_data(*self.dice.choice(taps))
        self.model.said["fidgeted"] += 1

    # Others

    async def _pass_by(self) -> None:
        while not self.over.is_set():
            await self._pause(3.0)
            await self.server.phones[STRANGER].say("你好")
            self.model.strangers += 1

    async def _block(self) -> None:
        """The county officer blocks the bot for a while, again and again."""
        phone = self.server.phones[COUNTY_OFFICER]
        while not self.over.is_set():
            await self._pause(6.0)
            await phone.block()
            await self._pause(2.0)
            await phone.unblock()

    async def _take_on(self, name: str) -> None:
        """Take on each alert, and end it."""
        phone = self.server.phones[self.folk.officers[name]]
        known, seen = {0}, 0
        while not self.calm.is_set():
            await asyncio.sleep(0.05)
            fresh = list(self.screens.newest(phone.user_id, seen))
            seen += len(fresh)
            for alert in reversed(fresh):
                number = _number(alert)
                if number not in known:
                    known.add(number)
                    await self._try_to_end(phone, name, alert, number)

    async def _try_to_end(self, phone: Phone, name: str, alert: ChatMessage, number: int) -> None:
        try:
            await self._end(phone, name, alert, number)
        except TimeoutError:
            self.model.stuck.append(f"{name}: alert {number}\n{phone.transcript(4)}")

    async def _end(self, phone: Phone, name: str, alert: ChatMessage, number: int) -> None:
        start, words = self.screens.count(phone.user_id), f"已处理{number}号"
        await self._press(phone, alert, "收到", twice=0.3)
        taken = f"预警 {number}（"
        await self.screens.wait(
            phone.user_id, start, lambda m: taken in m.text and "接手了" in m.text, PATIENCE
        )
        if self.dice.random() < 0.5:
            await self._press(phone, alert, "办结")
            asked = f"预警 {number} 怎么办结的"
            await self.screens.wait(phone.user_id, start, lambda m: asked in m.text, PATIENCE)
            await phone.say(words)
        else:
            await phone.say(f"办结 {number} {words}")
        ended = await self.screens.wait(
            phone.user_id, start, lambda m: f"已办结：{words}" in m.text or _takes_two(m, number), PATIENCE
        )
        if not _takes_two(ended, number):
            self.model.ends[number] = (name, words)

    async def _agree(self) -> None:
        """A second person agrees to the end of each danger."""
        phone, seen = self.server.phones[SECOND_OFFICER], 0
        while not self.calm.is_set():
            await asyncio.sleep(0.05)
            fresh = list(self.screens.newest(phone.user_id, seen))
            seen += len(fresh)
            for asked in (message for message in reversed(fresh) if "同意办结" in labels(message)):
                found = _PROPOSED.search(asked.text)
                if found is None or int(found[1]) in self.model.ends:
                    continue
                number, words = int(found[1]), found[2]
                await self._press(phone, asked, "同意办结", twice=0.3)
                with contextlib.suppress(TimeoutError):  # it lapsed meanwhile, or another was quicker
                    ends = partial(_says, f"预警 {number}（", f"已办结：{words}")
                    await self.screens.wait(phone.user_id, seen - len(fresh), ends, PATIENCE)
                    self.model.ends[number] = ("K2", words)


def _takes_two(message: ChatMessage, number: int) -> bool:
    return _says(f"预警 {number}（", "要两个人一起办结", message)


def _says(one: str, other: str, message: ChatMessage) -> bool:
    return one in message.text and other in message.text


def _thanks(message: ChatMessage) -> bool:
    return "记好了，辛苦了" in message.text


def _is_question(message: ChatMessage) -> bool:
    shown = labels(message)
    asked = {"提交", "选好了", "昨天", *MATTERS.values()} & set(shown)
    return bool(asked) or "请直接打字回复" in message.text


def _state(message: ChatMessage) -> tuple[int, str]:
    return message.id, "|".join(labels(message))


def _number(message: ChatMessage) -> int:
    """The number of the alert that a message is, 0 for any other."""
    found = _ALERT.search(message.text)
    return int(found[1]) if found and "收到" in labels(message) else 0
