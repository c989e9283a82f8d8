"""The picture that the auditor holds against the rules: short reads, each by an index that is small.

Nothing is walked that grows with the children on the books: what must not be has an index of its own, which
is empty; the rest is what is open, due or waiting, and of that at most `MOST` rows.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from casework.auditing import Kind, Memory, Picture, Places
from casework.checkins import WAITING
from casework.ladder import OPEN
from casework.outcome import Event, Priority
from casework.policy_audit import AuditRules
from casework.referrals import OPEN as REFERRED
from casework.requests import WAITING as REQUESTED
from casework.vacancies import VACANT
from casework.visit_steps import TO_DO
from casework.waking import FAILED, FAILED_AGAIN
from storage import life
from storage.errors import Tampered
from storage.events import append
from storage.moments import to_number
from storage.rows import record_place
from storage.statements import Statement, selecting
from storage.tables import ASLEEP, ODD_INBOX, ODD_OUTBOX, RECORDS
from storage.tripwires import lawful, lay, missing
from storage.vault import Vault, child_key, open_with

MOST = 1_000
AWAKE: Mapping[str, tuple[str, ...]] = {  # in which of its states a record must have a next moment
    "escalation": OPEN, "visit": TO_DO, "checkin": WAITING, "matter": ("open",),
    "vacancy": (*VACANT, "awaited"), "referral": REFERRED, "request": REQUESTED,
}  # fmt: skip
_SETTLED = "audit_settled"  # the note of when the operator last settled what was found

_GONE = Statement("SELECT source, name, what FROM gone WHERE settled_at IS NULL ORDER BY no LIMIT :most")
_NOTED = Statement("SELECT count(*) AS found FROM gone")
_FLAGS = Statement("SELECT why FROM lawful")
_OPEN = selecting(RECORDS, "FROM records WHERE kind = 'escalation' AND status IN :open[] LIMIT :most")
_ASLEEP = Statement(
    f"SELECT kind, id FROM records WHERE {ASLEEP} AND kind || ' ' || status IN :awake[] LIMIT :most"  # noqa: S608
)
_KNOWN = Statement("SELECT id FROM records WHERE kind = 'escalation' AND id IN :ids[]")
_KEYS = Statement("SELECT name FROM keys WHERE name IN :names[]")
_LATE = [
    Statement(
        f"SELECT {kind} AS kind, id, wake_at FROM {table} WHERE wake_at IS NOT NULL "  # noqa: S608
        "AND wake_at <= :now ORDER BY wake_at LIMIT :most"
    )
    for table, kind in (("records", "kind"), ("children", "'child'"))
]
_INBOX = Statement("SELECT seq FROM inbox WHERE state = 'open' ORDER BY seq LIMIT :most")
_ODD = {
    table: Statement(f"SELECT state, count(*) AS found FROM {table} WHERE {odd} GROUP BY state")  # noqa: S608
    for table, odd in (("inbox", ODD_INBOX), ("outbox", ODD_OUTBOX))
}
_WAITING = Statement(
    "SELECT seq, lane, priority, next_at, tries FROM outbox WHERE state = 'new' "
    "ORDER BY priority, seq LIMIT :most"
)
_AHEAD = Statement("SELECT seq FROM outbox WHERE state = 'new' AND next_at > :until LIMIT :most")
_STUCK = Statement(
    "SELECT seq, priority FROM outbox WHERE state = 'sending' "
    "AND (lease IS NULL OR lease <= :now OR lease > :until)"
)
_HEAD = Statement("SELECT max(seq) AS head FROM events")
_FAILED = Statement(
    f"SELECT at, record, detail FROM events WHERE seq > :after AND name = '{FAILED}' ORDER BY seq LIMIT :most"  # noqa: S608
)
_MOMENTS = Statement("SELECT id, wake_at FROM records WHERE kind = :kind AND id IN :ids[]")
_BIRTHDAYS = Statement("SELECT id, wake_at FROM children WHERE id IN :ids[]")
FIRST_READ = 5_000  # events looked back on at a start; what failed before them fails again within the hour
LONGEST_LEASE = timedelta(hours=1)  # far beyond any that a sender takes


def picture(conn: Connection, vault: Vault, now: datetime, rules: AuditRules, before: Memory) -> Picture:
    """How records and queues stand at ``now``; the loops are the caller's."""
    settled = life.noted(conn, _SETTLED) or ""
    memory = before if before.settled == settled else Memory(settled=settled)
    gone = _GONE.rows(conn, most=MOST)
    noted = int(_NOTED.first(conn)["found"])
    open_now, unreadable = _open(conn, vault)
    vanished = _vanished(conn, {id: child for id, child in memory.open.items() if id not in open_now})
    odd, held = _odd(conn, memory.held)
    read, failed = _failing(conn, memory)
    alerts, messages = _outgoing(conn, to_number(now), to_number(now + LONGEST_LEASE))
    wrong: dict[Kind, Places] = {
        "removed": tuple(f"{r['source']} {r['name']}" for r in gone if r["what"] == "removed"),
        "altered": tuple(f"{r['source']} {r['name']}" for r in gone if r["what"] != "removed"),
        "unguarded": _unguarded(conn, shorter=noted < memory.noted),
        "asleep": _asleep(conn),
        "unreadable": unreadable,
        "vanished": tuple(f"escalation {id}" for id in vanished),
        "odd": odd,
        "failing": tuple(failed),
        "ahead": _ahead(conn, now + timedelta(days=rules.ahead_days)),
    }
    waiting: dict[Kind, Places] = {
        "late": _late(conn, now),
        "inbox": tuple(f"inbox {row['seq']}" for row in _INBOX.rows(conn, most=MOST)),
        "alerts": alerts,
        "messages": messages,
    }
    known = Memory(
        open=open_now | vanished, held=held, noted=max(noted, memory.noted), settled=settled, read=read,
        failed=failed,
    )  # fmt: skip
    return Picture(wrong=wrong, waiting=waiting, memory=known)


