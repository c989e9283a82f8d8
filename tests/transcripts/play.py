"""Plays transcripts: who typed or tapped what, what was answered, who was told; date lines move the clock.

``# 11月24日 08:05`` or ``# 24 Nov 08:05`` moves the clock; ``王主任：今天`` is typed, ``王主任 ▸ 提交``
tapped (``▸2``: on the last but one message with such a button), ``王主任 ⇪ 照片 a.jpg`` sent (or 语音, 文件,
and 位置 28.46,119.92), ``王主任 ⊘`` blocks the bot, ``! 重启`` restarts it, ``! 停到
11月26日 10:00`` (``! away until``) after it was down until then; ``% visit lists`` makes
forms/lists.md beside this file the form ``visit``; ``~ 王主任 李督导`` says who has joined (with ``3001
3002``: and which children there are), ``~ 邀请 王主任 CODE`` gives out a code; lines with ``;`` are
remarks; ``⚠ DELETE …`` is done to the database by hand, ``⚠ settle`` by its operator. What begins with
``相伴`` is the bot's: ``→`` a message, ``✎`` an edit of one, ``⇒`` a pop-up that leaves nothing in the chat,
``⌫`` that it took what the person had typed out of the chat.

    python -m tests.transcripts.play [--write] [FILE…]
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from casework.auditing import Memory
from casework.records import Child
from conversations.said import Button
from tests.conversations.county import CHILD, CHILDREN, NAMES, ZONE, County, Heard, policy

HERE = Path(__file__).parent
_BOT = {"zh_Hans": "相伴", "en": "Xiangban"}
_ARROWS = {"message": "→", "edit": "✎", "popup": "⇒", "erased": "⌫"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE_ZH = re.compile(r"# (\d+)月(\d+)日 (\d+):(\d+)")
_DATE_EN = re.compile(r"# (\d+) (\w{3}) (\d+):(\d+)")
_TAP = re.compile(r"(\S+) ▸(\d*) (.+)")
_SAY = re.compile(r"(\S+?)(?:：|: )(.+)")
_SEND = re.compile(r"(\S+) ⇪ (\S+)(?: (.+))?")
_KINDS = {
    "照片": "photo",
    "语音": "voice",
    "文件": "document",
    "photo": "photo",
    "voice": "voice",
    "file": "document",
}
_AWAY = re.compile(r"! (?:停到|away until) (.+)")
_BLOCK = re.compile(r"(\S+) ⊘")


class Channel(Protocol):
    """What a transcript needs of a channel; `County` is the one without any transport."""

    now: datetime
    heard: list[Heard]

    async def say(self, person: str, text: str) -> object: ...
    async def tap(self, person: str, label: str, back: int = 1) -> object: ...
    async def send(self, person: str, kind: str, content: bytes, name: str = "") -> object: ...
    async def send_place(self, person: str, latitude: float, longitude: float) -> object: ...
    def publish(self, name: str, source: str, media: Mapping[str, bytes] | None = None) -> None: ...
    async def block(self, person: str) -> None: ...
    async def by_hand(self, statement: str) -> None: ...
    async def restart(self) -> None: ...
    async def away(self, moment: datetime) -> None: ...
    async def until(self, moment: datetime) -> None: ...
    async def invite(self, person: str, code: str) -> None: ...
    async def settle(self, joined: tuple[str, ...], children: tuple[Child, ...]) -> None: ...


def steps_of(text: str, language: str) -> list[str]:
    """The lines that people and the clock contribute, with remarks; without what the bot said."""
    steps, bot = [], False
    for line in text.splitlines():
        if line.startswith(_BOT[language] + " "):
            bot = True
        elif not line.strip():
            bot = False
        elif not bot:
            steps.append(line.rstrip())
    return steps


async def play(text: str, language: str, channel: Channel) -> str:
    """The transcript as it really goes, from the people's lines of ``text``."""
    player = _Player(channel, language)
    for step in steps_of(text, language):
        await player.step(step)
    return "\n".join(player.lines).rstrip() + "\n"


