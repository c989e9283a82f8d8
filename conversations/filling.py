"""A form being filled in during one turn: its session, what of it changed, and what is to be said of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from casework.records import Draft
from conversations import drafts
from conversations.rich import plain
from conversations.turn import Turn
from conversations.widgets.asked import Asked
from xlsform import Prompt, RepeatPrompt, Session

_SHAPES = ("geotrace", "geoshape")  # can't be drawn in a chat


@dataclass(kw_only=True)
class Filling:
    """``news`` are lines to begin the next message with. What changed is kept by `keep`, once."""

    turn: Turn
    draft: Draft
    session: Session
    news: list[str] = field(default_factory=list)
    changed: bool = False
    moved: bool = False

    def move(self) -> None:
        """The session went on: buttons made before are stale from now on."""
        self.moved = True

    @property
    def is_old(self) -> bool:
        """Whether the question was put so long ago that words may well mean something else."""
        hours = self.turn.desk.policy.forms.ask_again_hours
        return self.turn.now - self.draft.changed_at > timedelta(hours=hours)

    def note(self, pad: Mapping[str, Any]) -> None:
        """What was ticked, searched or leafed through at the present question."""
        self.draft = drafts.with_pad(self.draft, pad)
        self.changed = True

    def keep(self) -> None:
        """Adds the draft to what this turn changes, if it did; questions that a chat can't ask are passed."""
        if self.moved:
            self._pass_shapes()
            self.draft = drafts.moved_on(self.turn, self.draft, self.session)
        if self.is_old:  # it is put again now
            self.draft, self.changed = replace(self.draft, changed_at=self.turn.now), True
        if self.moved or self.changed:
            self.turn.keep(self.draft)
        self.moved = self.changed = False

    def begin(self) -> None:
        """A new draft, kept from its first question on."""
        if self._pass_shapes():
            state = drafts.parked(self.turn, self.draft.id, self.session)
            self.draft = replace(self.draft, state=state)
        self.changed = True

    def back(self) -> None:
        """One question back; over those that a chat can't ask."""
        while self.session.back() and self._is_shape(self.session.prompt()):
            pass
        self.move()

    def _pass_shapes(self) -> bool:
        """Whether any was passed."""
        known, prompt = len(self.news), self.session.prompt()
        while isinstance(prompt, Prompt) and self._is_shape(prompt):
            self.session.skip()
            self.news.append(self.turn.words("form.no_shapes", label=plain(prompt.label)))
            prompt = self.session.prompt()
        return len(self.news) > known

    @staticmethod
    def _is_shape(prompt: Prompt | RepeatPrompt | None) -> bool:
        return isinstance(prompt, Prompt) and prompt.kind in _SHAPES and not prompt.required

    def asked(self, prompt: Prompt) -> Asked:
        """The question as its widget sees it."""
        return Asked(
            turn=self.turn,
            draft=self.draft,
            session=self.session,
            prompt=prompt,
            pad=drafts.pad_of(self.draft),
        )


async def open_filling(turn: Turn, draft: Draft) -> Filling | None:
    """The draft taken up; None where this person has no such form or child any more.

    Where the form was published anew meanwhile, the person is told in one line what became of the answers.
    """
    opened = await drafts.open_session(turn, draft)
    if opened is None:
        return None
    turn.child = draft.child
    filling = Filling(turn=turn, draft=opened.draft, session=opened.session, changed=opened.moved)
    if opened.moved:
        key = "form.new_version_lost" if opened.lost else "form.new_version"
        filling.news.append(turn.words(key, count=opened.lost))
    return filling
