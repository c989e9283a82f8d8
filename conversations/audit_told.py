"""What the county hears of the auditor: what is wrong, since when, what to do, and that it is over."""

from datetime import datetime

from casework.auditing import DELAYS
from casework.outcome import Notice
from casework.records import Person
from conversations.dates import say_moment
from conversations.desk import Desk
from conversations.said import Message


def _since(desk: Desk, notice: Notice, to: Person) -> str:
    return say_moment(datetime.fromisoformat(notice.values["since"]), to.language, desk.policy)


async def audit_found(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """One line for each kind of fault, and what to do."""
    say, language, again = desk.words.say, to.language, notice.values["again"]
    found = notice.values["found"]
    lines = [
        say(language, "audit.goes_on" if again else "audit.begins", since=_since(desk, notice, to)),
        *(say(language, f"audit.line.{kind}", count=count) for kind, count in found),
        say(language, "audit.not_lost" if all(kind in DELAYS for kind, _ in found) else "audit.not_sure"),
        say(language, "audit.press" if again else "audit.what_now"),
    ]
    if desk.policy.audit.call:
        lines.append(say(language, "audit.call", call=desk.policy.audit.call))
    return Message(text="\n".join(lines))


async def audit_well(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """All is well again."""
    return Message(text=desk.words.say(to.language, "audit.well", since=_since(desk, notice, to)))
