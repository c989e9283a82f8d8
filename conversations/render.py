"""How a form looks in a chat: a question with its buttons, a list that may grow, the review at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from casework.records import Draft
from conversations.masks import clean
from conversations.media import of_form
from conversations.rich import Rich, from_label, joined, plain
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.asked import Asked, press
from conversations.widgets.layout import in_rows
from conversations.widgets.sent import ATTACHED
from conversations.widgets.table import widget_of
from xlsform import Problem, Prompt, RepeatPrompt, ReviewLine

SHORT_LABEL = 72
MOST_NUMBERS = 95  # a message has at most 100 buttons
_SHOWS_ITS_VALUE = ("note", "acknowledge", "select_one", "select_multiple", "rank", *ATTACHED)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message to be sent; ``media`` names the picture, sound or film that goes with it."""

    text: Rich
    buttons: Sequence[Sequence[Button]] = ()
    media: str = ""


def question(a: Asked, *, before: Sequence[str] = ()) -> Shown:
    """One question. ``before``: lines to begin with."""
    prompt = a.prompt
    notes = [from_label(note) for note in prompt.notes]
    widget = widget_of(prompt.kind)
    body = matrix(a) if is_row(prompt) else _body(a)
    head = joined("\n", [_place(a), joined("\n", body)])
    lines = [] if is_row(prompt) else widget.lines(a)
    text = joined("\n\n", [*before, *notes, head, *lines])
    return Shown(text=text, buttons=_under(a, widget.rows(a)), media=_media(a))


def _body(a: Asked) -> list[Rich | str]:
    """The label in bold, the hint in italics, and what was answered before."""
    prompt = a.prompt
    body: list[Rich | str] = [
        from_label(prompt.label).all_in("bold"),
        from_label(prompt.hint).all_in("italic"),
    ]
    if prompt.value and prompt.kind not in _SHOWS_ITS_VALUE:
        line = ReviewLine(ref=prompt.ref, label="", text=prompt.value, kind=prompt.kind)
        body += ["", a.words("form.now", value=clean(answer_text(a.turn, line), 200))]
    return body


def _place(a: Asked) -> str:
    """How far it is, and in which part of the form."""
    prompt = a.prompt
    if prompt.kind == "note":
        return ""
    if prompt.position == 1:  # how many there are shows with the first answer
        place = a.words("form.first", position=1)
    else:
        total = max(prompt.total, prompt.position)
        place = a.words("form.place", position=prompt.position, total=total)
    return " · ".join([place, *(clean(plain(group), SHORT_LABEL) for group in prompt.groups)])


def is_row(prompt: Prompt | RepeatPrompt | None) -> bool:
    """Whether a question is a row of a table, asked with the same buttons as the rows around it."""
    return isinstance(prompt, Prompt) and "list-nolabel" in prompt.appearance.split()


def matrix(a: Asked) -> list[Rich | str]:
    """All rows of a table, with their answers; the one that is asked now in bold."""
    rows = [row for row in a.session.rows() if "list-nolabel" in row.appearance.split()]
    at = next((n for n, row in enumerate(rows, 1) if row.ref == a.prompt.ref), 0)
    lines: list[Rich | str] = [a.words("form.row", at=at, count=len(rows))]
    for row in rows:
        label = clean(plain(row.label), SHORT_LABEL)
        if row.ref == a.prompt.ref:
            lines.append(Rich(f"▸ {label}").all_in("bold"))
        else:
            lines.append(
                a.words("answer.line", label=f"✓ {label}", text=row.text) if row.text else f"· {label}"
            )
    return lines


def _media(a: Asked) -> str:
    """The picture, sound or film of the label, where the form brings one along."""
    prompt, have = a.prompt, a.turn.desk.forms.media.get(a.draft.form, {})
    kinds = {"image": prompt.image or prompt.note_image, "audio": prompt.audio, "video": prompt.video}
    return next((of_form(kind, a.draft.form, f) for kind, f in kinds.items() if f in have), "")


def _under(a: Asked, rows: list[list[Button]]) -> list[list[Button]]:
    """The answers' buttons with the ways out below; beside one that sends a place, all send their labels."""
    ways = _ways(a.turn, a.draft, a.prompt, revisiting=a.session.revisiting)
    if any(button.sends for row in rows for button in row):
        ways = [Button(label=button.label, sends="label") for button in ways]
    return [*rows, ways] if ways else rows


def _ways(
    turn: Turn, draft: Draft, prompt: Prompt | RepeatPrompt, *, revisiting: bool = False
) -> list[Button]:
    """Back; skip where the question may be left open, or keep its answer; the explanation; the review."""
    ways = []
    if prompt.position > 1:
        ways.append(press(turn, draft, turn.words("form.back"), "b"))
    if isinstance(prompt, Prompt) and not prompt.required and prompt.kind not in ("note", "acknowledge"):
        ways.append(press(turn, draft, turn.words("form.skip"), "s"))
    elif isinstance(prompt, Prompt) and prompt.required and prompt.value and not revisiting:
        ways.append(press(turn, draft, turn.words("form.keep"), "s"))
    if isinstance(prompt, Prompt) and prompt.guidance:
        ways.append(press(turn, draft, turn.words("form.guidance"), "g"))
    if revisiting:
        ways.append(press(turn, draft, turn.words("form.to_review"), "l"))
    return ways