def _unguarded(conn: Connection, *, shorter: bool) -> Places:
    """Tripwires that are missing; a flag that switches them off; notes of theirs that are gone."""
    flags = tuple(f"lawful {row['why']}" for row in _FLAGS.rows(conn))
    return (*missing(conn), *flags, *(("gone",) if shorter else ()))


def _open(conn: Connection, vault: Vault) -> tuple[dict[str, str | None], Places]:
    """The open escalations with their children, and those whose seal does not fit their row."""
    rows = _OPEN.rows(conn, open=OPEN, most=MOST)
    unreadable = []
    for row in rows:
        try:
            open_with(vault.openers(conn, (row["body"],)), row["body"], record_place(row))
        except Tampered:
            unreadable.append(f"escalation {row['id']}")
    return {row["id"]: row["child"] for row in rows}, tuple(unreadable)


def _vanished(conn: Connection, missed: Mapping[str, str | None]) -> dict[str, str | None]:
    """Those no longer open that are not there at all, while their child was not erased."""
    if not missed:
        return {}
    there = {row["id"] for row in _KNOWN.rows(conn, ids=sorted(missed))}
    lost = {id: child for id, child in missed.items() if id not in there}
    names = sorted({child_key(child) for child in lost.values() if child})
    kept = {row["name"] for row in _KEYS.rows(conn, names=names)} if names else set()
    return {id: child for id, child in lost.items() if child is None or child_key(child) in kept}


def _asleep(conn: Connection) -> Places:
    awake = [f"{kind} {status}" for kind, statuses in AWAKE.items() for status in statuses]
    return tuple(f"{r['kind']} {r['id']}" for r in _ASLEEP.rows(conn, awake=awake, most=MOST))


def _late(conn: Connection, now: datetime) -> Places:
    rows = [row for late in _LATE for row in late.rows(conn, now=to_number(now), most=MOST)]
    return tuple(f"{row['kind']} {row['id']} {row['wake_at']}" for row in rows)


def _odd(conn: Connection, held_before: int | None) -> tuple[Places, int]:
    """Queue rows as we never leave them; and how many are held back, which only a restore may do."""
    found: list[str] = []
    held = 0
    for table, statement in _ODD.items():
        for row in statement.rows(conn):
            if row["state"] == "held":
                held += row["found"]
            else:
                found += [f"{table} {row['state']} {n}" for n in range(1, row["found"] + 1)]
    least = held if held_before is None else min(held, held_before)
    found += [f"held {n}" for n in range(least + 1, held + 1)]
    return tuple(found[:MOST]), least


def _failing(conn: Connection, memory: Memory) -> tuple[int, dict[str, int]]:
    """Up to which event the trail was read, and what still waits for the moment to which it was put off."""
    head = int(_HEAD.first(conn)["head"] or 0)
    after = memory.read if memory.read is not None else max(0, head - FIRST_READ)
    failed = dict(memory.failed)
    for row in _FAILED.rows(conn, after=after, most=MOST):
        place = f"{json.loads(row['detail'])['kind']} {row['record']}"
        failed[place] = row["at"] + FAILED_AGAIN // timedelta(microseconds=1)
    by_kind: dict[str, list[str]] = {}
    for place in failed:
        kind, id = place.split(" ", 1)
        by_kind.setdefault(kind, []).append(id)
    moments = {
        f"{kind} {row['id']}": row["wake_at"]
        for kind, ids in by_kind.items()
        for row in _moments(conn, kind, sorted(ids))
    }
    return head, {place: at for place, at in failed.items() if moments.get(place) == at}


def _moments(conn: Connection, kind: str, ids: list[str]) -> Sequence[Any]:
    return _BIRTHDAYS.rows(conn, ids=ids) if kind == "child" else _MOMENTS.rows(conn, kind=kind, ids=ids)


def _outgoing(conn: Connection, now: int, until: int) -> tuple[Places, Places]:
    """What should be leaving: alerts, and other messages.

    Behind a message that is to be tried again its lane waits: that one counts, the others do not.
    """
    rows = _WAITING.rows(conn, most=MOST)
    retried = {row["lane"] for row in rows if row["tries"]}
    leaving = [r for r in rows if r["tries"] or (r["next_at"] <= now and r["lane"] not in retried)]
    leaving += _STUCK.rows(conn, now=now, until=until)
    places: tuple[list[str], list[str]] = [], []
    for row in leaving:
        places[0 if row["priority"] <= Priority.GATHERED else 1].append(f"outbox {row['seq']}")
    return tuple(places[0]), tuple(places[1])


def _ahead(conn: Connection, until: datetime) -> Places:
    return tuple(f"outbox {row['seq']}" for row in _AHEAD.rows(conn, until=to_number(until), most=MOST))


_SETTLE = Statement("UPDATE gone SET settled_at = :now WHERE settled_at IS NULL")


def settle(conn: Connection, vault: Vault, now: datetime) -> int:
    """The operator has dealt with what was removed or altered: it counts no more; how many rows that were.

    Tripwires that were taken away are laid anew, and the running auditor forgets what it remembers.
    """
    count = len(_GONE.rows(conn, most=MOST))
    conn.exec_driver_sql("DELETE FROM lawful")
    lay(conn)
    with lawful(conn, "settling"):
        _SETTLE.rows(conn, now=to_number(now))
    life.note(conn, _SETTLED, now.isoformat())
    detail = {"rows": str(count)}
    event = Event(name="audit_settled", at=now, actor="operator", ground="operator", detail=detail)
    append(conn, vault.audit, [event])
    return count
