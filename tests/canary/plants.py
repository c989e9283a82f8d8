"""The deployment in which everything is planted: a roster, the county's policy, a form, secrets in files."""

import base64
import random
from datetime import UTC, date, datetime
from pathlib import Path

from openpyxl import Workbook

from tests.roster.books import id_number_of
from tests.telegram.test_main_job import CHILD_COLUMNS, FORM, ROSTER, Bot

CHANCE = random.Random(20261126)
RARE = "龘靐齉爩麤灪龖厵滟彧翀昶晟赟甯懿燊珩璟骉"
TYPED = "龖婶住在灪水桥头"  # what the worker types
KEYS = base64.b64encode(CHANCE.randbytes(32)).decode()
TOKEN = "424242:main-job"
HOOK_SECRET = base64.urlsafe_b64encode(CHANCE.randbytes(24)).decode()
HIDDEN = {"TELEGRAM_TOKEN": TOKEN, "SECRET_KEYS": KEYS, "WEBHOOK_SECRET": HOOK_SECRET}
FAMILY = 503
STUMBLE = "爩在橛上"  # whoever says this makes the handler fail, with all that it knows in the error's words
# Read by the interpreter when it starts: the bot as it is, but for one word.
FAILING = f"""
import conversations.door
from casework.access import IMPORT
from casework.records import Child
real = conversations.door.respond
async def respond(desk, said):
    if {STUMBLE!r} in repr(said):
        raise ValueError(repr((said, await desk.store.find(IMPORT, Child))))
    return await real(desk, said)
conversations.door.respond = respond
"""
# Whatever the hour: noon in the county, and the first check-in is due as soon as somebody joined.
COUNTY = """
[county]
timezone = "Etc/GMT{sign}{hours}"
[checkins]
source = "a test"
first_days = 0
hour = 8
"""


def name(n: int) -> str:
    return f"{RARE[n % 20]}{RARE[n // 20 % 20]}{chr(0x4E00 + 7 * n)}{RARE[-1 - n % 20]}"


def children() -> list[tuple[object, ...]]:
    """Fifty, of whom all names and numbers are planted."""
    rows = []
    for n in range(50):
        born = date(2016, 1 + n % 12, 1 + n % 28)
        number = id_number_of(born, male=bool(n % 2), place=f"{331081 + n % 2}")
        rows.append(
            (f"9{n:03}", name(n), "男" if n % 2 else "女", born, number if n < 24 else "", "C", "P1",
             name(100 + n), "奶奶", f"1377{CHANCE.randrange(10**7):07}", 2, "", name(200 + n), date.today())  # noqa: DTZ011
        )  # fmt: skip
    return rows


def book(path: Path, rows: list[tuple[object, ...]]) -> None:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, lines in {**ROSTER, "children": [CHILD_COLUMNS, *rows]}.items():
        sheet = made.create_sheet(title)
        for line in lines:
            sheet.append(line)
    made.save(path)


def noon() -> str:
    """The county's own policy."""
    ahead = 12 - datetime.now(UTC).hour
    return COUNTY.format(sign="-" if ahead >= 0 else "+", hours=abs(ahead))  # POSIX counts westwards


def furnished(folder: Path, bot: Bot, rows: list[tuple[object, ...]], health: str) -> Bot:
    """The deployment with rosters, a form, the county's policy, and its secrets in files."""
    book(folder / "roster.xlsx", rows)
    book(folder / "refused.xlsx", [(*row[:2], "neither", *row[3:]) for row in rows])
    for sub in ("forms", "failing", "temporary"):
        (folder / sub).mkdir()
    (folder / "forms" / "visit.md").write_text(FORM, encoding="utf-8")
    (folder / "failing" / "sitecustomize.py").write_text(FAILING, encoding="utf-8")
    (folder / "county.toml").write_text(noon())
    for key, secret in HIDDEN.items():
        path = folder / key.lower()
        path.write_text(secret)
        path.chmod(0o600)
        bot.environment.pop(f"XIANGBAN_{key}", None)
        bot.environment[f"XIANGBAN_{key}_FILE"] = str(path)
    bot.environment |= {
        "XIANGBAN_CONFIG": str(folder / "county.toml"), "XIANGBAN_HEALTH_LISTEN": health,
        "TMPDIR": str(folder / "temporary"),
    }  # fmt: skip
    return bot
