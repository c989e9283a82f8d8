"""Nobody sees beyond the assignment: SQL and the rule agree, for every role, kind and relation."""

from collections.abc import Iterator
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.access import CLOCK, OPEN_KINDS, Reader, sees
from casework.records import (
    KINDS,
    Activity,
    Amendment,
    Area,
    Attendance,
    CheckIn,
    Child,
    Draft,
    Entry,
    Escalation,
    File,
    FilePart,
    HandOver,
    Invite,
    Link,
    Matter,
    Merge,
    Pin,
    Place,
    Record,
    Referral,
    Request,
    Submission,
    Talk,
    Vacancy,
)  # fmt: skip
from storage.store import Store
from tests.storage.world import NOW, child, keep, person, visit

PEOPLE = ("w1", "w2", "t1", "g1")
CHILDREN = tuple(
    child(f"c{i}", worker=worker, village=village)
    for i, (worker, village) in enumerate(product((None, "w1", "w2"), ("v1", "v2")))
)


HELD = Activity(id="a1", day=NOW.date(), sort="safety", host="village", noted_at=NOW)
HOME = Place(id="p1", title="儿童之家", sort="childrens_home", area="v1")


def _about(of: Child, who: str) -> Iterator[Record]:
    id = f"{of.id}-{who}"
    common = {"id": id, "child": of.id, "person": who}
    yield visit(f"v-{id}", of=of.id, person=who)
    yield Escalation(**common, flag="x", urgency="now", opened_at=NOW)
    yield CheckIn(**common, due=NOW.date())
    yield Submission(**common, form="visit", form_version="1", digest="d", at=NOW)
    yield File(
        **common, source="d", name="a.jpg", mime="image/jpeg", size=1, sha256="s", parts=1, at=NOW
    )  # fmt: skip
    yield FilePart(**common, content="eA==")
    yield Matter(**common, sort="hukou", state="papers", opened_at=NOW, since=NOW.date())
    yield Referral(
        **common, purpose="hukou", department="police", sender="t1", opened_at=NOW, since=NOW.date()
    )  # fmt: skip
    yield Request(
        **common, what="move", sender="w1", area={"w1": "t1", "w2": "t2", "g1": "t1"}.get(who), asked_at=NOW,
        day=NOW.date(), due=NOW.date(), status="closed" if who == "g1" else "waiting",
    )  # fmt: skip
    yield Attendance(**common, activity="a1", day=NOW.date(), sort="safety")
    yield Entry(**common, batch="f1", offered="x")
    yield Merge(**common, other="9", at=NOW)
    yield Amendment(**common, at=NOW, source="roster", after={"school": "x"})
    yield Draft(**common, form="visit", digest="d", started_at=NOW, changed_at=NOW)
    yield Invite(**common, digest=id, expires_at=NOW)
    yield Talk(**common)
    yield Pin(**common)
    yield HandOver(**common, giver="w1", taker="w2", children=(), at=NOW)


def _everything(store: Store) -> list[Record]:
    records: list[Record] = [
        Area(id="v1", name="村", level="village"),
        HELD,
        HOME,
        *CHILDREN,
        *map(person, PEOPLE),
    ]
    records += [
        Vacancy(id=f"county_officer:{k}", role="county_officer", area=k, county=k, since=NOW, why="nobody")
        for k in ("k1", "k2")
    ]
    for of, who in product(CHILDREN, PEOPLE):
        records += _about(of, who)
    for who in PEOPLE:
        address = f"telegram:{who}"
        records.append(Link(id=store.link_id(address), person=who, address=address))
        records.append(Escalation(id=f"loose-{who}", person=who, flag="x", urgency="now", opened_at=NOW))
    return records


SETS = {
    "workers": st.frozensets(st.sampled_from(PEOPLE)),
    "townships": st.frozensets(st.sampled_from(("t1", "t2"))),
    "counties": st.frozensets(st.sampled_from(("k1", "k2"))),
    "contacts": st.frozensets(st.sampled_from(PEOPLE)),
}


async def test_sql_shows_exactly_what_the_rule_lets_a_reader_see(store: Store) -> None:
    records = _everything(store)
    await keep(store, *records)
    children = {c.id: c for c in CHILDREN}
    readers: list[Reader] = [CLOCK]

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(st.builds(Reader, person=st.sampled_from((*PEOPLE, "nobody")), **SETS))
    def collect(reader: Reader) -> None:
        readers.append(reader)

    collect()
    for reader in set(readers):
        for kind in KINDS.values():
            shown = {r.id for r in await store.find(reader, kind)}
            allowed = {
                r.id for r in records if isinstance(r, kind) and sees(reader, r, children.get(r.child or ""))
            }
            assert shown == allowed, (reader, kind.kind)
            assert await store.count(reader, kind) == len(allowed)
            everything = [r.id for r in records if isinstance(r, kind)]
            got = {id for id in everything if await store.get(reader, kind, id) is not None}
            assert got == allowed, (reader, kind.kind)


async def test_not_found_and_not_yours_look_the_same(store: Store) -> None:
    await keep(store, *_everything(store))
    stranger = Reader(person="nobody", workers=frozenset({"nobody"}))
    for kind in KINDS.values():
        if kind.kind not in OPEN_KINDS:
            theirs = (await store.find(CLOCK, kind))[0].id
            assert await store.get(stranger, kind, theirs) is None
            assert await store.get(stranger, kind, "no-such-id") is None
    assert await store.open_file(stranger, "c0", ground="assignment", now=NOW) is None
    assert (await store.verify_audit()).checked == 0


async def test_reading_a_childs_file_is_an_event(store: Store) -> None:
    await keep(store, child())
    reader = Reader(person="w1", workers=frozenset({"w1"}))
    assert await store.open_file(reader, "c1", ground="assignment", now=NOW) is not None
    assert (await store.verify_audit()).checked == 1
