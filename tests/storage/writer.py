"""A process that keeps writing and says what was acknowledged, until it is killed. Run: writer URL KEY."""

import asyncio
import sys
import zlib

from casework.outcome import Outcome
from casework.records import Talk
from storage.keys import KeyRing
from storage.store import Incoming, Store
from tests.storage.world import NOW, event, notice


def number_of(id: str) -> int:
    """The update's number: the same in every process."""
    return zlib.crc32(id.encode())


async def _lane(store: Store, lane: int, start: int) -> None:
    for number in range(start, start + 100_000):
        id = f"{lane}-{number}"
        update = Incoming(
            source="t", update_id=number_of(id), lane_address=id, raw=id.encode(), received_at=NOW
        )
        await store.receive([update])
        print("in", id, flush=True)
        pair = (Talk(id=f"{id}a", person=id), Talk(id=f"{id}b", person=id))
        await store.apply(
            Outcome(records=pair, events=(event(record=id),), notices=(notice(id, address=id),))
        )
        print("ok", id, flush=True)


async def main() -> None:
    url, key, start = sys.argv[1:4]
    store = await Store.open(url, KeyRing([key]))
    await asyncio.gather(*(_lane(store, lane, int(start)) for lane in range(12)))


if __name__ == "__main__":
    asyncio.run(main())
