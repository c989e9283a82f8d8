"""A small county on a real SQLite store, with the packaged forms, the words and a clock that tests move."""

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.auditor import Auditor
from bot.documents.press import open_press
from casework.child_clock import awake
from casework.invites import make_invite
from casework.outcome import Outcome
from casework.policy import Policy, load_policy
from casework.records import Area, Child, Link, Person, Post, Record
from casework.visits import plan_visit
from conversations.desk import Desk
from conversations.door import respond
from conversations.notices import delivered, together, undelivered, word
from conversations.outages import returned
from conversations.said import Attachment, Button, Message, Reply, Said, Together
from conversations.shelf import FormShelf, load_shelf
from conversations.wake import wake
from conversations.words import Words, load_words
from storage.outbox import OutboxRow, Sent
from storage.store import KeyRing, Store
from xlsform.publish import Published, publish

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE).astimezone(UTC)  # a Monday
KEYS = KeyRing(["a test key that is longer than thirty-two characters"])
FORMS = Path(__file__).parents[2] / "conversations" / "forms"

NAMES = {
    "zh_Hans": {
        "wang": "王主任", "liu": "刘主任", "li": "李督导", "zhao": "赵督导", "sun": "孙科长",
        "qian": "钱督导", "tang": "唐主任",
        "granny": "奶奶", "chen": "陈警官", "wu": "吴主席", "gao": "高科长", "ding": "丁老师",
        "stranger": "陌生人",
    },
    "en": {
        "wang": "Wang", "liu": "Liu", "li": "Li", "zhao": "Zhao", "sun": "Sun", "granny": "Granny",
        "qian": "Qian", "tang": "Tang", "chen": "Chen", "wu": "Wu", "gao": "Gao", "ding": "Ding",
        "stranger": "Stranger",
    },
}  # fmt: skip
POSTS = {
    "wang": Post(role="village_worker", area="v1"),
    "liu": Post(role="village_worker", area="v2"),
    "li": Post(role="township_officer", area="t1"),
    "zhao": Post(role="township_officer", area="t1"),
    "sun": Post(role="county_officer", area="c1"),
    "granny": Post(role="guardian", area="v1"),
    "qian": Post(role="township_officer", area="t2"),
    "tang": Post(role="village_worker", area="v3"),
    "chen": Post(role="department_contact", area="t1"),
    "wu": Post(role="department_contact", area="c1"),
    "gao": Post(role="department_contact", area="c1"),
    "ding": Post(role="department_contact", area="t1"),
}
DEPARTMENTS = {"chen": "police", "wu": "womens_federation", "gao": "education", "ding": "school"}
PHONES = {
    "wang": "13800000001",
    "liu": "13800000002",
    "li": "13800000003",
    "zhao": "13800000004",
    "sun": "0579-1234567",
    "chen": "0579-110110",
}
AREAS = (
    Area(id="c1", name="青山县", level="county"),
    Area(id="t1", name="柳河镇", level="township", parent="c1"),
    Area(id="v1", name="榆树村", level="village", parent="t1"),
    Area(id="v2", name="杨树村", level="village", parent="t1"),
)
FAR = ("granny", "qian", "tang")  # who is only there where he has joined
FAR_AREAS = (  # where Qian has joined
    Area(id="t2", name="河口镇", level="township", parent="c1"),
    Area(id="v3", name="河湾村", level="village", parent="t2"),
)
CHILD = Child(
    id="3001", child="3001", name="张小花", sex="female", birth_date=date(2016, 5, 4), village="v1",
    township="t1", county="c1", worker="wang", guardian_name="周桂兰", guardian_relation="奶奶",
    guardian_phone="13900000009", risk=2, school="柳河中心小学", categories=("left_behind",),
    registered_on=date(2026, 9, 1),
)  # fmt: skip
OTHER = replace(
    CHILD, id="3002", child="3002", name="李小明", sex="male", guardian_name="", guardian_phone=""
)
SISTER = replace(CHILD, id="3003", child="3003", name="张小草", birth_date=date(2019, 3, 2), risk=3)
# who turn 16 and 18 on the day after tomorrow
SIXTEEN = replace(
    CHILD, id="3016", child="3016", name="何小满", birth_date=date(2010, 11, 25), risk=4, guardian_name="",
    guardian_phone="",
)  # fmt: skip
EIGHTEEN = replace(SIXTEEN, id="3018", child="3018", name="许小立", birth_date=date(2008, 11, 25), sex="male")
# a dozen who live each in a home of their own; the least urgent come first in the register
MANY = tuple(
    replace(
        CHILD, id=str(3101 + n), child=str(3101 + n), name=f"{surname}小雨", guardian_name="",
        guardian_phone="", risk=4 - n // 3,
    )
    for n, surname in enumerate("赵钱孙周吴郑冯陈褚卫蒋沈")
)  # fmt: skip
CHILDREN = {child.id: child for child in (CHILD, OTHER, SISTER, SIXTEEN, EIGHTEEN, *MANY)}

ERASED = "••••••"  # how a transcript shows that what was typed is gone from the chat


