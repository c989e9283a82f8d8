"""The audit trail: rows that are only added, each chained to the one before, with the head kept apart."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from casework.outcome import Event
from storage.moments import to_number
from storage.tables import EVENTS, META

HEAD = "audit_head"
_START = b"\0" * 32
_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once for all rows


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """``checked`` rows are as they were written; ``seq`` is the first that is not, ``fault`` how."""

    checked: int
    seq: int | None = None
    fault: str = ""

    @property
    def intact(self) -> bool:
        return self.seq is None


def _mac(key: bytes, before: bytes, row: Mapping[str, Any]) -> bytes:
    plain = [row["seq"], row["at"], row["name"], row["actor"], row["child"], row["record"], row["ground"],
             row["detail"]]  # fmt: skip
    text = _CANONICAL.encode(plain)
    return hmac.digest(key, before + text.encode(), "sha256")


def _sealed_head(key: bytes, seq: int, mac: bytes) -> bytes:
    body = seq.to_bytes(8, "big") + mac
    return body + hmac.new(key, b"head" + body, hashlib.sha256).digest()


def _head(conn: Connection) -> bytes | None:
    value = conn.execute(select(META.c.value).where(META.c.name == HEAD)).scalar()
    return None if value is None else bytes(value)


def append(conn: Connection, key: bytes, events: Sequence[Event]) -> None:
    """Add events to the chain, inside a writing transaction."""
    if not events:
        return
    head = _head(conn)
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
        mac = _mac(key, mac, row)
        rows.append({**row, "mac": mac})
    conn.execute(EVENTS.insert(), rows)
    value = _sealed_head(key, rows[-1]["seq"], mac)
    if head is None:
        conn.execute(META.insert(), {"name": HEAD, "value": value})
    else:
        conn.execute(META.update().where(META.c.name == HEAD), {"value": value})


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
            mac = _mac(self._key, self._last, row._mapping)
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
    return _head(conn)
