"""After an erasure nothing of the child can be read any more: not from the file, its log, or the queues."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Draft, Link, Person, Submission, Talk
from storage.store import Incoming, KeyRing, Store
from tests.storage import postgres
from tests.storage.world import KEY, NOW, bare, child, event, keep, link, notice, person, visit

WORDS = "打了孩子一巴掌"


async def _filled(store: Store) -> None:
    """Two children; all that can hang on c1: visit, draft, submission, guardians, messages, updates."""
    own = person("g1", "guardian", cares_for=("c1",), name="周桂兰")
    both = person("g2", "guardian", cares_for=("c1", "c2"))
    await keep(store, child("c1", name="张小花"), child("c2"), visit(), person("w1"), person("w2"), own, both)
    draft = Draft(
        id="d", person="w1", child="c1", form="visit", digest="x", state={"note": WORDS},
        started_at=NOW, changed_at=NOW,
    )  # fmt: skip
    done = Submission(
        id="s", child="c1", form="visit", form_version="1", digest="x", at=NOW, values={"/note": WORDS}
    )
    await keep(store, draft, done, Talk(id="g1"))
    await link(store, "w1", "telegram:1")
    await link(store, "w2", "telegram:2")
    await link(store, "g1", "telegram:3")
    ready = {"message": {"text": f"记录 张小花：{WORDS}"}}
    notices = (
        notice("about", child="c1", values={"text": WORDS}),
        replace(notice("answer", values=ready), kind="reply"),
        replace(notice("other", values={"message": {"text": "c2"}}), kind="reply"),
        notice("to", to="g1", address=None),
    )
    await store.apply(Outcome(events=(event(child="c1", record="vis1"),), notices=notices))
    for number, sender in enumerate(("telegram:1", "telegram:2")):
        update = Incoming(
            source="t", update_id=number, lane_address=sender, raw=WORDS.encode(), received_at=NOW
        )
        (row,) = await store.take_in([update])
        assert await store.failed(row.seq, "ValueError", park_after=1)


async def test_everything_that_hangs_on_the_child_goes_and_nothing_else(
    store: Store, url: str, tmp_path: Path
) -> None:
    await _filled(store)
    done = await store.erase("c1", now=NOW, home=tmp_path)
    assert done is not None
    assert done.clean
    assert await bare(url, "SELECT id FROM children") == [("c2",)]
    assert await bare(url, "SELECT id FROM records WHERE child = 'c1'") == []
    assert await bare(url, "SELECT key FROM outbox ORDER BY key") == [("other",)]
    people = {p.id: p for p in await store.find(CLOCK, Person)}
    assert sorted(people) == ["g2", "w1", "w2"]
    assert people["g2"].cares_for == ("c2",)
    assert sorted(one.person or "" for one in await store.find(CLOCK, Link)) == ["w1", "w2"]
    assert await store.find(CLOCK, Talk) == []
    kept = await bare(url, "SELECT update_id, raw IS NULL FROM inbox ORDER BY seq")
    assert [(row[0], bool(row[1])) for row in kept] == [(0, True), (1, False)]  # w2 never saw c1
    assert await bare(url, "SELECT name, child, record, detail FROM events ORDER BY seq") == [
        ("visit_planned", "c1", "vis1", "{}"),
        ("child_erased", "c1", None, "{}"),
    ]
    assert (await store.verify_audit()).intact


_SEALED = (
    "SELECT wrapped FROM keys WHERE name = 'child:c1'",
    "SELECT body FROM children WHERE id = 'c1'",
    "SELECT body FROM records WHERE child = 'c1'",
    "SELECT body FROM outbox WHERE key IN ('about', 'answer', 'to')",
    "SELECT raw FROM inbox WHERE update_id = 0",
    "SELECT body FROM records WHERE id = 'g1'",
)


async def test_no_trace_is_left_in_the_file_and_its_log_while_others_have_it_open(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = await Store.open(f"sqlite:///{path}", KeyRing([KEY]))
    bot = await Store.open(f"sqlite:///{path}", KeyRing([KEY]))
    await _filled(bot)
    base = sqlite3.connect(path)
    sealed = [value for query in _SEALED for (value,) in base.execute(query)]
    base.close()
    files = [path, path.with_name("store.db-wal")]
    before = b"".join(file.read_bytes() for file in files)
    assert len(sealed) > 8
    assert all(_part(value) in before for value in sealed)
    done = await store.erase("c1", now=NOW, home=tmp_path)
    assert done is not None
    assert done.clean
    after = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [value for value in sealed if _part(value) in after] == []
    await bot.close()
    await store.close()


def _part(sealed: bytes) -> bytes:
    """Enough of a sealed value to know it by, and short enough to lie on one page."""
    return sealed[20:52]


if postgres.is_there():

    async def test_the_key_is_gone_from_the_files_of_postgresql(
        cluster: postgres.Cluster, tmp_path: Path
    ) -> None:
        url = cluster.database()
        store = await Store.open(url, KeyRing([KEY]))
        await _filled(store)
        ((wrapped,),) = await bare(url, _SEALED[0])
        await bare(url, "CHECKPOINT")
        assert _holding(cluster.data / "base", _part(wrapped))
        await store.erase("c1", now=NOW, home=tmp_path)
        await bare(url, "CHECKPOINT")
        assert not _holding(cluster.data / "base", _part(wrapped))
        await store.close()


def _holding(folder: Path, part: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and part in file.read_bytes()]
