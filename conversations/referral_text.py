"""A referral in words: what is asked of whom, what was done; its fields, buttons, and place in a list."""

from collections.abc import Iterable
from datetime import date

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.policy_referrals import ReferralField
from casework.records import Child, Handled, Person, Referral
from casework.referrals import BACK, OPEN, WITH_CONTACT
from conversations.alert_text import name_of
from conversations.dates import say_day, say_moment
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button

_DEEDS = 8
Rows = list[list[Button]]


def department_label(desk: Desk, key: str, language: str) -> str:
    """What people call a department; its key where the county's file has none (any more)."""
    rule = desk.policy.departments.get(key)
    return rule.label(language) if rule is not None else key


def purpose_label(desk: Desk, r: Referral, language: str) -> str:
    """What is asked of the department."""
    rule = desk.policy.referrals.get(r.purpose)
    return rule.label(language) if rule is not None else r.purpose


def status_label(desk: Desk, r: Referral, language: str) -> str:
    """Where it stands; an answer by its own words."""
    if r.person is None and r.status in WITH_CONTACT:
        return desk.words.say(language, "referral.is_nobody")
    rule = desk.policy.referrals.get(r.purpose)
    answer = rule.answers.get(r.answer) if rule is not None and r.status == "answered" else None
    if answer is not None:
        return desk.words.say(language, "referral.is_answer", answer=answer.label(language))
    return desk.words.say(language, f"referral.is_{r.status}")


async def label_of(desk: Desk, r: Referral) -> str:
    """The child as messages call it."""
    child = await desk.store.get(CLOCK, Child, r.child) if r.child else None
    return desk.label(child) if child is not None else r.child or ""


def brief(desk: Desk, r: Referral, child: str, language: str) -> str:
    """🔗 转介 5：请给孩子登记户口（张* · 3001）"""
    what = purpose_label(desk, r, language)
    return desk.words.say(language, "referral.head", number=r.number, what=what, child=child)


async def listed(desk: Desk, r: Referral, language: str, today: date) -> str:
    """As a button in a list: which one, where it stands, by when."""
    say = desk.words.say
    line = say(
        language, "referral.line", child=await label_of(desk, r), what=purpose_label(desk, r, language),
        status=status_label(desk, r, language),
    )  # fmt: skip
    if r.due is None:
        return line
    key = "matter.line_late" if r.due < today else "matter.line_due"
    return say(language, key, line=line, day=say_day(r.due, language))


async def referral_text(desk: Desk, r: Referral, language: str) -> tuple[str, str]:
    """Its page without any of its fields, and the line of it that is set in bold."""
    say, head = desk.words.say, brief(desk, r, await label_of(desk, r), language)
    lines = [head, say(language, "referral.to", department=department_label(desk, r.department, language))]
    lines.append(say(language, "referral.from", who=await _sender(desk, r, language)))
    if r.words:
        lines.append(say(language, "referral.words", words=clean(r.words, 300)))
    lines.append(say(language, "referral.status", status=status_label(desk, r, language)))
    if r.due is not None:
        late = (desk.today(desk.clock()) - r.due).days
        lines.append(
            say(
                language,
                f"referral.due_{r.status}" if late <= 0 else "referral.late",
                day=say_day(r.due, language),
                days=late,
            )
        )
    lines += [await _deed(desk, r, handled, language) for handled in r.story[-_DEEDS:]]
    return "\n".join(lines), head


async def _sender(desk: Desk, r: Referral, language: str) -> str:
    known = await desk.store.person(r.sender)
    if known is None:
        return desk.words.say(language, "somebody")
    name = clean(known.name, 30)
    roles = [desk.policy.roles[post.role].label(language) for post in known.posts[:1]]
    who = desk.words.say(language, "who.role", name=name, role=roles[0]) if roles else name
    return f"{who} ☎️ {clean(known.phone, 30)}" if known.phone else who


