"""Who may see what: the assignment, and nothing beyond it (art. 36 of the minors' network rules)."""

from dataclasses import dataclass, field

from casework.records import Child, Person, Record, Request, Role, Vacancy

CHILD_KINDS = frozenset(  # follow the child
    {
        "child",
        "visit",
        "escalation",
        "checkin",
        "submission",
        "file",
        "file_part",
        "matter",
        "referral",
        "attendance",
        "entry",
        "amendment",
        "request",
        "merge",
    }
)
OWN_KINDS = frozenset({"draft", "talk", "invite", "link", "pin", "hand_over"})  # their owner's alone
OPEN_KINDS = frozenset({"area", "activity", "place"})  # no child stands in them
COUNTY_KINDS = frozenset({"vacancy"})  # the officers' of the county in which it lies


@dataclass(frozen=True, kw_only=True)
class Reader:
    """In whose name something is read, with those whom this person stands in for at present."""

    person: str
    workers: frozenset[str] = frozenset()  # whose children he sees: his own, and theirs whom he covers
    townships: frozenset[str] = frozenset()
    counties: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()  # whose referrals he sees: as a department's contact, or for one
    everything: bool = False  # the clock, the importer: our own doing, never a person's
    ground: str = "assignment"
    roles: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_staff(self) -> bool:
        """Whether the reader sees any child's file at all."""
        return bool(self.everything or self.workers or self.townships or self.counties)


CLOCK = Reader(person="clock", everything=True, ground="clock")
OPERATOR = Reader(person="operator", everything=True, ground="operator")
IMPORT = Reader(person="import", everything=True, ground="import")


def reader_of(person: Person, covers: tuple[Person, ...] = ()) -> Reader:
    """The reader that a person is; ``covers`` are the people on leave whose deputy this person is today.

    Only who has joined reads: suspended, left and merely invited people see nothing beyond what is their own,
    and the door lets them say nothing.
    """
    if person.status not in ("joined", "unreachable"):
        return Reader(person=person.id)
    holders = (person, *covers)

    def areas(role: str) -> frozenset[str]:
        return frozenset(post.area for p in holders for post in p.posts if post.role == role)

    return Reader(
        person=person.id,
        workers=frozenset(p.id for p in holders if any(post.role == "village_worker" for post in p.posts)),
        townships=areas("township_officer"),
        counties=areas("county_officer"),
        contacts=frozenset(
            p.id for p in holders if any(post.role == "department_contact" for post in p.posts)
        ),
        roles=frozenset(post.role for p in holders for post in p.posts),
    )


def sees_child(reader: Reader, child: Child) -> bool:
    """Whether the child is the reader's to see."""
    return (
        reader.everything
        or (child.worker is not None and child.worker in reader.workers)
        or child.township in reader.townships
        or child.county in reader.counties
    )


def roles_towards(reader: Reader, child: Child) -> frozenset[Role]:
    """In which roles the reader answers for this very child, or stands in for who does."""
    held: dict[Role, bool] = {
        "village_worker": child.worker is not None and child.worker in reader.workers,
        "township_officer": child.township in reader.townships,
        "county_officer": child.county in reader.counties,
    }
    return frozenset(role for role, his in held.items() if his)


def is_asked_of(reader: Reader, area: str | None, status: str) -> bool:
    """Whether a request waits for officers of the reader's: they see it, and not yet the child."""
    return status == "waiting" and area in reader.townships


def sees(reader: Reader, record: Record, child: Child | None) -> bool:
    """Whether ``record`` is the reader's to see; ``child`` is the child it is about, if it is about one."""
    if reader.everything or record.kind in OPEN_KINDS:
        return True
    if record.kind in OWN_KINDS or record.kind == "person":
        return record.person == reader.person or (record.kind == "person" and record.id == reader.person)
    if record.kind == "checkin" and record.person == reader.person:
        return True
    if isinstance(record, Vacancy):
        return record.county in reader.counties
    if record.kind == "referral" and record.person in reader.contacts:
        return True
    if isinstance(record, Request) and is_asked_of(reader, record.area, record.status):
        return True
    if isinstance(record, Child):
        return sees_child(reader, record)
    return child is not None and sees_child(reader, child)
