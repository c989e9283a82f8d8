"""API methods that concern the bot itself: who it is, its commands and names, files, updates and webhook."""

import re
from typing import Any

import orjson

from playground.refusal import CONFLICT_WEBHOOK, Refusal, bad
from playground.sending import Method
from playground.updates import LONGEST_POLL, Pending
from playground.webhook import Target, Webhook
from playground.wire import Args, mappings
from playground.world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
NAMES = {
    "name": ("name", 64),
    "description": ("description", 512),
    "shortdescription": ("short_description", 120),
}
COMMANDS_LIMIT = 100
COMMAND_WORDS_LIMIT = 256


def get_me(world: World, args: Args) -> Any:
    """getMe."""
    abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
    rest = ("can_connect_to_business", "has_main_web_app")
    return {**world.bot, **dict.fromkeys(abilities + rest, False), "can_join_groups": True}


def get_file(world: World, args: Args) -> Any:
    """getFile."""
    return world.files.downloadable(args.text("file_id"))


def _scope_key(args: Args) -> str:
    scope = args.json("scope", "bot command scope") or {"type": "default"}
    return (
        f"commands {orjson.dumps(scope, option=orjson.OPT_SORT_KEYS).decode()} {args.text('language_code')}"
    )


def set_my_commands(world: World, args: Args) -> Any:
    """setMyCommands, kept for each scope and language."""
    commands = mappings(args.json("commands", "bot commands"), "bot commands")
    if len(commands) > COMMANDS_LIMIT:
        raise bad("Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", ""))):
            raise bad("Bad Request: BOT_COMMAND_INVALID")
        words = str(command.get("description", ""))
        if not words:
            raise bad("Bad Request: command description must be non-empty")
        if len(words) > COMMAND_WORDS_LIMIT:
            raise bad("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    world.settings[_scope_key(args)] = commands
    return True


def get_my_commands(world: World, args: Args) -> Any:
    """getMyCommands."""
    return world.settings.get(_scope_key(args), [])


def delete_my_commands(world: World, args: Args) -> Any:
    """deleteMyCommands."""
    world.settings.pop(_scope_key(args), None)
    return True


def _name_setter(name: str) -> Method:
    field, limit = NAMES[name]

    def method(world: World, args: Args) -> Any:
        if len(args.text(field)) > limit:
            raise bad(f"Bad Request: bot {field.replace('_', ' ')} is too long")
        world.settings[f"{field} {args.text('language_code')}"] = args.text(field)
        return True

    return method


def _name_getter(name: str) -> Method:
    field, _ = NAMES[name]

    def method(world: World, args: Args) -> Any:
        fallback = world.settings.get(f"{field} ", world.bot["first_name"] if name == "name" else "")
        return {field: world.settings.get(f"{field} {args.text('language_code')}") or fallback}

    return method


def set_chat_menu_button(world: World, args: Args) -> Any:
    """setChatMenuButton."""
    world.settings[f"menu {args.text('chat_id')}"] = args.json("menu_button", "menu button") or {
        "type": "default"
    }
    return True


def get_chat_menu_button(world: World, args: Args) -> Any:
    """getChatMenuButton."""
    return world.settings.get(f"menu {args.text('chat_id')}", {"type": "commands"})


def accepted(world: World, args: Args) -> Any:
    """logOut and close: said yes to, without effect."""
    return True


ACCOUNT: dict[str, Method] = {
    "getme": get_me,
    "getfile": get_file,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setchatmenubutton": set_chat_menu_button,
    "getchatmenubutton": get_chat_menu_button,
    "logout": accepted,
    "close": accepted,
    **{f"setmy{name}": _name_setter(name) for name in NAMES},
    **{f"getmy{name}": _name_getter(name) for name in NAMES},
}


def _kinds(args: Args) -> list[str] | None:
    kinds = args.json("allowed_updates", "allowed updates")
    if kinds is None:
        return None
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise bad("Bad Request: can't parse allowed updates: expected an Array of String")
    return kinds


class Intake:
    """getUpdates and the webhook methods: the ways by which updates reach the bot."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        self._world = world
        self._webhook = webhook

    async def get_updates(self, args: Args) -> list[Pending]:
        """getUpdates; refused while a webhook is set."""
        if self._webhook.target is not None:
            raise Refusal(409, CONFLICT_WEBHOOK)
        self._world.updates.allow(_kinds(args))
        timeout = min(args.integer("timeout"), LONGEST_POLL)
        return await self._world.updates.poll(args.integer("offset"), args.integer("limit", 100), timeout)

    async def set_webhook(self, args: Args) -> bool:
        """setWebhook; an empty url removes it. Plain http is taken too, since this is one machine."""
        url = args.text("url")
        if not url:
            return await self.delete_webhook(args)
        if not url.startswith(("https://", "http://")):
            raise bad("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not SECRET.fullmatch(args.text("secret_token")):
            raise bad("Bad Request: secret token contains unallowed characters")
        connections = min(max(args.integer("max_connections", 40), 1), 100)
        if args.flag("drop_pending_updates"):
            self._world.updates.clear()
        self._world.updates.allow(_kinds(args))
        target = Target(url=url, secret=args.text("secret_token"), max_connections=connections)
        if target != self._webhook.target:
            await self._webhook.set(target)
        return True

    async def delete_webhook(self, args: Args) -> bool:
        """deleteWebhook."""
        await self._webhook.remove()
        if args.flag("drop_pending_updates"):
            self._world.updates.clear()
        return True

    async def get_webhook_info(self, args: Args) -> dict[str, Any]:
        """getWebhookInfo."""
        target, failures = self._webhook.target, self._webhook.failures
        waiting = len(self._world.updates)
        info: dict[str, Any] = {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}
        if target is not None:
            info |= {"url": target.url, "max_connections": target.max_connections, "ip_address": "127.0.0.1"}
            if failures.message:
                info |= {"last_error_date": failures.date, "last_error_message": failures.message}
        if self._world.updates.allowed is not None:
            info["allowed_updates"] = sorted(self._world.updates.allowed)
        return info