async def _deed(desk: Desk, r: Referral, handled: Handled, language: str) -> str:
    say, rule = desk.words.say, desk.policy.referrals.get(r.purpose)
    what = say(language, f"referral.did_{handled.name.removeprefix('referral_')}")
    if handled.name == "referral_answered" and rule is not None and handled.answer in rule.answers:
        what = rule.answers[handled.answer].label(language)
    who = await name_of(desk, handled.by, language) if handled.by else say(language, "matter.by_itself")
    at = say_moment(handled.at, language, desk.policy)
    line = say(language, "matter.deed", at=at, who=who, what=what)
    words = clean(handled.words, 200) if handled.name != "referral_sent" else ""
    return say(language, "matter.deed_words", line=line, words=words) if words else line


def names_of(desk: Desk, fields: Iterable[str], language: str) -> str:
    """The names of fields, e.g. 姓名、性别、出生日期."""
    known = desk.policy.referral_fields
    labels = [known[name].label(language) for name in fields if name in known]
    return desk.words.say(language, "list.comma").join(labels)


def fields_of(desk: Desk, r: Referral, language: str) -> list[tuple[ReferralField, str]]:
    """What it carries, in words; what the county's file does not name (any more) is left out."""
    known = desk.policy.referral_fields
    return [
        (known[name], clean(_said(desk, known[name].of, value, language), 120))
        for name, value in r.fields.items()
        if name in known
    ]


def field_lines(desk: Desk, r: Referral, language: str, *, hidden: bool) -> list[str]:
    """The same, a line each: that which tells who the child is, or all the rest."""
    return [
        desk.words.say(language, "answer.line", label=field.label(language), text=value)
        for field, value in fields_of(desk, r, language)
        if field.hidden == hidden
    ]


def _said(desk: Desk, of: str, value: str, language: str) -> str:
    if of == "child.sex":
        return desk.words.say(language, f"child.{value}")
    return value


def is_contact(r: Referral, contacts: frozenset[str]) -> bool:
    """Whether it is for one of these contacts to deal with."""
    return r.person is not None and r.person in contacts


def contact_rows(desk: Desk, r: Referral, to: Person) -> Rows:
    """收到 查看 答复 退回, as far as they are to be done; of what is closed nothing is shown."""

    def button(key: str, action: str) -> Button:
        return Button(label=desk.words.say(to.language, key), token=desk.token(to.id, action, r.id))

    first = [button("referral.acknowledge", "ra")] if r.status == "sent" else []
    first.append(button("referral.see", "rs"))
    second = [button("referral.answer", "rw"), button("referral.return", "rt")]
    if r.status in BACK:
        return [first]
    return [first, second] if r.status in WITH_CONTACT else []


def closing_rows(desk: Desk, r: Referral, to: Person) -> Rows:
    """办结, or taking it back where it has not been answered."""
    key = "referral.close" if r.status in BACK else "referral.take_back"
    token = desk.token(to.id, "rz", r.id)
    return [[Button(label=desk.words.say(to.language, key), token=token)]]


def letter_rows(desk: Desk, r: Referral, to: Person) -> Rows:
    """The button that gives its letter, while something is to be done."""
    if r.status not in OPEN:
        return []
    label = desk.words.say(to.language, "matter.print", title=desk.words.say(to.language, "document.letter"))
    return [[Button(label=label, token=desk.token(to.id, "rq", r.id))]]


def sent_rows(desk: Desk, outcome: Outcome, to: Person) -> Rows:
    """The same for each referral that an outcome sends."""
    sent = [r for r in outcome.records if isinstance(r, Referral) and r.status == "sent"]
    return [row for r in sent for row in letter_rows(desk, r, to)]


def sent_lines(desk: Desk, outcome: Outcome, child: Child, language: str) -> list[str]:
    """A line for each referral that an outcome sends."""
    lines = []
    for r in outcome.records:
        if isinstance(r, Referral) and r.status == "sent":
            key = "referral.sent" if r.person is not None else "referral.nobody"
            lines.append(
                desk.words.say(
                    language, key, child=desk.label(child),
                    department=department_label(desk, r.department, language),
                    day=say_day(r.due, language) if r.due else "",
                )
            )  # fmt: skip
    if any(notice.kind == "referral_vacant" for notice in outcome.notices):
        lines.append(desk.words.say(language, "referral.county_told"))
    return lines
