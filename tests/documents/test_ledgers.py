"""The three school ledgers: who is of school age, who is suspected, who has dropped out; only one's own."""

import io
from dataclasses import replace
from datetime import date

from openpyxl import load_workbook

from casework.outcome import Outcome
from casework.records import Matter, Taken
from conversations.ledgers import ledgers_tapped
from conversations.media import media_of
from tests.conversations.county import OTHER, SISTER, START, County
from tests.documents.handing import turn_of

ABSENT = Matter(
    id="m1", child="3001", sort="school", state="persuading", opened_at=START, since=START.date(),
    facts={"left_on": "2026-11-19"},
    story=(
        Taken(at=START, step="attempt", state="persuading", by="wang", said={"result": "还在犹豫，再去"}),
        Taken(
            at=START, step="attempt", state="persuading", said={"result": "没见到人", "reasons": "厌学"}
        ),
    ),
)  # fmt: skip


async def test_the_ledgers_count_by_age_and_by_state(county: County) -> None:
    young = replace(SISTER, birth_date=date(2024, 1, 1))
    unknown = replace(OTHER, birth_date=None)
    suspected = replace(ABSENT, id="m2", child="3002", state="suspected", story=())
    await county.store.apply(Outcome(records=(unknown, young, ABSENT, suspected)))
    turn = await turn_of(county.desk, "li", "test:li", "x")
    await ledgers_tapped(turn, ())
    outcome, reply = turn.result()
    await county.store.apply(outcome)
    content = await media_of(county.desk, reply.messages[-1].media)
    assert content is not None
    book = load_workbook(io.BytesIO(content))
    rows = {page.title: [r for r in page.iter_rows(min_row=4, values_only=True) if r[0]] for page in book}
    assert [row[0] for row in rows["适龄儿童"]] == ["3001", "3002"]  # who has no date of birth may be of age
    assert [row[0] for row in rows["疑似辍学"]] == ["3002"]
    (dropped,) = rows["辍学"]
    assert dropped[1] == "张小花"
    assert dropped[8:12] == ("劝返中", "厌学", 2, "没见到人")


async def test_a_worker_gets_no_ledger(county: County) -> None:
    turn = await turn_of(county.desk, "wang", "test:wang", "x")
    await ledgers_tapped(turn, ())
    _, reply = turn.result()
    assert [m.media for m in reply.messages] == [""]
