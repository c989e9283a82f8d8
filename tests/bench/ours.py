"""The bot as `xiangban run` starts it, as a process: ``python -m tests.bench.ours {paced|unpaced}``."""

import sys

import uvloop

from bot import logs
from bot.app import App
from bot.settings import load_settings
from bot.telegram.limits import UNHURRIED, Limits


def main() -> int:
    """Set up by XIANGBAN_*; "unpaced" sends without Telegram's limits, which would hide all else."""
    logs.set_up(as_json=False)
    limits = UNHURRIED if sys.argv[1] == "unpaced" else Limits()
    return uvloop.run(App(load_settings(), limits=limits).run())


if __name__ == "__main__":
    sys.exit(main())
