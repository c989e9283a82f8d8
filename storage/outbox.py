"""What goes out: claimed in order per lane, urgent first, leased while on its way, marked when unsure."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, literal

from casework.outcome import Notice, Priority
from casework.records import Link
from storage import kept
from storage.codec import NOTICE
from storage.handing import OutboxRow
from storage.keys import DataKey
from storage.legible import legible
from storage.moments import to_number
from storage.notices import links_of, notice_place
from storage.statements import Statement
from storage.tables import OUTBOX, fixed
from storage.vault import Vault, open_with

__all__ = ["OutboxRow", "Sent"]
_AT_A_LOOK = 200  # rows of the queue read at a time
_MOST = 500  # that leave as one message at most
_LAST = 2**62  # beyond all numbers
_QUEUE = Statement(
    "SELECT seq, lane, priority, next_at, tries FROM outbox WHERE state = 'new' "
    "AND (priority, seq) > (:priority, :seq) ORDER BY priority, seq LIMIT :most"
)
_SENDING = Statement("SELECT lane FROM outbox WHERE state = 'sending'")
_DUE = Statement("SELECT seq FROM outbox WHERE state = 'new' AND next_at <= :now LIMIT 1")
_ROWS = Statement(
    "SELECT seq, key, recipient, child, priority, body, tries, ambiguous FROM outbox WHERE seq IN :seqs[] "
    "ORDER BY priority, seq"
)
_TAKE = Statement(
    "UPDATE outbox SET state = 'sending', lease = :lease, tries = tries + 1 WHERE seq IN :seqs[]"
)
_PUT_BACK = Statement("UPDATE outbox SET state = 'new', lease = NULL, tries = tries - 1 WHERE seq IN :seqs[]")
_ALTERED = Statement(
    "UPDATE outbox SET state = 'dead', lease = NULL, reason = 'altered' WHERE seq IN :seqs[]"
)
_STATES = Statement("SELECT state, message_id FROM outbox WHERE key IN :keys[]")
_SENT = Statement(
    "UPDATE outbox SET state = 'sent', lease = NULL, body = NULL, message_id = :name WHERE seq = :this"
)


class _Row(NamedTuple):
    """What `_ROWS` reads."""

    seq: int
    key: str
    recipient: str | None
    child: str | None
    priority: int
    body: bytes
    tries: int
    ambiguous: bool


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Telegram took message ``seq``."""

    seq: int
    message_id: str | int | None = None


Complete = Callable[[], bool]


def at_once() -> bool:
    """What is gathered is complete as it stands."""
    return True


def claim(
    conn: Connection, vault: Vault, now: datetime, limit: int, lease: timedelta, busy: Collection[str],
    complete: Complete,
) -> list[OutboxRow]:  # fmt: skip
    """Take what is due, one per lane, or all that is gathered there.

    The latter where it is ``complete``, so that no more of it is to come at this moment.
    A claim that comes to nothing is undone by `sweep` after ``lease``.
    """
    closed = {vault.index("address", address) for address in busy if address}
    closed |= {lane for (lane,) in _SENDING.rows(conn)}
    groups = _heads(conn, to_number(now), closed, limit, complete)
    chosen = [seq for group in groups for seq in group]
    if not chosen:
        return []
    rows = [_Row(*row) for row in _ROWS.rows(conn, seqs=chosen)]
    _TAKE.rows(conn, seqs=chosen, lease=to_number(now + lease))
    found = legible(rows, lambda some: _opened(conn, vault, some))
    if altered := {*chosen} - {row.seq for row in found}:
        _ALTERED.rows(conn, seqs=sorted(altered))
    return _one_each(conn, _with_others(found, groups), busy)


def _heads(conn: Connection, now: int, closed: set[str], limit: int, complete: Complete) -> list[list[int]]:
    """For each lane that has something due and is not closed: the first message, or what is gathered there.

    The queue is walked in the order in which it leaves, so that what waits to be tried again is met before
    what it holds back. What is held for the morning holds back nothing. What is gathered and not complete
    is overtaken by replies, and by nothing that comes after them.
    """
    heads: list[list[int]] = []
    gathered: dict[str, list[int]] = {}
    queue, last = _Queue(conn), Priority.DIGEST
    for seq, lane, priority, next_at, tries in queue:
        if priority > Priority.GATHERED and gathered:
            heads += _together(gathered, closed)
        if len(heads) >= limit or priority > last:
            break
        if lane in closed:
            continue
        if next_at <= now and priority == Priority.GATHERED:
            if gathered or complete():
                gathered.setdefault(lane, []).append(seq)
            else:
                queue.after, last = (Priority.GATHERED, _LAST), Priority.REPLY
            continue
        if next_at <= now or tries:
            closed.add(lane)
        if next_at <= now:
            heads.append([seq])
    return [*heads, *_together(gathered, closed)][:limit]


