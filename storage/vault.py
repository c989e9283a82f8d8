"""The data keys in the database: one per child, one for people and queues, one per keyed index."""

import os
import unicodedata
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, func, select

from storage.errors import Tampered
from storage.keys import DataKey, Digest, KeyRing, key_number
from storage.statements import Statement
from storage.tables import KEYS
from storage.tripwires import lawful

T = TypeVar("T")
STORE = "store"
SECRETS = ("index:name", "index:id_number", "index:address", "index:invite", "mac", "audit")
REMEMBERED = 4_096  # keyed indexes held in memory at once: an address is asked for thrice at every step
KEPT = 20_000  # unwrapped child keys held in memory at once
_STEP = 5_000
_NUMBERS = Statement("SELECT no, name FROM keys WHERE name IN :names[]")
_KEYS = Statement("SELECT no, name, kek, wrapped FROM keys WHERE no IN :numbers[]")


def child_key(child: str) -> str:
    """The name of a child's data key."""
    return f"child:{child}"


def child_of(name: str) -> str:
    """The inverse of `child_key`."""
    return name.removeprefix("child:")


def _steps(whole: list[T]) -> Iterator[list[T]]:
    return (whole[at : at + _STEP] for at in range(0, len(whole), _STEP))


class Vault:
    """Opens and makes data keys. Calls that take a connection run inside its transaction."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self._secrets: dict[str, bytes] = {}
        self._digests: dict[str, Digest] = {}
        self._indexes: dict[tuple[str, str], str] = {}
        self._fixed: dict[int, DataKey] = {}
        self._by_no: OrderedDict[int, DataKey] = OrderedDict()
        self.opened: OrderedDict[tuple[Any, ...], object] = OrderedDict()  # see `storage.kept`
        self.store: DataKey

    def prepare(self, conn: Connection) -> frozenset[str]:
        """Load the keys that belong to the store itself; those that were missing are made, and returned."""
        names = (STORE, *SECRETS)
        kept = conn.scalars(select(KEYS.c.name).where(KEYS.c.name.in_(names))).all()
        missing = [name for name in names if name not in kept]
        self._make(conn, missing)
        self._indexes.clear()
        for row in conn.execute(select(KEYS).where(KEYS.c.name.in_(names))):
            self._secrets[row.name] = self.ring.unwrap(row.wrapped, row.name, row.kek)
            self._digests[row.name] = Digest(self._secrets[row.name])
            if row.name == STORE:
                self.store = DataKey(row.no, self._secrets[STORE])
                self._fixed[row.no] = self.store
        return frozenset(missing)

    def _make(self, conn: Connection, names: Iterable[str]) -> None:
        rows = [
            {"name": name, "kek": self.ring.newest, "wrapped": self.ring.wrap(os.urandom(32), name)}
            for name in names
        ]
        if rows:
            conn.execute(KEYS.insert(), rows)

    def of_children(
        self, conn: Connection, numbers: Mapping[int, str], new: Collection[str]
    ) -> Mapping[str, DataKey]:
        """The keys of children by code, where ``numbers`` are those that are kept, with their names; one is
        made for each in ``new``.
        """
        known = dict(numbers)
        self._make(conn, map(child_key, sorted(new)))
        for step in _steps(sorted(map(child_key, new))):
            known |= {row["no"]: row["name"] for row in _NUMBERS.rows(conn, names=step)}
        held = {no: self._by_no[no] for no in known if no in self._by_no}
        for unknown in _steps([no for no in known if no not in held]):
            held |= {row["no"]: self._unwrapped(row) for row in _KEYS.rows(conn, numbers=unknown)}
        return {child_of(name): held[no] for no, name in known.items()}

    def _unwrapped(self, row: Any) -> DataKey:
        key = DataKey(row["no"], self.ring.unwrap(row["wrapped"], row["name"], row["kek"]))
        self._by_no[row["no"]] = key
        while len(self._by_no) > KEPT:
            self._by_no.popitem(last=False)
        return key

    def openers(self, conn: Connection, sealed: Iterable[bytes]) -> Mapping[int, DataKey]:
        """The keys that open these values, by number; a key that is no longer kept is missing."""
        numbers = {key_number(value) for value in sealed}
        found = {no: self._fixed.get(no) or self._by_no.get(no) for no in numbers}
        unknown = sorted(no for no, key in found.items() if key is None)
        for at in range(0, len(unknown), _STEP):
            step = unknown[at : at + _STEP]
            for row in _KEYS.rows(conn, numbers=step):
                found[row["no"]] = self._unwrapped(row)
        return {no: key for no, key in found.items() if key is not None}

    def forget(self) -> None:
        """Drop the unwrapped child keys, and what was opened with them, from memory."""
        self._by_no.clear()
        self.opened.clear()
        self._indexes.clear()

    def index(self, column: str, value: str) -> str:
        """The keyed index of a value: equal values have equal ones, and it tells nothing else."""
        known = self._indexes.get((column, value))
        if known is None:
            trimmed = unicodedata.normalize("NFKC", value).strip().encode()
            known = self._digests[f"index:{column}"](trimmed).hex()[:32]
            if len(self._indexes) >= REMEMBERED:
                self._indexes.clear()
            self._indexes[column, value] = known
        return known

    def mac(self, purpose: str, data: bytes) -> bytes:
        """A keyed digest of 32 bytes for ``purpose``."""
        name = purpose.encode()
        return self._digests["mac"](len(name).to_bytes(4, "big") + name + data)

    @property
    def tag(self) -> str:
        """A short name of this county's database, by which the files beside it are known."""
        return self.mac("tag", b"")[:4].hex()

    @property
    def audit(self) -> bytes:
        """The key of the audit trail's chain."""
        return self._secrets["audit"]

    def mark(self, name: str, key: bytes) -> str:
        """How an erased key stands in the list of erased ones: a digest that tells neither code nor key."""
        return self.mac("erased", name.encode() + b"|" + key).hex()

    def marks_of(self, conn: Connection, children: Iterable[str]) -> dict[str, str]:
        """The marks of these children's keys, by child."""
        rows = conn.execute(select(KEYS).where(KEYS.c.name.in_(list(map(child_key, children)))))
        return {
            child_of(row.name): self.mark(row.name, self.ring.unwrap(row.wrapped, row.name, row.kek))
            for row in rows
        }

    def marked(self, conn: Connection, marks: frozenset[str]) -> list[str]:
        """The children whose keys stand in the list of erased ones."""
        names = conn.scalars(
            select(KEYS.c.name).where(KEYS.c.name.startswith(child_key(""), autoescape=True))
        ).all()
        children = [child_of(name) for name in names]
        found: list[str] = []
        for at in range(0, len(children), _STEP):
            step = self.marks_of(conn, children[at : at + _STEP])
            found += [child for child, mark in step.items() if mark in marks]
        return found

    def in_use(self, conn: Connection) -> dict[str, int]:
        """How many data keys each secret key wraps, by `KeyRing.names`."""
        counts = select(KEYS.c.kek, func.count()).group_by(KEYS.c.kek)
        return {row[0]: row[1] for row in conn.execute(counts)}

    def rewrap(self, conn: Connection, limit: int) -> int:
        """Wrap up to ``limit`` keys anew with the newest secret key; returns how many there were."""
        rows = conn.execute(select(KEYS).where(KEYS.c.kek != self.ring.newest).limit(limit)).all()
        changed = [
            {
                "this": row.no,
                "kek": self.ring.newest,
                "wrapped": self.ring.wrap(self.ring.unwrap(row.wrapped, row.name, row.kek), row.name),
            }
            for row in rows
        ]
        if changed:
            with lawful(conn, "rotating"):
                conn.execute(KEYS.update().where(KEYS.c.no == bindparam("this")), changed)
        return len(changed)


def open_with(keys: Mapping[int, DataKey], sealed: bytes, place: bytes) -> bytes:
    """Open a value with the keys that `Vault.openers` gave. Raises `Tampered`."""
    key = keys.get(key_number(sealed))
    if key is None:
        raise Tampered("the key of a sealed value is not kept")
    return key.open(sealed, place)
