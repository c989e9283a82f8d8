"""Writes a batch of outcomes in one transaction: versions checked once, then a statement per table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select

from casework.outcome import Outcome
from casework.records import Child, Escalation, Matter, Person, Record, Referral
from storage import kept
from storage.codec import dump
from storage.errors import Conflict
from storage.events import append_to
from storage.handing import Taker
from storage.keys import DataKey
from storage.notices import Added, add_notices
from storage.rows import Row, child_place, child_row, posts_of, record_place, record_row
from storage.standing import Key, standing
from storage.statements import Statement, keeping, selecting
from storage.tables import CHILDREN, POSTS, RECORDS
from storage.tripwires import lawful
from storage.vault import Vault, child_of

_STEP = 5_000
_FEW = 500
_DONE = Statement("UPDATE inbox SET state = 'done', raw = NULL WHERE seq IN :seqs[]")
_FORGET = Statement("DELETE FROM inbox WHERE seq IN :seqs[]")
_POSTS = selecting(POSTS, "FROM posts WHERE owner IN :owners[]")
_NO_POST = Statement(
    "DELETE FROM posts WHERE owner = :owner AND role = :role AND person = :person AND area = :area"
)
_HOLDERS = Statement("SELECT id, id_number_index AS held FROM children WHERE id_number_index IN :wanted[]")
_KEEP, _KEEP_CHILD = keeping(RECORDS), keeping(CHILDREN)


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """One outcome, and the inbox row that it completes. ``forget``: of the row nothing stays."""

    outcome: Outcome
    done: int | None = None
    forget: bool = False


def write_steps(
    conn: Connection, vault: Vault, steps: Sequence[Step], taker: Taker | None = None
) -> tuple[list[Conflict | None], Added]:
    """Write what does not conflict. Returns each step's conflict, and what became of the notices."""
    children = {child for step in steps for child in _children(step.outcome)}
    addresses = {n.address for step in steps for n in step.outcome.notices if n.address is not None}
    found = standing(
        conn,
        records=(record for step in steps for record in step.outcome.records),
        keys_of=children,
        seqs={step.done for step in steps if step.done is not None},
        lanes={vault.index("address", address) for address in addresses},
    )
    new = frozenset(r.id for s in steps for r in s.outcome.records if isinstance(r, Child) and not r.version)
    keys = vault.of_children(conn, found.keys, new - set(map(child_of, found.keys.values())))
    numbers = _Numbers(conn, vault, steps)
    verdicts = [_verdict(step, found.versions, found.open, keys.keys(), numbers) for step in steps]
    accepted = [step for step, verdict in zip(steps, verdicts, strict=True) if verdict is None]
    records = _numbered(conn, [r for step in accepted for r in step.outcome.records])
    _write_children(conn, vault, [r for r in records if isinstance(r, Child)], keys)
    _write_records(conn, vault, [r for r in records if not isinstance(r, Child)], keys)
    _write_posts(conn, [r for r in records if isinstance(r, Person)])
    events = [event for step in accepted for event in step.outcome.events]
    append_to(conn, vault.audit, found.head, events)
    notices = [notice for step in accepted for notice in step.outcome.notices]
    added = add_notices(conn, vault, notices, keys, found.busy, taker)
    _complete(conn, [step for step in accepted if step.done is not None])
    return verdicts, added


def _children(outcome: Outcome) -> Iterable[str]:
    """The children whose data keys are needed."""
    for record in outcome.records:
        if isinstance(record, Child):
            yield record.id
        elif record.child is not None:
            yield record.child
    for notice in outcome.notices:
        if notice.child is not None:
            yield notice.child


class _Numbers:
    """Which files hold the ID numbers that some step wants for itself, as the batch goes on."""

    def __init__(self, conn: Connection, vault: Vault, steps: Sequence[Step]) -> None:
        self._vault = vault
        wanted = {vault.index("id_number", number) for step in steps for number in step.outcome.sole}
        self._holders: dict[str, set[str]] = {index: set() for index in wanted}
        for row in _HOLDERS.rows(conn, wanted=sorted(wanted)) if wanted else ():
            self._holders[row["held"]].add(row["id"])

    def are_taken(self, outcome: Outcome) -> bool:
        """Whether a file that ``outcome`` does not write holds a number that it wants for itself."""
        own = {record.id for record in outcome.records if isinstance(record, Child)}
        return any(self._holders[self._vault.index("id_number", number)] - own for number in outcome.sole)

    def written(self, outcome: Outcome) -> None:
        """What ``outcome`` writes counts for the steps after it."""
        for child in outcome.records if self._holders else ():
            if isinstance(child, Child):
                held = self._vault.index("id_number", child.id_number) if child.id_number else None
                for index, holders in self._holders.items():
                    (holders.add if index == held else holders.discard)(child.id)


