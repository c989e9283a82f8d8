"""Every deed of the matrix: how it is done by word and by button, and how one sees that it was done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from casework.records import KINDS, Child, Draft, Escalation, File, Invite, Merge, Record, Referral, Visit
from conversations.said import Reply, Said
from conversations.widgets.choices import mark_of
from tests.conversations.county import words
from tests.permissions.cast import TODAY, Who
from tests.permissions.stage import NAME, SECRET, Stage, Target

Changed = Mapping[tuple[str, str], Record]  # what the deed left behind: records that are new or other
Play = Callable[[Stage, Target], Sequence[Said]]
Done = Callable[[Stage, Target, Changed, Reply], bool]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of doing a deed."""

    deed: str  # the column
    name: str
    play: Play
    done: Done


def _tap(*parts: Callable[[Target], str] | str) -> Play:
    def play(stage: Stage, t: Target) -> Sequence[Said]:
        return [stage.said(button=tuple(p if isinstance(p, str) else p(t) for p in parts))]

    return play


def _type(*texts: str) -> Play:
    def play(stage: Stage, t: Target) -> Sequence[Said]:
        return [
            stage.said(text=text.format(child=t.child, number=t.number, referred=t.referred))
            for text in texts
        ]

    return play


def _all_text(reply: Reply) -> str:
    labels = [b.label for m in reply.messages for row in m.buttons for b in row]
    return "\n".join([reply.popup, *labels, *(m.text for m in reply.messages)])


