"""The audit trail: rows that are only added, each chained to the one before, with the head kept apart."""

import contextlib
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Connection

from casework.outcome import Event
from storage.moments import to_number
from storage.statements import Statement, changing, inserting, selecting
from storage.tables import EVENTS, META

HEAD = "audit_head"
_START = b"\0" * 32
_BATCH = 5_000
_LOWEST = -(2**63)
_READ_HEAD = Statement("SELECT value FROM meta WHERE name = :name")
_NEXT = selecting(EVENTS, "FROM events WHERE seq > :after ORDER BY seq LIMIT :most")
_MAC = Statement("SELECT mac FROM events WHERE seq = :seq")
_INSERT, _FIRST_HEAD, _NEXT_HEAD = inserting(EVENTS), inserting(META), changing(META)


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """``checked`` rows are as they were written; ``seq`` is the first that is not, ``fault`` how.

    ``fault``: altered, missing, added, head_missing, head_altered, replaced (the row, or one before it).
    """

    checked: int
    seq: int | None = None
    fault: str = ""

    @property
    def intact(self) -> bool:
        return self.seq is None


def _mac(key: bytes, before: bytes, plain: Sequence[Any]) -> bytes:
    """``plain``: all columns but the last, the digest itself, as JSON without spaces."""
    return hmac.digest(key, before + orjson.dumps(plain), "sha256")


def _sealed_head(key: bytes, seq: int, mac: bytes) -> bytes:
    body = seq.to_bytes(8, "big") + mac
    return body + hmac.new(key, b"head" + body, hashlib.sha256).digest()


def begin(conn: Connection, key: bytes) -> None:
    """Begin a chain: from now on its head can't be missing."""
    _FIRST_HEAD.run(conn, [{"name": HEAD, "value": _sealed_head(key, 0, _START)}])


def append(conn: Connection, key: bytes, events: Sequence[Event]) -> None:
    """Add events to the chain, inside a writing transaction."""
    append_to(conn, key, head_of(conn), events)


def append_to(conn: Connection, key: bytes, head: bytes | None, events: Sequence[Event]) -> None:
    """The same where ``head`` was read in this transaction already."""
    if not events:
        return
    seq, mac = (0, _START) if head is None else (int.from_bytes(head[:8], "big"), head[8:40])
    rows: list[dict[str, Any]] = []
    for number, event in enumerate(events, seq + 1):
        row = {
            "seq": number,
            "at": to_number(event.at),
            "name": event.name,
            "actor": event.actor,
            "child": event.child,
            "record": event.record,
            "ground": event.ground,
            "detail": json.dumps(dict(event.detail), ensure_ascii=False, sort_keys=True),
        }
        mac = _mac(key, mac, list(row.values()))
        rows.append({**row, "mac": mac})
    _INSERT.run(conn, rows)
    value = _sealed_head(key, rows[-1]["seq"], mac)
    (_FIRST_HEAD if head is None else _NEXT_HEAD).run(conn, [{"name": HEAD, "value": value}])


class Checker:
    """Walks the chain batch by batch; holds where it is.

    ``anchors`` are heads that were kept elsewhere, by number: the chain must still hold these rows.
    """

    def __init__(self, key: bytes, anchors: Mapping[int, bytes] = MappingProxyType({})) -> None:
        self._key = key
        self._anchors = anchors
        self.seq = 0
        self._last = _START

    def walk(self, rows: Sequence[Any]) -> AuditResult | None:
        """The first fault among the next rows, if there is one."""
        for row in rows:
            seq, *_, kept = values = tuple(row)
            if seq != self.seq + 1:
                return self._broken(min(seq, self.seq + 1), "added" if seq <= self.seq else "missing")
            mac = self._mac_of(values[:-1])
            if mac is None or not isinstance(kept, bytes) or not hmac.compare_digest(mac, kept):
                return self._broken(seq, "altered")
            if self._anchors.get(seq, mac) != mac:
                return self._broken(seq, "replaced")
            self.seq, self._last = seq, mac
        return None

    def close(self, head: bytes | None) -> AuditResult:
        """The result when all rows were walked: the head tells whether the last ones were taken away."""
        if max(self._anchors, default=0) > self.seq:
            return self._broken(self.seq + 1, "missing")
        if head is None:
            return self._broken(self.seq, "head_missing")
        if not is_head(self._key, head):
            return self._broken(self.seq, "head_altered")
        last = int.from_bytes(head[:8], "big")
        if last > self.seq:
            return self._broken(self.seq + 1, "missing")
        if last < self.seq or head[8:40] != self._last:
            return self._broken(last + 1, "added")
        return AuditResult(checked=self.seq)

    def _mac_of(self, plain: Sequence[Any]) -> bytes | None:
        """None where a column holds what was never written into it: SQLite takes anything anywhere."""
        try:
            return _mac(self._key, self._last, plain)
        except TypeError:
            return None

    def _broken(self, seq: int, fault: str) -> AuditResult:
        return AuditResult(checked=self.seq, seq=seq, fault=fault)


def verify(conn: Connection, key: bytes, anchors: Mapping[int, bytes] = MappingProxyType({})) -> AuditResult:
    """Walk the whole chain, while others may add to it."""
    checker = Checker(key, anchors)
    after = _LOWEST
    with _any_text(conn):
        while True:
            head = head_of(conn)  # before the rows: they reach at least as far
            rows = _NEXT.rows(conn, after=after, most=_BATCH)
            if not rows:
                return checker.close(head)
            fault = checker.walk(rows)
            if fault is not None:
                return fault
            after = checker.seq


@contextlib.contextmanager
def _any_text(conn: Connection) -> Iterator[None]:
    """Text that is no text is read as well, so that its row can be named."""
    raw = conn.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    before, raw.text_factory = raw.text_factory, lambda text: text.decode(errors="surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = before


def is_head(key: bytes, value: bytes) -> bool:
    """Whether this is a head of this chain, now or at some time."""
    return hmac.compare_digest(value, _sealed_head(key, int.from_bytes(value[:8], "big"), value[8:40]))


def head_of(conn: Connection) -> bytes | None:
    """The head as it is kept."""
    row = _READ_HEAD.first(conn, name=HEAD)
    return None if row is None else bytes(row["value"])


def holds(conn: Connection, head: bytes) -> bool:
    """Whether the chain still holds the row that once was its head."""
    row = _MAC.first(conn, seq=int.from_bytes(head[:8], "big"))
    return head[8:40] == (_START if row is None else bytes(row["mac"]))
