"""The main job from outside: the real commands, the bot in its own process, other forms and rosters."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from playground.people import Phone
from playground.server import StandIn

XIANGBAN = Path(sys.executable).with_name("xiangban")
TOKEN = "424242:main-job"
NAME = "欧阳小满"
WORKER, OFFICER = 501, 502

# another county's form: its own questions, a repeat, a typed number, a flag kind that no policy knows
FORM = """
| survey | | | | | | |
| | type | name | label::中文 (zh) | label::English (en) | relevant | calculation |
| | select_one yn | school | 孩子在上学吗？ | Is the child at school? | | |
| | integer | days | 缺了几天？ | How many days missed? | ${school} = 'no' | |
| | select_multiple needs | needs | 缺什么？ | What is needed? | | |
| | begin_repeat | helper | 帮手 | Helper | | |
| | text | helper_name | 帮手叫什么？ | What is the helper's name? | | |
| | end_repeat | | | | | |
| | calculate | flag_dropout | | | | if(${days} > 2, 'today', '') |
| | calculate | flag_cold_house | | | | if(selected(${needs}, 'coal'), 'days', '') |

| choices | | | | |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | yn | yes | 在 | Yes |
| | yn | no | 不在 | No |
| | needs | coal | 煤 | Coal |
| | needs | shoes | 鞋 | Shoes |

| settings | | | |
| | form_title | form_id | default_language |
| | 家访 | visit | 中文 (zh) |
"""

ROSTER = {
    "areas": [
        ("code", "name", "level", "parent"),
        ("K", "测试县", "county", ""),
        ("Z", "测试镇", "township", "K"),
        ("C", "测试村", "village", "Z"),
    ],
    "people": [
        ("code", "name", "role", "area", "phone", "language", "deputy"),
        ("P1", "钱大姐", "village_worker", "C", "13800000001", "zh", ""),
        ("P2", "Officer Sun", "township_officer", "Z", "13800000002", "en", ""),
    ],
}  # fmt: skip
CHILD_COLUMNS = (
    "code", "name", "sex", "birth_date", "id_number", "village", "worker", "guardian", "guardian_relation",
    "guardian_phone", "risk", "categories", "school", "next_visit",
)  # fmt: skip


class Bot:
    """A deployment as an operator has it: an environment, a folder, commands, and `xiangban run`."""

    def __init__(self, folder: Path, root: str, database: str) -> None:
        self.folder = folder
        kept = {key: value for key, value in os.environ.items() if not key.startswith("XIANGBAN_")}
        self.environment = {
            **kept,
            "XIANGBAN_TELEGRAM_TOKEN": TOKEN,
            "XIANGBAN_TELEGRAM_API": root,
            "XIANGBAN_DATA_DIR": str(folder / "var"),
            "XIANGBAN_DATABASE_URL": database,
            "XIANGBAN_FORMS_DIR": str(folder / "forms"),
            "XIANGBAN_SECRET_KEYS": "a-secret-key-of-more-than-32-characters",
        }
        self.process: subprocess.Popen[bytes] | None = None

    async def command(self, *arguments: str) -> str:
        """The standard output of a command that succeeds."""
        process = await asyncio.create_subprocess_exec(
            XIANGBAN, *arguments, env=self.environment, cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    def start(self) -> None:
        """`xiangban run`, in the background."""
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [XIANGBAN, "run"], env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@contextlib.asynccontextmanager
async def deployment(folder: Path, database: str) -> AsyncIterator[tuple[Bot, StandIn]]:
    """Forms and roster of another county, imported; the bot runs."""
    (folder / "forms").mkdir()
    (folder / "forms" / "visit.md").write_text(FORM, encoding="utf-8")
    today = date.today()  # noqa: DTZ011
    child = (
        "9001",
        NAME,
        "女",
        date(today.year - 9, 5, 6),
        "",
        "C",
        "P1",
        "欧阳奶奶",
        "奶奶",
        "",
        2,
        "",
        "",
        today,
    )
    book = Workbook()
    for name, rows in {**ROSTER, "children": [CHILD_COLUMNS, child]}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(folder / "roster.xlsx")
    server = StandIn(token=TOKEN)
    await server.start()
    bot = Bot(folder, server.root, database)
    try:
        await bot.command("roster", "import", "roster.xlsx")
        bot.start()
        yield bot, server
    finally:
        if bot.process is not None:
            bot.process.terminate()
            bot.process.wait(20)
        await server.stop()


async def join(bot: Bot, server: StandIn, user: int, person: str) -> Phone:
    """Somebody joins with the code that the command line printed."""
    printed = await bot.command("invite", person)
    code = next(word for word in printed.replace("=", " ").replace("：", " ").split() if len(word) == 10)
    phone = server.phone(user, language_code="en" if person == "P2" else "zh-hans")
    await phone.say(f"/start {code}")
    await phone.wait_for(lambda m: m.from_bot and "/today" in m.text, timeout=20)
    return phone


@pytest.mark.timeout(180)
async def test_another_countys_form_runs_unchanged_and_its_flags_reach_the_officer(
    tmp_path: Path, url: str
) -> None:
    async with deployment(tmp_path, url) as (bot, server):
        worker = await join(bot, server, WORKER, "P1")
        officer = await join(bot, server, OFFICER, "P2")

        await worker.say("/visit 9001")
        await worker.wait_for("孩子在上学吗", timeout=10)
        await worker.tap("不在")
        await worker.wait_for("缺了几天", timeout=10)

        bot.kill()  # in the middle of the form; what is said meanwhile waits at Telegram
        await worker.say("４")
        bot.start()
        await worker.wait_for("缺什么", timeout=30)

        await worker.tap("煤")
        await worker.tap("选好了")
        await worker.wait_for("帮手叫什么", timeout=10)
        await worker.say("李婶")
        await worker.wait_for(lambda m: "再加一个" in m.labels, timeout=10)
        await worker.tap("没有了")
        review = await worker.wait_for(lambda m: "提交" in m.labels, timeout=10)
        assert "李婶" in review.text
        await worker.tap("提交")

        alert = await officer.wait_for("9001", timeout=10)
        assert {"Acknowledge", "Resolve", "Hand over"} <= set(alert.labels)
        assert "a matter that needs attention" in alert.text  # the kind that no policy knows goes up as well
        await officer.tap("Show the name")
        await officer.quiet()
        assert NAME in officer.popups[-1].text
        await officer.say("ack 1")
        await officer.say("resolve 1 back at school")
        await worker.wait_for("back at school", timeout=10)

        said = [m.text for phone in server.phones.values() for m in phone.messages if m.from_bot]
        assert not [text for text in said if NAME in text]
        log = (tmp_path / "log.txt").read_text()
        assert NAME not in log
        assert "main-job" not in log
        assert "完整" in await bot.command("audit", "verify")


@pytest.mark.timeout(120)
async def test_a_stranger_gets_one_polite_sentence_and_a_second_bot_is_refused(
    tmp_path: Path, url: str
) -> None:
    async with deployment(tmp_path, url) as (bot, server):
        stranger = server.phone(777)
        await stranger.say("/children")
        first = await stranger.wait_for(lambda m: m.from_bot, timeout=20)
        assert not first.labels
        assert "9001" not in first.text
        second = await asyncio.create_subprocess_exec(
            XIANGBAN, "run", env=bot.environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        _, err = await second.communicate()
        assert second.returncode == 1
        assert len(err.decode().strip().splitlines()) == 1
