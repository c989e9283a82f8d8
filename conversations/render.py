"""How a question looks in a chat: its text, and a button for everything that can be answered by tapping."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from casework.records import Draft
from conversations.dates import say_day
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn
from xlsform import Choice, Prompt, RepeatPrompt, ReviewLine

PAGE = 12  # so many choices at once; more are on further pages
_TWO_IN_A_ROW, _THREE_IN_A_ROW = 14, 6  # widths that still show whole on a narrow phone
SHORT_LABEL = 72
ATTACHED = ("image", "audio", "video", "file")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message to be sent; ``bold`` are parts of ``text``."""

    text: str
    buttons: Sequence[Sequence[Button]] = ()
    bold: tuple[str, ...] = ()


def question(
    turn: Turn, draft: Draft, prompt: Prompt, *, picked: Collection[str] = (), before: str = "", page: int = 0
) -> Shown:
    """One question. ``picked``: what is ticked so far of several; ``before``: a line to begin with."""
    parts = [before, *prompt.notes, _place(turn, prompt)]
    body = [prompt.label]
    if prompt.hint:
        body.append(prompt.hint)
    numbered = _numbered(prompt, page)
    if numbered:
        body.append("")
        body.extend(numbered)
    how = _how(turn, prompt)
    text = "\n\n".join(part for part in parts if part) + ("\n" if parts[-1] else "\n\n") + "\n".join(body)
    if how:
        text += f"\n\n{how}"
    buttons = [*_answers(turn, draft, prompt, picked, page), _ways(turn, draft, prompt)]
    return Shown(text=text.strip(), buttons=buttons, bold=(prompt.label,))


def _place(turn: Turn, prompt: Prompt | RepeatPrompt) -> str:
    if isinstance(prompt, Prompt) and prompt.kind == "note":
        return ""
    if prompt.position == 1:  # how many there are shows with the first answer
        return turn.words("form.first", position=1)
    return turn.words("form.place", position=prompt.position, total=max(prompt.total, prompt.position))


def _how(turn: Turn, prompt: Prompt) -> str:
    """How to answer, where no button says it; with the present value where there is one."""
    kind = "media" if prompt.kind in ATTACHED else prompt.kind
    now = ""
    if prompt.value and not prompt.choices and prompt.kind not in ("note", "acknowledge"):
        now = turn.words("form.now", value=clean(prompt.value, 200)) + "\n"
    key = f"form.how.{kind}"
    return now + turn.words(key) if turn.desk.words.has(key) else now.strip()


def _on_page(prompt: Prompt, page: int) -> Sequence[tuple[int, Choice]]:
    return list(enumerate(prompt.choices))[page * PAGE : (page + 1) * PAGE]


def _numbered(prompt: Prompt, page: int) -> list[str]:
    """The choices with their numbers: what a typed number means. Two short ones need no list."""
    return [f"{number + 1}. {choice.label}" for number, choice in _on_page(prompt, page)]


