"""What a session hands out: prompts, problems, the lines of a review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xlsform.choices import Choice
from xlsform.model import Range


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One question to put, all texts in the session's language with their values filled in.

    `notes` are shown before the label. `value` is the current answer, "" if none, a multiple choice
    separated by spaces. `groups` are the labels of the groups around it, outermost first. `group_ref` and
    `group_appearance` are the innermost group's (a field-list, a table). `total` is the
    number of questions that are relevant now. A prompt of kind "note" ends the form; any answer or skip()
    passes it. `image`, `audio` and `video` name the label's files, `note_image` the notes' first picture.
    """

    ref: str
    name: str
    kind: str
    label: str
    hint: str = ""
    guidance: str = ""
    notes: tuple[str, ...] = ()
    required: bool = False
    readonly: bool = False
    choices: tuple[Choice, ...] = ()
    value: str = ""
    appearance: str = ""
    required_message: str = ""
    groups: tuple[str, ...] = ()
    group_ref: str = ""
    group_appearance: str = ""
    position: int = 0
    total: int = 0
    range_: Range | None = None
    image: str = ""
    audio: str = ""
    video: str = ""
    note_image: str = ""
    type: str = "string"
    mediatype: str = ""


@dataclass(frozen=True, kw_only=True)
class RepeatPrompt:
    """The question whether to add another instance of a repeat that has `count` so far."""

    ref: str
    label: str
    count: int
    can_add: bool
    notes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    position: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why an answer was not taken; `message` is the author's text in the session's language, "" if there is
    none.
    """

    kind: Literal["required", "constraint", "type", "choice", "readonly"]
    message: str = ""
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """An answered question; `text` is the answer as the reader reads it. `list_ref` and `list_label` are
    those of the field-list around it, "" where there is none.
    """

    ref: str
    label: str
    text: str
    kind: str
    appearance: str = ""
    list_ref: str = ""
    list_label: str = ""
