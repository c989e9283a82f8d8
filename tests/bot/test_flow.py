"""Poll, keep, answer, send: over real HTTP against the stand-in server, with an echo behind the door."""

import asyncio
from pathlib import Path

from tests.bot.echo import SORRY
from tests.bot.harness import replies, running, stand_in, until


async def test_what_is_said_is_answered(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        phone = server.phone(42)
        await phone.say("今天")
        await phone.wait_for("1:今天")
        assert app.username == "xiangban_demo_bot"


async def test_many_people_are_answered_each_in_their_own_order(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phones = [server.phone(100 + n) for n in range(20)]
        for n in range(10):
            for phone in phones:
                await phone.say(f"m{n}")
        for phone in phones:
            await phone.wait_for("10:m9", timeout=20)
        for phone in phones:
            assert replies(server, phone.user_id) == [f"{n + 1}:m{n}" for n in range(10)]


async def test_a_tap_is_answered_by_editing_and_with_a_pop_up(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        await phone.say("今天")
        first = await phone.wait_for("1:今天")
        await phone.tap("点")
        again = await phone.wait_for("2:same")
        assert again.id == first.id
        await until(lambda: [p.text for p in phone.popups] == ["好"])


async def test_an_edit_of_a_message_that_is_gone_is_sent_as_a_new_one(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        await phone.say("x")
        first = await phone.wait_for("1:x")
        server.faults.add(
            method="editMessageText", code=400, description="Bad Request: message to edit not found"
        )
        await phone.tap("点")
        second = await phone.wait_for("2:same")
        assert second.id > first.id


async def test_an_edit_that_changes_nothing_counts_as_done(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        phone = server.phone(42)
        await phone.say("x")
        await phone.wait_for("1:x")
        server.faults.add(
            method="editMessageText",
            code=400,
            description="Bad Request: message is not modified: same content",
        )
        await phone.tap("点")
        await until(lambda: app.channel.sender.counts["sent"] == 2)
        assert len(server.journal.calls("editMessageText")) == 1


async def test_a_message_that_telegram_finds_fault_with_is_sent_without_its_buttons(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        await phone.say("bad button")
        message = await phone.wait_for("1:bad button")
        assert message.buttons == []


async def test_a_text_of_fifteen_hundred_lines_arrives_whole(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        await phone.say("long")
        await phone.wait_for("1499 一行")
        assert "\n".join(replies(server, 42)) == "\n".join(f"{n} 一行" for n in range(1500))


async def test_updates_that_make_no_sense_are_put_aside_alone(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        phone = server.phone(42)
        for strange in (7, None, "x", [], {"message": {}}, {"update_id": "x"}, {"update_id": 2**40}):
            await app.channel.intake.take([strange])
        for strange in (
            {"message": 7},
            {"message": {"message_id": 1, "chat": {"id": 42}}},
            {"callback_query": []},
        ):
            server.world.updates.inject(strange)
        await phone.say("还在吗")
        await phone.wait_for("1:还在吗")
        await until(lambda: app.channel.lanes.given_up == 10)
        assert app.channel.lanes.waiting == 0
        assert len(server.world.updates) == 0, "they were confirmed all the same"


async def test_a_fault_of_ours_is_tried_again_and_nothing_overtakes_it(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (_, echo):
        echo.failing["a"] = 2
        phone = server.phone(42)
        await phone.say("a")
        await phone.say("b")
        await phone.wait_for("2:b")
        assert replies(server, 42) == ["1:a", "2:b"]


async def test_after_five_faults_the_message_is_put_aside_and_the_person_told(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, echo):
        echo.failing["a"] = 99
        phone, other = server.phone(42), server.phone(43)
        await phone.say("a")
        await phone.say("b")
        await other.say("c")
        await other.wait_for("1:c", timeout=1.0)
        await phone.wait_for("1:b", timeout=15)
        assert replies(server, 42) == [SORRY, "1:b"]
        assert len([said for said in echo.heard if said.text == "a"]) == 5
        assert app.channel.lanes.given_up == 1


async def test_the_same_update_delivered_five_times_acts_once(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        message = {"message_id": 3, "date": 1, "chat": {"id": 42, "type": "private"}, "text": "x"}
        server.phone(42)
        for _ in range(5):
            await app.channel.intake.take([{"update_id": 77, "message": dict(message)}])
        await server.phone(42).wait_for("1:x")
        await server.phone(42).quiet()
        assert replies(server, 42) == ["1:x"]
        assert app.channel.intake.repeated == 4


async def test_numbers_that_begin_anew_lower_down_lose_nothing(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        for n, start in enumerate((900_000_000, 5_000_000, 4_999_990), 1):
            await until(lambda: len(server.world.updates) == 0)
            server.world.updates.restart_numbers(start)
            await phone.say("x")
            await phone.wait_for(f"{2 * n - 1}:x")
            await phone.say("y")
            await phone.wait_for(f"{2 * n}:y")
        assert replies(server, 42) == ["1:x", "2:y", "3:x", "4:y", "5:x", "6:y"]


async def test_a_group_is_left_and_nothing_is_said_in_it(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (_, echo):
        phone = server.phone(42)
        group = server.group(-1001, "村里的群")
        await group.add_bot(phone)
        await until(lambda: bool(server.journal.calls("leaveChat")))
        await phone.quiet()
        assert echo.heard == []
        assert server.journal.calls("sendMessage", chat_id=-1001) == []


async def test_a_notice_that_is_no_longer_true_is_not_sent(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        await server.phone(42).say("no longer true")
        await server.phone(42).say("true")
        await server.phone(42).wait_for("2:true")
        assert replies(server, 42) == ["2:true"]
        assert app.channel.sender.counts["dropped"] == 1


async def test_blocking_and_coming_back_are_said_to_the_conversation(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (_, echo):
        phone = server.phone(42)
        await phone.say("x")
        await phone.wait_for("1:x")
        await phone.block()
        await until(lambda: [said.kind for said in echo.heard] == ["text", "left"])
        await phone.unblock()
        await until(lambda: [said.kind for said in echo.heard] == ["text", "left", "came"])


async def test_a_message_held_back_leaves_when_its_time_has_come(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        await phone.say("later")
        await asyncio.sleep(1.0)
        assert replies(server, 42) == []
        await phone.wait_for("1:later", timeout=3)


async def test_telegram_is_told_the_commands_in_both_languages(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        await until(lambda: len(server.journal.calls("setMyCommands")) == 2)
        told = [str(call.args["commands"]) for call in server.journal.calls("setMyCommands")]
        assert "今天" in told[0]
        assert "whom to visit today" in told[1]