def another(
    turn: Turn, draft: Draft, prompt: RepeatPrompt, lines: Sequence[ReviewLine], *, before: Sequence[str] = ()
) -> Shown:
    """The question whether to add one more to a list, with what there is of it."""
    label = from_label(prompt.label).text
    head = turn.words("form.another", label=label, count=prompt.count)
    listed = "\n".join(f"{n}. {_entry(line)}" for n, line in enumerate(lines, 1))
    most = "" if prompt.can_add else turn.words("form.no_room", count=prompt.count)
    choices = [press(turn, draft, turn.words("form.no_more"), "z")]
    if prompt.can_add:
        choices.insert(0, press(turn, draft, turn.words("form.add"), "a"))
    rows = [choices]
    if lines:
        rows.append([press(turn, draft, turn.words("form.delete"), "r")])
    notes = [from_label(note) for note in prompt.notes]
    text = joined("\n\n", [*before, *notes, Rich(head).all_in("bold"), listed, most])
    return Shown(text=text, buttons=[*rows, _ways(turn, draft, prompt)])


def which_entry(turn: Turn, draft: Draft, prompt: RepeatPrompt, lines: Sequence[ReviewLine]) -> Shown:
    """Which entry of a list to take out."""
    rows = [
        [press(turn, draft, f"✕ {n}. {_entry(line)}", f"i{n}")]
        for n, line in enumerate(lines[:MOST_NUMBERS], 1)
    ]
    rows.append([press(turn, draft, turn.words("form.keep_all"), "p")])
    return Shown(
        text=Rich(turn.words("form.delete_which", label=from_label(prompt.label).text)), buttons=rows
    )


def _entry(line: ReviewLine) -> str:
    return clean(line.text or line.label, 40)


def review(
    turn: Turn,
    draft: Draft,
    lines: Sequence[ReviewLine],
    *,
    title: str,
    before: Sequence[str] = (),
    problems: Mapping[str, Problem] | None = None,
) -> Shown:
    """All answers with their numbers, what does not fit together, and the buttons that end the form."""
    faults = problems or {}
    head = Rich(turn.words("review.head", title=title)).all_in("bold")
    listed = []
    for n, line in enumerate(lines, 1):
        listed.append(f"{n}. {answer_line(turn, line)}")
        if line.ref in faults:
            listed.append("   " + said_of(turn, faults[line.ref]))
    text = joined("\n\n", [*before, head, "\n".join(listed), turn.words("review.how")])
    buttons = [
        [press(turn, draft, turn.words("form.submit"), "x")],
        [
            press(turn, draft, turn.words("form.back"), "b"),
            press(turn, draft, turn.words("review.edit"), "e"),
        ],
    ]
    return Shown(text=text, buttons=buttons)


def which_line(turn: Turn, draft: Draft, lines: Sequence[ReviewLine]) -> Shown:
    """Which answer to change: a button for each number, and one for each group that is asked together."""
    numbers = [press(turn, draft, str(n), f"j{n}") for n in range(1, min(len(lines), MOST_NUMBERS) + 1)]
    places: dict[str, list[int]] = {}
    for n, line in enumerate(lines, 1):
        if line.list_ref:
            places.setdefault(line.list_ref, []).append(n)
    groups = [
        [press(turn, draft, f"{own[0]}–{own[-1]} {_group_label(lines[own[0] - 1])}".strip(), f"f{own[0]}")]
        for own in places.values()
        if len(own) > 1
    ]
    text = turn.words("review.which_or_group" if groups else "review.which")
    return Shown(text=Rich(text), buttons=[*in_rows(numbers, 5), *groups[:MOST_NUMBERS]])


def _group_label(line: ReviewLine) -> str:
    return clean(plain(line.list_label), SHORT_LABEL)


def said_of(turn: Turn, problem: Problem) -> str:
    """Why an answer is not taken, in the author's words where there are any."""
    return "⚠️ " + (plain(problem.message) or turn.words(f"problem.{problem.kind}"))


def confirmed(turn: Turn, line: ReviewLine | None) -> str:
    """The line that repeats the last answer; "" where it was left open."""
    return f"✓ {answer_line(turn, line, 80)}" if line is not None and line.text else ""


def answer_line(turn: Turn, line: ReviewLine, limit: int = 200) -> str:
    """A question and its answer in one line."""
    label = clean(plain(line.label)).rstrip("？?：:。.")
    return turn.words(
        "answer.line", label=clean(label, SHORT_LABEL), text=clean(answer_text(turn, line), limit)
    )


def answer_text(turn: Turn, line: ReviewLine) -> str:
    """An answer as people say it: a day with its weekday, a place by its degrees, a file by its kind."""
    if line.kind == "date":
        return _day_text(turn, line)
    if line.kind == "dateTime":
        day, _, clock = line.text.partition("T")
        return f"{_day_text(turn, ReviewLine(ref='', label='', text=day, kind='date'))} {clock[:5]}"
    if line.kind == "time":
        return line.text[:5]
    if line.kind == "geopoint":
        return "，".join(line.text.split()[:2])
    if line.kind in ATTACHED:
        return turn.words("answer.signature" if line.text.endswith(".txt") else f"answer.{line.kind}")
    return plain(line.text) if line.kind.startswith("select") or line.kind == "rank" else line.text


def _day_text(turn: Turn, line: ReviewLine) -> str:
    try:
        day = date.fromisoformat(line.text)
    except ValueError:
        return line.text
    looks = line.appearance.split()
    if "year" in looks:
        return turn.words("form.year", year=day.year)
    if "month-year" in looks:
        return turn.words("form.month", year=day.year, month=day.month)
    return turn.any_day(day)
