"""Sending: what is claimed and taken over when, and what each fate of a message leads to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.clock import Clock
from bot.supervise import Beat
from bot.telegram import marks
from bot.telegram import outbox as module
from bot.telegram.deliver import Result
from bot.telegram.gathered import Gathered
from bot.telegram.limits import Limits
from bot.telegram.outbox import LEASE, Sender
from casework.outcome import Notice, Priority
from storage.outbox import Complete, OutboxRow, Sent, at_once
from tests.bot.hasty import Hasty, until

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
NOTICE = Notice(key="k", to=None, kind="reply", priority=Priority.REPLY)
FREELY = Limits(per_second=1e6, burst=1e6, chat_per_second=1e6, chat_burst=1e6)


class Noon(Clock):
    """A clock that stands."""

    def now(self) -> datetime:
        return NOON


def row(seq: int, address: str | None = None, **more: Any) -> OutboxRow:
    plain = {"key": f"k{seq}", "to": None, "priority": 2, "notice": NOTICE, "tries": 1, "ambiguous": False}
    where = f"telegram:{seq}" if address is None else address
    return OutboxRow(seq=seq, address=where, **{**plain, **more})


class Table:
    """The outbox: what is due, and everything that is asked of it."""

    def __init__(self) -> None:
        self.due: list[OutboxRow] = []
        self.claims: list[tuple[datetime, int, timedelta, set[str]]] = []
        self.looks = 0
        self.marked: list[list[Sent]] = []
        self.retries: list[tuple[int, float, bool]] = []
        self.dead: list[tuple[int, str]] = []
        self.sweeps: list[datetime] = []
        self.taken: list[tuple[datetime, timedelta]] = []
        self.failing: dict[str, int] = {}
        self.complete: Complete = at_once

    def _perhaps_fail(self, what: str) -> None:
        if self.failing.get(what):
            self.failing[what] -= 1
            raise OSError("locked")

    async def any_due(self, now: datetime) -> bool:
        assert now == NOON
        self.looks += 1
        return bool(self.due)

    async def claim(
        self, now: datetime, *, limit: int, lease: timedelta, busy: Collection[str], complete: Complete
    ) -> list[OutboxRow]:
        self._perhaps_fail("claim")
        self.complete = complete
        self.claims.append((now, limit, lease, set(busy)))
        found = [row for row in self.due if row.address not in busy][:limit]
        self.due = [row for row in self.due if row not in found]
        return found

    async def sent(self, results: Sequence[Sent]) -> None:
        self._perhaps_fail("sent")
        self.marked.append(list(results))

    async def retry_later(self, seq: int, at: datetime, *, ambiguous: bool) -> None:
        self._perhaps_fail("retry_later")
        self.retries.append((seq, (at - NOON).total_seconds(), ambiguous))

    async def undeliverable(self, seq: int, reason: str) -> None:
        self._perhaps_fail("undeliverable")
        self.dead.append((seq, reason))

    async def sweep(self, now: datetime) -> int:
        self.sweeps.append(now)
        return 0

    async def take_over(self, now: datetime, longest: timedelta) -> int:
        self.taken.append((now, longest))
        return 2


class Post:
    """Delivers: the fate that was set for a row, else it is sent; waits where the gate is shut."""

    def __init__(self) -> None:
        self.fates: dict[int, Any] = {}
        self.tried: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, row: OutboxRow) -> Result:
        self.tried.append(row.seq)
        await self.gate.wait()
        fate = self.fates.get(row.seq, Result(fate="sent", message_id=f"m{row.seq}"))
        if isinstance(fate, Exception):
            raise fate
        assert isinstance(fate, Result)
        return fate


class Sending:
    """A sender over a table, with its loop, on a monotonic clock that the test moves."""

    def __init__(self, limits: Limits | None) -> None:
        self.table, self.post = Table(), Post()
        self.undelivered: list[tuple[int, str]] = []
        self.arrived: list[int] = []
        self.deaf: set[int] = set()  # whose arrival can't be told
        self.works = False  # whether the clock does
        self.told: Callable[[], None] = lambda: None  # what happens when others hear of somebody who is gone
        self.sender = Sender(
            self.table,  # type: ignore[arg-type]
            self.post,  # type: ignore[arg-type]
            self._undelivered,
            self._delivered,
            Noon(),
            limits,
            at_work=lambda: self.works,
        )
        self.task: asyncio.Task[None] | None = None

    async def _undelivered(self, row: OutboxRow, reason: str) -> None:
        assert row.seq not in [seq for seq, _ in self.table.dead], "what follows comes first"
        self.told()
        self.undelivered.append((row.seq, reason))

    async def _delivered(self, row: OutboxRow) -> None:
        assert row.seq not in [sent.seq for batch in self.table.marked for sent in batch], "told first"
        self.arrived.append(row.seq)
        if row.seq in self.deaf:
            raise OSError("locked")

    async def start(self) -> None:
        self.task = asyncio.create_task(self.sender.run(Beat()))
        await until(lambda: self.table.looks)

    def come(self, *rows: OutboxRow) -> None:
        """Rows become due, and the sender hears of it."""
        self.table.due += rows
        self.sender.poke()

    async def concluded(self, *rows: OutboxRow) -> None:
        """Send ``rows`` and wait until nothing is under way any more."""
        if self.task is None:
            await self.start()
        tried = len(self.post.tried) + len(rows)
        self.come(*rows)
        await until(lambda: len(self.post.tried) == tried and not self.sender.under_way)

    @property
    def sent(self) -> list[Sent]:
        return [one for batch in self.table.marked for one in batch]


Make = Callable[..., Sending]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Sending] = []

    def one(limits: Limits | None = FREELY) -> Sending:
        made.append(Sending(limits))
        return made[-1]

    yield one
    for sending in made:
        sending.post.gate.set()
        await sending.sender.stop(0.2)
        if sending.task is not None:
            sending.task.cancel()
            await asyncio.gather(sending.task, return_exceptions=True)


async def fate_of(make: Make, result: Result, **more: Any) -> Sending:
    """A sender after one message met this fate."""
    sending = make()
    sending.post.fates[1] = result
    await sending.concluded(row(1, **more))
    return sending


async def test_what_is_due_is_claimed_under_a_lease_sent_and_marked_with_its_number(make: Make) -> None:
    sending = make()
    await sending.concluded(row(1), row(2))
    assert sending.table.claims[0] == (NOON, 8, timedelta(seconds=90), set())
    assert timedelta(seconds=90) == LEASE
    assert sorted(one.seq for one in sending.sent) == [1, 2]
    assert Sent(seq=1, message_id="m1") in sending.sent
    assert sending.sender.counts["sent"] == 2
    assert (sending.table.retries, sending.table.dead, sending.sender.trouble) == ([], [], 0.0)


async def test_no_more_is_under_way_than_allowed_and_none_to_a_chat_that_is_busy(make: Make) -> None:
    sending = make(replace(FREELY, in_flight=3))
    sending.post.gate.clear()
    await sending.start()
    sending.come(row(1), row(2))
    await until(lambda: sending.sender.under_way == 2)
    sending.come(row(3, "telegram:1"), row(4))
    await until(lambda: sending.sender.under_way == 3)
    assert sending.table.claims[-1][1:] == (1, LEASE, {"telegram:1", "telegram:2"})
    looks = sending.table.looks
    sending.come(row(5))
    await asyncio.sleep(0.05)
    assert sorted(sending.post.tried) == [1, 2, 4]
    assert sending.table.looks == looks, "without room nothing is even looked for"
    sending.post.gate.set()
    await until(lambda: len(sending.sent) == 5)


async def test_the_pace_decides_how_many_are_claimed_and_who_must_wait(make: Make) -> None:
    sending = make(Limits(per_second=0.001, burst=3.0, chat_per_second=0.001, chat_burst=1.0))
    await sending.start()
    sending.come(row(1))
    await until(lambda: len(sending.sent) == 1)
    sending.come(row(2, "telegram:1"), row(3), row(4), row(5))
    await until(lambda: len(sending.sent) == 3)
    await asyncio.sleep(0.03)
    assert sorted(one.seq for one in sending.sent) == [1, 3, 4]
    assert sending.table.claims[0][1] == 3
    assert sending.table.claims[1][1:] == (2, LEASE, {"telegram:1"})


async def test_what_has_no_address_is_concluded_as_well_each_by_itself(make: Make) -> None:
    sending = make()
    sending.post.gate.clear()
    for seq in (1, 2):
        sending.post.fates[seq] = Result(fate="gone", reason="no_address")
    await sending.start()
    sending.come(row(1, ""), row(2, ""))
    await until(lambda: sending.sender.under_way == 2)
    sending.post.gate.set()
    await until(lambda: not sending.sender.under_way)
    assert sending.undelivered == sending.table.dead == [(1, "no_address"), (2, "no_address")]


async def test_what_is_no_longer_true_is_marked_without_a_number(make: Make) -> None:
    sending = await fate_of(make, Result(fate="dropped"), ambiguous=True)
    assert sending.sent == [Sent(seq=1)]
    counts = sending.sender.counts
    assert (counts["dropped"], counts["sent"], counts["repeated"]) == (1, 0, 0)


async def test_a_repeat_that_arrives_is_counted_as_one(make: Make) -> None:
    sending = await fate_of(make, Result(fate="sent", message_id="5"), ambiguous=True)
    assert (sending.sender.counts["sent"], sending.sender.counts["repeated"]) == (1, 1)
    assert (await fate_of(make, Result(fate="sent"))).sender.counts["repeated"] == 0


async def test_a_429_holds_the_chat_back_for_as_long_as_it_says_and_is_no_failure(make: Make) -> None:
    sending = await fate_of(make, Result(fate="later", wait=timedelta(seconds=33)), ambiguous=True)
    assert sending.table.retries == [(1, 33.0, True)]
    assert (sending.sender.counts["held"], sending.sender.trouble) == (1, 0.0)
    assert not sending.sender.take("telegram:1")
    assert sending.sender.take("telegram:2")


async def test_while_no_connection_can_be_made_everything_waits_at_growing_gaps(make: Make) -> None:
    sending = make()
    pauses = []
    for seq in range(1, 8):
        sending.post.fates[seq] = Result(fate="not_sent")
        await sending.sender._send(row(seq, ambiguous=seq == 2))
        pauses.append(sending.table.retries[-1][1])
    assert pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]
    assert [ambiguous for *_, ambiguous in sending.table.retries] == [False, True] + [False] * 5
    assert sending.sender._pace.room() == 0
    assert sending.sender.trouble > 0.0
    await sending.sender._send(row(8))
    assert sending.sender.trouble == 0.0
    await sending.sender._send(row(1))
    assert sending.table.retries[-1][1] == 0.5


async def test_trouble_is_counted_from_the_first_failure_until_something_gets_through(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 1000.0
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: at))
    sending = make()
    for fate in ("unknown", "not_sent", "token"):
        sending.post.fates[1] = Result(fate=fate)  # type: ignore[arg-type]
        await sending.sender._send(row(1))
        at += 10.0
        assert sending.sender.trouble == 10.0
        sending.post.fates[1] = Result(fate="unknown")
        await sending.sender._send(row(1))
        assert sending.sender.trouble == 10.0
        sending.post.fates[1] = Result(fate="dropped")
        await sending.sender._send(row(1))
        assert sending.sender.trouble == 10.0, "nothing has got through"
        sending.post.fates[1] = Result(fate="sent")
        await sending.sender._send(row(1))
        assert sending.sender.trouble == 0.0


@pytest.mark.parametrize(
    ("tries", "pause"), [(0, 1.0), (1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (99, 60.0)]
)
async def test_what_may_have_arrived_is_repeated_marked_at_growing_gaps(
    make: Make, tries: int, pause: float
) -> None:
    sending = await fate_of(make, Result(fate="unknown", repeats=True), tries=tries)
    assert sending.table.retries == [(1, pause, True)]
    assert sending.sender.counts["unknown"] == 1


async def test_an_edit_of_unknown_fate_is_repeated_unmarked(make: Make) -> None:
    sending = await fate_of(make, Result(fate="unknown"))
    assert sending.table.retries == [(1, 1.0, False)]


async def test_a_part_that_is_out_marks_the_repeat_whatever_became_of_the_rest(make: Make) -> None:
    sending = await fate_of(make, Result(fate="later", wait=timedelta(seconds=2), repeats=True))
    assert sending.table.retries == [(1, 2.0, True)]


async def test_who_cannot_be_reached_is_reported_before_the_message_is_given_up(make: Make) -> None:
    sending = await fate_of(make, Result(fate="gone", reason="blocked"))
    assert (sending.undelivered, sending.table.dead) == ([(1, "blocked")], [(1, "blocked")])
    assert sending.sender.counts["dead"] == 1
    assert (sending.table.retries, sending.sent) == ([], [])
    sending.table.dead.clear()
    await sending.concluded(row(1))
    assert sending.sender.counts["dead"] == 2


@pytest.mark.parametrize(("tries", "given_up"), [(4, False), (5, True), (6, True)])
async def test_a_fault_of_ours_is_tried_five_times(make: Make, tries: int, given_up: bool) -> None:
    sending = await fate_of(make, Result(fate="ours", reason="unworded"), tries=tries, ambiguous=True)
    assert sending.table.dead == ([(1, "unworded")] if given_up else [])
    assert sending.undelivered == sending.table.dead
    assert sending.table.retries == ([] if given_up else [(1, 8.0, True)])


async def test_with_a_token_that_is_no_longer_taken_everything_waits_a_minute(make: Make) -> None:
    sending = await fate_of(make, Result(fate="token"), ambiguous=True)
    assert sending.table.retries == [(1, 60.0, True)]
    assert sending.sender._pace.room() == 0
    assert 59.0 < sending.sender._pace.next_change() <= 60.0


async def test_whatever_breaks_on_the_way_the_message_comes_up_again(make: Make) -> None:
    sending = make()
    sending.post.fates[1] = KeyError("x")
    await sending.concluded(row(1, tries=3, ambiguous=True))
    assert sending.table.retries == [(1, 4.0, True)]
    sending.table.failing["retry_later"] = 1  # and if even that fails, the lease runs out by itself
    await sending.concluded(row(1))
    assert sending.table.retries == [(1, 4.0, True)]


async def test_if_it_breaks_after_a_part_was_out_the_repeat_is_marked(make: Make) -> None:
    sending = make()
    sending.post.fates[1] = Result(fate="gone", reason="blocked", repeats=True)
    sending.table.failing["undeliverable"] = 1
    await sending.concluded(row(1))
    assert sending.table.retries == [(1, 1.0, True)]
    assert sending.sender.counts["dead"] == 0


async def test_a_message_of_three_parts_counts_as_three(make: Make) -> None:
    sending = make(Limits(per_second=0.001, burst=4.0))
    sending.post.fates[1] = Result(fate="sent", extra_parts=2)
    await sending.concluded(row(1))
    assert sending.sender._pace.room() == 1
    assert not sending.sender.take("telegram:1")


async def test_a_success_shows_that_the_refused_chats_were_meant_themselves(make: Make) -> None:
    sending = make(replace(FREELY, suspicious=2))
    sending.post.fates[1] = sending.post.fates[3] = Result(fate="later", wait=timedelta(seconds=9))
    for seq in (1, 2, 3):
        await sending.sender._send(row(seq))
    assert sending.sender._pace.room() > 0
    sending.post.fates[2] = Result(fate="later", wait=timedelta(seconds=9))
    await sending.sender._send(row(2))
    assert sending.sender._pace.room() == 0


async def test_what_arrives_at_the_same_time_is_marked_in_one_commit(make: Make) -> None:
    sending = make()
    sending.post.gate.clear()
    await sending.start()
    sending.come(row(1), row(2), row(3))
    await until(lambda: sending.sender.under_way == 3)
    sending.post.gate.set()
    await until(lambda: len(sending.sent) == 3)
    assert len(sending.table.marked) == 1


async def test_what_arrived_is_marked_again_and_again_until_it_is_and_in_order(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = Hasty()
    monkeypatch.setattr(marks, "asyncio", hasty)
    sending = make()
    sending.table.failing["sent"] = 7
    await asyncio.gather(sending.sender._marks.keep(Sent(seq=1)), sending.sender._marks.keep(Sent(seq=2)))
    assert sending.table.marked == [[Sent(seq=1), Sent(seq=2)]]
    assert hasty.pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    sending.table.failing["sent"] = 1
    first = asyncio.create_task(sending.sender._marks.keep(Sent(seq=3)))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    await sending.sender._marks.keep(Sent(seq=4))
    assert sending.table.marked[1:] == [[Sent(seq=3), Sent(seq=4)]]


async def test_what_arrived_is_marked_even_where_its_arrival_cannot_be_told(make: Make) -> None:
    sending = make()
    sending.deaf.add(1)
    await sending.start()
    sending.come(row(1), row(2))
    await until(lambda: len(sending.table.marked) == 2 or len(sending.sent) == 2)
    assert sorted(one.seq for one in sending.sent) == [1, 2]
    assert sorted(sending.arrived) == [1, 2]


# What is handed over as it is committed


async def test_before_the_start_and_after_the_stop_nothing_is_taken_over(make: Make) -> None:
    sending = make()
    assert not sending.sender.take("telegram:1")
    await sending.start()
    assert sending.sender.take("telegram:1")
    await sending.sender.stop(0.1)
    assert not sending.sender.take("telegram:2")
    assert sending.sender.now() == NOON
    assert sending.sender.lease == LEASE


async def test_a_place_is_kept_for_one_message_to_a_chat_until_it_is_handed_over(make: Make) -> None:
    sending = make()
    sending.post.gate.clear()
    await sending.start()
    assert sending.sender.take("telegram:1")
    assert not sending.sender.take("telegram:1")
    sending.sender.hand_over([row(1)])
    assert (sending.sender.under_way, sending.sender.take("telegram:1")) == (1, False)
    sending.post.gate.set()
    await until(lambda: sending.sent == [Sent(seq=1, message_id="m1")])
    await until(lambda: not sending.sender.under_way)
    assert sending.sender.take("telegram:1")
    sending.sender.hand_over([])
    assert sending.sender.take("telegram:1"), "a place that was not used is free again"


@pytest.mark.parametrize("address", ["", "web:1", "telegram:x"])
async def test_only_chats_of_this_channel_are_taken_over(make: Make, address: str) -> None:
    sending = make()
    await sending.start()
    assert not sending.sender.take(address)


async def test_places_and_what_is_under_way_together_stay_within_the_limits(make: Make) -> None:
    sending = make(replace(FREELY, in_flight=3))
    sending.post.gate.clear()
    await sending.start()
    sending.come(row(1))
    await until(lambda: sending.sender.under_way == 1)
    assert [sending.sender.take(f"telegram:{n}") for n in (2, 3, 4)] == [True, True, False]
    slow = make(Limits(per_second=0.001, burst=2.0))
    await slow.start()
    assert [slow.sender.take(f"telegram:{n}") for n in (1, 2, 3)] == [True, True, False]


async def test_kept_places_leave_less_room_for_a_claim_and_count_as_busy(make: Make) -> None:
    sending = make(Limits(per_second=0.001, burst=5.0, in_flight=4))
    await sending.start()
    for n in (1, 2):
        assert sending.sender.take(f"telegram:{n}")
    sending.come(row(9))
    await until(lambda: sending.sent)
    assert sending.table.claims == [(NOON, 2, LEASE, {"telegram:1", "telegram:2"})]
    tight = make(Limits(per_second=0.001, burst=3.0, in_flight=8))
    await tight.start()
    assert tight.sender.take("telegram:1")
    tight.come(row(9))
    await until(lambda: tight.sent)
    assert tight.table.claims[0][1] == 2


async def test_while_a_claim_is_under_way_its_places_are_kept(make: Make) -> None:
    sending = make(replace(FREELY, in_flight=3))
    answers = []
    claim = sending.table.claim

    async def asked_meanwhile(*arguments: Any, **more: Any) -> list[OutboxRow]:
        answers.append(sending.sender.take("telegram:7"))
        return await claim(*arguments, **more)

    sending.table.claim = asked_meanwhile  # type: ignore[method-assign]
    await sending.concluded(row(1))
    assert answers == [False]
    assert sending.sender.take("telegram:7")


# The round


async def test_at_the_start_what_was_on_its_way_is_taken_over_and_no_retry_waits_over_a_minute(
    make: Make,
) -> None:
    sending = make()
    await sending.sender.take_over()
    assert sending.table.taken == [(NOON, timedelta(minutes=1))]


async def test_leases_are_swept_at_the_start_and_then_every_five_seconds(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 2.0
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: at))
    sending = make()
    await sending.concluded(row(1))
    await sending.concluded(row(2))
    assert sending.table.sweeps == [NOON]
    at += 4.9
    await sending.concluded(row(3))
    assert sending.table.sweeps == [NOON]
    at += 0.1
    await sending.concluded(row(4))
    assert sending.table.sweeps == [NOON, NOON]


async def test_while_the_database_is_away_it_is_asked_again_every_second(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = Hasty()
    monkeypatch.setattr(module, "asyncio", hasty)
    sending = make()
    sending.table.failing["claim"] = 3
    sending.table.due = [row(1)]
    sending.task = asyncio.create_task(sending.sender.run(Beat()))
    await until(lambda: sending.sent)
    assert hasty.pauses == [1.0] * 3
    await until(lambda: not sending.sender.under_way)
    assert sending.sender.take("telegram:1"), "a claim that failed keeps no places"


async def test_what_becomes_due_by_itself_is_found_within_a_second(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE", 0.03)
    sending = make()
    await sending.start()
    await asyncio.sleep(0.01)
    sending.table.due.append(row(1))
    await until(lambda: sending.sent)


async def test_as_soon_as_the_pace_allows_more_it_goes_on(make: Make) -> None:
    sending = make(Limits(per_second=20.0, burst=1.0))
    await sending.start()
    began = asyncio.get_running_loop().time()
    sending.come(row(1), row(2), row(3))
    await until(lambda: len(sending.sent) == 3)
    assert 0.08 < asyncio.get_running_loop().time() - began < 0.9


async def test_the_next_message_of_a_person_leaves_as_soon_as_the_one_before_has_arrived(make: Make) -> None:
    sending = make()
    sending.post.gate.clear()
    await sending.start()
    sending.come(row(1))
    await until(lambda: sending.sender.under_way)
    sending.come(row(2, "telegram:1"))
    await asyncio.sleep(0.02)
    assert sending.post.tried == [1]
    began = asyncio.get_running_loop().time()
    sending.post.gate.set()
    await until(lambda: len(sending.sent) == 2)
    assert asyncio.get_running_loop().time() - began < 0.7


async def test_when_the_table_holds_nothing_more_an_arrival_does_not_look_for_more(make: Make) -> None:
    sending = make()
    await sending.start()
    looks = sending.table.looks
    assert sending.sender.take("telegram:1")
    sending.sender.hand_over([row(1)])
    await until(lambda: sending.sent)
    await asyncio.sleep(0.02)
    assert sending.table.looks == looks


async def test_a_stop_lets_what_is_under_way_arrive_and_be_marked(make: Make) -> None:
    sending = make()
    sending.post.gate.clear()
    await sending.start()
    sending.come(row(1))
    await until(lambda: sending.sender.under_way)
    asyncio.get_running_loop().call_later(0.03, sending.post.gate.set)
    await sending.sender.stop(5.0)
    assert sending.sent == [Sent(seq=1, message_id="m1")]
    sending.come(row(2))
    await asyncio.sleep(0.02)
    assert sending.post.tried == [1]


async def test_a_stop_breaks_off_what_does_not_end_in_time_and_leaves_it_leased(make: Make) -> None:
    sending = make()
    sending.post.gate.clear()
    await sending.start()
    sending.come(row(1))
    await until(lambda: sending.sender.under_way)
    began = asyncio.get_running_loop().time()
    await sending.sender.stop(0.05)
    assert 0.04 < asyncio.get_running_loop().time() - began < 2.0
    assert (sending.sender.under_way, sending.sent, sending.table.retries) == (0, [], [])


async def test_a_stop_waits_half_a_second_at_most_for_marks_that_cannot_be_kept(make: Make) -> None:
    sending = make()
    await sending.start()
    sending.table.failing["sent"] = 99
    sending.come(row(1))
    await until(lambda: sending.table.failing["sent"] < 99)
    began = asyncio.get_running_loop().time()
    await sending.sender.stop(0.05)
    assert 0.4 < asyncio.get_running_loop().time() - began < 2.0
    sending.table.failing.clear()


# Several that leave as one message


def together(*, address: str = "telegram:1", **more: Any) -> OutboxRow:
    """Three alerts for one person, the first of which speaks for all."""
    return row(1, address, others=(row(2, address), row(3, address)), **more)


async def test_of_what_left_as_one_each_is_told_to_have_arrived_and_marked_with_its_number(
    make: Make,
) -> None:
    sending = make()
    await sending.concluded(together())
    assert sorted(sending.arrived) == [1, 2, 3]
    assert sorted(sending.sent, key=lambda one: one.seq) == [Sent(seq=n, message_id="m1") for n in (1, 2, 3)]
    assert sending.sender.counts["sent"] == 1


async def test_what_was_no_longer_true_when_the_others_left_has_not_arrived(make: Make) -> None:
    sending = make()
    sending.post.fates[1] = Result(fate="sent", message_id="m1", untold=frozenset({"k2"}))
    await sending.concluded(together())
    assert sorted(sending.arrived) == [1, 3]
    assert {one.seq: one.message_id for one in sending.sent} == {1: "m1", 2: None, 3: "m1"}


async def test_what_could_not_be_worded_with_the_others_is_tried_again_and_given_up_by_itself(
    make: Make,
) -> None:
    sending = make()
    lost = frozenset({"k1", "k3"})
    sending.post.fates[1] = Result(fate="sent", message_id="m1", unworded=lost)
    address = "telegram:1"
    others = (row(2, address), row(3, address, tries=5))
    await sending.concluded(row(1, address, others=others, tries=2))
    assert sending.arrived == [2]
    assert sending.sent == [Sent(seq=2, message_id="m1")]
    assert sending.table.retries == [(1, 2.0, False)]
    assert sending.undelivered == sending.table.dead == [(3, "unworded")]
    dropped = make()
    dropped.post.fates[1] = Result(fate="dropped", unworded=frozenset({"k3"}))
    await dropped.concluded(together())
    assert [one.seq for one in dropped.sent] == [1, 2]
    assert dropped.table.retries == [(3, 1.0, False)]


async def test_what_others_get_for_one_who_is_gone_waits_until_it_is_complete(make: Make) -> None:
    sending = make()
    sending.post.fates[1] = Result(fate="gone", reason="blocked")
    seen: list[bool] = []
    sending.told = lambda: seen.append(sending.table.complete())
    await sending.concluded(together())
    assert seen == [False, False, False]
    assert sending.table.complete()


async def test_where_none_of_it_is_true_any_more_all_are_done_and_none_has_arrived(make: Make) -> None:
    sending = make()
    sending.post.fates[1] = Result(fate="dropped")
    await sending.concluded(together())
    assert sending.arrived == []
    assert {one.seq: one.message_id for one in sending.sent} == {1: None, 2: None, 3: None}


async def test_what_is_held_back_or_may_have_arrived_is_tried_again_all_of_it(make: Make) -> None:
    held = make()
    held.post.fates[1] = Result(fate="later", wait=timedelta(seconds=7))
    await held.concluded(together())
    assert held.table.retries == [(1, 7.0, False), (2, 7.0, False), (3, 7.0, False)]
    unsure = make()
    unsure.post.fates[1] = Result(fate="unknown", repeats=True)
    await unsure.concluded(together())
    assert unsure.table.retries == [(1, 1.0, True), (2, 1.0, True), (3, 1.0, True)]


async def test_where_one_of_it_can_not_be_put_back_the_others_are(make: Make) -> None:
    sending = make()
    sending.post.fates[1] = Result(fate="unknown", repeats=True)
    sending.table.failing["retry_later"] = 1
    await sending.concluded(together())
    assert sending.table.retries == [(2, 1.0, True), (3, 1.0, True)]


async def test_for_whoever_is_gone_each_alert_goes_on_without_him(make: Make) -> None:
    sending = make()
    sending.post.fates[1] = Result(fate="gone", reason="blocked")
    await sending.concluded(together())
    assert sending.undelivered == [(1, "blocked"), (2, "blocked"), (3, "blocked")]
    assert sending.table.dead == [(1, "blocked"), (2, "blocked"), (3, "blocked")]
    assert sending.sender.counts["dead"] == 3


async def test_the_sender_waits_for_what_the_clock_still_brings(make: Make) -> None:
    sending = make()
    await sending.start()
    sending.come(row(1))
    await until(lambda: sending.sent)
    assert isinstance(sending.table.complete, Gathered)
    sending.works = True
    assert not sending.table.complete()
    sending.works = False
    assert sending.table.complete()
