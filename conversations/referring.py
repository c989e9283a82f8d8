"""Referrals that are sent: by a step of a matter, or straight for a child; and closed when a matter ends."""

from dataclasses import replace
from datetime import datetime

from casework.access import CLOCK
from casework.contacts import contact_for, contacts_around
from casework.matters import Around
from casework.outcome import Outcome
from casework.policy_referrals import ReferralRule
from casework.records import Area, Child, Circle, Escalation, Matter, Person, Referral
from casework.referral_fields import snapshot
from casework.referrals import OPEN, WITH_CONTACT, Sending, close_referral, send_referral
from conversations.desk import Desk
from conversations.masks import clean
from conversations.referral_text import department_label, names_of, sent_lines, sent_rows
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.choices import mark_of

GOING_UP = ("open", "acknowledged")
_LONGEST_WORDS = 300


async def follow_referrals(turn: Turn, outcome: Outcome, child: Child, *, but: str = "") -> Outcome:
    """What the steps of ``outcome`` bring about: referrals that they send, and the end of those not needed.

    ``but``: the referral whose answer took the step; its sender still closes it.
    """
    more = Outcome()
    for m in outcome.records:
        if not isinstance(m, Matter):
            continue
        rule = turn.desk.policy.matter(m.sort)
        steps = rule.steps if rule is not None else {}
        kept = await turn.desk.store.get(CLOCK, Matter, m.id)
        for taken in m.story[len(kept.story) if kept is not None else 0 :]:
            purpose = steps[taken.step].refers if taken.step in steps else ""
            if purpose in turn.desk.policy.referrals:
                more += await _sent(turn, purpose, child, matter=m, words=taken.words)
        if m.status == "closed":
            more += await _not_needed(turn, m, child, but)
    return more


async def _sent(
    turn: Turn, purpose: str, child: Child, *, matter: Matter | None = None, words: str = ""
) -> Outcome:
    around = await referral_around(turn.desk, child)
    fields = await _fields(turn, turn.desk.policy.referrals[purpose], child, matter, around.circle)
    contacts = await turn.desk.store.contacts(child, turn.now)
    what = Sending(
        purpose=purpose, fields=fields, matter=matter.id if matter else None, words=words, contacts=contacts
    )
    return send_referral(what, by=turn.person, around=around)


async def _fields(
    turn: Turn, rule: ReferralRule, child: Child, matter: Matter | None, circle: Circle
) -> dict[str, str]:
    place = await _place(turn.desk, child)
    return snapshot(
        rule, child=child, place=place, worker=circle.worker, sender=turn.person, matter=matter,
        policy=turn.desk.policy,
    )  # fmt: skip


async def _place(desk: Desk, child: Child) -> str:
    areas = [await desk.store.get(CLOCK, Area, code) for code in (child.township, child.village)]
    return "".join(area.name for area in areas if area is not None)


async def _not_needed(turn: Turn, m: Matter, child: Child, but: str) -> Outcome:
    """The matter has ended: nobody waits for the department any more."""
    found = await turn.desk.store.find(CLOCK, Referral, child=child.id, status=OPEN)
    around, outcome = await referral_around(turn.desk, child), Outcome()
    for r in found:
        if r.matter == m.id and r.id != but:
            outcome += close_referral(r, by=turn.person.id, reason="matter_closed", around=around)
    return outcome


async def referral_around(desk: Desk, child: Child) -> Around:
    """What decisions about the child's referrals look at, read in our own name."""
    now = desk.clock()
    return Around(
        child=child,
        circle=await desk.store.circle(child, now),
        policy=desk.policy,
        now=now,
        new_id=desk.new_id,
        escalations=await desk.store.find(CLOCK, Escalation, child=child.id, status=GOING_UP),
    )


