"""The commands that Telegram's menu offers, in every language that we speak."""

from conversations.words import LANGUAGES, Words

NAMES = (
    "today", "visit", "report", "children", "alerts", "leave", "quiet", "stats", "language", "cancel", "help",
)  # fmt: skip


def menus(words: Words) -> dict[str, list[dict[str, str]]]:
    """What setMyCommands takes, by language code; "" is for everybody whose program speaks none of ours."""
    said = {language: _menu(words, language) for language in LANGUAGES}
    return {"": said[LANGUAGES[0]], **{language: said[language] for language in LANGUAGES[1:]}}


def _menu(words: Words, language: str) -> list[dict[str, str]]:
    return [{"command": name, "description": words.say(language, f"command.{name}")} for name in NAMES]
