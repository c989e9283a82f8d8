"""Forged, borrowed, replayed and outdated buttons and codes: none has any effect."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child, Draft, Escalation, Invite, Leave, Link, Person, Submission, Talk, Visit
from conversations.door import respond
from conversations.said import Reply
from tests.conversations.county import START, words
from tests.permissions.cast import CAST, TODAY
from tests.permissions.deeds import WAYS
from tests.permissions.stage import Stage, Target, invited, staged

NOT_THERE = {
    words().say("zh_Hans", key)
    for key in (
        "child.not_found",
        "alerts.no_such",
        "stale.checkin",
        "referrals.no_such",
        "request.no_such",
        "alike.gone",
    )
}
CODE = "GOOD234567"
DEEDS = [way for way in WAYS if way.name in ("button", "reminder", "page", "anew", "chosen")]


@pytest.fixture
async def stage(empty: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(CAST["worker_told"], empty, tmp_path / "tokens.db") as opened:
        yield opened


def stale(reply: Reply) -> bool:
    return reply.popup == words().say("zh_Hans", "stale.unknown") and reply.messages == ()


async def without_effect(stage: Stage, said: Sequence[object]) -> list[Reply]:
    """What is answered to sayings that must change nothing at all."""
    before = stage.kept()
    replies = [await stage.play(one) for one in said]  # type: ignore[arg-type]
    after = stage.kept()
    assert await stage.changed(before, after) == {}
    assert after.messages == before.messages
    return replies


def altered(token: str) -> list[str]:
    """The token with each byte changed in turn, cut short at each place, and longer."""
    changed = [token[:n] + chr(ord(token[n]) ^ 1) + token[n + 1 :] for n in range(len(token))]
    return [*changed, *(token[:n] for n in range(1, len(token))), token + "A", token + "|", "|" + token]


async def test_a_button_altered_in_any_byte_does_nothing(stage: Stage) -> None:
    target = await stage.set_up(3001, "child active")
    real = [way.play(stage, target)[0] for way in DEEDS]
    for said in real:
        forged = [replace(said, token=token) for token in altered(said.token)]
        assert all(stale(reply) for reply in await without_effect(stage, forged))


async def test_the_code_of_one_button_does_not_fit_another_object_action_or_person(stage: Stage) -> None:
    one, two = await stage.set_up(3001, "child active"), await stage.set_up(3002, "child active")
    tokens = {way: way.play(stage, one)[0].token for way in DEEDS}
    others = {way: way.play(stage, two)[0].token for way in DEEDS}
    forged = []
    for way, token in tokens.items():
        body, _, code = others[way].rpartition("|")
        forged.append(f"{body}|{token.rpartition('|')[2]}")
        forged += [f"{body}|{other.rpartition('|')[2]}" for w, other in tokens.items() if w is not way]
        forged.append(f"ack|{token.partition('|')[2]}")
        forged.append(stage.desk.token("wang", *_parts(token)))  # a colleague's own, forwarded
        forged.append(f"{body}{code}")
    real = {*tokens.values(), *others.values()}
    said = [replace(stage.said(button=("do", "today")), token=token) for token in forged if token not in real]
    assert all(stale(reply) for reply in await without_effect(stage, said))


def _parts(token: str) -> list[str]:
    return token.split("|")[:-1]


async def change(stage: Stage, **more: object) -> None:
    me = await stage.store.person("me")
    assert me is not None
    await stage.store.apply(Outcome(records=(replace(me, **more),)))  # type: ignore[arg-type]


async def every_button(stage: Stage, target: Target) -> list[Reply]:
    return await without_effect(stage, [way.play(stage, target)[0] for way in DEEDS])


@pytest.mark.parametrize("status", ["suspended", "left", "invited"])
async def test_who_is_taken_out_is_refused_with_the_very_next_tap(stage: Stage, status: str) -> None:
    target = await stage.set_up(3001, "child active")
    reply = await stage.play(stage.said(button=("c", target.child)))
    assert reply.messages
    await change(stage, status=status)
    await stage.play(stage.said(text="你好"))  # the one polite sentence
    for reply in await every_button(stage, target):
        assert (reply.messages, reply.popup) == ((), "")


async def test_a_moved_child_s_old_buttons_are_as_if_the_child_were_not_there(stage: Stage) -> None:
    target = await stage.set_up(3001, "child active")
    child = await stage.store.get(CLOCK, Child, target.child)
    assert child is not None
    await stage.store.apply(Outcome(records=(replace(child, worker="wang"),)))
    for reply in await every_button(stage, target):
        assert (reply.popup or reply.messages[0].text) in NOT_THERE


async def test_a_deputy_s_buttons_end_with_the_leave(empty: Path, tmp_path: Path) -> None:
    async with staged(CAST["deputy"], empty, tmp_path / "deputy.db") as stage:
        target = await stage.set_up(3001, "child active")
        assert "3001" in (await stage.play(stage.said(button=("c", target.child)))).messages[0].text
        away = await stage.store.person("away")
        assert away is not None
        for over in (
            None,
            Leave(start=TODAY - timedelta(days=3), end=TODAY - timedelta(days=1), deputy="me"),
        ):
            away = await stage.store.person("away")
            assert away is not None
            await stage.store.apply(Outcome(records=(replace(away, leave=over),)))
            await every_button(stage, target)


async def test_a_form_begun_before_the_child_was_moved_cannot_be_handed_in_after(stage: Stage) -> None:
    target = await stage.set_up(3001, "child active")
    await stage.play(stage.said(text=f"/visit {target.child}"))
    (draft,) = await stage.store.find(CLOCK, Draft, status=("open",))
    child = await stage.store.get(CLOCK, Child, target.child)
    assert child is not None
    await stage.store.apply(Outcome(records=(replace(child, worker="wang"),)))
    for button in (("f", draft.id, draft.step, "c0"), ("f", draft.id, draft.step, "x"), ("dr", draft.id)):
        reply = await stage.play(stage.said(button=button))
        assert [m.text for m in reply.messages] == [words().say("zh_Hans", "form.gone")]
        assert "3001" not in repr(reply)
    assert [s.id for s in await stage.store.find(CLOCK, Submission)] == [target.submission]


async def test_a_carer_who_left_cannot_hand_in_the_check_in_that_was_begun(
    empty: Path, tmp_path: Path
) -> None:
    async with staged(CAST["guardian"], empty, tmp_path / "carer.db") as stage:
        target = await stage.set_up(3001, "child active")
        await stage.play(stage.said(button=("ck", target.checkin)))
        (draft,) = await stage.store.find(CLOCK, Draft, status=("open",))
        await change(stage, cares_for=("4000",))
        reply = await stage.play(stage.said(button=("f", draft.id, draft.step, "c0")))
        assert [m.text for m in reply.messages] == [words().say("zh_Hans", "form.gone")]
        (kept,) = await stage.store.find(CLOCK, Draft, status=("open",))
        assert kept.step == draft.step


async def test_another_person_s_form_is_nobody_else_s(stage: Stage) -> None:
    await stage.set_up(3001, "child active")
    theirs = Draft(
        id="theirs", person="wang", child="3001", form="visit", digest="d", started_at=START, changed_at=START
    )
    await stage.store.apply(Outcome(records=(theirs,)))
    for verb in (("f", 0, "x"), ("dr",), ("cx",), ("fix",)):
        both = [stage.said(button=(verb[0], id, *verb[1:])) for id in ("theirs", "nobody")]
        one, two = await without_effect(stage, both)
        assert (one.popup, one.messages) == (two.popup, two.messages)


async def test_what_is_done_is_not_done_again_by_the_same_button(stage: Stage) -> None:
    target = await stage.set_up(3001, "child active")
    for button in (("ack", target.escalation), ("why", target.visit, "road")):
        await stage.play(stage.said(button=button))
        await without_effect(stage, [stage.said(button=button) for _ in range(3)])
    await stage.play(stage.said(text=f"办结 {target.number} 已返校"))
    (e,) = await stage.store.find(CLOCK, Escalation)
    assert e.status == "resolved"
    again = [stage.said(button=(verb, target.escalation)) for verb in ("ack", "res", "ho")]
    await without_effect(stage, [*again, stage.said(button=("hot", target.escalation, "sun"))])
    assert {v.status for v in await stage.store.find(CLOCK, Visit)} == {"excused", "planned"}


async def test_buttons_whose_time_is_over_say_so(stage: Stage) -> None:
    """A deputy for days that are past, a correction of yesterday's record."""
    target = await stage.set_up(3001, "child active")
    mine = Draft(
        id=target.submission, person="me", child="3001", form="report", digest="d", status="submitted",
        started_at=START, changed_at=START,
    )  # fmt: skip
    report = await stage.store.get(CLOCK, Submission, target.submission)
    assert report is not None
    yesterday = replace(report, at=START - timedelta(days=1))
    await stage.store.apply(Outcome(records=(mine, yesterday)))
    days = [(TODAY - timedelta(days=n)).strftime("%y%m%d") for n in (3, 1)]
    late, past = await without_effect(
        stage, [stage.said(button=("fix", target.submission)), stage.said(button=("lw", *days, "wang"))]
    )
    assert late.popup == words().say("zh_Hans", "correct.too_late")
    assert stale(past)


