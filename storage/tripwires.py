"""Tripwires: triggers that write down what others than this program remove from the database or alter in it.

A row that goes leaves its table and key in ``gone``, and so does one that changes as this program never
changes it: a record without its version going up by one, the address of a message. What we remove ourselves
stands inside `lawful`: a row in
a table of that name, put there and taken away in the same transaction, so that nobody else ever sees it. The
triggers are laid by the migrations; the auditor makes sure that they lie there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, text

from storage.statements import Statement

KEYS_OF: Mapping[str, tuple[str, ...]] = {
    "children": ("id",),
    "records": ("kind", "id"),
    "posts": ("owner", "role", "person", "area"),
    "keys": ("name",),
    "inbox": ("seq",),
    "outbox": ("seq",),
    "meta": ("name",),
}
ALTERED: Mapping[
    str, tuple[str, str, str]
] = {  # table, columns ("" = any), and what we never do ("" = write them)
    "children_altered": ("children", "", "NEW.version <> OLD.version + 1"),
    "records_altered": ("records", "", "NEW.version <> OLD.version + 1"),
    "posts_altered": ("posts", "", ""),
    "keys_altered": ("keys", "", ""),
    "inbox_altered": ("inbox", " OF seq, source, update_id, digest, received_at", ""),
    "inbox_spoilt": ("inbox", " OF raw", "NEW.raw IS NOT NULL"),
    "outbox_altered": ("outbox", " OF seq, key, recipient, child, lane, priority", ""),
    "outbox_spoilt": ("outbox", " OF body", "NEW.body IS NOT NULL"),
    "meta_altered": ("meta", " OF name", ""),
}
_UNLESS = {"meta": "{old}name NOT LIKE 'note:%'"}  # notes come and go
_BEGIN = Statement("INSERT INTO lawful (why) VALUES (:why)")
_END = Statement("DELETE FROM lawful WHERE why = :why")


@contextmanager
def lawful(conn: Connection, why: str) -> Iterator[None]:
    """What is removed or altered in here is by us. Another ``why`` may stand inside."""
    _BEGIN.rows(conn, why=why)
    yield
    _END.rows(conn, why=why)


# SQLite

_NOT_OURS = "NOT EXISTS (SELECT 1 FROM lawful)"
_SQLITE_NOTE = (
    "BEGIN INSERT INTO gone (at, source, name, what) VALUES "
    "(CAST(strftime('%s', 'now') AS INTEGER) * 1000000, '{table}', {key}, '{what}'); END"
)
_SQLITE_ONLY_ADDED = (
    "CREATE TRIGGER {table}_no_{what} BEFORE {WHAT} ON {table}{when}\n"
    "BEGIN SELECT RAISE(ABORT, '{table} are only added'); END"
)


def _sqlite_key(table: str) -> str:
    return " || ' ' || ".join(f"OLD.{column}" for column in KEYS_OF[table])


def _sqlite() -> dict[str, str]:
    """The triggers by name, as SQLite keeps them."""
    found: dict[str, str] = {}
    for table in KEYS_OF:
        only = f"{_NOT_OURS} AND {_UNLESS[table].format(old='OLD.')}" if table in _UNLESS else _NOT_OURS
        note = _SQLITE_NOTE.format(table=table, key=_sqlite_key(table), what="removed")
        found[f"{table}_gone"] = f"CREATE TRIGGER {table}_gone AFTER DELETE ON {table} WHEN {only} {note}"
    for name, (table, columns, when) in ALTERED.items():
        note = _SQLITE_NOTE.format(table=table, key=_sqlite_key(table), what="altered")
        only = f"{when} AND {_NOT_OURS}" if when else _NOT_OURS
        found[name] = f"CREATE TRIGGER {name} AFTER UPDATE{columns} ON {table} WHEN {only} {note}"
    for table, when in (("events", ""), ("gone", f" WHEN {_NOT_OURS}")):
        for what in ("update", "delete"):
            sql = _SQLITE_ONLY_ADDED.format(table=table, what=what, WHAT=what.upper(), when=when)
            found[f"{table}_no_{what}"] = sql
    return found


# PostgreSQL

_FUNCTIONS = {
    "note_gone": """
