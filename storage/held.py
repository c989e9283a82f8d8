"""What a restore held back: messages and updates that may have been dealt with after the backup was taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.codec import NOTICE
from storage.moments import from_number
from storage.notices import notice_place
from storage.tables import INBOX, OUTBOX, fixed
from storage.vault import Vault, open_with

HELD = "held"


@dataclass(frozen=True, kw_only=True)
class HeldMessage:
    """A message that had not been sent. ``kind`` is its meaning; ``to`` and ``child`` are codes."""

    seq: int
    kind: str
    to: str | None
    child: str | None


@dataclass(frozen=True, kw_only=True)
class HeldUpdate:
    """Something a person had said or tapped and that had not been handled."""

    seq: int
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Held:
    """All that is held back."""

    messages: Sequence[HeldMessage]
    updates: Sequence[HeldUpdate]


def hold_all(conn: Connection) -> int:
    """Hold back whatever waits; returns how much."""
    waiting = OUTBOX.c.state.in_(("new", "sending"))
    messages = conn.execute(OUTBOX.update().where(waiting).values(state=HELD, lease=None)).rowcount
    updates = conn.execute(INBOX.update().where(INBOX.c.state == fixed("open")).values(state=HELD)).rowcount
    return messages + updates


def held(conn: Connection, vault: Vault) -> Held:
    """See `Keeping.held`."""
    rows = conn.execute(select(OUTBOX).where(OUTBOX.c.state == HELD).order_by(OUTBOX.c.seq)).all()
    keys = vault.openers(conn, (row.body for row in rows))
    messages = []
    for row in rows:
        plain = open_with(keys, row.body, notice_place(row.key, row.recipient, row.child))
        kind = NOTICE.validate_json(plain).kind
        messages.append(HeldMessage(seq=row.seq, kind=kind, to=row.recipient, child=row.child))
    columns = select(INBOX.c.seq, INBOX.c.received_at).where(INBOX.c.state == HELD).order_by(INBOX.c.seq)
    updates = [HeldUpdate(seq=r.seq, received_at=from_number(r.received_at)) for r in conn.execute(columns)]
    return Held(messages=messages, updates=updates)


def release(conn: Connection, messages: Collection[int], updates: Collection[int]) -> int:
    """Back into the queues; messages are marked as perhaps sent before. Returns how many were held."""
    again = OUTBOX.update().where(OUTBOX.c.state == HELD, OUTBOX.c.seq.in_(messages))
    came = INBOX.update().where(INBOX.c.state == HELD, INBOX.c.seq.in_(updates))
    return (
        conn.execute(again.values(state="new", ambiguous=True)).rowcount
        + conn.execute(came.values(state="open")).rowcount
    )


def drop(conn: Connection, messages: Collection[int], updates: Collection[int]) -> int:
    """Never to be sent or handled; their content is forgotten. Returns how many were held."""
    dead = {"state": "dead", "reason": "dropped after a restore", "body": None}
    away = OUTBOX.update().where(OUTBOX.c.state == HELD, OUTBOX.c.seq.in_(messages))
    came = INBOX.update().where(INBOX.c.state == HELD, INBOX.c.seq.in_(updates))
    return (
        conn.execute(away.values(**dead)).rowcount
        + conn.execute(came.values(state="done", raw=None)).rowcount
    )


def doubt_waiting(conn: Connection) -> None:
    """Whatever waits in the outbox may have been told before: it will say so."""
    conn.execute(OUTBOX.update().where(OUTBOX.c.state == fixed("new")).values(ambiguous=True))
