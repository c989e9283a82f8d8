"""python-telegram-bot talks to the stand-in over HTTP: all methods, polling and webhook, in its own types."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    KeyboardButton,
    MenuButtonCommands,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.ext import (
    ContextTypes,
)

from playground.people import Phone
from playground.server import StandIn
from tests.playground.conftest import TOKEN

Context = ContextTypes.DEFAULT_TYPE


def png(width: int, height: int) -> bytes:
    """A real, black PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"".join(b"\0" + bytes(width * 3) for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
async def bot(server: StandIn) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{server.root}/bot", base_file_url=f"{server.root}/file/bot") as client:
        yield client


def inline(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=f"do:{label}")] for label in labels]
    )


async def test_the_bot_knows_itself(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.is_bot, me.username, me.id) == (True, "xiangban_demo_bot", 123456)


async def test_a_message_is_sent_edited_and_deleted(bot: Bot, worker: Phone) -> None:
    sent = await bot.send_message(
        1001, "今天<b>要走访</b>", ParseMode.HTML, reply_markup=inline("提交", "上一题"), protect_content=True
    )
    assert sent.text == "今天要走访"
    assert sent.parse_entities() == {sent.entities[0]: "要走访"}
    assert sent.entities[0].type == MessageEntity.BOLD
    assert sent.reply_markup == inline("提交", "上一题")
    assert sent.from_user is not None
    assert (sent.chat.id, sent.chat.type, sent.from_user.is_bot) == (1001, "private", True)
    assert sent.has_protected_content
    edited = await sent.edit_text("改了", reply_markup=inline("好"))
    assert isinstance(edited, Message)
    assert (edited.text, edited.message_id) == ("改了", sent.message_id)
    assert edited.edit_date is not None
    without = await edited.edit_reply_markup(None)
    assert isinstance(without, Message)
    assert without.reply_markup is None
    reply = await bot.send_message(1001, "回", reply_to_message_id=sent.message_id, disable_notification=True)
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.message_id == sent.message_id
    assert [message.silent for message in worker.messages] == [False, True]
    assert await reply.delete()
    assert await bot.delete_messages(1001, [sent.message_id])
    assert worker.messages == []


async def test_files_go_out_and_come_back(bot: Bot, worker: Phone) -> None:
    picture = png(40, 30)
    photo = await bot.send_photo(1001, picture, caption="*图*", parse_mode=ParseMode.MARKDOWN_V2)
    assert (photo.photo[-1].width, photo.photo[-1].height) == (40, 30)
    assert (photo.caption, photo.caption_entities[0].type) == ("图", MessageEntity.BOLD)
    captioned = await bot.edit_message_caption(1001, photo.message_id, caption="新")
    assert isinstance(captioned, Message)
    assert captioned.caption == "新"
    document = await bot.send_document(1001, b"a,b\n", filename="名册.csv")
    assert document.document is not None
    assert (document.document.file_name, document.document.mime_type) == ("名册.csv", "text/csv")
    voice = await bot.send_voice(1001, b"OggS", duration=4)
    assert voice.voice is not None
    again = await bot.send_voice(1001, voice.voice.file_id)
    assert again.voice is not None
    assert again.voice.file_unique_id == voice.voice.file_unique_id
    for sent, content in ((photo.photo[-1], picture), (document.document, b"a,b\n"), (voice.voice, b"OggS")):
        handle = await sent.get_file()
        assert bytes(await handle.download_as_bytearray()) == content
    for kind in ("audio", "video", "animation"):
        message = await getattr(bot, f"send_{kind}")(1001, b"bytes", filename=f"x.{kind}")
        assert getattr(message, kind).file_size == 5
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(1001, b"no picture")


async def test_an_album_is_several_messages_of_one_group(bot: Bot, worker: Phone) -> None:
    album = await bot.send_media_group(
        1001,
        [
            InputMediaDocument(b"one", filename="1.txt", caption="一"),
            InputMediaDocument(b"two", filename="2.txt"),
        ],
    )
    assert [message.document.file_name for message in album if message.document] == ["1.txt", "2.txt"]
    assert len({message.media_group_id for message in album}) == 1
    assert [message.text for message in worker.messages] == ["一", ""]


async def test_places_contacts_actions_reactions_copies_and_pins(
    bot: Bot, worker: Phone, officer: Phone
) -> None:
    place = await bot.send_location(1001, 30.25, 104.5)
    assert place.location is not None
    assert worker.messages[0].place == (30.25, 104.5)
    contact = await bot.send_contact(1001, "13800000000", "李强")
    assert contact.contact is not None
    assert await bot.send_chat_action(1001, ChatAction.TYPING)
    assert worker.activity == "typing"
    own = await worker.say("谢谢")
    assert await bot.set_message_reaction(1001, own, "👍")
    assert worker.messages[-1].reaction == "👍"
    copy = await bot.copy_message(2002, 1001, own)
    forward = await bot.forward_message(2002, 1001, own)
    assert copy.message_id < forward.message_id
    assert forward.forward_origin is not None
    assert [message.text for message in officer.messages] == ["谢谢", "谢谢"]
    assert await bot.pin_chat_message(1001, own)
    assert await bot.unpin_chat_message(1001)


