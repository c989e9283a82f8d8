"""The real conversations behind the real runtime: packaged forms, policy and words, over HTTP."""

from pathlib import Path

import pytest

from bot.app import App
from bot.desk import conversation_of
from bot.settings import SettingsError
from casework.outcome import Notice, Priority
from tests.bot.harness import replies, settings, stand_in


async def test_a_stranger_is_answered_politely_by_the_whole_bot(tmp_path: Path) -> None:
    async with stand_in() as server:
        app = App(settings(server.root, tmp_path))
        await app.start()
        try:
            await server.phone(42).say("/start")
            await server.phone(42).wait_for("邀请码", timeout=10)
            assert len(replies(server, 42)) == 1
            assert app.desk.bot_name == "xiangban_demo_bot"
            assert await app.store.noted("bot_username") == "xiangban_demo_bot"
            notice = Notice(key="k", to=None, kind="reply", priority=Priority.REPLY, address="telegram:42")
            assert await conversation_of(app.desk).mark(notice) == "（可能重复）"
            assert "再发一次" in await conversation_of(app.desk).sorry("telegram:42")
        finally:
            await app.stop()


async def test_a_bad_form_of_the_county_stops_the_start_with_its_name(tmp_path: Path) -> None:
    forms = tmp_path / "forms"
    forms.mkdir()
    (forms / "bad.xlsx").write_bytes(b"this is no workbook")
    async with stand_in() as server:
        app = App(settings(server.root, tmp_path / "data", forms_dir=forms))
        with pytest.raises(SettingsError, match=r"^bad\.xlsx: "):
            await app.start()
