"""Notices into outbox rows: sealed, in the lane of the one they go to, each key once for ever."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from casework.outcome import Notice
from storage.codec import NOTICE, place
from storage.handing import OutboxRow, Taker
from storage.keys import DataKey
from storage.moments import to_number, to_optional
from storage.statements import Statement, inserting
from storage.tables import OUTBOX
from storage.vault import Vault

_LINKS = Statement(
    "SELECT person, id FROM records WHERE kind = 'link' AND status = 'active' AND person IN :people[]"
)
_INSERT = inserting(OUTBOX, rest="ON CONFLICT (key) DO NOTHING RETURNING seq, key")


def notice_place(key: str, recipient: str | None, child: str | None) -> bytes:
    """What an outbox body is bound to."""
    return place("outbox", "body", key, recipient, child)


def links_of(conn: Connection, people: Sequence[str]) -> dict[str, str]:
    """The id of the link by which each of these people is reached at present."""
    return {row["person"]: row["id"] for row in _LINKS.rows(conn, people=people)} if people else {}


@dataclass(kw_only=True)
class Added:
    """What became of a batch of notices: ``waits``: something must be claimed; ``handed``: to the taker."""

    waits: bool = False
    handed: list[OutboxRow] = field(default_factory=list)


def add_notices(
    conn: Connection,
    vault: Vault,
    notices: Sequence[Notice],
    children: Mapping[str, DataKey],
    busy: Collection[str],
    taker: Taker | None,
) -> Added:
    """Put notices into the outbox. Keys already there are the same notice: ignored. In the lanes that are
    ``busy`` something waits already, or is on its way.
    """
    if not notices:
        return Added()
    people = sorted({n.to for n in notices if n.to is not None and n.address is None})
    links = links_of(conn, people)
    rows = {notice.key: _row(notice, vault, links, children) for notice in reversed(notices)}
    known = {notice.key: notice for notice in notices}
    rows = {key: rows[key] for key in known}
    taken = _take(busy, known, rows, taker) if taker is not None else set()
    added = Added()
    for row in _INSERT.returned(conn, rows.values()):
        key = row["key"]
        if key not in taken:
            added.waits = True
            continue
        added.handed.append(_handed(row["seq"], known[key]))
    return added


def _take(
    busy: Collection[str], notices: Mapping[str, Notice], rows: Mapping[str, dict[str, Any]], taker: Taker
) -> set[str]:
    """Marks as being on their way the rows, first in free lanes, that the taker takes; their keys."""
    now, lease = to_number(taker.now()), to_number(taker.now() + taker.lease)
    heads: dict[str, dict[str, Any]] = {}
    for row in sorted(rows.values(), key=lambda row: int(row["priority"])):
        if row["next_at"] <= now:
            heads.setdefault(row["lane"], row)
    ready = [row for row in heads.values() if notices[row["key"]].address is not None]
    taken = set()
    for row in ready:
        if row["lane"] not in busy and taker.take(notices[row["key"]].address or ""):
            row.update(state="sending", lease=lease, tries=1)
            taken.add(row["key"])
    return taken


def _handed(seq: int, notice: Notice) -> OutboxRow:
    return OutboxRow(
        seq=seq, key=notice.key, to=notice.to, address=notice.address or "", priority=int(notice.priority),
        notice=notice, tries=0, ambiguous=False,
    )  # fmt: skip


def _row(
    notice: Notice, vault: Vault, links: Mapping[str, str], children: Mapping[str, DataKey]
) -> dict[str, Any]:
    key = children[notice.child] if notice.child is not None else vault.store
    body = NOTICE.dump_json(notice)
    if notice.address is not None:
        lane = vault.index("address", notice.address)
    else:
        lane = links.get(notice.to or "", f"person:{notice.to}")
    return {
        "key": notice.key,
        "recipient": notice.to,
        "child": notice.child,
        "lane": lane,
        "priority": int(notice.priority),
        "state": "new",
        "next_at": to_optional(notice.not_before) or 0,
        "lease": None,
        "tries": 0,
        "ambiguous": False,
        "message_id": None,
        "reason": None,
        "body": key.seal(body, notice_place(notice.key, notice.to, notice.child)),
    }
