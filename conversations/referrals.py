"""What people do with referrals: a contact's 收到, 答复, 退回; closing or taking back by staff."""

import re
from collections.abc import Awaitable, Callable, Mapping

from casework.access import CLOCK
from casework.matters import Around, NotPossible, Report, take_step
from casework.outcome import Outcome
from casework.records import Child, Matter, Referral
from casework.referrals import (
    OPEN,
    WITH_CONTACT,
    acknowledge_referral,
    answer_referral,
    close_referral,
    return_referral,
    step_of,
)
from conversations.masks import clean
from conversations.referral_pages import waiting
from conversations.referral_text import (
    brief,
    is_contact,
    label_of,
)
from conversations.referring import follow_referrals, may_close, referral_around
from conversations.turn import Turn
from conversations.widgets.choices import mark_of

_LONGEST_WORDS = 300
_TWIN = re.compile(r"(收到|答复|退回|ack(?:nowledge)?|answer|return)(?:\s*#?(\d{1,9}))?", re.IGNORECASE)
Decision = Callable[[Referral, Around], Outcome]


async def heard(turn: Turn, text: str, *, bare: bool) -> bool:
    """A contact's twins of the buttons: 收到, 收到 5, 答复 5, 退回 5. ``bare``: also without a number."""
    match = _TWIN.fullmatch(text.strip().rstrip("。.!！"))
    if match is None or not (match[2] or bare) or not turn.reader.contacts or turn.reader.is_staff:
        return False
    r = await _meant(turn, int(match[2]) if match[2] else None)
    if r is None:
        return True
    turn.expect()
    await _DEEDS[match[1].lower()](turn, (r.id,))
    return True


async def _meant(turn: Turn, number: int | None) -> Referral | None:
    """Which one is meant; where that is not clear, it is asked."""
    if number is not None:
        r = await turn.desk.store.referral_by_number(turn.reader, number)
        if r is None:
            turn.say("referrals.no_such")
        return r
    found = await waiting(turn)
    if len(found) == 1:
        return found[0]
    lines = [brief(turn.desk, r, await label_of(turn.desk, r), turn.language) for r in found[:30]]
    turn.tell("\n".join([turn.words("referrals.which" if found else "referrals.none"), *lines]))
    return None


async def _mine(turn: Turn, id: str) -> Referral | None:
    """The referral, where this contact has still to deal with it; else it is said why not."""
    r = await turn.desk.store.get(turn.reader, Referral, id)
    if r is None or not is_contact(r, turn.reader.contacts):
        turn.pop("referrals.no_such")
        return None
    turn.child = r.child
    if r.status not in WITH_CONTACT:
        turn.pop(f"referrals.was_{r.status}", alarm=True, number=r.number)
        return None
    return r


async def _decided(turn: Turn, r: Referral, decide: Decision) -> bool:
    """Whether it could be done; the step of the matter that an answer stands for is taken with it."""
    child = await turn.desk.store.get(CLOCK, Child, r.child or "")
    if child is None:
        return False
    around = await referral_around(turn.desk, child)
    try:
        outcome = decide(r, around)
    except NotPossible:
        return False
    (after,) = (one for one in outcome.records if isinstance(one, Referral))
    outcome += await _step(turn, after, around)
    turn.decide(outcome)
    return True


async def _step(turn: Turn, r: Referral, around: Around) -> Outcome:
    """Nothing where the matter has gone another way: the answer itself is kept in any case."""
    step = step_of(r, around)
    m = await turn.desk.store.get(CLOCK, Matter, r.matter) if step and r.matter else None
    if m is None:
        return Outcome()
    words = r.story[-1].words
    try:
        taken = take_step(m, step, Report(words=words), by=turn.person.id, around=around)
    except NotPossible:
        return Outcome()
    return taken + await follow_referrals(turn, taken, around.child, but=r.id)


async def acknowledge_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """收到."""
    r = await _mine(turn, parts[0])
    if r is None:
        return
    if r.status == "acknowledged":
        turn.pop("referrals.known", number=r.number)
        return
    by = turn.person.id
    if await _decided(turn, r, lambda r, around: acknowledge_referral(r, by=by, around=around)):
        turn.say("referrals.acknowledged", number=r.number)


async def answer_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """答复: which of the answers."""
    r = await _mine(turn, parts[0])
    rule = turn.desk.policy.referrals.get(r.purpose) if r is not None else None
    if r is None or rule is None:
        return
    rows = [
        [turn.button(answer.label(turn.language), "rd", r.id, mark_of(key))]
        for key, answer in rule.answers.items()
    ]
    head = brief(turn.desk, r, await label_of(turn.desk, r), turn.language)
    turn.tell(turn.words("referrals.which_answer", what=head), rows)


async def answer_chosen(turn: Turn, parts: tuple[str, ...]) -> None:
    """The answer; a few words may go with it."""
    if await _mine(turn, parts[0]) is None:
        return
    turn.expect("referral_words", *parts)
    turn.tell(turn.words("referrals.words"), [[turn.button(turn.words("form.skip"), "rn", *parts)]])


async def no_words_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The answer without any words."""
    await words_said(turn, parts, "")


async def words_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The answer with the words that were typed."""
    turn.expect()
    r = await _mine(turn, parts[0])
    rule = turn.desk.policy.referrals.get(r.purpose) if r is not None else None
    if r is None:
        return
    answer = next((key for key in (rule.answers if rule else ()) if mark_of(key) == parts[1]), "")
    by, words = turn.person.id, clean(text, _LONGEST_WORDS)
    if await _decided(turn, r, lambda r, around: answer_referral(r, answer, words, by=by, around=around)):
        turn.say("referrals.answered", number=r.number)
    else:
        turn.pop("stale.unknown")


async def return_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """退回: why."""
    if await _mine(turn, parts[0]) is not None:
        turn.expect("referral_return", parts[0])
        turn.say("referrals.why_return")


async def return_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """Given back, with the reason that was typed."""
    turn.expect()
    r = await _mine(turn, parts[0])
    by, words = turn.person.id, clean(text, _LONGEST_WORDS)
    if r is not None and await _decided(
        turn, r, lambda r, around: return_referral(r, words, by=by, around=around)
    ):
        turn.say("referrals.returned", number=r.number)


async def close_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """办结 or 撤回, by its sender or another who might have sent it."""
    r = await turn.desk.store.get(turn.reader, Referral, parts[0])
    child = await turn.child_of(r.child) if r is not None else None
    if r is None or child is None or not await may_close(turn, r):
        turn.pop("referrals.no_such")
        return
    if r.status not in OPEN:
        turn.pop("referrals.was_closed", alarm=True, number=r.number)
        return
    turn.child = child.id
    reason = "taken_back" if r.status in WITH_CONTACT else "done"
    around = await referral_around(turn.desk, child)
    turn.decide(close_referral(r, by=turn.person.id, reason=reason, around=around))
    turn.say(f"referrals.closed_{reason}", number=r.number)


_DEEDS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "收到": acknowledge_tapped,
    "ack": acknowledge_tapped,
    "acknowledge": acknowledge_tapped,
    "答复": answer_tapped,
    "answer": answer_tapped,
    "退回": return_tapped,
    "return": return_tapped,
}
