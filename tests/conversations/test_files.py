"""Files that come as answers: without metadata, sealed, in backups, gone with the child or the form."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from casework.access import CLOCK
from casework.records import File, FilePart, Submission
from conversations import pictures
from conversations.media import media_of
from conversations.said import Attachment, Unread
from storage.store import Store
from tests.conversations.county import KEYS, County

HERE = Path(__file__).parents[1] / "transcripts"
PHOTO = (HERE / "files" / "home.jpg").read_bytes()


@pytest.fixture
async def filled(county: County) -> County:
    """A visit handed in with a photo and a voice message."""
    county.publish("visit", (HERE / "forms" / "photo.md").read_text(encoding="utf-8"))
    await county.say("wang", "/visit 3001")
    await county.send("wang", "photo", PHOTO, "home.jpg")
    await county.send("wang", "voice", b"OggS" + bytes(300_000), "")
    return county


async def hand_in(county: County) -> None:
    await county.say("wang", "跳过")
    await county.send_place("wang", 28.4567891, 119.9234567)
    for said in ("一", "周桂兰", "提交"):
        await county.say("wang", said)


def test_a_picture_loses_what_the_camera_wrote_into_it_and_stands_upright() -> None:
    assert b"owner-of-the-phone" in PHOTO
    found = pictures.cleaned(PHOTO)
    assert found is not None
    content, mime, ending = found
    assert (mime, ending) == ("image/jpeg", ".jpg")
    assert b"owner-of-the-phone" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()
        assert image.size == (32, 48)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8 broken", b"GIF89a" + bytes(20), b"<svg/>"])
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    assert pictures.cleaned(content) is None


def test_a_picture_that_unpacks_to_too_much_is_refused() -> None:
    bomb = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    assert pictures.cleaned(bomb.getvalue()) is None


async def test_files_are_kept_with_the_submission_and_come_out_as_they_went_in(filled: County) -> None:
    await hand_in(filled)
    (submission,) = await filled.store.find(CLOCK, Submission, child="3001")
    files = {f.name: f for f in await filled.store.find(CLOCK, File, child="3001")}
    assert {f.status for f in files.values()} == {"kept"}
    photo, voice = files["home.jpg"], files["voice.oga"]
    assert submission.values["house"] == f"{photo.id}.jpg"
    assert voice.parts == 3
    content = await media_of(filled.desk, f"document:file/{voice.id}/{voice.name}")
    assert content == b"OggS" + bytes(300_000)
    assert hashlib.sha256(content).hexdigest() == voice.sha256
    assert submission.values["place"] == "28.457 119.923 0.0 0.0"


async def test_no_byte_of_a_file_lies_open_in_the_database(filled: County, tmp_path: Path) -> None:
    await hand_in(filled)
    await filled.store.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert PHOTO[300:340] not in stored
    assert b"OggS" not in stored
    await filled.open()


async def test_a_form_given_up_leaves_no_content_behind(filled: County) -> None:
    await filled.say("wang", "/cancel")
    await filled.tap("wang", "不填了")
    files = await filled.store.find(CLOCK, File, child="3001")
    assert {f.status for f in files} == {"dropped"}
    assert all(part.content == "" for part in await filled.store.find(CLOCK, FilePart, child="3001"))
    assert await media_of(filled.desk, f"photo:file/{files[0].id}/x") is None


async def test_a_photo_that_was_replaced_is_dropped_when_the_form_is_handed_in(filled: County) -> None:
    await filled.say("wang", "上一题")
    await filled.say("wang", "上一题")
    await filled.send("wang", "photo", PHOTO, "better.jpg")
    await hand_in(filled)
    files = {f.name: f.status for f in await filled.store.find(CLOCK, File, child="3001")}
    assert files == {
        "home.jpg": "dropped",
        "better.jpg": "kept",
        "voice.oga": "kept",
        "signature.txt": "kept",
    }


async def test_files_are_in_the_backup_and_go_with_the_child(filled: County, tmp_path: Path) -> None:
    await hand_in(filled)
    (photo,) = [f for f in await filled.store.find(CLOCK, File, child="3001") if f.name == "home.jpg"]
    name = f"photo:file/{photo.id}/home.jpg"
    content = await media_of(filled.desk, name)
    await filled.store.backup(tmp_path / "copy.bak", now=filled.now, home=tmp_path)
    other = await Store.open(f"sqlite:///{tmp_path}/other.db", KEYS)
    await other.restore(tmp_path / "copy.bak", now=filled.now, home=tmp_path)
    assert content is not None
    assert await media_of(replace(filled.desk, store=other), name) == content
    await other.close()
    assert await filled.store.erase("3001", now=filled.now, home=tmp_path)
    assert await filled.store.find(CLOCK, File) == []
    assert await filled.store.find(CLOCK, FilePart) == []
    assert await media_of(filled.desk, name) is None


async def test_a_file_that_is_too_large_or_did_not_arrive_is_asked_for_again(county: County) -> None:
    county.publish("visit", (HERE / "forms" / "photo.md").read_text(encoding="utf-8"))
    await county.say("wang", "/visit 3001")
    await county.send("wang", "photo", bytes(20 * 1024 * 1024 + 1), "huge.jpg")
    assert "最多 20 兆" in county.phones["wang"].shown[-1].message.text

    async def lost() -> bytes:
        raise Unread

    sent = Attachment(kind="photo", size=10, read=lost)
    await county.bring("wang", county.said("wang", kind="attachment", attachment=sent))
    newest = county.phones["wang"].shown[-1].message.text
    assert "请再发一次" in newest
    assert "房子什么样？" in newest
    assert await county.store.find(CLOCK, File) == []


async def test_only_who_is_responsible_is_shown_a_file(filled: County) -> None:
    await hand_in(filled)
    (photo,) = [f for f in await filled.store.find(CLOCK, File, child="3001") if f.name == "home.jpg"]
    for person, seen in (("li", True), ("liu", False)):
        token = filled.desk.token(person, "file", photo.id)
        reply = await filled.bring(person, filled.said(person, kind="tap", token=token))
        assert bool(reply.messages) is seen
        assert all(message.protect and message.media for message in reply.messages)
