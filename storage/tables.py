"""The tables. Whatever waits, waits in ``wake_at``. Plain columns hold codes and times, never answers."""

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal,
    text,
)

METADATA = MetaData()
NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only a plain INTEGER key by itself

CHILDREN = Table(
    "children",
    METADATA,
    Column("id", String, primary_key=True),
    Column("village", String, nullable=False),
    Column("township", String, nullable=False),
    Column("county", String, nullable=False),
    Column("worker", String),
    Column("status", String, nullable=False),
    Column("name_index", String, nullable=False),
    Column("id_number_index", String),
    Column("wake_at", BigInteger),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("children_worker", "worker"),
    Index("children_township", "township"),
    Index("children_county", "county"),
    Index("children_name", "name_index"),
    Index("children_id_number", "id_number_index"),
)
Index("children_wake", CHILDREN.c.wake_at, sqlite_where=CHILDREN.c.wake_at.is_not(None),
      postgresql_where=CHILDREN.c.wake_at.is_not(None))  # fmt: skip

RECORDS = Table(
    "records",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("child", String),
    Column("person", String),
    Column("area", String),
    Column("status", String, nullable=False),
    Column("wake_at", BigInteger),
    Column("number", Integer),
    Column("look", String),  # what it is looked up by: a keyed digest
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("records_child", "child", "kind"),
    Index("records_person", "person", "kind", "status"),
    Index("records_kind_status", "kind", "status"),
    Index("records_number", "kind", "number"),
    Index("records_look", "look"),
)
Index("records_wake", RECORDS.c.wake_at, sqlite_where=RECORDS.c.wake_at.is_not(None),
      postgresql_where=RECORDS.c.wake_at.is_not(None))  # fmt: skip
# What must never be, or hardly: such an index is empty, so that the auditor looks at nothing else.
ASLEEP = (
    "wake_at IS NULL AND kind NOT IN ('area', 'person', 'draft', 'submission', 'invite', 'talk', 'link', "
    "'pin', 'file', 'file_part') AND status NOT IN ('resolved', 'withdrawn', 'done', 'excused', 'cancelled', "
    "'answered', 'unanswered', 'stopped', 'closed', 'filled')"
)
Index("records_asleep", RECORDS.c.kind, RECORDS.c.id, sqlite_where=text(ASLEEP),
      postgresql_where=text(ASLEEP))  # fmt: skip

POSTS = Table(  # who answers for what; written along with the person's own record
    "posts",
    METADATA,
    Column("owner", String, primary_key=True),  # the person in whose record this stands
    Column("role", String, primary_key=True),  # a role, or: cares_for (a child), deputy (of the owner)
    Column("person", String, primary_key=True),
    Column("area", String, primary_key=True),
    Index("posts_area", "role", "area"),
    Index("posts_person", "person", "role"),
)

KEYS = Table(
    "keys",
    METADATA,
    Column("no", NUMBER, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("kek", String, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # the number of an erased key is never given again
)

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("child", String),
    Column("record", String),
    Column("ground", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Index("events_child", "child"),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("seq", NUMBER, primary_key=True),
    Column("source", String, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),  # open, done, parked
    Column("tries", Integer, nullable=False),
    Column("error", Text),
    Column("raw", LargeBinary),
    UniqueConstraint("source", "update_id", "digest"),
    sqlite_autoincrement=True,
)
Index("inbox_open", INBOX.c.seq, sqlite_where=INBOX.c.state == "open",
      postgresql_where=INBOX.c.state == "open")  # fmt: skip
Index("inbox_received", INBOX.c.received_at)
ODD_INBOX = (
    "state NOT IN ('open', 'done', 'parked') OR state = 'done' AND raw IS NOT NULL "
    "OR state = 'parked' AND error IS NULL"
)
Index("inbox_odd", INBOX.c.state, sqlite_where=text(ODD_INBOX), postgresql_where=text(ODD_INBOX))

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("seq", NUMBER, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("recipient", String),
    Column("child", String),
    Column("lane", String, nullable=False),  # the address's keyed index; "person:CODE" while there is none
    Column("priority", Integer, nullable=False),
    Column("state", String, nullable=False),  # new, sending, sent, dead, held (restored: not to be sent)
    Column("next_at", BigInteger, nullable=False),
    Column("lease", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("ambiguous", Boolean, nullable=False),
    Column("message_id", String),
    Column("reason", Text),
    Column("body", LargeBinary),
    Index("outbox_child", "child"),
    sqlite_autoincrement=True,
)
_NEW, _SENDING = OUTBOX.c.state == "new", OUTBOX.c.state == "sending"
Index("outbox_order", OUTBOX.c.priority, OUTBOX.c.seq, OUTBOX.c.next_at, OUTBOX.c.tries, OUTBOX.c.lane,
      sqlite_where=_NEW, postgresql_where=_NEW)  # fmt: skip
Index("outbox_lane", OUTBOX.c.lane, sqlite_where=_NEW, postgresql_where=_NEW)
Index("outbox_sending", OUTBOX.c.lane, sqlite_where=_SENDING, postgresql_where=_SENDING)
ODD_OUTBOX = (
    "state NOT IN ('new', 'sending', 'sent', 'dead') OR state IN ('sent', 'dead') AND body IS NOT NULL"
)
Index("outbox_odd", OUTBOX.c.state, sqlite_where=text(ODD_OUTBOX), postgresql_where=text(ODD_OUTBOX))

BEATS = Table(
    "beats", METADATA, Column("loop", String, primary_key=True), Column("at", BigInteger, nullable=False)
)
META = Table(
    "meta", METADATA, Column("name", String, primary_key=True), Column("value", LargeBinary, nullable=False)
)

GONE = Table(  # rows that others than this program removed or altered, as the tripwires saw it
    "gone",
    METADATA,
    Column("no", NUMBER, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("source", String, nullable=False),  # the table
    Column("name", String, nullable=False),  # the row's key
    Column("what", String, nullable=False),  # removed, altered
    Column("settled_at", BigInteger),  # when the operator had dealt with it
    sqlite_autoincrement=True,
)
Index("gone_open", GONE.c.no, sqlite_where=GONE.c.settled_at.is_(None),
      postgresql_where=GONE.c.settled_at.is_(None))  # fmt: skip
LAWFUL = Table(  # never holds a row that is committed: see `storage.tripwires`
    "lawful", METADATA, Column("why", String, primary_key=True)
)


def fixed(value: str) -> BindParameter[str]:
    """A value written into the statement itself, without which SQLite can't use a partial index."""
    return literal(value, literal_execute=True)
