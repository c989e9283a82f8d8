"""What is due is looked at anew, decided with all that must be known, and kept; what can't be waits."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from casework.access import CLOCK
from casework.escalations import open_escalation
from casework.outcome import Event, Outcome
from casework.records import (
    Back,
    CheckIn,
    Child,
    Escalation,
    Invite,
    Pause,
    Record,
    Referral,
    Request,
    Talk,
    Visit,
)
from casework.strangers import forgotten
from conversations import wake as module
from conversations.desk import Desk
from conversations.wake import decide, wake
from storage.errors import Conflict, Unavailable
from storage.outbox import Sent
from tests.conversations.county import CHILD, OTHER, ZONE, County

HOUR = timedelta(hours=1)


class Watched:
    """The county's store; ``due`` may be given, what is applied is noted, and it may fail."""

    def __init__(self, county: County) -> None:
        self._store = county.store
        self.given: list[Record] | None = None
        self.limits: list[int] = []
        self.applied: list[Outcome] = []
        self.fetched: list[str] = []
        self.errors: list[Exception] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def due(self, now: datetime, limit: int) -> Sequence[Record]:
        self.limits.append(limit)
        return await self._store.due(now, limit) if self.given is None else self.given

    async def get(self, reader: Any, kind: Any, id: str) -> Any:
        self.fetched.append(id)
        return await self._store.get(reader, kind, id)

    async def apply(self, outcome: Outcome, **more: Any) -> Any:
        if self.errors:
            raise self.errors.pop(0)
        self.applied.append(outcome)
        return await self._store.apply(outcome, **more)


@pytest.fixture
def store(county: County) -> Watched:
    return Watched(county)


@pytest.fixture
def desk(county: County, store: Watched) -> Desk:
    return replace(county.desk, store=store)  # type: ignore[arg-type]


async def visit_due(county: County) -> Visit:
    """The child's visit, due now."""
    (visit,) = await county.store.find(CLOCK, Visit, child="3001")
    await county.store.apply(Outcome(records=(replace(visit, wake_at=county.now, due=visit.planned_on),)))
    (visit,) = await county.store.find(CLOCK, Visit, child="3001")
    return visit


async def test_what_is_due_is_decided_and_what_is_not_is_left(
    county: County, desk: Desk, store: Watched
) -> None:
    assert await wake(desk, county.now) == 0
    visit = await visit_due(county)
    assert await wake(desk, county.now - timedelta(seconds=1)) == 0
    assert await wake(desk, county.now, 7) == 1
    assert store.limits == [500, 500, 7]
    (outcome,) = store.applied
    assert [record.id for record in outcome.records] == [visit.id]
    assert [event.name for event in outcome.events] == ["visit_reminded"]


async def test_the_second_record_of_a_child_is_looked_at_anew_before_it_is_decided(
    county: County, desk: Desk, store: Watched
) -> None:
    first = await visit_due(county)
    later = replace(first, id="later", version=0, wake_at=county.now + HOUR)
    asleep = replace(first, id="asleep", version=0, wake_at=None)
    now_due = replace(first, id="due", version=0)
    await county.store.apply(Outcome(records=(later, asleep, now_due)))
    store.given = [
        first,
        replace(later, version=1, wake_at=county.now),
        replace(asleep, version=1, wake_at=county.now),
        replace(now_due, version=1, id="erased since"),
        replace(now_due, version=1),
    ]
    assert await wake(desk, county.now) == 5
    assert [outcome.records[0].id for outcome in store.applied] == [first.id, "due"]
    assert first.id not in store.fetched, "the first has just been read"


