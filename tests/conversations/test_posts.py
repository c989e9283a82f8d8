"""No post is vacant unnoticed: whoever comes, goes, or falls silent, what is open has somebody to hear it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.absence import stirred
from casework.access import CLOCK
from casework.escalations import open_escalation
from casework.ladder import in_circle
from casework.outcome import Outcome
from casework.records import Child, Escalation, Leave, Person, Vacancy
from conversations.posts import arm
from tests.conversations.county import CHILD, County, policy

STAFF = ("wang", "liu", "li", "zhao", "sun")
OFFICERS = ("li", "zhao", "sun")
OPEN = ("open", "acknowledged")
DEPUTY = {"wang": "liu", "liu": "wang", "li": "zhao", "zhao": "li", "sun": None}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GATHERED = timedelta(minutes=policy().posts.gather_minutes + 1)


async def person(county: County, id: str) -> Person:
    found = await county.store.person(id)
    assert found is not None
    return found


async def change(county: County, id: str, **fields: object) -> None:
    """As an import or the county does it: the person is changed, and the clock is to look."""
    changed = replace(await person(county, id), **fields)  # type: ignore[arg-type]
    await county.store.apply(Outcome(records=(stirred(changed, county.now),)))


async def raised(county: County, flag: str = "dropout") -> Escalation:
    """An alert about the child, as the clock would raise it."""
    outcome = open_escalation(
        flag,
        child=await the_child(county),
        circle=await county.store.circle(CHILD, county.now),
        facts={},
        source=None,
        by=None,
        policy=policy(),
        now=county.now,
        new_id=county.desk.new_id,
    )
    await county.store.apply(outcome)
    await county.deliver()
    return await alert(county)


async def the_child(county: County) -> Child:
    found = await county.store.get(CLOCK, Child, CHILD.id)
    assert found is not None
    return found


async def alert(county: County) -> Escalation:
    """The newest alert as it stands."""
    return max(await county.store.find(CLOCK, Escalation), key=lambda e: e.number)


async def vacancies(county: County) -> dict[str, str]:
    """The posts that are vacant now, with why."""
    return {v.id: v.why for v in await county.store.find(CLOCK, Vacancy, status=("open", "taken"))}


def told(county: County, who: str, words: str) -> int:
    """How many messages with these words somebody has had."""
    return sum(words in heard.text for heard in county.heard if heard.person == who)


async def do(county: County, step: tuple[str, str, int]) -> None:
    what, who, n = step
    standing = await person(county, who)
    if what == "left" and standing.status == "joined":
        await county.bring(who, county.said(who, kind="left"))
    elif what == "writes" and standing.status in ("joined", "unreachable"):
        await county.say(who, "/help")
    elif what == "suspended":
        await change(county, who, status="suspended")
    elif what == "restored" and standing.status == "suspended":
        await change(county, who, status="joined")
    elif what == "leave":
        today = county.desk.today(county.now)
        leave = Leave(
            start=today + n * DAY, end=today + 2 * n * DAY, deputy=DEPUTY[who], alone=not DEPUTY[who]
        )
        await change(county, who, leave=leave)
    elif what == "takes":
        e = await alert(county)
        await county.say(who, f"收到 {e.number}")
    elif what == "raised":
        await raised(county, ("dropout", "danger")[n % 2])
    elif what == "days":
        await county.until(county.now + n * DAY)


async def check(county: County) -> None:
    """Every open alert has somebody to hear it, and the county knows every post with nobody."""
    people = {id: await person(county, id) for id in STAFF}
    circle = await county.store.circle(await the_child(county), county.now)
    able = set(in_circle(circle))
    found = {e.id: e for e in await county.store.find(CLOCK, Escalation, status=OPEN)}
    for e in found.values():
        assert e.wake_at is not None
        if e.under in found:
            continue  # a greater matter of the child's speaks for it
        taken = e.status == "acknowledged" and people[e.person or ""].status == "joined"
        heard = {t.person for t in e.told if not t.undelivered} | ({e.person} if e.person else set())
        assert taken or heard & able or not able & set(OFFICERS), (e, able)
    await check_posts(county, people)


async def check_posts(county: County, people: Mapping[str, Person]) -> None:
    """What is vacant, found in another way than the look at the posts finds it."""
    today = county.desk.today(county.now)

    def here(id: str | None) -> bool:
        one = people.get(id or "")
        return one is not None and one.status == "joined" and not one.unreached and not away(one.id)

    def away(id: str) -> bool:
        leave = people[id].leave
        return leave is not None and leave.start <= today <= leave.end

    def acts(id: str) -> bool:
        covered = people[id].status in ("joined", "unreachable", "invited") and away(id)
        leave = people[id].leave
        return here(id) or (covered and leave is not None and here(leave.deputy))

    posts = {
        "village_worker:v1": ("wang",),
        "township_officer:t1": ("li", "zhao"),
        "county_officer:c1": ("sun",),
    }
    expected = {post for post, holders in posts.items() if not any(acts(id) for id in holders)}
    kept = {v.id: v for v in await county.store.find(CLOCK, Vacancy, status=("open", "taken"))}
    assert set(kept) == expected
    if any(acts(id) for id in OFFICERS):
        assert all(v.told for v in kept.values()), kept


DEEDS = ("left", "left", "writes", "suspended", "restored", "leave", "leave", "takes", "raised", "days")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        st.sampled_from(STAFF),
        st.integers(0, 3),
    ),
    max_size=9,
)  # fmt: skip


@settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_whoever_comes_and_goes_an_alert_is_heard_and_the_county_knows_the_posts(
    steps: Sequence[tuple[str, str, int]],
) -> None:
    async def lived() -> None:
        with TemporaryDirectory() as folder:
            county = County(Path(folder) / "county.db", "zh_Hans")
            await county.open()
            await county.settle(STAFF)
            await arm(county.desk, county.now)
            await raised(county)
            for step in steps:
                await do(county, step)
                await county.until(county.now + GATHERED)
                await check(county)
            await county.close()

    asyncio.run(lived())
