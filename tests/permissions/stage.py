"""A store with one row's people, and targets: a child each, with a visit, an alert, a report, a check-in."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from bot.documents.press import open_press
from casework.access import CLOCK, OPERATOR
from casework.clocks import clock_of
from casework.invites import make_invite
from casework.outcome import Outcome
from casework.records import (
    KINDS,
    CheckIn,
    Child,
    Draft,
    Escalation,
    Link,
    Merge,
    Record,
    Referral,
    Request,
    Submission,
    Talk,
    Told,
    Visit,
)
from conversations.desk import Desk
from conversations.door import respond
from conversations.said import Reply, Said
from storage.store import Store
from tests.conversations.county import KEYS, START, policy, shelf, words
from tests.permissions.cast import AREAS, OTHERS, TODAY, Who

NAME, SECRET = "欧阳秘密", "只有报告里才有的话"


_STATUS = {"proposed": "acknowledged"}  # ended by one, to be agreed to by another


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a deed is done to, by its identifiers; the identifiers of nothing have the same shape."""

    child: str
    number: int
    visit: str
    escalation: str
    checkin: str
    submission: str
    referral: str
    asked: str  # a request to close the file
    move: str  # a request that t2 takes the child over
    referred: int = 0  # the referral's number
    merge: str  # the child's file held beside another one


def named(number: int) -> Target:
    """The identifiers of one target."""
    kinds = ("visit", "escalation", "checkin", "submission", "referral", "asked", "move")
    ids = {kind: f"{kind[0]}x{number:012d}" for kind in kinds}
    return Target(child=f"{number}", number=0, merge=f"g{number:013d}", **ids)  # type: ignore[arg-type]


NOTHING = replace(named(9999), number=999999, referred=999999)
_OTHER_NUMBERS = 500_000  # so that no referral is called by the number of an alert


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the tables hold at a moment; ``messages`` are those to others than who acts."""

    versions: Mapping[tuple[str, str], int]
    messages: int
    events: int


@dataclass(kw_only=True)
class Stage:
    """One row of the matrix being played. ``raw``: the bare tables, past the store."""

    who: Who
    desk: Desk
    store: Store
    raw: sqlite3.Connection
    folder: Path
    keys: Iterator[int]
    address: str = "test:me"

    @property
    def me(self) -> str:
        """The code of who acts; a stranger borrows the buttons of another."""
        return self.who.me.id if self.who.me is not None else "wang"

    async def set_up(self, number: int, state: str) -> Target:
        """A child with everything about it, in ``state`` ("visit done", "child closed" …)."""
        kind, _, status = state.partition(" ")
        target = named(number)
        about = {"child": target.child}
        child = Child(
            id=target.child, child=target.child, name=NAME, village="v1", township="t1", county="c1",
            worker=self.who.worker, guardian_name="周桂兰", guardian_phone="13900000009", risk=2,
            registered_on=date(2026, 9, 1), status=status if state == "child closed" else "active",
        )  # fmt: skip
        visit = Visit(
            id=target.visit, person=self.who.worker, due=TODAY, planned_on=TODAY,
            status=status if kind == "visit" else "planned", **about,
        )  # fmt: skip
        report = Submission(
            id=target.submission, person=self.who.worker, form="report", form_version="1", digest="d",
            at=START, lines=(("看到、听到了什么？", SECRET),), **about,
        )  # fmt: skip
        records: list[Record] = [child, visit, report, self._alert(target, kind, status)]
        records.append(
            CheckIn(
                id=target.checkin, person="me" if self.who.asked else "granny", due=TODAY,
                status=status if kind == "checkin" else "stopped" if state == "child closed" else "asked",
                **about,
            )
        )  # fmt: skip
        records.append(self._referral(target, kind, status))
        apart = "".join(chr(ord("a") + int(digit)) for digit in target.child)  # found by no search for it
        twin = replace(child, id=apart, child=apart, status="active")
        weighed = Merge(id=target.merge, child=target.child, other=twin.id, person="li", at=START)
        records += [twin, weighed]
        records += self._requests(target, status if kind == "request" else "waiting")
        if self.who.cares:
            me = await self.store.person("me")
            assert me is not None
            records.append(replace(me, cares_for=(*me.cares_for, target.child)))
        await self.store.apply(Outcome(records=tuple(records)))
        e = await self.store.get(CLOCK, Escalation, target.escalation)
        assert e is not None
        if state == "child erased":
            assert await self.store.erase(target.child, home=self.folder, now=START)
        return replace(target, number=e.number, referred=_OTHER_NUMBERS + number)

    def _referral(self, target: Target, kind: str, status: str) -> Referral:
        """To whom the row says, by the township's officer."""
        return Referral(
            id=target.referral, child=target.child, person=self.who.referred, purpose="hukou",
            department="police", sender="li", opened_at=START, since=TODAY, fields={"name": NAME},
            number=_OTHER_NUMBERS + int(target.child), status=status if kind == "referral" else "sent",
        )  # fmt: skip

    def _requests(self, target: Target, status: str) -> list[Request]:
        """By a worker: that the file is closed, and that another township takes the child over."""
        common = {"child": target.child, "sender": "wang", "asked_at": START, "day": TODAY, "due": TODAY}
        return [
            Request(id=target.asked, what="close", reason="parents_back", status=status, **common),  # type: ignore[arg-type]
            Request(id=target.move, what="move", area="t2", status=status, **common),  # type: ignore[arg-type]
        ]

    def _alert(self, target: Target, kind: str, status: str) -> Escalation:
        told = ("me",) if self.who.told else ()
        return Escalation(
            id=target.escalation, child=target.child, flag="dropout", urgency="today", opened_at=START,
            status=_STATUS.get(status, status) if kind == "escalation" else "open", source=target.submission,
            person="me" if self.who.holds else "li" if status in ("acknowledged", "proposed") else None,
            proposed_by="li" if status == "proposed" else None, author="me" if self.who.wrote else None,
            outcome="已处理" if status == "proposed" else "", facts={"form": "report"},
            ladder=({"to": ["township_officer"], "after": 0, "repeat": 30, "growth": 1.5, "longest": 720,
                     "lapse": 1440, "quiet": True},),
            clock=clock_of(policy().clocks["today"]),
            told=tuple(
                Told(person=id, at=START, rung=0, delivered_at=START, seen_at=START) for id in ("li", *told)
            ),
        )  # fmt: skip

    def said(self, *, text: str = "", button: tuple[str | int, ...] = (), address: str = "") -> Said:
        """Words, or a tap on a button that is really this person's."""
        token = self.desk.token(self.me, str(button[0]), *button[1:]) if button else ""
        return Said(
            address=address or self.address, at=START, kind="tap" if button else "text", text=text,
            token=token, message="m1" if button else "", key=f"said:{next(self.keys)}", language="zh-hans",
        )  # fmt: skip

    async def play(self, said: Said) -> Reply:
        """Through the one door."""
        return await respond(self.desk, said)

    async def rest(self) -> None:
        """Nothing waits for this person's words, and no form is open: the next deed begins afresh."""
        talks = [await self.store.get(CLOCK, Talk, id) for id in (self.me, self.store.link_id(self.address))]
        plain = [replace(t, expects=(), draft=None, tries=(), refused_at=None) for t in talks if t]
        drafts = await self.store.find(CLOCK, Draft, status=("open",), person=self.me)
        closed = [replace(d, status="cancelled") for d in drafts]
        await self.store.apply(Outcome(records=(*plain, *closed)))

    def kept(self) -> Kept:
        """What the bare tables hold: versions of records, how many messages to others, how many events."""
        rows = self.raw.execute(
            "SELECT kind, id, version FROM records UNION ALL SELECT 'child', id, version FROM children"
        )
        versions = {(kind, id): version for kind, id, version in rows}
        others = "SELECT count(*) FROM outbox WHERE recipient IS NOT NULL AND recipient <> ?"
        (messages,) = self.raw.execute(others, (self.me,)).fetchone()
        (events,) = self.raw.execute("SELECT count(*) FROM events").fetchone()
        return Kept(versions=versions, messages=messages, events=events)

    async def changed(self, before: Kept, after: Kept) -> dict[tuple[str, str], Record]:
        """The records that were written in between, as they stand."""
        keys = [key for key, version in after.versions.items() if before.versions.get(key) != version]
        found = {(kind, id): await self.store.get(OPERATOR, KINDS[kind], id) for kind, id in keys}
        return {key: record for key, record in found.items() if record is not None}


