"""What came in: kept before the sender is told so, done together with what it causes, then forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from casework.records import Talk
from casework.strangers import OVER
from storage.codec import place
from storage.legible import legible
from storage.moments import to_number
from storage.statements import Statement, inserting
from storage.tables import INBOX, RECORDS, fixed
from storage.tripwires import lawful
from storage.vault import Vault, open_with

_KEEP = inserting(INBOX, rest="ON CONFLICT DO NOTHING RETURNING seq, update_id, digest")
_LINKED = Statement("SELECT id FROM records WHERE kind = 'link' AND status = 'active' AND id IN :ids[]")
REMEMBERED = timedelta(hours=48)  # Telegram repeats an update for up to 24 hours


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A raw update. ``update_id`` may start anew after a quiet week, so the content counts as well."""

    source: str
    update_id: int
    lane_address: str
    raw: bytes
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """A kept update that is not done yet; ``seq`` is the order in which they came.

    ``joined``: when it was read, its address was somebody's who has joined.
    """

    seq: int
    address: str
    raw: bytes
    tries: int = 0
    joined: bool = False


def _place(source: str, update_id: int, digest: bytes) -> bytes:
    return place("inbox", "raw", source, update_id, digest.hex())


def receive(conn: Connection, vault: Vault, updates: Sequence[Incoming]) -> list[InboxRow]:
    """Keep updates; returns those that are new, in order."""
    sealed = {(u.update_id, vault.mac("update", u.raw)[:16]): u for u in updates}
    rows = [_sealed(vault, update, digest) for (_, digest), update in sealed.items()]
    found = []
    for seq, update_id, digest in _KEEP.returned(conn, rows):
        update = sealed[update_id, bytes(digest)]
        found.append(InboxRow(seq=seq, address=update.lane_address, raw=update.raw))
    return _with_joined(conn, vault, found)


def _with_joined(conn: Connection, vault: Vault, rows: Sequence[InboxRow]) -> list[InboxRow]:
    links = {row.address: vault.index("address", row.address) for row in rows}
    known = {row["id"] for row in _LINKED.rows(conn, ids=list(links.values()))} if links else set()
    return [replace(row, joined=links[row.address] in known) for row in rows]


def _sealed(vault: Vault, update: Incoming, digest: bytes) -> dict[str, Any]:
    address = update.lane_address.encode()
    body = len(address).to_bytes(2) + address + update.raw
    return {
        "source": update.source,
        "update_id": update.update_id,
        "digest": digest,
        "received_at": to_number(update.received_at),
        "state": "open",
        "tries": 0,
        "error": None,
        "raw": vault.store.seal(body, _place(update.source, update.update_id, digest)),
    }


def waiting(conn: Connection, vault: Vault, after: int, limit: int) -> list[InboxRow]:
    """What is neither done nor parked, in order; without what others have altered."""
    rows = conn.execute(
        select(INBOX)
        .where(INBOX.c.seq > after, INBOX.c.state == fixed("open"))
        .order_by(INBOX.c.seq)
        .limit(limit)
    ).all()
    return _with_joined(conn, vault, legible(rows, lambda some: _opened(conn, vault, some)))


def stuck(conn: Connection, vault: Vault) -> list[InboxRow]:
    """What was put aside after failures, or held back by a restore."""
    aside = INBOX.c.state.in_(("parked", "held")), INBOX.c.raw.is_not(None)
    return _opened(conn, vault, conn.execute(select(INBOX).where(*aside)).all())


def _opened(conn: Connection, vault: Vault, rows: Sequence[Any]) -> list[InboxRow]:
    keys = vault.openers(conn, (row.raw for row in rows))
    found = []
    for row in rows:
        plain = open_with(keys, row.raw, _place(row.source, row.update_id, row.digest))
        end = 2 + int.from_bytes(plain[:2])
        found.append(InboxRow(seq=row.seq, address=plain[2:end].decode(), raw=plain[end:], tries=row.tries))
    return found


def failed(conn: Connection, seq: int, error: str, park_after: int) -> bool:
    """Count a try; True if the row is parked now."""
    tries = conn.scalar(select(INBOX.c.tries).where(INBOX.c.seq == seq, INBOX.c.state == "open"))
    if tries is None:
        return False
    parked: bool = tries + 1 >= park_after
    state = "parked" if parked else "open"
    conn.execute(
        INBOX.update().where(INBOX.c.seq == seq).values(tries=tries + 1, error=error[:500], state=state)
    )
    return parked


def prune(conn: Connection, now: datetime) -> int:
    """Forget what was done long enough ago that it can't come again, and talks with strangers that are over.

    Parked rows stay for the operator.
    """
    old = to_number(now - REMEMBERED)
    over = RECORDS.c.kind == Talk.kind, RECORDS.c.status == OVER
    with lawful(conn, "pruning"):
        done = conn.execute(delete(INBOX).where(INBOX.c.received_at < old, INBOX.c.state == "done")).rowcount
        talks = conn.execute(delete(RECORDS).where(*over)).rowcount
    return done + talks
