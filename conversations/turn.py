"""One saying being answered: who speaks, where the talk stands, and what has been decided so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from casework.access import Reader
from casework.outcome import Event, Notice, Outcome, Priority
from casework.records import Child, Draft, Escalation, Person, Record, Talk
from conversations.dates import day_for, say_day, with_lunar
from conversations.desk import Desk
from conversations.rich import Rich, rich
from conversations.said import Button, Message, Reply, Said

Rows = Sequence[Sequence[Button]]


@dataclass(kw_only=True)
class Turn:
    """Gathers the whole answer; nothing is kept or said until the door applies it.

    ``child`` is the code of the child that the messages are about, if any: they are sealed with its key.
    """

    desk: Desk
    said: Said
    now: datetime
    person: Person
    reader: Reader
    talk: Talk
    kept_talk: Talk
    drafts: tuple[Draft, ...] = ()  # what the person had begun and not finished
    child: str | None = None
    outcome: Outcome = field(default_factory=Outcome)
    messages: list[Message] = field(default_factory=list)
    popup: str = ""
    alarm: bool = False

    @property
    def language(self) -> str:
        """In which language this person is spoken to."""
        return self.person.language

    @property
    def today(self) -> date:
        """The day that it is in the county."""
        return self.desk.today(self.now)

    @property
    def roles(self) -> frozenset[str]:
        """The roles held, with those of the people that this person stands in for."""
        return self.reader.roles | {post.role for post in self.person.posts}

    def words(self, key: str, **values: object) -> str:
        """A sentence in the person's language."""
        return self.desk.words.say(self.language, key, **values)

    def day(self, day: date) -> str:
        """A day as this person reads it, with the farmers' calendar where the county wants it."""
        return day_for(day, self.person, self.desk.policy)

    def far_day(self, day: date) -> str:
        """The same, with the year where it is not this one."""
        return with_lunar(self.any_day(day), day, self.person, self.desk.policy)

    def any_day(self, day: date) -> str:
        """A day as answers, papers and pictures hold it: with its year as above, by one calendar only."""
        said = say_day(day, self.language)
        return said if day.year == self.today.year else self.words("answer.day", year=day.year, day=said)

    def button(self, label: str, action: str, *parts: str | int) -> Button:
        """A button for this person."""
        return Button(label=label, token=self.desk.token(self.person.id, action, *parts))

    def tell(
        self,
        text: Rich | str,
        buttons: Rows = (),
        *,
        bold: Sequence[str] = (),
        edit: bool = False,
        protect: bool = False,
        media: str = "",
        clears: bool = False,
    ) -> None:
        """Says ``text``, its parts ``bold`` set in bold. ``edit``: in place of the message tapped on."""
        whole = rich(text)
        spans = [("bold", whole.text.find(part), len(part)) for part in bold if part and part in whole.text]
        self.messages.append(
            Message(
                text=whole.text,
                buttons=tuple(tuple(row) for row in buttons if row),
                edits=self.said.message if edit and self.said.kind == "tap" and self.said.message else None,
                marks=(*whole.marks, *spans),
                protect=protect,
                media=media,
                clears=clears,
            )
        )

    def erase(self) -> None:
        """Takes the message that was just typed out of the chat, where the channel can."""
        if self.said.message and self.said.kind != "tap":
            self.messages.append(Message(text="", erases=self.said.message))

    def say(self, key: str, **values: object) -> None:
        """Says one sentence of the catalogue."""
        self.tell(self.words(key, **values))

    def pop(self, key: str, *, alarm: bool = False, **values: object) -> None:
        """Answers a tap by a pop-up that leaves nothing in the chat; a message where nothing was tapped."""
        text = self.words(key, **values)
        if self.said.kind != "tap":
            self.tell(text)
            return
        self.popup, self.alarm = text, alarm

    def decide(self, outcome: Outcome) -> None:
        """Adds a decision to what this saying brings about."""
        self.outcome = self.outcome + outcome

    def keep(self, *records: Record) -> None:
        """Adds changed records."""
        self.decide(Outcome(records=records))

    def happened(
        self, name: str, *, child: str | None = None, record: str | None = None, **detail: str
    ) -> None:
        """Adds an event of this person's."""
        self.decide(
            Outcome(
                events=(
                    Event(
                        name=name, at=self.now, actor=self.person.id, child=child, record=record,
                        ground="assignment", detail=detail,
                    ),
                )
            )
        )  # fmt: skip

    def expect(self, *what: str) -> None:
        """What the person's next words answer; nothing ends the waiting."""
        if self.talk.expects != what:
            self.talk = replace(self.talk, expects=what)

    def at_draft(self, draft: str | None) -> None:
        """Which draft the person's next words belong to."""
        if self.talk.draft != draft:
            self.talk = replace(self.talk, draft=draft)

    async def child_of(self, code: str | None) -> Child | None:
        """The child, as far as the person may see it; of a file that was joined with another, that one."""
        child = await self.desk.store.get(self.reader, Child, code) if code else None
        return child if child is None or child.merged_into is None else await self.child_of(child.merged_into)

    async def escalation(self, escalation_id: str) -> Escalation | None:
        """The escalation, as far as the person may see it."""
        return await self.desk.store.get(self.reader, Escalation, escalation_id)

    def result(self) -> tuple[Outcome, Reply]:
        """The whole outcome, replies among the notices, and what the channel is to show at once."""
        outcome = self.outcome
        if self.talk != self.kept_talk:
            outcome = outcome + Outcome(records=(self.talk,))
        outcome = outcome + Outcome(
            notices=replies(self.said, self.messages, to=self.person.id, child=self.child)
        )
        return outcome, Reply(messages=tuple(self.messages), popup=self.popup, alarm=self.alarm, at=self.now)


def replies(
    said: Said, messages: Sequence[Message], *, to: str | None, child: str | None = None
) -> tuple[Notice, ...]:
    """Messages that answer ``said``, ready for the outbox. What was answered before is not answered again."""
    return tuple(
        Notice(
            key=f"{said.key}:{n}",
            to=to,
            kind="reply",
            priority=Priority.REPLY,
            values={"message": message.as_values()},
            child=child,
            address=said.address,
        )
        for n, message in enumerate(messages)
    )


def rows_of(buttons: Sequence[Button], per_row: int = 1) -> list[list[Button]]:
    """Buttons in rows."""
    return [list(buttons[at : at + per_row]) for at in range(0, len(buttons), per_row)]


def as_decided(escalations: Sequence[Escalation], outcome: Outcome) -> tuple[Escalation, ...]:
    """A child's escalations as ``outcome`` leaves them, with those that it opened."""
    changed = {r.id: r for r in outcome.records if isinstance(r, Escalation)}
    known = {e.id for e in escalations}
    new = (e for e in changed.values() if e.id not in known)
    return (*(changed.get(e.id, e) for e in escalations), *new)
