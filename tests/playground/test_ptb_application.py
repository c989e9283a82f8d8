"""A python-telegram-bot application, as people write them, converses with a phone, polling and by webhook."""

import asyncio
from typing import Any

from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from playground.people import Phone
from playground.server import StandIn
from playground.webhook import SECRET_HEADER
from tests.playground.conftest import TOKEN

Context = ContextTypes.DEFAULT_TYPE
SUBMIT = InlineKeyboardMarkup([[InlineKeyboardButton("提交", callback_data="do:提交")]])


def small_bot(server: StandIn) -> "Application[Any, Any, Any, Any, Any, Any]":
    """An application as people write them: a command, a form step, a button, a blocked notice."""
    builder = ApplicationBuilder().token(TOKEN)
    builder = builder.base_url(f"{server.root}/bot").base_file_url(f"{server.root}/file/bot")
    app = builder.build()
    app.bot_data["blocked"] = []

    async def start(update: Update, context: Context) -> None:
        assert update.effective_message is not None
        await update.effective_message.reply_text(f"你好 {' '.join(context.args or [])}", reply_markup=SUBMIT)

    async def echo(update: Update, context: Context) -> None:
        assert update.effective_message is not None
        await update.effective_message.reply_text(f"记下了：{update.effective_message.text}")

    async def tapped(update: Update, context: Context) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("已提交", show_alert=True)
        await update.callback_query.edit_message_text(f"完成 {update.callback_query.data}")

    async def member(update: Update, context: Context) -> None:
        assert update.my_chat_member is not None
        context.bot_data["blocked"].append(update.my_chat_member.from_user.id)

    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(tapped))
    app.add_handler(ChatMemberHandler(member))
    app.add_handler(MessageHandler(filters.TEXT, echo))
    return app


async def converse(worker: Phone, app: "Application[Any, Any, Any, Any, Any, Any]") -> None:
    await worker.say("/start A1B2")
    await worker.wait_for("你好 A1B2")
    await worker.tap("提交")
    await worker.wait_for("完成 do:提交")
    assert [(popup.text, popup.alert) for popup in worker.popups] == [("已提交", True)]
    await worker.say("一切都好")
    assert (await worker.wait_for("记下了")).text == "记下了：一切都好"
    await worker.block()
    async with asyncio.timeout(5):
        while app.bot_data["blocked"] != [1001]:
            await asyncio.sleep(0.01)


async def test_an_application_converses_by_polling(server: StandIn, worker: Phone) -> None:
    server.world.updates.same_offset_hold = 0.0
    app = small_bot(server)
    assert app.updater is not None
    async with app:
        await app.updater.start_polling()
        await app.start()
        await converse(worker, app)
        await app.updater.stop()
        await app.stop()


async def test_an_application_converses_by_webhook(server: StandIn, worker: Phone) -> None:
    app = small_bot(server)

    async def take(request: web.Request) -> web.Response:
        if request.headers.get(SECRET_HEADER) != "geheim":
            return web.Response(status=403)
        await app.update_queue.put(Update.de_json(await request.json(), app.bot))
        return web.Response()

    endpoint = web.Application()
    endpoint.router.add_post("/hook", take)
    runner = web.AppRunner(endpoint)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with app:
        await app.bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="geheim")
        await app.start()
        await converse(worker, app)
        assert (await app.bot.get_webhook_info()).pending_update_count == 0
        await app.bot.delete_webhook()
        await app.stop()
    await runner.cleanup()
