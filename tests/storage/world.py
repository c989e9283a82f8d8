"""A small county to keep: areas, people, children, and ways to look at the bare tables."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from casework.outcome import Event, Notice, Outcome, Priority
from casework.records import Child, Link, Person, Post, Record, Visit
from storage.store import Store

KEY = "k" * 43
OTHER_KEY = "o" * 43
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
LEASE = timedelta(seconds=20)


def child(id: str = "c1", *, worker: str | None = "w1", village: str = "v1", **more: Any) -> Child:
    number = village.removeprefix("v")
    places = {"village": village, "township": f"t{number}", "county": "k1"} | more
    return Child(id=id, worker=worker, registered_on=date(2026, 1, 5), **({"name": "李小花"} | places))


def person(id: str, role: str = "village_worker", area: str = "v1", **more: Any) -> Person:
    post = Post(role=role, area=area)  # type: ignore[arg-type]
    return Person(id=id, **({"name": f"人{id}", "posts": (post,), "status": "joined"} | more))


def visit(id: str = "vis1", *, of: str = "c1", **more: Any) -> Visit:
    days = {"due": date(2026, 11, 24), "planned_on": date(2026, 11, 1)}
    return Visit(id=id, child=of, **({"person": "w1"} | days | more))


def event(name: str = "visit_planned", **more: Any) -> Event:
    return Event(name=name, at=NOW, **({"actor": "clock"} | more))


def notice(key: str, *, priority: Priority = Priority.REMINDER, **more: Any) -> Notice:
    where = {"to": None, "address": "telegram:1"}
    return Notice(key=key, kind="visit_due_today", priority=priority, **(where | more))


async def keep(store: Store, *records: Record) -> None:
    await store.apply(Outcome(records=records))


async def link(store: Store, who: str, address: str) -> None:
    await keep(store, Link(id=store.link_id(address), person=who, address=address))


async def bare(url: str, *statements: str) -> list[Sequence[Any]]:
    """Run SQL past the store, as an intruder would; returns the rows of the last statement."""
    driver = url.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(driver)
    rows: list[Sequence[Any]] = []
    async with engine.begin() as conn:
        for statement in statements:
            result = await conn.execute(text(statement))
            rows = list(result.all()) if result.returns_rows else []
    await engine.dispose()
    return rows
