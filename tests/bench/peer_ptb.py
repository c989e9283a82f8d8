"""The peer: python-telegram-bot as in its own examples, ConversationHandler with PicklePersistence.

Runs in the peers' environment: ``python peer_ptb.py ROOT TOKEN FOLDER``.
"""

import logging
import sys
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

QUESTIONS = ("Q1 name", "Q2 village", "Q3 school", "Q4 carer", "Q5 note")


async def begin(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """The first question."""
    assert update.message is not None
    await update.message.reply_text(QUESTIONS[0])
    return 0


def step(number: int) -> Any:
    """The handler of one answer, which asks the next question or ends."""

    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        assert update.message is not None
        assert context.user_data is not None
        context.user_data[f"q{number}"] = update.message.text
        if number + 1 == len(QUESTIONS):
            await update.message.reply_text("done")
            return ConversationHandler.END
        await update.message.reply_text(QUESTIONS[number + 1])
        return number + 1

    return answer


def main() -> None:
    """Poll until killed."""
    root, token, folder = sys.argv[1:4]
    logging.getLogger("httpx").setLevel(logging.WARNING)
    kept = PicklePersistence(filepath=Path(folder) / "peer.pickle")
    app = Application.builder().token(token).base_url(f"{root}/bot").persistence(kept).build()
    answers = {n: [MessageHandler(filters.TEXT & ~filters.COMMAND, step(n))] for n in range(len(QUESTIONS))}
    form = ConversationHandler(
        entry_points=[CommandHandler("form", begin)],
        states=answers,
        fallbacks=[],
        name="form",
        persistent=True,
    )
    app.add_handler(form)
    app.run_polling()


if __name__ == "__main__":
    main()