@cache
def policy() -> Policy:
    """The packaged policy."""
    return load_policy()


@cache
def words() -> Words:
    """The packaged words."""
    return load_words()


@cache
def packaged(name: str) -> Published:
    """A packaged form, published."""
    return publish((FORMS / f"{name}.md").read_bytes(), kind="md", name=name)


@cache
def shelf() -> FormShelf:
    """All packaged forms."""
    return load_shelf({path.stem: packaged(path.stem) for path in sorted(FORMS.glob("*.md"))})


@dataclass
class Shown:
    """A message on somebody's phone, as it stands after all edits."""

    id: str
    message: Message


@dataclass(frozen=True)
class Heard:
    """What the bot showed somebody: a message, an edit of one, or a pop-up."""

    person: str
    kind: str  # message, edit, popup, erased (of what the person typed)
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    media: str = ""  # photo, document …: what the words belong to


@dataclass
class Phone:
    """One person's chat."""

    address: str
    shown: list[Shown] = field(default_factory=list)
    blocked: bool = False

    def button(self, label: str, back: int = 1) -> tuple[Shown, Button]:
        """The button that begins with ``label`` on the ``back``-th newest message that has one."""
        found = []
        for shown in reversed(self.shown):
            labels = [b for row in shown.message.buttons for b in row]
            hit = next((b for b in labels if b.label == label), None)
            hit = hit or next((b for b in labels if b.label.startswith(label)), None)
            if hit is not None:
                found.append((shown, hit))
        if len(found) < back:
            have = [b.label for s in self.shown[-2:] for row in s.message.buttons for b in row]
            raise LookupError(f"no button {label!r}; there are {have}")
        return found[back - 1]


