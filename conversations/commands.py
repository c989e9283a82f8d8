"""The commands by name and by word, and the short ones: help, language, figures, raising a concern."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date

from casework.records import Draft
from conversations import (
    activities,
    alerts,
    cancelling,
    child_search,
    children,
    conference,
    contact_reports,
    form_talk,
    guardians,
    leaving,
    matters,
    pins,
    quiet,
    referral_pages,
    registering,
    staff,
    stats,
    today,
    work_summary,
)
from conversations.asking import ask_again
from conversations.dates import read_span
from conversations.desk import Desk
from conversations.shelf import REPORT
from conversations.turn import Turn
from conversations.words import LANGUAGES, NAMES

Command = Callable[[Turn, str], Awaitable[None]]
STAFF = frozenset({"village_worker", "township_officer", "county_officer"})
CONTACT = "department_contact"
_ORDER = (
    "today", "visit", "report", "children", "register", "matters", "activity", "alerts",
    "leave", "quiet", "stats", "staff", "conference", "pin", "language", "cancel", "help",
)  # fmt: skip
_BARE: Mapping[str, str] = {
    "今天": "today", "走访": "visit", "上报": "report", "孩子": "children", "事项": "matters",
    "活动": "activity", "登记孩子": "register", "register": "register",
    "预警": "alerts", "请假": "leave", "免打扰": "quiet",
    "先不问": "quiet", "统计": "stats", "总结": "summary", "联席会议": "conference", "密码": "pin",
    "语言": "language", "人员": "staff",
    "取消": "cancel", "帮助": "help", "退出": "quit",
    "today": "today", "visit": "visit", "report": "report", "children": "children", "matters": "matters",
    "alerts": "alerts", "leave": "leave", "stats": "stats", "staff": "staff",
    "summary": "summary", "conference": "conference",
    "language": "language", "cancel": "cancel", "help": "help", "quit": "quit", "quiet": "quiet",
    "pause": "quiet", "activity": "activity",
}  # fmt: skip
_WITH_DAYS = re.compile(r"(请假|免打扰|先不问|leave|quiet)[\s,，:：]*(\S.{0,60})", re.IGNORECASE)


def named(text: str) -> tuple[str, str] | None:
    """The command that words without a slash stand for, with what follows ("走访 3001"); None if none."""
    head, _, rest = text.strip().partition(" ")
    name = _BARE.get(head.lower().rstrip("。.!！?？"))
    if (
        name is None
        or len(rest.split()) > 1
        or (rest and name not in ("visit", "report", "children", "matters", "staff"))
    ):
        return None
    return name, rest.strip()


def with_days(text: str, today: date) -> tuple[str, str] | None:
    """请假三天, 免打扰 上午: the command with the days or hours behind it; None for other words."""
    match = _WITH_DAYS.fullmatch(text.strip())
    if match is None:
        return None
    name = _BARE[match[1].lower()]
    understood = quiet.understands(match[2], today) if name == "quiet" else read_span(match[2], today)
    return (name, match[2]) if understood else None


def allowed(turn: Turn, name: str) -> bool:
    """Whether a command is for this person: guardians see none of the casework."""
    if name in ("language", "help", "cancel", "leave", "quit") or (name == "pin" and CONTACT in turn.roles):
        return True
    if name == "conference":
        return conference.may_see(turn)
    if name == "staff":
        return staff.may_see(turn)
    if name == "matters" and CONTACT in turn.roles:
        return True
    if name == "report" and CONTACT in turn.roles:
        return contact_reports.may_report(turn)
    if name == "quiet" and turn.roles & {"guardian", CONTACT}:
        return True
    return bool(turn.roles & STAFF)


def help_text(desk: Desk, language: str, roles: frozenset[str], department: str = "") -> str:
    """The commands for these roles, a line each; for a contact, what his department is asked for."""
    if not roles & STAFF:
        if CONTACT in roles:
            return _contact_help(desk, language, department)
        return desk.words.say(language, "help.guardian")
    hidden = set() if roles & set(desk.policy.conference.roles) else {"conference"}
    hidden |= set() if roles & {"township_officer", "county_officer"} else {"staff"}
    hidden |= set() if "village_worker" in roles else {"register"}
    lines = [desk.words.say(language, f"help.{name}") for name in _ORDER if name not in hidden]
    return "\n".join((desk.words.say(language, "help.head"), *lines))


def _contact_help(desk: Desk, language: str, department: str) -> str:
    rule = desk.policy.departments.get(department)
    lines = [desk.words.say(language, "help.contact")]
    if rule is None:
        lines.append(desk.words.say(language, "help.contact_unknown"))
        return "\n".join(lines)
    if rule.reports:
        lines.append(desk.words.say(language, "help.contact_report"))
    if rule.conference:
        lines.append(desk.words.say(language, "help.conference_figures"))
    return "\n".join(lines)


async def help_asked(turn: Turn, rest: str) -> None:
    """/help"""
    turn.tell(help_text(turn.desk, turn.language, turn.roles, turn.person.department))


async def language(turn: Turn, rest: str) -> None:
    """/language: a button each; also in the middle of a form."""
    wanted = next(
        (code for code, name in NAMES.items() if rest and rest.lower() in (code.lower(), name.lower())), None
    )
    if wanted is not None:
        await language_tapped(turn, (wanted,))
        return
    turn.tell(turn.words("language.ask"), [[turn.button(NAMES[code], "lang", code) for code in LANGUAGES]])


async def language_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The person's language from now on; a form goes on in it."""
    code = parts[0] if parts[0] in LANGUAGES else LANGUAGES[0]
    if code != turn.person.language:
        turn.person = replace(turn.person, language=code)
        turn.keep(turn.person)
        turn.happened("language_changed", record=turn.person.id, language=code)
    turn.say("language.now")
    draft = await current_draft(turn)
    if draft is not None:
        await ask_again(turn, draft)


