"""A few figures of what the asker is responsible for. No ranking, no comparing of people."""

from datetime import timedelta

from casework.records import Child, Escalation, Visit
from casework.visits import TO_DO
from conversations import vacancies
from conversations.turn import Turn


async def asked(turn: Turn, rest: str) -> None:
    """/stats"""
    store, reader = turn.desk.store, turn.reader
    children = await store.count(reader, Child, status=("active",))
    alerts = await store.count(reader, Escalation, status=("open", "acknowledged"))
    todo = await store.find(reader, Visit, status=TO_DO)
    done = await store.find(reader, Visit, status=("done",))
    first = turn.today.replace(day=1)
    this_month = [v for v in done if v.closed_at is not None and turn.desk.today(v.closed_at) >= first]
    week = turn.today + timedelta(days=7)
    lines = [
        turn.words(
            "stats.text",
            day=turn.day(turn.today),
            children=children,
            visited=len({v.child for v in this_month}),
            visits=len(this_month),
            due=sum(1 for v in todo if v.pause is None and turn.today <= v.due <= week),
            late=sum(1 for v in todo if v.due < turn.today and not v.unknown),
            alerts=alerts,
        )
    ]
    unknown = sum(1 for v in todo if v.unknown)
    if unknown:
        lines.append(turn.words("stats.unknown", count=unknown))
    pauses = [v.pause for v in todo if v.pause is not None]
    if pauses:
        oldest = turn.any_day(min(pause.start for pause in pauses))
        lines.append(turn.words("stats.paused", count=len(pauses), oldest=oldest))
    vacant = await vacancies.open_ones(turn)
    if vacant:
        lines.append(turn.words("stats.vacant", count=len(vacant)))
    turn.tell("\n".join(lines))