class County:
    """The desk, everybody's phone, and the clock. Made by `open_county`."""

    def __init__(self, path: Path, language: str) -> None:
        self.path, self.language, self.now = path, language, START
        self.phones: dict[str, Phone] = {p: Phone(address=f"test:{p}") for p in NAMES["en"]}
        self.heard: list[Heard] = []
        self.forms = shelf()
        self._ids, self._keys, self._messages, self._typed = count(1), count(1), count(1), count(1)
        self.auditor: Auditor | None = None
        self.desk: Desk
        self.store: Store

    async def open(self) -> None:
        """Opens the store; again after `close`: a restart."""
        self.store = await self._opened()
        self.desk = Desk(
            store=self.store, forms=self.forms, policy=policy(), words=words(), press=open_press(),
            clock=lambda: self.now,
            new_id=lambda: f"id{next(self._ids):014d}", bot_name="xiangban_bot",
            new_code=lambda length: "ABCDEFGHJKMN"[:length],
        )  # fmt: skip

    async def _opened(self) -> Store:
        return await Store.open(f"sqlite:///{self.path}", KEYS)

    async def close(self) -> None:
        """Lets go of the store."""
        await self.store.close()

    async def restart(self) -> None:
        """What is not in the database is gone."""
        await self.close()
        await self.open()

    async def away(self, moment: datetime) -> None:
        """The bot is down until then."""
        await self.close()
        start, self.now = self.now, moment
        await self.open()
        await returned(self.desk, start, moment)
        await self.until(moment)

    async def settle(self, joined: tuple[str, ...], children: tuple[Child, ...] = (CHILD,)) -> None:
        """The county's people and children; only ``joined`` have joined. A visit each is due tomorrow."""
        people: list[Record] = []
        for id, post in POSTS.items():
            status = "joined" if id in joined else "invited"
            cares = tuple(c.id for c in children[:1]) if id == "granny" and id in joined else ()
            if id in FAR and id not in joined:
                continue
            person = Person(
                id=id, person=id, name=NAMES[self.language][id], posts=(post,), phone=PHONES.get(id, ""),
                language=self.language, deputy={"wang": "liu"}.get(id), status=status, cares_for=cares,
                department=DEPARTMENTS.get(id, ""),
            )  # fmt: skip
            people.append(person)
            if id in joined:
                address = self.phones[id].address
                people.append(Link(id=self.store.link_id(address), person=id, address=address))
        children = tuple(awake(child, policy(), self.now) for child in children)
        areas = (*AREAS, *FAR_AREAS) if "qian" in joined else AREAS
        outcome = Outcome(records=(*areas, *people, *children))
        for child in children:
            due = self.desk.today(self.now) + timedelta(days=1)
            outcome += plan_visit(child, policy=policy(), now=self.now, new_id=self.desk.new_id, due=due)
        await self.store.apply(outcome)

    async def invite(self, person: str, code: str) -> None:
        """A code for somebody, as the command line makes it."""
        digest = self.store.code_digest(code)
        await self.store.apply(
            make_invite(
                person,
                digest=digest,
                inviter="li",
                child=None,
                policy=policy(),
                now=self.now,
                new_id=self.desk.new_id,
            )
        )

    async def bring(self, person: str, said: Said) -> Reply:
        """Brings a saying to the door and what it causes to the phones."""
        reply = await respond(self.desk, said)
        if reply.popup:
            self.heard.append(Heard(person, "popup", reply.popup))
        await self.deliver()
        return reply

    def said(self, person: str, **more: object) -> Said:
        """Something that a person says."""
        known = "en" if self.language == "en" else "zh-hans"
        fields: dict[str, object] = {"kind": "text", "language": known, **more}
        return Said(
            address=self.phones[person].address, at=self.now, key=f"said:{next(self._keys)}", **fields
        )  # type: ignore[arg-type]

    async def say(self, person: str, text: str) -> Reply:
        """Somebody types."""
        return await self.bring(person, self.said(person, text=text, message=f"typed{next(self._typed)}"))

    async def tap(self, person: str, label: str, back: int = 1) -> Reply:
        """Somebody taps a button of the newest message that has it."""
        shown, button = self.phones[person].button(label, back)
        if button.sends == "label":
            return await self.say(person, button.label)
        return await self.bring(person, self.said(person, kind="tap", token=button.token, message=shown.id))

    async def send(self, person: str, kind: str, content: bytes, name: str = "") -> Reply:
        """Somebody sends a photo, a voice message or a file."""

        async def read() -> bytes:
            return content

        sent = Attachment(kind=kind, name=name, size=len(content), read=read)  # type: ignore[arg-type]
        return await self.bring(person, self.said(person, kind="attachment", attachment=sent))

    async def send_place(self, person: str, latitude: float, longitude: float) -> Reply:
        """Somebody sends where they are."""
        sent = Attachment(kind="location", latitude=latitude, longitude=longitude)
        return await self.bring(person, self.said(person, kind="attachment", attachment=sent))

    def publish(self, name: str, source: str, media: Mapping[str, bytes] | None = None) -> None:
        """From now on the form ``name`` is this one, written as Markdown tables."""
        made = publish(source.encode(), kind="md", name=name)
        fresh = load_shelf({name: replace(made, media={**made.media, **(media or {})})})
        now = self.forms
        self.forms = FormShelf(forms={**now.forms, **fresh.forms}, media={**now.media, **fresh.media})
        self.desk.forms = self.forms

    async def block(self, person: str) -> None:
        """Somebody blocks the bot without the bot being told."""
        self.phones[person].blocked = True

    async def by_hand(self, statement: str) -> None:
        """Somebody changes the database, not through the bot; or its operator settles that."""
        if statement == "settle":
            await self.store.settle(self.now)
        else:
            with contextlib.closing(sqlite3.connect(self.path)) as other, other:
                other.execute(statement)
        self.auditor = self.auditor or self._audited()
        for _ in range(policy().audit.well_after):
            await self.auditor.audit()
        await self.deliver()

    def _audited(self) -> Auditor:
        return Auditor(
            self.store, lambda: self.now, policy(), ages=dict, expected=(), trail_holds=lambda: True
        )

    async def deliver(self) -> None:
        """Brings what is due in the outbox to the phones, as the sender does."""
        while rows := await self.store.claim(self.now, limit=50, lease=timedelta(minutes=1)):
            for row in rows:
                phone = next((p for p in self.phones.values() if p.address == row.address), None)
                if phone is None or phone.blocked:
                    for each in row.whole:
                        await self.store.undeliverable(each.seq, "blocked")
                        await undelivered(self.desk, each.notice, "blocked", self.now)
                else:
                    await self._bring(row, phone)

    async def _bring(self, row: OutboxRow, phone: Phone) -> None:
        if row.others:
            said = await together(self.desk, [each.notice for each in row.whole])
        else:
            said = Together(message=await word(self.desk, row.notice))
        assert not said.unworded
        name = self._show(phone, said.message)
        for each in row.whole:
            told = name if each.key not in said.untold else ""
            await self.store.sent([Sent(seq=each.seq, message_id=told)])
            if told:
                await delivered(self.desk, each.notice, self.now)

    def _show(self, phone: Phone, message: Message | None) -> str:
        if message is None:
            return ""
        person = next(name for name, p in self.phones.items() if p is phone)
        if message.erases:
            self.heard.append(Heard(person, "erased", ERASED))
            return ""
        old = next((s for s in phone.shown if message.edits and s.id == message.edits), None)
        if old is not None:
            old.message = message
            self.heard.append(Heard(person, "edit", message.text, message.buttons))
            return old.id
        shown = Shown(id=f"m{next(self._messages)}", message=message)
        phone.shown.append(shown)
        media = message.media.partition(":")[0]
        self.heard.append(Heard(person, "message", message.text, message.buttons, media))
        return shown.id

    async def until(self, moment: datetime) -> None:
        """Moves the clock, stopping wherever something is due and at each full hour."""
        while True:
            next_wake = await self.store.next_wake()
            hour = self.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            stop = min(moment, hour, max(next_wake, self.now) if next_wake is not None else moment)
            self.now = stop
            while await wake(self.desk, self.now, at_once=1):  # in the same order each time
                pass
            if self.auditor is not None:
                await self.auditor.audit()
            await self.deliver()
            if stop >= moment:
                return
