"""A database as plain values, without what no two runs share: random ids, moments, numbers of updates."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from casework.access import CLOCK
from casework.records import KINDS, Record
from storage.store import KeyRing, Store
from tests.bot.harness import KEY
from tests.storage.world import bare

LEFT_OUT = {
    "version",
    "state",
    "xml",
    "tries",
    "refused_at",
    "digest",
    "number",  # which of several that begin at one moment gets the first is chance
}  # of records; what they mean is elsewhere
_UPDATE = re.compile(r"tg\d+-[0-9a-f]+")
_HOUR = re.compile(r"\d\d:\d\d(:\d\d\.\d+\+\d\d:\d\d)?")
_INSTANCE = re.compile(r"uuid:[0-9a-f-]{36}")
_ROWS = "SELECT key, recipient, state FROM outbox"
_EVENTS = "SELECT name, actor, child, ground FROM events"
_INBOX = "SELECT state FROM inbox"


class Names:
    """Replaces the random ids of a database by what they are the ids of."""

    def __init__(self, records: list[Record]) -> None:
        self._names = {r.id: r.kind for r in records if len(r.id) > 8}

    def plain(self, value: Any) -> Any:
        """The value with ids, moments and hours replaced, at any depth."""
        if isinstance(value, datetime):
            return "a moment"
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.plain(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(one) for one in value]
        if hasattr(value, "__dataclass_fields__"):
            return {f.name: self.plain(getattr(value, f.name)) for f in fields(value)}
        return value

    def text(self, text: str) -> str:
        """A text with ids, update numbers and hours replaced."""
        for id, name in self._names.items():
            if id in text:
                text = text.replace(id, name)
        return _INSTANCE.sub("uuid", _HOUR.sub("hh:mm", _UPDATE.sub("update", text)))

    def record(self, record: Record) -> str:
        """One record as a line."""
        kept = [f.name for f in fields(record) if f.name not in LEFT_OUT]
        values = {name: self.plain(getattr(record, name)) for name in kept}
        return f"{record.kind} {values}"


async def trace(url: str) -> Counter[str]:
    """Everything that is kept, one line each, with how often: records, events, messages, updates."""
    store = await Store.open(url, KeyRing([KEY]))
    try:
        records = [record for kind in KINDS.values() for record in await store.find(CLOCK, kind)]
    finally:
        await store.close()
    names = Names(records)
    lines = Counter(names.record(record) for record in records)
    for what, statement in (("message", _ROWS), ("event", _EVENTS), ("update", _INBOX)):
        lines.update(names.text(f"{what} {tuple(row)}") for row in await bare(url, statement))
    return lines


def parted(expected: Counter[str], found: Counter[str]) -> list[str]:
    """What one has more of than the other, each line with a sign."""
    missing, more = expected - found, found - expected
    return [f"- {line}" for line in missing.elements()] + [f"+ {line}" for line in more.elements()]
