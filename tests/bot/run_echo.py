"""The echo bot as a process of its own, set up by XIANGBAN_*; the argument: how many may be in flight."""

import sys
from dataclasses import replace

import uvloop

from bot import logs
from bot.app import App
from bot.settings import SettingsError, load_settings
from bot.telegram.limits import UNHURRIED
from storage.errors import AlreadyRunning
from tests.bot.echo import make_echo


def main() -> int:
    logs.set_up(as_json=False)
    try:
        limits = replace(UNHURRIED, in_flight=int(sys.argv[1]))
        return uvloop.run(App(load_settings(), make=make_echo, limits=limits).run())
    except (SettingsError, AlreadyRunning) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