async def template(folder: Path) -> Path:
    """An empty store, to be copied for each row."""
    path = folder / "empty.db"
    store = await Store.open(f"sqlite:///{path}", KEYS)
    await store.apply(Outcome(records=AREAS))
    await store.close()
    return path


@asynccontextmanager
async def staged(who: Who, empty: Path, path: Path) -> AsyncIterator[Stage]:
    """The row's people on a store of their own."""
    shutil.copyfile(empty, path)
    store = await Store.open(f"sqlite:///{path}", KEYS, migrate=False)
    ids = count(1)
    desk = Desk(
        store=store, forms=shelf(), policy=policy(), words=words(), press=open_press(), clock=lambda: START,
        new_id=lambda: f"id{next(ids):014d}", new_code=lambda length: f"{next(ids):0{length}d}",
    )  # fmt: skip
    people = [*OTHERS, *who.beside, *([who.me] if who.me is not None else [])]
    links = [Link(id=store.link_id(f"test:{p.id}"), person=p.id, address=f"test:{p.id}") for p in people]
    await store.apply(Outcome(records=(*people, *links)))
    try:
        raw = sqlite3.connect(path)
        yield Stage(who=who, desk=desk, store=store, raw=raw, folder=path.parent, keys=count(1))
        raw.close()
    finally:
        await store.close()


async def invited(stage: Stage, person: str, code: str, *, hours: int = 0) -> None:
    """A code for somebody; ``hours`` ago."""
    await stage.store.apply(
        make_invite(
            person, digest=stage.store.code_digest(code), inviter="li", child=None, policy=policy(),
            now=START - timedelta(hours=hours), new_id=stage.desk.new_id,
        )
    )  # fmt: skip