async def test_children_are_looked_at_side_by_side_but_one_childs_records_one_after_the_other(
    county: County, desk: Desk, store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    going: list[str] = []
    most: list[int] = []
    twice: list[str] = []

    async def slow(_: Desk, record: Record, __: datetime) -> Outcome:
        if (record.child or record.id) in going:
            twice.append(record.id)
        going.append(record.child or record.id)
        most.append(len(going))
        await asyncio.sleep(0.002)
        going.remove(record.child or record.id)
        return Outcome()

    monkeypatch.setattr(module, "decide", slow)
    visit = await visit_due(county)
    children = [replace(CHILD, id=f"c{n}", child=f"c{n}") for n in range(40)]
    many = [replace(visit, id=f"v{n}", child=f"c{n % 40}", version=0) for n in range(80)]
    many += [replace(visit, id=f"x{n}", child=None, version=0) for n in range(5)]
    await county.store.apply(Outcome(records=(*children, *many)))
    store.given = [replace(record, version=1) for record in many]
    assert await wake(desk, county.now) == 85
    assert twice == []
    assert max(most) == 32
    assert len(store.applied) == 85


async def test_where_a_person_was_quicker_it_is_left_to_the_next_time(
    county: County, desk: Desk, store: Watched
) -> None:
    visit = await visit_due(county)
    store.errors = [Conflict("somebody was quicker")]
    assert await wake(desk, county.now) == 1
    assert store.applied == []
    assert await county.store.get(CLOCK, Visit, visit.id) == visit


async def test_what_cannot_be_decided_waits_an_hour_and_the_trail_says_so(
    county: County, desk: Desk, store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Outcome:
        raise KeyError("x")

    monkeypatch.setattr(module, "decide", broken)
    visit = await visit_due(county)
    assert await wake(desk, county.now) == 1
    event = Event(
        name="wake_failed", at=county.now, actor="clock", child="3001", record=visit.id, ground="clock",
        detail={"kind": "visit"},
    )  # fmt: skip
    assert store.applied == [Outcome(records=(replace(visit, wake_at=county.now + HOUR),), events=(event,))]
    store.errors = [Conflict("somebody was quicker")]
    assert await wake(desk, county.now + HOUR) == 1, "and if that can't be kept, the next tick sees to it"
    assert len(store.applied) == 1


async def test_a_database_that_is_away_is_nobodys_fault_and_is_said(
    county: County, desk: Desk, store: Watched
) -> None:
    visit = await visit_due(county)
    store.errors = [Unavailable("locked")]
    with pytest.raises(Unavailable):
        await wake(desk, county.now)
    assert store.applied == []
    assert await county.store.get(CLOCK, Visit, visit.id) == visit


async def test_what_there_is_nothing_to_do_about_any_more_sleeps(
    county: County, desk: Desk, store: Watched
) -> None:
    invite = Invite(id="i1", person="wang", digest="d", expires_at=county.now, wake_at=county.now)
    await county.store.apply(Outcome(records=(invite,)))
    assert await wake(desk, county.now) == 1
    assert store.applied == [Outcome(records=(replace(invite, version=1, wake_at=None),))]
    assert await wake(desk, county.now) == 0
    erased = replace(await visit_due(county), child="9999")
    assert not await decide(desk, erased, county.now)


async def escalation(county: County, flag: str, **more: Any) -> Escalation:
    """An open escalation of the child, kept; its first message has arrived."""
    circle = await county.store.circle(CHILD, county.now)
    await county.store.apply(
        open_escalation(
            flag, child=CHILD, circle=circle, facts={}, source="s", by=None, policy=county.desk.policy,
            now=county.now, new_id=county.desk.new_id,
        )
    )  # fmt: skip
    found = (await county.store.find(CLOCK, Escalation, child="3001"))[-1]
    arrived = tuple(replace(told, delivered_at=county.now) for told in found.told)
    await county.store.apply(
        Outcome(records=(replace(found, **{"told": arrived, "counted_from": None, **more}),))
    )
    kept = await county.store.get(CLOCK, Escalation, found.id)
    assert kept is not None
    return kept


@pytest.mark.parametrize(("status", "goes_up"), [("open", 0), ("acknowledged", 0), ("resolved", 1)])
async def test_a_missed_visit_goes_up_again_only_if_nobody_is_at_it(
    county: County, desk: Desk, status: str, goes_up: int
) -> None:
    visit = await visit_due(county)
    await escalation(county, "missed_visit", status=status)
    outcome = await decide(desk, replace(visit, status="missed", told=("overdue", "missed")), county.now)
    assert [r.child for r in outcome.records if isinstance(r, Escalation)] == ["3001"] * goes_up
    new = [r.id for r in outcome.records if isinstance(r, Escalation)]
    assert all(id.startswith("id") for id in new), "with an identifier of the desk's"


async def test_another_childs_escalation_does_not_keep_a_missed_visit_from_going_up(
    county: County, desk: Desk
) -> None:
    visit = await visit_due(county)
    e = await escalation(county, "missed_visit", status="resolved")
    await county.store.apply(Outcome(records=(OTHER,)))
    others = replace(e, id="others", child="3002", status="open", version=0, number=0)
    await county.store.apply(Outcome(records=(others,)))
    outcome = await decide(desk, replace(visit, status="missed", told=("overdue", "missed")), county.now)
    assert len([record for record in outcome.records if isinstance(record, Escalation)]) == 1


async def test_a_talk_with_a_stranger_is_over_when_its_time_has_come(county: County, desk: Desk) -> None:
    talk = Talk(id="stranger", status="stranger", wake_at=county.now)
    assert await decide(desk, talk, county.now) == forgotten(talk)


async def test_an_escalation_under_another_waits_for_that_one_and_else_speaks_for_itself(
    county: County, desk: Desk
) -> None:
    lead = await escalation(county, "danger")
    under = await escalation(county, "missed_visit", under=lead.id)
    assert under.wake_at is not None
    silent = await decide(desk, under, under.wake_at)
    assert silent.notices == ()
    await county.store.apply(Outcome(records=(replace(lead, status="resolved", wake_at=None),)))
    loud = await decide(desk, under, under.wake_at)
    assert [notice.to for notice in loud.notices] == ["li"]
    alone = await decide(desk, replace(under, under=None), under.wake_at)
    assert [notice.to for notice in alone.notices] == ["li"]


async def test_a_prompt_that_nobody_answers_becomes_one_telephone_task_and_not_a_second(
    county: County, desk: Desk
) -> None:
    gone = CheckIn(id="c1", child="3001", person="somebody else", due=county.desk.today(county.now),
                   wake_at=county.now)  # fmt: skip
    outcome = await decide(desk, gone, county.now)
    (task,) = (record for record in outcome.records if isinstance(record, Visit))
    assert (task.purpose, task.child) == ("phone", "3001")
    await county.store.apply(Outcome(records=(task,)))
    again = await decide(desk, gone, county.now)
    assert [record for record in again.records if isinstance(record, Visit)] == []
    done = replace(task, version=1, status="done", wake_at=None)
    await county.store.apply(Outcome(records=(done,)))
    anew = await decide(desk, gone, county.now)
    assert any(isinstance(record, Visit) for record in anew.records), "what was done is no task any more"
    other = replace(gone, child="3002")
    await county.store.apply(Outcome(records=(OTHER,)))
    assert any(isinstance(record, Visit) for record in (await decide(desk, other, county.now)).records)


async def test_a_file_from_before_birthdays_were_noted_wakes_for_them_once_anything_of_it_was_looked_at(
    county: County,
) -> None:
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    await county.store.apply(Outcome(records=(replace(child, wake_at=None),)))
    await county.until(county.now + timedelta(days=1))
    known = await county.store.get(CLOCK, Child, "3001")
    assert known is not None
    assert known.wake_at == datetime(2027, 5, 4, 8, tzinfo=ZONE)
    version = known.version
    await county.until(county.now + timedelta(days=2))
    again = await county.store.get(CLOCK, Child, "3001")
    assert again is not None
    assert again.version == version  # noted once, and not with every visit


# What the rules are given to decide with


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the casework is asked each time; it then decides as ever."""
    asked: list[dict[str, Any]] = []
    rules = module.wake_record

    def watched(record: Record, **more: Any) -> Outcome | None:
        asked.append(more)
        return rules(record, **more)

    monkeypatch.setattr(module, "wake_record", watched)
    return asked


async def visits_beside(county: County) -> tuple[Visit, Visit]:
    """The child's visit and a second one to do; there are a done one and another child's as well."""
    visit = await visit_due(county)
    await county.store.apply(Outcome(records=(OTHER,)))
    second = replace(visit, id="second", version=0, purpose="phone", wake_at=None)
    done = replace(second, id="done", status="done")
    others = replace(second, id="others", child="3002")
    await county.store.apply(Outcome(records=(second, done, others)))
    return visit, replace(second, version=1)


async def test_beside_a_visit_stand_the_childs_open_alerts_and_to_wake_it_from_a_pause_its_other_visits(
    county: County, desk: Desk, given: list[dict[str, Any]]
) -> None:
    visit, second = await visits_beside(county)
    e = await escalation(county, "hardship")
    await escalation(county, "mood", status="resolved")
    held = await escalation(county, "move_wanted", status="acknowledged")
    await decide(desk, visit, county.now)
    assert given[0]["visits"] == ()
    assert sorted(one.id for one in given[0]["escalations"]) == sorted((e.id, held.id))
    assert given[0]["on_its_way"] is False
    assert given[0]["contacts"] == ()
    pause = Pause(sort="boarding", start=visit.planned_on, end=visit.due, responsible="school")
    await decide(desk, replace(visit, pause=pause), county.now)
    assert sorted(one.id for one in given[1]["visits"]) == sorted((visit.id, second.id))
    assert len(given[1]["escalations"]) == 2


async def test_beside_a_prompt_and_a_child_whose_parents_are_back_stand_the_visits_to_do(
    county: County, desk: Desk, given: list[dict[str, Any]]
) -> None:
    visit, second = await visits_beside(county)
    today = desk.today(county.now)
    prompt = CheckIn(id="c1", child="3001", person="granny", due=today, wake_at=county.now)
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    back = Back(who="father", since=today, stay="stays", check=today)
    for record in (prompt, replace(child, wake_at=county.now, back=back), replace(child, wake_at=county.now)):
        await decide(desk, record, county.now)
    found = [(sorted(one.id for one in asked["visits"]), asked["escalations"]) for asked in given]
    assert found == [(sorted((visit.id, second.id)), ())] * 2 + [([], ())]


async def test_whether_what_was_told_last_is_still_on_its_way_counts_for_open_alerts_that_wait_for_it(
    county: County, desk: Desk, given: list[dict[str, Any]]
) -> None:
    circle = await county.store.circle(CHILD, county.now)
    await county.store.apply(
        open_escalation(
            "hardship", child=CHILD, circle=circle, facts={}, source="s", by=None, policy=county.desk.policy,
            now=county.now, new_id=county.desk.new_id,
        )
    )  # fmt: skip
    (e,) = await county.store.find(CLOCK, Escalation, child="3001")
    waits = replace(e, counted_from=county.now + HOUR, told=(*e.told, replace(e.told[0], person="zhao")))
    for record in (
        waits,
        replace(waits, counted_from=None),
        replace(waits, status="acknowledged", person="li", lapse_at=county.now),
        replace(waits, tellings=waits.tellings + 1),
        replace(waits, told=(replace(e.told[0], person="zhao"),)),
    ):
        await decide(desk, record, county.now)
    assert [asked["on_its_way"] for asked in given] == [True, False, False, False, False]
    (row,) = await county.store.claim(county.now, limit=9, lease=HOUR)
    await county.store.sent([Sent(seq=row.seq, message_id="7")])
    await decide(desk, waits, county.now)
    assert given[-1]["on_its_way"] is False


async def test_beside_an_alert_under_another_stands_that_one_if_it_is_kept(
    county: County, desk: Desk, given: list[dict[str, Any]]
) -> None:
    lead = await escalation(county, "danger")
    under = await escalation(county, "missed_visit", under=lead.id)
    for record in (under, replace(under, under="nowhere"), replace(under, under=None)):
        await decide(desk, record, county.now)
    assert [[e.id for e in asked["escalations"]] for asked in given] == [[lead.id], [], []]
    assert [asked["visits"] for asked in given] == [(), (), ()]


async def test_a_referral_is_decided_with_the_departments_contacts_a_request_with_those_who_answer(
    county: County, desk: Desk, given: list[dict[str, Any]]
) -> None:
    today, wu = desk.today(county.now), await county.store.person("wu")
    assert wu is not None
    await county.store.apply(Outcome(records=(replace(wu, status="joined"),)))
    sent = Referral(
        id="r1", child="3001", person="wu", purpose="family_guidance", department="womens_federation",
        sender="li", opened_at=county.now, since=today, due=today + timedelta(days=9), wake_at=county.now,
    )  # fmt: skip
    asks = Request(
        id="q1", child="3001", what="move", sender="wang", area="t2", asked_at=county.now, day=today,
        due=today, wake_at=county.now,
    )  # fmt: skip
    for record in (sent, asks, replace(asks, area=None)):
        await decide(desk, record, county.now)
    contacts = await county.store.contacts(CHILD, county.now)
    assert [asked["contacts"] for asked in given] == [contacts, (), ()]
    assert contacts
    own = await county.store.circle(CHILD, county.now)
    elsewhere = await county.store.circle(replace(CHILD, township="t2", worker=None), county.now)
    assert [asked["circle"] for asked in given] == [own, elsewhere, own]
    assert own != elsewhere
    assert [asked["child"].township for asked in given] == ["t1", "t1", "t1"]
