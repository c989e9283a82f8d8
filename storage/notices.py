"""Notices into outbox rows: sealed, in the lane of the one they go to, each key once for ever."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from casework.outcome import Notice
from casework.records import Link
from storage.codec import NOTICE, place
from storage.keys import DataKey
from storage.moments import to_optional
from storage.tables import OUTBOX, RECORDS
from storage.vault import Vault

_STEP = 5_000


def notice_place(key: str, recipient: str | None, child: str | None) -> bytes:
    """What an outbox body is bound to."""
    return place("outbox", "body", key, recipient, child)


def links_of(conn: Connection, people: Sequence[str]) -> dict[str, str]:
    """The id of the link by which each of these people is reached at present."""
    found: dict[str, str] = {}
    for at in range(0, len(people), _STEP):
        rows = select(RECORDS.c.person, RECORDS.c.id).where(
            RECORDS.c.kind == Link.kind,
            RECORDS.c.status == "active",
            RECORDS.c.person.in_(people[at : at + _STEP]),
        )
        found |= {row.person: row.id for row in conn.execute(rows)}
    return found


def add_notices(
    conn: Connection, vault: Vault, notices: Sequence[Notice], children: Mapping[str, DataKey]
) -> bool:
    """Put notices into the outbox; whether there was any. Keys already there are the same notice: ignored."""
    if not notices:
        return False
    people = sorted({n.to for n in notices if n.to is not None and n.address is None})
    links = links_of(conn, people)
    rows = [_row(notice, vault, links, children) for notice in notices]
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    conn.execute(make(OUTBOX).on_conflict_do_nothing(index_elements=["key"]), rows)
    return True


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
        "tries": 0,
        "ambiguous": False,
        "body": key.seal(body, notice_place(notice.key, notice.to, notice.child)),
    }
