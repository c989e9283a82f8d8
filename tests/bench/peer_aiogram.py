"""The peer: aiogram's finite-state machine in memory, or in a small SQLite storage (WAL, synchronous FULL).

Runs in the peers' environment: ``python peer_aiogram.py ROOT TOKEN FOLDER {memory|sqlite}``.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiosqlite
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message

QUESTIONS = ("Q1 name", "Q2 village", "Q3 school", "Q4 carer", "Q5 note")


class Form(StatesGroup):
    """One state a question."""

    q0, q1, q2, q3, q4 = State(), State(), State(), State(), State()


STATES = (Form.q0, Form.q1, Form.q2, Form.q3, Form.q4)


class SQLiteStorage(BaseStorage):
    """State and answers in one row a chat, committed at each change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: aiosqlite.Connection | None = None

    async def _open(self) -> aiosqlite.Connection:
        if self._db is None:
            self._db = await aiosqlite.connect(self._path, isolation_level=None)
            await self._db.execute("pragma journal_mode=wal")
            await self._db.execute("pragma synchronous=full")
            await self._db.execute(
                "create table if not exists fsm (key text primary key, state text, data text)"
            )
        return self._db

    @staticmethod
    def _key(key: StorageKey) -> str:
        return f"{key.bot_id}:{key.chat_id}:{key.user_id}"

    async def _put(self, key: StorageKey, column: str, value: str | None) -> None:
        db = await self._open()
        await db.execute(
            f"insert into fsm (key, {column}) values (?, ?) "
            f"on conflict (key) do update set {column} = excluded.{column}",
            (self._key(key), value),
        )

    async def _take(self, key: StorageKey, column: str) -> str | None:
        db = await self._open()
        async with db.execute(f"select {column} from fsm where key = ?", (self._key(key),)) as rows:
            row = await rows.fetchone()
        return row[0] if row else None

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self._put(key, "state", state.state if isinstance(state, State) else state)

    async def get_state(self, key: StorageKey) -> str | None:
        return await self._take(key, "state")

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._put(key, "data", json.dumps(dict(data)))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return json.loads(await self._take(key, "data") or "{}")  # type: ignore[no-any-return]

    async def close(self) -> None:
        if self._db is not None:
            await self._db.close()


async def begin(message: Message, state: FSMContext) -> None:
    """The first question."""
    await state.set_state(STATES[0])
    await message.answer(QUESTIONS[0])


def step(number: int) -> Any:
    """The handler of one answer, which asks the next question or ends."""

    async def answer(message: Message, state: FSMContext) -> None:
        await state.update_data({f"q{number}": message.text})
        if number + 1 == len(QUESTIONS):
            await state.clear()
            await message.answer("done")
            return
        await state.set_state(STATES[number + 1])
        await message.answer(QUESTIONS[number + 1])

    return answer


async def main() -> None:
    """Poll until killed."""
    root, token, folder, kind = sys.argv[1:5]
    session = AiohttpSession(api=TelegramAPIServer.from_base(root))
    storage = MemoryStorage() if kind == "memory" else SQLiteStorage(Path(folder) / "peer.sqlite")
    dispatcher = Dispatcher(storage=storage)
    dispatcher.message.register(begin, Command("form"))
    for number, state in enumerate(STATES):
        dispatcher.message.register(step(number), state)
    await dispatcher.start_polling(Bot(token, session=session), handle_signals=False)


if __name__ == "__main__":
    asyncio.run(main())
