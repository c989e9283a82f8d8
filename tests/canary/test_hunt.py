"""Two hundred planted names, numbers and tokens go through a deployment, and are searched for everywhere."""

import base64
import gzip
import io
import os
import random
import sqlite3
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from playground.server import StandIn
from tests.canary.hunt import Hunt
from tests.roster.books import id_number_of
from tests.storage import postgres
from tests.telegram.test_main_job import CHILD_COLUMNS, FORM, OFFICER, ROSTER, WORKER, Bot, join

CHANCE = random.Random(20261126)
RARE = "龘靐齉爩麤灪龖厵滟彧翀昶晟赟甯懿燊珩璟骉"
TYPED = "龖婶住在灪水桥头"  # what the worker types
STEPS = (
    ("孩子在上学吗", "不在"), ("缺了几天", "4"), ("缺什么", "煤"), ("缺什么", "选好了"),
    ("帮手叫什么", TYPED), ("再加一个", "没有了"), ("提交", "提交"),
)  # fmt: skip
KEYS = base64.b64encode(CHANCE.randbytes(32)).decode()
TOKEN = "424242:main-job"


def name(n: int) -> str:
    return f"{RARE[n % 20]}{RARE[n // 20 % 20]}{chr(0x4E00 + 7 * n)}{RARE[-1 - n % 20]}"


def children() -> list[tuple[object, ...]]:
    """Fifty, of whom all names and numbers are planted."""
    rows = []
    for n in range(50):
        born = date(2016, 1 + n % 12, 1 + n % 28)
        number = id_number_of(born, male=bool(n % 2), place=f"{331081 + n % 2}")
        rows.append(
            (f"9{n:03}", name(n), "男" if n % 2 else "女", born, number if n < 24 else "", "C", "P1",
             name(100 + n), "奶奶", f"1377{CHANCE.randrange(10**7):07}", 2, "", name(200 + n), date.today())  # noqa: DTZ011
        )  # fmt: skip
    return rows


def book(path: Path, rows: list[tuple[object, ...]]) -> None:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, lines in {**ROSTER, "children": [CHILD_COLUMNS, *rows]}.items():
        sheet = made.create_sheet(title)
        for line in lines:
            sheet.append(line)
    made.save(path)


def test_the_hunt_finds_what_it_is_shown(tmp_path: Path) -> None:
    hunt = Hunt([name(n) for n in range(200)])
    secret = name(7)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.xml", f"<x>{secret}</x>")
    leaks = {
        "plain": f"x{secret}y".encode(), "utf16": secret.encode("utf-16-le"),
        "hex": secret.encode().hex().encode(), "base64": base64.b64encode(f"ab{secret}cd".encode()),
        "gzip": b"head" + gzip.compress(secret.encode()),
        "zip": packed.getvalue(), "json": secret.encode("ascii", "backslashreplace"),
    }  # fmt: skip
    for kind, data in leaks.items():
        assert {text for _, text in hunt.search(data, kind)} == {secret}, kind
    assert hunt.search("nothing 王小明 of the kind".encode(), "clean") == []
    leak = sqlite3.connect(tmp_path / "leak.db")
    leak.execute("CREATE TABLE t (x)")
    leak.execute("INSERT INTO t VALUES (?)", (secret,))
    leak.commit()
    leak.close()
    assert hunt.search_files([tmp_path]) == [("leak.db", secret)]


async def said_by(bot: Bot, *words: str) -> str:
    """All that a command prints, however it ends."""
    try:
        return await bot.command(*words)
    except AssertionError as error:
        return str(error)


@pytest.fixture(params=["sqlite", *(["postgresql"] if postgres.is_there() else [])])
def database(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """The URL of a database and the folder in which it lies."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/var/store.db", tmp_path / "var"
        return
    with postgres.cluster() as server:
        yield server.database(), server.folder


@pytest.mark.timeout(280)
async def test_nothing_planted_is_found_where_it_must_not_stand(
    tmp_path: Path, database: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = database
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    rows = children()
    book(tmp_path / "roster.xlsx", rows)
    book(tmp_path / "refused.xlsx", [(*row[:2], "neither", *row[3:]) for row in rows])
    people = [text for row in rows for text in (row[1], row[7], row[9], row[12], row[4]) if text]
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "keys").write_text(KEYS)
    for secret in ("token", "keys"):
        (tmp_path / secret).chmod(0o600)
    server = StandIn(token=TOKEN)
    await server.start()
    bot = Bot(tmp_path, server.root, url)
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "visit.md").write_text(FORM, encoding="utf-8")
    for key in ("TELEGRAM_TOKEN", "SECRET_KEYS"):
        del bot.environment[f"XIANGBAN_{key}"]
    bot.environment |= {
        "XIANGBAN_TELEGRAM_TOKEN_FILE": str(tmp_path / "token"),
        "XIANGBAN_SECRET_KEYS_FILE": str(tmp_path / "keys"), "TMPDIR": str(temporary),
    }  # fmt: skip
    told = ""
    try:
        told += await said_by(bot, "roster", "import", "refused.xlsx")
        told += await bot.command("roster", "import", "roster.xlsx")
        bot.start()
        worker = await join(bot, server, WORKER, "P1")
        officer = await join(bot, server, OFFICER, "P2")
        await worker.say("/visit 9001")
        for question, answer in STEPS:
            await worker.wait_for(lambda m, q=question: q in m.text or q in m.labels, timeout=20)
            await (worker.say(answer) if answer in (TYPED, "4") else worker.tap(answer))
        await officer.wait_for("9001", timeout=20)
        for label in ("Show the name", "Show the report"):
            if any(label in message.labels for message in officer.messages):
                await officer.tap(label)
                await officer.quiet()
        assert name(1) in officer.popups[-1].text
        assert any(TYPED in message.text for message in worker.messages if message.from_bot)
        bot.kill()
        await worker.say(TYPED)
        bot.start()
        await worker.quiet(2.0)
        told += await said_by(bot, "status")
        told += await said_by(bot, "check")
        told += await bot.command("backup", "all.backup")
        secrets = Hunt([*map(str, people), TYPED, KEYS, TOKEN])
        assert len(secrets.planted) >= 200
        assert bot.process is not None
        living = Path(f"/proc/{bot.process.pid}")
        for part in ("environ", "cmdline"):
            assert secrets.search((living / part).read_bytes(), part) == []
        places = [folder, temporary, tmp_path / "all.backup", tmp_path / "log.txt", tmp_path / "var"]
        assert secrets.search_files([place for place in places if place.exists()]) == []
        assert secrets.search(told.encode(), "what commands said") == []
        bot.kill()
        assert secrets.search_files([place for place in places if place.exists()]) == []
        for call in server.journal:
            if call.method in ("answerCallbackQuery", "getUpdates") or call.args.get("protect_content"):
                continue  # names on request, in a pop-up; records in a message that can't be forwarded
            own = [TYPED] if str(call.args.get("chat_id")) == str(WORKER) else []
            hits = {text for _, text in secrets.search(repr(call.args).encode(), call.method)}
            assert hits <= set(own), (call.method, hits)
    finally:
        if bot.process is not None and bot.process.poll() is None:
            os.kill(bot.process.pid, 9)
            bot.process.wait()
        await server.stop()
