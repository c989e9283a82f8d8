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
from casework.records import Area, Child, Escalation, Leave, Person, Post, Vacancy, Visit
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


async def test_many_villages_without_a_worker_are_one_message(county: County) -> None:
    villages = [Area(id=f"n{n}", name=f"{n}号村", level="village", parent="t1") for n in range(40)]
    children = [
        replace(CHILD, id=f"{4000 + n}", child=f"{4000 + n}", village=f"n{n}", worker=None) for n in range(40)
    ]
    await county.store.apply(Outcome(records=(*villages, *children)))
    await arm(county.desk, county.now)
    await county.until(county.now + GATHERED)
    (message,) = [heard for heard in county.heard if heard.person == "sun"]
    villages_apart = "柳河镇 有 40 个村没有儿童主任，共 40 个孩子：0号村、1号村、10号村、11号村 等"
    assert villages_apart in message.text
    (theirs,) = [heard for heard in county.heard if heard.person == "li"]
    assert villages_apart in theirs.text
    assert "请您先安排人去看看孩子" in theirs.text
    assert theirs.buttons == ()
    assert len(await vacancies(county)) == 40
    await county.tap("sun", "知道了，在安排")
    county.heard.clear()
    await county.until(county.now + 13 * DAY)
    assert told(county, "sun", "号村") == 0
    await county.until(county.now + 2 * DAY)
    assert told(county, "sun", "40 个村") == 1


async def test_who_is_there_again_hears_at_once_of_what_nobody_could_be_told(county: County) -> None:
    for who in ("li", "zhao", "sun"):
        await county.bring(who, county.said(who, kind="left"))
    unheard = await raised(county)
    assert unheard.told == ()
    await county.until(county.now + timedelta(minutes=1))
    await county.say("sun", "/help")
    await county.until(county.now + timedelta(minutes=1))
    assert [t.person for t in (await alert(county)).told] == ["sun"]


async def test_in_a_village_without_a_worker_a_visit_goes_up_by_itself_and_nothing_before_it(
    county: County,
) -> None:
    await change(county, "wang", status="suspended")
    await county.until(county.now + 2 * DAY)
    assert told(county, "li", "榆树村 儿童主任：王主任 已停用（1 个孩子）") == 1
    assert told(county, "li", "预警") == 0
    while not told(county, "li", "预警"):
        visits = await county.store.find(CLOCK, Visit, child=CHILD.id, status=("planned", "overdue"))
        assert all(visit.wake_at is not None for visit in visits)
        assert visits, "until it has gone up it waits"
        await county.until(county.now + DAY)
    assert (await alert(county)).flag == "missed_visit"
    await change(county, "wang", status="joined")
    await county.until(county.now + 2 * GATHERED)
    assert told(county, "li", "有人在岗了：榆树村 儿童主任") == 1
    assert told(county, "sun", "有人在岗了：榆树村 儿童主任") == 1


async def test_the_gaps_between_tellings_grow(county: County) -> None:
    await change(county, "wang", status="suspended")
    days = []
    for day in range(25):
        await county.until(county.now + DAY)
        if told(county, "sun", "王主任 已停用"):
            days.append(day)
        county.heard.clear()
    assert days == [0, 2, 8, 20]  # told at 9:10; then at 8 o'clock on the third, ninth and twenty-first day


async def test_who_was_named_has_days_to_join_before_the_county_hears(county: County) -> None:
    await change(county, "wang", status="invited")
    await county.until(county.now + 6 * DAY)
    assert told(county, "sun", "没有加入") == 0
    await county.until(county.now + 2 * DAY)
    assert told(county, "sun", "榆树村 儿童主任：王主任 一直没有加入（1 个孩子）") == 1


async def test_whoever_says_nothing_for_days_is_asked_and_the_next_hear_at_once(county: County) -> None:
    await arm(county.desk, county.now)
    for who in STAFF:
        await county.say(who, "/help")
    await county.until(county.now + 16 * HOUR)
    first = await raised(county)
    assert [t.person for t in first.told] == ["li"]
    for _ in range(4):
        await county.until(county.now + DAY)
        await county.say("zhao", "/help")
        await county.say("sun", "/help")
    assert (await person(county, "li")).unreached == "silent"
    assert told(county, "li", "好几天没有您的回音") == 1
    assert await vacancies(county) == {}  # the township has another officer
    second = await raised(county, "health")
    assert {t.person for t in second.told} == {"zhao"}
    await county.say("li", "/help")
    assert (await person(county, "li")).unreached == ""


async def test_everything_that_somebody_held_goes_on_when_he_blocks_the_bot(county: County) -> None:
    held = [await raised(county, flag) for flag in ("dropout", "health", "hardship")]
    for e in held:
        await county.say("li", f"收到 {e.number}")
    await county.bring("li", county.said("li", kind="left"))
    await county.until(county.now + timedelta(minutes=1))
    for e in await county.store.find(CLOCK, Escalation):
        assert (e.status, e.person) == ("open", None)
        assert "zhao" in {t.person for t in e.told}


async def test_who_has_left_is_followed_by_whoever_holds_the_villages_post(county: County) -> None:
    liu = await person(county, "liu")
    await change(county, "liu", posts=(*liu.posts, Post(role="village_worker", area="v1")))
    await change(county, "wang", status="left")
    await county.until(county.now + 2 * GATHERED)
    assert (await the_child(county)).worker == "liu"
    assert {v.person for v in await county.store.find(CLOCK, Visit, child=CHILD.id)} == {"liu"}
    assert told(county, "liu", "王主任 离任了，1 个孩子现在由您负责") == 1
    assert await vacancies(county) == {}


async def test_where_the_county_has_nobody_the_townships_hear_of_it(county: County) -> None:
    await change(county, "sun", status="suspended")
    await county.until(county.now + 2 * GATHERED)
    assert told(county, "li", "孙科长 已停用") == 1
    assert all("在安排" not in b.label for h in county.heard for row in h.buttons for b in row)


async def test_nobody_else_says_that_the_county_is_at_a_vacant_post(county: County) -> None:
    await change(county, "zhao", status="suspended")
    await change(county, "li", status="suspended")
    await county.until(county.now + 2 * GATHERED)
    token = county.desk.token("wang", "vac")
    reply = await county.bring("wang", county.said("wang", kind="tap", token=token, message="m1"))
    assert reply.popup == "现在没有空着的岗位。"
    assert {v.status for v in await county.store.find(CLOCK, Vacancy)} == {"open"}
