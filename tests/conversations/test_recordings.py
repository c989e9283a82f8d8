"""Voices, sounds and films lose what telephones write into them, and nothing else."""

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3, TIT2
from mutagen.mp3 import MP3
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE

from conversations.recordings import cleaned

OWNER = "owner-of-the-phone"


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def voice() -> bytes:
    """An Opus voice message as Telegram has them, with a title."""
    packets = (b"OpusHead\x01\x01\x38\x01\x80\xbb" + bytes(5), b"OpusTags" + bytes(8), b"\xf8\xff\xfe" * 20)
    pages = []
    for n, packet in enumerate(packets):
        page = OggPage()
        page.packets, page.serial, page.sequence, page.position = [packet], 7, n, 960 * n
        page.first, page.last = n == 0, n == 2
        pages.append(page.write())
    file = io.BytesIO(b"".join(pages))
    tagged = OggOpus(file)
    tagged["title"] = OWNER
    file.seek(0)
    tagged.save(file)
    return file.getvalue()


def mp3() -> bytes:
    file = io.BytesIO((b"\xff\xfb\x90\x00" + bytes(413)) * 20)
    tags = ID3()
    tags.add(TIT2(text=OWNER))
    tags.save(file)
    return file.getvalue()


def film() -> bytes:
    place = box(b"\xa9xyz", b"+28.4567+119.9234/" + OWNER.encode())
    track = box(b"trak", box(b"tkhd", b"track") + box(b"meta", OWNER.encode()))
    return box(b"ftyp", b"isom") + box(b"moov", track + box(b"udta", place)) + box(b"mdat", b"frames" * 50)


def test_a_voice_message_loses_its_tags_and_keeps_its_sound() -> None:
    content = voice()
    assert OWNER.encode() in content
    bare = cleaned(content)
    assert OWNER.encode() not in bare
    assert b"\xf8\xff\xfe" * 20 in bare
    assert not OggOpus(io.BytesIO(bare)).tags


def test_a_sound_loses_its_tags_and_keeps_its_frames() -> None:
    content = mp3()
    assert OWNER.encode("utf-16-le") in content or OWNER.encode() in content
    bare = cleaned(content)
    assert MP3(io.BytesIO(bare)).tags is None
    assert bare.startswith(b"\xff\xfb\x90\x00")


def test_a_wave_keeps_its_samples() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\x01\x02" * 500)
    file.seek(0)
    tagged = WAVE(file)
    tagged.add_tags()
    tagged.tags.add(TIT2(text=OWNER))
    file.seek(0)
    tagged.save(file)
    with wave.open(io.BytesIO(cleaned(file.getvalue()))) as sound:
        assert sound.readframes(1_000) == b"\x01\x02" * 500


def test_a_film_loses_place_and_owner_and_moves_no_byte_of_its_frames() -> None:
    content = film()
    bare = cleaned(content)
    assert OWNER.encode() not in bare
    assert b"+28.4567" not in bare
    assert len(bare) == len(content)
    assert bare.index(b"mdat") == content.index(b"mdat")
    assert b"frames" * 50 in bare
    assert b"tkhd" in bare


@pytest.mark.parametrize("content", [b"", b"OggS" + bytes(300), b"%PDF-1.7 report", b"RIFF", b"\xff\xfb"])
def test_what_can_not_be_read_stays_as_it_is(content: bytes) -> None:
    assert cleaned(content) == content


@given(content=st.binary(max_size=200), at=st.integers(0, 300))
def test_a_broken_film_harms_nobody_and_keeps_its_length(content: bytes, at: int) -> None:
    whole = film()
    broken = whole[:at] + content + whole[at:]
    assert len(cleaned(broken)) == len(broken) or broken[4:8] != b"ftyp"
