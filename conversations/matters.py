"""Matters in the chat: the list of what waits, a matter's page, its steps, and beginning one."""

import logging
from collections.abc import Sequence

from casework.access import CLOCK
from casework.ladder import OPEN
from casework.matters import Around, NotPossible, Report, begin_matter, holders, steps_for, take_step
from casework.outcome import Outcome
from casework.policy_matters import MatterStep
from casework.records import Child, Escalation, File, Matter
from conversations import (
    documents,
    form_talk,
    matter_overview,
    pins,
    referral_pages,
    referring,
    submitting,
)
from conversations.masks import clean
from conversations.matter_documents import WRITERS
from conversations.matter_text import (
    brief,
    listed,
    matter_text,
    said_lines,
    sort_label,
    state_label,
    state_of,
)
from conversations.press import Unprintable
from conversations.referral_text import sent_rows
from conversations.said import Button
from conversations.turn import Turn

LOG = logging.getLogger("conversations.matters")
PER_PAGE = 8
_MADE = 5  # documents made before are shown
_MOST = 400
_LONGEST_WORDS = 500
_NEW = "-"  # in a button, instead of the id of a matter that is only to be begun


async def waiting(turn: Turn) -> list[tuple[Matter, Child]]:
    """The open matters whose turn it is this person's, the one to be done first at the top."""
    found = await turn.desk.store.find(turn.reader, Matter, status=("open",), limit=_MOST)
    mine = []
    for m in found:
        child, state = await turn.child_of(m.child), state_of(turn.desk, m)
        if child is None or state is None:
            continue
        circle = await turn.desk.store.circle(child, turn.now)
        if turn.person.id in {who.id for who in holders(state, circle)}:
            mine.append((m, child))
    return sorted(mine, key=lambda one: (one[0].due is None, one[0].due, one[1].risk, one[0].number))


async def asked(turn: Turn, rest: str) -> None:
    """/matters: what waits for this person; with a number, that matter's page."""
    number = rest.lstrip("#")
    if number.isdecimal():
        m = await turn.desk.store.matter_by_number(turn.reader, int(number[:9]))
        await _show(turn, m)
        return
    await _list(turn, 0)


async def page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another page of the list."""
    await _list(turn, int(parts[0]), edit=True)


async def _list(turn: Turn, page: int, *, edit: bool = False) -> None:
    found = await waiting(turn)
    pages = max(1, -(-len(found) // PER_PAGE))
    page %= pages
    rows = [
        [turn.button(listed(turn.desk, m, child, turn.language, turn.today), "m", m.id)]
        for m, child in found[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    if pages > 1:
        rows.append([turn.button(turn.words("list.more"), "mp", (page + 1) % pages)])
    if matter_overview.may_look(turn):
        rows.append([turn.button(turn.words("overview.open"), "mo")])
    key = "matters.head" if found else "matters.none"
    turn.tell(turn.words(key, count=len(found)), rows, edit=edit)


async def matter_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A matter was chosen."""
    await _show(turn, await turn.desk.store.get(turn.reader, Matter, parts[0]))


async def _show(turn: Turn, m: Matter | None) -> None:
    child = await turn.child_of(m.child) if m is not None else None
    if m is None or child is None:
        turn.pop("matters.no_such")
        return
    if not await pins.gate(turn, "m", m.id):
        return
    await turn.desk.store.open_file(turn.reader, child.id, ground="assignment", now=turn.now)
    turn.child = child.id
    text, bold = await matter_text(turn.desk, m, child, turn.language)
    rows = [
        *await referral_pages.buttons_of(turn, child, m.id),
        *_step_rows(turn, m),
        *await _paper_rows(turn, m),
        [turn.button(turn.words("child.open"), "c", child.id)],
    ]
    turn.tell(text, rows, bold=(bold,), protect=True)


def _step_rows(turn: Turn, m: Matter) -> list[list[Button]]:
    rule = turn.desk.policy.matter(m.sort)
    if rule is None or m.status != "open":
        return []
    return [
        [turn.button(rule.steps[key].label(turn.language), "ms", m.id, m.sort, key)]
        for key in steps_for(rule, m.state, turn.roles)
    ]


async def _paper_rows(turn: Turn, m: Matter) -> list[list[Button]]:
    """What can be printed now, and what was."""
    rule = turn.desk.policy.matter(m.sort)
    rows = [
        [turn.button(turn.words("matter.print", title=turn.words(f"document.{kind}")), "md", m.id, kind)]
        for kind, states in (rule.documents.items() if rule is not None else ())
        if m.state in states
    ]
    made = [f for f in await turn.desk.store.find(turn.reader, File, child=m.child) if f.source == m.id]
    return rows + [[documents.again(turn, file)] for file in made[-_MADE:]]


async def print_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A document of the matter, as it stands now: numbered, kept, and sent as a file."""
    m = await turn.desk.store.get(turn.reader, Matter, parts[0])
    child = await turn.child_of(m.child) if m is not None else None
    rule = turn.desk.policy.matter(m.sort) if m is not None else None
    if m is None or child is None or rule is None or m.state not in rule.documents.get(parts[1], ()):
        turn.pop("matters.no_such")
        return
    if not await pins.gate(turn, "md", m.id, parts[1]):
        return
    turn.child = child.id
    values = await WRITERS[parts[1]](turn, m, child)
    try:
        await documents.hand_out(turn, parts[1], values, child=child.id, source=m.id)
    except Unprintable as error:
        LOG.error("a document could not be made: %s", "; ".join(error.faults))
        turn.say("document.failed")


def open_buttons(turn: Turn, found: Sequence[Matter]) -> list[list[Button]]:
    """A child's open matters, a button each."""
    return [
        [
            turn.button(
                turn.words(
                    "matter.button",
                    what=sort_label(turn.desk, m.sort, turn.language),
                    state=state_label(turn.desk, m, turn.language),
                ),
                "m",
                m.id,
            )
        ]
        for m in found
    ]