BEGIN
  IF EXISTS (SELECT 1 FROM lawful) THEN RETURN NULL; END IF;
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO gone (at, source, name, what)
      VALUES (floor(extract(epoch FROM clock_timestamp()) * 1000000), TG_TABLE_NAME, '*', 'removed');
  ELSE
    EXECUTE format('INSERT INTO gone (at, source, name, what) SELECT floor(extract(epoch FROM '
      'clock_timestamp()) * 1000000), %L, concat_ws('' '', %s), ''removed'' FROM old_rows WHERE %s',
      TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]);
  END IF;
  RETURN NULL;
END """,
    "note_altered": """
BEGIN
  IF NOT EXISTS (SELECT 1 FROM lawful) THEN
    EXECUTE format('INSERT INTO gone (at, source, name, what) SELECT floor(extract(epoch FROM '
      'clock_timestamp()) * 1000000), %L, concat_ws('' '', %s), ''altered'' FROM (SELECT $1.*) AS it',
      TG_TABLE_NAME, TG_ARGV[0]) USING OLD;
  END IF;
  RETURN NULL;
END """,
    "events_only_added": " BEGIN RAISE EXCEPTION 'events are only added'; END ",
    "gone_only_added": """
BEGIN
  IF NOT EXISTS (SELECT 1 FROM lawful) THEN RAISE EXCEPTION 'gone are only added'; END IF;
  RETURN NULL;
END """,
}


def _postgres() -> dict[str, tuple[str, str]]:
    """The triggers by name: the function that each runs, and the statement that makes it."""
    found: dict[str, tuple[str, str]] = {}

    def add(name: str, function: str, rest: str) -> None:
        found[name] = function, f"CREATE TRIGGER {name} {rest}"

    for table, keys in KEYS_OF.items():
        key = ", ".join(keys)
        only = _UNLESS.get(table, "true").format(old="").replace("'", "''")
        call = f"EXECUTE FUNCTION note_gone('{key}', '{only}')"
        add(
            f"{table}_gone", "note_gone",
            f"AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT {call}",
        )  # fmt: skip
        add(f"{table}_emptied", "note_gone", f"AFTER TRUNCATE ON {table} FOR EACH STATEMENT {call}")
    for name, (table, columns, when) in ALTERED.items():
        key, only = ", ".join(KEYS_OF[table]), f"WHEN ({when}) " if when else ""
        call = f"EXECUTE FUNCTION note_altered('{key}')"
        add(name, "note_altered", f"AFTER UPDATE{columns} ON {table} FOR EACH ROW {only}{call}")
    for table in ("events", "gone"):
        add(
            f"{table}_only_added", f"{table}_only_added",
            f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_added()",
        )  # fmt: skip
    return found


def lay(conn: Connection) -> None:
    """Lay all of them anew; for migrations, each of which brings them to the present ones."""
    if conn.dialect.name != "postgresql":
        for name, sql in _sqlite().items():
            conn.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
            conn.exec_driver_sql(sql)
        return
    for name, body in _FUNCTIONS.items():
        conn.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        )
    for name, (_, sql) in _postgres().items():
        table = sql.split(" ON ", 1)[1].split()[0]
        conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        conn.exec_driver_sql(sql)


def forget_functions(conn: Connection) -> None:
    """Drop what stays when the tables are dropped."""
    if conn.dialect.name == "postgresql":
        for name in _FUNCTIONS:
            conn.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}")


_LAID_SQLITE = Statement("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_LAID_POSTGRES = Statement(
    "SELECT t.tgname AS name, p.proname AS function, p.prosrc AS body FROM pg_trigger t "
    "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND pg_table_is_visible(c.oid)"
)


def missing(conn: Connection) -> list[str]:
    """The names of those that are not there, are switched off, or do something else."""
    if conn.dialect.name != "postgresql":
        laid = {row["name"]: row["sql"] for row in _LAID_SQLITE.rows(conn)}
        return [name for name, sql in _sqlite().items() if laid.get(name) != sql]
    there = {row["name"]: (row["function"], row["body"]) for row in _LAID_POSTGRES.rows(conn)}
    return [
        name
        for name, (function, _) in _postgres().items()
        if there.get(name) != (function, _FUNCTIONS[function])
    ]
