"""The audit trail: rows that are only added, each chained to the one before, with the head kept apart."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from casework.outcome import Event
from storage.moments import to_number
from storage.statements import Statement, changing, inserting
from storage.tables import EVENTS, META

HEAD = "audit_head"
_START = b"\0" * 32
_READ_HEAD = Statement("SELECT value FROM meta WHERE name = :name")
_INSERT, _FIRST_HEAD, _NEXT_HEAD = inserting(EVENTS), inserting(META), changing(META)


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """``checked`` rows are as they were written; ``seq`` is the first that is not, ``fault`` how."""

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


def append(conn: Connection, key: bytes, events: Sequence[Event]) -> None:
    """Add events to the chain, inside a writing transaction."""
    if not events:
        return
    row = _READ_HEAD.first(conn, name=HEAD)
    head: bytes | None = None if row is None else row["value"]
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
    """Walks the chain batch by batch; holds where it is."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.seq = 0
        self._last = _START

    def walk(self, rows: Sequence[Any]) -> AuditResult | None:
        """The first fault among the next rows, if there is one."""
        for row in rows:
            expected = self.seq + 1
            if row.seq != expected:
                return AuditResult(checked=self.seq, seq=expected, fault="missing or moved")
            mac = _mac(self._key, self._last, tuple(row)[:-1])
            if not hmac.compare_digest(mac, row.mac):
                return AuditResult(checked=self.seq, seq=expected, fault="altered")
            self.seq, self._last = expected, mac
        return None

    def close(self, head: bytes | None) -> AuditResult:
        """The result when all rows were walked: the head tells whether the last ones were taken away."""
        if head is None:
            fault = "the head is missing" if self.seq else ""
            return AuditResult(checked=self.seq, seq=self.seq or None, fault=fault)
        last = int.from_bytes(head[:8], "big")
        if not hmac.compare_digest(head, _sealed_head(self._key, last, head[8:40])):
            return AuditResult(checked=self.seq, seq=self.seq, fault="the head was altered")
        if last > self.seq:
            return AuditResult(checked=self.seq, seq=self.seq + 1, fault="missing or moved")
        if last < self.seq or head[8:40] != self._last:
            return AuditResult(checked=self.seq, seq=last + 1, fault="added from outside")
        return AuditResult(checked=self.seq)


def read_batch(conn: Connection, after: int, upto: int | None, size: int) -> Sequence[Any]:
    """The next rows of the chain, in order."""
    rows = select(EVENTS).where(EVENTS.c.seq > after).order_by(EVENTS.c.seq).limit(size)
    return conn.execute(rows if upto is None else rows.where(EVENTS.c.seq <= upto)).all()


def head_of(conn: Connection) -> bytes | None:
    """The head as it is kept, for `Checker.close`."""
    value = conn.execute(select(META.c.value).where(META.c.name == HEAD)).scalar()
    return None if value is None else bytes(value)