def quick_buttons(turn: Turn, child: Child) -> list[list[Button]]:
    """What must be quick stands on the child's page itself."""
    return [
        [turn.button(rule.steps[key].label(turn.language), "ms", _NEW, sort, key, child.id)]
        for sort, rule in turn.desk.policy.matters.sorts.items()
        for key in steps_for(rule, None, turn.roles)
        if rule.steps[key].quick
    ]


async def begun_by(turn: Turn, e: Escalation) -> list[list[Button]]:
    """The child's open matters that go on although the alert that began or came of them has ended."""
    found = await turn.desk.store.find(turn.reader, Matter, child=e.child, status=("open",))
    rules = turn.desk.policy.matters.sorts
    related = [m for m in found if m.id == e.source or (m.sort in rules and e.flag in rules[m.sort].flags)]
    return open_buttons(turn, related)


async def new_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Which matter is to be begun for the child."""
    child = await turn.child_of(parts[0])
    if child is None or child.status != "active":
        turn.pop("child.not_found")
        return
    found = await turn.desk.store.find(turn.reader, Matter, child=child.id, status=("open",))
    rows = []
    for sort, rule in turn.desk.policy.matters.sorts.items():
        if not rule.several and any(m.sort == sort for m in found):
            continue
        rows += [
            [turn.button(rule.steps[key].label(turn.language), "ms", _NEW, sort, key, child.id)]
            for key in steps_for(rule, None, turn.roles)
        ]
    rows += referring.new_rows(turn, child)
    turn.child = child.id
    key = "matters.which" if rows else "matters.nothing_new"
    turn.tell(turn.words(key, child=turn.desk.label(child)), rows)


async def step_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A step was chosen: its form is opened, or a few words are asked for."""
    found = await _possible(turn, *parts)
    if found is None:
        return
    m, child, step = found
    turn.expect()
    if step.form:
        place = (parts[1], parts[2], m.id if m is not None else "")
        await form_talk.open_form(turn, step.form, child=child, step=place)
        return
    turn.child = child.id
    turn.expect("matter_words", *parts)
    skip = turn.button(turn.words("form.skip"), "mw", *parts)
    lines = [turn.words("matters.words", what=step.label(turn.language))]
    if step.refers:
        lines.insert(0, await referring.preview(turn, turn.desk.policy.referrals[step.refers], child, m))
    turn.tell("\n".join(lines), [[skip]])


async def no_words_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The step without any words."""
    await words_said(turn, parts, "")


async def words_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The step, with the words that were typed."""
    turn.expect()
    found = await _possible(turn, *parts)
    if found is None:
        return
    m, child, _ = found
    report = Report(words=clean(text, _LONGEST_WORDS))
    outcome = await step_taken(turn, m, child, parts[1], parts[2], report)
    outcome += await referring.follow_referrals(turn, outcome, child)
    turn.child = child.id
    turn.decide(outcome)
    lines = said_lines(turn.desk, outcome, child, turn.language)
    rows = sent_rows(turn.desk, outcome, turn.person)
    turn.tell("\n".join([*lines, *submitting.told_lines(turn, outcome)]), rows)


async def step_taken(
    turn: Turn, m: Matter | None, child: Child, sort: str, step: str, report: Report
) -> Outcome:
    """What a step brings about; nothing where it is not possible any more (somebody was quicker)."""
    around, by = await around_of(turn, child), turn.person.id
    try:
        if m is not None:
            return take_step(m, step, report, by=by, around=around)
        return begin_matter(sort, step, report, by=by, around=around)
    except NotPossible:
        return Outcome()


async def around_of(turn: Turn, child: Child) -> Around:
    """What decisions about the child's matters look at, read in our own name."""
    return Around(
        child=child,
        circle=await turn.desk.store.circle(child, turn.now),
        policy=turn.desk.policy,
        now=turn.now,
        new_id=turn.desk.new_id,
        escalations=await turn.desk.store.find(CLOCK, Escalation, child=child.id, status=OPEN),
    )


async def _possible(
    turn: Turn, matter: str, sort: str, step: str, child_code: str = ""
) -> tuple[Matter | None, Child, MatterStep] | None:
    """The step with its matter and child, where this person may take it now; else it is said why not."""
    m = await turn.desk.store.get(turn.reader, Matter, matter) if matter != _NEW else None
    child = await turn.child_of(m.child if m is not None else child_code)
    rule = turn.desk.policy.matter(sort)
    if child is None or rule is None or (m is None and matter != _NEW):
        turn.pop("matters.no_such")
        return None
    state = m.state if m is not None else None
    begun = m is None and not rule.several and await _has_open(turn, child, sort)
    if begun or (m is not None and m.status != "open") or step not in steps_for(rule, state, turn.roles):
        turn.pop("matters.moved_on", alarm=True, what=brief(turn.desk, m, turn.language) if m else "")
        return None
    return m, child, rule.steps[step]


async def _has_open(turn: Turn, child: Child, sort: str) -> bool:
    found = await turn.desk.store.find(turn.reader, Matter, child=child.id, status=("open",))
    return any(m.sort == sort for m in found)
