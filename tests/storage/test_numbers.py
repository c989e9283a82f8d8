"""Running numbers: each series by itself, never the same twice, also not after a restore."""

import asyncio
from pathlib import Path

from storage.keys import KeyRing
from storage.numbers import AFTER_RESTORE
from storage.store import Store
from tests.storage.world import KEY, NOW


async def test_a_series_counts_from_one_by_itself(store: Store) -> None:
    assert [await store.next_number("agreement:2026") for _ in range(3)] == [1, 2, 3]
    assert await store.next_number("agreement:2027") == 1
    assert await store.next_number("letter:2026") == 1


async def test_two_processes_at_once_never_get_the_same(url: str, store: Store) -> None:
    other = await Store.open(url, KeyRing([KEY]))
    asked = [each.next_number("agreement:2026") for _ in range(40) for each in (store, other)]
    numbers = await asyncio.gather(*asked)
    await other.close()
    assert sorted(numbers) == list(range(1, 81))


async def test_a_restored_database_gives_no_number_that_may_stand_on_paper(
    store: Store, tmp_path: Path
) -> None:
    assert await store.next_number("agreement:2026") == 1
    await store.backup(tmp_path / "copy.bak", now=NOW, home=tmp_path)
    assert await store.next_number("agreement:2026") == 2
    other = await Store.open(f"sqlite:///{tmp_path}/other.db", KeyRing([KEY]))
    await other.restore(tmp_path / "copy.bak", now=NOW, home=tmp_path)
    assert await other.next_number("agreement:2026") == 2 + AFTER_RESTORE
    await other.close()
