"""A process that dies by SIGKILL between keeping a document with its message and sending it.

python -m tests.documents.dying DATABASE_URL KEY ADDRESS: prints the digest of what it kept and is gone.
"""

import asyncio
import os
import signal
import sys

from bot.documents.press import open_press
from conversations.desk import Desk
from conversations.shelf import FormShelf
from storage.store import KeyRing, Store
from tests.conversations.county import CHILD, START, policy, words
from tests.documents.handing import agreement


async def main(url: str, key: str, address: str) -> None:
    store = await Store.open(url, KeyRing([key]))
    desk = Desk(
        store=store, forms=FormShelf(forms={}), policy=policy(), words=words(), press=open_press(),
        clock=lambda: START,
    )  # fmt: skip
    file, _ = await agreement(desk, "wang", address, CHILD)
    print(file.sha256, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
