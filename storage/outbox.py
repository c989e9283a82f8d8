"""What goes out: claimed in order per lane, urgent first, leased while on its way, marked when unsure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)

from casework.outcome import Notice
from casework.records import Link
from storage.codec import NOTICE
from storage.moments import to_number
from storage.notices import links_of, notice_place
from storage.rows import open_record
from storage.tables import OUTBOX, RECORDS, fixed
from storage.vault import Vault, open_with


def _waits(table: FromClause) -> ColumnElement[bool]:
    """The condition of the partial index, as the index says it."""
    return or_(table.c.state == fixed("new"), table.c.state == fixed("sending"))


_WAITING = _waits(OUTBOX)
_RANK = 10**13  # above every seq, so that priority and seq make one number to order by


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """A message to be sent now. ``address`` is "" where the person has none (not joined, or left)."""

    seq: int
    key: str
    to: str | None
    address: str
    priority: int
    notice: Notice
    tries: int
    ambiguous: bool  # it may have arrived already


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Telegram took message ``seq``."""

    seq: int
    message_id: str | int | None = None


def claim(
    conn: Connection, vault: Vault, now: datetime, limit: int, lease: timedelta, busy: Collection[str]
) -> list[OutboxRow]:
    """Take what is due, one per lane. A claim that comes to nothing is undone by `sweep` after ``lease``."""
    lanes = [vault.index("address", address) if address else "" for address in busy]
    chosen = conn.scalars(_heads(to_number(now), lanes, limit)).all()
    if not chosen:
        return []
    rows = conn.execute(select(OUTBOX).where(OUTBOX.c.seq.in_([rank % _RANK for rank in chosen]))).all()
    conn.execute(
        OUTBOX.update()
        .where(OUTBOX.c.seq.in_([row.seq for row in rows]))
        .values(state="sending", lease=to_number(now + lease), tries=OUTBOX.c.tries + 1)
    )
    found = _opened(conn, vault, sorted(rows, key=lambda row: (row.priority, row.seq)))
    return _one_each(conn, found)


def _heads(now: int, busy: list[str], limit: int) -> Select[Any]:
    """The first message of each free lane that has one due."""
    other = OUTBOX.alias()
    rank = cast(OUTBOX.c.priority, BigInteger) * literal(_RANK, BigInteger) + OUTBOX.c.seq
    sending = select(other.c.lane).where(_waits(other), other.c.state == "sending")
    rows = select(func.min(rank).label("rank")).where(
        _WAITING,
        OUTBOX.c.state == "new",
        OUTBOX.c.next_at <= now,
        OUTBOX.c.lane.not_in(sending),
        ~_blocked(now),
    )
    if busy:
        rows = rows.where(OUTBOX.c.lane.not_in(busy))
    return rows.group_by(OUTBOX.c.lane).order_by("rank").limit(limit)


def _blocked(now: int) -> ColumnElement[bool]:
    """Whether one before it in its lane waits to be tried again (not: is held for the morning)."""
    before = OUTBOX.alias()
    earlier = or_(
        before.c.priority < OUTBOX.c.priority,
        and_(before.c.priority == OUTBOX.c.priority, before.c.seq < OUTBOX.c.seq),
    )
    again = and_(_waits(before), before.c.tries > 0, before.c.next_at > now)
    return select(1).where(before.c.lane == OUTBOX.c.lane, again, earlier).exists()


def _opened(conn: Connection, vault: Vault, rows: Sequence[Any]) -> list[OutboxRow]:
    keys = vault.openers(conn, (row.body for row in rows))
    notices = [
        NOTICE.validate_json(open_with(keys, row.body, notice_place(row.key, row.recipient, row.child)))
        for row in rows
    ]
    people = {n.to for n in notices if n.to is not None and n.address is None}
    addresses = _addresses(conn, vault, sorted(people))
    return [
        OutboxRow(
            seq=row.seq, key=row.key, to=row.recipient, priority=row.priority, notice=notice,
            address=notice.address or addresses.get(notice.to or "", ""),
            tries=row.tries, ambiguous=bool(row.ambiguous),
        )
        for row, notice in zip(rows, notices, strict=True)
    ]  # fmt: skip


def _addresses(conn: Connection, vault: Vault, people: list[str]) -> dict[str, str]:
    ids = list(links_of(conn, people).values())
    if not ids:
        return {}
    wanted = select(RECORDS).where(RECORDS.c.kind == Link.kind, RECORDS.c.id.in_(ids))
    rows = conn.execute(wanted).mappings().all()
    keys = vault.openers(conn, (row["body"] for row in rows))
    links = [open_record(Link, row, keys) for row in rows]
    return {link.person: link.address for link in links if link.person is not None}


def _one_each(conn: Connection, rows: list[OutboxRow]) -> list[OutboxRow]:
    """One message per address: lanes made before a person joined can lead to the same one; others wait."""
    first: dict[str, OutboxRow] = {}
    late = []
    for row in rows:
        if row.address and first.setdefault(row.address, row) is not row:
            late.append(row.seq)
    if late:
        again = OUTBOX.update().where(OUTBOX.c.seq.in_(late))
        conn.execute(again.values(state="new", lease=None, tries=OUTBOX.c.tries - 1))
    return [row for row in rows if row.seq not in late]


def sent(conn: Connection, results: Sequence[Sent]) -> None:
    """These arrived. Their text is forgotten; the key stays for ever, so that none is sent again."""
    if results:
        mark = OUTBOX.update().where(OUTBOX.c.seq == bindparam("this"))
        rows = [{"this": r.seq, "name": None if r.message_id is None else str(r.message_id)} for r in results]
        conn.execute(mark.values(state="sent", lease=None, body=None, message_id=bindparam("name")), rows)


def retry_later(conn: Connection, seq: int, at: datetime, ambiguous: bool) -> None:
    """Try again at ``at``; ``ambiguous``: it may have arrived."""
    again = OUTBOX.update().where(OUTBOX.c.seq == seq, OUTBOX.c.state == "sending")
    conn.execute(
        again.values(
            state="new", lease=None, next_at=to_number(at), ambiguous=OUTBOX.c.ambiguous | literal(ambiguous)
        )
    )


def undeliverable(conn: Connection, seq: int, reason: str) -> None:
    """It can never arrive; the caller goes on with what follows from that."""
    dead = {"state": "dead", "lease": None, "reason": reason[:200], "body": None}
    conn.execute(OUTBOX.update().where(OUTBOX.c.seq == seq, OUTBOX.c.state != "sent").values(dead))


def sweep(conn: Connection, now: datetime) -> int:
    """Give back what was claimed and never concluded: it may have arrived, and is marked so."""
    over = OUTBOX.c.state == "sending", OUTBOX.c.lease <= to_number(now)
    return conn.execute(OUTBOX.update().where(*over).values(state="new", lease=None, ambiguous=True)).rowcount


def any_due(conn: Connection, now: datetime) -> bool:
    """Whether a claim could find anything: a cheap look that needs no writer."""
    due = _WAITING, OUTBOX.c.state == "new", OUTBOX.c.next_at <= to_number(now)
    return conn.execute(select(OUTBOX.c.seq).where(*due).limit(1)).first() is not None