def _verdict(
    step: Step, versions: dict[Key, int], waiting: set[int], keys: Iterable[str], numbers: _Numbers
) -> Conflict | None:
    """Whether a step may be written; if so, what it writes counts as written for those after it."""
    if step.done is not None and step.done not in waiting:
        return Conflict("the inbox row is done already")
    records = step.outcome.records
    for record in records:
        if versions.get((record.kind, record.id), 0) != record.version:
            return Conflict(f"{record.kind} {record.id} is not at version {record.version}")
    if len({(r.kind, r.id) for r in records}) != len(records):
        return Conflict("one outcome changes the same record twice")
    if any(child not in keys for child in _children(step.outcome)):
        return Conflict("a child is not kept, or was erased")
    if numbers.are_taken(step.outcome):
        return Conflict("another file holds this ID number")
    numbers.written(step.outcome)
    for record in records:
        versions[record.kind, record.id] = record.version + 1
    waiting.discard(step.done if step.done is not None else -1)
    return None


def _numbered(conn: Connection, records: list[Record]) -> list[Record]:
    """The records, with the next numbers of their kind given to new ones."""
    for kind in (Escalation, Matter, Referral):
        if any(isinstance(r, kind) and not r.number for r in records):
            records = _with_numbers(conn, kind, records)
    return records


def _with_numbers(
    conn: Connection, kind: type[Escalation | Matter | Referral], records: list[Record]
) -> list[Record]:
    last = conn.scalar(select(func.max(RECORDS.c.number)).where(RECORDS.c.kind == kind.kind)) or 0
    numbered: list[Record] = []
    for record in records:
        if isinstance(record, kind) and not record.number:
            last += 1
            record = replace(record, number=last)
        numbered.append(record)
    return numbered


def _write_children(
    conn: Connection, vault: Vault, children: list[Child], keys: Mapping[str, DataKey]
) -> None:
    rows: list[Row] = []
    for child in children:
        row = child_row(child, vault)
        row["body"] = keys[child.id].seal(dump(child), child_place(row))
        rows.append(row)
    _KEEP_CHILD.run(conn, rows)
    _remember(vault, children, rows)


def _write_records(
    conn: Connection, vault: Vault, records: list[Record], keys: Mapping[str, DataKey]
) -> None:
    rows: list[Row] = []
    for record in records:
        row = record_row(record)
        key = vault.store if record.child is None else keys[record.child]
        row["body"] = key.seal(dump(record), record_place(row))
        rows.append(row)
    _KEEP.run(conn, rows)
    _remember(vault, records, rows)


def _remember(vault: Vault, records: Sequence[Record], rows: Sequence[Row]) -> None:
    if len(rows) <= _FEW:  # an import would only push out what people are busy with
        for record, row in zip(records, rows, strict=True):
            kept.remember(vault, record, row)


def _write_posts(conn: Connection, people: list[Person]) -> None:
    if not people:
        return
    owners = [person.id for person in people if person.version]
    kept = {key for at in range(0, len(owners), _STEP) for key in _posts(conn, owners[at : at + _STEP])}
    rows = {tuple(row.values()): row for person in people for row in posts_of(person)}
    if over := kept - rows.keys():
        with lawful(conn, "posts"):
            _NO_POST.run(conn, [dict(zip(POSTS.columns.keys(), key, strict=True)) for key in over])
    if new := [row for key, row in rows.items() if key not in kept]:
        conn.execute(POSTS.insert(), new)


def _posts(conn: Connection, owners: list[str]) -> list[tuple[str, ...]]:
    return [tuple(row) for row in _POSTS.rows(conn, owners=owners)]


def _complete(conn: Connection, steps: list[Step]) -> None:
    if done := [step.done for step in steps if not step.forget]:
        _DONE.rows(conn, seqs=done)
    if forgotten := [step.done for step in steps if step.forget]:
        with lawful(conn, "forgetting"):
            _FORGET.rows(conn, seqs=forgotten)
