"""Erasing a child: the data key and every row about it go; the bare code in the trail stays."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import Connection, and_, delete, or_, select

from casework.access import CLOCK
from casework.facts import FACTS, facts_of
from casework.outcome import Event, Outcome
from casework.records import Child, Link, Merge, Person, Talk
from storage import inbox, kept, life, reading
from storage.codec import NOTICE
from storage.committer import Committer
from storage.database import Database
from storage.erased_list import ErasedList, place_in, write_list
from storage.errors import BackupFault
from storage.events import append
from storage.notices import notice_place
from storage.reading import Search
from storage.tables import CHILDREN, INBOX, KEYS, META, OUTBOX, POSTS, RECORDS
from storage.tripwires import lawful
from storage.vault import Vault, child_key, open_with
from storage.writing import Step, write_steps

FOLDERS = "backup_folders"  # the note of the folders that backups were written to, as a JSON list
_MARK = "erased:"


@dataclass(frozen=True, kw_only=True)
class Erased:
    """``unreached``: folders whose backups don't know of it yet; ``clean``: no trace is left in the files."""

    unreached: tuple[Path, ...]
    clean: bool


async def erase(
    database: Database,
    vault: Vault,
    commits: Committer,
    child: str,
    now: datetime,
    actor: str,
    home: Path,
) -> Erased | None:
    """See `Keeping.erase`."""
    children = await database.read(lambda conn: together(conn, vault, child))
    marks = await database.read(lambda conn: vault.marks_of(conn, children))
    if not marks:
        return None
    known = await database.read(lambda conn: known_erased(conn, now))
    known = replace(known, marks=known.marks | set(marks.values()))
    write_list(home, vault, known)  # first, so that a crash in between errs on the side of erasing
    folders = await database.read(folders_kept)
    unreached = tuple(folder for folder in folders if not _reached(folder, vault, known))
    await commits.run_long(lambda conn: _erase(conn, vault, children, now, actor, known))
    vault.forget()
    return Erased(unreached=unreached, clean=await database.scrub())


def _reached(folder: Path, vault: Vault, known: ErasedList) -> bool:
    """Whether the list in ``folder`` knows now. A list that is not there: a stick that is not plugged in."""
    if not place_in(folder, vault).exists():
        return False
    try:
        write_list(folder, vault, known)
    except (OSError, BackupFault):
        return False
    return True


def folders_kept(conn: Connection) -> list[Path]:
    """The folders that backups were written to."""
    return [Path(name) for name in orjson.loads(life.noted(conn, FOLDERS) or "[]")]


def keep_folder(conn: Connection, folder: Path) -> None:
    """Remember that backups are written to ``folder``."""
    folders = dict.fromkeys([*folders_kept(conn), folder.absolute()])
    life.note(conn, FOLDERS, orjson.dumps([str(one) for one in folders]).decode())


def marks_kept(conn: Connection) -> frozenset[str]:
    """The marks of all erased keys that this database knows of."""
    names = conn.scalars(select(META.c.name).where(META.c.name.startswith(_MARK, autoescape=True)))
    return frozenset(name.removeprefix(_MARK) for name in names)


def known_erased(conn: Connection, now: datetime) -> ErasedList:
    """The same as a list."""
    return ErasedList(as_of=now, marks=marks_kept(conn))


def add_marks(conn: Connection, marks: frozenset[str]) -> None:
    """Keep marks, also those that are kept already."""
    if new := sorted(marks - marks_kept(conn)):
        conn.execute(META.insert(), [{"name": _MARK + mark, "value": b""} for mark in new])


def _erase(
    conn: Connection, vault: Vault, children: list[str], now: datetime, actor: str, known: ErasedList
) -> None:
    wipe(conn, vault, children)
    add_marks(conn, known.marks)
    gone = [Event(name="child_erased", at=now, actor=actor, child=c, ground="operator") for c in children]
    append(conn, vault.audit, gone)


def together(conn: Connection, vault: Vault, child: str) -> list[str]:
    """The child's file with those that were joined with it: all of them are of this child."""
    found, left = [child], [child]
    while left:
        code = left.pop()
        file = kept.get(conn, vault, CLOCK, Child, code)
        merges = reading.find(conn, vault, CLOCK, Merge, Search(child=code, status=("done",)))
        others = [m.other for m in merges] + ([file.merged_into] if file and file.merged_into else [])
        new = [other for other in others if other not in found]
        found += new
        left += new
    return found


