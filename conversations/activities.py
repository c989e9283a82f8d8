"""Care activities in the chat: noting one, the places for children, what was held lately."""

from casework.access import CLOCK
from casework.activities import turnout, void_activity
from casework.records import Activity, Attendance, Place
from conversations import drafts, form_talk
from conversations.masks import clean
from conversations.shelf import ACTIVITY, PLACE
from conversations.turn import Turn

_LATELY = 8
_OFFICERS = frozenset({"township_officer", "county_officer"})


async def asked(turn: Turn, rest: str) -> None:
    """/activity: this year's figures of the person's own area, and what can be done."""
    held = await _held(turn)
    attended = await turn.desk.store.find(turn.reader, Attendance, status=("held",))
    count = turnout(held, attended, turn.today.replace(month=1, day=1), turn.today)
    text = turn.words("activity.none", day=turn.day(turn.today))
    if count.activities:
        text = turn.words(
        "activity.head", day=turn.day(turn.today), count=count.activities, times=count.person_times,
        distinct=count.distinct, others=count.others,
    )  # fmt: skip
    rows = [[turn.button(turn.words("activity.note"), "an")]]
    if held:
        rows.append([turn.button(turn.words("activity.lately"), "al")])
    if turn.roles & _OFFICERS:
        rows.append([turn.button(turn.words("activity.place"), "ap")])
    turn.tell(text, rows)


async def _held(turn: Turn) -> list[Activity]:
    """Those of the area in which the person works."""
    mine = {area.id for area in await drafts.areas_of(turn)}
    found = await turn.desk.store.find(turn.reader, Activity, status=("held",))
    return [activity for activity in found if activity.area in mine]


async def note_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The form for an activity."""
    turn.expect()
    await form_talk.open_form(turn, ACTIVITY, child=None)


async def place_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The form for a place."""
    turn.expect()
    await form_talk.open_form(turn, PLACE, child=None)


async def lately_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The last ones of the person's area; whoever noted one may take it back."""
    held = sorted(await _held(turn), key=lambda a: (a.day, a.noted_at), reverse=True)
    lines, rows = [], []
    for n, activity in enumerate(held[:_LATELY], 1):
        lines.append(f"{n}. {await _line(turn, activity)}")
        if activity.person == turn.person.id:
            rows.append([turn.button(turn.words("activity.void", number=n), "av", activity.id)])
    turn.tell("\n".join([turn.words("activity.lately_head"), *lines]), rows)


async def _line(turn: Turn, activity: Activity) -> str:
    place = await turn.desk.store.get(turn.reader, Place, activity.place) if activity.place else None
    return turn.words(
        "activity.line",
        day=turn.any_day(activity.day),
        what=clean(activity.said.get("kind", activity.sort), 40),
        where=clean(place.title if place is not None else activity.where, 40),
        count=activity.present + activity.others,
    )


async def void_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """It was noted by mistake."""
    activity = await turn.desk.store.get(turn.reader, Activity, parts[0])
    if activity is None or activity.person != turn.person.id or activity.status != "held":
        turn.pop("activity.gone")
        return
    attended = await turn.desk.store.find(CLOCK, Attendance, person=turn.person.id, status=("held",))
    turn.decide(void_activity(activity, attended, by=turn.person, now=turn.now))
    turn.say("activity.voided", what=await _line(turn, activity))