async def newcomer(stage: Stage, status: str = "invited") -> None:
    wang = await stage.store.person("wang")
    assert wang is not None
    await stage.store.apply(
        Outcome(records=(replace(wang, id="new", person="new", name="新来的", status=status, version=0),))
    )


async def joined(stage: Stage) -> list[str]:
    """By which addresses the newcomer is reached."""
    return [link.address for link in await stage.store.find(CLOCK, Link) if link.person == "new"]


async def test_a_code_is_used_once_even_by_two_at_the_same_moment(stage: Stage) -> None:
    await newcomer(stage)
    await invited(stage, "new", CODE)
    said = [stage.said(text=f"/start {CODE}", address=f"test:{n}") for n in range(8)]
    replies = await asyncio.gather(*(respond(stage.desk, one) for one in said))
    assert sum(not reply.stranger for reply in replies) == 1
    assert len(await joined(stage)) == 1


@pytest.mark.parametrize(("hours", "newer"), [(168, False), (0, True)], ids=["expired", "revoked"])
async def test_a_code_that_is_over_lets_nobody_in(stage: Stage, hours: int, newer: bool) -> None:
    await newcomer(stage)
    await invited(stage, "new", CODE, hours=hours)
    if newer:
        (invite,) = await stage.store.find(CLOCK, Invite)
        await stage.store.apply(Outcome(records=(replace(invite, status="void"),)))
    reply = await stage.play(stage.said(text=f"/start {CODE}", address="test:new"))
    assert reply.stranger
    assert await joined(stage) == []


