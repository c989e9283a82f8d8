"""The bot and the bare SQL do what docs/permissions.md says, cell by cell, and tell outsiders nothing."""

from pathlib import Path

import pytest

from casework.access import CLOCK, sees
from casework.records import KINDS, Child
from conversations.said import Reply
from tests.conversations.county import words
from tests.permissions import table
from tests.permissions.cast import CAST, OUTSIDE
from tests.permissions.deeds import WAYS, visible
from tests.permissions.matrix import play_row
from tests.permissions.stage import Stage, staged

COMMANDS = (
    "today",
    "visit",
    "report",
    "children",
    "matters",
    "alerts",
    "stats",
    "staff",
    "conference",
    "leave",
    "quiet",
    "language",
    "cancel",
    "help",
)
REFERRED = [who for who, row in table.people().items() if row["转介"] == table.MAY]
ASKED = [who for who, row in table.people().items() if table.MAY in (row["转介"], row["接收"])]
SEES_NOT = [who for who, row in table.people().items() if row["档案"] == table.NOT]


def test_the_page_has_a_row_for_everybody_and_a_cell_for_every_deed() -> None:
    assert list(table.people()) == list(CAST)
    for rows in (table.people(), table.states()):
        assert all({way.deed for way in WAYS} <= set(row) for row in rows.values())
    assert {cell for row in table.people().values() for cell in list(row.values())[1:]} == {"可", "晚", "–"}


@pytest.mark.parametrize("who", CAST)
async def test_every_cell_is_as_the_page_says(who: str, empty: Path, tmp_path: Path) -> None:
    # Whoever is outside meets one branch of the door: the command plays all states for them as well.
    states = ("child active",) if who in OUTSIDE else tuple(table.states())
    cells = await play_row(who, empty, tmp_path, states)
    assert len(cells) >= len(states) * 2
    assert [cell for cell in cells if cell.fault] == []


@pytest.mark.parametrize("who", CAST)
async def test_sql_shows_no_row_beyond_the_page(who: str, empty: Path, tmp_path: Path) -> None:
    async with staged(CAST[who], empty, tmp_path / "sql.db") as stage:
        for number, state in enumerate(("child active", "child closed", "child erased"), 3001):
            target = await stage.set_up(number, state)
            may = table.expected(who, "档案", state) == table.MAY
            own = state != "child erased" and CAST[who].asked  # what he was sent
            for kind, shown in (await visible(stage, target)).items():
                allowed = may or (kind == "checkin" and own)
                if kind == "referral":
                    allowed = table.expected(who, "转介", state) == table.MAY
                assert shown == (allowed, allowed), (state, kind)


@pytest.mark.parametrize("who", CAST)
async def test_the_rule_in_the_core_says_the_same_as_the_page(who: str, empty: Path, tmp_path: Path) -> None:
    async with staged(CAST[who], empty, tmp_path / "core.db") as stage:
        target = await stage.set_up(3001, "child active")
        reader = await stage.store.reader(stage.me if CAST[who].me else "nobody", stage.desk.clock())
        child = await stage.store.get(CLOCK, Child, target.child)
        may = table.people()[who]["档案"] == table.MAY
        for kind in ("child", "visit", "escalation", "submission"):
            id = target.child if kind == "child" else getattr(target, kind)
            record = await stage.store.get(CLOCK, KINDS[kind], id)
            assert record is not None
            assert sees(reader, record, child) == may, kind


def _bytes(reply: Reply) -> str:
    return repr((reply.messages, reply.popup, reply.alarm))


async def _glances(stage: Stage) -> list[str]:
    replies = []
    for name in (
        "children",
        "today",
        "matters",
        "alerts",
        "stats",
        "conference",
        "report",
        "visit",
        "cancel",
    ):
        await stage.rest()
        replies.append(_bytes(await stage.play(stage.said(text=f"/{name}"))))
    for text in ("收到", "办结", "预警", "家里没人", "9999"):
        await stage.rest()
        replies.append(_bytes(await stage.play(stage.said(text=text))))
    return replies


@pytest.mark.parametrize(
    "who",
    [
        w
        for w in SEES_NOT
        if not CAST[w].asked and {table.people()[w][deed] for deed in ("转介", "接收")} == {"–"}
    ],
)
async def test_a_child_that_is_not_yours_changes_nothing_that_you_are_shown(
    who: str, empty: Path, tmp_path: Path
) -> None:
    async with staged(CAST[who], empty, tmp_path / "lists.db") as stage:
        without = await _glances(stage)
        await stage.set_up(3001, "child active")
        await stage.set_up(3002, "visit overdue")
        await stage.set_up(3003, "escalation acknowledged")
        assert await _glances(stage) == without


@pytest.mark.parametrize("who", table.commands())
async def test_commands_are_for_those_whom_the_page_names(who: str, empty: Path, tmp_path: Path) -> None:
    refused = words().say("zh_Hans", "unknown.not_for_you")
    async with staged(CAST[who], empty, tmp_path / "commands.db") as stage:
        for name in COMMANDS:
            await stage.rest()
            reply = await stage.play(stage.said(text=f"/{name}"))
            may = table.commands()[who][name] == table.MAY
            assert ([m.text for m in reply.messages] != [refused]) == may, name
            assert reply.messages


@pytest.mark.parametrize("who", OUTSIDE)
async def test_whoever_is_not_in_gets_one_sentence_and_then_silence(
    who: str, empty: Path, tmp_path: Path
) -> None:
    polite = words().say("zh_Hans", "join.stranger")
    async with staged(CAST[who], empty, tmp_path / "outside.db") as stage:
        target = await stage.set_up(3001, "child active")
        said = [stage.said(text=f"/{name}") for name in COMMANDS]
        said += [one for way in WAYS for one in way.play(stage, target)]
        replies = [await stage.play(one) for one in said]
        assert [m.text for m in replies[0].messages] == [polite]
        assert all(_bytes(reply) == _bytes(Reply()) for reply in replies[1:])
        assert all(reply.stranger for reply in replies)