def wipe(conn: Connection, vault: Vault, children: list[str]) -> None:
    """Delete what there is about these children, and their keys.

    Nearly everything is sealed with a child's own key, and gone with it. Sealed with the store's are the
    guardians who are here for these children only, what people involved sent and could not be handled, and
    answers waiting to be sent that name a child.
    """
    if not children:
        return
    with lawful(conn, "erasing"):
        involved = _involved(conn, children)
        _wipe_inbox(conn, vault, involved)
        _wipe_outbox(conn, vault, [c for id in children if (c := kept.get(conn, vault, CLOCK, Child, id))])
        conn.execute(delete(OUTBOX).where(OUTBOX.c.child.in_(children)))
        _part_from_guardians(conn, vault, children)
        conn.execute(delete(RECORDS).where(RECORDS.c.child.in_(children)))
        conn.execute(delete(CHILDREN).where(CHILDREN.c.id.in_(children)))
        conn.execute(delete(KEYS).where(KEYS.c.name.in_(list(map(child_key, children)))))


def _involved(conn: Connection, children: list[str]) -> set[str]:
    """The people who ever had to do with these children."""
    asked = select(RECORDS.c.person).where(RECORDS.c.child.in_(children)).distinct()
    found = {*conn.scalars(asked), *_guardians(conn, children)}
    found |= {*conn.scalars(select(CHILDREN.c.worker).where(CHILDREN.c.id.in_(children)))}
    return {person for person in found if person}


def _guardians(conn: Connection, children: list[str]) -> list[str]:
    caring = POSTS.c.role == "cares_for", POSTS.c.area.in_(children)
    return list(conn.scalars(select(POSTS.c.owner).where(*caring).distinct()))


def _wipe_inbox(conn: Connection, vault: Vault, involved: set[str]) -> None:
    stuck = inbox.stuck(conn, vault)
    links = {row.seq: vault.index("address", row.address) for row in stuck}
    known = select(RECORDS.c.id, RECORDS.c.person).where(RECORDS.c.kind == Link.kind)
    people = {row.id: row.person for row in conn.execute(known.where(RECORDS.c.id.in_(links.values())))}
    theirs = [seq for seq, link in links.items() if people.get(link) in involved]
    conn.execute(INBOX.update().where(INBOX.c.seq.in_(theirs)).values(state="done", raw=None))


def _wipe_outbox(conn: Connection, vault: Vault, children: Sequence[Child]) -> None:
    """Ready answers that name one of the children: other notices hold no words yet."""
    waiting = select(OUTBOX).where(OUTBOX.c.child.is_(None), OUTBOX.c.body.is_not(None))
    rows = conn.execute(waiting).all()
    keys = vault.openers(conn, (row.body for row in rows))
    naming = []
    for row in rows:
        body = open_with(keys, row.body, notice_place(row.key, row.recipient, None))
        if NOTICE.validate_json(body).kind == "reply" and _names_one(body.decode(), children):
            naming.append(row.seq)
    conn.execute(delete(OUTBOX).where(OUTBOX.c.seq.in_(naming)))


def _names_one(text: str, children: Sequence[Child]) -> bool:
    private = [key for key, fact in FACTS.items() if fact.private]
    words = {w for c in children for w in (c.id, *map(facts_of(c).get, private)) if w}
    return any(re.search(rf"(?<![0-9A-Za-z]){re.escape(w)}(?![0-9A-Za-z])", text) for w in words)


def _part_from_guardians(conn: Connection, vault: Vault, children: list[str]) -> None:
    """Who is here for these children only, goes as well; others no longer care for them."""
    guardians = kept.records(conn, vault, Person, _guardians(conn, children))
    staying, going = [], []
    for guardian in guardians:
        others = tuple(child for child in guardian.cares_for if child not in children)
        if others or any(post.role != "guardian" for post in guardian.posts):
            staying.append(replace(guardian, cares_for=others))
        else:
            going.append(guardian.id)
    if staying:
        write_steps(conn, vault, [Step(outcome=Outcome(records=tuple(staying)))])
    own = and_(RECORDS.c.kind.in_((Person.kind, Talk.kind)), RECORDS.c.id.in_(going))
    conn.execute(delete(RECORDS).where(or_(own, RECORDS.c.person.in_(going))))
    conn.execute(delete(POSTS).where(POSTS.c.owner.in_(going)))
    conn.execute(delete(OUTBOX).where(OUTBOX.c.recipient.in_(going)))