async def waiting_for(desk: Desk, person: Person, now: datetime) -> Outcome:
    """Somebody has joined: the clock looks at once at what there was no contact for, if it may be his."""
    if not person.department:
        return Outcome()
    found = await desk.store.find(CLOCK, Referral, status=WITH_CONTACT)
    theirs = []
    for r in found:
        child = await desk.store.get(CLOCK, Child, r.child or "") if r.person is None else None
        known = {person.id: replace(person, status="joined")}
        is_near = child is not None and contacts_around(child, [person.id], known, desk.today(now))
        if is_near and r.department == person.department:
            theirs.append(replace(r, wake_at=now))
    return Outcome(records=tuple(theirs))


async def may_close(turn: Turn, r: Referral) -> bool:
    """Its sender, and whoever might have sent it, as far as the child is theirs."""
    if await turn.child_of(r.child) is None:
        return False
    rule = turn.desk.policy.referrals.get(r.purpose)
    return turn.person.id == r.sender or bool(rule is None or turn.roles & set(rule.by))


def new_rows(turn: Turn, child: Child) -> list[list[Button]]:
    """What this person may refer the child for without any matter."""
    desk, language = turn.desk, turn.language
    return [
        [
            turn.button(
                turn.words(
                    "referral.new", what=rule.label(language),
                    department=department_label(desk, rule.department, language),
                ),
                "rf", child.id, mark_of(purpose),
            )
        ]
        for purpose, rule in desk.policy.referrals.items()
        if rule.direct and turn.roles & set(rule.by)
    ]  # fmt: skip


async def new_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A purpose was chosen: to whom which fields would go, and a word with them."""
    found = await _possible(turn, parts)
    if found is None:
        return
    child, _, rule = found
    turn.child = child.id
    turn.expect("referral_send", *parts)
    turn.tell(
        "\n".join([await preview(turn, rule, child), turn.words("referral.words_or_send")]),
        [[turn.button(turn.words("referral.send"), "rg", *parts)]],
    )


async def preview(turn: Turn, rule: ReferralRule, child: Child, matter: Matter | None = None) -> str:
    """Who would be told what of the child, and on which basis."""
    contact = contact_for(rule.department, await turn.desk.store.contacts(child, turn.now))
    circle = await turn.desk.store.circle(child, turn.now)
    fields = await _fields(turn, rule, child, matter, circle)
    who = clean(contact.acting.name, 30) if contact is not None else turn.words("referral.no_contact")
    return turn.words(
        "referral.preview", child=turn.desk.label(child), what=rule.label(turn.language),
        department=department_label(turn.desk, rule.department, turn.language), who=who,
        fields=names_of(turn.desk, fields, turn.language), basis=rule.basis,
    )  # fmt: skip


async def send_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Sent without a word."""
    await send_said(turn, parts, "")


async def send_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """Sent with the words that were typed."""
    turn.expect()
    found = await _possible(turn, parts)
    if found is None:
        return
    child, purpose, _ = found
    outcome = await _sent(turn, purpose, child, words=clean(text, _LONGEST_WORDS))
    turn.child = child.id
    turn.decide(outcome)
    lines = sent_lines(turn.desk, outcome, child, turn.language)
    turn.tell("\n".join(lines), sent_rows(turn.desk, outcome, turn.person))


async def _possible(turn: Turn, parts: tuple[str, ...]) -> tuple[Child, str, ReferralRule] | None:
    """The child and the purpose, where this person may refer it for that; else it is said why not."""
    child = await turn.child_of(parts[0])
    purpose = next((key for key in turn.desk.policy.referrals if mark_of(key) == parts[1]), "")
    rule = turn.desk.policy.referrals.get(purpose)
    if child is None or child.status != "active" or rule is None or not turn.roles & set(rule.by):
        turn.pop("child.not_found")
        return None
    open_ones = await turn.desk.store.find(turn.reader, Referral, child=child.id, status=OPEN)
    if any(r.purpose == purpose for r in open_ones):
        turn.pop("referral.is_open", alarm=True)
        return None
    return child, purpose, rule