async def current_draft(turn: Turn) -> Draft | None:
    """The form being filled in, if one is."""
    draft = await turn.desk.store.get(turn.reader, Draft, turn.talk.draft) if turn.talk.draft else None
    return draft if draft is not None and draft.status == "open" else None


async def leave_or_quit(turn: Turn, rest: str) -> None:
    """/leave: staff are away for some days; a guardian leaves for good."""
    if turn.roles & {*STAFF, CONTACT}:
        await leaving.asked(turn, rest)
    else:
        await guardians.leave_asked(turn)


async def matters_asked(turn: Turn, rest: str) -> None:
    """/matters: what waits for this person, of the casework and of what departments are asked for."""
    if turn.roles & STAFF:
        await matters.asked(turn, rest)
    if turn.reader.contacts and not (rest and turn.roles & STAFF):
        await referral_pages.asked(turn, rest)


async def quit_asked(turn: Turn, rest: str) -> None:
    """退出: only guardians leave by themselves; staff are told how."""
    if turn.person.cares_for:
        await guardians.leave_asked(turn)
    else:
        turn.say("unknown.text")


async def report(turn: Turn, rest: str) -> None:
    """/report: which child it is about, then the form. At any hour."""
    if not turn.reader.is_staff:
        await contact_reports.asked(turn, rest)
        return
    if rest:
        await report_said(turn, (), rest)
        return
    await _report_list(turn, 0)


async def _report_list(turn: Turn, page: int, *, edit: bool = False) -> None:
    found = await children.mine(turn)
    turn.expect("report")
    buttons = children.page_of(turn, found, page, action="rc", turn_page="rp")
    key = "report.which" if found else "report.which_code"
    turn.tell(turn.words(key), buttons, edit=edit)


async def report_page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another page of the list."""
    await _report_list(turn, int(parts[0]), edit=True)


async def report_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The child was chosen."""
    await report_said(turn, (), parts[0])


async def report_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The child's code was typed."""
    child = await turn.child_of(text.strip())
    if child is None:
        turn.say("child.not_found")
        return
    turn.expect()
    await form_talk.open_form(turn, REPORT, child=child)


async def child_list(turn: Turn, rest: str) -> None:
    """/children: the list, or what is searched for."""
    await (child_search.said(turn, (), rest) if rest else children.listed(turn))


async def command_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A button that stands for a command."""
    turn.expect()
    if parts[0] in COMMANDS and allowed(turn, parts[0]):
        await COMMANDS[parts[0]](turn, parts[1] if len(parts) > 1 else "")


COMMANDS: Mapping[str, Command] = {
    "today": today.asked,
    "visit": today.visit,
    "report": report,
    "children": child_list,
    "register": registering.asked,
    "matters": matters_asked,
    "activity": activities.asked,
    "alerts": alerts.asked,
    "leave": leave_or_quit,
    "quiet": quiet.asked,
    "quit": quit_asked,
    "stats": stats.asked,
    "summary": work_summary.asked,
    "staff": staff.asked,
    "conference": conference.asked,
    "pin": pins.asked,
    "language": language,
    "cancel": cancelling.cancel,
    "help": help_asked,
}
