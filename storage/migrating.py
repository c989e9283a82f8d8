"""Brings a database to the present shape. Safe to run twice, and by two processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.errors import StorageError, TooNew
from storage.tables import METADATA
from storage.tripwires import forget_functions

FOLDER = Path(__file__).with_name("migrations")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def shape(conn: Connection) -> str | None:
    """At which revision the database is; None for an empty one."""
    return MigrationContext.configure(conn).get_current_revision()


def newest() -> str:
    """The revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def migrate(conn: Connection) -> None:
    """Upgrade inside a writing transaction: whoever comes second waits, and finds it done.

    Raises `TooNew`; nothing is changed then.
    """
    present = shape(conn)
    if present == newest():
        return
    _check_known(present)
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def start_at(conn: Connection, present: str) -> None:
    """Empty tables at an earlier shape, in place of what there is. Raises `TooNew`."""
    _check_known(present)
    METADATA.drop_all(conn)
    conn.execute(text("DROP TABLE alembic_version"))
    forget_functions(conn)
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, present)


def _check_known(present: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if present is not None and present not in known:
        raise TooNew(present)


def check_shape(conn: Connection) -> None:
    """Raises `StorageError` where the database was not migrated."""
    if shape(conn) != newest():
        raise StorageError(
            "the database is not at the shape that this program needs; start it once to migrate"
        )
