"""A newer program takes over what an older one left in the middle of work: nothing is lost."""

from binascii import b2a_base64
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.records import Child, Draft, Escalation
from storage.database import Database
from storage.migrating import newest, shape
from storage.sealed_file import Writer
from storage.store import Store, TooNew
from tests.conversations.county import KEYS, ZONE, County
from tests.storage.shapes import lay_down, rows_of
from tests.storage.world import bare

STOPPED = datetime(2026, 11, 24, 9, 31, tzinfo=ZONE).astimezone(UTC)
SHAPES = ("0001",)


class Successor(County):
    """The county of the fixture under the present program."""

    def __init__(self, url: str, path: Path) -> None:
        super().__init__(path, "en")
        self.url = url
        self.now = STOPPED
        self._ids, self._keys = count(1_000), count(1_000)

    async def _opened(self) -> Store:
        return await Store.open(self.url, KEYS)


@pytest.fixture(params=SHAPES)
async def old(request: pytest.FixtureRequest, url: str) -> str:
    """The URL of a database as an earlier version left it."""
    await lay_down(url, request.param)
    return url


async def _goes_on(county: County) -> None:
    """Messages leave, the form goes on where it stood, the alert is taken on."""
    await county.store.take_over(county.now, timedelta(minutes=5))
    assert [row.seq for row in await county.store.waiting()] == [1]
    await county.deliver()
    told = {(heard.person, heard.text.split("\n")[0]) for heard in county.heard}
    for officer in ("li", "zhao", "sun"):
        assert any(person == officer and "Alert 1" in line for person, line in told)
    await county.say("wang", "19 Nov")
    assert "Since which day has the child not been at school: Thu 19 Nov" in county.heard[-1].text
    await county.tap("li", "Acknowledge")
    (alert,) = await county.store.find(CLOCK, Escalation)
    assert (alert.status, alert.person) == ("acknowledged", "li")
    (draft,) = await county.store.find(CLOCK, Draft, status=("open",))
    assert (draft.form, draft.child) == ("visit", "3001")
    assert (await county.store.verify_audit()).intact


async def test_work_goes_on_in_the_middle_of_a_form(old: str, tmp_path: Path) -> None:
    county = Successor(old, tmp_path)
    await county.open()
    database = Database(old)
    assert await database.read(shape) == newest()
    await database.close()
    await _goes_on(county)
    await county.close()


async def test_a_backup_of_an_earlier_version_is_restored_and_brought_to_the_present_shape(
    url: str, tmp_path: Path
) -> None:
    writer = Writer(tmp_path / "old.bak", KEYS, {"shape": "0001", "taken": STOPPED.isoformat()})
    for table, rows in rows_of("0001").items():
        for row in rows:
            binary = [n for n, value in enumerate(row.values()) if isinstance(value, bytes)]
            values = [_written(value) for value in row.values()]
            writer.chunk({"table": table, "columns": [*row], "bytes": binary, "rows": [values]})
    writer.finish()
    store = await Store.open(url, KEYS)
    done = await store.restore(tmp_path / "old.bak", now=STOPPED, home=tmp_path)
    assert done.held == 9
    await store.open_up()
    await store.release(
        [m.seq for m in (await store.held()).messages], [u.seq for u in (await store.held()).updates]
    )
    await store.close()
    county = Successor(url, tmp_path)
    await county.open()
    await _goes_on(county)
    await county.close()


def _written(value: object) -> object:
    return b2a_base64(value, newline=False).decode() if isinstance(value, bytes) else value


async def test_an_older_program_leaves_the_database_of_a_newer_one_alone(old: str) -> None:
    store = await Store.open(old, KEYS)
    await store.close()
    await bare(old, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(TooNew):
        await Store.open(old, KEYS)
    await bare(old, f"UPDATE alembic_version SET version_num = '{newest()}'")
    store = await Store.open(old, KEYS)
    assert await store.count(CLOCK, Child) == 1
    await store.close()