class _Queue:
    """All that waits, as it leaves: number, lane, priority, from when on, how often tried.

    ``after`` is the place of the last one; it may be moved on, over what nobody needs to look at.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.after = -1, 0  # before all priorities and numbers

    def __iter__(self) -> Iterator[tuple[int, str, int, int, int]]:
        while True:
            priority, seq = self.after
            rows = _QUEUE.rows(self._conn, priority=priority, seq=seq, most=_AT_A_LOOK)
            for seq, lane, priority, next_at, tries in rows:
                if (priority, seq) > self.after:
                    self.after = priority, seq
                    yield seq, lane, priority, next_at, tries
            if len(rows) < _AT_A_LOOK:
                return


def _together(gathered: dict[str, list[int]], closed: set[str]) -> list[list[int]]:
    """What is gathered, lane by lane, which is taken out; nothing else leaves in those lanes."""
    groups = [seqs[:_MOST] for seqs in gathered.values()]
    closed |= gathered.keys()
    gathered.clear()
    return groups


def _opened(conn: Connection, vault: Vault, rows: Sequence[_Row]) -> list[OutboxRow]:
    keys = vault.openers(conn, (row.body for row in rows))
    opened = [(row, _notice(keys, row)) for row in rows]
    people = {n.to for _, n in opened if n.to is not None and n.address is None}
    addresses = _addresses(conn, vault, sorted(people))
    return [
        OutboxRow(
            seq=row.seq, key=row.key, to=row.recipient, priority=row.priority, notice=notice,
            address=notice.address or addresses.get(notice.to or "", ""),
            tries=row.tries, ambiguous=bool(row.ambiguous),
        )
        for row, notice in opened
    ]  # fmt: skip


def _notice(keys: Mapping[int, DataKey], row: _Row) -> Notice:
    place = notice_place(row.key, row.recipient, row.child)
    return NOTICE.validate_json(open_with(keys, row.body, place))


def _addresses(conn: Connection, vault: Vault, people: list[str]) -> dict[str, str]:
    links = kept.records(conn, vault, Link, links_of(conn, people).values())
    return {link.person: link.address for link in links if link.person is not None}


def _with_others(rows: Sequence[OutboxRow], groups: Sequence[Sequence[int]]) -> list[OutboxRow]:
    """One row for each group, with those that leave with it; nothing for a group of which none is legible.

    It may have arrived already where that may be said of any of them.
    """
    by_seq = {row.seq: row for row in rows}
    legible_ones = ([by_seq[seq] for seq in group if seq in by_seq] for group in groups)
    return [
        replace(some[0], others=tuple(some[1:]), ambiguous=any(row.ambiguous for row in some))
        for some in legible_ones
        if some
    ]


def _one_each(conn: Connection, rows: list[OutboxRow], busy: Collection[str]) -> list[OutboxRow]:
    """One message per address: lanes made before a person joined can lead to the same one; others wait."""
    seen = set(busy)
    late = []
    for row in rows:
        if row.address and row.address in seen:
            late.append(row)
        seen.add(row.address)
    if late:
        _PUT_BACK.rows(conn, seqs=sorted(each.seq for row in late for each in row.whole))
    return [row for row in rows if row not in late]


def sent(conn: Connection, results: Sequence[Sent]) -> None:
    """These arrived. Their text is forgotten; the key stays for ever, so that none is sent again."""
    _SENT.run(
        conn,
        [{"this": r.seq, "name": None if r.message_id is None else str(r.message_id)} for r in results],
    )


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
    over = OUTBOX.c.state == fixed("sending"), OUTBOX.c.lease <= to_number(now)
    return conn.execute(OUTBOX.update().where(*over).values(state="new", lease=None, ambiguous=True)).rowcount


def take_over(conn: Connection, now: datetime, longest: timedelta) -> int:
    """At a start nothing is on its way, whatever the clock said when it was claimed: it may have arrived.

    And what is to be tried again waits no longer than ``longest``: the clock may have been put back.
    """
    again = OUTBOX.update().where(OUTBOX.c.state == fixed("new"), OUTBOX.c.tries > 0)
    latest = to_number(now + longest)
    conn.execute(again.where(OUTBOX.c.next_at > latest).values(next_at=latest))
    taken = OUTBOX.update().where(OUTBOX.c.state == fixed("sending"))
    return conn.execute(taken.values(state="new", lease=None, ambiguous=True)).rowcount


def on_its_way(conn: Connection, keys: Sequence[str]) -> bool:
    """Whether one of these messages is still to leave, and none of them has arrived."""
    rows = [tuple(row) for row in _STATES.rows(conn, keys=keys)]
    arrived = any(state == "sent" and message_id for state, message_id in rows)
    return not arrived and any(state in ("new", "sending") for state, _ in rows)


def any_due(conn: Connection, now: datetime) -> bool:
    """Whether a claim could find anything: a cheap look that needs no writer."""
    return _DUE.first(conn, now=to_number(now)) is not None