class _Player:
    def __init__(self, channel: Channel, language: str) -> None:
        self.channel, self.language = channel, language
        self.people = {name: id for id, name in NAMES[language].items()}
        self.lines: list[str] = []
        self._dated: datetime | None = None

    async def step(self, line: str) -> None:
        """Does one line and writes down what came of it."""
        if line.startswith(";"):
            self._write(line)
        elif line.startswith("~"):
            await self._given(line)
        elif line.startswith("%"):
            self._write("", line)
            self._publish(*line[1:].split())
        elif line.startswith("!"):
            self._write("", line)
            if away := _AWAY.fullmatch(line):
                await self.channel.away(self._moment(f"# {away[1]}"))
                self._hear_dated()
            else:
                await self.channel.restart()
        elif line.startswith("#"):
            await self._clock(line)
        else:
            self._write("", line)
            await self._done(line)
            self._hear()

    async def _given(self, line: str) -> None:
        begun = bool(self.lines) and not self.lines[-1].startswith((";", "~"))
        self._write(*([""] if begun else []), line)  # or it would count as the bot's
        parts = line[1:].split()
        if parts and parts[0] in ("邀请", "invite"):
            await self.channel.invite(self.people[parts[1]], parts[2])
        else:
            joined = tuple(self.people[name] for name in parts if name not in CHILDREN)
            children = tuple(CHILDREN[code] for code in parts if code in CHILDREN)
            await self.channel.settle(joined, children or (CHILD,))
        self._dated = None

    async def _clock(self, line: str) -> None:
        target = self._moment(line)
        while self.channel.now < target:
            await _advance(self.channel, target, self._hear_dated)
        if self._dated != target:
            self._date(target)

    def _hear_dated(self) -> None:
        if self.channel.heard:
            if self._dated != self.channel.now:
                self._date(self.channel.now)
            self._hear()

    async def _done(self, line: str) -> None:
        if tap := _TAP.fullmatch(line):
            await self.channel.tap(self.people[tap[1]], tap[3], int(tap[2] or 1))
        elif send := _SEND.fullmatch(line):
            await self._send(self.people[send[1]], send[2], send[3] or "")
        elif line.startswith("⚠"):
            await self.channel.by_hand(line[1:].strip())
        elif block := _BLOCK.fullmatch(line):
            await self.channel.block(self.people[block[1]])
        elif say := _SAY.fullmatch(line):
            await self.channel.say(self.people[say[1]], say[2])
        else:
            raise ValueError(f"what is this line? {line!r}")

    async def _send(self, person: str, what: str, rest: str) -> None:
        if what in ("位置", "place"):
            latitude, longitude = (float(part) for part in rest.split(","))
            await self.channel.send_place(person, latitude, longitude)
            return
        path = HERE / "files" / (rest or "voice.ogg")
        await self.channel.send(person, _KINDS[what], path.read_bytes(), path.name)

    def _publish(self, name: str, file: str) -> None:
        folder = HERE / "forms" / f"{file}-media"
        media = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
        self.channel.publish(name, (HERE / "forms" / f"{file}.md").read_text(encoding="utf-8"), media)

    def _hear(self) -> None:
        for heard in self.channel.heard:
            who = NAMES[self.language][heard.person]
            colon = "：" if self.language == "zh_Hans" else ": "
            head = f"{_BOT[self.language]} {_ARROWS[heard.kind]} {who}{colon}"
            head += f"〔{heard.media}〕" if heard.media else ""
            text = heard.text.replace("\n\n", "\n").replace("\n", "\n  ")
            self._write("", head + text, *_rows(heard.buttons))
        self.channel.heard.clear()

    def _moment(self, line: str) -> datetime:
        if zh := _DATE_ZH.fullmatch(line):
            month, day, hour, minute = (int(part) for part in zh.groups())
        elif en := _DATE_EN.fullmatch(line):
            month, day, hour, minute = _MONTHS.index(en[2]) + 1, int(en[1]), int(en[3]), int(en[4])
        else:
            raise ValueError(f"what moment is this? {line!r}")
        return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)

    def _date(self, moment: datetime) -> None:
        local = moment.astimezone(ZONE)
        zh = f"# {local.month}月{local.day}日 {local:%H:%M}"
        self._write(
            "",
            zh if self.language == "zh_Hans" else f"# {local.day} {_MONTHS[local.month - 1]} {local:%H:%M}",
        )
        self._dated = moment

    def _write(self, *lines: str) -> None:
        self.lines.extend(lines)


async def _advance(channel: Channel, target: datetime, hear: Callable[[], None]) -> None:
    """An hour on, at most, so that what is said is dated by the hour at which it is said."""
    hour = channel.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    await channel.until(min(hour, target))
    hear()


def _rows(rows: Iterable[Iterable[Button]]) -> list[str]:
    return ["  " + " ".join(f"[{button.label}]" for button in row) for row in rows]


def language_of(path: Path) -> str:
    """By the file's name: joining.zh.md, joining.en.md."""
    return "en" if path.name.endswith(".en.md") else "zh_Hans"


async def replay(path: Path) -> str:
    """The transcript of a file as it really goes, in a county of its own."""
    with tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "county.db", language_of(path))
        await county.open()
        try:
            written = path.read_text(encoding="utf-8")
            played = await play(written, language_of(path), county)
            picture = await county.store.audited(county.now, policy().audit, Memory())
            assert "⚠" in written or not any(picture.wrong.values()), picture.wrong
            return played
        finally:
            await county.close()


def main(arguments: list[str]) -> int:
    """Plays all transcripts, or those named; --write writes down how they really go. 1 where one differs."""
    names = [a for a in arguments if not a.startswith("--")]
    paths = [Path(name) for name in names] or sorted(HERE.glob("*.md"))
    differing = 0
    for path in paths:
        real = asyncio.run(replay(path))
        if real != path.read_text(encoding="utf-8"):
            differing += 1
            print(f"{path.name}: {'written' if '--write' in arguments else 'goes differently'}")
            if "--write" in arguments:
                path.write_text(real, encoding="utf-8")
    return 1 if differing and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
