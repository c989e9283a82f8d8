"""An alert in words: which child, what, since when, what was done, whom to call; and its buttons."""

from collections.abc import Mapping
from datetime import date, datetime

from casework.access import CLOCK
from casework.closing import wants_police, wants_receipt
from casework.ladder import OPEN
from casework.records import Child, Deed, Escalation, Person, Submission
from conversations.dates import say_day, say_moment
from conversations.desk import Desk
from conversations.masks import clean, fact
from conversations.said import Button

_ANSWERS = 40  # so many answers of the report are shown
_DEEDS = 4
_NAMING = ("escalation_handed_over", "escalation_moved", "escalation_returned")  # whose note is a person
_URGENT: Mapping[str, str] = {"now": "🔴", "today": "🟠", "days": "🟡", "note": "🔵"}
_PLAIN_FACTS = (
    "form",
    "at",
    "due",
    "purpose",
    "days_late",
    "reason",
    "put_off",
    "tries",
    "police",
    "matter",
    "state",
    "deadline",
    "referral",
    "department",
)


async def alert_text(
    desk: Desk, e: Escalation, child: Child, to: Person, *, short: bool = False, deeds: bool = True
) -> tuple[str, str]:
    """The alert for one person, and the line of it that is set in bold.

    ``short``: without the report; ``deeds``: with what was done lately.
    """
    language = to.language
    head = brief(desk, e, language)
    lines = [head, desk.words.say(language, "alert.child", child=desk.label(child))]
    if e.urgency == "now":
        lines.append(desk.words.say(language, "alert.now"))
    if wants_police(e, desk.policy):
        lines.append(desk.words.say(language, "alert.no_police"))
    lines.append(desk.words.say(language, "alert.since", at=say_moment(e.opened_at, language, desk.policy)))
    lines += _facts(desk, e, language)
    lines += _rest(desk, e, language)
    for other in await spoken_for(desk, e):
        lines += [desk.words.say(language, "alert.as_well"), brief(desk, other, language)]
        lines += _facts(desk, other, language)
    if desk.policy.privacy.answers_in_alerts and not short:
        lines += await answers(desk, e, language)
    lines += [line for _, line in (await deed_lines(desk, e, language))[-_DEEDS:]] if deeds else []
    lines += await _calls(desk, e, child, to)
    return "\n".join(lines), head


async def spoken_for(desk: Desk, e: Escalation) -> list[Escalation]:
    """The child's smaller ones that this one's messages name as well."""
    found = await desk.store.find(CLOCK, Escalation, child=e.child, status=OPEN)
    return [other for other in found if other.under == e.id]


def brief(desk: Desk, e: Escalation, language: str, *, child: str = "") -> str:
    """🟠 预警 12: 可能不上学了 (3001); or with how the ``child`` is called."""
    what = desk.policy.flag(e.flag).label(language)
    line = desk.words.say(language, "alert.head", number=e.number, what=what, child=child or e.child or "")
    return f"{_URGENT[e.urgency]} {line}"


def _rest(desk: Desk, e: Escalation, language: str) -> list[str]:
    if e.rests_until is None:
        return []
    day = say_day(desk.today(e.rests_until), language)
    return [desk.words.say(language, "alert.rests", day=day, note=clean(resting(e).note, 100))]


def resting(e: Escalation) -> Deed:
    """The deed by which it was put to rest last; an empty one where it never was."""
    rests = (deed for deed in reversed(e.story) if deed.name == "escalation_rested")
    return next(rests, Deed(at=e.opened_at, name="escalation_rested"))


def _facts(desk: Desk, e: Escalation, language: str) -> list[str]:
    lines = []
    if "due" in e.facts:
        due = date.fromisoformat(e.facts["due"])
        lines.append(desk.words.say(language, "alert.due", day=say_day(due, language)))
    rule = desk.policy.matter(e.facts.get("matter", ""))
    if rule is not None:
        state = rule.states.get(e.facts.get("state", ""))
        now_at = state.label(language) if state is not None else ""
        day = e.facts.get("deadline")
        at = say_day(date.fromisoformat(day), language) if day else ""
        key = "alert.matter_late" if at else "alert.matter"
        lines.append(desk.words.say(language, key, what=rule.label(language), state=now_at, day=at))
    put_off = desk.policy.visits.reschedule.reasons.get(e.facts.get("put_off", ""))
    if put_off is not None:
        lines.append(desk.words.say(language, "alert.put_off", reason=put_off.label(language)))
    lines += _referral_fact(desk, e, language)
    reason = desk.policy.visits.reasons.get(e.facts.get("reason", ""))
    if reason is not None:
        lines.append(
            desk.words.say(
                language, "alert.reason", reason=reason.label(language), tries=e.facts.get("tries", "1")
            )
        )
    return lines + [
        _said_fact(desk, name, value, language) for name, value in e.facts.items() if name not in _PLAIN_FACTS
    ]


def _referral_fact(desk: Desk, e: Escalation, language: str) -> list[str]:
    """Which department has not answered what, and by when it should have."""
    rule = desk.policy.referrals.get(e.facts.get("purpose", "")) if "referral" in e.facts else None
    department = desk.policy.departments.get(e.facts.get("department", ""))
    if rule is None or department is None:
        return []
    day = say_day(date.fromisoformat(e.facts["deadline"]), language)
    return [
        desk.words.say(
            language, "alert.referral", number=e.facts["referral"], what=rule.label(language),
            department=department.label(language), day=day,
        )
    ]  # fmt: skip


