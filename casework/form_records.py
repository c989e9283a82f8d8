"""What comes of filling in forms: unfinished answers, submissions, and files that were sent as answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AliasChoices, Field

from casework.record import Record


@dataclass(frozen=True, kw_only=True)
class Draft(Record):
    """Unfinished answers of ``person``. Status: open, submitted, cancelled. ``state`` is the engine's."""

    kind: ClassVar[str] = "draft"
    status: str = "open"
    form: str
    digest: str  # of the compiled form the answers were given to
    visit: str | None = None
    checkin: str | None = None
    corrects: str | None = None  # the submission that this one replaces
    matter: tuple[
        str, ...
    ] = ()  # of which it is a step: sort, step, and the matter's id ("" = it begins one)
    state: Mapping[str, Any] = field(default_factory=dict)
    step: int = 0  # grows with every answer; a button carries the step it was made for
    started_at: datetime
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Submission(Record):
    """Answers as they were submitted by ``person``. ``status``: valid or replaced (by a correction)."""

    kind: ClassVar[str] = "submission"
    status: str = "valid"
    form: str
    form_version: str
    digest: str
    at: datetime
    visit: str | None = None
    checkin: str | None = None
    corrects: str | None = None
    matter: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)  # reference -> value
    lines: tuple[tuple[str, str], ...] = ()  # question and answer as the person read them
    calculated: Mapping[str, str] = field(default_factory=dict)
    xml: str = ""
    left: Mapping[str, str] = field(
        default_factory=dict
    )  # answers that the form's newer version had no place for


@dataclass(frozen=True, kw_only=True)
class File(Record):
    """A file that ``person`` sent as an answer, or that was made for them; its content lies in `FilePart` s.

    ``status``: draft until its form is submitted, then kept; dropped where the form was given up or another
    file took its place: its content is gone then. ``source`` is the id of what it came from: the draft, which
    is also the submission's, or the record that a document was made of. ``document`` is the kind of document
    that was made ("agreement", …), "" for what was sent. One that is about no single child is its owner's
    while they hold the posts ``held`` ("role:area") that they held then. ``sha256`` is that of the content as
    it is kept, ``size`` its bytes.
    """

    kind: ClassVar[str] = "file"
    status: str = "draft"
    source: Annotated[str, Field(validation_alias=AliasChoices("source", "draft"))]  # draft: until 0.1
    document: str = ""
    held: tuple[str, ...] = ()
    name: str
    mime: str
    size: int
    sha256: str
    parts: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FilePart(Record):
    """A part of a file's content, in base64. ``id``: the file's, a colon, and the part's number from 0."""

    kind: ClassVar[str] = "file_part"
    content: str
