"""The work summary of a county of 350 workers says the sentences of the city's own, and nothing unearned."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.documents.press import open_press
from casework.figures import Books
from casework.outcome import Outcome
from casework.records import Activity, Area, Attendance, Child, Matter, Person, Post, Taken, Visit
from conversations.figure_books import books_of, span_of
from conversations.press import Values
from conversations.turn import Turn
from conversations.work_summary import INSIDE, OUTSIDE, draft_of, sections_of, values_of
from tests.conversations.county import CHILD, START, County
from tests.documents.handing import turn_of

TODAY = START.date()
TOWNSHIPS, VILLAGES, WORKERS = 18, 352, 350


def matter(child: Child, sort: str, *states: str) -> Matter:
    story = tuple(Taken(at=START, step="x", state=state) for state in states)
    return Matter(
        id=f"{sort}-{child.id}", child=child.id, sort=sort, state=states[-1], opened_at=START, since=TODAY,
        story=story,
    )  # fmt: skip


def generated(*, unsigned: int = 0, unnamed: int = 5) -> Books:
    """A county as the city's summary tells of it: a thousand children, three of whom had dropped out."""
    areas = [Area(id=f"t{n}", name=f"{n}镇", level="township", parent="c1") for n in range(TOWNSHIPS)]
    areas += [
        Area(id=f"v{n}", name=f"{n}村", level="village", parent=f"t{n % TOWNSHIPS}") for n in range(VILLAGES)
    ]
    posts = [Post(role="township_officer", area=f"t{n}") for n in range(TOWNSHIPS)]
    posts += [Post(role="village_worker", area=f"v{n}") for n in range(WORKERS)]
    people = [Person(id=f"p{n}", name="某", posts=(post,), status="joined") for n, post in enumerate(posts)]
    children = [replace(CHILD, id=f"{n}", child=f"{n}", village=f"v{n % VILLAGES}") for n in range(1000)]
    matters = [
        matter(child, "agreement", *(("unnamed", "in_force") if n < 60 else ("in_force",)))
        for n, child in enumerate(children[unsigned:])
    ]
    matters += [matter(child, "agreement", "unnamed") for child in children[: min(unnamed, unsigned)]]
    matters += [matter(child, "school", "verified", "watched") for child in children[:3]]
    matters += [matter(child, "hukou", "registered") for child in children[10:22]]
    return Books(
        children=children, matters=matters, areas=areas, people=people,
        activities=[
            Activity(
                id=f"a{n}", day=TODAY, sort="safety", host="women", present=60, others=23, noted_at=START
            )
            for n in range(62)
        ],
        attended=[
            Attendance(id=f"x{n}", child=f"{n}", activity="a0", day=TODAY, sort="safety") for n in range(60)
        ],
    )  # fmt: skip


def text_of(values: object) -> str:
    """All words of a document's values, one after the other."""
    if isinstance(values, str):
        return values + "\n"
    if isinstance(values, dict):
        return "".join(map(text_of, values.values()))
    return "".join(map(text_of, values)) if isinstance(values, Sequence) else ""


def said(turn: Turn, books: Books) -> str:
    """All sentences of the summary of a year, to be handed up."""
    return text_of(sections_of(draft_of(turn, books, "y", OUTSIDE)))


def rows_of(values: Values, name: str) -> list[Mapping[str, Any]]:
    """One of a document's tables."""
    rows = values[name]
    assert isinstance(rows, list)
    return rows


@pytest.fixture
async def turn(county: County) -> Turn:
    return await turn_of(county.desk, "sun", "test:sun", "x")


async def test_the_sentences_of_the_city_are_said_where_the_figures_earn_them(turn: Turn) -> None:
    text = said(turn, generated())
    assert "18个乡镇（街道）全部配置儿童督导员。" in text
    assert "352个村（社区）基本配置专职或兼职儿童主任（350个）。共有儿童主任350人。" in text
    assert "应签订委托监护责任确认书的儿童1000名，全部签订。" in text
    assert "曾经无人监护的儿童60名，全部指定委托照护人。" in text
    assert "开展关爱活动62场。参加活动5000多人次（5146人次）。其中在册儿童60名。" in text
    assert "上户口：在办12件，全部办成。" in text


async def test_all_becomes_nearly_all_and_then_a_plain_number(turn: Turn) -> None:
    nearly = said(turn, generated(unsigned=20))
    assert "应签订委托监护责任确认书的儿童1000名，基本签订（980名）。" in nearly
    assert "曾经无人监护的儿童65名，基本指定委托照护人（60名）。" in nearly
    assert "委托照护确认书已签：1000中完成980，还没有全部完成。" in nearly
    few = said(turn, generated(unsigned=400))
    assert "应签订委托监护责任确认书的儿童1000名，有600名签订。" in few


async def test_small_numbers_and_codes_stay_inside(turn: Turn) -> None:
    outside = await values_of(turn, generated(), "y", OUTSIDE)
    assert "核实辍学的儿童少于5名，全部返校。" in text_of(outside)
    (row,) = (row for row in rows_of(outside, "figures") if row["label"] == "辍学后返校")
    assert (row["count"], row["whole"], row["share"]) == ("少于5", "少于5", "—")
    assert "算进去的" not in text_of(outside)
    inside = text_of(await values_of(turn, generated(), "m", INSIDE))
    assert "核实辍学的儿童3名，全部返校。" in inside
    assert "算进去的：0 1 2" in inside


async def test_every_figure_has_its_day_its_whole_and_its_source(turn: Turn) -> None:
    values = await values_of(turn, generated(), "m", INSIDE)
    rows, sources = rows_of(values, "figures"), rows_of(values, "sources")
    assert [row["label"] for row in rows] == [row["label"] for row in sources]
    assert all("2026年11月23日" in row["as_of"] and row["whole"] for row in rows)
    assert all(row["how"] and row["records"] for row in sources)


async def test_nothing_to_count_is_said_so_and_the_document_is_made(turn: Turn) -> None:
    values = await values_of(turn, Books(), "l", OUTSIDE)
    assert "辍学后返校：没有需要办的。" in text_of(values)
    assert await open_press().word("work_summary", {**values, "year": 2026, "number": 1, "day": TODAY})


async def test_of_visits_made_those_of_the_days_alone_are_held(county: County) -> None:
    turn = await turn_of(county.desk, "sun", "test:sun", "x")
    first = datetime(2026, 10, 31, 16, tzinfo=UTC)
    moments = {"now": START, "eve": first - timedelta(minutes=1), "first": first}
    made = [
        Visit(id=id, child=CHILD.id, person="wang", status="done", due=TODAY, planned_on=TODAY, closed_at=at)
        for id, at in moments.items()
    ]
    await county.store.apply(Outcome(records=tuple(made)))

    async def held(name: str) -> list[str]:
        books = await books_of(turn, span_of(name, turn.today))
        return sorted(v.id for v in books.visits if v.status == "done")

    assert await held("m") == ["first", "now"]  # the county's month, eight hours ahead
    assert await held("l") == ["eve"]
    assert await held("y") == ["eve", "first", "now"]


async def test_an_officer_gets_the_file_and_a_worker_gets_a_sentence(county: County) -> None:
    await county.say("li", "总结")
    await county.tap("li", "本月 · 上报稿")
    assert county.heard[-1].media == "document"
    assert "柳河镇" not in county.heard[-1].text
    await county.say("wang", "总结")
    assert "工作总结由乡镇和县里写" in county.heard[-1].text
