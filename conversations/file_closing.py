"""结案: a child's file is closed for a reason and since a day, at once or by asking the officer."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta

from casework.access import CLOCK, roles_towards
from casework.checkins import WAITING as ASKED
from casework.file_closing import NotClosable, Work, close_file, first_day, reasons_for
from casework.ladder import OPEN as RUNNING
from casework.policy_life import ClosingReason
from casework.records import CheckIn, Child, Escalation, Matter, Referral, Request, Visit
from casework.referrals import OPEN as REFERRED
from casework.requests import WAITING, ask
from casework.visits import TO_DO
from conversations import matters, referral_pages
from conversations.dates import day_of_mark, mark_of_day, read_past_day
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.choices import mark_of
from conversations.widgets.layout import arranged, begun

OPEN = "fc"  # what the button on the menu does
_WORDS = 200  # letters: as long as the national system lets a reason be


async def work_of(desk: Desk, child: Child) -> Work:
    """All of the child's that has not ended, read in our own name."""
    store, code = desk.store, child.id
    return Work(
        visits=await store.find(CLOCK, Visit, child=code, status=TO_DO),
        checkins=await store.find(CLOCK, CheckIn, child=code, status=ASKED),
        escalations=await store.find(CLOCK, Escalation, child=code, status=RUNNING),
        matters=await store.find(CLOCK, Matter, child=code, status=("open",)),
        referrals=await store.find(CLOCK, Referral, child=code, status=REFERRED),
        requests=await store.find(CLOCK, Request, child=code, status=WAITING),
    )


async def asked_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Why it is closed: what fits the child's age. Open alerts are shown instead, to be ended first."""
    child = await _to_close(turn, parts[0])
    if child is None:
        return
    work = await work_of(turn.desk, child)
    if await _blocked(turn, child, work, ends_matters=True):
        return
    fitting = reasons_for(child, turn.desk.policy, turn.today).items()
    buttons = [
        turn.button(begun(rule.label(turn.language)), "fcr", child.id, mark_of(k)) for k, rule in fitting
    ]
    text = turn.words("close.why", child=turn.desk.label(child))
    turn.tell("\n".join([text, *_ending(turn, work)]), [[button] for button in buttons])


def _ending(turn: Turn, work: Work) -> list[str]:
    """What the file takes along."""
    if not work.visits and not work.checkins:
        return []
    return [turn.words("close.ends", visits=len(work.visits), checkins=len(work.checkins))]


async def _blocked(turn: Turn, child: Child, work: Work, *, ends_matters: bool) -> bool:
    """Whether something must be ended first; it is said what, with the way to each."""
    first = work.first(ends_matters=ends_matters)
    if not first:
        return False
    lines = [turn.words("close.first", child=turn.desk.label(child))]
    rows: list[list[Button]] = []
    for e in first.escalations:
        what = turn.desk.policy.flag(e.flag).label(turn.language)
        label = turn.words("close.alert", number=e.number, what=what)
        rows.append([turn.button(label, "do", "alerts", e.number)])
    rows += matters.open_buttons(turn, first.matters)
    if first.referrals:
        rows += await referral_pages.buttons_of(turn, child, None)
    turn.expect()
    turn.tell("\n".join(lines), rows)
    return True


async def reason_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Since when."""
    found = await _with_reason(turn, parts)
    if found is None:
        return
    child, reason, rule = found
    if await _blocked(turn, child, await work_of(turn.desk, child), ends_matters=rule.ends_matters):
        return
    first = first_day(child, reason, turn.desk.policy, turn.today)
    days = [turn.today, turn.today - timedelta(days=1)]
    if rule.from_age and child.birth_date is not None:
        days = [first]  # the birthday
    buttons = [
        turn.button(turn.far_day(day), "fcd", child.id, parts[1], mark_of_day(day))
        for day in days
        if day >= first
    ]
    turn.expect("close_day", child.id, reason)
    text = turn.words("close.day", why=rule.label(turn.language))
    turn.tell(text, arranged(buttons))


async def day_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The day was typed."""
    day = read_past_day(text, turn.today)
    if day is None:
        turn.say("close.day_unclear")
    else:
        await _at_day(turn, parts[0], parts[1], day)


