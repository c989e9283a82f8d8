"""`xiangban invite`: a one-time code by which a person of the roster joins, as text, link and QR."""

import asyncio
from datetime import datetime, timedelta
from io import StringIO

import click
import segno
from telegram.error import TelegramError

from bot.commands.inviting import invite as invited
from bot.commands.shared import Failed, language_option, now, opened_store, settings_of
from bot.commands.words import say
from bot.settings import Settings
from bot.telegram.api import Api
from casework.policy import load_policy
from casework.policy_models import Policy

BOT_NAME = "bot_username"  # under this the running bot notes what it is called
PATIENCE = 5.0  # seconds for Telegram to say what the bot is called


@click.command()
@click.argument("person_code")
@language_option
def invite(person_code: str, language: str) -> None:
    """Print a one-time code by which the person joins, and the link with it as text and QR."""
    settings = settings_of()
    policy = load_policy(settings.config)
    made = now()
    code, name = asyncio.run(_invited(settings, policy, person_code, made, language))
    until = (made + timedelta(hours=policy.invites.hours_valid)).astimezone(policy.zone)
    click.echo(say(language, "invite.code", code=code))
    click.echo(say(language, "invite.until", until=f"{until:%Y-%m-%d %H:%M}"))
    if not name:
        click.echo(say(language, "invite.no_link", code=code))
        return
    link = f"https://t.me/{name}?start={code}"
    click.echo(say(language, "invite.link", link=link))
    qr = StringIO()
    segno.make(link, micro=False).terminal(out=qr, compact=True)
    click.echo(qr.getvalue())


async def _invited(
    settings: Settings, policy: Policy, code: str, at: datetime, language: str
) -> tuple[str, str]:
    """The one-time code, and the bot's name, "" where it isn't known."""
    async with opened_store(settings) as store:
        person = await store.person(code)
        if person is None:
            raise Failed(say(language, "invite.unknown", code=code))
        if person.status == "suspended":
            raise Failed(say(language, "invite.suspended", code=code))
        made = await invited(store, person, policy=policy, now=at)
        name = await store.noted(BOT_NAME)
    return made, name or await _bot_name(settings)


async def _bot_name(settings: Settings) -> str:
    if not settings.token:
        return ""
    api = Api(settings.token, settings.telegram_api)
    try:
        async with asyncio.timeout(PATIENCE):
            await api.open()
            return str((await api.call("getMe", {}))["username"])
    except (TelegramError, TimeoutError, KeyError):
        return ""
    finally:
        await api.close()
