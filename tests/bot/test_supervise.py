"""Supervision: loops are started again, hung ones are noticed, and waiting is not hanging."""

import asyncio
import subprocess
import sys
import time

import pytest

from bot import supervise
from bot.supervise import Beat, LoopDied, Supervisor


async def steady(beat: Beat) -> None:
    while True:
        beat()
        await asyncio.sleep(0.01)


async def test_a_loop_that_fails_is_started_again() -> None:
    supervisor = Supervisor()
    starts: list[float] = []

    async def fails_twice(beat: Beat) -> None:
        starts.append(time.monotonic())
        if len(starts) < 3:
            raise OSError("disk full")
        await steady(beat)

    supervisor.start("one", fails_twice)
    await asyncio.sleep(0.9)
    assert len(starts) == 3
    assert supervisor.restarts == 2
    assert supervisor.alive
    await supervisor.stop()


async def test_a_loop_that_returns_has_failed_as_well() -> None:
    supervisor = Supervisor()

    async def returns(_: Beat) -> None:
        return

    supervisor.start("one", returns)
    await asyncio.sleep(0.05)
    assert supervisor.restarts >= 1
    await supervisor.stop()


async def test_a_loop_that_keeps_failing_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "LONGEST_PAUSE", 0.01)
    supervisor = Supervisor()

    async def fails(_: Beat) -> None:
        raise OSError("disk full")

    supervisor.start("steady", steady)
    supervisor.start("broken", fails)
    with pytest.raises(LoopDied, match="broken"):
        await asyncio.wait_for(supervisor.wait(), 5)
    await supervisor.stop()


async def test_a_loop_that_hangs_is_noticed() -> None:
    supervisor = Supervisor(stale=0.3)

    async def hangs(_: Beat) -> None:
        await asyncio.Event().wait()

    supervisor.start("steady", steady)
    supervisor.start("hung", hangs)
    began = time.monotonic()
    with pytest.raises(LoopDied, match="hung"):
        await supervisor.wait()
    assert time.monotonic() - began < 2
    assert not supervisor.alive
    await supervisor.stop()


async def test_a_cancelled_loop_is_noticed() -> None:
    supervisor = Supervisor()
    supervisor.start("one", steady)
    await asyncio.sleep(0)
    next(task for task in asyncio.all_tasks() if task.get_name() == "one").cancel()
    with pytest.raises(LoopDied, match="one"):
        await asyncio.wait_for(supervisor.wait(), 5)
    assert supervisor.ages()["one"] == float("inf")


async def test_a_long_wait_is_no_hanging() -> None:
    supervisor = Supervisor(stale=1.3)

    async def waits(beat: Beat) -> None:
        await beat.during(asyncio.sleep(2.5))
        await steady(beat)

    supervisor.start("patient", waits)
    watching = asyncio.create_task(supervisor.wait())
    await asyncio.sleep(2.7)
    assert not watching.done()
    watching.cancel()
    await supervisor.stop()


async def test_but_a_wait_without_end_is_given_up() -> None:
    work = asyncio.ensure_future(asyncio.sleep(60))
    with pytest.raises(TimeoutError):
        await Beat().during(work, limit=0.5)
    await asyncio.sleep(0)
    assert work.cancelled()


def test_an_event_loop_that_stands_still_ends_the_process_with_status_70() -> None:
    program = (
        "import asyncio, time\n"
        "from bot.supervise import watchdog\n"
        "async def main():\n"
        "    with watchdog(asyncio.get_running_loop(), stale=1.5):\n"
        "        await asyncio.sleep(2.5)\n"
        "        print('fine so far', flush=True)\n"
        "        time.sleep(20)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=15)
    assert done.stdout == "fine so far\n"
    assert done.returncode == 70
