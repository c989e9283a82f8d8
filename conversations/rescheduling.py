"""改期: a visit is put off before its day has passed: which day, why, and done; or the officer is asked."""

from datetime import date, timedelta

from casework.access import CLOCK
from casework.records import Child, Escalation, Visit
from casework.rescheduling import ask_officer, is_movable, is_worn_out, latest_day, reschedule_visit
from conversations.dates import day_of_mark, mark_of_day, read_coming_day
from conversations.duties import by_home, due_label, own_duties
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.layout import arranged

_DAYS = 7  # so many days stand on buttons; any other is typed
_AT_ONCE = 10
_AHEAD = timedelta(days=7)
OPEN = ("open", "acknowledged")


async def which_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Which visit is to be put off, where there are several."""
    todo = await own_duties(turn.desk, turn.reader, turn.today)
    soon = [d for d in todo if is_movable(d.visit, turn.today) and d.visit.due <= turn.today + _AHEAD]
    if not soon:
        turn.pop("move.none")
    elif len(soon) == 1:
        await days_tapped(turn, (soon[0].visit.id,))
    else:
        rows = [
            [turn.button(due_label(turn.desk, due, turn.language, turn.today), "mv", due.visit.id)]
            for due in by_home(soon)[:_AT_ONCE]
        ]
        turn.tell(turn.words("move.which"), rows)


async def days_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """To which day: a button each, or typed. Who may not decide alone is offered to ask."""
    found = await _movable(turn, parts[0])
    if found is None:
        return
    visit, child = found
    officer = _is_officer(turn, child)
    if not officer and is_worn_out(visit, child, turn.desk.policy):
        label = turn.words("move.ask_officer", role=_officer_label(turn))
        turn.tell(
            turn.words("move.worn_out", child=turn.desk.label(child), count=visit.reschedules),
            [[turn.button(label, "mq", visit.id)]],
        )
        return
    last = latest_day(visit, child, turn.desk.policy, officer=officer)
    turn.expect("move", visit.id)
    ask = [] if officer else [[turn.button(turn.words("move.further"), "mq", visit.id)]]
    turn.tell(
        turn.words("move.day", child=turn.desk.label(child), due=turn.day(visit.due), last=turn.day(last)),
        [*_day_rows(turn, visit, last), *ask],
    )


def _day_rows(turn: Turn, visit: Visit, last: date) -> list[list[Button]]:
    first = max(turn.today, visit.due) + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)][:_DAYS]
    return arranged([turn.button(turn.day(day), "mvd", visit.id, mark_of_day(day)) for day in days])


async def day_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The day was typed."""
    day = read_coming_day(text, turn.today)
    if day is None:
        turn.say("move.unclear")
    else:
        await _why(turn, parts[0], day)


async def day_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The day was chosen: now why."""
    await _why(turn, parts[0], day_of_mark(parts[1]))


async def _why(turn: Turn, visit_id: str, day: date) -> None:
    found = await _movable(turn, visit_id)
    if found is None:
        return
    visit, child = found
    last = latest_day(visit, child, turn.desk.policy, officer=_is_officer(turn, child))
    if not turn.today <= day <= last or day == visit.due:
        turn.pop("move.too_far", last=turn.day(last))
        return
    turn.expect()
    rows = arranged(_reasons(turn, "mr", visit.id, mark_of_day(day)))
    turn.tell(turn.words("move.why", child=turn.desk.label(child), day=turn.day(day)), rows)


def _reasons(turn: Turn, action: str, *parts: str) -> list[Button]:
    reasons = turn.desk.policy.visits.reschedule.reasons
    return [turn.button(rule.label(turn.language), action, *parts, key) for key, rule in reasons.items()]


async def reason_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The reason was chosen: the visit has its new day."""
    found = await _movable(turn, parts[0])
    day, rules = day_of_mark(parts[1]), turn.desk.policy.visits.reschedule
    if found is None or parts[2] not in rules.reasons:
        return
    visit, child = found
    officer = _is_officer(turn, child)
    last = latest_day(visit, child, turn.desk.policy, officer=officer)
    worn_out = not officer and is_worn_out(visit, child, turn.desk.policy)
    if day == visit.due or not turn.today <= day <= last or worn_out:
        turn.pop("stale.unknown")
        return
    turn.decide(
        reschedule_visit(
            visit, to=day, reason=parts[2], by=turn.person.id, officer=officer, child=child,
            circle=await turn.desk.store.circle(child, turn.now), policy=turn.desk.policy, now=turn.now,
            open_escalations=await _open(turn, child),
        )
    )  # fmt: skip
    reason = rules.reasons[parts[2]].label(turn.language)
    turn.say("move.done", child=turn.desk.label(child), day=turn.day(day), reason=reason)


async def ask_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The officer is to be asked: why?"""
    found = await _movable(turn, parts[0])
    if found is not None:
        turn.expect()
        turn.tell(turn.words("move.ask_why"), arranged(_reasons(turn, "mk", found[0].id)))


async def asked_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The officer is asked; until he has decided the day stands."""
    found = await _movable(turn, parts[0])
    if found is None or parts[1] not in turn.desk.policy.visits.reschedule.reasons:
        return
    visit, child = found
    turn.decide(
        ask_officer(
            visit, reason=parts[1], by=turn.person.id, child=child,
            circle=await turn.desk.store.circle(child, turn.now), policy=turn.desk.policy, now=turn.now,
            new_id=turn.desk.new_id, open_escalations=await _open(turn, child),
        )
    )  # fmt: skip
    turn.say("move.asked", role=_officer_label(turn), day=turn.day(visit.due))


async def child_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """From the child's page: the visit that is due first."""
    child = await turn.child_of(parts[0])
    found = (
        await turn.desk.store.find(turn.reader, Visit, child=parts[0], status=("planned",)) if child else []
    )
    first = min((v for v in found if is_movable(v, turn.today)), key=lambda v: v.due, default=None)
    if first is None:
        turn.pop("child.not_found" if child is None else "move.too_late")
    else:
        await days_tapped(turn, (first.id,))


async def _movable(turn: Turn, visit_id: str) -> tuple[Visit, Child] | None:
    """The visit and its child, if this person may put it off; else it is said why not."""
    visit = await turn.desk.store.get(turn.reader, Visit, visit_id)
    child = await turn.child_of(visit.child) if visit is not None else None
    if visit is None or child is None or child.status != "active":
        turn.pop("child.not_found")
        return None
    if not is_movable(visit, turn.today):
        turn.pop("move.too_late" if visit.status in ("planned", "overdue", "missed") else "stale.visit")
        return None
    turn.child = child.id
    return visit, child


async def _open(turn: Turn, child: Child) -> list[Escalation]:
    return await turn.desk.store.find(CLOCK, Escalation, child=child.id, status=OPEN)


def _is_officer(turn: Turn, child: Child) -> bool:
    return child.township in turn.reader.townships or child.county in turn.reader.counties


def _officer_label(turn: Turn) -> str:
    return turn.desk.policy.roles["township_officer"].label(turn.language)
