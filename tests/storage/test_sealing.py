"""What is kept is sealed: unreadable without the keys, tied to its place, and every change of it is seen."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child, Person, Submission, Visit
from storage.keys import KeyRing, new_secret_key
from storage.store import Incoming, Store, Tampered, WrongKeys
from tests.storage.world import KEY, LEASE, NOW, OTHER_KEY, bare, child, keep, notice, person, visit

CANARIES = ("欧阳震华丁", "13900001234", "11010519491231002X", "打了孩子一巴掌", "zh-canary-token")


async def _planted(store: Store) -> None:
    name, phone, number, words, token = CANARIES
    await keep(
        store,
        child(
            name=name, guardian_name=name, guardian_phone=phone, id_number=number, properties={"note": words}
        ),
        person("w1", name=name, phone=phone),
        Submission(
            id="s", child="c1", form="f", form_version="1", digest="d", at=NOW, values={"/note": words}
        ),
    )
    raw = f'{{"text":"{words}{token}"}}'.encode()
    await store.receive(
        [Incoming(source="t", update_id=1, lane_address=f"telegram:{phone}", raw=raw, received_at=NOW)]
    )
    values = {"text": words + token}
    await store.apply(Outcome(notices=(notice("n", child="c1", values=values, address=f"telegram:{phone}"),)))


async def test_planted_names_and_words_are_found_in_no_file(store: Store, tmp_path: Path, url: str) -> None:
    await _planted(store)
    await store.backup(tmp_path / "copy.bak", now=NOW, home=tmp_path)
    if url.startswith("sqlite"):
        haystack = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    else:
        rows = [
            await bare(url, f"SELECT t::text FROM {t} t") for t in ("children", "records", "inbox", "outbox")
        ]
        haystack = repr(rows).encode() + (tmp_path / "copy.bak").read_bytes()
    assert len(haystack) > 5_000
    for canary in CANARIES:
        assert canary.encode() not in haystack
        assert canary.encode().hex().encode() not in haystack


async def test_a_child_is_found_by_whole_name_and_by_identity_number(store: Store) -> None:
    await keep(store, child("c1", name="王 芳", id_number="11010519491231002X"), child("c2", name="王芳芳"))
    assert [c.id for c in await store.find_child(CLOCK, name=" 王 芳 ")] == ["c1"]
    assert [c.id for c in await store.find_child(CLOCK, id_number="１１010519491231002X")] == ["c1"]
    assert await store.find_child(CLOCK, name="王") == []


ALTERATIONS = (
    *(f"UPDATE children SET {c} = 'v9' WHERE id = 'c1'" for c in ("village", "township", "county", "worker")),
    "UPDATE children SET worker = NULL WHERE id = 'c1'",
    "UPDATE children SET status = 'closed' WHERE id = 'c1'",
    "UPDATE children SET wake_at = 5 WHERE id = 'c1'",
    "UPDATE children SET version = 7 WHERE id = 'c1'",
    "UPDATE children SET name_index = 'x' WHERE id = 'c1'",
    "UPDATE children SET id_number_index = 'x' WHERE id = 'c1'",
    "UPDATE children SET body = (SELECT body FROM children WHERE id = 'c2') WHERE id = 'c1'",
)


@pytest.mark.parametrize("statement", ALTERATIONS)
async def test_a_child_whose_row_was_altered_is_not_shown(store: Store, url: str, statement: str) -> None:
    await keep(store, child("c1"), child("c2"))
    await bare(url, statement)
    with pytest.raises(Tampered):
        await store.get(CLOCK, Child, "c1")


RECORD_ALTERATIONS = (
    *(f"UPDATE records SET {c} = 'x' WHERE id = 'vis1'" for c in ("person", "area", "status", "look")),
    *(f"UPDATE records SET {c} = 8 WHERE id = 'vis1'" for c in ("number", "wake_at", "version")),
    "UPDATE records SET child = 'c2' WHERE id = 'vis1'",
    "UPDATE records SET body = (SELECT body FROM records WHERE id = 'vis2') WHERE id = 'vis1'",
)


@pytest.mark.parametrize("statement", RECORD_ALTERATIONS)
async def test_a_record_whose_row_was_altered_is_not_shown(store: Store, url: str, statement: str) -> None:
    await keep(store, child("c1"), child("c2"), visit("vis1"), visit("vis2"))
    await bare(url, statement)
    with pytest.raises(Tampered):
        await store.get(CLOCK, Visit, "vis1")


@pytest.mark.parametrize("column", ["recipient", "child", "key"])
async def test_a_message_whose_row_was_altered_is_not_sent(store: Store, url: str, column: str) -> None:
    await store.apply(Outcome(notices=(notice("n"),)))
    await bare(url, f"UPDATE outbox SET {column} = 'x'")
    assert await store.claim(NOW, limit=1, lease=LEASE) == []
    assert await bare(url, "SELECT state, reason FROM outbox") == [("dead", "altered")]


async def test_keys_rotate_while_others_read_and_write(store: Store, url: str) -> None:
    await keep(store, *(child(f"c{i}") for i in range(120)), person("p"))
    newer = await Store.open(url, KeyRing([OTHER_KEY, KEY]))

    async def busy(start: int) -> None:
        for i in range(start, start + 30):
            kept = await newer.get(CLOCK, Child, f"c{i}")
            assert kept is not None
            await newer.apply(Outcome(records=(replace(kept, school="新"), visit(f"v{i}", of=f"c{i}"))))
            await newer.apply(Outcome(records=(child(f"n{i}"),)))

    changed, *_ = await asyncio.gather(newer.rotate_keys(batch=10), busy(0), busy(40))
    assert changed >= 120
    await newer.close()
    only_new = await Store.open(url, KeyRing([OTHER_KEY]))
    assert len(await only_new.find(CLOCK, Child)) == 180
    assert (await only_new.get(CLOCK, Person, "p")) is not None
    await only_new.close()
    with pytest.raises(WrongKeys):
        await Store.open(url, KeyRing([KEY]))


async def test_weak_or_missing_secret_keys_are_refused() -> None:
    for keys in ((), ("short",), (KEY, "short")):
        with pytest.raises(ValueError):
            KeyRing(keys)
    assert len(new_secret_key()) >= 43