async def test_a_code_for_somebody_suspended_lets_nobody_in(stage: Stage) -> None:
    await newcomer(stage, "suspended")
    await invited(stage, "new", CODE)
    reply = await stage.play(stage.said(text=f"/start {CODE}", address="test:new"))
    assert reply.stranger
    assert await joined(stage) == []


async def test_a_code_of_another_person_s_is_like_none(stage: Stage) -> None:
    """For a colleague who has joined, and for somebody suspended who found one."""
    await newcomer(stage)
    await invited(stage, "new", CODE)
    replies = [await stage.play(stage.said(text=f"/start {code}")) for code in (CODE, "WRONG23456")]
    assert replies[0].messages == replies[1].messages
    await change(stage, status="suspended")
    shown = []
    for code in (CODE, "WRONG23456"):
        await stage.rest()
        shown.append((await stage.play(stage.said(text=f"/start {code}"))).messages)
    assert shown[0] == shown[1]
    assert await joined(stage) == []
    assert [i.status for i in await stage.store.find(CLOCK, Invite)] == ["open"]


async def test_codes_altered_in_any_sign_open_nothing(stage: Stage) -> None:
    await newcomer(stage)
    await invited(stage, "new", CODE)
    for n, code in enumerate(altered(CODE)):
        reply = await stage.play(stage.said(text=f"/start {code}", address=f"test:n{n}"))
        assert reply.stranger
    assert await joined(stage) == []
    talks = await stage.store.find(CLOCK, Talk, status=("guessing",))
    assert len(talks) >= len(CODE)
    assert not [p for p in await stage.store.find(CLOCK, Person) if p.id == "new" and p.status == "joined"]
