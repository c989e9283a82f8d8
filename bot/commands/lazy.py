"""A group of commands that imports each one only when it is called, so that none pays for the others."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Lazy(click.Group):
    """``later`` gives module and name in it by command; commands added as usual stand beside them."""

    def __init__(self, *args: Any, later: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *self._later]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._later:
            return super().get_command(ctx, cmd_name)
        module, name = self._later[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"bot.commands.{module}"), name)
        return command
