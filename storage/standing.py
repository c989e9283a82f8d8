"""How things stand where a batch of outcomes is to be written, in one read: on PostgreSQL each is a trip."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from casework.records import Child, Record
from storage.events import HEAD
from storage.statements import Statement
from storage.vault import child_key

Key = tuple[str, str]  # kind and id
_READ = Statement(
    "SELECT 'head' AS what, '' AS kind, name, 0 AS number, value FROM meta WHERE name = :head "
    "UNION ALL SELECT 'version', kind, id, version, NULL FROM records "
    "WHERE kind IN :kinds[] AND id IN :ids[] "
    "UNION ALL SELECT 'version', 'child', id, version, NULL FROM children WHERE id IN :children[] "
    "UNION ALL SELECT 'key', '', name, no, NULL FROM keys WHERE name IN :keys[] "
    "UNION ALL SELECT 'open', '', '', seq, NULL FROM inbox WHERE seq IN :seqs[] AND state = 'open' "
    "UNION ALL SELECT 'busy', '', lane, 0, NULL FROM outbox WHERE state = 'new' AND lane IN :lanes[] "
    "UNION ALL SELECT 'busy', '', lane, 0, NULL FROM outbox WHERE state = 'sending' AND lane IN :lanes[]"
)


@dataclass(kw_only=True)
class Standing:
    """``versions`` of the records that are kept; ``keys`` by number; inbox rows still ``open``; ``busy``
    lanes, in which something waits or is on its way; the ``head`` of the audit trail.
    """

    versions: dict[Key, int] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    head: bytes | None = None


def standing(
    conn: Connection,
    *,
    records: Iterable[Record],
    keys_of: Iterable[str],
    seqs: Collection[int],
    lanes: Collection[str],
) -> Standing:
    """``keys_of`` are children. Some pairs of kind and id more than were asked for are found as well."""
    children: set[str] = set()
    kinds: set[str] = set()
    ids: set[str] = set()
    for record in records:
        if record.kind == Child.kind:
            children.add(record.id)
        else:
            kinds.add(record.kind)
            ids.add(record.id)
    found = Standing()
    for row in _READ.rows(
        conn, head=HEAD, kinds=sorted(kinds), ids=sorted(ids), children=sorted(children),
        keys=sorted(map(child_key, set(keys_of))), seqs=sorted(seqs), lanes=sorted(lanes),
    ):  # fmt: skip
        what, kind, name, number, value = row
        match what:
            case "version":
                found.versions[kind, name] = number
            case "key":
                found.keys[number] = name
            case "open":
                found.open.add(number)
            case "busy":
                found.busy.add(name)
            case _:
                found.head = bytes(value)
    return found