def _page(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return f"欧阳* · {t.child}" in _all_text(reply)


def _name(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return NAME in reply.popup


def _history(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return words().say("zh_Hans", "history.none", child=f"欧阳* · {t.child}") in _all_text(reply)


def _at_home(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    child = changed.get((Child.kind, t.child))
    return isinstance(child, Child) and child.home != ""


def _swapped(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    m = changed.get((Merge.kind, t.merge))
    return isinstance(m, Merge) and m.other == t.child


def _form(name: str) -> Done:
    def done(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
        drafts = [r for r in changed.values() if isinstance(r, Draft)]
        return any((d.form, d.child, d.person, d.status) == (name, t.child, "me", "open") for d in drafts)

    return done


def _excused(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    visit = changed.get((Visit.kind, t.visit))
    return visit is not None and visit.status == "excused"


def _code(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return any(isinstance(r, Invite) and r.child == t.child and r.inviter == "me" for r in changed.values())


def _alert(status: str, holder: str | None = None) -> Done:
    def done(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
        e = changed.get((Escalation.kind, t.escalation))
        return e is not None and e.status == status and holder in (None, e.person)

    return done


def _asked(what: str) -> Done:
    def done(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
        expects = [getattr(r, "expects", ()) for r in changed.values()]
        return any(e[:2] == (what, t.escalation) for e in expects)

    return done


def _given_back(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    e = changed.get((Escalation.kind, t.escalation))
    return isinstance(e, Escalation) and (e.status, e.person) == ("open", None)


def _goes_on(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    e = changed.get((Escalation.kind, t.escalation))
    return isinstance(e, Escalation) and (e.proposed_by, e.outcome) == (None, "") and e.status != "resolved"


def _called(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    e = changed.get((Escalation.kind, t.escalation))
    return isinstance(e, Escalation) and any(deed.name == "police_called" for deed in e.story)


def _story(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return f"欧阳* · {t.child}" in _all_text(reply)


def _record(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return SECRET in _all_text(reply)


def _referred(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return f"转介 {t.referred}" in _all_text(reply)


def _referral(status: str) -> Done:
    def done(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
        r = changed.get((Referral.kind, t.referral))
        return r is not None and r.status == status

    return done


def _letter(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    files = [r for r in changed.values() if isinstance(r, File)]
    return [(f.document, f.source, f.child) for f in files] == [("letter", t.referral, t.child)]


def _why_asked(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    expects = [getattr(r, "expects", ()) for r in changed.values()]
    return ("referral_return", t.referral) in expects


def _says(text: str) -> Done:
    def done(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
        return f"欧阳* · {t.child} {text}" in _all_text(reply)

    return done


def _refusing(request: Callable[[Target], str]) -> Done:
    def done(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
        return ("request_refuse", request(t)) in [getattr(r, "expects", ()) for r in changed.values()]

    return done


def _taken(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    child = changed.get((Child.kind, t.child))
    return isinstance(child, Child) and (child.village, child.township) == ("v3", "t2")


def _moved(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    visit = changed.get((Visit.kind, t.visit))
    return isinstance(visit, Visit) and (visit.due, visit.reschedules) == (TODAY + timedelta(days=1), 1)


def _which_day(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    return ("move", t.visit) in [getattr(r, "expects", ()) for r in changed.values()]


def _paused(stage: Stage, t: Target, changed: Changed, reply: Reply) -> bool:
    visit = changed.get((Visit.kind, t.visit))
    return isinstance(visit, Visit) and visit.pause is not None


def _asked_id(t: Target) -> str:
    return t.asked


def _move_id(t: Target) -> str:
    return t.move


def _child(t: Target) -> str:
    return t.child


def _visit(t: Target) -> str:
    return t.visit


def _e(t: Target) -> str:
    return t.escalation


def _r(t: Target) -> str:
    return t.referral


def _merge(t: Target) -> str:
    return t.merge


def _checkin(t: Target) -> str:
    return t.checkin


def _way(deed: str, name: str, play: Play, done: Done) -> Way:
    return Way(deed=deed, name=name, play=play, done=done)


WAYS: tuple[Way, ...] = (
    _way("档案", "button", _tap("c", _child), _page),
    _way("档案", "/children", _type("/children {child}"), _page),
    _way("档案", "word", _type("孩子 {child}"), _page),
    _way("姓名", "button", _tap("rv", _child), _name),
    _way("改动", "button", _tap("hc", _child), _history),
    _way("一家", "button", _tap("hx", _child), _at_home),
    _way("改资料", "button", _tap("ch", _child), _form("child_change")),
    _way("并档", "button", _tap("mgs", _merge), _swapped),
    _way("走访", "reminder", _tap("v", _visit), _form("visit")),
    _way("走访", "/visit", _type("/visit {child}"), _form("visit")),
    _way("走访", "asked", _type("/visit", "{child}"), _form("visit")),
    _way("走访", "page", _tap("cv", _child), _form("visit")),
    _way("走访", "anew", _tap("new", _child), _form("visit")),
    _way("上报", "button", _tap("rc", _child), _form("report")),
    _way("上报", "/report", _type("/report {child}"), _form("report")),
    _way("原因", "button", _tap("why", _visit, "road"), _excused),
    _way("邀请", "button", _tap("inv", _child), _code),
    _way("收到", "button", _tap("ack", _e), _alert("acknowledged", "me")),
    _way("收到", "word", _type("收到 {number}"), _alert("acknowledged", "me")),
    _way("办结", "button", _tap("res", _e), _asked("outcome")),
    _way("办结", "words", _type("办结 {number} 已返校"), _alert("resolved")),
    _way("转交", "button", _tap("ho", _e), _asked("hand_over")),
    _way("转交", "chosen", _tap("hot", _e, "sun"), _alert("open", "sun")),
    _way("转交", "words", _type("转交 {number} sun"), _alert("open", "sun")),
    _way("退回", "button", _tap("dec", _e), _given_back),
    _way("同意", "button", _tap("yes", _e), _alert("resolved")),
    _way("同意", "not yet", _tap("not", _e), _goes_on),
    _way("报警", "button", _tap("pol", _e), _asked("police")),
    _way("报警", "no number", _tap("pol0", _e), _called),
    _way("经过", "/alerts", _type("/alerts {number}"), _story),
    _way("记录", "button", _tap("ans", _e), _record),
    _way("问候", "button", _tap("ck", _checkin), _form("checkin")),
    _way("转介", "button", _tap("ro", _r), _referred),
    _way("内容", "button", _tap("rs", _r), _name),
    _way("签收", "button", _tap("ra", _r), _referral("acknowledged")),
    _way("签收", "word", _type("收到 {referred}"), _referral("acknowledged")),
    _way("回复", "button", _tap("rn", _r, mark_of("registered")), _referral("answered")),
    _way("退转", "button", _tap("rt", _r), _why_asked),
    _way("结转", "button", _tap("rz", _r), _referral("closed")),
    _way("结案", "button", _tap("fc", _child), _says("现在还不能结案")),  # there is an open alert
    _way("重开", "button", _tap("fo", _child), _says("为什么重新打开档案")),
    _way("搬家", "button", _tap("mt", _child), _says("搬到哪里了")),
    _way("回来", "button", _tap("pb", _child), _says("家里谁回来了")),
    _way("答结案", "button", _tap("qn", _asked_id), _refusing(_asked_id)),
    _way("接收", "refuse", _tap("qn", _move_id), _refusing(_move_id)),
    _way("接收", "button", _tap("qyv", _move_id, "v3"), _taken),
    _way("改期", "button", _tap("mv", _visit), _which_day),
    _way("改期", "chosen", _tap("mr", _visit, f"{TODAY + timedelta(days=1):%y%m%d}", "family"), _moved),
    _way(
        "暂停",
        "chosen",
        _tap("pw", _child, mark_of("boarding"), f"{TODAY + timedelta(days=7):%y%m%d}", "w"),
        _paused,
    ),
    _way("先等等", "button", _tap("wt", _e), _asked("rest")),
    _way("函件", "button", _tap("rq", _r), _letter),
)
# Ways that say nothing of a single visit: the deed goes by the child's other visits or by none.
_BY_CHILD = ("/visit", "asked", "page", "anew")


def concerns(way: Way, state: str, who: Who) -> bool:
    """Whether a state of the table is about what this way touches.

    A family's bare words begin the check-in that waits, whatever they are: they are no answer to /visit.
    """
    if way.name == "asked" and who.asked:
        return False
    return not (state.startswith("visit") and way.deed == "走访" and way.name in _BY_CHILD)


async def visible(stage: Stage, t: Target) -> dict[str, tuple[bool, bool]]:
    """What the bare SQL shows this person of the target: by kind, (by key, in a search)."""
    reader = await stage.store.reader(stage.me if stage.who.me else "nobody", stage.desk.clock())
    ids = {
        "child": t.child, "visit": t.visit, "escalation": t.escalation, "submission": t.submission,
        "checkin": t.checkin, "referral": t.referral, "request": t.asked,
    }  # fmt: skip
    shown = {}
    for kind, id in ids.items():
        by_key = await stage.store.get(reader, KINDS[kind], id) is not None
        found = id in {r.id for r in await stage.store.find(reader, KINDS[kind])}
        shown[kind] = by_key, found
    return shown
