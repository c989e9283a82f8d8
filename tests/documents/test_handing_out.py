"""Documents in the chat: numbered, named by codes, kept as handed out, shown again, gone with the child."""

import asyncio
import hashlib
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import File, FilePart, Post
from conversations.documents import again
from conversations.media import media_of
from conversations.press import Unprintable
from storage.codec import load
from storage.store import Store
from tests.conversations.county import CHILD, KEYS, County
from tests.documents.handing import agreement, ledger, turn_of
from tests.documents.samples import texts
from tests.documents.test_sheets import LEDGER
from tests.telegram.county import KEY, TelegramCounty

ADDRESS = "test:wang"


async def test_a_document_comes_with_a_number_and_a_name_without_the_childs(county: County) -> None:
    file, reply = await agreement(county.desk, "wang", ADDRESS, CHILD)
    assert file.name == "3001-委托照护协议-2026-001.docx"
    (message,) = reply.messages
    assert message.text.startswith("《委托照护协议》做好了，编号 2026-1。")
    assert not message.protect
    assert message.media == f"document:file/{file.id}/{file.name}"
    content = await media_of(county.desk, message.media)
    assert content is not None
    assert "编号：〔2026〕1号" in texts(content)
    assert CHILD.name in texts(content)
    second, _ = await agreement(county.desk, "wang", ADDRESS, CHILD, "b")
    assert second.name == "3001-委托照护协议-2026-002.docx"


async def test_it_is_shown_again_exactly_as_it_was_handed_out(county: County) -> None:
    file, reply = await agreement(county.desk, "wang", ADDRESS, CHILD)
    first = await media_of(county.desk, reply.messages[0].media)
    button = again(await turn_of(county.desk, "li", "test:li", "x"), file)
    assert button.label == "再看 3001-委托照护协议-2026-001"
    shown = await county.bring("li", county.said("li", kind="tap", token=button.token))
    assert await media_of(county.desk, shown.messages[0].media) == first
    assert not shown.messages[0].protect
    stranger = again(await turn_of(county.desk, "liu", "test:liu", "x"), file)
    refused = await county.bring("liu", county.said("liu", kind="tap", token=stranger.token))
    assert (refused.messages, refused.popup) == ((), "这个文件已经不在了。")


async def test_whoever_has_a_pin_gets_it_after_the_pin(county: County) -> None:
    for text in ("/pin", "730518", "730518"):
        await county.say("wang", text)
    _, reply = await agreement(county.desk, "wang", ADDRESS, CHILD)
    assert reply.messages[0].media  # it was typed a moment ago
    county.now += timedelta(hours=1)
    file, reply = await agreement(county.desk, "wang", ADDRESS, CHILD, "b")
    (message,) = reply.messages
    assert (message.media, message.buttons[0][0].label) == ("", "打开文件")
    await county.deliver()
    assert not (await county.tap("wang", "打开文件")).messages[0].media
    await county.say("wang", "730518")
    opened = await county.tap("wang", "继续")
    assert opened.messages[0].media == f"document:file/{file.id}/{file.name}"


async def test_what_lacks_a_value_is_not_made_and_nothing_is_kept(county: County) -> None:
    with pytest.raises(Unprintable, match="agreement: whom: unknown"):
        await agreement(county.desk, "wang", ADDRESS, CHILD, whom="x")
    assert await county.store.find(CLOCK, File) == []


async def test_it_is_in_the_backup_and_goes_with_the_child(county: County, tmp_path: Path) -> None:
    file, reply = await agreement(county.desk, "wang", ADDRESS, CHILD)
    name = reply.messages[0].media
    content = await media_of(county.desk, name)
    await county.store.backup(tmp_path / "copy.bak", now=county.now, home=tmp_path)
    other = await Store.open(f"sqlite:///{tmp_path}/other.db", KEYS)
    await other.restore(tmp_path / "copy.bak", now=county.now, home=tmp_path)
    assert await media_of(replace(county.desk, store=other), name) == content
    await other.close()
    assert await county.store.erase("3001", now=county.now, home=tmp_path)
    assert await county.store.find(CLOCK, FilePart) == []
    assert await media_of(county.desk, name) is None
    assert file.sha256 == hashlib.sha256(content or b"").hexdigest()


async def test_a_ledger_is_the_persons_own(county: County) -> None:
    file, reply = await ledger(county.desk, "li", "test:li", LEDGER)
    assert (file.name, file.child) == ("控辍保学台账-2026-11-23.xlsx", None)
    assert reply.messages[0].text.startswith("《控辍保学台账》做好了，数字截至11月23日 周一。")
    assert (await media_of(county.desk, reply.messages[0].media) or b"").startswith(b"PK")
    assert await shown_again(county, "li", file)
    assert not await shown_again(county, "zhao", file)
    li = await county.store.person("li")
    assert li is not None
    await county.store.apply(
        Outcome(records=(replace(li, posts=(Post(role="township_officer", area="t2"),)),))
    )
    assert not await shown_again(county, "li", file)


async def shown_again(county: County, person: str, file: File) -> bool:
    token = county.desk.token(person, "file", file.id)
    reply = await county.bring(person, county.said(person, kind="tap", token=token))
    return any(message.media for message in reply.messages)


async def test_the_trail_says_that_it_was_made(county: County) -> None:
    before = (await county.store.verify_audit()).checked
    await agreement(county.desk, "wang", ADDRESS, CHILD)
    trail = await county.store.verify_audit()
    assert trail.intact
    assert trail.checked == before + 1


def test_files_that_were_kept_before_there_were_documents_are_read() -> None:
    body = (
        b'{"id":"f","draft":"d1","name":"a.jpg","mime":"image/jpeg","size":1,"sha256":"","parts":1,'
        b'"at":"2026-11-01T00:00:00Z"}'
    )
    file = load(File, body, 3)
    assert (file.source, file.document) == ("d1", "")


async def test_killed_between_commit_and_send_the_file_still_arrives_whole(tmp_path: Path) -> None:
    county = TelegramCounty(tmp_path / "xiangban.db", "zh_Hans")
    await county.open()
    await county.settle(("wang", "li"))
    await county.app.stop()
    command = [
        "-m",
        "tests.documents.dying",
        f"sqlite:///{tmp_path}/xiangban.db",
        KEY,
        county.phones["wang"].address,
    ]
    dying = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await dying.communicate()
    assert dying.returncode == -signal.SIGKILL
    await county.open()
    await county.deliver()
    (call,) = county.server.journal.calls("sendDocument")
    assert call.status == 200
    (card,) = [r.body["document"] for r in county.chats["wang"].chat.records.values() if "document" in r.body]
    assert card["file_name"] == "3001-委托照护协议-2026-001.docx"
    content = county.server.world.files.by_id(card["file_id"]).content
    assert hashlib.sha256(content).hexdigest() == printed.decode().strip()
    await county.close()
