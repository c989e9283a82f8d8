"""Families: the worker's invitation, the short check-in, and leaving by one tap."""

from casework.access import CLOCK
from casework.checkins import stop_checkins
from casework.facts import fact_of
from casework.invites import make_invite
from casework.records import CheckIn, Child, Invite, Person, Post
from conversations import form_talk
from conversations.masks import clean
from conversations.turn import Turn

_YES = ("是", "是的", "确定", "退出", "对", "yes", "y", "leave")
WAITING = ("asked", "unanswered")


async def invite_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The worker asks for a code to pass on to a family. The family's earlier unused codes lapse."""
    child = await turn.child_of(parts[0])
    if child is None or child.worker not in turn.reader.workers or child.status != "active":
        turn.pop("child.not_found")
        return
    desk = turn.desk
    turn.child = child.id
    former = await desk.store.find(CLOCK, Invite, child=child.id, status=("open",))
    guardian = await _invited(turn, former)
    if guardian is None:
        guardian = Person(
            id=f"g-{desk.new_id()}",
            name=clean(fact_of(child, "guardian_name"), 60) or desk.words.say("zh_Hans", "guardian.unnamed"),
            posts=(Post(role="guardian", area=child.village),),
            phone=fact_of(child, "guardian_phone"),
        )
        turn.keep(guardian)
    code = desk.new_code(desk.policy.invites.code_length)
    turn.decide(
        make_invite(
            guardian.id, digest=desk.store.code_digest(code), inviter=turn.person.id, child=child,
            policy=desk.policy, now=turn.now, new_id=desk.new_id, former=former,
        )
    )  # fmt: skip
    turn.tell(turn.words("invite.made", child=desk.label(child), days=desk.policy.invites.hours_valid // 24))
    link = f"\nhttps://t.me/{desk.bot_name}?start={code}" if desk.bot_name else ""
    turn.tell(turn.words("invite.pass_on", code=code) + link, protect=False)


async def _invited(turn: Turn, former: list[Invite]) -> Person | None:
    """The guardian who was invited for this child before and has not joined."""
    for invite in former:
        person = await turn.desk.store.person(invite.person or "")
        if (
            person is not None
            and person.status == "invited"
            and all(p.role == "guardian" for p in person.posts)
        ):
            return person
    return None


async def checkin_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The prompt's button: the three questions."""
    checkin = await turn.desk.store.get(turn.reader, CheckIn, parts[0])
    if checkin is None or checkin.status not in WAITING:
        turn.pop("stale.checkin")
        return
    await _begin(turn, checkin)


async def _begin(turn: Turn, checkin: CheckIn) -> None:
    child = await turn.desk.store.get(CLOCK, Child, checkin.child or "")
    if child is None or child.status != "active" or child.id not in turn.person.cares_for:
        turn.pop("stale.checkin")
        return
    await form_talk.open_form(turn, turn.desk.policy.checkins.form, child=child, checkin=checkin.id)


async def heard(turn: Turn, text: str) -> bool:
    """Whatever a family writes while a check-in waits begins it; False where none waits."""
    if not turn.person.cares_for:
        return False
    waiting = await turn.desk.store.find(turn.reader, CheckIn, person=turn.person.id, status=WAITING)
    if waiting:
        await _begin(turn, max(waiting, key=lambda c: c.due))
        return True
    if not turn.reader.is_staff:
        turn.say("guardian.free_text")
        return True
    return False


async def leave_asked(turn: Turn) -> None:
    """退出: made sure by one tap."""
    turn.expect("gone")
    turn.tell(turn.words("guardian.leave_sure"), [[turn.button(turn.words("guardian.leave_yes"), "gx")]])


async def leave_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The button under every prompt."""
    await leave_asked(turn)


async def leave_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """What was typed when asked: yes, or anything else, which means to stay."""
    turn.expect()
    if text.strip().lower().rstrip("。.!！") in _YES:
        await leave_sure_tapped(turn, parts)
    elif not await heard(turn, text):
        turn.say("guardian.stays")


async def leave_sure_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The family leaves: nothing more is asked, and the bond with the child is loosed."""
    turn.expect()
    turn.at_draft(None)
    checkins = await turn.desk.store.find(
        turn.reader, CheckIn, person=turn.person.id, status=("planned", "asked")
    )
    outcome = stop_checkins(turn.person, checkins=checkins, now=turn.now)
    turn.decide(outcome)
    turn.say("guardian.left")
