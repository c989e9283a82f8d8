"""What keeps the county's data: keys, backups, erasure, and the proof of the audit trail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from casework.auditing import Memory, Picture
from casework.policy_audit import AuditRules
from storage import anchor, auditing, erasing, events, held, life, restoring
from storage import backup as backups
from storage.erased_list import write_list
from storage.erasing import Erased
from storage.events import AuditResult
from storage.held import Held
from storage.queues import Queues
from storage.restoring import CLOSED, RESTORED, Restored

_RING = "ring"  # the note of the keys that the running bot has


class Keeping(Queues):
    """Keys, backups, erasure and audit of the `Store`. ``home`` is the data folder."""

    # Keys

    async def rotate_keys(self, *, batch: int = 500) -> int:
        """Wrap all data keys with the newest secret key, in steps while others work; returns how many.

        Afterwards no other secret key opens anything in this database, not even in what was deleted.
        """
        rewrapped = 0
        while step := await self._commits.run_long(lambda conn: self._vault.rewrap(conn, batch)):
            rewrapped += step
        await self._database.scrub()
        return rewrapped

    async def keys_in_use(self) -> Mapping[str, int]:
        """How many data keys each secret key wraps, by its name in `KeyRing.names`."""
        return await self._read(self._vault.in_use)

    async def note_ring(self) -> None:
        """Keep which secret keys the running bot has, by their names."""
        await self._commits.run(lambda conn: life.note(conn, _RING, " ".join(self._vault.ring.names)))

    async def ring_noted(self) -> Collection[str]:
        """Which secret keys the bot had that ran last."""
        return (await self._glance(lambda conn: life.noted(conn, _RING)) or "").split()

    # The audit trail

    async def verify_audit(self, home: Path | None = None) -> AuditResult:
        """Walk the whole audit trail; names the first row that was altered, is missing or was added.

        ``home``: also hold it against the head that was kept there.
        """
        kept = anchor.anchors(self._vault, home) if home is not None else {}
        return await self._read(lambda conn: events.verify(conn, self._vault.audit, kept))

    async def keep_head(self, home: Path) -> bool:
        """Keep the trail's head in ``home``; False if the trail no longer holds what was kept there."""
        return await self._glance(lambda conn: anchor.keep_head(conn, self._vault, home))

    # The auditor

    async def audited(self, now: datetime, rules: AuditRules, before: Memory) -> Picture:
        """How records and queues stand at ``now``; ``before`` is what the last audit remembered."""
        return await self._read(lambda conn: auditing.picture(conn, self._vault, now, rules, before))

    async def settle(self, now: datetime) -> int:
        """What others removed or altered was dealt with and counts no more; how many rows that were."""
        return await self._commits.run_long(lambda conn: auditing.settle(conn, self._vault, now))

    # Backup and restore

    async def backup(self, path: Path, *, now: datetime, home: Path) -> None:
        """Write a consistent, encrypted copy while others work, and beside it the list of erased children."""
        known = await self._read(lambda conn: erasing.known_erased(conn, now))
        for folder in (home, path.parent):
            write_list(folder, self._vault, known)
        await self._commits.run(lambda conn: erasing.keep_folder(conn, path.parent))
        await backups.backup(self._database, self._vault, path, now)

    async def restore(self, path: Path, *, now: datetime, home: Path, lists: Sequence[Path] = ()) -> Restored:
        """Fill this empty database from a backup. Raises `BackupFault`; nothing is changed then.

        What waited to be sent or handled is held back, so that nothing is sent twice. Erased children stay
        erased by the lists beside the backup, in ``home``, and ``lists``. Where none of them is fresh, the
        database stays closed (`StillClosed`) until `open_up`.
        """
        places = (home, path.parent, *lists)
        restored = await restoring.restore(self._database, self._vault, path, places, now)
        known = await self._read(lambda conn: erasing.known_erased(conn, restored.known_until))
        write_list(home, self._vault, known)
        await self._read(lambda conn: anchor.begin_anew(conn, self._vault, home))
        return restored

    async def open_up(self) -> None:
        """Nobody who was erased stands in this restored database any more: let everybody work with it."""
        await self._commits.run(lambda conn: life.forget(conn, CLOSED))

    async def is_restored(self) -> bool:
        """Whether this database was restored and no bot has caught up with the time since then."""
        return await self._glance(lambda conn: life.noted(conn, RESTORED)) is not None

    async def caught_up(self) -> None:
        """What the clock found due after a restore waits in the outbox: it may have been told before."""
        await self._commits.run(_caught_up)

    async def held(self) -> Held:
        """What a restore held back."""
        return await self._read(lambda conn: held.held(conn, self._vault))

    async def release(self, messages: Collection[int], updates: Collection[int]) -> int:
        """Send these held messages, marked as perhaps sent before, and handle these updates; how many."""
        return await self._commits.run(lambda conn: held.release(conn, messages, updates))

    async def drop(self, messages: Collection[int], updates: Collection[int]) -> int:
        """Never send these held messages, never handle these updates; returns how many."""
        return await self._commits.run(lambda conn: held.drop(conn, messages, updates))

    # Erasure

    async def erase(
        self, child_code: str, *, now: datetime, home: Path, actor: str = "operator"
    ) -> Erased | None:
        """Erase a child for good: the data key and all rows about it; None where there is no such child.
        Files that were joined with it are of the same child, and go as well.

        The events that stay hold the bare code only. The lists of erased children in ``home`` and beside the
        backups are brought up to date.
        """
        return await erasing.erase(self._database, self._vault, self._commits, child_code, now, actor, home)


def _caught_up(conn: Connection) -> None:
    held.doubt_waiting(conn)
    life.forget(conn, RESTORED)