def _said_fact(desk: Desk, name: str, value: str, language: str) -> str:
    """A fact that the form's author chose; common ones have words of their own, days are said as days."""
    try:
        value = say_day(date.fromisoformat(value), language)
    except ValueError:
        value = clean(value, 200)
    key = f"fact.{name}"
    return "· " + (desk.words.say(language, key, value=value) if desk.words.has(key) else value)


async def answers(desk: Desk, e: Escalation, language: str) -> list[str]:
    """What was answered in the report, in the words of whoever reported it."""
    source = await desk.store.get(CLOCK, Submission, e.source) if e.source else None
    if source is None:
        return []
    return [f"· {answer(desk, language, label, text)}" for label, text in source.lines[:_ANSWERS]]


def answer(desk: Desk, language: str, label: str, text: str) -> str:
    """A question and its answer in one line."""
    asked = clean(label, 72).rstrip("？?：:。.")
    return desk.words.say(language, "answer.line", label=asked, text=clean(text, 120))


async def deed_lines(desk: Desk, e: Escalation, language: str) -> list[tuple[datetime, str]]:
    """What was done since, with its moment. Whoever reported a danger is named to nobody."""
    lines = []
    for deed in e.story[1:]:
        key = f"deed.{deed.name}"
        if desk.words.has(key):
            who = await _doer(desk, e, deed, language)
            named = deed.name in _NAMING
            note = await name_of(desk, deed.note, language) if named else clean(deed.note, 100)
            at = say_moment(deed.at, language, desk.policy)
            day = say_day(desk.today(deed.until), language) if deed.until is not None else ""
            lines.append((deed.at, desk.words.say(language, key, at=at, who=who, note=note, day=day)))
    return lines


async def _doer(desk: Desk, e: Escalation, deed: Deed, language: str) -> str:
    reported = deed.name in ("flag_raised", "police_called") and deed.by == e.author
    if reported and desk.policy.flag(e.flag).secret_reporter:
        return desk.words.say(language, "reporter")
    if deed.by is None and deed.name == "flag_raised":
        return desk.words.say(language, "the_clock")
    return await name_of(desk, deed.by, language)


async def name_of(desk: Desk, person: str | None, language: str) -> str:
    """A colleague's name; somebody, where nobody knows."""
    known = await desk.store.person(person) if person else None
    return clean(known.name, 30) if known is not None else desk.words.say(language, "somebody")


async def _calls(desk: Desk, e: Escalation, child: Child, to: Person) -> list[str]:
    """Whom to call: hotlines where it can't wait, the worker, the family."""
    say, language = desk.words.say, to.language
    lines = []
    if e.urgency == "now":
        for name in desk.policy.flag(e.flag).hotlines:
            line = desk.policy.hotlines[name]
            lines.append("☎️ " + say(language, "hotline", number=line.number, who=line.label(language)))
    worker = await worker_call(desk, child, to)
    lines += [worker] if worker is not None else []
    phone = fact(child, "guardian_phone")
    if phone and desk.policy.privacy.guardian_phone:
        relation = fact(child, "guardian_relation") or desk.policy.roles["guardian"].label(language)
        lines.append(say(language, "alert.call", who=relation, phone=clean(phone, 30)))
    return lines


async def worker_call(desk: Desk, child: Child, to: Person) -> str | None:
    """☎️ 王主任（儿童主任）：138…; None where there is no worker, or it is the reader."""
    worker = await desk.store.person(child.worker) if child.worker else None
    if worker is None or worker.id == to.id:
        return None
    role = desk.policy.roles["village_worker"].label(to.language)
    who = desk.words.say(to.language, "who.role", name=clean(worker.name, 30), role=role)
    return desk.words.say(to.language, "alert.call", who=who, phone=clean(worker.phone, 30) or "–")


def _is_officer(person: Person) -> bool:
    return any(post.role in ("township_officer", "county_officer") for post in person.posts)


def deeds_of(e: Escalation, to: Person, *, taken: bool = False) -> list[tuple[str, str]]:
    """What may be done about it, as (label, action): 收到 办结 转交, and 退回 or 先等等 where that is so.

    ``taken``: ``to`` has just taken it on.
    """
    offered = [("alert.resolve", "res"), ("alert.hand_over", "ho")]
    if e.status == "open" and not taken:
        offered.insert(0, ("alert.acknowledge", "ack"))
        offered += [("alert.decline", "dec")] if e.person == to.id else []
    holds = taken or (e.status == "acknowledged" and e.person == to.id)
    if holds and e.urgency != "now" and e.rests < e.clock.get("rests", 0) and _is_officer(to):
        offered.append(("alert.rest", "wt"))
    return offered


def alert_buttons(
    desk: Desk, e: Escalation, to: Person, *, taken: bool = False
) -> tuple[tuple[Button, ...], ...]:
    """What may be done, and the name by a pop-up. ``taken``: ``to`` has just taken it on."""

    def button(key: str, action: str, part: str) -> Button:
        return Button(label=desk.words.say(to.language, key), token=desk.token(to.id, action, part))

    first = [button(key, action, e.id) for key, action in deeds_of(e, to, taken=taken)]
    second = [button("child.reveal", "rv", e.child)] if desk.policy.privacy.reveal and e.child else []
    if e.facts.get("form") and not desk.policy.privacy.answers_in_alerts:
        second.append(button("alert.answers", "ans", e.id))
    if e.facts.get("matter") and e.source:
        second.append(button("matter.open", "m", e.source))
    if "put_off" in e.facts and e.child:
        second.append(button("move.button", "mc", e.child))
    if wants_receipt(e, desk.policy):
        second.append(button("police.called", "pol", e.id))
    return tuple(tuple(row) for row in (first, second) if row)
