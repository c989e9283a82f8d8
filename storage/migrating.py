"""Brings a database to the present shape. Safe to run twice, and by two processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.errors import StorageError

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
    """Upgrade inside a writing transaction: whoever comes second waits, and finds it done."""
    config = _config()
    if shape(conn) != newest():
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def check_shape(conn: Connection) -> None:
    """Raises `StorageError` where the database was not migrated."""
    if shape(conn) != newest():
        raise StorageError(
            "the database is not at the shape that this program needs; start it once to migrate"
        )