def width(text: str) -> int:
    """How wide a text is, Chinese characters counted twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _answers(
    turn: Turn, draft: Draft, prompt: Prompt, picked: Collection[str], page: int
) -> list[list[Button]]:
    if prompt.kind == "acknowledge":
        return [[_button(turn, draft, turn.words("form.ok"), "k")]]
    if prompt.kind == "note":
        return [[_button(turn, draft, turn.words("form.next"), "n")]]
    if prompt.kind == "date" and not prompt.appearance:
        return [[_button(turn, draft, turn.words(f"form.day{n}"), f"t{n}") for n in (0, 1)]]
    multiple = prompt.kind == "select_multiple"
    ticked = [multiple and c.value in picked for _, c in _on_page(prompt, page)]
    buttons = [  # a button says what it was shown for: tapped twice, or on an old copy, it does the same
        _button(turn, draft, f"✓ {c.label}" if on else c.label, f"{'u' if on else 'c'}{n}")
        for (n, c), on in zip(_on_page(prompt, page), ticked, strict=True)
    ]
    rows = arranged(buttons)
    pages = (len(prompt.choices) - 1) // PAGE + 1 if prompt.choices else 1
    if pages > 1:
        rows.append([_button(turn, draft, turn.words("list.more"), f"p{(page + 1) % pages}")])
    if multiple:
        rows.append([_button(turn, draft, turn.words("form.done"), "d")])
    return rows


def arranged(buttons: Sequence[Button]) -> list[list[Button]]:
    """One button a row; two or three in one where all of them are short."""
    widest = max((width(b.label) for b in buttons), default=0)
    per_row = (
        3 if widest <= _THREE_IN_A_ROW and len(buttons) % 3 == 0 else 2 if widest <= _TWO_IN_A_ROW else 1
    )
    if len(buttons) % per_row and len(buttons) < 4:
        per_row = 1
    return [list(buttons[at : at + per_row]) for at in range(0, len(buttons), per_row)]


def _ways(turn: Turn, draft: Draft, prompt: Prompt | RepeatPrompt) -> list[Button]:
    """Back, and skip where the question may be left open."""
    ways = []
    if prompt.position > 1:
        ways.append(_button(turn, draft, turn.words("form.back"), "b"))
    if isinstance(prompt, Prompt) and not prompt.required and prompt.kind not in ("note", "acknowledge"):
        ways.append(_button(turn, draft, turn.words("form.skip"), "s"))
    return ways


def _button(turn: Turn, draft: Draft, label: str, what: str) -> Button:
    return turn.button(label, "f", draft.id, draft.step, what)


def another(turn: Turn, draft: Draft, prompt: RepeatPrompt, before: str = "") -> Shown:
    """The question whether to add one more to a list."""
    parts = [before, *prompt.notes, turn.words("form.another", label=prompt.label, count=prompt.count)]
    choices = [_button(turn, draft, turn.words("form.no_more"), "z")]
    if prompt.can_add:
        choices.insert(0, _button(turn, draft, turn.words("form.add"), "a"))
    text = "\n\n".join(part for part in parts if part)
    return Shown(text=text, buttons=[choices, _ways(turn, draft, prompt)], bold=(prompt.label,))


def review(turn: Turn, draft: Draft, lines: Sequence[ReviewLine], *, title: str, before: str = "") -> Shown:
    """All answers with their numbers, and the buttons that end the form."""
    head = turn.words("review.head", title=title)
    listed = [f"{n}. {answer_line(turn, line)}" for n, line in enumerate(lines, 1)]
    parts = [before, head, "\n".join(listed), turn.words("review.how")]
    buttons = [
        [_button(turn, draft, turn.words("form.submit"), "x")],
        [
            _button(turn, draft, turn.words("form.back"), "b"),
            _button(turn, draft, turn.words("review.edit"), "e"),
        ],
    ]
    return Shown(text="\n\n".join(part for part in parts if part), buttons=buttons, bold=(head,))


def which_line(turn: Turn, draft: Draft, count: int) -> Shown:
    """Which answer to change: a button for each number."""
    numbers = [_button(turn, draft, str(n), f"j{n}") for n in range(1, min(count, 95) + 1)]
    return Shown(
        text=turn.words("review.which"), buttons=[numbers[at : at + 5] for at in range(0, len(numbers), 5)]
    )


def confirmed(turn: Turn, lines: Sequence[ReviewLine], ref: str) -> str:
    """The line that repeats the last answer; "" where it was left open."""
    line = next((line for line in lines if line.ref == ref), None)
    return f"✓ {answer_line(turn, line, 80)}" if line is not None and line.text else ""


def answer_line(turn: Turn, line: ReviewLine, limit: int = 200) -> str:
    """A question and its answer in one line."""
    label = clean(line.label).rstrip("？?：:。.")
    return turn.words(
        "answer.line", label=clean(label, SHORT_LABEL), text=clean(answer_text(turn, line), limit)
    )


def answer_text(turn: Turn, line: ReviewLine) -> str:
    """An answer as people say it: a day with its weekday."""
    if line.kind != "date":
        return line.text
    try:
        return say_day(date.fromisoformat(line.text), turn.language)
    except ValueError:
        return line.text  # the form's author shows only the year, or the month