async def test_commands_names_and_the_menu_are_kept(bot: Bot, worker: Phone) -> None:
    commands = [BotCommand("today", "今天的任务"), BotCommand("report", "报告情况")]
    assert await bot.set_my_commands(commands)
    assert await bot.set_my_commands(commands[:1], scope=BotCommandScopeChat(1001), language_code="zh")
    assert await bot.get_my_commands() == tuple(commands)
    assert await bot.get_my_commands(BotCommandScopeChat(1001), "zh") == tuple(commands[:1])
    assert await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    assert await bot.set_my_name("相伴演示")
    assert (await bot.get_my_name()).name == "相伴演示"
    assert await bot.set_my_description("说明")
    assert (await bot.get_my_description()).description == "说明"
    assert await bot.set_my_short_description("短")
    assert (await bot.get_my_short_description()).short_description == "短"
    assert await bot.set_chat_menu_button(1001, MenuButtonCommands())
    assert isinstance(await bot.get_chat_menu_button(1001), MenuButtonCommands)


async def test_chats_and_members_can_be_looked_up_and_groups_left(
    bot: Bot, worker: Phone, server: StandIn
) -> None:
    chat = await bot.get_chat(1001)
    assert (chat.id, chat.first_name) == (1001, "王芳")
    assert (await bot.get_chat_member(1001, 1001)).user.first_name == "王芳"
    group = server.group(-500, "王家村")
    await group.add_bot(worker)
    await worker.say("/stats", chat=group.chat)
    await worker.say("闲聊", chat=group.chat)
    updates = await bot.get_updates()
    assert [update.my_chat_member is not None for update in updates] == [True, False]
    assert updates[1].message is not None
    assert updates[1].message.text == "/stats"
    assert (await bot.get_chat(-500)).title == "王家村"
    assert await bot.leave_chat(-500)
    with pytest.raises(Forbidden):
        await bot.send_message(-500, "x")


async def test_errors_arrive_as_the_librarys_own(bot: Bot, worker: Phone, server: StandIn) -> None:
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(4040, "x")
    server.faults.add(method="sendMessage", retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(1001, "x")
    for kind in ("drop_before", "drop_after", "html", "delay"):
        server.faults.add(kind, delay=0.5 if kind == "delay" else 0.0)
        with pytest.raises(NetworkError):
            await bot.send_message(1001, kind, read_timeout=0.3)
    await asyncio.sleep(0.4)
    assert [message.text for message in worker.messages] == ["drop_after", "delay"]
    await worker.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(1001, "x")
    group = server.group(-500, "王家村")
    await group.add_bot(worker)
    await group.upgrade(-1005)
    with pytest.raises(ChatMigrated) as migrated:
        await bot.send_message(-500, "x")
    assert migrated.value.new_chat_id == -1005
    assert await bot.set_webhook("http://127.0.0.1:9/")
    with pytest.raises(Conflict):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/"
    assert await bot.delete_webhook()
    with pytest.raises(InvalidToken):
        await Bot("1:wrong", base_url=f"{server.root}/bot").initialize()


async def test_everything_a_phone_sends_is_understood(bot: Bot, worker: Phone) -> None:
    await worker.say("/start A1B2C3D4")
    await worker.send_photo(png(8, 6), caption="家里")
    await worker.send_voice(b"OggS", duration=9)
    await worker.send_document(b"x", name="a.pdf")
    await worker.send_location(30.5, 104.25)
    await worker.send_contact("13800000000")
    first = await worker.say("三个")
    await worker.edit(first, "四个")
    await bot.send_message(1001, "提交吗", reply_markup=inline("提交"))
    await worker.tap("提交")
    await worker.block()
    updates = await bot.get_updates()
    messages = [update.message for update in updates if update.message]
    start, photo, voice, document, place, contact, text = messages
    assert start.parse_entities([MessageEntity.BOT_COMMAND])
    assert (photo.caption, photo.photo[0].width) == ("家里", 8)
    assert voice.voice is not None
    assert voice.voice.to_dict()["duration"] == 9
    assert document.document is not None
    assert document.document.mime_type == "application/pdf"
    assert place.location is not None
    assert place.location.latitude == 30.5
    assert contact.contact is not None
    assert contact.contact.user_id == 1001
    assert text.from_user is not None
    assert (text.from_user.first_name, text.from_user.language_code) == ("王芳", "zh-hans")
    edit, tap, member = updates[-3:]
    assert edit.edited_message is not None
    assert edit.edited_message.text == "四个"
    query = tap.callback_query
    assert isinstance(query, CallbackQuery)
    assert isinstance(query.message, Message)
    assert (query.data, query.message.text) == ("do:提交", "提交吗")
    assert member.my_chat_member is not None
    assert member.my_chat_member.new_chat_member.status == "kicked"


async def test_a_reply_keyboard_is_shown_used_and_taken_away(bot: Bot, worker: Phone) -> None:
    rows: list[list[str | KeyboardButton]] = [[KeyboardButton("是"), "否"]]
    await bot.send_message(1001, "有吗", reply_markup=ReplyKeyboardMarkup(rows, resize_keyboard=True))
    assert worker.keyboard == [["是", "否"]]
    await worker.tap("否")
    assert worker.messages[-1].text == "否"
    await bot.send_message(1001, "好", reply_markup=ReplyKeyboardRemove())
    assert worker.keyboard == []