async def day_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The day was chosen."""
    found = await _with_reason(turn, parts)
    if found is not None:
        await _at_day(turn, parts[0], found[1], day_of_mark(parts[2]))


async def _at_day(turn: Turn, code: str, reason: str, day: date) -> None:
    """Words where the reason wants them, then all of it once more before it is done."""
    found = await _with_reason(turn, (code, mark_of(reason)))
    if found is None:
        return
    child, _, rule = found
    first = first_day(child, reason, turn.desk.policy, turn.today)
    if not first <= day <= turn.today:
        turn.pop("close.day_far", first=turn.far_day(first), last=turn.far_day(turn.today))
    elif rule.words:
        turn.expect("close_words", code, reason, day.isoformat())
        turn.say("close.words", why=rule.label(turn.language))
    else:
        await _summary(turn, child, reason, day, "")


async def words_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """What happened, in words."""
    found = await _with_reason(turn, (parts[0], mark_of(parts[1])))
    if found is not None:
        await _summary(turn, found[0], parts[1], date.fromisoformat(parts[2]), clean(text, _WORDS))


async def _summary(turn: Turn, child: Child, reason: str, day: date, words: str) -> None:
    policy = turn.desk.policy
    rule = policy.closing.reasons[reason]
    work = await work_of(turn.desk, child)
    if await _blocked(turn, child, work, ends_matters=rule.ends_matters):
        return
    why = rule.label(turn.language)
    lines = [turn.words("close.sure", child=turn.desk.label(child), why=why, day=turn.far_day(day))]
    lines += [turn.words("close.said", words=words)] if words else []
    lines += _ending(turn, work)
    count = len(work.matters) + len(work.referrals)
    lines += [turn.words("close.ends_matters", count=count)] if rule.ends_matters and count else []
    at_once = bool(roles_towards(turn.reader, child) & {*policy.closing.at_once})
    lines.append(turn.words("close.history" if at_once else "close.asks"))
    turn.expect("close_sure", child.id, reason, day.isoformat(), words)
    label = turn.words("close.do" if at_once else "close.ask")
    turn.tell("\n".join(lines), [[turn.button(label, "fcy", child.id, mark_of(reason), mark_of_day(day))]])


async def sure_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """It is closed, or the officer is asked; nothing where something must be ended first since then."""
    found = await _with_reason(turn, parts)
    if found is None:
        return
    (child, reason, rule), day = found, day_of_mark(parts[2])
    shown = turn.talk.expects[:4] == ("close_sure", child.id, reason, day.isoformat())
    words = turn.talk.expects[4] if shown and len(turn.talk.expects) > 4 else ""
    if rule.words and not words:
        turn.pop("stale.unknown")
        return
    turn.expect()
    if roles_towards(turn.reader, child) & {*turn.desk.policy.closing.at_once}:
        if await closed(turn, child, reason, day, words):
            turn.say("close.done", child=turn.desk.label(child))
        return
    await _proposed(turn, child, reason, day, words)


async def closed(
    turn: Turn, child: Child, reason: str, day: date, words: str, *, asked: Request | None = None
) -> bool:
    """Closes it, as it was ``asked``; False where something must be ended first, which is said."""
    work, policy = await work_of(turn.desk, child), turn.desk.policy
    if await _blocked(turn, child, work, ends_matters=policy.closing.reasons[reason].ends_matters):
        return False
    try:
        outcome = close_file(
            child, reason=reason, day=day, words=words, by=turn.person, work=work, policy=policy,
            circle=await turn.desk.store.circle(child, turn.now), now=turn.now, new_id=turn.desk.new_id,
            asked=asked,
        )  # fmt: skip
    except NotClosable:
        turn.pop("stale.unknown")
        return False
    turn.child = child.id
    turn.decide(outcome)
    return True


async def _proposed(turn: Turn, child: Child, reason: str, day: date, words: str) -> None:
    waiting = await turn.desk.store.find(turn.reader, Request, child=child.id, status=WAITING)
    if waiting:
        turn.pop("request.waits_already")
        return
    circle = await turn.desk.store.circle(child, turn.now)
    request = Request(
        id=turn.desk.new_id(), child=child.id, what="close", sender=turn.person.id, reason=reason, day=day,
        words=words, asked_at=turn.now, due=turn.today,
    )  # fmt: skip
    outcome = ask(request, circle=circle, policy=turn.desk.policy, now=turn.now)
    turn.decide(outcome)
    role = turn.desk.policy.roles["township_officer"].label(turn.language)
    turn.child = child.id
    undo = turn.button(turn.words("request.withdraw"), "qw", request.id)
    turn.tell(turn.words("close.asked", child=turn.desk.label(child), role=role), [[undo]])


async def _to_close(turn: Turn, code: str) -> Child | None:
    """The child whose file this person may close or propose to close; else it is said why not."""
    child, rules = await turn.child_of(code), turn.desk.policy.closing
    if child is None or child.status != "active":
        turn.pop("child.not_found")
        return None
    if not roles_towards(turn.reader, child) & {*rules.at_once, *rules.propose}:
        turn.pop("unknown.not_for_you")
        return None
    turn.child = child.id
    return child


async def _with_reason(turn: Turn, parts: tuple[str, ...]) -> tuple[Child, str, ClosingReason] | None:
    child = await _to_close(turn, parts[0])
    if child is None:
        return None
    fitting = reasons_for(child, turn.desk.policy, turn.today)
    reason = next((key for key in fitting if mark_of(key) == parts[1]), None)
    if reason is None:
        turn.pop("stale.unknown")
        return None
    return child, reason, fitting[reason]


def may_close(turn: Turn, child: Child) -> bool:
    """Whether this person may close the file, or propose to."""
    rules = turn.desk.policy.closing
    return child.status == "active" and bool(
        roles_towards(turn.reader, child) & {*rules.at_once, *rules.propose}
    )


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    OPEN: asked_tapped,
    "fcr": reason_tapped,
    "fcd": day_tapped,
    "fcy": sure_tapped,
}
LISTENERS: Mapping[str, Callable[[Turn, tuple[str, ...], str], Awaitable[None]]] = {
    "close_day": day_said,
    "close_words": words_said,
}
