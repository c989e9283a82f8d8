"""Two hundred planted names, numbers and tokens go through a deployment, and are searched for everywhere."""

import asyncio
import base64
import gzip
import io
import os
import socket
import sqlite3
import zipfile
from pathlib import Path

import aiohttp
import pytest

from playground.people import Phone
from playground.server import StandIn
from tests.canary.hunt import Hunt
from tests.canary.plants import FAMILY, HIDDEN, HOOK_SECRET, STUMBLE, TOKEN, TYPED, children, furnished, name
from tests.storage import postgres
from tests.telegram.test_main_job import OFFICER, WORKER, Bot, join

STEPS = (
    ("孩子在上学吗", "不在"), ("缺了几天", "4"), ("缺什么", "煤"), ("缺什么", "选好了"),
    ("帮手叫什么", TYPED), ("再加一个", "没有了"), ("提交", "提交"),
)  # fmt: skip


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


def free() -> str:
    """An address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def code_in(text: str) -> str:
    """The invite code that stands in a text."""
    return next(
        word
        for word in text.replace("=", " ").replace("：", " ").split()
        if len(word) == 10 and word.isascii() and word.isalnum()
    )


async def visit(worker: Phone, officer: Phone) -> None:
    """A visit with an alert; the officer looks at the name and the report."""
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


async def check_in(server: StandIn, worker: Phone) -> str:
    """The family joins and asks for help; the code by which it joined."""
    asked = await worker.say("/children")
    button = await worker.wait_for(
        lambda m: m.id > asked and any("9001" in label for label in m.labels), timeout=20
    )
    await worker.tap(next(label for label in button.labels if "9001" in label))
    await worker.wait_for(lambda m: "邀请家长" in m.labels, timeout=20)
    await worker.tap("邀请家长")
    code = code_in((await worker.wait_for("start=", timeout=20)).text)
    family = server.phone(FAMILY, language_code="zh-hans")
    await family.say(f"/start {code}")
    await family.wait_for(lambda m: "开始" in m.labels, timeout=30)
    await family.tap("开始")
    for label in ("都好", "去了", "我们需要帮助", "提交"):
        await family.wait_for(lambda m, wanted=label: wanted in m.labels, timeout=20)
        await family.tap(label)
    await family.wait_for("谢谢您告诉我们", timeout=20)
    return code


async def trouble(server: StandIn, worker: Phone, log: Path) -> None:
    """Updates that nobody can read, and a handler that fails with everything in its words."""
    card = {"id": WORKER, "type": "private", "first_name": name(3)}
    for poison in (
        {"message": {"chat": card, "message_id": "three", "date": 1, "text": TYPED}},
        {"callback_query": {"id": "1", "from": [name(4)], "data": TYPED}},
        {"edited_message": {"chat": {**card, "id": 104}, "message_id": 1, "text": [TYPED]}},
    ):
        server.world.updates.inject(poison)
    await worker.say("请假")
    await worker.wait_for(lambda m: "3 天" in m.labels, timeout=20)
    await worker.say(STUMBLE)
    async with asyncio.timeout(30):
        while "ValueError" not in log.read_text() or log.read_text().count("was put aside") < 3:
            await asyncio.sleep(0.1)


async def pages(address: str) -> bytes:
    """What the health pages say."""
    said = b""
    async with aiohttp.ClientSession() as client:
        for page in ("healthz", "readyz", "metrics"):
            async with client.get(f"http://{address}/{page}") as answer:
                said += await answer.read()
    assert b"xiangban_queue_length" in said
    return said


def said_too_much(server: StandIn, secrets: Hunt, code: str) -> list[object]:
    """The calls to Telegram that tell something planted, and policy does not allow it."""
    wrong: list[object] = []
    for call in server.journal:
        if call.method in ("answerCallbackQuery", "getUpdates") or call.args.get("protect_content"):
            continue  # names on request, in a pop-up; records in a message that can't be forwarded
        # To the worker: the words typed, the code to pass on, and the school on the child's card.
        own = [TYPED, code, name(201)] if str(call.args.get("chat_id")) == str(WORKER) else []
        own += [HOOK_SECRET] if call.method == "setWebhook" else []
        hits = {text for _, text in secrets.search(repr(call.args).encode(), call.method)}
        wrong += [(call.method, call.args)] if hits - set(own) else []
    return wrong


@pytest.mark.timeout(280)
async def test_nothing_planted_is_found_where_it_must_not_stand(
    tmp_path: Path, database: tuple[str, Path]
) -> None:
    url, folder = database
    rows = children()
    people = [text for row in rows for text in (row[1], row[7], row[9], row[12], row[4]) if text]
    server = StandIn(token=TOKEN)
    await server.start()
    health = free()
    bot = furnished(tmp_path, Bot(tmp_path, server.root, url), rows, health)
    temporary = tmp_path / "temporary"
    told = ""
    try:
        told += await said_by(bot, "roster", "import", "refused.xlsx")
        told += await bot.command("roster", "import", "roster.xlsx")
        bot.environment["PYTHONPATH"] = str(tmp_path / "failing")
        bot.start()
        del bot.environment["PYTHONPATH"]
        worker = await join(bot, server, WORKER, "P1")
        officer = await join(bot, server, OFFICER, "P2")
        await visit(worker, officer)
        family_code = await check_in(server, worker)
        await trouble(server, worker, tmp_path / "log.txt")
        codes = [code_in(phone.messages[0].text) for phone in (worker, officer)]
        codes += [family_code, code_in(await bot.command("invite", "P2"))]  # three used, one open
        bot.kill()
        await worker.say(TYPED)
        hook = free()
        bot.environment |= {"XIANGBAN_WEBHOOK_URL": f"http://{hook}/hook", "XIANGBAN_WEBHOOK_LISTEN": hook}
        bot.start()  # from now on by webhook
        asked = await officer.say("/alerts")
        await officer.wait_for(lambda m: m.from_bot and m.id > asked, timeout=30)
        seen = await pages(health)
        told += await said_by(bot, "status")
        told += await said_by(bot, "check")
        told += await bot.command("backup", "all.backup")
        secrets = Hunt([*map(str, people), *codes, *HIDDEN.values(), TYPED, STUMBLE])
        assert len(secrets.planted) >= 200
        assert secrets.search(seen, "health pages") == []
        assert bot.process is not None
        living = Path(f"/proc/{bot.process.pid}")
        for part in ("environ", "cmdline"):
            assert secrets.search((living / part).read_bytes(), part) == []
        places = [folder, temporary, tmp_path / "all.backup", tmp_path / "log.txt", tmp_path / "var"]
        assert secrets.search_files([place for place in places if place.exists()]) == []
        bot.kill()
        again = tmp_path / "again"
        bot.environment |= {
            "XIANGBAN_DATA_DIR": str(again), "XIANGBAN_DATABASE_URL": f"sqlite:///{again}/store.db"
        }  # fmt: skip
        told += await bot.command("restore", "all.backup")
        told += await bot.command("restored")
        assert secrets.search(told.encode(), "what commands said") == []
        assert secrets.search_files([place for place in (*places, again) if place.exists()]) == []
        assert said_too_much(server, secrets, family_code) == []
    finally:
        if bot.process is not None and bot.process.poll() is None:
            os.kill(bot.process.pid, 9)
            bot.process.wait()
        await server.stop()
